//! Typed bindings for the Backpack API: pages, lists, notes, reminders, journal and calendars. Both styles of the API
//! are covered: `/ws/…` and REST.
//!
//! ```no_run
//! # #[cfg(feature = "async")]
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! use backpack_api::{Client, NewNote, ApiToken};
//!
//! let token = ApiToken::new(std::env::var("BACKPACK_TOKEN")?)?;
//! let backpack = Client::new("acme", token, "Trip planner (jo@example.com)")?;
//!
//! let page = backpack.pages().create("Coast").await?;
//! backpack.notes(page.id).create(NewNote::new().title("Ferry").body("Leaves at nine")).await?;
//! for note in backpack.notes(page.id).list().await? {
//!     println!("{}: {}", note.title, note.body);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Methods.** Each section of the API is a handle of the client: [`pages`], [`lists`], [`items`], [`notes`],
//!   [`reminders`], [`journal`], [`calendars`] and others. A handle holds the ids in the section's path, and has a
//!   method for each operation. The documentation of a method shows the XML on the wire. Required values are arguments.
//!   A body with optional values is a builder, such as [`NewNote`]; other optional values have a second method, such as
//!   `list_with`.
//! - **Two clients.** `Client` is async (feature `async`, on by default), `blocking::Client` blocks (feature
//!   `blocking`). They have the same methods. Without either feature, the crate has no HTTP library and no async
//!   runtime.
//! - **Operations as values.** Each operation is a struct, such as [`notes::Create`]. Any HTTP library can send it, and
//!   any server can read it: see [`Endpoint`], [`EndpointExt`] and [`ServeEndpoint`]. [`routes::AnyRequest::read`]
//!   reads an incoming request of any operation.
//! - **Responses** are structs with public fields. Enums keep unknown values; unknown XML is skipped and counted in
//!   [`FullResponse::unknown_elements`]. Times are [`jiff`](runtime::jiff)'s.
//! - **Pagination.** Paginated listings, such as the journal, have methods such as `list_all`, which return an iterator
//!   or a stream: see [`runtime::pagination`].
//! - **Errors** ([`Error`]) carry the operation, the service's response and the location of a parse failure. Errors of
//!   a client never contain its token.
//! - **OAuth** (feature `oauth`): `oauth::SharedGrant` is used like a token, and is refreshed automatically.
//! - **serde** (feature `serde`): all response types implement `Serialize` and `Deserialize`.
//!
//! # Transports
//!
//! `Client::new` and the constructors with a base URL use hyper with the default limits of
//! [`TransportConfig`](runtime::transport::TransportConfig). To set other limits, or to use a reqwest client with your
//! own settings (feature `reqwest`, and a TLS feature of reqwest):
#![cfg_attr(feature = "async", doc = concat!("```no_run\n", include_str!("../examples/transports.rs"), "```"))]
//!
//! # Testing your own code
//!
//! `MemoryTransport` returns scripted responses, or calls your closure, with no network and a virtual clock:
#![cfg_attr(feature = "blocking", doc = concat!("```\n", include_str!("../examples/testing.rs"), "```"))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

#[rustfmt::skip]
mod api;
#[cfg(any(feature = "async", feature = "blocking"))]
mod client;
#[cfg(feature = "oauth")]
pub mod oauth;
mod token;

pub use api::*;
#[cfg(any(feature = "async", feature = "blocking"))]
pub use client::ApiClient;
pub use token::{ApiToken, InvalidToken};
pub use xmlwire as runtime;
/// OAuth access token: letters, digits and the characters that RFC 6750 allows.
///
/// It is used as [`Credentials::Bearer`], and never converts into an [`ApiToken`], which is sent in paths and queries:
///
/// ```compile_fail,E0277
/// # use backpack_api::{AccessToken, ClientConfig, SERVICE};
/// # let (base, agent) = ("https://acme.backpackit.com", "Trip planner (jo@example.com)");
/// ClientConfig::new(&SERVICE, base, AccessToken::new("ya29-a0").unwrap(), agent);
/// ```
///
/// ```
/// # use backpack_api::{AccessToken, ClientConfig, Credentials, SERVICE};
/// # let (base, agent) = ("https://acme.backpackit.com", "Trip planner (jo@example.com)");
/// ClientConfig::new(&SERVICE, base, Credentials::Bearer(AccessToken::new("ya29-a0").unwrap()), agent);
/// ```
pub use xmlwire::Token as AccessToken;
pub use xmlwire::exchange::{FullResponse, Options};
pub use xmlwire::{
    Change, ClientConfig, ConfigError, Credentials, Endpoint, EndpointExt, Error, Secret, ServeEndpoint,
    ServeEndpointExt,
};

/// Async client of the Backpack API. It needs a tokio runtime; clones share their connections.
///
/// [`ApiClient`] documents its constructors, its options and `call`.
#[cfg(feature = "async")]
pub type Client = ApiClient<dyn runtime::transport::Transport>;

/// Blocking client, which needs no async runtime.
#[cfg(feature = "blocking")]
pub mod blocking {
    /// Blocking client of the Backpack API. Clones share their connections.
    ///
    /// [`ApiClient`](super::ApiClient) documents its constructors, its options and `call`.
    pub type Client = super::ApiClient<dyn super::runtime::transport::BlockingTransport>;
}

/// Compiles the code in the README.
#[cfg(all(doctest, feature = "async"))]
#[doc = include_str!("../README.md")]
mod readme {}
