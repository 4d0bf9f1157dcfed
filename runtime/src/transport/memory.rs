//! A transport without a network: scripted responses, and a record of the requests.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::error::{TransportError, TransportErrorKind};
use super::traits::{BlockingTransport, Transport, TransportFuture, WaitFuture};

/// Function that computes a response after the script.
type Responder = dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync;

/// Returns scripted responses in order, and records each request; for tests of code that calls a service.
///
/// Clones share the script and the record, so a test can keep one clone and pass another to the client. When the script
/// is exhausted, the function passed to [`from_fn`](Self::from_fn) computes the response. Without such a function, the
/// request fails with [`TransportErrorKind::InvalidRequest`].
///
/// ```
/// use xmlwire::bytes::Bytes;
/// use xmlwire::http::{Request, Response};
/// use xmlwire::transport::{BlockingTransport, MemoryTransport, TransportErrorKind};
/// use std::time::Duration;
///
/// let transport = MemoryTransport::new()
///     .respond(Response::new("<ok/>"))
///     .fail(TransportErrorKind::ConnectionLost);
///
/// let request = Request::post("http://acme.example.com/notes").body(Bytes::from("<note/>"))?;
/// let response = BlockingTransport::send(&transport, request.clone(), Duration::MAX)?;
/// assert_eq!(response.body(), "<ok/>");
///
/// let error = BlockingTransport::send(&transport, request, Duration::MAX).unwrap_err();
/// assert!(error.was_sent());
/// assert_eq!(transport.requests()[0].uri().path(), "/notes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryTransport {
    state: Arc<Mutex<State>>,
    responder: Option<Arc<Responder>>,
}

/// Script, record and virtual clock.
struct State {
    script: VecDeque<Result<Response<Bytes>, TransportError>>,
    requests: Vec<Request<Bytes>>,
    waits: Vec<Duration>,
    /// Current time of the virtual clock.
    now: Instant,
    /// Time by which waits have advanced the virtual clock.
    waited: Duration,
    /// Date at which the transport was created. The virtual date is later by `waited`.
    created_at: Timestamp,
}

impl Default for State {
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            requests: Vec::new(),
            waits: Vec::new(),
            now: Instant::now(),
            waited: Duration::ZERO,
            created_at: Timestamp::now(),
        }
    }
}

impl MemoryTransport {
    /// Creates a transport with an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a transport that computes each response from its request. Scripted responses are returned first.
    pub fn from_fn(responder: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        Self { responder: Some(Arc::new(responder)), ..Self::default() }
    }

    /// Appends a response to the script.
    #[must_use]
    pub fn respond(self, response: Response<impl Into<Bytes>>) -> Self {
        self.push(Ok(response.map(Into::into)))
    }

    /// Appends a failure to the script: a kind, or a complete [`TransportError`].
    #[must_use]
    pub fn fail(self, error: impl Into<TransportError>) -> Self {
        self.push(Err(error.into()))
    }

    /// Returns the requests so far, in order. They contain the client's token, which their `Debug` shows.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.lock_state().requests.clone()
    }

    /// Returns the durations of the waits so far, in order.
    ///
    /// A wait completes at once and advances the virtual clock of the transport. A wait that would exceed the range of
    /// [`Instant`] is recorded, but does not advance the clock. Only waits advance the clock, so an async call that
    /// waits for another call to refresh a token never times out.
    pub fn waits(&self) -> Vec<Duration> {
        self.lock_state().waits.clone()
    }

    /// Records a wait, and advances the virtual clock.
    fn advance(&self, duration: Duration) {
        let mut state = self.lock_state();
        state.waits.push(duration);
        if let Some(now) = state.now.checked_add(duration) {
            state.now = now;
            state.waited += duration;
        }
    }

    /// Returns the current date of the virtual clock.
    fn compute_date(&self) -> Timestamp {
        let state = self.lock_state();
        state.created_at.checked_add(state.waited).unwrap_or(Timestamp::MAX)
    }

    /// Appends a result to the script.
    fn push(self, result: Result<Response<Bytes>, TransportError>) -> Self {
        self.lock_state().script.push_back(result);
        self
    }

    /// Records a request, and returns the next result of the script, or else the response of the function.
    fn handle(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let scripted = {
            let mut state = self.lock_state();
            state.requests.push(request.clone());
            state.script.pop_front()
        };
        match (scripted, &self.responder) {
            (Some(result), _) => result,
            (None, Some(responder)) => Ok(responder(&request)),
            (None, None) => Err(TransportError::new(TransportErrorKind::InvalidRequest)
                .with_source("the script of the MemoryTransport has no more responses")),
        }
    }

    /// Locks the state. Poisoning is ignored, because a panic in another thread cannot leave the state inconsistent.
    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request<Bytes>, _: Duration) -> TransportFuture<'_> {
        Box::pin(async move { self.handle(request) })
    }

    fn wait(&self, duration: Duration) -> WaitFuture<'_> {
        Box::pin(async move { self.advance(duration) })
    }

    fn timeout(&self, _: Duration) -> WaitFuture<'_> {
        // Waits complete at once, so the default implementation would time out before any other event.
        Box::pin(pending())
    }

    fn now(&self) -> Instant {
        self.lock_state().now
    }

    fn wall_time(&self) -> Timestamp {
        self.compute_date()
    }
}

impl BlockingTransport for MemoryTransport {
    fn send(&self, request: Request<Bytes>, _: Duration) -> Result<Response<Bytes>, TransportError> {
        self.handle(request)
    }

    fn wait(&self, duration: Duration) {
        self.advance(duration);
    }

    fn now(&self) -> Instant {
        self.lock_state().now
    }

    fn wall_time(&self) -> Timestamp {
        self.compute_date()
    }
}

impl fmt::Debug for MemoryTransport {
    /// Shows counts only, because a request may contain a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock_state();
        f.debug_struct("MemoryTransport")
            .field("requests", &state.requests.len())
            .field("responses_left", &state.script.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(transport: &MemoryTransport, path: &str) -> Result<Response<Bytes>, TransportError> {
        let request = Request::builder().uri(path).body(Bytes::new()).unwrap();
        BlockingTransport::send(transport, request, Duration::MAX)
    }

    #[test]
    fn follows_its_script_and_then_fails() {
        let transport = MemoryTransport::new()
            .respond(Response::new("one"))
            .fail(TransportErrorKind::Timeout)
            .fail(TransportError::new(TransportErrorKind::Timeout).unsent())
            .respond(Response::new("two"));
        assert_eq!(send(&transport, "/1").unwrap().body(), "one");
        assert!(send(&transport, "/2").unwrap_err().was_sent());
        assert!(!send(&transport, "/3").unwrap_err().was_sent());
        assert_eq!(send(&transport, "/4").unwrap().body(), "two");
        let error = send(&transport, "/5").unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (TransportErrorKind::InvalidRequest, false));
        let paths: Vec<_> = transport.requests().iter().map(|request| request.uri().to_string()).collect();
        assert_eq!(paths, ["/1", "/2", "/3", "/4", "/5"]);
    }

    #[test]
    fn calls_its_function_after_the_script() {
        let transport = MemoryTransport::from_fn(|request| Response::new(request.uri().path().to_owned().into()))
            .respond(Response::new("script"));
        assert_eq!(send(&transport, "/1").unwrap().body(), "script");
        assert_eq!(send(&transport, "/2").unwrap().body(), "/2");
    }

    #[test]
    fn clones_share_script_and_record() {
        let transport = MemoryTransport::new().respond(Response::new("one"));
        assert_eq!(send(&transport.clone(), "/1").unwrap().body(), "one");
        assert_eq!(transport.requests().len(), 1);
    }

    #[test]
    fn a_wait_beyond_the_range_of_clocks_does_not_advance_them() {
        let transport = MemoryTransport::new();
        let clock = || (BlockingTransport::now(&transport), BlockingTransport::wall_time(&transport));
        let before = clock();
        BlockingTransport::wait(&transport, Duration::MAX);
        assert_eq!((clock(), transport.waits()), (before, vec![Duration::MAX]));
        BlockingTransport::wait(&transport, Duration::from_secs(1));
        let (now, date) = clock();
        assert_eq!((now - before.0, date.duration_since(before.1).as_secs()), (Duration::from_secs(1), 1));
    }

    #[test]
    fn debug_shows_no_request() {
        let transport = MemoryTransport::new().respond(Response::new("one")).respond(Response::new("two"));
        send(&transport, "/5ec4e7").unwrap();
        assert_eq!(format!("{transport:?}"), "MemoryTransport { requests: 1, responses_left: 1, .. }");
    }
}
