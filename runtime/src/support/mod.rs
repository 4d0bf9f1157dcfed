//! Items that generated code uses. Generated code imports this module and no other module of the runtime.
//!
//! The module has no stability guarantee: generated code works only with the runtime of the same version.
//!
//! - [`declare`]: macros that add the implementations of a generated id or enum.
//! - [`params`]: functions that the server side calls to read a request.
//! - [`read`]: functions that decoders call.
//! - [`write`](mod@write): functions that encoders call.
//!
//! The other items are re-exports, so that generated code uses the same versions.

pub mod declare;
pub mod params;
pub mod read;
pub mod write;

pub use bytes;
pub use http;
pub use jiff;
#[cfg(feature = "decimal")]
pub use rust_decimal;
#[cfg(feature = "serde")]
pub use serde;

pub use crate::change::Change;
pub use crate::endpoint::{Endpoint, Serve, ServeEndpoint, Visitor};
pub use crate::secret::Secret;
#[cfg(feature = "serde")]
pub use crate::serialize_visitor::SerializeVisitor;
pub use crate::{catalog, incoming, pagination, path_template, query, respond, response, routing, service, xml};
pub use crate::{declare_enum, declare_id};

/// All scalars.
pub mod scalar {
    pub use crate::date_scalars::*;
    #[cfg(feature = "decimal")]
    pub use crate::decimal::*;
    pub use crate::scalar::*;
}
