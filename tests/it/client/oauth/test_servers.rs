//! An issuer and a service in memory, with grants and clients for them.

use std::error::Error as _;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use backpack_api::oauth::{App, Grant, SharedGrant};
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{BlockingTransport, Transport, TransportError, TransportFuture, WaitFuture};
use backpack_api::{AccessToken, Client, Error, SERVICE, blocking};
use bytes::Bytes;

use crate::support::{USER_AGENT, client_config_with};

/// Number of calls that run at the same time.
pub(super) const CALLS: usize = 32;

/// The issuer and the service. One access token and one refresh token are valid at a time: those of the last grant.
#[derive(Clone, Default)]
pub(super) struct TestServers(Arc<Shared>);

/// State that all clones share, and a signal for the threads that wait for a change.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// State of both servers. Tests read it and change it directly.
#[derive(Default)]
pub(super) struct State {
    /// The clock, which stands still.
    now: Option<Instant>,
    /// Number of grants issued so far.
    pub(super) issued_grants: usize,
    /// `true` if the issuer does not respond yet.
    issuer_is_paused: bool,
    /// Wakers of the requests that wait until the issuer is resumed.
    waiting_for_issuer: Vec<Waker>,
    /// Number of calls that have started.
    started_calls: usize,
    /// Number of calls that have to start before the issuer responds.
    pub(super) calls_before_response: usize,
    /// The issuer's next responses, instead of new grants.
    scripted_responses: Vec<Result<Response<Bytes>, TransportError>>,
    /// `true` if the service rejects every token.
    pub(super) service_rejects_tokens: bool,
    /// `true` if waits of the async client end at once; otherwise they never end.
    pub(super) waits_end_at_once: bool,
    issuer_requests: usize,
    service_requests: usize,
    /// Number of waits so far.
    pub(super) waits: usize,
}

impl TestServers {
    /// Locks the state, to read or change it.
    pub(super) fn lock_state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// Creates servers whose issuer does not respond before [`resume_issuer`](Self::resume_issuer).
    pub(super) fn with_paused_issuer() -> Self {
        let servers = Self::default();
        servers.lock_state().issuer_is_paused = true;
        servers
    }

    /// Lets the issuer respond, and wakes the calls that wait for it.
    pub(super) fn resume_issuer(&self) {
        let mut state = self.lock_state();
        state.issuer_is_paused = false;
        state.waiting_for_issuer.drain(..).for_each(Waker::wake);
    }

    /// Adds a response that the issuer sends once, instead of a new grant.
    pub(super) fn with_issuer_response(self, response: Result<Response<Bytes>, TransportError>) -> Self {
        self.lock_state().scripted_responses.push(response);
        self
    }

    /// Number of requests to the issuer and to the service.
    pub(super) fn request_counts(&self) -> (usize, usize) {
        let state = self.lock_state();
        (state.issuer_requests, state.service_requests)
    }

    /// Blocks until this number of calls has started.
    pub(super) fn wait_until_started(&self, calls: usize) {
        drop(self.0.changed.wait_while(self.lock_state(), |state| state.started_calls < calls).unwrap());
    }

    /// Counts a request. Returns `true` if it is for the issuer.
    fn count_request(&self, request: &Request<Bytes>) -> bool {
        let is_for_issuer = request.uri().host() == Some("launchpad.37signals.com");
        let mut state = self.lock_state();
        *(if is_for_issuer { &mut state.issuer_requests } else { &mut state.service_requests }) += 1;
        is_for_issuer
    }

    /// Returns the issuer's response: a scripted one, or a new grant if the request has the valid refresh token.
    fn issuer_response(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.lock_state();
        assert_eq!((request.uri().scheme_str(), request.method().as_str()), (Some("https"), "POST"));
        assert_eq!(request.headers()["user-agent"], USER_AGENT);
        if !state.scripted_responses.is_empty() {
            return state.scripted_responses.remove(0);
        }
        let expected = format!(
            "/authorization/token?type=refresh&refresh_token=refresh-{}&client_id=id&client_secret=s3cret",
            state.issued_grants
        );
        assert_eq!(request.uri().path_and_query().unwrap().as_str(), expected);
        state.issued_grants += 1;
        let number = state.issued_grants;
        let body =
            format!(r#"{{"access_token":"access-{number}","refresh_token":"refresh-{number}","expires_in":1209600}}"#);
        Ok(Response::new(body.into()))
    }

    /// Returns the service's response: 401 if the access token is not valid.
    fn service_response(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let state = self.lock_state();
        let valid = format!("Bearer access-{}", state.issued_grants);
        let is_accepted = request.headers()["authorization"] == valid && !state.service_rejects_tokens;
        let mut response = Response::new(Bytes::from_static(b"<users/>"));
        if !is_accepted {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
        }
        Ok(response)
    }

    /// Counts a call and returns the date. Each call asks for the date once, when it starts.
    fn date_for_new_call(&self) -> Timestamp {
        self.lock_state().started_calls += 1;
        self.0.changed.notify_all();
        current_date()
    }
}

impl Transport for TestServers {
    fn send(&self, request: Request<Bytes>, _: Duration) -> TransportFuture<'_> {
        Box::pin(async move {
            if !self.count_request(&request) {
                return self.service_response(&request);
            }
            std::future::poll_fn(|cx| {
                let mut state = self.lock_state();
                if !state.issuer_is_paused {
                    return Poll::Ready(());
                }
                state.waiting_for_issuer.push(cx.waker().clone());
                Poll::Pending
            })
            .await;
            self.issuer_response(&request)
        })
    }

    fn wait(&self, _: Duration) -> WaitFuture<'_> {
        let mut state = self.lock_state();
        state.waits += 1;
        if state.waits_end_at_once { Box::pin(async {}) } else { Box::pin(pending()) }
    }

    fn now(&self) -> Instant {
        *self.lock_state().now.get_or_insert_with(Instant::now)
    }

    fn wall_time(&self) -> Timestamp {
        self.date_for_new_call()
    }
}

impl BlockingTransport for TestServers {
    fn send(&self, request: Request<Bytes>, _: Duration) -> Result<Response<Bytes>, TransportError> {
        if !self.count_request(&request) {
            return self.service_response(&request);
        }
        let state = self.lock_state();
        drop(self.0.changed.wait_while(state, |state| state.started_calls < state.calls_before_response).unwrap());
        self.issuer_response(&request)
    }

    fn wait(&self, _: Duration) {
        self.lock_state().waits += 1;
    }

    fn now(&self) -> Instant {
        *self.lock_state().now.get_or_insert_with(Instant::now)
    }

    fn wall_time(&self) -> Timestamp {
        self.date_for_new_call()
    }
}

/// Returns the date of both servers, which never changes.
fn current_date() -> Timestamp {
    "2009-03-15T12:00:00Z".parse().unwrap()
}

/// Returns the app that grants belong to.
pub(super) fn test_app() -> App {
    App::new(&SERVICE, "id", "s3cret", "https://trips.example.org/back", USER_AGENT).unwrap()
}

/// Creates a grant with the tokens `access-{number}` and `refresh-{number}`, which expires in this number of seconds.
pub(super) fn new_grant(number: usize, expires_in: i64) -> Grant {
    let expires_at = Timestamp::from_second(current_date().as_second() + expires_in).unwrap();
    Grant::new(
        AccessToken::new(format!("access-{number}")).unwrap(),
        Some(format!("refresh-{number}").into()),
        Some(expires_at),
    )
}

/// Creates the grant of [`new_grant`], which clients can share.
pub(super) fn new_shared_grant(number: usize, expires_in: i64) -> SharedGrant {
    SharedGrant::new(test_app(), new_grant(number, expires_in))
}

/// Creates a grant that expired a second ago. The issuer accepts its refresh token.
pub(super) fn expired_grant() -> SharedGrant {
    new_shared_grant(0, -1)
}

/// Creates a grant without an expiry. The service rejects its access token, and the issuer accepts its refresh token.
pub(super) fn rejected_grant(servers: &TestServers) -> SharedGrant {
    let refresh_token = new_grant(servers.lock_state().issued_grants, 0).refresh_token().cloned();
    SharedGrant::new(test_app(), Grant::new(AccessToken::new("withdrawn").unwrap(), refresh_token, None))
}

/// Creates an async client without a rate limit.
pub(super) fn async_client(servers: &TestServers, grant: &SharedGrant) -> Client {
    Client::with_transport(client_config_with(grant.clone()), servers.clone())
        .with_options(|options| options.respect_rate_limits = false)
}

/// Creates a blocking client without a rate limit.
pub(super) fn blocking_client(servers: &TestServers, grant: &SharedGrant) -> blocking::Client {
    blocking::Client::with_transport(client_config_with(grant.clone()), servers.clone())
        .with_options(|options| options.respect_rate_limits = false)
}

/// Counts the calls of the hook that a grant calls after a refresh.
#[derive(Clone, Default)]
pub(super) struct HookCounter(Arc<AtomicUsize>);

impl HookCounter {
    /// Sets the hook of a grant to one that counts its calls.
    pub(super) fn watch(grant: &SharedGrant) -> Self {
        let counter = Self::default();
        let counted = counter.clone();
        grant.on_refreshed(move |_| {
            counted.0.fetch_add(1, Ordering::SeqCst);
        });
        counter
    }

    /// Number of calls so far.
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Asserts that neither the error nor any of its sources shows a secret.
pub(super) fn assert_no_secret(error: &Error) {
    let mut shown = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        shown.push_str(&format!(" {cause:?} {cause}"));
        source = cause.source();
    }
    for secret in ["s3cret", "refresh-", "access-"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
