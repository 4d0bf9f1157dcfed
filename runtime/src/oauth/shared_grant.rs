//! A grant as credentials, shared by clients and refreshed for all of them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::app::App;
use super::grant::Grant;
use crate::caller::Credentials;
use crate::renewal::{Fresh, IssuerError, MARGIN, Renew, Renewable, wake};

/// A grant as credentials. All clones, and all clients that use them, share the grant. It is refreshed once for all of
/// them when it expires or when the service rejects it.
///
/// If the response to a refresh is lost, the same call does not repeat it, because the refresh token may be used up. The
/// next call tries again. The same holds for a call that is dropped during a refresh. After the issuer has rejected a
/// refresh, every call fails with an error that [`is_unauthorized`](crate::Error::is_unauthorized), until the grant is
/// [replaced](Self::replace).
#[derive(Clone)]
pub struct SharedGrant {
    renewable: Renewable,
    refresher: Arc<GrantRefresher>,
}

type OnRefresh = dyn Fn(&Grant) + Send + Sync;

/// The grant, and the means to refresh it.
struct GrantRefresher {
    app: App,
    state: Mutex<GrantState>,
    on_refresh: Mutex<Option<Arc<OnRefresh>>>,
}

struct GrantState {
    grant: Grant,
    /// `true` if the last refresh request was for this grant.
    was_requested: bool,
}

impl SharedGrant {
    /// Shares a grant of an app.
    pub fn new(app: App, grant: Grant) -> Self {
        let token = grant.to_expiring_token(MARGIN);
        let state = Mutex::new(GrantState { grant, was_requested: false });
        let refresher = Arc::new(GrantRefresher { app, state, on_refresh: Mutex::new(None) });
        Self { renewable: Renewable::new(token, Arc::clone(&refresher)), refresher }
    }

    /// Sets a function that is called with each refreshed grant, for instance to store it. It is called once per refresh,
    /// before the calls that wait for the refresh continue. All that share the grant share the function; setting another
    /// one replaces it.
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
        let token = grant.to_expiring_token(MARGIN);
        let waiting = {
            let mut state = lock(&self.refresher.state);
            *state = GrantState { grant, was_requested: false };
            // Under the lock, so that a refresh in progress finds both replaced or neither.
            self.renewable.replace_under_lock(token)
        };
        wake(waiting);
    }
}

/// Locks a mutex. The value is consistent after every step, so a panic in another thread does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Renew for Arc<GrantRefresher> {
    fn request(&self) -> Result<Request<Bytes>, IssuerError> {
        let mut state = lock(&self.state);
        state.was_requested = true;
        self.app.refresh_request(&state.grant)
    }

    fn accept(&self, response: Response<Bytes>, now: Timestamp) -> Result<Option<Fresh>, IssuerError> {
        let mut state = lock(&self.state);
        if !state.was_requested {
            return Ok(None);
        }
        let grant = state.grant.refreshed(response, now)?;
        let lifetime = grant.expires_at().and_then(|end| Duration::try_from(end.duration_since(now)).ok());
        let token = grant.to_expiring_token(lifetime.map_or(MARGIN, |lifetime| MARGIN.min(lifetime / 2)));
        *state = GrantState { grant, was_requested: false };
        Ok(Some(token))
    }

    fn renewed(&self) {
        let on_refresh = lock(&self.on_refresh).clone();
        if let Some(on_refresh) = on_refresh {
            let grant = lock(&self.state).grant.clone();
            on_refresh(&grant);
        }
    }
}

impl From<SharedGrant> for Credentials {
    fn from(grant: SharedGrant) -> Self {
        Self::Renewable(grant.renewable)
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
    use crate::renewal::{Joined, Need};
    use crate::secret::Token;
    use crate::service::{Issuer, Service};

    /// Waker that counts the times at which both locks were free when it was woken.
    struct LockProbe(SharedGrant, AtomicUsize);

    impl Wake for LockProbe {
        fn wake(self: Arc<Self>) {
            let are_free = self.0.refresher.state.try_lock().is_ok() && self.0.renewable.is_free();
            self.1.fetch_add(usize::from(are_free), Ordering::SeqCst);
        }
    }

    fn expired(token: &str) -> Grant {
        Grant::new(Token::new(token).unwrap(), Some("r".into()), Some(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn holds_no_lock_while_waiting_calls_are_woken() {
        let issuer = Some(Issuer { authorize: "https://a/", token: "https://a/", accounts: None });
        let service = Service { name: "notes", host: "https://a", issuer, styles: &[], operations: &[] };
        let app = App::new(&service, "id", "s", "https://b/", "Trip planner (jo@example.com)").unwrap();
        let grant = SharedGrant::new(app, expired("a"));
        let probe = Arc::new(LockProbe(grant.clone(), AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&probe));
        let mut cx = Context::from_waker(&waker);
        let mut joinings: Vec<_> =
            (0..3).map(|_| grant.renewable.join(Need::new(Timestamp::UNIX_EPOCH, None))).collect();
        let mut turn = joinings.iter_mut().map(|joining| joining.poll(&mut cx)).collect::<Vec<_>>();
        assert_eq!(turn.iter().filter(|joined| joined.is_pending()).count(), 2);
        grant.replace(expired("b"));
        assert_eq!(probe.1.load(Ordering::SeqCst), 2, "by another grant");
        assert!(joinings.iter_mut().skip(1).all(|joining| joining.poll(&mut cx).is_pending()));
        assert!(matches!(turn.remove(0), std::task::Poll::Ready(Joined::Turn(_))));
        assert_eq!(probe.1.load(Ordering::SeqCst), 4, "by the end of a turn");
    }
}
