//! Every operation over real HTTP, with both clients. The server responds with the schema's examples, through the
//! server side of the bindings.

use std::collections::BTreeMap;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::client::{AsyncClient, BlockingClient};
use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::service::Style;
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::runtime::{ClientConfig, ServeEndpoint, Visitor};
use backpack_api::{ApiToken, Credentials, EndpointExt, SERVICE};
use backpack_tests::examples::{self, TOKEN};
use backpack_tests::schema;
use backpack_tests::server::{ExampleServer, Traffic};
use bytes::Bytes;
use tokio::runtime::Runtime;
use xmlwire_codegen::model::Api;

use crate::support::{Checks, USER_AGENT, check_equal, read_request, token, tokio_runtime};

/// Both clients, with the same configuration.
struct Clients {
    blocking: BlockingClient,
    asynchronous: AsyncClient,
    runtime: Runtime,
}

impl Clients {
    /// Creates both clients for a server, with one transport.
    fn new(server: &ExampleServer, credentials: impl Into<Credentials>) -> Self {
        let base_url = server.base_url();
        let config = ClientConfig::new(&SERVICE, base_url.as_str(), credentials, USER_AGENT)
            .expect("the base URL should be valid");
        let transport = HyperTransport::new(&TransportConfig::default()).expect("TLS should be available");
        Self {
            blocking: BlockingClient::new(config.clone(), transport.clone()),
            asynchronous: AsyncClient::new(config, transport),
            runtime: tokio_runtime(),
        }
    }
}

/// Calls an operation with both clients, which have to return the value of the example.
struct CallBoth<'a> {
    clients: &'a Clients,
    /// The example's response, if it has one.
    expected: Option<&'a Response<Bytes>>,
}

impl Visitor for CallBoth<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, request: E) -> Self::Output {
        let Self { clients, expected } = self;
        let blocking = clients.blocking.call(&request).map_err(|error| format!("blocking: {error}"))?;
        let asynchronous = clients.runtime.block_on(clients.asynchronous.call(&request));
        let asynchronous = asynchronous.map_err(|error| format!("async: {error}"))?;
        check_equal("value of the two clients", &blocking, &asynchronous)?;
        match expected {
            Some(expected) => {
                let expected = E::from_response(expected).map_err(|error| error.to_string())?;
                check_equal("value", &blocking, &expected)
            }
            // An example without a response belongs to an operation without a value.
            None => check_equal("value", &format!("{blocking:?}").as_str(), &"()"),
        }
    }
}

/// Name of an example, its request, and the server's response. `None` if the example has no response.
type Exchange = (String, AnyRequest, Option<Response<Bytes>>);

/// Returns the distinct requests of all examples. If examples have the same request, the server responds with the
/// first.
fn distinct_exchanges(api: &Api) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for case in examples::cases(api) {
        let request = read_request(&case.request()).unwrap_or_else(|problem| panic!("{}: {problem}", case.name()));
        if exchanges.iter().all(|(_, other, _)| *other != request) {
            exchanges.push((case.name(), request, case.response()));
        }
    }
    exchanges
}

/// Calls every operation with both clients and returns the traffic. Each operation has two entries: the blocking
/// client's, then the async client's.
fn call_all(credentials: impl Into<Credentials>) -> Vec<Traffic> {
    let api = schema::read_api();
    let server = ExampleServer::start();
    let clients = Clients::new(&server, credentials);
    let mut checks = Checks::default();
    let mut all_traffic = Vec::new();
    for (name, request, expected) in distinct_exchanges(&api) {
        let result = request.clone().visit(CallBoth { clients: &clients, expected: expected.as_ref() });
        let traffic = server.traffic();
        let result = result.and_then(|()| check_equal("number of requests", &traffic.len(), &2));
        let result = result.and_then(|()| check_same_request(&traffic[0], &traffic[1], &request));
        checks.record(name, result);
        all_traffic.extend(traffic);
    }
    checks.finish();
    all_traffic
}

/// Checks that both clients sent the request, with the same bytes.
fn check_same_request(one: &Traffic, other: &Traffic, request: &AnyRequest) -> Result<(), String> {
    let describe = |traffic: &Traffic| {
        let mut headers: Vec<_> =
            traffic.request.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        headers.sort_by_key(|(name, _)| name.to_string());
        format!("{} {}\n{headers:?}\n{:?}", traffic.request.method(), traffic.request.uri(), traffic.request.body())
    };
    check_equal("request of the two clients", &describe(one), &describe(other))?;
    check_equal("request as the server reads it", &read_request(&one.request)?, request)
}

/// Returns the carrier of the token in a request. `None` if there is none, or more than one.
fn find_carrier(request: &Request<Bytes>) -> Option<&'static str> {
    let contains_token = |text: Option<&str>| text.is_some_and(|text| text.contains(TOKEN));
    let body = str::from_utf8(request.body()).ok();
    let uri = request.uri();
    let headers = request.headers();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let carriers = [
        ("body", contains_token(body)),
        ("path", uri.path().starts_with(&format!("/{TOKEN}/"))),
        ("query", contains_token(uri.query())),
        ("header", header("x-bp-token") == Some(TOKEN)),
        ("bearer", header("authorization") == Some(&format!("Bearer {TOKEN}"))),
    ];
    let mut found = carriers.into_iter().filter(|(_, is_found)| *is_found).map(|(carrier, _)| carrier);
    match (found.next(), found.next()) {
        (Some(carrier), None) => Some(carrier),
        _ => None,
    }
}

/// Returns the carrier that a style declares for the token.
fn declared_carrier(style: &Style) -> &'static str {
    match style {
        style if style.has_token_in_body() => "body",
        style if !style.prefix.is_empty() => "path",
        style if style.query.is_some() => "query",
        _ => "header",
    }
}

#[test]
fn every_operation_works_over_http_with_a_token() {
    let mut styles: BTreeMap<&str, usize> = BTreeMap::new();
    for traffic in call_all(token()) {
        let style = AnyRequest::read(&traffic.request).unwrap().request.operation().style;
        assert_eq!(find_carrier(&traffic.request), Some(declared_carrier(style)), "{:?}", traffic.request);
        *styles.entry(style.name).or_default() += 1;
    }
    assert_eq!(styles.len(), backpack_api::SERVICE.styles.len(), "all styles are used: {styles:?}");
}

#[test]
fn every_operation_works_over_http_with_a_bearer_token() {
    for traffic in call_all(Credentials::Bearer(token().into())) {
        assert_eq!(find_carrier(&traffic.request), Some("bearer"), "{:?}", traffic.request);
        assert!(!format!("{} {:?}", traffic.request.uri(), traffic.request.body()).contains(TOKEN));
    }
}

#[test]
fn a_delete_request_is_sent_with_its_body() {
    let with_body: Vec<_> = call_all(token())
        .into_iter()
        .filter(|traffic| traffic.request.method() == Method::DELETE && !traffic.request.body().is_empty())
        .collect();
    assert!(!with_body.is_empty());
    for traffic in with_body {
        let body = str::from_utf8(traffic.request.body()).unwrap();
        assert!(body.contains(&format!("<token>{TOKEN}</token>")), "{body}");
        assert_eq!(traffic.request.headers()["content-length"], body.len().to_string());
        assert_eq!(traffic.request.headers()["content-type"], "application/xml");
        assert!(traffic.response.status().is_success());
    }
}

#[test]
fn a_wrong_token_is_unauthorized() {
    let server = ExampleServer::start();
    let clients = Clients::new(&server, ApiToken::new("fedcba9876543210fedcba9876543210fedcba98").unwrap());
    let me = backpack_api::users::Me::new();
    let error = clients.blocking.call(&me).unwrap_err();
    assert!(error.is_unauthorized() && error.was_sent(), "{error}");
    let error = clients.runtime.block_on(clients.asynchronous.call(&me)).unwrap_err();
    assert!(error.is_unauthorized() && error.was_sent(), "{error}");
}

#[test]
fn creating_a_note_with_a_handle_calls_the_operation() {
    let server = ExampleServer::start();
    let page = backpack_api::PageId(2208);
    let client = backpack_api::blocking::Client::with_base_url(&server.base_url(), token(), USER_AGENT).unwrap();
    let note = backpack_api::NewNote::new().title("Crossing").body("Leaves at nine from pier 4.");
    let blocking_note = client.notes(page).create(note.clone()).unwrap();
    let async_note = tokio_runtime().block_on(async {
        let client = backpack_api::Client::with_base_url(&server.base_url(), token(), USER_AGENT).unwrap();
        client.notes(page).create(note.clone()).await.unwrap()
    });
    assert_eq!(blocking_note, async_note);
    let requests: Vec<_> =
        server.traffic().into_iter().map(|traffic| read_request(&traffic.request).unwrap()).collect();
    let expected = AnyRequest::NotesCreate(backpack_api::notes::Create::new(page, note));
    assert_eq!(requests, [expected.clone(), expected]);
}
