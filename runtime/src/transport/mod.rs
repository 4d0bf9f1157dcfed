//! How a request travels: one request out, one answer back.
//!
//! A transport knows nothing of tokens, redirects, retries or pacing; the [`exchange`](crate::exchange) decides those.
//! Whoever brings an HTTP library of their own implements [`Transport`] or [`BlockingTransport`] for it.
//!
//! - `hyper` (feature `hyper`): `HyperTransport`, over hyper and rustls, async and blocking.
//! - `reqwest` (feature `reqwest`): `ReqwestTransport`, over a reqwest client that the user sets up.
//! - [`memory`]: [`MemoryTransport`], scripted, for tests without a network.
//!
//! What every transport promises:
//!
//! - It follows no redirect, and a status is never an error: each answer is handed up as it came.
//! - It sends the headers it is given, and of its own only `Host` and `Content-Length` (and reqwest `Accept: */*`); no
//!   cookies, no `User-Agent`.
//! - It takes no proxy from the environment, and sends no `Referer`.
//! - The body of an answer is counted as it arrives, after it is decoded if anything decodes it, and cut off at
//!   [`Settings::max_response`]. A body that arrives encoded all the same is an error.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

#[cfg(feature = "hyper")]
mod drivers;
mod error;
#[cfg(feature = "hyper")]
mod hyper;
pub mod memory;
#[cfg(feature = "hyper")]
mod patience;
#[cfg(feature = "hyper")]
mod pool;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "hyper")]
mod wire;

#[cfg(test)]
mod tests;

pub use self::error::{TransportError, TransportErrorKind};
#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
pub use self::memory::MemoryTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;

/// The answer to come of a [`Transport`].
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// The end to come of a wait.
pub type WaitFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Sends one request and brings one answer.
///
/// It follows nothing, tries nothing twice, and adds no header beyond what HTTP needs. Dropping the future gives the
/// attempt up, and bytes move only while somebody polls it.
///
/// A request holds the caller's token: in a header, its address or its body. Do not log it, not even by its `Debug`.
///
/// Who wraps a transport hands on all five methods: the times are the inner one's, which need not be those of a clock.
pub trait Transport: Send + Sync {
    /// Sends `request`, whose address is absolute, and reads the whole answer. All of it takes no longer than `within`, or
    /// than the transport's own limit if that is shorter.
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_>;

    /// Waits as long as this, in the way of the runtime that the transport works in.
    fn wait(&self, time: Duration) -> WaitFuture<'_>;

    /// Waits as long as this for something else to happen, such as a renewal by another call, and is dropped when it does.
    /// A transport whose waits take no time, and would always come first, has an answer of its own.
    fn time_out(&self, time: Duration) -> WaitFuture<'_> {
        self.wait(time)
    }

    /// What time it is.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// What time it is for the world outside, which says when a token ends.
    fn date(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Sends one request and brings one answer, and keeps the thread until then. What is said of a [`Transport`] holds for it
/// too; it has four methods.
pub trait BlockingTransport: Send + Sync {
    /// Sends `request`, whose address is absolute, and reads the whole answer. All of it takes no longer than `within`, or
    /// than the transport's own limit if that is shorter.
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError>;

    /// Waits as long as this.
    fn wait(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// What time it is.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// What time it is for the world outside, which says when a token ends.
    fn date(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        self.as_ref().send(request, within)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        self.as_ref().wait(time)
    }

    fn time_out(&self, time: Duration) -> WaitFuture<'_> {
        self.as_ref().time_out(time)
    }

    fn now(&self) -> Instant {
        self.as_ref().now()
    }

    fn date(&self) -> Timestamp {
        self.as_ref().date()
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for Arc<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.as_ref().send(request, within)
    }

    fn wait(&self, time: Duration) {
        self.as_ref().wait(time);
    }

    fn now(&self) -> Instant {
        self.as_ref().now()
    }

    fn date(&self) -> Timestamp {
        self.as_ref().date()
    }
}

/// Limits of a transport: three times and a size.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// How long a connection may take to come about, TLS included; 10 seconds by default.
    pub connect_timeout: Duration,
    /// How long the peer may take to the head of its answer, from the beginning of the request, and how long it may be
    /// silent between two pieces of the body; 30 seconds by default.
    pub read_timeout: Duration,
    /// How long one attempt may take, from looking up the name to the last byte; 60 seconds by default.
    pub timeout: Duration,
    /// How many bytes the body of an answer may have, decoded; 64 MiB by default.
    pub max_response: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(60),
            max_response: 64 * 1024 * 1024,
        }
    }
}

/// The sentence that came with the status line, where it is not the standard phrase.
///
/// Transports set it as an extension of the response. Read it with [`reason`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(pub String);

/// The sentence a peer sent along with the status, if it is not the standard phrase.
///
/// It is in the status line, or else in the header `Status: 422 Sentence`, which repeats that line.
pub fn reason<B>(response: &Response<B>) -> Option<String> {
    match response.extensions().get::<Reason>() {
        Some(Reason(sentence)) => Some(sentence.clone()),
        None => reason_in_header(response),
    }
}

fn reason_in_header<B>(response: &Response<B>) -> Option<String> {
    let line = String::from_utf8_lossy(response.headers().get("status")?.as_bytes());
    let sentence = line.trim_start().strip_prefix(response.status().as_str())?;
    own_sentence(response, sentence)
}

/// The sentence without white space around it, unless it is empty or the standard phrase.
fn own_sentence<B>(response: &Response<B>, sentence: &str) -> Option<String> {
    let sentence = sentence.trim();
    let own = !sentence.is_empty() && Some(sentence) != response.status().canonical_reason();
    own.then(|| sentence.to_owned())
}
