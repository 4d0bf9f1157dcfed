//! Every operation under every fault, over real connections, with both clients. Calls that can be retried succeed, and
//! a non-idempotent operation is never sent again if it may have run.
//!
//! Two faults cannot be produced on a loopback connection: a connected client that knows for certain that it sent
//! nothing, and a redirect to an https server that it trusts. They are tested in memory, at the end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::service::RetryClass;
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, MemoryTransport, Transport, TransportConfig, TransportError, TransportErrorKind,
    TransportFuture, WaitFuture,
};
use backpack_api::runtime::{Attempt, AttemptOutcome, ServeEndpoint, Visitor};
use backpack_api::{Client, Error, Options, blocking};
use backpack_tests::examples::{self, Case};
use backpack_tests::schema;
use bytes::Bytes;
use futures_util::future::{Either, select};
use test_support::{Action, FaultServer, http1::encode_response};

use crate::support::{
    Checks, Transports, check_equal, client_config, client_config_at, first_cases, token, tokio_runtime,
};

/// Required reaction of a client to a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reaction {
    /// Retries every operation, because it certainly did not run.
    Retry,
    /// Retries read-only and idempotent operations. For other operations, the error reports an unknown outcome.
    RetryIfIdempotent,
    /// Retries read-only operations.
    RetryIfReadOnly,
    /// Follows the redirect to the port of the other scheme, where only a TLS handshake arrives.
    FollowRedirect,
    /// Returns an error and sends nothing more.
    Fail,
}

/// A fault of a connection or of the service.
struct Fault {
    /// Name of the fault in failure messages.
    name: &'static str,
    reaction: Reaction,
    /// Number of requests that the server reads completely before a retry.
    reads: usize,
    /// Returns the action of the server for the first connection, given the request target and another server's port.
    /// `None` if the server refuses the connection instead.
    play: Option<fn(&str, u16) -> Action>,
}

/// Faults that the server plays.
const FAULTS: [Fault; 12] = [
    Fault {
        name: SLOW_BODY,
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Action::Hang(raw_response(200, "content-length: 999\r\n", BEGINNING))),
    },
    Fault { name: "connection refused", reaction: Reaction::Retry, reads: 0, play: None },
    Fault {
        name: "reset before the request was read",
        reaction: Reaction::RetryIfIdempotent,
        reads: 0,
        play: Some(|_, _| Action::ResetUnread),
    },
    Fault {
        name: "reset after the request",
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Action::ResetRead),
    },
    Fault {
        name: "cut off body",
        reaction: Reaction::RetryIfIdempotent,
        reads: 1,
        play: Some(|_, _| Action::Close(raw_response(200, "content-length: 999\r\n", BEGINNING))),
    },
    status_fault("500 without an envelope", Reaction::RetryIfReadOnly, |_, _| {
        Action::Close(raw_response(500, EMPTY, ""))
    }),
    status_fault("502", Reaction::RetryIfIdempotent, |_, _| Action::Close(raw_response(502, EMPTY, ""))),
    status_fault("503 with Retry-After", Reaction::Retry, |_, _| {
        Action::Close(raw_response(503, "retry-after: 0\r\n", ""))
    }),
    status_fault("503 without Retry-After", Reaction::RetryIfIdempotent, |_, _| {
        Action::Close(raw_response(503, EMPTY, ""))
    }),
    status_fault("504", Reaction::RetryIfIdempotent, |_, _| Action::Close(raw_response(504, EMPTY, ""))),
    status_fault("redirect to the other scheme", Reaction::FollowRedirect, |target, port| {
        Action::Close(raw_response(302, &format!("location: https://127.0.0.1:{port}{target}\r\n"), ""))
    }),
    status_fault("redirect to another host", Reaction::Fail, |target, port| {
        Action::Close(raw_response(302, &format!("location: http://localhost:{port}{target}\r\n"), ""))
    }),
];

/// Name of the fault that the client notices only by a timeout.
const SLOW_BODY: &str = "slow body";

/// Headers of a response without a body.
const EMPTY: &str = "content-length: 0\r\n";

/// Beginning of a response that is cut off.
const BEGINNING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">";

/// Value of all timeouts; never reached, so that no test depends on a clock.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// Creates a fault for which the server reads the request and sends a complete response.
const fn status_fault(name: &'static str, reaction: Reaction, play: fn(&str, u16) -> Action) -> Fault {
    Fault { name, reaction, reads: 1, play: Some(play) }
}

/// Builds a response with these headers, each of which ends with a line break.
fn raw_response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Status\r\n{headers}connection: close\r\n\r\n{body}").into_bytes()
}

/// A transport over the network that counts attempts. It makes the server listen before the second attempt, and lets
/// the first one time out when the server hangs.
struct CountingTransport {
    transport: HyperTransport,
    server: Arc<FaultServer>,
    server_hangs: bool,
    attempts: AtomicUsize,
}

impl CountingTransport {
    /// Counts an attempt. Returns `true` if it has to time out when the server hangs.
    fn start_attempt(&self) -> bool {
        let is_first = self.attempts.fetch_add(1, Ordering::SeqCst) == 0;
        if !is_first {
            self.server.listen();
        }
        is_first && self.server_hangs
    }

    /// Sends a request, and reports a timeout as soon as the server hangs: like a timeout in the middle of a response,
    /// but without a clock. The timeouts of the transports themselves are tested in `runtime`.
    async fn send_until_server_hangs(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<Response<Bytes>, TransportError> {
        match select(Transport::send(&self.transport, request, timeout), pin!(self.server.hanging())).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(TransportErrorKind::Timeout.into()),
        }
    }
}

impl Transport for CountingTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        if self.start_attempt() {
            return Box::pin(self.send_until_server_hangs(request, timeout));
        }
        Transport::send(&self.transport, request, timeout)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        panic!("the client should not wait for {time:?}")
    }
}

impl BlockingTransport for CountingTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        if self.start_attempt() {
            return tokio_runtime().block_on(self.send_until_server_hangs(request, timeout));
        }
        BlockingTransport::send(&self.transport, request, timeout)
    }

    fn wait(&self, time: Duration) {
        panic!("the client should not wait for {time:?}")
    }
}

/// Calls an operation under a fault, with the blocking or the async client.
struct CallUnderFault<'a> {
    case: Case<'a>,
    fault: &'a Fault,
    transports: &'a Transports,
    is_blocking: bool,
}

/// Result of a call, and the requests that arrived.
struct Observed {
    /// Error of the call. `None` if it succeeded.
    error: Option<Error>,
    /// Attempts that the client reports.
    attempts: Vec<Attempt>,
    /// Requests that the server read.
    requests: Vec<Vec<u8>>,
    /// Bytes that the server behind the redirects received: one entry for each connection.
    redirected: Vec<Vec<u8>>,
}

impl Visitor for CallUnderFault<'_> {
    type Output = Observed;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Observed {
        let Self { case, fault, transports, is_blocking } = self;
        let target = case.request().uri().path_and_query().unwrap().to_string();
        let other_server = FaultServer::start([Action::RejectTls, Action::RejectTls]);
        let play = fault.play.map(|new_play| new_play(&target, other_server.address().port()));
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let success = Action::Close(encode_response(&success));
        // The second success would answer a superfluous retry.
        let server = Arc::new(FaultServer::bind(play.into_iter().chain([success.clone(), success])));
        if fault.play.is_some() {
            server.listen();
        }
        let config = client_config_at(&server.base_url(), token());
        let change = |options: &mut Options| {
            options.initial_backoff = Duration::ZERO;
            options.deadline = NEVER;
            options.respect_rate_limits = false;
            options.redirect_port = Some(other_server.address().port());
        };
        let counting = |transport: &HyperTransport| CountingTransport {
            transport: transport.clone(),
            server: server.clone(),
            server_hangs: fault.name == SLOW_BODY,
            attempts: AtomicUsize::new(0),
        };
        let result = if is_blocking {
            blocking::Client::with_transport(config, counting(&transports.blocking))
                .with_options(change)
                .call_with_response(&endpoint)
        } else {
            let client = Client::with_transport(config, counting(&transports.asynchronous)).with_options(change);
            transports.runtime.block_on(client.call_with_response(&endpoint))
        };
        let (error, attempts) = match result {
            Ok(reply) => (None, reply.attempts),
            Err(error) => {
                let attempts = error.attempts().to_vec();
                (Some(error), attempts)
            }
        };
        let server = Arc::into_inner(server).expect("the client should be dropped");
        Observed { error, attempts, requests: server.into_requests(), redirected: other_server.into_requests() }
    }
}

/// `true` if a client has to send an operation of this retry class again.
fn must_retry(reaction: Reaction, retry: RetryClass) -> bool {
    match reaction {
        Reaction::Retry => true,
        Reaction::RetryIfIdempotent => retry != RetryClass::NotIdempotent,
        Reaction::RetryIfReadOnly => retry == RetryClass::ReadOnly,
        Reaction::FollowRedirect | Reaction::Fail => false,
    }
}

/// Checks that the client reacted to the fault as required.
fn check_reaction(observed: &Observed, fault: &Fault, retry: RetryClass) -> Result<(), String> {
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
    // The first byte of a TLS record is its type, here a handshake.
    let is_handshake = redirected.first().is_none_or(|record| record[0] == 0x16);
    check_equal("TLS handshake", &is_handshake, &true)?;
    let is_tls_error =
        |error: &Error| matches!(error.kind(), ErrorKind::Transport(error) if error.kind() == TransportErrorKind::Tls);
    check_equal("TLS error", &error.as_ref().is_some_and(is_tls_error), &is_followed)?;
    let was_refused = attempts[0].outcome == AttemptOutcome::NotSent(TransportErrorKind::Connect);
    check_equal("first attempt was refused", &was_refused, &fault.play.is_none())?;
    let timed_out = attempts[0].outcome == AttemptOutcome::NoResponse(TransportErrorKind::Timeout);
    check_equal("first attempt timed out", &timed_out, &(fault.name == SLOW_BODY))
}

/// Calls an operation with one client under every fault.
fn check_every_fault(case: Case<'_>, request: &AnyRequest, transports: &Transports, is_blocking: bool) -> Checks {
    let mut checks = Checks::default();
    for fault in &FAULTS {
        let observed = request.clone().visit(CallUnderFault { case, fault, transports, is_blocking });
        let result = check_reaction(&observed, fault, case.operation.retry)
            .map_err(|problem| format!("{problem}\n{:?}\n{:?}", observed.error, observed.attempts));
        let client = if is_blocking { "blocking" } else { "async" };
        checks.record(format!("{}, {}, {client}", case.name(), fault.name), result);
    }
    checks
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn every_operation_reacts_to_every_fault_as_its_retry_class_allows() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    let mut settings = TransportConfig::default();
    (settings.connect_timeout, settings.read_timeout, settings.timeout) = (NEVER, NEVER, NEVER);
    let transports = Transports::new(&settings);
    for (case, request) in first_cases(&api) {
        for is_blocking in [false, true] {
            checks.extend(check_every_fault(case, &request, &transports, is_blocking));
        }
    }
    let operations = api.sections.iter().map(|section| section.endpoints.len()).sum::<usize>();
    assert_eq!(checks.count(), operations * FAULTS.len() * 2);
    checks.finish();
}

// The faults that need a transport in memory.

/// Function that scripts a transport's reply to this request.
type Script = fn(MemoryTransport, &Request<Bytes>) -> MemoryTransport;

/// Faults after which the operation certainly has not run, and which a loopback connection cannot produce.
const UNSENT_FAULTS: [(&str, Script); 2] = [
    ("connection lost before anything was sent", |transport, _| {
        transport.fail(TransportError::new(TransportErrorKind::ConnectionLost).unsent())
    }),
    ("redirect to the other scheme, which responds", |transport, request| {
        let https = request.uri().to_string().replacen("http:", "https:", 1);
        transport.respond(Response::builder().status(302).header("location", https).body(Bytes::new()).unwrap())
    }),
];

/// Calls an operation with both clients over a scripted transport. Returns the number of requests that the blocking and
/// the async client sent.
struct CountRequests<'a>(Case<'a>, Script);

impl Visitor for CountRequests<'_> {
    type Output = Result<[usize; 2], Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let Self(case, script) = self;
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let transport = || script(MemoryTransport::new(), &case.request()).respond(success.clone());
        let (for_blocking, for_async) = (transport(), transport());
        blocking::Client::with_transport(client_config(), for_blocking.clone()).call(&endpoint)?;
        tokio_runtime().block_on(Client::with_transport(client_config(), for_async.clone()).call(&endpoint))?;
        Ok([for_blocking.requests().len(), for_async.requests().len()])
    }
}

#[test]
fn every_operation_is_retried_if_it_certainly_has_not_run() {
    let api = schema::read_api();
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
