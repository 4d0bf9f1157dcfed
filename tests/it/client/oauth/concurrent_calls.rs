//! Calls that a test polls itself, each only after it was woken.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use backpack_api::{Client, Error, Member, users};

/// Result of `users.list`, the operation of all these calls.
type CallResult = Result<Vec<Member>, Error>;

/// Calls of the async client that run at the same time.
#[derive(Default)]
pub(super) struct ConcurrentCalls {
    /// All calls, in the order in which they were added.
    calls: Vec<PendingCall>,
    /// Results of the finished calls, in the order in which they finished.
    results: Vec<CallResult>,
}

/// A call and its waker.
struct PendingCall {
    /// `None` if the call has finished or was dropped.
    future: Option<Pin<Box<dyn Future<Output = CallResult> + Send>>>,
    wake_flag: Arc<WakeFlag>,
}

/// Remembers that a task was woken since its last poll. It is set at first, so that each call is polled once.
struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl ConcurrentCalls {
    /// Adds this number of calls, without polling them.
    pub(super) fn new(client: &Client, count: usize) -> Self {
        let mut calls = Self::default();
        for _ in 0..count {
            calls.add(client);
        }
        calls
    }

    /// Adds a call, without polling it.
    pub(super) fn add(&mut self, client: &Client) {
        let client = client.clone();
        let future = Box::pin(async move { client.call(&users::List::new()).await });
        self.calls.push(PendingCall { future: Some(future), wake_flag: Arc::new(WakeFlag(AtomicBool::new(true))) });
    }

    /// Polls all woken calls, until no call is woken. Returns the results of all calls that have finished so far.
    pub(super) fn run(&mut self) -> &[CallResult] {
        loop {
            let mut has_polled = false;
            for PendingCall { future, wake_flag } in &mut self.calls {
                let Some(call) = future else { continue };
                if !wake_flag.0.swap(false, Ordering::SeqCst) {
                    continue;
                }
                has_polled = true;
                let waker = Waker::from(Arc::clone(wake_flag));
                if let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(&waker)) {
                    *future = None;
                    self.results.push(result);
                }
            }
            if !has_polled {
                return &self.results;
            }
        }
    }

    /// Runs all calls that can run. Returns the number of calls that have succeeded so far.
    pub(super) fn run_and_count_successes(&mut self) -> usize {
        self.run().iter().filter(|result| result.is_ok()).count()
    }

    /// Drops a call that has not finished, by its position in the order in which calls were added.
    pub(super) fn drop_call(&mut self, index: usize) {
        self.calls[index].future = None;
    }
}
