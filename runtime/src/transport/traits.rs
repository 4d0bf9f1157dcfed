//! The traits that a transport implements.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::error::TransportError;

/// Future of a response from a [`Transport`].
pub type TransportFuture<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// Future that completes after a wait.
pub type WaitFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Sends one request and returns its response.
///
/// A transport follows no redirects, makes no retries, and adds no headers beyond those that HTTP requires. Dropping
/// the future of [`send`](Self::send) cancels the attempt. It makes progress only while it is polled.
///
/// A request contains the client's token in a header, its URL or its body. Do not log it, not even with `Debug`.
///
/// A transport that wraps another one must forward all five methods, because the inner transport may have a clock of
/// its own.
pub trait Transport: Send + Sync {
    /// Sends `request`, whose URL is absolute, and reads the whole response. The attempt ends after `timeout`, or after
    /// the transport's own limit if that is shorter.
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_>;

    /// Returns a future that completes after a duration, by the timer of the runtime in which the transport works.
    fn wait(&self, duration: Duration) -> WaitFuture<'_>;

    /// Returns a future that ends the wait for another event, such as the token refresh of another call, after a
    /// duration. The future is dropped if the event occurs first. A transport whose waits complete at once must
    /// override this, or the timeout would always come first.
    fn timeout(&self, duration: Duration) -> WaitFuture<'_> {
        self.wait(duration)
    }

    /// Current time of the monotonic clock.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Current time of the wall clock, for expiration times of tokens.
    fn wall_time(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Sends one request and returns its response, and blocks the thread until then.
///
/// The rules of [`Transport`] apply, futures aside. A transport that wraps another one has four methods to forward.
pub trait BlockingTransport: Send + Sync {
    /// Sends `request`, whose URL is absolute, and reads the whole response. The attempt ends after `timeout`, or after
    /// the transport's own limit if that is shorter.
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError>;

    /// Blocks the thread for a duration.
    fn wait(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    /// Current time of the monotonic clock.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// Current time of the wall clock, for expiration times of tokens.
    fn wall_time(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        self.as_ref().send(request, timeout)
    }

    fn wait(&self, duration: Duration) -> WaitFuture<'_> {
        self.as_ref().wait(duration)
    }

    fn timeout(&self, duration: Duration) -> WaitFuture<'_> {
        self.as_ref().timeout(duration)
    }

    fn now(&self) -> Instant {
        self.as_ref().now()
    }

    fn wall_time(&self) -> Timestamp {
        self.as_ref().wall_time()
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for Arc<T> {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        self.as_ref().send(request, timeout)
    }

    fn wait(&self, duration: Duration) {
        self.as_ref().wait(duration);
    }

    fn now(&self) -> Instant {
        self.as_ref().now()
    }

    fn wall_time(&self) -> Timestamp {
        self.as_ref().wall_time()
    }
}
