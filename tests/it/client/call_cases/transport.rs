//! A transport that plays a script, with a clock that only the script advances.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::transport::{
    BlockingTransport, MemoryTransport, Transport, TransportError, TransportFuture, WaitFuture,
};
use bytes::Bytes;

/// A scripted service and a clock. It records what the client does.
#[derive(Clone)]
pub(super) struct ScriptedTransport {
    memory: MemoryTransport,
    state: Arc<Mutex<State>>,
}

/// State that all clones of the transport share.
struct State {
    now: Instant,
    /// Time that each of the next requests takes, in order.
    durations: Vec<Duration>,
    /// Actions of the client since they were last taken.
    observed: Vec<Observed>,
}

/// An action of a client.
#[derive(Clone)]
pub(super) enum Observed {
    Wait(Duration),
    Request { request: Box<Request<Bytes>>, timeout: Duration, at: Instant },
}

impl ScriptedTransport {
    /// Creates a transport without replies.
    pub(super) fn new() -> Self {
        let state = State { now: Instant::now(), durations: Vec::new(), observed: Vec::new() };
        Self { memory: MemoryTransport::new(), state: Arc::new(Mutex::new(state)) }
    }

    /// Gives access to the shared state while it is locked.
    fn with_state<R>(&self, access: impl FnOnce(&mut State) -> R) -> R {
        access(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Advances the clock.
    pub(super) fn advance(&self, time: Duration) {
        self.with_state(|state| state.now += time);
    }

    /// Adds the reply to one request, and the time until it arrives.
    pub(super) fn add_reply(&self, reply: Result<Response<Bytes>, TransportError>, takes: Duration) {
        let memory = self.memory.clone();
        // Both methods return the transport, which is not needed, since its clones share one script.
        let _ = match reply {
            Ok(response) => memory.respond(response),
            Err(error) => memory.fail(error),
        };
        self.with_state(|state| state.durations.push(takes));
    }

    /// Returns the actions of the client since the last call of this method.
    pub(super) fn take_observed(&self) -> Vec<Observed> {
        self.with_state(|state| std::mem::take(&mut state.observed))
    }

    /// Returns the time of the clock.
    pub(super) fn current_time(&self) -> Instant {
        self.with_state(|state| state.now)
    }

    /// Records a request, advances the clock by the time that it takes, and returns the next reply.
    fn send_request(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        self.with_state(|state| {
            state.observed.push(Observed::Request { request: Box::new(request.clone()), timeout, at: state.now });
            if !state.durations.is_empty() {
                state.now += state.durations.remove(0);
            }
        });
        BlockingTransport::send(&self.memory, request, timeout)
    }

    /// Records a wait and advances the clock instead of waiting.
    fn record_wait(&self, time: Duration) {
        self.with_state(|state| {
            state.observed.push(Observed::Wait(time));
            state.now += time;
        });
    }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        Box::pin(async move { self.send_request(request, timeout) })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(async move { self.record_wait(time) })
    }

    fn now(&self) -> Instant {
        self.current_time()
    }
}

impl BlockingTransport for ScriptedTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        self.send_request(request, timeout)
    }

    fn wait(&self, time: Duration) {
        self.record_wait(time);
    }

    fn now(&self) -> Instant {
        self.current_time()
    }
}
