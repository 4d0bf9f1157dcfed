//! Cases as they are played: a client over a script, a clock that only the script turns, and a record of all that happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::exchange::{Attempt, Options, Outcome, Reply};
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::transport::{
    BlockingTransport, MemoryTransport, Transport, TransportError, TransportFuture, WaitFuture,
};
use backpack_api::runtime::{Endpoint, ServeEndpoint, Visitor};
use backpack_api::{Caller, Client, Credentials, Error, blocking};
use backpack_tests::examples::{self, BASE};
use bytes::Bytes;
use xmlwire_codegen::model::Api;

use super::read::{self, Brings, By, Call, Case, Expected, Line, Sent, Step, Wait};
use crate::support::{self, AGENT};

/// The first example of each operation: its request, and the answer of a success.
pub type Examples = BTreeMap<&'static str, (AnyRequest, Response<Bytes>)>;

pub fn examples(api: &Api) -> Examples {
    let example = |(case, request): (examples::Case<'_>, AnyRequest)| {
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        (case.operation.name, (request, success))
    };
    support::first_cases(api).map(example).collect()
}

/// Plays a case with one of the two clients.
///
/// # Errors
///
/// What should have happened, and what did.
pub fn play(case: &Case, blocking: bool, examples: &Examples) -> Result<(), String> {
    let stage = Stage::default();
    let caller = caller(&case.caller, case.caller.at.as_deref())?;
    let new_client =
        || AnyClient::new(blocking, caller.clone(), stage.clone()).with(|options| case.with.apply(options));
    let client = new_client();
    for step in &case.steps {
        let call = match step {
            Step::Idle(time) => {
                stage.pass(*time);
                continue;
            }
            Step::Call(call) => call,
        };
        let (request, success) =
            examples.get(call.operation.as_str()).ok_or_else(|| format!("there is no operation {}", call.operation))?;
        let client = match call.by {
            By::Client => &client,
            By::Clone => &client.clone(),
            By::Other => &new_client(),
        };
        request.clone().visit(Player { case, call, client, stage: &stage, success })?;
    }
    Ok(())
}

/// The case's caller, at a base address.
fn caller(caller: &read::Caller, at: Option<&str>) -> Result<Caller, String> {
    let token = support::token().into();
    let credentials = if caller.bearer { Credentials::Bearer(token) } else { Credentials::Token(token) };
    let at = at.unwrap_or(BASE);
    // Whoever is at http from the beginning has allowed it.
    let plain = caller.plain.unwrap_or(at.starts_with("http://"));
    let new = if plain { Caller::new_plain } else { Caller::new };
    new(at, credentials, AGENT).map_err(|error| error.to_string())
}

/// A scripted service and a clock. Sending takes the time that the script says.
#[derive(Clone)]
struct Stage {
    memory: MemoryTransport,
    state: Arc<Mutex<State>>,
}

struct State {
    now: Instant,
    /// How long each request to come takes.
    takes: Vec<Duration>,
    seen: Vec<Seen>,
}

/// What a client did.
#[derive(Clone)]
enum Seen {
    Waited(Duration),
    Sent { request: Box<Request<Bytes>>, within: Duration, at: Instant },
}

impl Default for Stage {
    fn default() -> Self {
        let state = State { now: Instant::now(), takes: Vec::new(), seen: Vec::new() };
        Self { memory: MemoryTransport::new(), state: Arc::new(Mutex::new(state)) }
    }
}

impl Stage {
    fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn pass(&self, time: Duration) {
        self.state(|state| state.now += time);
    }

    fn script(&self, response: Result<Response<Bytes>, TransportError>, takes: Duration) {
        let memory = self.memory.clone();
        // Clones share one script.
        let _ = match response {
            Ok(response) => memory.answer(response),
            Err(error) => memory.fail(error),
        };
        self.state(|state| state.takes.push(takes));
    }

    fn take(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.state(|state| {
            state.seen.push(Seen::Sent { request: Box::new(request.clone()), within, at: state.now });
            if !state.takes.is_empty() {
                state.now += state.takes.remove(0);
            }
        });
        BlockingTransport::send(&self.memory, request, within)
    }

    fn linger(&self, time: Duration) {
        self.state(|state| {
            state.seen.push(Seen::Waited(time));
            state.now += time;
        });
    }

    fn clock(&self) -> Instant {
        self.state(|state| state.now)
    }
}

impl Transport for Stage {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        Box::pin(async move { self.take(request, within) })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Box::pin(async move { self.linger(time) })
    }

    fn now(&self) -> Instant {
        self.clock()
    }
}

impl BlockingTransport for Stage {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.take(request, within)
    }

    fn wait(&self, time: Duration) {
        self.linger(time);
    }

    fn now(&self) -> Instant {
        self.clock()
    }
}

/// Either client.
#[derive(Clone)]
enum AnyClient {
    Async(Client),
    Blocking(blocking::Client),
}

impl AnyClient {
    fn new(blocking: bool, caller: Caller, stage: Stage) -> Self {
        if blocking {
            Self::Blocking(blocking::Client::with_transport(caller, stage))
        } else {
            Self::Async(Client::with_transport(caller, stage))
        }
    }

    fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.with(change)),
            Self::Blocking(client) => Self::Blocking(client.with(change)),
        }
    }

    fn within(&self, time: Duration) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.within(time)),
            Self::Blocking(client) => Self::Blocking(client.within(time)),
        }
    }

    fn once(&self) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.once()),
            Self::Blocking(client) => Self::Blocking(client.once()),
        }
    }

    fn call<E: Endpoint>(&self, endpoint: &E) -> Result<Reply<E::Response>, Error> {
        match self {
            Self::Async(client) => {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime should be made");
                runtime.block_on(client.call_for_reply(endpoint))
            }
            Self::Blocking(client) => client.call_for_reply(endpoint),
        }
    }
}

/// Makes a call as often as it says, and holds it against what should happen.
struct Player<'p> {
    case: &'p Case,
    call: &'p Call,
    client: &'p AnyClient,
    stage: &'p Stage,
    success: &'p Response<Bytes>,
}

impl Visitor for Player<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let mut client = self.client.with(|options| self.call.with.apply(options));
        if let Some(time) = self.call.within {
            client = client.within(time);
        }
        if self.call.once {
            client = client.once();
        }
        for time in 1..=self.call.times {
            let problem = |problem| format!("{}, time {time} of {}: {problem}", self.call.operation, self.call.times);
            self.once(&client, &endpoint).map_err(problem)?;
        }
        Ok(())
    }
}

impl Player<'_> {
    fn sent(&self) -> impl Iterator<Item = &Sent> {
        self.call.lines.iter().filter_map(|line| match line {
            Line::Sent(sent) => Some(sent),
            Line::Wait(_) => None,
        })
    }

    fn once<E: Endpoint>(&self, client: &AnyClient, endpoint: &E) -> Result<(), String> {
        let own = self.expected_request(endpoint, None)?;
        let path = own.uri().path_and_query().map_or("", |path| path.as_str());
        for sent in self.sent() {
            self.stage.script(self.response(&sent.brings, path)?, sent.takes);
        }
        let begin = self.stage.clock();
        let result = client.call(endpoint);
        let seen = self.stage.state(|state| std::mem::take(&mut state.seen));

        let expected: Vec<_> = self.call.lines.iter().map(said).chain([said_of_result(&self.call.result)]).collect();
        let found: Vec<_> = seen.iter().map(Seen::said).chain([said_of_found::<E>(&result)]).collect();
        if !self.lines_agree(endpoint, &seen, begin)? || expected.last() != found.last() {
            let list = |lines: &[String]| lines.iter().map(|line| format!("\n    {line}")).collect::<String>();
            return Err(format!("\n  expected:{}\n  found:{}", list(&expected), list(&found)));
        }
        self.check_attempts(&seen, result.as_ref().map_or_else(Error::attempts, |reply| &reply.attempts))?;
        self.check_reply::<E>(result, path)
    }

    fn expected_request<E: Endpoint>(&self, endpoint: &E, at: Option<&str>) -> Result<Request<Bytes>, String> {
        let caller = caller(&self.case.caller, at.or(self.case.caller.at.as_deref()))?;
        endpoint.to_request(&caller).map_err(|error| error.to_string())
    }

    /// What comes of a request whose path and query are these.
    fn response(&self, brings: &Brings, path: &str) -> Result<Result<Response<Bytes>, TransportError>, String> {
        Ok(match brings {
            Brings::Success => Ok(self.success.clone()),
            Brings::Answer { status, headers, body } => {
                let mut response = Response::builder().status(*status);
                for (name, value) in headers {
                    let name = if *name == "status-line" { "status" } else { name };
                    response = response.header(name, value.replace("{path}", path));
                }
                Ok(response.body(Bytes::from(body.clone())).map_err(|error| error.to_string())?)
            }
            Brings::Fault { kind, unsent: false } => Err(TransportError::new(*kind)),
            Brings::Fault { kind, unsent: true } => Err(TransportError::new(*kind).unsent()),
        })
    }

    /// Whether the client did what the case says, line by line. Each request is what the operation's request is: the
    /// same method, address, headers and body every time, and as much time as the deadline leaves.
    fn lines_agree<E: Endpoint>(&self, endpoint: &E, seen: &[Seen], begin: Instant) -> Result<bool, String> {
        let deadline = begin.checked_add(self.time());
        for (line, seen) in self.call.lines.iter().zip(seen) {
            match (line, seen) {
                (Line::Wait(Wait::Exactly(time)), Seen::Waited(waited)) if waited == time => {}
                (Line::Wait(Wait::UpTo(time)), Seen::Waited(waited)) if waited <= time => {}
                (Line::Sent(sent), Seen::Sent { request, within, at }) => {
                    let expected = self.expected_request(endpoint, sent.at.as_deref())?;
                    if request.uri() != expected.uri() || request.method() != expected.method() {
                        return Ok(false);
                    }
                    support::same("the headers", request.headers(), expected.headers())?;
                    support::same("the body", request.body(), expected.body())?;
                    let left = deadline.map_or(Duration::MAX, |deadline| deadline - *at);
                    support::same("the time to send in", within, &left)?;
                }
                _ => return Ok(false),
            }
        }
        Ok(self.call.lines.len() == seen.len())
    }

    /// The time that the call may take.
    fn time(&self) -> Duration {
        let mut options = Options::default();
        self.case.with.apply(&mut options);
        self.call.with.apply(&mut options);
        self.call.within.unwrap_or(options.deadline)
    }

    /// Every attempt is told: what was waited before, and what came of it.
    fn check_attempts(&self, seen: &[Seen], found: &[Attempt]) -> Result<(), String> {
        let mut outcomes = self.sent().map(|sent| self.outcome(&sent.brings));
        let (mut expected, mut waited) = (Vec::new(), Duration::ZERO);
        for seen in seen {
            match seen {
                Seen::Waited(time) => waited += *time,
                Seen::Sent { .. } => expected
                    .extend(outcomes.next().map(|outcome| Attempt { waited: std::mem::take(&mut waited), outcome })),
            }
        }
        support::same("what is told of the attempts", &found, &expected.as_slice())
    }

    fn outcome(&self, brings: &Brings) -> Outcome {
        match brings {
            Brings::Success => Outcome::Status(self.success.status()),
            Brings::Answer { status, .. } => Outcome::Status(*status),
            Brings::Fault { kind, unsent } => {
                if *unsent || !TransportError::new(*kind).was_sent() {
                    Outcome::Unsent(*kind)
                } else {
                    Outcome::Broken(*kind)
                }
            }
        }
    }

    /// A success holds the last answer as it came, and its value if it is a success by itself.
    fn check_reply<E: Endpoint>(&self, result: Result<Reply<E::Response>, Error>, path: &str) -> Result<(), String> {
        let (Ok(reply), Some(last)) = (result, self.sent().last()) else { return Ok(()) };
        let Ok(answer) = self.response(&last.brings, path)? else {
            return Err("a success without an answer".to_owned());
        };
        support::same("the answer's status", &reply.response.status(), &answer.status())?;
        support::same("the answer's headers", reply.response.headers(), answer.headers())?;
        support::same("the answer's body", reply.response.body(), answer.body())?;
        match E::from_response(&answer) {
            Ok(value) => support::same("the value", &reply.value, &value),
            Err(_) => Ok(()),
        }
    }
}

/// What should happen, in the words in which a failure shows it.
fn said(line: &Line) -> String {
    match line {
        Line::Wait(Wait::Exactly(time)) => format!("waited {time:?}"),
        Line::Wait(Wait::UpTo(time)) => format!("waited up to {time:?}"),
        Line::Sent(Sent { at, brings, .. }) => {
            format!("sent to {}, for {}", at.as_deref().unwrap_or("the caller's address"), said_of(brings))
        }
    }
}

fn said_of(brings: &Brings) -> String {
    match brings {
        Brings::Success => "a success".to_owned(),
        Brings::Answer { status, headers, .. } => {
            let headers: String = headers.iter().map(|(name, value)| format!(", {name}: {value}")).collect();
            format!("{status}{headers}")
        }
        Brings::Fault { kind, unsent } => format!("{kind:?}{}", if *unsent { ", unsent" } else { "" }),
    }
}

impl Seen {
    fn said(&self) -> String {
        match self {
            Self::Waited(time) => format!("waited {time:?}"),
            Self::Sent { request, .. } => format!("sent {} {}", request.method(), request.uri()),
        }
    }
}

fn said_of_result(result: &Expected) -> String {
    match result {
        Expected::Ok => "ok".to_owned(),
        Expected::Error { is, retry_after, text } => said_of_error(is.iter().map(String::as_str), *retry_after, text),
    }
}

fn said_of_found<E: Endpoint>(result: &Result<Reply<E::Response>, Error>) -> String {
    let Err(error) = result else { return "ok".to_owned() };
    let is = read::PREDICATES.into_iter().zip([
        error.is_forbidden(),
        error.is_not_found(),
        error.is_outcome_unknown(),
        error.is_rate_limited(),
        error.was_sent(),
        error.is_unauthorized(),
    ]);
    let is: BTreeSet<_> = is.filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    let text = error.to_string();
    let own = text.strip_prefix(E::OPERATION.name).and_then(|text| text.strip_prefix(": "));
    said_of_error(is, error.retry_after(), own.unwrap_or(&format!("without the operation's name: {text}")))
}

fn said_of_error<'e>(is: impl IntoIterator<Item = &'e str>, retry_after: Option<Duration>, text: &str) -> String {
    let is: Vec<_> = is.into_iter().collect();
    let later = retry_after.map(|time| format!(", again after {time:?}")).unwrap_or_default();
    format!("error that is [{}]{later}: {text}", is.join(" "))
}
