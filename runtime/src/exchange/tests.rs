//! An invented service, a clock that we turn, and every row of the table in [`super::verdict`].

use std::collections::VecDeque;

use http::Method;

use super::*;
use crate::answer::Answer;
use crate::caller::Credentials;
use crate::decode::DecodeError;
use crate::secret::Token;
use crate::service::{Limit, Operation, Retry, Style};
use crate::xml::Writer;

const LIMIT: Limit = Limit { name: "all", requests: 100, seconds: 5 };

static STYLE: Style = Style {
    name: "plain",
    prefix: &[],
    header: Some(crate::service::Header { name: "x-token", before: "", after: "" }),
    query: None,
    request: None,
    response: None,
    bearer: None,
    failure: None,
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
                limit: Some(LIMIT),
                retry: Retry::$retry,
                payload: false,
                status: 200,
                envelope: false,
                fails: &[],
                legacy: false,
            };

            fn write_path(&self, out: &mut Writer) {
                out.raw("/things");
            }

            fn read_response(answer: &Answer<'_>) -> Result<(), DecodeError> {
                answer.nothing()
            }
        }
    };
}

endpoint!(Show, Read, GET);
endpoint!(Change, Idempotent, PUT);
endpoint!(Remove, Delete, DELETE);
endpoint!(Add, Unsafe, POST);

/// What a scripted service does with a request.
enum Act {
    Answer(u16, &'static [(&'static str, &'static str)]),
    Broken,
    Refused,
}

use Act::{Answer as Says, Broken, Refused};

/// What came of a call: the addresses asked, the waits, the result.
struct Played {
    asked: Vec<String>,
    waits: Vec<Duration>,
    result: Result<Vec<Attempt>, Error>,
}

const AGENT: &str = "Test (test@example.com)";

fn token() -> Credentials {
    Credentials::Token(Token::new("abc").unwrap())
}

fn shared() -> Shared {
    Shared::new(Caller::new("https://acme.example.com", token(), AGENT).unwrap())
}

/// What the calls of somebody share who may call by http.
fn plain(scheme: &str) -> Shared {
    Shared::new(Caller::new_plain(&format!("{scheme}://acme.example.com"), token(), AGENT).unwrap())
}

fn play<E: Endpoint>(endpoint: &E, options: &Options, script: impl IntoIterator<Item = Act>) -> Played {
    play_with(&shared(), endpoint, options, script)
}

fn play_with<E: Endpoint>(
    shared: &Shared,
    endpoint: &E,
    options: &Options,
    script: impl IntoIterator<Item = Act>,
) -> Played {
    let mut script: VecDeque<Act> = script.into_iter().collect();
    let mut exchange = Exchange::new(shared, options, endpoint, 7);
    let (mut asked, mut waits) = (Vec::new(), Vec::new());
    let mut now = Instant::now();
    let mut event = Event::Begin(Timestamp::UNIX_EPOCH);
    loop {
        event = match exchange.next(event, now) {
            Step::Wait(time) => {
                waits.push(time);
                now += time;
                Event::Waited
            }
            Step::Send(request, _) => {
                asked.push(request.uri().to_string());
                Event::Sent(act(script.pop_front().expect("the service should not be asked again")))
            }
            Step::Join(..) => unreachable!("the token is not one that is renewed"),
            Step::Done(result) => return Played { asked, waits, result: result.map(|reply| reply.attempts) },
        };
    }
}

fn act(act: Act) -> Result<Response<Bytes>, TransportError> {
    match act {
        Says(status, headers) => {
            let response = headers
                .iter()
                .fold(Response::builder().status(status), |response, (name, value)| response.header(*name, *value));
            Ok(response.body(Bytes::new()).unwrap())
        }
        Broken => Err(TransportErrorKind::ConnectionLost.into()),
        Refused => Err(TransportErrorKind::Connect.into()),
    }
}

fn no_pacing() -> Options {
    Options { pacing: false, ..Options::default() }
}

#[test]
fn a_broken_connection_is_tried_again_only_where_twice_is_harmless() {
    for asked in [
        play(&Show, &no_pacing(), [Broken, Broken, Says(200, &[])]).asked.len(),
        play(&Change, &no_pacing(), [Broken, Broken, Says(200, &[])]).asked.len(),
        play(&Remove, &no_pacing(), [Broken, Broken, Says(200, &[])]).asked.len(),
    ] {
        assert_eq!(asked, 3);
    }
    let error = play(&Add, &no_pacing(), [Broken]).result.unwrap_err();
    assert!(error.is_outcome_unknown() && error.was_sent());
    assert_eq!(error.to_string(), "Add: the connection was lost; it is unknown whether it was done");
}

#[test]
fn a_refused_connection_is_tried_again_for_every_operation() {
    assert_eq!(play(&Add, &no_pacing(), [Refused, Refused, Says(200, &[])]).asked.len(), 3);
    let error = play(&Add, &no_pacing(), [Refused, Refused, Refused, Refused]).result.unwrap_err();
    assert!(!error.was_sent() && !error.is_outcome_unknown());
    assert_eq!(error.attempts().len(), 4);
}

#[test]
fn a_gateway_that_fails_leaves_the_outcome_of_an_unsafe_operation_unknown() {
    for status in [408, 502, 503, 504] {
        assert_eq!(play(&Show, &no_pacing(), [Says(status, &[]), Says(200, &[])]).asked.len(), 2, "{status}");
        assert_eq!(play(&Change, &no_pacing(), [Says(status, &[]), Says(200, &[])]).asked.len(), 2, "{status}");
        assert!(play(&Add, &no_pacing(), [Says(status, &[])]).result.unwrap_err().is_outcome_unknown(), "{status}");
    }
}

#[test]
fn what_was_refused_before_it_ran_comes_again_when_the_service_says() {
    for status in [429, 503] {
        let played = play(&Add, &no_pacing(), [Says(status, &[("retry-after", "3")]), Says(200, &[])]);
        assert_eq!(played.waits, [Duration::from_secs(3)]);
        assert_eq!(played.result.unwrap().len(), 2);
    }
}

#[test]
fn a_date_is_measured_against_the_answers_own() {
    let headers = &[("date", "Tue, 14 Apr 2009 08:00:00 GMT"), ("retry-after", "Tue, 14 Apr 2009 08:00:09 GMT")];
    let played = play(&Add, &no_pacing(), [Says(503, headers), Says(200, &[])]);
    assert_eq!(played.waits, [Duration::from_secs(9)]);
}

#[test]
fn a_wait_that_is_too_long_ends_the_call_with_the_answer() {
    let played = play(&Show, &no_pacing(), [Says(503, &[("retry-after", "31")])]);
    let error = played.result.unwrap_err();
    assert!(error.is_rate_limited() && played.waits.is_empty());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
}

#[test]
fn an_internal_error_is_tried_once_more_for_reads() {
    assert_eq!(play(&Show, &no_pacing(), [Says(500, &[]), Says(500, &[])]).asked.len(), 2);
    assert_eq!(play(&Change, &no_pacing(), [Says(500, &[])]).asked.len(), 1);
    assert_eq!(play(&Add, &no_pacing(), [Says(500, &[])]).asked.len(), 1);
}

#[test]
fn a_deletion_that_may_have_run_is_done_when_nothing_is_left() {
    let attempts = play(&Remove, &no_pacing(), [Broken, Says(404, &[])]).result.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Broken(TransportErrorKind::ConnectionLost), Outcome::Status(StatusCode::NOT_FOUND)]);
    assert!(play(&Remove, &no_pacing(), [Says(404, &[])]).result.unwrap_err().is_not_found());
    assert!(play(&Remove, &no_pacing(), [Refused, Says(404, &[])]).result.unwrap_err().is_not_found());
    assert!(play(&Change, &no_pacing(), [Broken, Says(404, &[])]).result.unwrap_err().is_not_found());
}

#[test]
fn the_other_scheme_is_followed_once_and_remembered() {
    let shared = plain("http");
    let moved = || Says(302, &[("location", "https://acme.example.com/things")]);
    let played = play_with(&shared, &Add, &no_pacing(), [moved(), Says(200, &[])]);
    assert_eq!(played.asked, ["http://acme.example.com/things", "https://acme.example.com/things"]);
    let played = play_with(&shared, &Add, &no_pacing(), [Says(200, &[])]);
    assert_eq!(played.asked, ["https://acme.example.com/things"]);
}

#[test]
fn no_other_redirect_is_followed() {
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
        "not an address at all",
    ] {
        let headers: &'static [(&'static str, &'static str)] = Box::leak(Box::new([("location", location)]));
        let played = play_with(&plain("https"), &Add, &no_pacing(), [Says(302, headers)]);
        assert_eq!(played.result.unwrap_err().is_unauthorized(), location == "/login", "{location}");
    }
    let to_http = || [Says(302, &[("location", "http://acme.example.com/things")]), Says(200, &[])];
    assert_eq!(play(&Show, &no_pacing(), to_http()).asked.len(), 1, "https to http is not followed unless allowed");
    assert_eq!(play_with(&plain("https"), &Show, &no_pacing(), to_http()).asked.len(), 2);
}

#[test]
fn a_redirect_may_lead_to_a_configured_port() {
    let there = || Says(302, &[("location", "http://acme.example.com:8080/things")]);
    let options = Options { other_port: Some(8080), ..no_pacing() };
    let played = play_with(&plain("https"), &Show, &options, [there(), Says(200, &[])]);
    assert_eq!(played.asked[1], "http://acme.example.com:8080/things");
}

#[test]
fn the_deadline_is_over_everything() {
    let options = Options { deadline: Duration::from_secs(5), ..no_pacing() };
    let played = play(&Show, &options, [Says(503, &[("retry-after", "3")]), Says(503, &[("retry-after", "3")])]);
    assert_eq!((played.asked.len(), played.waits.len()), (2, 1));
}

#[test]
fn waits_are_drawn_from_all_of_the_time_up_to_the_backoff() {
    let options = no_pacing();
    let mut chance = Chance(1);
    for attempts in 1..5 {
        let most = options.backoff_after(attempts);
        let waits: Vec<_> = (0..1000).map(|_| chance.up_to(most)).collect();
        assert!(waits.iter().all(|wait| *wait < most));
        assert!(waits.iter().any(|wait| *wait < most / 10) && waits.iter().any(|wait| *wait > most / 10 * 9));
    }
}

#[test]
fn a_dead_service_costs_fifty_attempts_more_and_no_more() {
    let shared = shared();
    let mut asked = 0;
    for _ in 0..10_000 {
        asked += play_with(&shared, &Show, &no_pacing(), [Refused, Refused, Refused, Refused]).asked.len();
    }
    assert_eq!(asked - 10_000, 50);
}

#[test]
fn successes_earn_retries() {
    let shared = shared();
    for _ in 0..10_000 {
        play_with(&shared, &Show, &no_pacing(), [Refused, Refused, Refused, Refused]);
    }
    for _ in 0..10 {
        play_with(&shared, &Show, &no_pacing(), [Says(200, &[])]);
    }
    assert_eq!(play_with(&shared, &Show, &no_pacing(), [Refused, Refused]).asked.len(), 2);
    assert_eq!(play_with(&shared, &Show, &no_pacing(), [Refused]).asked.len(), 1);
}

/// Arrivals in bursts and in peace, a million in all: when each is sent, by the pacer.
fn arrivals(limit: Limit, seed: u64) -> (Vec<Instant>, Duration) {
    let start = Instant::now();
    let (mut pacer, mut chance) = (Pacer::default(), Chance(seed));
    let mut now = start;
    let sent = (0..10_000).map(|_| {
        if chance.next().is_multiple_of(50) {
            now += chance.up_to(Duration::from_millis(400));
        }
        now + pacer.reserve(limit, Options::default().margin, now, None).unwrap()
    });
    let sent: Vec<_> = sent.collect();
    let took = *sent.last().unwrap() - start;
    (sent, took)
}

#[test]
fn no_window_ever_holds_more_than_the_rate_and_little_of_it_is_wasted() {
    for limit in [LIMIT, Limit { name: "calendar", requests: 10, seconds: 5 }] {
        let window = Duration::from_secs(limit.seconds.into());
        for seed in 0..100 {
            let (sent, took) = arrivals(limit, seed);
            assert!(sent.is_sorted());
            let allowed = limit.requests as usize;
            assert!(sent.windows(allowed + 1).all(|run| run[allowed] - run[0] > window), "seed {seed}");
            let fair = window.mul_f64(sent.len() as f64 / f64::from(limit.requests));
            assert!(fair >= took.mul_f64(0.9), "seed {seed}: {took:?} where {fair:?} would do");
        }
    }
}

/// Thrice as many calls at once as the rate allows in a window: when the others are sent, where nobody looks at the clock
/// before `stall` is over, and everybody is `late` each time.
fn crowd(margin: Duration, stall: Duration, late: Duration) -> Vec<Instant> {
    let (shared, options) = (shared(), Options { margin, ..Options::default() });
    let begin = Instant::now();
    let many = 3 * LIMIT.requests as usize;
    let mut calls: Vec<_> = (0..many).map(|_| Exchange::new(&shared, &options, &Show, 7)).collect();
    let (mut waiting, mut sent) = (Vec::new(), Vec::new());
    let mut events: VecDeque<_> = (0..many).map(|call| (begin, call, Event::Begin(Timestamp::UNIX_EPOCH))).collect();
    let mut now = begin;
    while let Some((then, call, event)) = events.pop_front() {
        now = now.max(then);
        match calls[call].next(event, now) {
            Step::Send(..) => sent.push(now),
            Step::Wait(time) => waiting.push((now + time + late, call)),
            _ => panic!("a call fails {:?} after the beginning", now - begin),
        }
        if events.is_empty() && !waiting.is_empty() {
            waiting.sort();
            let (then, call) = waiting.remove(0);
            events.push_back((then.max(begin + stall), call, Event::Waited));
        }
    }
    assert_eq!(sent.len(), many);
    sent.split_off(LIMIT.requests as usize)
}

/// As when a program is stopped for a while, or its one thread is busy.
#[test]
fn calls_that_come_late_to_their_place_take_another() {
    let sent = crowd(Options::default().margin, Duration::from_secs(60), Duration::ZERO);
    let (window, allowed) = (Duration::from_secs(LIMIT.seconds.into()), LIMIT.requests as usize);
    assert!(sent.windows(allowed + 1).all(|run| run[allowed] - run[0] > window));
}

#[test]
fn calls_that_are_always_late_are_sent_all_the_same() {
    for (margin, late) in [(0, 1), (0, 90), (0, 300), (250, 10), (250, 251), (250, 2000)] {
        crowd(Duration::from_millis(margin), Duration::ZERO, Duration::from_millis(late));
    }
}

#[test]
fn a_place_is_not_taken_by_a_call_that_has_no_time_for_it() {
    let now = Instant::now();
    let limit = Limit { name: "one", requests: 1, seconds: 5 };
    let mut pacer = Pacer::default();
    assert_eq!(pacer.reserve(limit, Duration::ZERO, now, None), Some(Duration::ZERO));
    assert_eq!(pacer.reserve(limit, Duration::ZERO, now, Some(now + Duration::from_secs(4))), None);
    assert_eq!(pacer.reserve(limit, Duration::ZERO, now, None), Some(Duration::from_secs(5)));
}
