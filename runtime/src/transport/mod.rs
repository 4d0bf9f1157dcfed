//! Transports: send one request and return its response.
//!
//! A transport does not know about tokens, redirects, retries or rate limits. The [`exchange`](crate::exchange) handles
//! those. To use another HTTP library, implement [`Transport`] or [`BlockingTransport`] for it.
//!
//! - `HyperTransport` (feature `hyper`): over hyper and rustls, async and blocking.
//! - `ReqwestTransport` (feature `reqwest`): over a reqwest client that the user configures.
//! - [`MemoryTransport`]: scripted responses, for tests without a network.
//!
//! Each transport over a network guarantees the following, except that a user can configure the headers, proxies and
//! resolver of reqwest:
//!
//! - It follows no redirects. A status is never an error: each response is returned as it was received.
//! - It sends the headers of the request, and adds only `Host` and `Content-Length`. reqwest also adds `Accept: */*`,
//!   and `Accept-Encoding` if its decoding is enabled. No transport adds cookies, `User-Agent` or `Referer`.
//! - It ignores proxies in the environment.
//! - It connects to this machine for `localhost` and the names under it, without a DNS lookup.
//! - It limits the size of a response body to [`TransportConfig::max_response_size`], counted after decoding. A body in
//!   an encoding that the transport does not decode is an error.
//!
//! In reading order: `traits`, `error`, `config` and `reason` define the interface; [`memory`] is the smallest
//! implementation. The transports over hyper and reqwest share `http_message`, which prepares requests and reads
//! responses, `attempt_timer` with the timeouts of an attempt, `tokio_context`, which finds the tokio runtime, and
//! `resolver`, which finds addresses. (The feature `reqwest` includes `hyper`.) The hyper transport consists of
//! `connector`, `connection`, `pool` (idle connections), `sender`, `runtime_pool` (tokio runtimes for blocking calls),
//! and `hyper` on top.

#[cfg(feature = "hyper")]
mod attempt_timer;
mod config;
#[cfg(feature = "hyper")]
mod connection;
#[cfg(feature = "hyper")]
mod connector;
mod error;
#[cfg(feature = "hyper")]
mod http_message;
#[cfg(feature = "hyper")]
mod hyper;
pub mod memory;
#[cfg(feature = "hyper")]
mod pool;
mod reason;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "hyper")]
mod resolver;
#[cfg(feature = "hyper")]
mod runtime_pool;
#[cfg(feature = "hyper")]
mod sender;
#[cfg(feature = "hyper")]
mod tokio_context;
mod traits;

#[cfg(test)]
mod tests;

pub use self::config::TransportConfig;
pub use self::error::{TransportError, TransportErrorKind};
#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
pub use self::memory::MemoryTransport;
pub use self::reason::{ReasonPhrase, reason_phrase};
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use self::traits::{BlockingTransport, Transport, TransportFuture, WaitFuture};
