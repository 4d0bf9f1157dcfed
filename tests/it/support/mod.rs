//! What several tests need: documents as values from the model, documents as trees, and requests by operation name.
//!
//! Nothing here names an operation, so that a new one in the schema is tested without an edit.

pub mod document;
pub mod random;
pub mod shape;
pub mod wire;

use std::fmt::Debug;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::caller::Caller;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::transport::{HyperTransport, Settings};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{Credentials, Token};
use xmlwire_codegen::model::Api;
use backpack_tests::examples::{self, BASE, Case, TOKEN};
use bytes::Bytes;
use tokio::runtime::Runtime;

/// What the tests' program calls itself.
pub const AGENT: &str = "Trip planner (jo@example.com)";

pub fn token() -> Token {
    Token::new(TOKEN).expect("the examples' token is one")
}

/// Who calls in every test.
pub fn caller() -> Caller {
    caller_with(token())
}

pub fn caller_with(credentials: impl Into<Credentials>) -> Caller {
    caller_at(BASE, credentials)
}

pub fn caller_at(base: &str, credentials: impl Into<Credentials>) -> Caller {
    Caller::new_plain(base, credentials, AGENT).expect("the address should be one")
}

/// What both clients go over by default, and the runtime of the one that does not block.
pub struct Transports {
    pub blocking: HyperTransport,
    pub waiting: HyperTransport,
    pub runtime: Runtime,
}

impl Transports {
    pub fn new(settings: &Settings) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            blocking: HyperTransport::new(settings).expect("TLS should be there"),
            waiting: HyperTransport::new(settings).expect("TLS should be there"),
            runtime: runtime.expect("a runtime should start"),
        }
    }
}

/// What went wrong, by name. A test collects all of it, and fails at the end.
#[derive(Default)]
pub struct Failures {
    tried: usize,
    failed: Vec<String>,
}

impl Failures {
    pub fn note(&mut self, name: impl AsRef<str>, outcome: Result<(), String>) {
        self.tried += 1;
        if let Err(problem) = outcome {
            self.failed.push(format!("{}: {problem}", name.as_ref()));
        }
    }

    /// Takes over what another collected.
    pub fn join(&mut self, other: Self) {
        self.tried += other.tried;
        self.failed.extend(other.failed);
    }

    /// How many were noted.
    pub fn tried(&self) -> usize {
        self.tried
    }

    /// Fails the test if anything did, or if nothing was tried.
    pub fn finish(self) {
        let Self { tried, failed } = self;
        assert!(tried > 0, "nothing was tried");
        assert!(failed.is_empty(), "{} of {tried} failed:\n\n{}\n", failed.len(), failed.join("\n\n"));
    }
}

/// Equal, or both of them.
pub fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} differs\n     found: {found:?}\n  expected: {expected:?}"))
}

/// Reads a request on the server's side.
pub fn read(request: &Request<Bytes>) -> Result<AnyRequest, String> {
    AnyRequest::read(request).map(|routed| routed.request).map_err(|error| format!("not read: {error:?}"))
}

/// The first example of each operation, in its own type.
pub fn first_cases(api: &Api) -> impl Iterator<Item = (Case<'_>, AnyRequest)> {
    examples::cases(api).filter(|case| case.index == 0).map(|case| {
        let request = read(&case.request()).unwrap_or_else(|problem| panic!("{}: {problem}", case.name()));
        (case, request)
    })
}

/// The first example of an operation.
pub fn first_case<'a>(api: &'a Api, operation: &str) -> (Case<'a>, AnyRequest) {
    let mut cases = first_cases(api);
    cases.find(|(case, _)| case.operation.name == operation).unwrap_or_else(|| panic!("there is no {operation}"))
}

/// The HTTP request of an operation.
pub struct Send<'c>(pub &'c Caller);

impl Visitor for Send<'_> {
    type Output = Result<Request<Bytes>, backpack_api::Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(self.0)
    }
}
