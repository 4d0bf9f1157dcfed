//! The checked API: the output of `check` and the input of `emit`.
//!
//! **Invariant:** everything here is valid. Names are unique and can be converted to valid Rust names, references are
//! in range, and every shape can be written and read back. Therefore `emit` cannot fail.
//!
//! The order is that of the schema, with sections sorted by the path of their file, so the output does not depend on
//! the order of the input files.
//!
//! In reading order: `refs`, `service`, `data`, `endpoint`, `example`.

mod data;
mod endpoint;
mod example;
mod refs;
mod service;

pub use data::{
    Attribute, Content, DataType, Element, Enum, EnumValue, Field, Hole, Id, Replacement, Scalar, Target, ValueKind,
};
pub use endpoint::{
    DocumentedError, Endpoint, Location, LocationSegment, LocationValue, Method, Pagination, Response, RetryClass,
    Route, Segment,
};
pub(crate) use endpoint::{format_path, route_order};
pub use example::{Example, ExampleResponse, ExampleValue, TypeExample, Xml};
pub use refs::{EnumRef, IdRef, RateLimitRef, SectionRef, StyleRef, TypeRef};
pub(crate) use service::TokenCarrier;
pub use service::{Api, FailureEnvelope, RateLimit, Section, Style};

pub(crate) use crate::notation::find_token_element;
pub use crate::notation::{EnvelopePart, Issuer, Presence, TokenHeader, TokenSegment};
