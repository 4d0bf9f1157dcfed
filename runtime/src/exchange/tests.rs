//! Tests of the state machine with an invented service and a virtual clock, along the table in `decision`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use jiff::Timestamp;

use super::jitter::Jitter;
use super::rate_limiter::RateLimiter;
use super::{Action, Event, Exchange, Options, Shared};
use crate::attempt::{Attempt, AttemptOutcome};
use crate::config::ClientConfig;
use crate::credentials::Credentials;
use crate::decode_error::DecodeError;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::response::ResponseReader;
use crate::secret::Token;
use crate::service::{Operation, RateLimit, RetryClass, Service, Style, TokenHeader};
use crate::transport::{TransportError, TransportErrorKind};
use crate::xml::Writer;

const LIMIT: RateLimit = RateLimit { name: "all", requests: 100, seconds: 5 };

static SERVICE: Service = Service {
    name: "things",
    base_url_template: std::borrow::Cow::Borrowed("https://{account}.example.com"),
    requires_user_agent_contact: false,
    issuer: None,
    styles: &[&STYLE],
    operations: &[],
};

static STYLE: Style = Style {
    name: "plain",
    prefix: &[],
    header: Some(TokenHeader { name: "x-token", before: "", after: "" }),
    query: None,
    request: None,
    response: None,
    bearer: None,
    failure: None,
    sign_in_path: Some("/login"),
};

macro_rules! endpoint {
    ($name:ident, $retry:ident, $method:ident) => {
        #[derive(Debug, Clone, PartialEq)]
        struct $name;

        impl Endpoint for $name {
            type Response = ();
            const OPERATION: &'static Operation = &Operation {
                name: stringify!($name),
                method: Method::$method,
                path: "/things",
                style: &STYLE,
                rate_limit: Some(LIMIT),
                retry: RetryClass::$retry,
                has_payload: false,
                status: 200,
                has_envelope: false,
                errors: &[],
                is_legacy: false,
            };

            fn write_path(&self, out: &mut Writer) {
                out.write_raw("/things");
            }

            fn read_response(response: &ResponseReader<'_>) -> Result<(), DecodeError> {
                response.read_empty()
            }
        }
    };
}

endpoint!(Show, ReadOnly, GET);
endpoint!(Change, Idempotent, PUT);
endpoint!(Remove, Delete, DELETE);
endpoint!(Add, NotIdempotent, POST);

/// One reaction of the scripted service to a request.
enum Reaction {
    Respond(u16, &'static [(&'static str, &'static str)]),
    LoseConnection,
    RefuseConnection,
}

use Reaction::{LoseConnection, RefuseConnection, Respond};

/// Record of a call: requested URLs, waits, and the attempts of a success or the error.
struct Played {
    urls: Vec<String>,
    waits: Vec<Duration>,
    result: Result<Vec<Attempt>, Error>,
}

fn credentials() -> Credentials {
    Credentials::Token(Token::new("abc").unwrap())
}

/// Creates the shared state of a client.
fn new_shared() -> Shared {
    Shared::new(ClientConfig::new(&SERVICE, "https://acme.example.com", credentials(), "Test").unwrap())
}

/// Creates the shared state of a client that allows http; its base URL has this scheme.
fn new_insecure_shared(scheme: &str) -> Shared {
    let base_url = format!("{scheme}://acme.example.com");
    Shared::new(ClientConfig::new_insecure(&SERVICE, &base_url, credentials(), "Test").unwrap())
}

/// Runs a call of a new client: see [`play_with`].
fn play<E: Endpoint>(endpoint: &E, options: &Options, script: impl IntoIterator<Item = Reaction>) -> Played {
    play_with(&new_shared(), endpoint, options, script)
}

/// Runs a call with a virtual clock. The service reacts to each request with the next reaction of the script, and the
/// test fails if there is none.
fn play_with<E: Endpoint>(
    shared: &Shared,
    endpoint: &E,
    options: &Options,
    script: impl IntoIterator<Item = Reaction>,
) -> Played {
    let mut script: VecDeque<Reaction> = script.into_iter().collect();
    let mut exchange = Exchange::new(shared, options, endpoint, 7);
    let (mut urls, mut waits) = (Vec::new(), Vec::new());
    let mut now = Instant::now();
    let mut event = Event::Begin(Timestamp::UNIX_EPOCH);
    loop {
        event = match exchange.next(event, now) {
            Action::Wait(time) => {
                waits.push(time);
                now += time;
                Event::Waited
            }
            Action::Send(request, _) => {
                urls.push(request.uri().to_string());
                Event::Sent(react(script.pop_front().expect("no further request")))
            }
            Action::WaitForRefresh(..) => unreachable!("the token does not expire"),
            Action::Done(result) => return Played { urls, waits, result: result.map(|full| full.attempts) },
        };
    }
}

/// Returns what the transport returns after a reaction of the service.
fn react(reaction: Reaction) -> Result<Response<Bytes>, TransportError> {
    match reaction {
        Respond(status, headers) => {
            let response = headers
                .iter()
                .fold(Response::builder().status(status), |response, (name, value)| response.header(*name, *value));
            Ok(response.body(Bytes::new()).unwrap())
        }
        LoseConnection => Err(TransportErrorKind::ConnectionLost.into()),
        RefuseConnection => Err(TransportErrorKind::Connect.into()),
    }
}

/// Default options without the rate limiter, whose waits would be mixed with those for retries.
fn no_rate_limit() -> Options {
    Options { respect_rate_limits: false, ..Options::default() }
}

#[test]
fn retries_after_a_lost_connection_unless_not_idempotent() {
    for requests in [
        play(&Show, &no_rate_limit(), [LoseConnection, LoseConnection, Respond(200, &[])]).urls.len(),
        play(&Change, &no_rate_limit(), [LoseConnection, LoseConnection, Respond(200, &[])]).urls.len(),
        play(&Remove, &no_rate_limit(), [LoseConnection, LoseConnection, Respond(200, &[])]).urls.len(),
    ] {
        assert_eq!(requests, 3);
    }
    let error = play(&Add, &no_rate_limit(), [LoseConnection]).result.unwrap_err();
    assert!(error.is_outcome_unknown() && error.was_sent());
    assert_eq!(
        error.to_string(),
        "Add: the connection was lost before the end of the response; the request may or may not have been applied"
    );
}

#[test]
fn retries_every_operation_after_a_refused_connection() {
    assert_eq!(play(&Add, &no_rate_limit(), [RefuseConnection, RefuseConnection, Respond(200, &[])]).urls.len(), 3);
    let error = play(&Add, &no_rate_limit(), [RefuseConnection, RefuseConnection, RefuseConnection, RefuseConnection])
        .result
        .unwrap_err();
    assert!(!error.was_sent() && !error.is_outcome_unknown());
    assert_eq!(error.attempts().len(), 4);
}

#[test]
fn retries_after_408_and_gateway_errors_unless_not_idempotent() {
    for status in [408, 502, 503, 504] {
        assert_eq!(play(&Show, &no_rate_limit(), [Respond(status, &[]), Respond(200, &[])]).urls.len(), 2, "{status}");
        assert_eq!(
            play(&Change, &no_rate_limit(), [Respond(status, &[]), Respond(200, &[])]).urls.len(),
            2,
            "{status}"
        );
        assert!(
            play(&Add, &no_rate_limit(), [Respond(status, &[])]).result.unwrap_err().is_outcome_unknown(),
            "{status}"
        );
    }
}

#[test]
fn retries_after_the_time_in_retry_after() {
    for status in [429, 503] {
        let played = play(&Add, &no_rate_limit(), [Respond(status, &[("retry-after", "3")]), Respond(200, &[])]);
        assert_eq!(played.waits, [Duration::from_secs(3)]);
        assert_eq!(played.result.unwrap().len(), 2);
    }
}

#[test]
fn compares_a_retry_after_date_with_the_date_header() {
    let headers = &[("date", "Tue, 14 Apr 2009 08:00:00 GMT"), ("retry-after", "Tue, 14 Apr 2009 08:00:09 GMT")];
    let played = play(&Add, &no_rate_limit(), [Respond(503, headers), Respond(200, &[])]);
    assert_eq!(played.waits, [Duration::from_secs(9)]);
}

/// A service that is overloaded may ask for no wait at all, or send a date that has passed.
#[test]
fn a_retry_after_below_the_backoff_waits_for_the_backoff() {
    let play_waits = |headers: &'static [(&str, &str)]| {
        let busy = || Respond(503, headers);
        let played = play(&Show, &no_rate_limit(), [busy(), busy(), busy(), Respond(200, &[])]);
        assert!(played.result.is_ok());
        played.waits
    };
    let backoff = play_waits(&[]);
    assert!(backoff.len() == 3 && backoff.iter().all(|wait| !wait.is_zero()), "{backoff:?}");
    let past = &[("date", "Tue, 14 Apr 2009 08:00:09 GMT"), ("retry-after", "Tue, 14 Apr 2009 08:00:00 GMT")];
    assert_eq!(play_waits(past), backoff);
    assert_eq!(play_waits(&[("retry-after", "0")]), backoff);
    let second = Duration::from_secs(1);
    assert_eq!(play_waits(&[("retry-after", "1")]), backoff.iter().map(|wait| second.max(*wait)).collect::<Vec<_>>());
}

#[test]
fn fails_if_retry_after_exceeds_the_longest_wait() {
    let played = play(&Show, &no_rate_limit(), [Respond(503, &[("retry-after", "31")])]);
    let error = played.result.unwrap_err();
    assert!(error.is_rate_limited() && played.waits.is_empty());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
}

#[test]
fn retries_reads_once_after_500() {
    assert_eq!(play(&Show, &no_rate_limit(), [Respond(500, &[]), Respond(500, &[])]).urls.len(), 2);
    assert_eq!(play(&Change, &no_rate_limit(), [Respond(500, &[])]).urls.len(), 1);
    assert_eq!(play(&Add, &no_rate_limit(), [Respond(500, &[])]).urls.len(), 1);
}

#[test]
fn a_404_on_a_retried_deletion_counts_as_success() {
    let attempts = play(&Remove, &no_rate_limit(), [LoseConnection, Respond(404, &[])]).result.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(
        outcomes,
        [AttemptOutcome::NoResponse(TransportErrorKind::ConnectionLost), AttemptOutcome::Status(StatusCode::NOT_FOUND)]
    );
    assert!(play(&Remove, &no_rate_limit(), [Respond(404, &[])]).result.unwrap_err().is_not_found());
    assert!(play(&Remove, &no_rate_limit(), [RefuseConnection, Respond(404, &[])]).result.unwrap_err().is_not_found());
    assert!(play(&Change, &no_rate_limit(), [LoseConnection, Respond(404, &[])]).result.unwrap_err().is_not_found());
}

#[test]
fn follows_a_redirect_to_the_other_scheme_once_and_remembers_it() {
    let shared = new_insecure_shared("http");
    let redirect = || Respond(302, &[("location", "https://acme.example.com/things")]);
    let played = play_with(&shared, &Add, &no_rate_limit(), [redirect(), Respond(200, &[])]);
    assert_eq!(played.urls, ["http://acme.example.com/things", "https://acme.example.com/things"]);
    let played = play_with(&shared, &Add, &no_rate_limit(), [Respond(200, &[])]);
    assert_eq!(played.urls, ["https://acme.example.com/things"]);
}

#[test]
fn follows_no_other_redirect() {
    for location in [
        "https://acme.example.com/things",
        "https://evil.example.com/things",
        "http://evil.example.com/things",
        "http://acme.example.com/other",
        "http://acme.example.com/things?a=b",
        "http://acme.example.com:8080/things",
        "http://abc@acme.example.com/things",
        "/things",
        "/login",
        "ftp://acme.example.com/things",
        "not a URL",
    ] {
        let headers: &'static [(&'static str, &'static str)] = Box::leak(Box::new([("location", location)]));
        let played = play_with(&new_insecure_shared("https"), &Add, &no_rate_limit(), [Respond(302, headers)]);
        assert_eq!(played.result.unwrap_err().is_unauthorized(), location == "/login", "{location}");
    }
    let to_http = || [Respond(302, &[("location", "http://acme.example.com/things")]), Respond(200, &[])];
    assert_eq!(play(&Show, &no_rate_limit(), to_http()).urls.len(), 1, "http must be allowed");
    assert_eq!(play_with(&new_insecure_shared("https"), &Show, &no_rate_limit(), to_http()).urls.len(), 2);
}

#[test]
fn follows_a_redirect_to_a_configured_port() {
    let redirect = || Respond(302, &[("location", "http://acme.example.com:8080/things")]);
    let options = Options { redirect_port: Some(8080), ..no_rate_limit() };
    let played = play_with(&new_insecure_shared("https"), &Show, &options, [redirect(), Respond(200, &[])]);
    assert_eq!(played.urls[1], "http://acme.example.com:8080/things");
}

#[test]
fn the_deadline_covers_all_attempts_and_waits() {
    let options = Options { deadline: Duration::from_secs(5), ..no_rate_limit() };
    let played = play(&Show, &options, [Respond(503, &[("retry-after", "3")]), Respond(503, &[("retry-after", "3")])]);
    assert_eq!((played.urls.len(), played.waits.len()), (2, 1));
}

#[test]
fn jitter_covers_the_whole_backoff() {
    let options = no_rate_limit();
    let mut jitter = Jitter::new(1);
    for attempts in 1..5 {
        let max = options.max_backoff(attempts);
        let waits: Vec<_> = (0..1000).map(|_| jitter.up_to(max)).collect();
        assert!(waits.iter().all(|wait| *wait < max));
        assert!(waits.iter().any(|wait| *wait < max / 10) && waits.iter().any(|wait| *wait > max / 10 * 9));
    }
}

#[test]
fn an_outage_costs_at_most_fifty_retries() {
    let shared = new_shared();
    let mut requests = 0;
    for _ in 0..10_000 {
        requests += play_with(
            &shared,
            &Show,
            &no_rate_limit(),
            [RefuseConnection, RefuseConnection, RefuseConnection, RefuseConnection],
        )
        .urls
        .len();
    }
    assert_eq!(requests - 10_000, 50);
}

#[test]
fn successful_calls_refill_the_retry_budget() {
    let shared = new_shared();
    for _ in 0..10_000 {
        play_with(
            &shared,
            &Show,
            &no_rate_limit(),
            [RefuseConnection, RefuseConnection, RefuseConnection, RefuseConnection],
        );
    }
    for _ in 0..10 {
        play_with(&shared, &Show, &no_rate_limit(), [Respond(200, &[])]);
    }
    assert_eq!(play_with(&shared, &Show, &no_rate_limit(), [RefuseConnection, RefuseConnection]).urls.len(), 2);
    assert_eq!(play_with(&shared, &Show, &no_rate_limit(), [RefuseConnection]).urls.len(), 1);
}

/// Reserves a slot for each of 10,000 calls that arrive in bursts. Returns the slots, and the time until the last one.
fn send_bursts(limit: RateLimit, seed: u64) -> (Vec<Instant>, Duration) {
    let start = Instant::now();
    let (mut limiter, mut jitter) = (RateLimiter::default(), Jitter::new(seed));
    let mut now = start;
    let sent = (0..10_000).map(|_| {
        if jitter.next().is_multiple_of(50) {
            now += jitter.up_to(Duration::from_millis(400));
        }
        now + limiter.reserve(limit, Options::default().rate_limit_margin, now, None).unwrap()
    });
    let sent: Vec<_> = sent.collect();
    let duration = *sent.last().unwrap() - start;
    (sent, duration)
}

#[test]
fn no_window_exceeds_the_rate_limit_and_at_least_nine_tenths_are_used() {
    for limit in [LIMIT, RateLimit { name: "calendar", requests: 10, seconds: 5 }] {
        let window = Duration::from_secs(limit.seconds.into());
        for seed in 0..100 {
            let (sent, duration) = send_bursts(limit, seed);
            assert!(sent.is_sorted());
            let allowed = limit.requests as usize;
            assert!(sent.windows(allowed + 1).all(|run| run[allowed] - run[0] > window), "seed {seed}");
            let expected = window.mul_f64(sent.len() as f64 / f64::from(limit.requests));
            assert!(expected >= duration.mul_f64(0.9), "seed {seed}: {duration:?} instead of {expected:?}");
        }
    }
}

/// Starts three times as many calls at once as one window allows. Returns the times at which the calls beyond the first
/// window are sent. No call wakes before `stall` has passed, and every call wakes `late` after its wait.
fn send_in_parallel(margin: Duration, stall: Duration, late: Duration) -> Vec<Instant> {
    let shared = new_shared();
    let options = Options { rate_limit_margin: margin, ..Options::default() };
    let begin = Instant::now();
    let count = 3 * LIMIT.requests as usize;
    let mut calls: Vec<_> = (0..count).map(|_| Exchange::new(&shared, &options, &Show, 7)).collect();
    let (mut waiting, mut sent) = (Vec::new(), Vec::new());
    let mut events: VecDeque<_> = (0..count).map(|call| (begin, call, Event::Begin(Timestamp::UNIX_EPOCH))).collect();
    let mut now = begin;
    while let Some((event_time, call, event)) = events.pop_front() {
        now = now.max(event_time);
        match calls[call].next(event, now) {
            Action::Send(..) => sent.push(now),
            Action::Wait(time) => waiting.push((now + time + late, call)),
            _ => panic!("a call failed after {:?}", now - begin),
        }
        if events.is_empty() && !waiting.is_empty() {
            waiting.sort();
            let (wake_time, call) = waiting.remove(0);
            events.push_back((wake_time.max(begin + stall), call, Event::Waited));
        }
    }
    assert_eq!(sent.len(), count);
    sent.split_off(LIMIT.requests as usize)
}

/// Simulates a program that is suspended, or whose only thread is busy.
#[test]
fn late_calls_reserve_another_slot() {
    let sent = send_in_parallel(Options::default().rate_limit_margin, Duration::from_secs(60), Duration::ZERO);
    let window = Duration::from_secs(LIMIT.seconds.into());
    let allowed = LIMIT.requests as usize;
    assert!(sent.windows(allowed + 1).all(|run| run[allowed] - run[0] > window));
}

#[test]
fn calls_that_are_always_late_are_still_sent() {
    for (margin, late) in [(0, 1), (0, 90), (0, 300), (250, 10), (250, 251), (250, 2000)] {
        send_in_parallel(Duration::from_millis(margin), Duration::ZERO, Duration::from_millis(late));
    }
}

#[test]
fn reserves_no_slot_after_the_deadline() {
    let now = Instant::now();
    let limit = RateLimit { name: "one", requests: 1, seconds: 5 };
    let mut limiter = RateLimiter::default();
    assert_eq!(limiter.reserve(limit, Duration::ZERO, now, None), Some(Duration::ZERO));
    assert_eq!(limiter.reserve(limit, Duration::ZERO, now, Some(now + Duration::from_secs(4))), None);
    assert_eq!(limiter.reserve(limit, Duration::ZERO, now, None), Some(Duration::from_secs(5)));
}
