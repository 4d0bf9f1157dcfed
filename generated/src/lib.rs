//! Typed bindings for the Backpack API: pages, lists, notes, reminders, journal and calendars, in both of its styles.
//!
//! ```no_run
//! # #[cfg(feature = "async")]
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! use backpack_api::{Client, NewNote, Token};
//!
//! let token = Token::new(std::env::var("BACKPACK_TOKEN")?)?;
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
//! - **Methods.** Each topic of the API is a handle on the client: [`pages`], [`lists`], [`items`], [`notes`],
//!   [`reminders`], [`journal`], [`calendars`] and so on. A handle holds the ids in the topic's path, and has a method
//!   for each operation, whose documentation shows the XML on the wire. What must be said is an argument; a body with
//!   options is one value such as [`NewNote`]; other options come in a second method, such as `list_with`.
//! - **Two clients.** `Client` is async (feature `async`, on by default), `blocking::Client` blocks (feature
//!   `blocking`). They have the same methods. Without either, the crate has no HTTP library and no async runtime.
//! - **Operations as values.** Under the methods each operation is a struct, such as [`notes::Create`], which any
//!   transport can send and any server can read: see [`Endpoint`] and [`ServeEndpoint`].
//!   [`routes::AnyRequest::read`] turns an incoming request into the right one.
//! - **Answers** are structs with public fields; enums keep values they do not know; unknown XML is skipped, and
//!   counted in [`Reply::unknown`]. Times are [`jiff`](runtime::jiff)'s.
//! - **Pages.** What comes in pages, such as the journal, has methods such as `list_all` for all of them: an iterator or
//!   a stream, see [`runtime::pages`].
//! - **Errors** ([`Error`]) say what was asked, what came back and where it broke. No client's error has its token in it.
//! - **OAuth** (feature `oauth`): `oauth::SharedGrant` stands for the token, and renews itself.
//! - **serde** (feature `serde`): everything that answers hold is `Serialize`.
//!
//! # Other limits, other transports
//!
//! `Client::new` and `Client::at` go over hyper, with the limits of [`TransportConfig`](runtime::transport::TransportConfig)'s default.
//! With others:
//!
//! ```
//! # #[cfg(feature = "async")]
//! # fn start(token: backpack_api::Token) -> Result<backpack_api::Client, Box<dyn std::error::Error>> {
//! use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
//! use backpack_api::{Caller, Client, SERVICE};
//!
//! let caller = Caller::of_account(SERVICE.host, "acme", token, "Trip planner (jo@example.com)")?;
//! let mut settings = TransportConfig::default();
//! settings.max_response_size = 256 << 20; // for the export of a large account
//! let backpack = Client::with_transport(caller, HyperTransport::new(&settings)?);
//! # Ok(backpack)
//! # }
//! ```
//!
//! Over a reqwest client that you set up (feature `reqwest`, and a feature of reqwest's own for TLS):
//!
//! ```
//! # #[cfg(feature = "reqwest")]
//! # fn start(token: backpack_api::Token) -> Result<backpack_api::Client, Box<dyn std::error::Error>> {
//! use backpack_api::runtime::reqwest::Proxy;
//! use backpack_api::runtime::transport::{ReqwestTransport, TransportConfig};
//! use backpack_api::{Caller, Client, SERVICE};
//!
//! let caller = Caller::of_account(SERVICE.host, "acme", token, "Trip planner (jo@example.com)")?;
//! let proxy = Proxy::all("http://proxy.example.com:3128")?;
//! let transport = ReqwestTransport::new(&TransportConfig::default(), |client| client.proxy(proxy))?;
//! let backpack = Client::with_transport(caller, transport);
//! # Ok(backpack)
//! # }
//! ```
//!
//! # Tests of your own
//!
//! `MemoryTransport` plays a script, or answers by a function, without a network and in time that passes by itself:
//!
//! ```
//! # #[cfg(feature = "blocking")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use backpack_api::runtime::http::Response;
//! use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
//! use backpack_api::{Caller, PageId, SERVICE, Token, blocking};
//!
//! let token = Token::new("0123456789abcdef0123456789abcdef01234567")?;
//! let caller = Caller::of_account(SERVICE.host, "acme", token, "Trip planner (jo@example.com)")?;
//! let transport = MemoryTransport::new()
//!     .fail(TransportErrorKind::ConnectionLost)
//!     .respond(Response::new("<response success=\"true\"><page title=\"Coast\" id=\"9\"/></response>"));
//! let backpack = blocking::Client::with_transport(caller, transport.clone());
//!
//! assert_eq!(backpack.pages().show(PageId(9))?.title, "Coast");
//! assert_eq!(transport.requests().len(), 2); // what only reads is sent again
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "blocking"))]
//! # fn main() {}
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]

#[rustfmt::skip]
mod api;
mod client;
mod token;

pub use api::*;
pub use xmlwire as runtime;
/// OAuth's access token: letters, digits and the few signs that RFC 6750 knows.
///
/// It is for [`Credentials::Bearer`], and never taken for an account's [`Token`], which travels in paths and queries:
///
/// ```compile_fail,E0277
/// # use backpack_api::{AccessToken, Caller};
/// # let (base, agent) = ("https://acme.backpackit.com", "Trip planner (jo@example.com)");
/// Caller::new(base, AccessToken::new("ya29-a0").unwrap(), agent);
/// ```
///
/// ```
/// # use backpack_api::{AccessToken, Caller, Credentials};
/// # let (base, agent) = ("https://acme.backpackit.com", "Trip planner (jo@example.com)");
/// Caller::new(base, Credentials::Bearer(AccessToken::new("ya29-a0").unwrap()), agent);
/// ```
pub use xmlwire::Token as AccessToken;
pub use xmlwire::caller::SetupError;
pub use xmlwire::exchange::{Options, Reply};
#[cfg(feature = "oauth")]
pub use xmlwire::oauth;
pub use xmlwire::{Caller, Credentials, Endpoint, Error, Secret, ServeEndpoint};
#[cfg(feature = "async")]
pub use client::asynchronous::Client;
#[cfg(feature = "blocking")]
pub use client::blocking;
pub use token::{InvalidToken, Token};

/// The code in the readme compiles.
#[cfg(all(doctest, feature = "async", feature = "oauth"))]
#[doc = include_str!("../../README.md")]
mod readme {}
