//! What generated bindings for an XML-over-HTTP service stand on.
//!
//! The crate knows no service: names, shapes, envelopes and rates come from generated code. In reading order:
//!
//! - [`xml`]: a strict reader over `&str` and a writer that measures before it writes.
//! - [`scalar`]: values that are written as text: words, numbers, times, lists of words.
//! - [`decode`]: errors of reading values from a document.
//! - [`query`]: writes the query of a URL.
//! - [`params`]: request parameters as a tree of names and texts, from which a server reads values.
//! - [`service`]: what a service says about itself: styles, carriers, envelopes, rates, operations.
//! - [`endpoint`]: the two traits of an operation, [`Endpoint`] for clients and [`ServeEndpoint`] for servers;
//!   [`Serve`] for what a server does.
//! - [`caller`]: who calls, and where: base address, credentials, user agent.
//! - [`renewal`]: a bearer token that expires and is renewed; `oauth` (feature `oauth`): the one of OAuth 2.
//! - [`request`] and [`answer`]: a value to an HTTP request, an HTTP answer to a value.
//! - [`incoming`]: an HTTP request to the operation it asks for, by its route.
//! - [`exchange`]: the one place that decides what happens between a call and its result.
//! - [`client`]: drives an exchange over a [`transport`].
//! - [`pages`]: all entries of a listing, page after page.
//! - [`error`]: what can go wrong, as a caller sees it; `redact` takes the caller's token out of what a service said.
#![deny(missing_docs)]

pub mod answer;
pub mod caller;
pub mod client;
pub mod decode;
pub mod endpoint;
pub mod error;
pub mod exchange;
pub mod incoming;
#[cfg(feature = "oauth")]
pub mod oauth;
pub mod pages;
pub mod params;
pub mod query;
mod redact;
pub mod renewal;
pub mod request;
pub mod scalar;
pub mod secret;
pub mod service;
#[doc(hidden)]
pub mod support;
pub mod transport;
pub mod xml;

pub use caller::{Caller, Credentials};
pub use decode::{DecodeError, DecodeErrorKind};
pub use endpoint::{Endpoint, Serve, ServeEndpoint, Visitor};
pub use error::Error;
pub use secret::{Secret, Token};
pub use xml::EncodeError;

// Generated code and the crates that hold it name these through the runtime, so that versions agree.
pub use bytes;
pub use http;
pub use jiff;
#[cfg(feature = "reqwest")]
pub use reqwest;
#[cfg(feature = "serde")]
pub use serde;
