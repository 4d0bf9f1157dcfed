//! Helpers that several tests share.
//!
//! No helper names an operation, so a new operation in the schema is tested without an edit.
//!
//! - [`call_values`]: the values of a request and its response, and the HTTP messages that they should become.
//! - [`expected_xml`]: values as the XML that the schema language defines for them.
//! - [`arbitrary`]: random values.
//! - [`document`]: XML documents as trees, read by a third-party parser.

pub mod arbitrary;
pub mod call_values;
pub mod document;
pub mod expected_xml;

use std::fmt::Debug;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::config::ClientConfig;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{ApiToken, Credentials, EndpointExt, SERVICE};
use backpack_tests::examples::{self, BASE, Case, TOKEN};
use bytes::Bytes;
use tokio::runtime::Runtime;
use xmlwire_codegen::model::Api;

/// `User-Agent` of the clients in the tests. It names a program and a contact, as the service requires.
pub const USER_AGENT: &str = "Trip planner (jo@example.com)";

/// Returns the token of the schema's examples.
pub fn token() -> ApiToken {
    ApiToken::new(TOKEN).expect("the examples' token should be valid")
}

/// Returns the client configuration of the examples' user: the examples' account and token.
pub fn client_config() -> ClientConfig {
    client_config_with(token())
}

/// Returns the client configuration for these credentials and the account of the examples.
pub fn client_config_with(credentials: impl Into<Credentials>) -> ClientConfig {
    client_config_at(BASE, credentials)
}

/// Returns the client configuration for these credentials and this base URL, which may use http.
pub fn client_config_at(base: &str, credentials: impl Into<Credentials>) -> ClientConfig {
    ClientConfig::new_insecure(&SERVICE, base, credentials, USER_AGENT).expect("the base URL should be valid")
}

/// Starts a runtime for the async client, on the current thread.
pub fn tokio_runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime should start")
}

/// The default transport, once for each client, and a runtime for the async client.
pub struct Transports {
    pub blocking: HyperTransport,
    pub asynchronous: HyperTransport,
    pub runtime: Runtime,
}

impl Transports {
    /// Creates both transports with the same settings.
    pub fn new(config: &TransportConfig) -> Self {
        Self {
            blocking: HyperTransport::new(config).expect("TLS should be available"),
            asynchronous: HyperTransport::new(config).expect("TLS should be available"),
            runtime: tokio_runtime(),
        }
    }
}

/// Results of many checks, by name. A test records all of them and fails once, at the end, with every problem.
#[derive(Default)]
pub struct Checks {
    count: usize,
    problems: Vec<String>,
}

impl Checks {
    /// Counts a check and, if it failed, keeps its problem under this name.
    pub fn record(&mut self, name: impl AsRef<str>, result: Result<(), String>) {
        self.count += 1;
        if let Err(problem) = result {
            self.problems.push(format!("{}: {problem}", name.as_ref()));
        }
    }

    /// Adds the number of checks and the problems of `other`.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.problems.extend(other.problems);
    }

    /// Number of checks recorded so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Fails the test if a check failed, or if there was none.
    pub fn finish(self) {
        let Self { count, problems } = self;
        assert!(count > 0, "nothing was checked");
        assert!(problems.is_empty(), "{} of {count} failed:\n\n{}\n", problems.len(), problems.join("\n\n"));
    }
}

/// Checks that two values are equal. The error shows both, and names them `what`.
pub fn check_equal<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} differs\n     found: {found:?}\n  expected: {expected:?}"))
}

/// Reads a request as a server does, and drops its credentials. The error says why the request was not read.
pub fn read_request(request: &Request<Bytes>) -> Result<AnyRequest, String> {
    AnyRequest::read(request).map(|routed| routed.request).map_err(|error| format!("not read: {error:?}"))
}

/// Runs a check for every example of every operation, and fails the test if one of them fails.
pub fn check_each_example(check: impl Fn(&Case<'_>) -> Result<(), String>) {
    let api = backpack_tests::schema::read_api();
    let mut checks = Checks::default();
    for case in examples::cases(&api) {
        checks.record(case.name(), check(&case));
    }
    checks.finish();
}

/// Lists the first example of each operation, with its request as a server reads it.
pub fn first_cases(api: &Api) -> impl Iterator<Item = (Case<'_>, AnyRequest)> {
    examples::cases(api).filter(|case| case.index == 0).map(|case| {
        let request = read_request(&case.request()).unwrap_or_else(|problem| panic!("{}: {problem}", case.name()));
        (case, request)
    })
}

/// Returns the first example of one operation, as [`first_cases`] does. Panics if the operation does not exist.
pub fn first_case<'a>(api: &'a Api, operation: &str) -> (Case<'a>, AnyRequest) {
    let mut cases = first_cases(api);
    cases.find(|(case, _)| case.operation.name == operation).unwrap_or_else(|| panic!("there is no {operation}"))
}

/// Writes an operation's request as HTTP, as a client does.
pub struct WriteRequest<'c>(pub &'c ClientConfig);

impl Visitor for WriteRequest<'_> {
    type Output = Result<Request<Bytes>, backpack_api::Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(self.0)
    }
}
