//! Every operation under every fault, over real connections, with both clients. Calls that can be retried succeed, and a
//! non-idempotent operation is never sent again if it may have run.
//!
//! Two faults cannot be produced on a loopback connection: a connected client that knows for certain that it sent
//! nothing, and a redirect to an https server that it trusts. They are tested in memory, at the end.

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
use backpack_tests::faults::{FaultServer, Play, written};
use backpack_tests::schema;
use bytes::Bytes;
use futures_util::future::{Either, select};

use crate::support::{
    Checks, Transports, check_equal, client_config, client_config_at, first_cases, token, tokio_runtime,
};

/// Required reaction of a client to a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reaction {
    /// Retries every operation: certainly it did not run.
    Retry,
    /// Retries read-only and idempotent operations. For others, the error says that the outcome is unknown.
    RetryIfIdempotent,
    /// Retries read-only operations.
    RetryIfReadOnly,
    /// Follows the redirect to the port of the other scheme, where only a TLS handshake arrives.
    FollowRedirect,
    /// Returns an error and sends nothing more.
    Fail,
}

struct Fault {
    name: &'static str,
    reaction: Reaction,
    /// Number of requests that the server reads before a retry.
    reads: usize,
    /// Action of the server for the first connection, given the request target and another server's port. `None`: the
    /// connection is refused.
    play: Option<fn(&str, u16) -> Play>,
}

const FAULTS: [Fault; 12] = [
    Fault {
        name: SLOW_BODY,
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Play::Hang(raw_response(200, "content-length: 999\r\n", BEGINNING))),
    },
    Fault { name: "connection refused", reaction: Reaction::Retry, reads: 0, play: None },
    Fault {
        name: "reset before the request was read",
        reaction: Reaction::RetryIfIdempotent,
        reads: 0,
        play: Some(|_, _| Play::ResetUnread),
    },
    Fault {
        name: "reset after the request",
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Play::ResetRead),
    },
    Fault {
        name: "cut off body",
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Play::Answer(raw_response(200, "content-length: 999\r\n", BEGINNING))),
    },
    status_fault("500 without an envelope", Reaction::RetryIfReadOnly, |_, _| {
        Play::Answer(raw_response(500, EMPTY, ""))
    }),
    status_fault("502", Reaction::RetryIfIdempotent, |_, _| Play::Answer(raw_response(502, EMPTY, ""))),
    status_fault("503 with Retry-After", Reaction::Retry, |_, _| {
        Play::Answer(raw_response(503, "retry-after: 0\r\n", ""))
    }),
    status_fault("503 without Retry-After", Reaction::RetryIfIdempotent, |_, _| {
        Play::Answer(raw_response(503, EMPTY, ""))
    }),
    status_fault("504", Reaction::RetryIfIdempotent, |_, _| Play::Answer(raw_response(504, EMPTY, ""))),
    status_fault("redirect to the other scheme", Reaction::FollowRedirect, |target, port| {
        Play::Answer(raw_response(302, &format!("location: https://127.0.0.1:{port}{target}\r\n"), ""))
    }),
    status_fault("redirect to another host", Reaction::Fail, |target, port| {
        Play::Answer(raw_response(302, &format!("location: http://localhost:{port}{target}\r\n"), ""))
    }),
];

const SLOW_BODY: &str = "slow body";

const EMPTY: &str = "content-length: 0\r\n";

/// The beginning of a response that is cut off.
const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">";

/// Timeout of everything, so that no test depends on a clock.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

const fn status_fault(name: &'static str, reaction: Reaction, play: fn(&str, u16) -> Play) -> Fault {
    Fault { name, reaction, reads: 1, play: Some(play) }
}

fn raw_response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\n{headers}connection: close\r\n\r\n{body}").into_bytes()
}

/// A transport over the network that counts attempts. It makes the server listen before the second attempt, and times the
/// first one out when the server hangs.
struct CountingTransport {
    transport: HyperTransport,
    server: Arc<FaultServer>,
    server_hangs: bool,
    attempts: AtomicUsize,
}

impl CountingTransport {
    /// Counts an attempt. Returns `true` if it has to be timed out.
    fn start_attempt(&self) -> bool {
        let is_first = self.attempts.fetch_add(1, Ordering::SeqCst) == 0;
        if !is_first {
            self.server.listen();
        }
        is_first && self.server_hangs
    }

    /// Sends, and times out when the server hangs: like a timeout in the middle of a response, but without a clock. The
    /// timeouts of the transports themselves are tested in `runtime`.
    async fn send_until_server_hangs(
        &self,
        request: Request<Bytes>,
        within: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        match select(Transport::send(&self.transport, request, within), pin!(self.server.hangs())).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(TransportErrorKind::Timeout.into()),
        }
    }
}

impl Transport for CountingTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        if self.start_attempt() {
            return Box::pin(self.send_until_server_hangs(request, within));
        }
        Transport::send(&self.transport, request, within)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        panic!("the client should not wait for {time:?}")
    }
}

impl BlockingTransport for CountingTransport {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        if self.start_attempt() {
            return tokio_runtime().block_on(self.send_until_server_hangs(request, within));
        }
        BlockingTransport::send(&self.transport, request, within)
    }

    fn wait(&self, time: Duration) {
        panic!("the client should not wait for {time:?}")
    }
}

/// Calls an operation under a fault, with one of the clients.
struct CallUnderFault<'a> {
    case: Case<'a>,
    fault: &'a Fault,
    transports: &'a Transports,
    blocking: bool,
}

/// Observations of a call.
struct Observed {
    error: Option<Error>,
    attempts: Vec<Attempt>,
    /// Requests that the server read.
    requests: Vec<Vec<u8>>,
    /// Bytes that the other server received, to which redirects point: one entry for each connection.
    redirected: Vec<Vec<u8>>,
}

impl Visitor for CallUnderFault<'_> {
    type Output = Observed;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Observed {
        let Self { case, fault, transports, blocking } = self;
        let target = case.request().uri().path_and_query().unwrap().to_string();
        let other_server = FaultServer::open([Play::RefuseTls, Play::RefuseTls]);
        let play = fault.play.map(|new_play| new_play(&target, other_server.port()));
        let success = case.response().unwrap_or_else(|| examples::success_of(case.operation));
        let success = Play::Answer(written(&success));
        let server = Arc::new(FaultServer::closed(play.into_iter().chain([success.clone(), success])));
        if fault.play.is_some() {
            server.listen();
        }
        let config = client_config_at(&server.base(), token());
        let change = |options: &mut Options| {
            options.backoff = Duration::ZERO;
            options.deadline = NEVER;
            options.pacing = false;
            options.other_port = Some(other_server.port());
        };
        let transport = |transport: &HyperTransport| CountingTransport {
            transport: transport.clone(),
            server: server.clone(),
            server_hangs: fault.name == SLOW_BODY,
            attempts: AtomicUsize::new(0),
        };
        let result = if blocking {
            blocking::Client::with_transport(config, transport(&transports.blocking))
                .with(change)
                .call_for_reply(&endpoint)
        } else {
            let client = Client::with_transport(config, transport(&transports.asynchronous)).with(change);
            transports.runtime.block_on(client.call_for_reply(&endpoint))
        };
        let (error, attempts) = match result {
            Ok(reply) => (None, reply.attempts),
            Err(error) => {
                let attempts = error.attempts().to_vec();
                (Some(error), attempts)
            }
        };
        let server = Arc::into_inner(server).expect("the client should be dropped");
        Observed { error, attempts, requests: server.arrived(), redirected: other_server.arrived() }
    }
}

/// `true` if an operation of this retry class has to be retried.
fn must_retry(reaction: Reaction, retry: Retry) -> bool {
    match reaction {
        Reaction::Retry => true,
        Reaction::RetryIfIdempotent => retry != Retry::Unsafe,
        Reaction::RetryIfReadOnly => retry == Retry::Read,
        Reaction::FollowRedirect | Reaction::Fail => false,
    }
}

/// Checks what a call did against the fault's reaction.
fn check_reaction(observed: &Observed, fault: &Fault, retry: Retry) -> Result<(), String> {
    let is_retried = must_retry(fault.reaction, retry);
    let Observed { error, attempts, requests, redirected } = observed;
    check_equal("number of requests", &requests.len(), &(fault.reads + usize::from(is_retried)))?;
    check_equal("requests are equal", &requests.iter().all(|request| *request == requests[0]), &true)?;
    check_equal("success", &error.is_none(), &is_retried)?;
    let is_unknown = error.as_ref().is_some_and(Error::is_outcome_unknown);
    let is_unknown_expected = fault.reaction == Reaction::RetryIfIdempotent && !is_retried;
    check_equal("is_outcome_unknown", &is_unknown, &is_unknown_expected)?;
    let is_followed = fault.reaction == Reaction::FollowRedirect;
    check_equal("number of attempts", &attempts.len(), &(1 + usize::from(is_retried || is_followed)))?;
    check_equal("connections to the other server", &redirected.len(), &usize::from(is_followed))?;
    // A TLS record of type handshake.
    let is_handshake = redirected.first().is_none_or(|record| record[0] == 0x16);
    check_equal("TLS handshake", &is_handshake, &true)?;
    let is_tls_error =
        |error: &Error| matches!(error.kind(), ErrorKind::Transport(error) if error.kind() == TransportErrorKind::Tls);
    check_equal("TLS error", &error.as_ref().is_some_and(is_tls_error), &is_followed)?;
    let was_refused = attempts[0].outcome == Outcome::Unsent(TransportErrorKind::Connect);
    check_equal("first attempt was refused", &was_refused, &fault.play.is_none())?;
    let timed_out = attempts[0].outcome == Outcome::Broken(TransportErrorKind::Timeout);
    check_equal("first attempt timed out", &timed_out, &(fault.name == SLOW_BODY))
}

/// Calls an operation with one client under every fault.
fn check_every_fault(case: Case<'_>, request: &AnyRequest, transports: &Transports, blocking: bool) -> Checks {
    let mut checks = Checks::default();
    for fault in &FAULTS {
        let observed = request.clone().visit(CallUnderFault { case, fault, transports, blocking });
        let result = check_reaction(&observed, fault, case.operation.retry)
            .map_err(|problem| format!("{problem}\n{:?}\n{:?}", observed.error, observed.attempts));
        let client = if blocking { "blocking" } else { "async" };
        checks.record(format!("{}, {}, {client}", case.name(), fault.name), result);
    }
    checks
}

#[test]
fn every_operation_reacts_to_every_fault_as_its_retry_class_allows() {
    let api = schema::api();
    let mut checks = Checks::default();
    let mut settings = Settings::default();
    (settings.connect_timeout, settings.read_timeout, settings.timeout) = (NEVER, NEVER, NEVER);
    let transports = Transports::new(&settings);
    for (case, request) in first_cases(&api) {
        for blocking in [false, true] {
            checks.extend(check_every_fault(case, &request, &transports, blocking));
        }
    }
    let operations = api.sections.iter().map(|section| section.endpoints.len()).sum::<usize>();
    assert_eq!(checks.count(), operations * FAULTS.len() * 2);
    checks.finish();
}

// In memory.

/// Adds the reaction to the first request to a transport.
type Script = fn(MemoryTransport, &Request<Bytes>) -> MemoryTransport;

/// Faults after which the operation certainly has not run, and which a loopback connection cannot produce.
const UNSENT_FAULTS: [(&str, Script); 2] = [
    ("connection lost before anything was sent", |to, _| {
        to.fail(TransportError::new(TransportErrorKind::Broken).unsent())
    }),
    ("redirect to the other scheme, which responds", |to, request| {
        let https = request.uri().to_string().replacen("http:", "https:", 1);
        to.answer(Response::builder().status(302).header("location", https).body(Bytes::new()).unwrap())
    }),
];

/// Calls an operation with both clients, and returns how many requests each of them sent.
struct CountRequests<'a>(Case<'a>, Script);

impl Visitor for CountRequests<'_> {
    type Output = Result<[usize; 2], Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let Self(case, script) = self;
        let success = case.response().unwrap_or_else(|| examples::success_of(case.operation));
        let transport = || script(MemoryTransport::new(), &case.request()).answer(success.clone());
        let (for_blocking, for_async) = (transport(), transport());
        blocking::Client::with_transport(client_config(), for_blocking.clone()).call(&endpoint)?;
        tokio_runtime().block_on(Client::with_transport(client_config(), for_async.clone()).call(&endpoint))?;
        Ok([for_blocking.requests().len(), for_async.requests().len()])
    }
}

#[test]
fn every_operation_is_retried_if_it_certainly_has_not_run() {
    let api = schema::api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api) {
        for (name, script) in UNSENT_FAULTS {
            let sent = request.clone().visit(CountRequests(case, script)).map_err(|error| error.to_string());
            let result = sent.and_then(|sent| check_equal("number of requests", &sent, &[2, 2]));
            checks.record(format!("{}, {name}", case.name()), result);
        }
    }
    checks.finish();
}
