//! A transport without a network: scripted answers, and a record of what was asked.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::{BlockingTransport, Transport, TransportError, TransportErrorKind, TransportFuture, WaitFuture};

type Answerer = dyn Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync;

/// Answers from a script, in order, and remembers each request; for testing code that calls a service.
///
/// Clones share one script and one record, so keep one and give the other away. A request beyond the script's end goes
/// to the function given to [`with`](Self::with), or fails as [`TransportErrorKind::InvalidRequest`].
///
/// ```
/// use xmlwire::bytes::Bytes;
/// use xmlwire::http::{Request, Response};
/// use xmlwire::transport::{BlockingTransport, MemoryTransport, TransportErrorKind};
/// use std::time::Duration;
///
/// let transport = MemoryTransport::new()
///     .answer(Response::new("<ok/>"))
///     .fail(TransportErrorKind::Broken);
///
/// let request = Request::post("http://acme.example.com/notes").body(Bytes::from("<note/>"))?;
/// let answer = BlockingTransport::send(&transport, request.clone(), Duration::MAX)?;
/// assert_eq!(answer.body(), "<ok/>");
///
/// let error = BlockingTransport::send(&transport, request, Duration::MAX).unwrap_err();
/// assert!(error.was_sent());
/// assert_eq!(transport.requests()[0].uri().path(), "/notes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryTransport {
    state: Arc<Mutex<State>>,
    answerer: Option<Arc<Answerer>>,
}

struct State {
    script: VecDeque<Result<Response<Bytes>, TransportError>>,
    requests: Vec<Request<Bytes>>,
    waits: Vec<Duration>,
    now: Instant,
    /// How long was waited in all.
    passed: Duration,
    begun: Timestamp,
}

impl Default for State {
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            requests: Vec::new(),
            waits: Vec::new(),
            now: Instant::now(),
            passed: Duration::ZERO,
            begun: Timestamp::now(),
        }
    }
}

impl MemoryTransport {
    /// A transport with an empty script.
    pub fn new() -> Self {
        Self::default()
    }

    /// A transport that answers each request with what `answerer` makes of it.
    pub fn with(answerer: impl Fn(&Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        Self { answerer: Some(Arc::new(answerer)), ..Self::default() }
    }

    /// Puts an answer at the end of the script.
    #[must_use]
    pub fn answer(self, response: Response<impl Into<Bytes>>) -> Self {
        self.push(Ok(response.map(Into::into)))
    }

    /// Puts a failure at the end of the script: a kind, or a whole [`TransportError`].
    #[must_use]
    pub fn fail(self, error: impl Into<TransportError>) -> Self {
        self.push(Err(error.into()))
    }

    /// The requests so far, in the order in which they came. They hold the caller's token, which their `Debug` shows.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.state().requests.clone()
    }

    /// The waits so far, in the order in which they were asked for. None takes any time: a clock of its own goes on by
    /// what is waited, and by nothing else; not by a wait that is longer than clocks can tell. So a call that waits for
    /// another to renew a token never runs out of time.
    pub fn waits(&self) -> Vec<Duration> {
        self.state().waits.clone()
    }

    fn pass(&self, time: Duration) {
        let mut state = self.state();
        state.waits.push(time);
        if let Some(now) = state.now.checked_add(time) {
            state.now = now;
            state.passed += time;
        }
    }

    fn today(&self) -> Timestamp {
        let state = self.state();
        state.begun.checked_add(state.passed).unwrap_or(Timestamp::MAX)
    }

    fn push(self, outcome: Result<Response<Bytes>, TransportError>) -> Self {
        self.state().script.push_back(outcome);
        self
    }

    fn take(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let scripted = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.script.pop_front()
        };
        match (scripted, &self.answerer) {
            (Some(outcome), _) => outcome,
            (None, Some(answerer)) => Ok(answerer(&request)),
            (None, None) => {
                Err(TransportError::new(TransportErrorKind::InvalidRequest)
                    .with_source("the script has no answer left"))
            }
        }
    }

    /// The shared state; a panic elsewhere leaves it whole, for nothing is half done under the lock.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for MemoryTransport {
    fn send(&self, request: Request<Bytes>, _: Duration) -> TransportFuture<'_> {
        Box::pin(async move { self.take(request) })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(async move { self.pass(time) })
    }

    fn time_out(&self, _: Duration) -> WaitFuture<'_> {
        Box::pin(pending())
    }

    fn now(&self) -> Instant {
        self.state().now
    }

    fn date(&self) -> Timestamp {
        self.today()
    }
}

impl BlockingTransport for MemoryTransport {
    fn send(&self, request: Request<Bytes>, _: Duration) -> Result<Response<Bytes>, TransportError> {
        self.take(request)
    }

    fn wait(&self, time: Duration) {
        self.pass(time);
    }

    fn now(&self) -> Instant {
        self.state().now
    }

    fn date(&self) -> Timestamp {
        self.today()
    }
}

impl fmt::Debug for MemoryTransport {
    /// Shows how much there is, and no request: it may hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryTransport")
            .field("requests", &state.requests.len())
            .field("answers_left", &state.script.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(transport: &MemoryTransport, path: &str) -> Result<Response<Bytes>, TransportError> {
        let request = Request::builder().uri(path).body(Bytes::new()).unwrap();
        BlockingTransport::send(transport, request, Duration::MAX)
    }

    fn answer(body: &'static str) -> Response<&'static str> {
        Response::new(body)
    }

    #[test]
    fn plays_its_script_in_order_and_then_fails() {
        let transport = MemoryTransport::new()
            .answer(answer("one"))
            .fail(TransportErrorKind::Timeout)
            .fail(TransportError::new(TransportErrorKind::Timeout).unsent())
            .answer(answer("two"));
        assert_eq!(ask(&transport, "/1").unwrap().body(), "one");
        assert!(ask(&transport, "/2").unwrap_err().was_sent());
        assert!(!ask(&transport, "/3").unwrap_err().was_sent());
        assert_eq!(ask(&transport, "/4").unwrap().body(), "two");
        let error = ask(&transport, "/5").unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (TransportErrorKind::InvalidRequest, false));
        let paths: Vec<_> = transport.requests().iter().map(|request| request.uri().to_string()).collect();
        assert_eq!(paths, ["/1", "/2", "/3", "/4", "/5"]);
    }

    #[test]
    fn a_function_answers_what_the_script_does_not() {
        let transport = MemoryTransport::with(|request| Response::new(request.uri().path().to_owned().into()))
            .answer(answer("script"));
        assert_eq!(ask(&transport, "/1").unwrap().body(), "script");
        assert_eq!(ask(&transport, "/2").unwrap().body(), "/2");
    }

    #[test]
    fn clones_share_script_and_record() {
        let transport = MemoryTransport::new().answer(answer("one"));
        assert_eq!(ask(&transport.clone(), "/1").unwrap().body(), "one");
        assert_eq!(transport.requests().len(), 1);
    }

    #[test]
    fn a_wait_that_no_clock_can_tell_does_not_move_it() {
        let transport = MemoryTransport::new();
        let clock = || (BlockingTransport::now(&transport), BlockingTransport::date(&transport));
        let before = clock();
        BlockingTransport::wait(&transport, Duration::MAX);
        assert_eq!((clock(), transport.waits()), (before, vec![Duration::MAX]));
        BlockingTransport::wait(&transport, Duration::from_secs(1));
        let (now, date) = clock();
        assert_eq!((now - before.0, date.duration_since(before.1).as_secs()), (Duration::from_secs(1), 1));
    }

    #[test]
    fn debug_shows_no_request() {
        let transport = MemoryTransport::new().answer(answer("one")).answer(answer("two"));
        ask(&transport, "/5ec4e7").unwrap();
        assert_eq!(format!("{transport:?}"), "MemoryTransport { requests: 1, answers_left: 1, .. }");
    }
}
