//! Every operation and every fault, over real connections, through both clients: what may be sent again comes through,
//! and an operation that must not run twice is never sent again when it could have run.
//!
//! Two things cannot be had on a loopback connection: a client that knows for certain that nothing left although the
//! connection had come about, and an https server that it trusts. What follows from them is shown in memory, at the end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::exchange::{Attempt, Outcome};
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::service::Retry;
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, MemoryTransport, Settings, Transport, TransportError, TransportErrorKind,
    TransportFuture, WaitFuture,
};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{Client, Error, Options, blocking};
use backpack_tests::examples::{self, Case};
use backpack_tests::schema;
use bytes::Bytes;
use futures_util::future::{Either, select};
use test_support::http1::encode_response;
use test_support::{FaultServer, Action};

use crate::support::{Failures, Transports, caller, caller_at, first_cases, same, token};

/// What is due after a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    /// It is sent again, whatever it is: certainly it did not run.
    Again,
    /// It is sent again if twice is harmless; else the error says that nobody knows.
    AgainIfHarmless,
    /// Reads are sent again.
    AgainIfRead,
    /// It goes to the port of the other scheme, where nothing but a TLS handshake arrives.
    Elsewhere,
    /// An error, and nothing goes anywhere.
    Error,
}

/// What goes wrong.
struct Fault {
    name: &'static str,
    due: Due,
    /// How many requests the server reads before it is sent again, if it is.
    reads: usize,
    /// What the server does with the first request, given its target and another server's port. Nothing: it refuses.
    play: Option<fn(&str, u16) -> Action>,
}

const FAULTS: [Fault; 12] = [
    Fault {
        name: "slow body",
        due: Due::AgainIfHarmless,
        reads: 1,
        play: Some(|_, _| Action::Hang(answer(200, "content-length: 999\r\n", BEGINNING))),
    },
    Fault { name: "refused", due: Due::Again, reads: 0, play: None },
    Fault {
        name: "reset before the request was read",
        due: Due::AgainIfHarmless,
        reads: 0,
        play: Some(|_, _| Action::ResetUnread),
    },
    Fault {
        name: "reset after the request",
        due: Due::AgainIfHarmless,
        reads: 1,
        play: Some(|_, _| Action::ResetRead),
    },
    Fault {
        name: "cut off body",
        due: Due::AgainIfHarmless,
        reads: 1,
        play: Some(|_, _| Action::Close(answer(200, "content-length: 999\r\n", BEGINNING))),
    },
    status("500 without an envelope", Due::AgainIfRead, |_, _| Action::Close(answer(500, EMPTY, ""))),
    status("502", Due::AgainIfHarmless, |_, _| Action::Close(answer(502, EMPTY, ""))),
    status("503 with Retry-After", Due::Again, |_, _| {
        Action::Close(answer(503, "retry-after: 0\r\n", ""))
    }),
    status("503 without Retry-After", Due::AgainIfHarmless, |_, _| {
        Action::Close(answer(503, EMPTY, ""))
    }),
    status("504", Due::AgainIfHarmless, |_, _| Action::Close(answer(504, EMPTY, ""))),
    status("redirect to the other scheme", Due::Elsewhere, |target, port| {
        Action::Close(answer(302, &format!("location: https://127.0.0.1:{port}{target}\r\n"), ""))
    }),
    status("redirect to another host", Due::Error, |target, port| {
        Action::Close(answer(302, &format!("location: http://localhost:{port}{target}\r\n"), ""))
    }),
];

const EMPTY: &str = "content-length: 0\r\n";

/// How an answer begins that does not come to its end.
const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">";

/// How long everything may take: no clock ends anything here.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

const fn status(name: &'static str, due: Due, play: fn(&str, u16) -> Action) -> Fault {
    Fault { name, due, reads: 1, play: Some(play) }
}

fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\n{headers}connection: close\r\n\r\n{body}").into_bytes()
}

/// A transport over the network that knows which attempt it is at: it lets the server listen before the second, and gives
/// the first up once the server hangs.
struct Watched {
    transport: HyperTransport,
    server: Arc<FaultServer>,
    hangs: bool,
    attempts: AtomicUsize,
}

impl Watched {
    /// Whether this attempt, which begins, will have to be given up.
    fn begin(&self) -> bool {
        let first = self.attempts.fetch_add(1, Ordering::SeqCst) == 0;
        if !first {
            self.server.listen();
        }
        first && self.hangs
    }

    /// Sends until the server hangs: as a timeout does in the middle of an answer, but without a clock. The transports'
    /// own timeouts have tests beside them.
    async fn send_until_it_hangs(
        &self,
        request: Request<Bytes>,
        within: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        match select(Transport::send(&self.transport, request, within), pin!(self.server.hanging())).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(TransportErrorKind::Timeout.into()),
        }
    }
}

impl Transport for Watched {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        if self.begin() {
            return Box::pin(self.send_until_it_hangs(request, within));
        }
        Transport::send(&self.transport, request, within)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        panic!("{time:?} should not be waited for")
    }
}

impl BlockingTransport for Watched {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        if self.begin() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            return runtime.expect("a runtime should start").block_on(self.send_until_it_hangs(request, within));
        }
        BlockingTransport::send(&self.transport, request, within)
    }

    fn wait(&self, time: Duration) {
        panic!("{time:?} should not be waited for")
    }
}

/// One operation under one fault, with either client.
struct Call<'a> {
    case: Case<'a>,
    fault: &'a Fault,
    transports: &'a Transports,
    blocking: bool,
}

/// What came of a call.
struct Came {
    error: Option<Error>,
    attempts: Vec<Attempt>,
    /// The requests that the server read.
    requests: Vec<Vec<u8>>,
    /// What came to the other server, to which redirects point.
    elsewhere: Vec<Vec<u8>>,
}

impl Visitor for Call<'_> {
    type Output = Came;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Came {
        let Self { case, fault, transports, blocking } = self;
        let target = case.request().uri().path_and_query().unwrap().to_string();
        let elsewhere = FaultServer::start([Action::RejectTls, Action::RejectTls]);
        let play = fault.play.map(|play| play(&target, elsewhere.address().port()));
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let success = Action::Close(encode_response(&success));
        let server = Arc::new(FaultServer::bind(play.into_iter().chain([success.clone(), success])));
        if fault.play.is_some() {
            server.listen();
        }
        let caller = caller_at(&server.base_url(), token());
        let change = |options: &mut Options| {
            options.backoff = Duration::ZERO;
            options.deadline = LONG;
            options.pacing = false;
            options.other_port = Some(elsewhere.address().port());
        };
        let (hangs, attempts) = (fault.name == "slow body", AtomicUsize::new(0));
        let result = if blocking {
            let transport = Watched { transport: transports.blocking.clone(), server: server.clone(), hangs, attempts };
            blocking::Client::with_transport(caller, transport).with(change).call_for_reply(&endpoint)
        } else {
            let transport = Watched { transport: transports.waiting.clone(), server: server.clone(), hangs, attempts };
            let client = Client::with_transport(caller, transport).with(change);
            transports.runtime.block_on(client.call_for_reply(&endpoint))
        };
        let (error, attempts) = match result {
            Ok(reply) => (None, reply.attempts),
            Err(error) => {
                let attempts = error.attempts().to_vec();
                (Some(error), attempts)
            }
        };
        let server = Arc::into_inner(server).expect("the client should be gone");
        Came { error, attempts, requests: server.into_requests(), elsewhere: elsewhere.into_requests() }
    }
}

/// Whether an operation is sent again.
fn is_again(due: Due, retry: Retry) -> bool {
    match due {
        Due::Again => true,
        Due::AgainIfHarmless => retry != Retry::Unsafe,
        Due::AgainIfRead => retry == Retry::Read,
        Due::Elsewhere | Due::Error => false,
    }
}

/// What a fault should lead to.
fn check(came: &Came, fault: &Fault, retry: Retry) -> Result<(), String> {
    let again = is_again(fault.due, retry);
    same("requests that were read", &came.requests.len(), &(fault.reads + usize::from(again)))?;
    same("that they are the same", &came.requests.iter().all(|request| *request == came.requests[0]), &true)?;
    same("whether it came through", &came.error.is_none(), &again)?;
    let unknown = came.error.as_ref().is_some_and(Error::is_outcome_unknown);
    same("whether the outcome is unknown", &unknown, &(fault.due == Due::AgainIfHarmless && !again))?;
    let followed = fault.due == Due::Elsewhere;
    same("attempts", &came.attempts.len(), &(1 + usize::from(again || followed)))?;
    same("connections elsewhere", &came.elsewhere.len(), &usize::from(followed))?;
    // A TLS record with a handshake in it; the error is that TLS failed.
    let handshake = came.elsewhere.first().is_none_or(|record| record[0] == 0x16);
    same("that it is a handshake", &handshake, &true)?;
    let tls =
        |error: &Error| matches!(error.kind(), ErrorKind::Transport(error) if error.kind() == TransportErrorKind::Tls);
    same("whether TLS failed", &came.error.as_ref().is_some_and(tls), &followed)?;
    let refused = came.attempts[0].outcome == Outcome::Unsent(TransportErrorKind::Connect);
    same("whether the first was refused", &refused, &fault.play.is_none())?;
    let timed_out = came.attempts[0].outcome == Outcome::Broken(TransportErrorKind::Timeout);
    same("whether the first took too long", &timed_out, &(fault.name == "slow body"))
}

/// Every fault for one operation with one client: how many were tried, and what went wrong.
fn under_every_fault(case: Case<'_>, request: &AnyRequest, transports: &Transports, blocking: bool) -> Failures {
    let mut failures = Failures::default();
    for fault in &FAULTS {
        let came = request.clone().visit(Call { case, fault, transports, blocking });
        let outcome = check(&came, fault, case.operation.retry)
            .map_err(|problem| format!("{problem}\n{:?}\n{:?}", came.error, came.attempts));
        let client = if blocking { "blocking" } else { "async" };
        failures.note(format!("{}, {}, {client}", case.name(), fault.name), outcome);
    }
    failures
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn every_operation_under_every_fault() {
    let api = schema::api();
    let mut failures = Failures::default();
    let mut settings = Settings::default();
    (settings.connect_timeout, settings.read_timeout, settings.timeout) = (LONG, LONG, LONG);
    let transports = Transports::new(&settings);
    for (case, request) in first_cases(&api) {
        for blocking in [false, true] {
            failures.join(under_every_fault(case, &request, &transports, blocking));
        }
    }
    let operations = api.sections.iter().map(|section| section.endpoints.len()).sum::<usize>();
    assert_eq!(failures.tried(), operations * FAULTS.len() * 2);
    failures.finish();
}

// In memory.

/// What happens to the first request.
type Script = fn(MemoryTransport, &Request<Bytes>) -> MemoryTransport;

/// Faults after which certainly nothing has run, and which a loopback connection cannot have.
const CERTAIN: [(&str, Script); 2] = [
    ("broken before anything was sent", |to, _| to.fail(TransportError::new(TransportErrorKind::Broken).unsent())),
    ("redirect to the other scheme, which answers", |to, request| {
        let https = request.uri().to_string().replacen("http:", "https:", 1);
        to.answer(Response::builder().status(302).header("location", https).body(Bytes::new()).unwrap())
    }),
];

/// Calls one operation with both clients, and returns how many requests each sent.
struct Certain<'a>(Case<'a>, Script);

impl Visitor for Certain<'_> {
    type Output = Result<[usize; 2], Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let Self(case, script) = self;
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let transport = || script(MemoryTransport::new(), &case.request()).answer(success.clone());
        let (one, other) = (transport(), transport());
        blocking::Client::with_transport(caller(), one.clone()).call(&endpoint)?;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Client::with_transport(caller(), other.clone()).call(&endpoint))?;
        Ok([one.requests().len(), other.requests().len()])
    }
}

#[test]
fn every_operation_comes_through_what_certainly_did_not_run_it() {
    let api = schema::api();
    let mut failures = Failures::default();
    for (case, request) in first_cases(&api) {
        for (name, script) in CERTAIN {
            let sent = request.clone().visit(Certain(case, script)).map_err(|error| error.to_string());
            let outcome = sent.and_then(|sent| same("how many were sent", &sent, &[2, 2]));
            failures.note(format!("{}, {name}", case.name()), outcome);
        }
    }
    failures.finish();
}
