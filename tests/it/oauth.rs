//! OAuth: a grant that every call shares, renewed when it expires or is refused, once for all of them.
//!
//! The issuer and the service are one transport in memory. A gate before the issuer holds a renewal up for as long as a
//! test wants; nothing waits for real time.

use std::error::Error as _;
use std::future::{Future, pending};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::oauth::{App, Grant, SharedGrant};
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, MemoryTransport, TransportConfig, Transport, TransportError, TransportErrorKind,
    TransportFuture, WaitFuture,
};
use backpack_api::{AccessToken, Caller, Client, Credentials, Error, SERVICE, Secret, blocking, users};
use backpack_tests::examples::BASE;
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::{AGENT, Send, caller_with, first_cases};

const CALLS: usize = 32;

/// The issuer and the service: one good access token and one good refresh token at a time.
#[derive(Clone, Default)]
struct World(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The clock, which stands still.
    now: Option<Instant>,
    /// How many grants were given out.
    grants: usize,
    /// Whether the issuer keeps its callers waiting.
    shut: bool,
    at_the_gate: Vec<Waker>,
    /// How many calls began.
    begun: usize,
    /// How many calls have to begin before the issuer answers.
    crowd: usize,
    /// What the issuer does instead of answering.
    instead: Vec<Result<Response<Bytes>, TransportError>>,
    /// Whether the service takes no token.
    service_refuses: bool,
    /// Whether a wait is over at once.
    impatient: bool,
    renewals: usize,
    asked: usize,
    waits: usize,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    fn shut() -> Self {
        let world = Self::default();
        world.state().shut = true;
        world
    }

    fn open(&self) {
        let mut state = self.state();
        state.shut = false;
        state.at_the_gate.drain(..).for_each(Waker::wake);
    }

    fn instead(self, outcome: Result<Response<Bytes>, TransportError>) -> Self {
        self.state().instead.push(outcome);
        self
    }

    /// Requests to the issuer and to the service.
    fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.renewals, state.asked)
    }

    /// A request as it arrives. The issuer's answer is made when the gate is open.
    fn arrives(&self, request: &Request<Bytes>) -> bool {
        let issuer = request.uri().host() == Some("launchpad.37signals.com");
        let mut state = self.state();
        *(if issuer { &mut state.renewals } else { &mut state.asked }) += 1;
        issuer
    }

    fn issuer(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut state = self.state();
        assert_eq!((request.uri().scheme_str(), request.method().as_str()), (Some("https"), "POST"));
        assert_eq!(request.headers()["user-agent"], AGENT);
        if !state.instead.is_empty() {
            return state.instead.remove(0);
        }
        let expected = format!(
            "/authorization/token?type=refresh&refresh_token=refresh-{}&client_id=id&client_secret=s3cret",
            state.grants
        );
        assert_eq!(request.uri().path_and_query().unwrap().as_str(), expected);
        state.grants += 1;
        let grants = state.grants;
        let body =
            format!(r#"{{"access_token":"access-{grants}","refresh_token":"refresh-{grants}","expires_in":1209600}}"#);
        Ok(Response::new(body.into()))
    }

    fn service(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let state = self.state();
        let good = format!("Bearer access-{}", state.grants);
        let taken = request.headers()["authorization"] == good && !state.service_refuses;
        let mut response = Response::new(Bytes::from_static(b"<users/>"));
        if !taken {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
        }
        Ok(response)
    }
}

impl Transport for World {
    fn send(&self, request: Request<Bytes>, _: Duration) -> TransportFuture<'_> {
        Box::pin(async move {
            if !self.arrives(&request) {
                return self.service(&request);
            }
            std::future::poll_fn(|cx| {
                let mut state = self.state();
                if !state.shut {
                    return Poll::Ready(());
                }
                state.at_the_gate.push(cx.waker().clone());
                Poll::Pending
            })
            .await;
            self.issuer(&request)
        })
    }

    fn wait(&self, _: Duration) -> WaitFuture<'_> {
        let mut state = self.state();
        state.waits += 1;
        if state.impatient { Box::pin(async {}) } else { Box::pin(pending()) }
    }

    fn now(&self) -> Instant {
        *self.state().now.get_or_insert_with(Instant::now)
    }

    fn date(&self) -> Timestamp {
        self.begin()
    }
}

impl BlockingTransport for World {
    fn send(&self, request: Request<Bytes>, _: Duration) -> Result<Response<Bytes>, TransportError> {
        if !self.arrives(&request) {
            return self.service(&request);
        }
        drop(self.0.changed.wait_while(self.state(), |state| state.begun < state.crowd).unwrap());
        self.issuer(&request)
    }

    fn wait(&self, _: Duration) {
        self.state().waits += 1;
    }

    fn now(&self) -> Instant {
        *self.state().now.get_or_insert_with(Instant::now)
    }

    fn date(&self) -> Timestamp {
        self.begin()
    }
}

impl World {
    /// The date is asked for once, when a call begins.
    fn begin(&self) -> Timestamp {
        self.state().begun += 1;
        self.0.changed.notify_all();
        now()
    }

    fn wait_for_calls(&self, calls: usize) {
        drop(self.0.changed.wait_while(self.state(), |state| state.begun < calls).unwrap());
    }
}

fn now() -> Timestamp {
    "2009-03-15T12:00:00Z".parse().unwrap()
}

fn app() -> App {
    App::new(&SERVICE, "id", "s3cret", "https://trips.example.org/back", AGENT).unwrap()
}

/// A grant that ends so many seconds from now.
fn grant(number: usize, ends_in: i64) -> Grant {
    let end = Timestamp::from_second(now().as_second() + ends_in).unwrap();
    Grant::new(
        AccessToken::new(format!("access-{number}")).unwrap(),
        Some(format!("refresh-{number}").into()),
        Some(end),
    )
}

fn expired() -> SharedGrant {
    SharedGrant::new(app(), grant(0, -1))
}

/// A grant that has not expired, but that the service takes no more.
fn refused(world: &World) -> SharedGrant {
    SharedGrant::new(
        app(),
        Grant::new(
            AccessToken::new("withdrawn").unwrap(),
            grant(world.state().grants, 0).refresh_token().cloned(),
            None,
        ),
    )
}

fn client(world: &World, grant: &SharedGrant) -> Client {
    Client::with_transport(caller_with(grant.clone()), world.clone()).with(|options| options.pacing = false)
}

fn blocking_client(world: &World, grant: &SharedGrant) -> blocking::Client {
    blocking::Client::with_transport(caller_with(grant.clone()), world.clone()).with(|options| options.pacing = false)
}

type Called = Result<Vec<backpack_api::Member>, Error>;

/// Calls on their way, each polled when it was woken and only then.
#[derive(Default)]
struct Crowd {
    calls: Vec<Call>,
    called: Vec<Called>,
}

struct Call {
    /// Gone when it is done or dropped.
    future: Option<Pin<Box<dyn Future<Output = Called> + std::marker::Send>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Crowd {
    fn of(client: &Client, calls: usize) -> Self {
        let mut crowd = Self::default();
        for _ in 0..calls {
            crowd.add(client);
        }
        crowd
    }

    fn add(&mut self, client: &Client) {
        let client = client.clone();
        let future = Box::pin(async move { client.call(&users::List::new()).await });
        self.calls.push(Call { future: Some(future), woken: Arc::new(Woken(AtomicBool::new(true))) });
    }

    /// Polls all that are woken, until nobody is. What came of those that are done so far.
    fn run(&mut self) -> &[Called] {
        loop {
            let mut polled = false;
            for Call { future, woken } in &mut self.calls {
                let Some(call) = future else { continue };
                if !woken.0.swap(false, Ordering::SeqCst) {
                    continue;
                }
                polled = true;
                let waker = Waker::from(Arc::clone(woken));
                if let Poll::Ready(called) = call.as_mut().poll(&mut Context::from_waker(&waker)) {
                    *future = None;
                    self.called.push(called);
                }
            }
            if !polled {
                return &self.called;
            }
        }
    }

    fn drop_call(&mut self, call: usize) {
        self.calls[call].future = None;
    }
}

/// A hook that counts.
fn counting(grant: SharedGrant) -> (SharedGrant, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    grant.on_refreshed(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    (grant, count)
}

#[test]
fn addresses_and_requests_are_as_documented() {
    let back = "https%3A%2F%2Ftrips.example.org%2Fback";
    let issuer = "https://launchpad.37signals.com/authorization";
    assert_eq!(
        app().authorize_url("st4te"),
        format!("{issuer}/new?type=web_server&client_id=id&redirect_uri={back}&state=st4te")
    );
    assert_eq!(
        app().authorize_url_for_user_agent("st4te"),
        format!("{issuer}/new?type=user_agent&client_id=id&redirect_uri={back}&state=st4te")
    );
    let trade = app().exchange_code_request(&"c0de".into()).unwrap();
    assert_eq!(
        format!("{} {}", trade.method(), trade.uri()),
        format!("POST {issuer}/token?type=web_server&client_id=id&redirect_uri={back}&client_secret=s3cret&code=c0de")
    );
    let refresh = app().refresh_request(&grant(1, 0)).unwrap();
    assert_eq!(
        format!("{} {}", refresh.method(), refresh.uri()),
        format!("POST {issuer}/token?type=refresh&refresh_token=refresh-1&client_id=id&client_secret=s3cret")
    );
    let accounts = app().authorization_request(&grant(1, 0)).unwrap();
    assert_eq!(format!("{} {}", accounts.method(), accounts.uri()), format!("GET {issuer}.json"));
    assert_eq!(accounts.headers()["authorization"], "Bearer access-1");
}

#[test]
fn a_shared_grant_is_sent_as_a_bearer_token_and_in_no_other_carrier() {
    let token = AccessToken::new("access-1").unwrap();
    let (bearer, shared) =
        (caller_with(Credentials::Bearer(token)), caller_with(SharedGrant::new(app(), grant(1, 99))));
    for (case, request) in first_cases(&schema::api()) {
        let [bearer, shared] = [&bearer, &shared].map(|caller| request.clone().visit(Send(caller)).unwrap());
        assert_eq!(format!("{bearer:?}"), format!("{shared:?}"), "{}", case.operation.name);
        assert_eq!(shared.headers()["authorization"], "Bearer access-1");
        assert!(!format!("{} {:?}", shared.uri(), shared.body()).contains("access-1"), "{}", case.operation.name);
    }
}

#[test]
fn an_expired_grant_is_renewed_once_for_all_calls() {
    let world = World::shut();
    let seen = world.clone();
    let (told, tells) = mpsc::channel();
    let grant = expired();
    grant.on_refreshed(move |grant| {
        assert_eq!(seen.counts(), (1, 0), "no call goes on before the hook is done");
        told.send(grant.access_token().expose().to_owned()).unwrap();
    });
    let mut crowd = Crowd::of(&client(&world, &grant), CALLS);
    assert!(crowd.run().is_empty());
    assert_eq!(world.counts(), (1, 0));
    world.open();
    assert_eq!(crowd.run().iter().filter(|called| called.is_ok()).count(), CALLS);
    assert_eq!(world.counts(), (1, CALLS));
    assert_eq!(tells.try_iter().collect::<Vec<_>>(), ["access-1"], "the hook is called once");
    assert_eq!(grant.grant().refresh_token().map(Secret::expose), Some("refresh-1"));
    assert_eq!(grant.grant().expires_at(), Some("2009-03-29T12:00:00Z".parse().unwrap()));
}

#[test]
fn an_expired_grant_is_renewed_once_for_all_threads() {
    let world = World::default();
    world.state().crowd = CALLS;
    let (grant, count) = counting(expired());
    let client = blocking_client(&world, &grant);
    let called: Vec<_> = thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS).map(|_| scope.spawn(|| client.clone().users().list())).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert!(called.iter().all(Result::is_ok), "{called:?}");
    assert_eq!((world.counts(), count.load(Ordering::SeqCst)), ((1, CALLS), 1));
}

#[test]
fn a_refused_token_is_renewed_once_and_every_call_is_sent_again() {
    let world = World::shut();
    let (grant, count) = counting(refused(&world));
    let mut crowd = Crowd::of(&client(&world, &grant).once(), CALLS);
    assert!(crowd.run().is_empty());
    assert_eq!(world.counts(), (1, CALLS));
    world.open();
    assert!(crowd.run().iter().all(Result::is_ok));
    assert_eq!((world.counts(), count.load(Ordering::SeqCst)), ((1, 2 * CALLS), 1));
}

#[test]
fn a_token_that_others_renewed_meanwhile_is_not_renewed_again() {
    let world = World::shut();
    let grant = refused(&world);
    let mut crowd = Crowd::of(&client(&world, &grant), 2);
    crowd.run();
    grant.replace(self::grant(0, 1000));
    assert_eq!(crowd.run().len(), 1, "who waits goes on with the new grant");
    assert_eq!(world.counts(), (1, 3));
}

#[test]
fn a_renewal_on_its_way_does_not_undo_another_grant() {
    let world = World::shut();
    let (grant, count) = counting(expired());
    let mut crowd = Crowd::of(&client(&world, &grant), 1);
    crowd.run();
    let other = Grant::new(AccessToken::new("access-1").unwrap(), None, None);
    grant.replace(other.clone());
    world.open();
    assert!(crowd.run()[0].is_ok());
    assert_eq!((grant.grant(), count.load(Ordering::SeqCst)), (other, 0));
}

#[test]
fn a_refusal_on_its_way_says_nothing_about_another_grant() {
    let refusal = Response::builder().status(400).body(Bytes::new()).unwrap();
    let world = World::shut().instead(Ok(refusal));
    let grant = expired();
    let client = client(&world, &grant);
    let mut crowd = Crowd::of(&client, 1);
    crowd.run();
    grant.replace(refused(&world).grant());
    world.open();
    assert!(crowd.run()[0].is_ok(), "the other grant is used, and renewed");
    assert_eq!(world.counts(), (2, 2));
}

#[test]
fn the_turn_of_a_dropped_call_goes_to_the_next() {
    let world = World::shut();
    let (grant, count) = counting(expired());
    let mut crowd = Crowd::of(&client(&world, &grant), 4);
    crowd.run();
    // One that waits, and the one that renews.
    crowd.drop_call(1);
    crowd.drop_call(0);
    assert!(crowd.run().is_empty());
    assert_eq!(world.counts(), (2, 0));
    world.open();
    assert_eq!(crowd.run().iter().filter(|called| called.is_ok()).count(), 2);
    assert_eq!((world.counts(), count.load(Ordering::SeqCst)), ((2, 2), 1));
}

#[test]
fn the_turn_of_a_dropped_call_goes_to_a_client_that_blocks() {
    let world = World::shut();
    let grant = expired();
    let mut crowd = Crowd::of(&client(&world, &grant), 1);
    crowd.run();
    thread::scope(|scope| {
        let call = scope.spawn(|| blocking_client(&world, &grant).users().list());
        world.wait_for_calls(2);
        crowd.drop_call(0);
        assert!(call.join().unwrap().is_ok());
    });
    assert_eq!(world.counts(), (2, 1));
}

#[test]
fn a_renewal_that_the_issuer_refuses_fails_all_calls_until_there_is_another_grant() {
    let body = r#"{"error":"invalid_grant","error_description":"refresh-0 s3cret"}"#;
    let refusal = Response::builder().status(400).body(Bytes::from_static(body.as_bytes())).unwrap();
    let world = World::shut().instead(Ok(refusal));
    let (grant, count) = counting(expired());
    let client = client(&world, &grant);
    let mut crowd = Crowd::of(&client, CALLS);
    crowd.run();
    world.open();
    assert_eq!(crowd.run().len(), CALLS);
    crowd.add(&client);
    for called in crowd.run() {
        let error = called.as_ref().unwrap_err();
        let text = "users.list: the access token was not renewed: the issuer refused: invalid_grant (HTTP status 400)";
        assert_eq!(error.to_string(), text);
        assert!(error.is_unauthorized() && !error.was_sent() && error.attempts().is_empty());
        shows_no_secret(error);
    }
    assert_eq!((world.counts(), count.load(Ordering::SeqCst)), ((1, 0), 0));
    grant.replace(self::grant(0, 1000));
    crowd.add(&client);
    assert!(crowd.run().last().unwrap().is_ok());
    assert_eq!(world.counts(), (1, 1));
}

#[test]
fn a_renewal_whose_answer_is_lost_is_not_sent_again_by_the_same_calls() {
    let world = World::shut().instead(Err(TransportErrorKind::ConnectionLost.into()));
    let grant = expired();
    let client = client(&world, &grant);
    let mut crowd = Crowd::of(&client, CALLS);
    crowd.run();
    world.open();
    assert_eq!(crowd.run().len(), CALLS, "those that waited fail along with it");
    for called in crowd.run() {
        let error = called.as_ref().unwrap_err();
        assert!(!error.is_unauthorized() && !error.is_outcome_unknown() && !error.was_sent(), "{error}");
        shows_no_secret(error);
    }
    assert_eq!(world.counts(), (1, 0));
    crowd.add(&client);
    assert!(crowd.run().last().unwrap().is_ok(), "the next call tries again");
    assert_eq!(world.counts(), (2, 1));
}

#[test]
fn an_issuer_that_is_out_of_reach_or_busy_is_asked_again() {
    let busy = Response::builder().status(503).header("retry-after", "2").body(Bytes::new()).unwrap();
    let world = World::default().instead(Err(TransportErrorKind::Connect.into())).instead(Ok(busy));
    let client = blocking_client(&world, &expired());
    assert!(client.users().list().is_ok());
    assert_eq!((world.counts(), world.state().waits), ((3, 1), 2));
    let world = World::default().instead(Err(TransportErrorKind::Connect.into()));
    assert!(blocking_client(&world, &expired()).once().users().list().is_err());
    assert_eq!(world.counts(), (1, 0));
}

#[test]
fn what_somebody_on_the_way_to_the_issuer_refuses_may_be_asked_again() {
    let proxy = Response::builder().status(407).body(Bytes::new()).unwrap();
    let world = World::default().instead(Ok(proxy));
    let client = blocking_client(&world, &expired());
    let error = client.users().list().unwrap_err();
    assert!(!error.is_unauthorized() && !error.was_sent(), "{error}");
    assert!(client.users().list().is_ok());
    assert_eq!(world.counts(), (2, 1));
}

#[test]
fn a_renewed_token_that_is_never_taken_is_not_renewed_again() {
    let world = World::default();
    world.state().service_refuses = true;
    let client = blocking_client(&world, &refused(&world));
    for calls in 1..4 {
        let error = client.users().list().unwrap_err();
        assert!(error.is_unauthorized() && error.was_sent(), "{error}");
        assert_eq!(world.counts(), (1, calls + 1));
    }
}

#[test]
fn a_status_that_proves_nothing_does_not_prove_a_renewed_token() {
    let failure = "<response success='false'><error code='500'>Sorry</error></response>";
    for (status, body, renewals) in [(500, "", 1), (302, "", 1), (404, "", 2), (200, "<html>", 2), (500, failure, 2)] {
        let refusal = || Response::builder().status(401).body("").unwrap();
        let between = Response::builder().status(status).header("location", "https://elsewhere.example/").body(body);
        let renewed = || Response::new(r#"{"access_token":"access-1"}"#);
        let transport = MemoryTransport::new().respond(refusal()).respond(renewed()).respond(between.unwrap());
        let transport = transport.respond(refusal()).respond(renewed()).respond(refusal());
        let grant = SharedGrant::new(app(), grant(0, i64::from(u32::MAX)));
        let client = blocking::Client::with_transport(caller_with(grant), transport.clone()).once();
        assert!(client.pages().list().is_err(), "{status} {body}");
        assert!(client.pages().list().unwrap_err().is_unauthorized(), "{status} {body}");
        let asked = transport.requests().iter().filter(|request| request.uri().path().ends_with("/token")).count();
        assert_eq!(asked, renewals, "{status} {body}");
    }
}

#[test]
fn a_token_is_renewed_a_minute_before_its_end() {
    for (ends_in, renewals) in [(61, 0), (60, 1)] {
        let world = World::default();
        let grant = SharedGrant::new(app(), grant(0, ends_in));
        assert!(blocking_client(&world, &grant).users().list().is_ok());
        assert_eq!(world.counts(), (renewals, 1), "{ends_in}");
    }
}

#[test]
fn a_token_with_a_short_life_is_used_for_half_of_it() {
    let short = || Ok(Response::new(Bytes::from_static(br#"{"access_token":"access-0","expires_in":20}"#)));
    let world = World::default().instead(short());
    let grant = expired();
    let client = blocking_client(&world, &grant);
    for _ in 0..3 {
        assert!(client.users().list().is_ok());
    }
    assert_eq!(world.counts(), (1, 3));
}

#[test]
fn a_renewed_token_that_ends_in_the_past_is_used_until_it_is_refused() {
    let past = br#"{"access_token":"access-0","expires_at":"2009-03-15T11:00:00Z"}"#;
    let world = World::shut().instead(Ok(Response::new(Bytes::from_static(past))));
    let (grant, count) = counting(expired());
    let client = client(&world, &grant);
    let mut crowd = Crowd::of(&client, CALLS);
    crowd.run();
    world.open();
    assert_eq!(crowd.run().iter().filter(|called| called.is_ok()).count(), CALLS);
    assert_eq!((world.counts(), count.load(Ordering::SeqCst)), ((1, CALLS), 1));
    // The service knows another one by now.
    world.state().grants += 1;
    grant.replace(Grant::new(AccessToken::new("access-0").unwrap(), Some("refresh-1".into()), None));
    crowd.add(&client);
    assert!(crowd.run().last().unwrap().is_ok());
    assert_eq!(world.counts(), (2, CALLS + 2));
}

#[test]
fn a_grant_without_a_refresh_token_is_used_until_it_is_refused() {
    let world = World::default();
    let bare = Grant::new(AccessToken::new("access-0").unwrap(), None, grant(0, -1).expires_at());
    let client = blocking_client(&world, &SharedGrant::new(app(), bare));
    assert!(client.users().list().is_ok());
    world.state().service_refuses = true;
    let error = client.users().list().unwrap_err();
    assert_eq!(error.to_string(), "users.list: the access token was not renewed: there is no refresh token");
    assert!(error.is_unauthorized() && error.was_sent());
    assert_eq!(world.counts(), (0, 2));
}

#[test]
fn who_has_no_time_to_wait_for_a_renewal_gives_up() {
    let world = World::shut();
    let grant = expired();
    let client = client(&world, &grant);
    let mut crowd = Crowd::of(&client, 1);
    crowd.run();
    world.state().impatient = true;
    crowd.add(&client);
    let error = crowd.run().last().unwrap().as_ref().unwrap_err();
    assert!(!error.was_sent() && !error.is_unauthorized());
    assert_eq!(error.to_string(), "users.list: timed out waiting for the response");
    world.open();
    assert!(crowd.run().last().unwrap().is_ok());
}

#[test]
fn a_refusal_is_not_forgotten_when_there_is_no_time_to_wait_for_a_renewal() {
    let world = World::shut();
    let client = client(&world, &refused(&world));
    let mut crowd = Crowd::of(&client, 1);
    crowd.run();
    world.state().impatient = true;
    crowd.add(&client);
    let error = crowd.run().last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.to_string(), "users.list: HTTP status 401: Unauthorized");
    assert!(error.was_sent() && error.is_unauthorized() && error.attempts().len() == 1);
}

#[test]
fn in_memory_too_a_call_waits_for_another_to_renew() {
    let slot: Arc<Mutex<Option<Client>>> = Arc::default();
    let meanwhile: Arc<Mutex<Crowd>> = Arc::default();
    let (inside, crowd) = (Arc::clone(&slot), Arc::clone(&meanwhile));
    let transport = MemoryTransport::from_fn(move |request| {
        if request.method() == "GET" {
            return Response::new(Bytes::from_static(b"<users/>"));
        }
        let mut crowd = crowd.lock().unwrap();
        crowd.add(inside.lock().unwrap().as_ref().unwrap());
        assert!(crowd.run().is_empty(), "it waits");
        Response::new(Bytes::from_static(br#"{"access_token":"access-1"}"#))
    });
    let client = Client::with_transport(caller_with(expired()), transport.clone());
    *slot.lock().unwrap() = Some(client.clone());
    assert!(Crowd::of(&client, 1).run()[0].is_ok());
    assert!(meanwhile.lock().unwrap().run()[0].is_ok());
    assert_eq!((transport.requests().len(), transport.waits()), (3, Vec::new()));
}

#[test]
fn the_hook_may_call_the_service() {
    let world = World::default();
    let slot: Arc<Mutex<Option<blocking::Client>>> = Arc::default();
    let (inside, ok) = (Arc::clone(&slot), Arc::new(AtomicBool::new(false)));
    let called = Arc::clone(&ok);
    let grant = expired();
    grant.on_refreshed(move |_| {
        let client = inside.lock().unwrap().clone().unwrap();
        called.store(client.users().list().is_ok(), Ordering::SeqCst);
    });
    let client = blocking_client(&world, &grant);
    *slot.lock().unwrap() = Some(client.clone());
    assert!(client.users().list().is_ok() && ok.load(Ordering::SeqCst));
    assert_eq!(world.counts(), (1, 2));
}

#[test]
fn the_hook_may_call_the_service_though_it_outlasts_the_token() {
    let transport = MemoryTransport::new()
        .respond(Response::new(r#"{"access_token":"access-1","expires_in":60}"#))
        .respond(Response::new("<users/>"))
        .respond(Response::new("<users/>"));
    let slot: Arc<Mutex<Option<Client>>> = Arc::default();
    let (inside, clock, ok) = (Arc::clone(&slot), transport.clone(), Arc::new(AtomicBool::new(false)));
    let called = Arc::clone(&ok);
    let grant = expired();
    grant.on_refreshed(move |_| {
        BlockingTransport::wait(&clock, Duration::from_secs(60));
        let mut crowd = Crowd::of(inside.lock().unwrap().as_ref().unwrap(), 1);
        called.store(crowd.run().iter().all(Result::is_ok) && crowd.called.len() == 1, Ordering::SeqCst);
    });
    let client = Client::with_transport(caller_with(grant), transport.clone()).with(|options| options.pacing = false);
    *slot.lock().unwrap() = Some(client.clone());
    let mut crowd = Crowd::of(&client, 1);
    assert!(crowd.run()[0].is_ok(), "{:?}", crowd.called);
    assert!(ok.load(Ordering::SeqCst));
    let sent: Vec<_> = transport.requests().iter().map(|request| request.uri().path().to_owned()).collect();
    assert_eq!(sent, ["/authorization/token", "/users.xml", "/users.xml"]);
}

#[test]
fn what_was_refused_with_an_expired_token_is_sent_again_whatever_it_is() {
    let transport = MemoryTransport::new()
        .respond(
            Response::builder().status(302).header("location", "https://acme.backpackit.com/login").body("").unwrap(),
        )
        .respond(Response::new(r#"{"access_token":"access-1"}"#))
        .respond(Response::new("<response success='true'><page title='Coast' id='1'/></response>"));
    let caller = Caller::new_plain(BASE, SharedGrant::new(app(), grant(0, i64::from(u32::MAX))), AGENT).unwrap();
    let reply = blocking::Client::with_transport(caller, transport.clone());
    assert_eq!(reply.pages().create("Coast").unwrap().title, "Coast");
    let sent: Vec<_> =
        transport.requests().iter().map(|request| request.headers().get("authorization").cloned()).collect();
    assert_eq!(sent, [Some("Bearer access-0".parse().unwrap()), None, Some("Bearer access-1".parse().unwrap())]);
}

#[test]
fn a_token_that_was_renewed_meanwhile_is_taken_out_of_errors_too() {
    let grant = SharedGrant::new(app(), grant(0, i64::from(u32::MAX)));
    let renewed = grant.clone();
    let transport = MemoryTransport::from_fn(move |request| {
        renewed.replace(self::grant(1, 1000));
        let said = request.headers()["authorization"].to_str().unwrap().replace("Bearer", "422 Not for");
        Response::builder().status(422).header("status", said).body(Bytes::new()).unwrap()
    });
    let client = blocking::Client::with_transport(caller_with(grant), transport);
    let error = client.users().list().unwrap_err();
    assert_eq!(error.to_string(), "users.list: HTTP status 422: Not for …");
    shows_no_secret(&error);
}

/// An issuer and a service on this machine, and the heads of the requests that come.
fn loopback() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (heads, seen) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            let issuer = head.contains(" /token?");
            let body = if issuer { r#"{"access_token":"access-1","refresh_token":"b"}"# } else { "<users/>" };
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            let _ = heads.send(head.to_ascii_lowercase());
        }
    });
    (base, seen)
}

#[test]
fn trading_and_renewing_over_http() {
    let (base, seen) = loopback();
    let [authorize, token] = ["new", "token"].map(|path| &*format!("{base}/{path}").leak());
    let issuer = Some(Issuer { authorize, token, accounts: None });
    let service = Service { issuer, ..SERVICE };
    let app = App::new(&service, "id", "s3cret", "https://trips.example.org/back", AGENT).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
    let traded = runtime.block_on(app.exchange_code(&"c0de".into(), &transport)).unwrap();
    assert_eq!(traded.access_token().expose(), "access-1");
    let traded_with = seen.recv().unwrap();
    assert!(traded_with.starts_with("post /token?type=web_server&client_id=id&"), "{traded_with}");

    let expired = || SharedGrant::new(app.clone(), grant(0, -1));
    let blocking = blocking::Client::at(&base, expired(), AGENT).unwrap();
    assert!(blocking.users().list().is_ok());
    let waiting = Client::at(&base, expired(), AGENT).unwrap();
    assert!(runtime.block_on(waiting.users().list()).is_ok());
    for _ in ["blocking", "async"] {
        let (renewal, call) = (seen.recv().unwrap(), seen.recv().unwrap());
        assert!(renewal.starts_with("post /token?type=refresh&refresh_token=refresh-0&client_id=id&"), "{renewal}");
        assert!(renewal.contains("content-length: 0\r\n") && !renewal.contains("authorization:"), "{renewal}");
        assert!(call.contains("authorization: bearer access-1\r\n"), "{call}");
        for head in [renewal, call] {
            assert!(head.contains(&format!("user-agent: {}\r\n", AGENT.to_ascii_lowercase())), "{head}");
        }
    }
}

/// Neither the error nor anything that it stems from.
fn shows_no_secret(error: &Error) {
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
