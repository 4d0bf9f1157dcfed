//! Any run of luck and bad luck, in any operation's exchange.

use std::time::{Duration, Instant};

use backpack_api::runtime::exchange::{Event, Exchange, Reply, Shared, Step};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::service::{Operation, Retry};
use backpack_api::runtime::transport::{TransportError, TransportErrorKind};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{Error, Options};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header};

use super::{SAMPLES, Sample, caller_at, message};
use crate::examples::TOKEN;

const HOST: &str = "acme.example.com";

/// The port to which a redirect may lead, if the script says so.
const OTHER_PORT: u16 = 8080;

/// A script: the first line has the operation's name and `Settings`, each other line has what comes of a request, see
/// `Script::outcome`; when all have come, they come again. Each call ends, within its attempts and its time; an unsafe
/// operation is not sent again once it may have run; requests go to the caller's host; and no error shows the token.
pub fn exchange(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (first, rest) = text.split_once('\n').unwrap_or((text, "broken"));
    let mut words = first.split(' ');
    let name = words.next().unwrap_or_default();
    let named = SAMPLES.iter().find(|sample| sample.request.operation().name == name);
    // A name that is none stands for some operation, so that nothing a fuzzer makes up is in vain.
    let any = name.bytes().fold(0, |sum, byte| sum + usize::from(byte)) % SAMPLES.len();
    let sample = named.unwrap_or(&SAMPLES[any]);
    let lines = if rest.is_empty() { vec![""] } else { rest.lines().collect() };
    sample.request.clone().visit(Script { settings: Settings::read(words), lines, sample, text });
}

/// What may be set: `http` (the base address), `plain`, `port`, `unpaced`, and with a number `attempts=4`, `calls=1`,
/// `deadline=120`, `longest=30`, `seed=0`.
struct Settings {
    options: Options,
    scheme: &'static str,
    plain: bool,
    calls: u64,
    seed: u64,
}

impl Settings {
    fn read<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut settings = Self { options: Options::default(), scheme: "https", plain: false, calls: 1, seed: 0 };
        let options = &mut settings.options;
        for word in words {
            let (key, number) = word.split_once('=').unwrap_or((word, ""));
            match (key, number.parse::<u64>().ok()) {
                ("http", None) => settings.scheme = "http",
                ("plain", None) => settings.plain = true,
                ("port", None) => options.other_port = Some(OTHER_PORT),
                ("unpaced", None) => options.pacing = false,
                // More attempts and calls would take longer, and show nothing new.
                ("attempts", Some(number)) => options.attempts = number.min(50) as u32,
                ("calls", Some(number)) => settings.calls = number.min(150),
                ("deadline", Some(number)) => options.deadline = Duration::from_secs(number),
                ("longest", Some(number)) => options.longest_wait = Duration::from_secs(number),
                ("seed", Some(number)) => settings.seed = number,
                _ => {}
            }
        }
        settings
    }
}

/// What comes of the requests of an operation.
struct Script<'s> {
    settings: Settings,
    lines: Vec<&'s str>,
    sample: &'s Sample,
    text: &'s str,
}

impl Visitor for Script<'_> {
    type Output = ();

    fn visit<E: ServeEndpoint>(self, endpoint: E) {
        let Settings { options, scheme, plain, calls, seed } = &self.settings;
        let shared = Shared::new(caller_at(&format!("{scheme}://{HOST}"), *plain));
        let mut run = Run { script: &self, now: Instant::now(), next: 0 };
        for number in 0..*calls {
            let exchange = Exchange::new(&shared, options, &endpoint, seed.wrapping_add(number));
            run.call(exchange);
        }
    }
}

/// A script while it is played.
struct Run<'s> {
    script: &'s Script<'s>,
    now: Instant,
    /// Which line comes next.
    next: usize,
}

/// What is known of a call while it lasts.
struct Call {
    operation: &'static Operation,
    deadline: Option<Instant>,
    /// The addresses asked.
    asked: Vec<Uri>,
    /// Whether the last attempt may have done what was asked.
    may_have_run: bool,
    /// Whether the last attempt broke, and may have arrived.
    broken: bool,
}

impl Run<'_> {
    /// Plays a call to its end.
    fn call<E: ServeEndpoint>(&mut self, mut exchange: Exchange<'_, E>) {
        let options = &self.script.settings.options;
        let deadline = self.now.checked_add(options.deadline);
        let mut call =
            Call { operation: E::OPERATION, deadline, asked: Vec::new(), may_have_run: false, broken: false };
        let mut event = Event::Begin(Timestamp::UNIX_EPOCH);
        // Before each attempt there may be one wait for the attempt and one for a place in the rate.
        for _ in 0..3 * (options.attempts as usize + 3) {
            event = match exchange.next(event, self.now) {
                Step::Wait(wait) => {
                    // A call without a deadline may wait for longer than clocks go.
                    let Some(later) = self.now.checked_add(wait) else { return };
                    assert!(call.deadline.is_none_or(|deadline| later < deadline), "waits beyond its deadline");
                    self.now = later;
                    Event::Waited
                }
                Step::Send(request, _) => {
                    call.check_request(&request, &self.script.settings);
                    let result = self.send(request.uri());
                    call.note(&result);
                    Event::Sent(result)
                }
                Step::Join(..) => unreachable!("the token is not one that is renewed"),
                Step::Done(result) => return call.check_result(&result, self.script),
            };
        }
        panic!("the call does not end");
    }

    /// What comes of a request. `+30 broken` takes half a minute.
    fn send(&mut self, asked: &Uri) -> Result<Response<Bytes>, TransportError> {
        let lines = &self.script.lines;
        let mut line = lines[self.next % lines.len()];
        self.next += 1;
        if let Some((seconds, rest)) = line.strip_prefix('+').and_then(|line| line.split_once(' ')) {
            line = rest;
            self.now += Duration::from_secs(seconds.parse::<u16>().unwrap_or_default().into());
        }
        self.script.outcome(line, asked)
    }
}

impl Script<'_> {
    /// What a line stands for:
    ///
    /// - `connect`, `broken` and the like: a transport's error; `unsent broken`: before anything was sent;
    /// - `done`: the answer of the operation's example;
    /// - `moved http acme.example.com:8080`: a redirect to what was asked under that scheme and authority;
    /// - `503 | retry-after: 3 | body: <html/>`: an answer.
    fn outcome(&self, line: &str, asked: &Uri) -> Result<Response<Bytes>, TransportError> {
        if line == "done" {
            return Ok(self.sample.answer.clone());
        }
        let moved = line.strip_prefix("moved ").and_then(|to| to.split_once(' '));
        if let Some((scheme, authority)) = moved {
            let path = asked.path_and_query().map_or("", |path| path.as_str());
            return Ok(answer(&format!("302 | location: {scheme}://{authority}{path}")).unwrap_or_default());
        }
        answer(line).ok_or_else(|| match line.strip_prefix("unsent ") {
            Some(line) => TransportError::new(kind(line)).unsent(),
            None => TransportError::new(kind(line)),
        })
    }
}

fn answer(line: &str) -> Option<Response<Bytes>> {
    let mut parts = line.split('|');
    let status = parts.next()?.trim().parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok())?;
    let mut headers = message::headers(parts);
    let body = headers.remove("body").map(|body| Bytes::copy_from_slice(body.as_bytes()));
    let mut response = Response::new(body.unwrap_or_default());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Some(response)
}

fn kind(line: &str) -> TransportErrorKind {
    match line {
        "invalid" => TransportErrorKind::InvalidRequest,
        "connect" => TransportErrorKind::Connect,
        "tls" => TransportErrorKind::Tls,
        "timeout" => TransportErrorKind::Timeout,
        "protocol" => TransportErrorKind::Protocol,
        "large" => TransportErrorKind::TooLarge,
        _ => TransportErrorKind::ConnectionLost,
    }
}

impl Call {
    fn check_request(&mut self, request: &Request<Bytes>, settings: &Settings) {
        let (name, uri) = (self.operation.name, request.uri());
        assert!(
            !(self.operation.retry == Retry::Unsafe && self.may_have_run),
            "{name} is sent again, though it may have run"
        );
        assert!(uri.host().is_some_and(|host| host.eq_ignore_ascii_case(HOST)), "{uri} is at another host");
        let ports = [None, Some(80), Some(443), settings.options.other_port];
        assert!(ports.contains(&uri.port_u16()), "{uri} is at another port");
        let encrypted = uri.scheme_str() == Some("https");
        assert!(encrypted || settings.scheme == "http" || settings.plain, "{uri} can be read by all");
        if let Some(first) = self.asked.first() {
            assert_eq!(uri.path_and_query(), first.path_and_query());
        }
        self.asked.push(uri.clone());
        let most = settings.options.attempts.max(1) as usize + 1;
        assert!(self.asked.len() <= most, "{name} is sent more than {most} times");
    }

    fn note(&mut self, result: &Result<Response<Bytes>, TransportError>) {
        self.broken = result.as_ref().is_err_and(TransportError::was_sent);
        self.may_have_run = match result {
            Err(error) => error.was_sent(),
            // These say that the request was not accepted.
            Ok(response) => match response.status().as_u16() {
                408 => true,
                300..=499 => false,
                503 => !response.headers().contains_key(header::RETRY_AFTER),
                _ => true,
            },
        };
    }

    fn check_result<R>(&self, result: &Result<Reply<R>, Error>, script: &Script<'_>) {
        let Self { operation, asked, .. } = self;
        match result {
            Ok(reply) => {
                let deleted = operation.retry == Retry::Delete && asked.len() > 1;
                assert!(reply.response.status().is_success() || deleted, "{}: no success", operation.name);
                assert_eq!(reply.attempts.len(), asked.len());
            }
            Err(error) => {
                assert_eq!(error.attempts().len(), asked.len());
                let unsafe_and_broken = operation.retry == Retry::Unsafe && self.broken;
                assert!(!unsafe_and_broken || error.is_outcome_unknown(), "{error}: the outcome is unknown");
                let shown = format!("{error} {error:?} {:?}", error.attempts());
                assert!(!shown.contains(TOKEN) || script.text.contains(TOKEN), "the token is shown: {shown}");
            }
        }
    }
}
