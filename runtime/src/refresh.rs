//! Bearer tokens that expire: shared by all calls, refreshed by one call at a time.
//!
//! A [`TokenRefresher`] builds the request for the next token and reads the response; the module `oauth` contains the
//! refresher for OAuth 2. This module and the [`exchange`](crate::exchange) decide when the token is refreshed and by
//! which call. The request is sent like any other.
//!
//! A call that finds the token expired, or whose token was rejected, waits with a [`RefreshWait`]. The first call gets
//! the [`RefreshGuard`] and refreshes the token; the others wait for the outcome. Async and blocking clients wait
//! together.
//!
//! **Invariant:** at most one guard exists at a time. A guard that is dropped, for example with the future of a call,
//! passes to the next waiting call.
//! **Invariant:** no lock is held while code of the program runs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use crate::issuer_error::IssuerError;
use crate::secret::Token;
use crate::transport::TransportError;

/// Time before its expiry at which a token is refreshed, so that it is still valid when a request arrives. OAuth grants
/// use half of the lifetime of a refreshed token instead if that is shorter.
pub const REFRESH_MARGIN: Duration = Duration::from_secs(60);

/// Builds the requests that refresh a token, and reads their responses.
pub trait TokenRefresher: Send + Sync {
    /// Builds the request for the next token. Its URL must be `https`, because the request contains a secret. Redirects
    /// are not followed.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the token cannot be refreshed.
    fn build_request(&self) -> Result<Request<Bytes>, IssuerError>;

    /// Reads the response, and stores the data for the next refresh. Returns `None` if the token was replaced since the
    /// request was built: the replacement stays.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the response has no token.
    fn read_response(&self, response: Response<Bytes>, now: Timestamp) -> Result<Option<ExpiringToken>, IssuerError>;

    /// Runs the program's code after a refresh has stored a new token, before the waiting calls continue. It may make
    /// calls itself, which send the new token. By default there is no such code.
    fn on_refreshed(&self) {}
}

/// Token with the time at which it should be refreshed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringToken {
    /// The token.
    pub token: Token,
    /// Time from which the token is refreshed before it is sent. If `None`, it is refreshed only after the service
    /// rejected it. A time that has already passed when a refresh ends is treated as `None`.
    pub refresh_at: Option<Timestamp>,
}

/// Bearer token that is refreshed when it expires or is rejected. Clones share it.
#[derive(Clone)]
pub struct RefreshableToken(Arc<Inner>);

/// Data that all clones share.
struct Inner {
    refresher: Box<dyn TokenRefresher>,
    state: Mutex<State>,
}

/// Data behind the lock: the token, the outcome of its last refresh, and the waiting calls.
struct State {
    token: ExpiringToken,
    /// Number of times that the token changed.
    version: u64,
    /// `true` if the token is from a refresh and the service has not accepted it yet.
    is_unproven: bool,
    /// `true` while a [`RefreshGuard`] exists.
    is_refreshing: bool,
    /// Number of refreshes that failed.
    failures: u64,
    /// Error of the last refresh, if it failed.
    last_error: Option<IssuerError>,
    waiters: Waiters,
    /// Id of the waiter that was registered last.
    last_waiter: u64,
}

/// Wakers of the waiting calls, by waiter id. Wakers run code of the program, even when they are cloned or dropped, so
/// that never happens under a lock.
pub(crate) type Waiters = Vec<(u64, Waker)>;

/// Token as it was when a call asked for it, with its version: another call may replace the shared token meanwhile.
#[derive(Debug, Clone)]
pub struct TokenSnapshot {
    pub(crate) token: Token,
    version: u64,
}

impl State {
    /// Returns the token; `None` if it is the rejected one or has to be refreshed.
    fn valid_token(&self, requirement: &TokenRequirement) -> Option<TokenSnapshot> {
        let is_rejected = requirement.rejected_version == Some(self.version);
        let is_expired = self.token.refresh_at.is_some_and(|refresh_at| refresh_at <= requirement.now);
        (!is_rejected && !is_expired).then(|| self.snapshot())
    }

    /// Returns the token with its version.
    fn snapshot(&self) -> TokenSnapshot {
        TokenSnapshot { token: self.token.token.clone(), version: self.version }
    }

    /// Stores a new token, and forgets the error of the last refresh.
    fn set_token(&mut self, token: ExpiringToken, is_unproven: bool) {
        self.version += 1;
        self.token = token;
        self.is_unproven = is_unproven;
        self.last_error = None;
    }

    /// Removes all waiters; the caller wakes them after it has released the lock.
    #[must_use]
    fn take_waiters(&mut self) -> Waiters {
        std::mem::take(&mut self.waiters)
    }

    /// Removes a waiter and returns its waker, which the caller drops after it has released the lock. `None` if there
    /// is no such waiter.
    #[must_use]
    fn remove_waiter(&mut self, id: u64) -> Option<Waker> {
        let index = self.waiters.iter().position(|(other, _)| *other == id)?;
        Some(self.waiters.remove(index).1)
    }
}

/// Requirement of a call: a token that is valid now, and is not the one that was rejected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenRequirement {
    pub(crate) now: Timestamp,
    /// Version of the token that the service rejected; `None` if it rejected none.
    rejected_version: Option<u64>,
}

impl TokenRequirement {
    /// Creates the requirement of a call at the time `now`. `rejected` is the token that the service rejected.
    pub(crate) fn new(now: Timestamp, rejected: Option<&TokenSnapshot>) -> Self {
        Self { now, rejected_version: rejected.map(|snapshot| snapshot.version) }
    }
}

impl RefreshableToken {
    /// Creates a shared token that `refresher` refreshes.
    pub fn new(token: ExpiringToken, refresher: impl TokenRefresher + 'static) -> Self {
        let state = State {
            token,
            version: 0,
            is_unproven: false,
            is_refreshing: false,
            failures: 0,
            last_error: None,
            waiters: Vec::new(),
            last_waiter: 0,
        };
        Self(Arc::new(Inner { refresher: Box::new(refresher), state: Mutex::new(state) }))
    }

    /// Returns the current token, expired or not.
    pub fn token(&self) -> Token {
        self.0.lock().token.token.clone()
    }

    /// Replaces the token, and forgets the error of the last refresh.
    pub fn replace(&self, token: ExpiringToken) {
        wake_all(self.replace_under_lock(token));
    }

    /// Replaces the token as [`replace`](Self::replace) does, for a caller that holds a lock of its own. The caller
    /// passes the waiters to [`wake_all`] after it has released that lock.
    #[must_use]
    pub(crate) fn replace_under_lock(&self, token: ExpiringToken) -> Waiters {
        let mut state = self.0.lock();
        state.set_token(token, false);
        state.take_waiters()
    }

    /// Returns the token; `None` if it does not meet the requirement.
    pub(crate) fn valid_token(&self, requirement: &TokenRequirement) -> Option<TokenSnapshot> {
        self.0.lock().valid_token(requirement)
    }

    /// Records that the service accepted a token, so that a refresh may help when it is rejected later.
    pub(crate) fn record_accepted(&self, accepted: &TokenSnapshot) {
        let mut state = self.0.lock();
        state.is_unproven &= state.version != accepted.version;
    }

    /// `true` if a refresh may help after a token was rejected. `false` if that token is from a refresh and was never
    /// accepted: the next token would be rejected too, and each call would cost a refresh.
    pub(crate) fn may_refresh_after(&self, rejected: &TokenSnapshot) -> bool {
        let state = self.0.lock();
        !(state.is_unproven && state.version == rejected.version)
    }

    /// `true` if the lock is free.
    #[cfg(all(test, feature = "oauth"))]
    pub(crate) fn is_unlocked(&self) -> bool {
        self.0.state.try_lock().is_ok()
    }

    /// Starts to wait for a token that meets the requirement, or for the guard to refresh it.
    pub(crate) fn wait_for(&self, requirement: TokenRequirement) -> RefreshWait {
        let failures = self.0.lock().failures;
        RefreshWait { refreshable: self.clone(), requirement, failures, waiter: None }
    }
}

impl Inner {
    /// Locks the state. It is consistent after every step, so a panic in another thread does no harm.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes waiting calls. The caller holds no lock, because wakers run code of the program.
pub(crate) fn wake_all(waiters: Waiters) {
    for (_, waker) in waiters {
        waker.wake();
    }
}

impl PartialEq for RefreshableToken {
    /// `true` if both are clones of the same shared token.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RefreshableToken {}

impl fmt::Debug for RefreshableToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("RefreshableToken").field("token", &state.token).finish_non_exhaustive()
    }
}

/// Wait of a call for a valid token, or for the guard to refresh it.
pub struct RefreshWait {
    refreshable: RefreshableToken,
    requirement: TokenRequirement,
    /// Number of failed refreshes when the wait began. If it is higher later, a refresh failed during the wait.
    failures: u64,
    /// Id under which the waker is registered; `None` if no poll had to wait yet.
    waiter: Option<u64>,
}

/// Outcome of a [`RefreshWait`].
pub enum RefreshOutcome {
    /// The token is valid.
    Token(TokenSnapshot),
    /// This call has to refresh the token.
    Guard(RefreshGuard),
    /// The refresh failed, for this call and for those that waited with it.
    Failed(IssuerError),
}

impl RefreshWait {
    /// Polls for a valid token, the guard to refresh it, or the error of a refresh.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<RefreshOutcome> {
        let waker = cx.waker().clone();
        // Declared before the lock is taken, so that the old waker is dropped after the lock is released. Wakers run
        // code of the program.
        let _removed;
        let mut state = self.refreshable.0.lock();
        if let Some(token) = state.valid_token(&self.requirement) {
            return Poll::Ready(RefreshOutcome::Token(token));
        }
        // A final error fails every call. Any other error fails only the calls that waited for that refresh.
        if let Some(error) = &state.last_error
            && (error.is_final() || state.failures != self.failures)
        {
            return Poll::Ready(RefreshOutcome::Failed(error.clone()));
        }
        if !state.is_refreshing {
            state.is_refreshing = true;
            let guard = RefreshGuard { refreshable: self.refreshable.clone(), version: state.version };
            return Poll::Ready(RefreshOutcome::Guard(guard));
        }
        let id = self.waiter.unwrap_or_else(|| {
            state.last_waiter += 1;
            state.last_waiter
        });
        self.waiter = Some(id);
        _removed = state.remove_waiter(id);
        state.waiters.push((id, waker));
        Poll::Pending
    }

    /// Blocks the thread until there is an outcome; `None` after `timeout`.
    pub fn wait(mut self, timeout: Duration) -> Option<RefreshOutcome> {
        let waker = Waker::from(Arc::new(UnparkOnWake(thread::current())));
        let start = Instant::now();
        loop {
            if let Poll::Ready(outcome) = self.poll(&mut Context::from_waker(&waker)) {
                return Some(outcome);
            }
            let left = timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                return None;
            }
            thread::park_timeout(left);
        }
    }
}

impl Drop for RefreshWait {
    fn drop(&mut self) {
        if let Some(id) = self.waiter {
            // The lock is released at the end of this statement, before the waker is dropped.
            let removed = self.refreshable.0.lock().remove_waiter(id);
            drop(removed);
        }
    }
}

/// Waker of a blocking call, which unparks its thread.
struct UnparkOnWake(Thread);

impl Wake for UnparkOnWake {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Exclusive right to refresh the token. When it is dropped, the right passes to the next waiting call.
///
/// **Invariant:** a guard has no effect if the token was [replaced](RefreshableToken::replace) since it was acquired.
pub struct RefreshGuard {
    refreshable: RefreshableToken,
    /// Version of the token that is to be refreshed.
    version: u64,
}

impl RefreshGuard {
    /// Builds the request to the issuer.
    pub(crate) fn build_request(&self) -> Result<Request<Bytes>, IssuerError> {
        self.refreshable.0.refresher.build_request()
    }

    /// Stores the token of the response, calls the program's hook, and returns the token. If the token was replaced
    /// since the guard was acquired, returns the replacement instead.
    ///
    /// The token does not expire until the hook has returned, so that a call made by the hook does not wait for this
    /// guard. A token that is to be refreshed at a time already past never expires by time, or every call would refresh
    /// it.
    pub(crate) fn accept_response(
        &self,
        result: Result<Response<Bytes>, TransportError>,
        now: Timestamp,
    ) -> Result<TokenSnapshot, IssuerError> {
        let inner = &self.refreshable.0;
        let refreshed = inner.refresher.read_response(result?, now)?;
        let (refresh_at, snapshot) = {
            let mut state = inner.lock();
            if state.version != self.version {
                return Ok(state.snapshot());
            }
            let Some(ExpiringToken { token, refresh_at }) = refreshed else { return Ok(state.snapshot()) };
            state.set_token(ExpiringToken { token, refresh_at: None }, true);
            (refresh_at.filter(|refresh_at| *refresh_at > now), state.snapshot())
        };
        inner.refresher.on_refreshed();
        let mut state = inner.lock();
        if state.version == snapshot.version {
            state.token.refresh_at = refresh_at;
        }
        Ok(snapshot)
    }

    /// Ends the refresh with an error, which all waiting calls return. Has no effect on them if the token was replaced.
    pub(crate) fn fail(self, error: IssuerError) {
        let mut state = self.refreshable.0.lock();
        if state.version == self.version {
            state.failures += 1;
            state.last_error = Some(error);
        }
    }
}

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        let waiters = {
            let mut state = self.refreshable.0.lock();
            state.is_refreshing = false;
            state.take_waiters()
        };
        wake_all(waiters);
    }
}
