//! Every operation and every fault, through both clients: what may be sent again comes through, and an operation that
//! must not run twice is never sent again when it could have run.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::service::Retry;
use backpack_api::runtime::transport::{MemoryTransport, TransportError, TransportErrorKind};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{Caller, Client, Error, Token, blocking};
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

/// What goes wrong with the first request.
type Fault = fn(MemoryTransport, &Request<Bytes>) -> MemoryTransport;

/// What is due after a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    /// It is sent again, whatever it is: certainly it did not run.
    Again,
    /// It is sent again if twice is harmless; else the error says that nobody knows.
    AgainIfHarmless,
    /// Reads are sent again.
    AgainIfRead,
    /// An error.
    Error,
}

const FAULTS: [(&str, Due, Fault); 12] = [
    ("refused", Due::Again, |to, _| to.fail(TransportErrorKind::Connect)),
    ("reset before the request", Due::Again, |to, _| to.fail(TransportError::new(TransportErrorKind::Broken).unsent())),
    ("reset after the request", Due::AgainIfHarmless, |to, _| to.fail(TransportErrorKind::Broken)),
    ("cut off body", Due::AgainIfHarmless, |to, _| to.fail(TransportErrorKind::Broken)),
    ("slow body", Due::AgainIfHarmless, |to, _| to.fail(TransportErrorKind::Timeout)),
    ("500 without an envelope", Due::AgainIfRead, |to, _| to.answer(status(500, &[]))),
    ("502", Due::AgainIfHarmless, |to, _| to.answer(status(502, &[]))),
    ("503 with Retry-After", Due::Again, |to, _| to.answer(status(503, &[("retry-after", "2")]))),
    ("503 without Retry-After", Due::AgainIfHarmless, |to, _| to.answer(status(503, &[]))),
    ("504", Due::AgainIfHarmless, |to, _| to.answer(status(504, &[]))),
    ("redirect to the other scheme", Due::Again, |to, request| {
        let https = request.uri().to_string().replacen("http:", "https:", 1);
        to.answer(status(302, &[("location", &https)]))
    }),
    ("redirect to another host", Due::Error, |to, request| {
        let other = request.uri().to_string().replacen("acme.backpackit.com", "evil.example.com", 1);
        to.answer(status(302, &[("location", &other)]))
    }),
];

fn status(status: u16, headers: &[(&str, &str)]) -> Response<Bytes> {
    let response = Response::builder().status(status);
    headers.iter().fold(response, |response, (name, value)| response.header(*name, *value)).body(Bytes::new()).unwrap()
}

/// One operation under one fault, with either client.
struct Call<'a> {
    case: Case<'a>,
    fault: Fault,
    blocking: bool,
}

/// What came of a call: the requests that were sent, and whether it succeeded.
struct Outcome {
    retry: Retry,
    requests: usize,
    error: Option<Error>,
}

impl Visitor for Call<'_> {
    type Output = Outcome;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Outcome {
        let request = self.case.request();
        let success = self.case.response().unwrap_or_else(|| examples::success_of(self.case.operation));
        let transport = (self.fault)(MemoryTransport::new(), &request).answer(success);
        let caller = Caller::new_plain(examples::BASE, Token::new(TOKEN).unwrap(), "Test (test@example.com)").unwrap();
        let error = if self.blocking {
            blocking::Client::with_transport(caller, transport.clone()).call(&endpoint).err()
        } else {
            let client = Client::with_transport(caller, transport.clone());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(client.call(&endpoint)).err()
        };
        Outcome { retry: E::OPERATION.retry, requests: transport.requests().len(), error }
    }
}

/// What a rule asks for, as the number of requests and whether the call succeeds.
fn expected(due: Due, retry: Retry) -> (usize, bool) {
    let again = match due {
        Due::Again => true,
        Due::AgainIfHarmless => retry != Retry::Unsafe,
        Due::AgainIfRead => retry == Retry::Read,
        Due::Error => false,
    };
    if again { (2, true) } else { (1, false) }
}

#[test]
fn every_operation_under_every_fault() {
    let api = schema::api();
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in examples::cases(&api).filter(|case| case.index == 0) {
        for (name, due, fault) in FAULTS {
            for blocking in [false, true] {
                count += 1;
                let request = AnyRequest::read(&case.request()).unwrap().request;
                let outcome = request.visit(Call { case, fault, blocking });
                let unknown = outcome.error.as_ref().is_some_and(Error::is_outcome_unknown);
                let unknown_due = due == Due::AgainIfHarmless && outcome.retry == Retry::Unsafe;
                let found = (outcome.requests, outcome.error.is_none());
                if found != expected(due, outcome.retry) || unknown != unknown_due {
                    wrong.push(format!("{}, {name}: {found:?} {:?}", case.name(), outcome.error));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, api.sections.iter().map(|section| section.endpoints.len()).sum::<usize>() * FAULTS.len() * 2);
}

#[test]
fn the_token_goes_to_no_other_host() {
    let api = schema::api();
    for case in examples::cases(&api).filter(|case| case.index == 0) {
        for (name, _, fault) in FAULTS {
            let transport = fault(MemoryTransport::new(), &case.request());
            let caller =
                Caller::new_plain(examples::BASE, Token::new(TOKEN).unwrap(), "Test (test@example.com)").unwrap();
            let client = blocking::Client::with_transport(caller, transport.clone());
            AnyRequest::read(&case.request()).unwrap().request.visit(Send(client));
            for request in transport.requests() {
                assert_eq!(request.uri().host(), Some("acme.backpackit.com"), "{}, {name}", case.name());
            }
        }
    }
}

/// Calls an endpoint, and shows no token in whatever comes of it.
struct Send(blocking::Client);

impl Visitor for Send {
    type Output = ();

    fn visit<E: ServeEndpoint>(self, endpoint: E) {
        let result = self.0.call(&endpoint);
        let texts = [
            format!("{result:?}"),
            format!("{:?}", self.0),
            result.err().map(|error| error.to_string()).unwrap_or_default(),
        ];
        assert!(texts.iter().all(|text| !text.contains(TOKEN)), "{texts:?}");
    }
}
