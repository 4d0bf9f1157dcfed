//! A grant as credentials, shared by clients and refreshed for all of them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::app::App;
use super::grant::Grant;
use crate::credentials::Credentials;
use crate::issuer_error::IssuerError;
use crate::refresh::{ExpiringToken, REFRESH_MARGIN, RefreshableToken, TokenRefresher, wake_all};

/// A grant as credentials. All clones, and all clients that use them, share the grant. It is refreshed once for all of
/// them when it expires or when the service rejects it.
///
/// If the response to a refresh is lost, the same call does not repeat it, because the refresh token may be used up.
/// The next call tries again. The same applies to a call that is dropped during a refresh. After a refresh has failed
/// [for good](IssuerError::is_final), every call that needs a refresh fails with an error whose
/// [`is_unauthorized`](crate::Error::is_unauthorized) is `true`, until the grant is [replaced](Self::replace).
#[derive(Clone)]
pub struct SharedGrant {
    refreshable: RefreshableToken,
    refresher: Arc<GrantRefresher>,
}

/// Function of the program that is called with each refreshed grant.
type OnRefresh = dyn Fn(&Grant) + Send + Sync;

/// The grant, and everything that is needed to refresh it.
struct GrantRefresher {
    app: App,
    state: Mutex<GrantState>,
    on_refresh: Mutex<Option<Arc<OnRefresh>>>,
}

/// The current grant, which a refresh or the program replaces.
struct GrantState {
    grant: Grant,
    /// `true` once a refresh request was built from this grant. If it is `false` when the response arrives, the grant was
    /// replaced in the meantime.
    was_requested: bool,
}

impl SharedGrant {
    /// Creates credentials from a grant, which `app` refreshes.
    pub fn new(app: App, grant: Grant) -> Self {
        let token = grant.to_expiring_token(REFRESH_MARGIN);
        let state = Mutex::new(GrantState { grant, was_requested: false });
        let refresher = Arc::new(GrantRefresher { app, state, on_refresh: Mutex::new(None) });
        Self { refreshable: RefreshableToken::new(token, Arc::clone(&refresher)), refresher }
    }

    /// Sets a function that is called with each refreshed grant, for instance to store it. It is called once per
    /// refresh, before the calls that wait for the refresh continue. All clones share the function; setting another one
    /// replaces it.
    ///
    /// The function runs within the call that refreshed the grant, on its thread or task, while other calls wait. It
    /// should not block for long. It may call the service itself.
    pub fn on_refreshed(&self, on_refresh: impl Fn(&Grant) + Send + Sync + 'static) {
        let replaced = lock(&self.refresher.on_refresh).replace(Arc::new(on_refresh));
        // Dropping the old function may run code of the program, so no lock is held.
        drop(replaced);
    }

    /// Returns the current grant.
    pub fn grant(&self) -> Grant {
        lock(&self.refresher.state).grant.clone()
    }

    /// Replaces the grant, for instance after the user has signed in again. The function of
    /// [`on_refreshed`](Self::on_refreshed) is not called.
    pub fn replace(&self, grant: Grant) {
        let token = grant.to_expiring_token(REFRESH_MARGIN);
        let waiters = {
            let mut state = lock(&self.refresher.state);
            *state = GrantState { grant, was_requested: false };
            // Done under the lock, so that a refresh in progress sees grant and token both replaced, or neither.
            self.refreshable.replace_under_lock(token)
        };
        wake_all(waiters);
    }
}

/// Locks a mutex. The value is consistent after every step, so a panic in another thread does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenRefresher for Arc<GrantRefresher> {
    fn build_request(&self) -> Result<Request<Bytes>, IssuerError> {
        let mut state = lock(&self.state);
        state.was_requested = true;
        self.app.refresh_request(&state.grant)
    }

    fn read_response(&self, response: Response<Bytes>, now: Timestamp) -> Result<Option<ExpiringToken>, IssuerError> {
        let mut state = lock(&self.state);
        if !state.was_requested {
            // The grant was replaced since the request was built, and the replacement stays.
            return Ok(None);
        }
        let grant = state.grant.refreshed(response, now)?;
        // A token with a short lifetime is used for half of it. Otherwise it would be due for a refresh at once.
        let lifetime = grant.expires_at().and_then(|expiry| Duration::try_from(expiry.duration_since(now)).ok());
        let token =
            grant.to_expiring_token(lifetime.map_or(REFRESH_MARGIN, |lifetime| REFRESH_MARGIN.min(lifetime / 2)));
        *state = GrantState { grant, was_requested: false };
        Ok(Some(token))
    }

    fn on_refreshed(&self) {
        // Cloned, so that no lock is held while the function runs.
        let on_refresh = lock(&self.on_refresh).clone();
        if let Some(on_refresh) = on_refresh {
            let grant = lock(&self.state).grant.clone();
            on_refresh(&grant);
        }
    }
}

impl From<SharedGrant> for Credentials {
    fn from(grant: SharedGrant) -> Self {
        Self::Refreshable(grant.refreshable)
    }
}

impl fmt::Debug for SharedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGrant").field("app", &self.refresher.app).field("grant", &self.grant()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake, Waker};

    use super::*;
    use crate::refresh::{RefreshOutcome, TokenRequirement};
    use crate::secret::Token;
    use crate::service::{Issuer, Service};

    /// Waker that counts the wake-ups during which the locks of the grant and of the token were free.
    struct LockProbe(SharedGrant, AtomicUsize);

    impl Wake for LockProbe {
        fn wake(self: Arc<Self>) {
            let are_free = self.0.refresher.state.try_lock().is_ok() && self.0.refreshable.is_unlocked();
            self.1.fetch_add(usize::from(are_free), Ordering::SeqCst);
        }
    }

    /// Creates a grant that has expired and can be refreshed.
    fn create_expired(token: &str) -> Grant {
        Grant::new(Token::new(token).unwrap(), Some("r".into()), Some(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn holds_no_lock_while_waiting_calls_are_woken() {
        let issuer = Some(Issuer { authorize: "https://a/".into(), token: "https://a/".into(), accounts: None });
        let service = Service {
            name: "notes",
            base_url_template: "https://a".into(),
            requires_user_agent_contact: false,
            issuer,
            styles: &[],
            operations: &[],
        };
        let app = App::new(&service, "id", "s", "https://b/", "Trip planner (jo@example.com)").unwrap();
        let grant = SharedGrant::new(app, create_expired("a"));
        let probe = Arc::new(LockProbe(grant.clone(), AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&probe));
        let mut cx = Context::from_waker(&waker);
        let requirement = TokenRequirement::new(Timestamp::UNIX_EPOCH, None);
        // The first wait gets the guard, and the other two are pending.
        let mut waits: Vec<_> = (0..3).map(|_| grant.refreshable.wait_for(requirement)).collect();
        let mut outcomes = waits.iter_mut().map(|wait| wait.poll(&mut cx)).collect::<Vec<_>>();
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_pending()).count(), 2);
        grant.replace(create_expired("b"));
        assert_eq!(probe.1.load(Ordering::SeqCst), 2, "after the grant is replaced");
        assert!(waits.iter_mut().skip(1).all(|wait| wait.poll(&mut cx).is_pending()));
        // Dropping the guard wakes the other two again.
        assert!(matches!(outcomes.remove(0), std::task::Poll::Ready(RefreshOutcome::Guard(_))));
        assert_eq!(probe.1.load(Ordering::SeqCst), 4, "after the guard is dropped");
    }
}
