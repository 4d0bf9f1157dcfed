//! Runtime of generated bindings for XML-over-HTTP APIs.
//!
//! The crate does not know any service: names, shapes, envelopes and rate limits come from code that `xmlwire-codegen`
//! generates. Programs use this crate through the generated bindings.
//!
//! Modules in reading order:
//!
//! - [`xml`]: a strict reader over `&str`, and a writer that measures before it writes.
//! - [`secret`]: secrets and tokens, whose text is never shown.
//! - [`scalar`]: values written as text: words, numbers, times, lists of words; [`request_times`]: notations of times
//!   that a server accepts in addition.
//! - [`change`]: the change of a value.
//! - [`decode_error`]: errors when values are read from a document.
//! - [`params`]: the parameters of a request as a server reads them; [`query`]: writes the query of a URL.
//! - [`service`]: description of a service: styles, token carriers, envelopes, rate limits, operations.
//! - [`catalog`]: operations and their parameters as data.
//! - [`path_template`]: path templates.
//! - [`response`] and [`incoming`]: a response as a client reads it, a request as a server reads it.
//! - [`endpoint`]: traits of an operation: [`Endpoint`] for clients, [`ServeEndpoint`] and [`Serve`] for servers.
//! - [`transport`]: sends one request, over hyper or reqwest, or in memory for tests.
//! - [`attempt`]: attempts of a call and their outcomes.
//! - [`refresh`] and [`issuer_error`]: bearer tokens that expire; `oauth` (feature `oauth`): OAuth 2.
//! - [`credentials`] and [`config`]: credentials, base URL and User-Agent of a client.
//! - [`error`]: errors of calls.
//! - `encode`, [`decode`] and [`endpoint_ext`]: turn a value into an HTTP request, and an HTTP response into a value.
//! - [`routing`] and [`respond`]: turn an HTTP request into its operation, and a value into an HTTP response.
//! - [`exchange`]: the state machine of a call: retries, redirects, rate limits, token refresh.
//! - [`client`]: async and blocking clients; [`pagination`]: all items of a paginated listing.
//! - `serialize_visitor` (feature `serde`): a visitor of endpoints that serializes their responses.
//! - `support`: what generated code imports, without a stability guarantee.
//!
//! Private helpers: `base_url`, `user_agent` and `retry_after` parse text; `redact` removes a token from text.
#![deny(missing_docs)]

pub mod attempt;
mod base_url;
pub mod catalog;
pub mod change;
pub mod client;
pub mod config;
pub mod credentials;
pub mod date_scalars;
#[cfg(feature = "decimal")]
pub mod decimal;
pub mod decode;
pub mod decode_error;
mod encode;
pub mod endpoint;
pub mod endpoint_ext;
pub mod error;
pub mod exchange;
pub mod incoming;
pub mod issuer_error;
#[cfg(feature = "oauth")]
pub mod oauth;
pub mod pagination;
pub mod params;
pub mod path_template;
pub mod query;
mod redact;
pub mod refresh;
pub mod request_times;
pub mod respond;
pub mod response;
mod retry_after;
pub mod routing;
pub mod scalar;
pub mod secret;
#[cfg(feature = "serde")]
pub mod serialize_visitor;
pub mod service;
#[doc(hidden)]
pub mod support;
pub mod transport;
mod user_agent;
pub mod xml;

pub use attempt::{Attempt, AttemptOutcome};
pub use change::Change;
pub use config::{ClientConfig, ConfigError};
pub use credentials::{Credentials, PresentedCredentials};
pub use decode_error::{DecodeError, DecodeErrorKind};
pub use endpoint::{Endpoint, Serve, ServeEndpoint, Visitor};
pub use endpoint_ext::EndpointExt;
pub use error::Error;
pub use respond::ServeEndpointExt;
pub use secret::{Secret, Token};
pub use xml::EncodeError;

// Re-exported so that generated code and its users have the same versions as this crate.
pub use bytes;
pub use http;
pub use jiff;
#[cfg(feature = "reqwest")]
pub use reqwest;
#[cfg(feature = "decimal")]
pub use rust_decimal;
#[cfg(feature = "serde")]
pub use serde;
#[cfg(feature = "serde")]
pub use serialize_visitor::SerializeVisitor;

/// Compiles the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
