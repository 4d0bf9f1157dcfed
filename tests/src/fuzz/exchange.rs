//! Any sequence of attempt outcomes, in the exchange of any operation.

use std::time::{Duration, Instant};

use backpack_api::runtime::exchange::{Action, Event, Exchange, FullResponse, Shared};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::service::{Operation, RetryClass};
use backpack_api::runtime::transport::{TransportError, TransportErrorKind};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{Error, Options};
use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header};

use super::message;
use super::samples::{SAMPLES, Sample, build_config};
use crate::examples::TOKEN;

/// Host of the service.
const HOST: &str = "acme.example.com";

/// Port to which redirects may lead, if the script allows it.
const REDIRECT_PORT: u16 = 8080;

/// Runs the calls of a script. Its first line has the name of an operation and `ScriptOptions`; each other line is the
/// outcome of a request, see `Script::parse_outcome`. The outcomes repeat from the start.
///
/// Each call must end within its attempts and its deadline. A non-idempotent operation must not be sent again once it
/// may have run. Requests must go to the configured host. No error may show the token.
pub fn check_exchange(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (first, rest) = text.split_once('\n').unwrap_or((text, "broken"));
    let mut words = first.split(' ');
    let name = words.next().unwrap_or_default();
    let with_this_name = SAMPLES.iter().find(|sample| sample.request.operation().name == name);
    // An unknown name selects some operation, so that more of a fuzzer's inputs are useful.
    let fallback_index = name.bytes().fold(0, |sum, byte| sum + usize::from(byte)) % SAMPLES.len();
    let sample = with_this_name.unwrap_or(&SAMPLES[fallback_index]);
    let lines = if rest.is_empty() { vec![""] } else { rest.lines().collect() };
    sample.request.clone().visit(Script { options: ScriptOptions::parse(words), lines, sample, text });
}

/// Options of a script: `http` (scheme of the base URL), `plain` (allows HTTP), `port` (allows redirects to another
/// port), `unpaced` (no rate limit), and with a number `attempts=4`, `calls=1`, `deadline=120`, `longest=30` (longest
/// wait), `seed=0`. Times are in seconds.
struct ScriptOptions {
    client: Options,
    /// Scheme of the base URL.
    scheme: &'static str,
    /// `true` if requests may be unencrypted although the base URL uses HTTPS.
    allow_http: bool,
    /// Number of calls.
    calls: u64,
    /// Seed of the first call. Each further call has the next number.
    seed: u64,
}

impl ScriptOptions {
    /// Parses the words after the name of the operation. Unknown words are ignored.
    fn parse<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut options = Self { client: Options::default(), scheme: "https", allow_http: false, calls: 1, seed: 0 };
        let client = &mut options.client;
        for word in words {
            let (key, number) = word.split_once('=').unwrap_or((word, ""));
            match (key, number.parse::<u64>().ok()) {
                ("http", None) => options.scheme = "http",
                ("plain", None) => options.allow_http = true,
                ("port", None) => client.redirect_port = Some(REDIRECT_PORT),
                ("unpaced", None) => client.respect_rate_limits = false,
                // More attempts and calls would take longer without reaching new states.
                ("attempts", Some(number)) => client.max_attempts = number.min(50) as u32,
                ("calls", Some(number)) => options.calls = number.min(150),
                ("deadline", Some(number)) => client.deadline = Duration::from_secs(number),
                ("longest", Some(number)) => client.max_wait = Duration::from_secs(number),
                ("seed", Some(number)) => options.seed = number,
                _ => {}
            }
        }
        options
    }
}

/// A script: an operation, options, and the outcomes of requests.
struct Script<'s> {
    options: ScriptOptions,
    /// The outcomes, which are not parsed yet.
    lines: Vec<&'s str>,
    /// Request and response of the operation.
    sample: &'s Sample,
    /// The whole script.
    text: &'s str,
}

impl Visitor for Script<'_> {
    type Output = ();

    /// Runs all calls. They share the state of one client.
    fn visit<E: ServeEndpoint>(self, endpoint: E) {
        let ScriptOptions { client, scheme, allow_http, calls, seed } = &self.options;
        let shared = Shared::new(build_config(&format!("{scheme}://{HOST}"), *allow_http));
        let mut run = ScriptRun { script: &self, now: Instant::now(), next: 0 };
        for number in 0..*calls {
            let exchange = Exchange::new(&shared, client, &endpoint, seed.wrapping_add(number));
            run.call(exchange);
        }
    }
}

/// A running script, with its virtual clock.
struct ScriptRun<'s> {
    script: &'s Script<'s>,
    /// Time of the virtual clock.
    now: Instant,
    /// Index of the next line.
    next: usize,
}

/// State of one call, to check its guarantees.
struct CallCheck {
    operation: &'static Operation,
    /// `None` if the deadline is beyond the range of the clock.
    deadline: Option<Instant>,
    /// URLs of the requests sent.
    sent: Vec<Uri>,
    /// `true` if the service may have run the operation in the last attempt.
    may_have_run: bool,
    /// `true` if the last attempt failed after it may have reached the service.
    connection_lost: bool,
}

impl ScriptRun<'_> {
    /// Runs a call to its end.
    fn call<E: ServeEndpoint>(&mut self, mut exchange: Exchange<'_, E>) {
        let options = &self.script.options.client;
        let deadline = self.now.checked_add(options.deadline);
        let mut call = CallCheck {
            operation: E::OPERATION,
            deadline,
            sent: Vec::new(),
            may_have_run: false,
            connection_lost: false,
        };
        let mut event = Event::Begin(Timestamp::UNIX_EPOCH);
        // Each attempt may be preceded by one wait for the backoff and one for the rate limit.
        for _ in 0..3 * (options.max_attempts as usize + 3) {
            event = match exchange.next(event, self.now) {
                Action::Wait(wait) => {
                    // Without a deadline, a wait may exceed the range of the clock.
                    let Some(later) = self.now.checked_add(wait) else { return };
                    assert!(
                        call.deadline.is_none_or(|deadline| later < deadline),
                        "the call waits beyond its deadline"
                    );
                    self.now = later;
                    Event::Waited
                }
                Action::Send(request, _) => {
                    call.check_request(&request, &self.script.options);
                    let result = self.send(request.uri());
                    call.record(&result);
                    Event::Sent(result)
                }
                Action::WaitForRefresh(..) => unreachable!("the token cannot be refreshed"),
                Action::Done(result) => return call.check_result(&result, self.script),
            };
        }
        panic!("the call does not end");
    }

    /// Returns the next outcome of a request to this URL. Advances the clock if the line starts with a time in seconds:
    /// `+30 broken` takes half a minute.
    fn send(&mut self, url: &Uri) -> Result<Response<Bytes>, TransportError> {
        let lines = &self.script.lines;
        let mut line = lines[self.next % lines.len()];
        self.next += 1;
        if let Some((seconds, rest)) = line.strip_prefix('+').and_then(|line| line.split_once(' ')) {
            line = rest;
            self.now += Duration::from_secs(seconds.parse::<u16>().unwrap_or_default().into());
        }
        self.script.parse_outcome(line, url)
    }
}

impl Script<'_> {
    /// Parses the outcome of a request:
    ///
    /// - `connect`, `broken` and the like: a transport error; `unsent broken`: an error before anything was sent;
    /// - `done`: the response of the operation's example;
    /// - `moved http acme.example.com:8080`: a redirect of the request to that scheme and authority;
    /// - `503 | retry-after: 3 | body: <html/>`: a response.
    fn parse_outcome(&self, line: &str, url: &Uri) -> Result<Response<Bytes>, TransportError> {
        if line == "done" {
            return Ok(self.sample.response.clone());
        }
        let moved = line.strip_prefix("moved ").and_then(|to| to.split_once(' '));
        if let Some((scheme, authority)) = moved {
            let path = url.path_and_query().map_or("", |path| path.as_str());
            return Ok(parse_response(&format!("302 | location: {scheme}://{authority}{path}")).unwrap_or_default());
        }
        parse_response(line).ok_or_else(|| match line.strip_prefix("unsent ") {
            Some(line) => TransportError::new(parse_error_kind(line)).unsent(),
            None => TransportError::new(parse_error_kind(line)),
        })
    }
}

/// Parses `503 | retry-after: 3 | body: <html/>`. Returns `None` if the line does not start with a status.
fn parse_response(line: &str) -> Option<Response<Bytes>> {
    let mut parts = line.split('|');
    let status = parts.next()?.trim().parse().ok().and_then(|status: u16| StatusCode::from_u16(status).ok())?;
    let mut headers = message::parse_headers(parts);
    let body = headers.remove("body").map(|body| Bytes::copy_from_slice(body.as_bytes()));
    let mut response = Response::new(body.unwrap_or_default());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Some(response)
}

/// Parses the name of a transport error. Any other word, such as `broken`, is a lost connection.
fn parse_error_kind(line: &str) -> TransportErrorKind {
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

impl CallCheck {
    /// Checks a request before it is sent: its destination, and that the operation may be sent once more.
    fn check_request(&mut self, request: &Request<Bytes>, options: &ScriptOptions) {
        let (name, uri) = (self.operation.name, request.uri());
        assert!(
            !(self.operation.retry == RetryClass::NotIdempotent && self.may_have_run),
            "{name} is sent again, although it may have run"
        );
        assert!(uri.host().is_some_and(|host| host.eq_ignore_ascii_case(HOST)), "{uri} has another host");
        let ports = [None, Some(80), Some(443), options.client.redirect_port];
        assert!(ports.contains(&uri.port_u16()), "{uri} has another port");
        let encrypted = uri.scheme_str() == Some("https");
        assert!(encrypted || options.scheme == "http" || options.allow_http, "{uri} is not encrypted");
        if let Some(first) = self.sent.first() {
            assert_eq!(uri.path_and_query(), first.path_and_query());
        }
        self.sent.push(uri.clone());
        // One redirect of the request is allowed in addition to the attempts.
        let max_requests = options.client.max_attempts.max(1) as usize + 1;
        assert!(self.sent.len() <= max_requests, "{name} is sent more than {max_requests} times");
    }

    /// Stores the outcome of an attempt.
    fn record(&mut self, result: &Result<Response<Bytes>, TransportError>) {
        self.connection_lost = result.as_ref().is_err_and(TransportError::was_sent);
        self.may_have_run = match result {
            Err(error) => error.was_sent(),
            // 3xx, 4xx except 408, and 503 with `Retry-After` prove that the service did not run the operation.
            Ok(response) => match response.status().as_u16() {
                408 => true,
                300..=499 => false,
                503 => !response.headers().contains_key(header::RETRY_AFTER),
                _ => true,
            },
        };
    }

    /// Checks the result of the call: the number of attempts, the status of a success, and the text of an error.
    fn check_result<R>(&self, result: &Result<FullResponse<R>, Error>, script: &Script<'_>) {
        let Self { operation, sent, .. } = self;
        match result {
            Ok(full) => {
                // A deletion that was sent again may succeed with 404: an earlier attempt has deleted the resource.
                let deleted = operation.retry == RetryClass::Delete && sent.len() > 1;
                assert!(
                    full.response.status().is_success() || deleted,
                    "{}: the response is not a success",
                    operation.name
                );
                assert_eq!(full.attempts.len(), sent.len());
            }
            Err(error) => {
                assert_eq!(error.attempts().len(), sent.len());
                let is_unknown = operation.retry == RetryClass::NotIdempotent && self.connection_lost;
                assert!(!is_unknown || error.is_outcome_unknown(), "{error}: the outcome is unknown");
                let shown = format!("{error} {error:?} {:?}", error.attempts());
                assert!(!shown.contains(TOKEN) || script.text.contains(TOKEN), "an error shows the token: {shown}");
            }
        }
    }
}
