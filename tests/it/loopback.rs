//! Every operation over real HTTP, with both clients, against a server that answers with the schema's examples through
//! the bindings' own server side.

use std::collections::BTreeMap;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::client::{AsyncClient, BlockingClient};
use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::service::Style;
use backpack_api::runtime::transport::{HyperTransport, Settings};
use backpack_api::runtime::{Caller, ServeEndpoint, Visitor};
use backpack_api::{Credentials, Token};
use backpack_tests::examples::{self, TOKEN};
use backpack_tests::schema;
use backpack_tests::server::{ExampleServer, Traffic};
use bytes::Bytes;
use tokio::runtime::Runtime;
use xmlwire_codegen::model::Api;

use crate::support::{AGENT, Failures, read, same, token};

/// Both clients, at one address.
struct Clients {
    blocking: BlockingClient,
    waiting: AsyncClient,
    runtime: Runtime,
}

impl Clients {
    fn new(server: &ExampleServer, credentials: impl Into<Credentials>) -> Self {
        let caller = Caller::new(&server.base_url(), credentials, AGENT).expect("an address");
        let settings = Settings::default();
        let hyper = HyperTransport::new(&settings).expect("TLS should be there");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            blocking: BlockingClient::new(caller.clone(), hyper.clone()),
            waiting: AsyncClient::new(caller, hyper),
            runtime: runtime.expect("a runtime should start"),
        }
    }
}

/// Calls with both clients. Each should answer what the example does.
struct Call<'a> {
    clients: &'a Clients,
    /// The example's answer, if it has one.
    expected: Option<&'a Response<Bytes>>,
}

impl Visitor for Call<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, request: E) -> Self::Output {
        let Self { clients, expected } = self;
        let blocking = clients.blocking.call(&request).map_err(|error| format!("blocking: {error}"))?;
        let waiting =
            clients.runtime.block_on(clients.waiting.call(&request)).map_err(|error| format!("async: {error}"))?;
        same("what the two clients got", &blocking, &waiting)?;
        match expected {
            Some(expected) => {
                let expected = E::from_response(expected).map_err(|error| error.to_string())?;
                same("the answer", &blocking, &expected)
            }
            // An example without an answer belongs to an operation without a value.
            None => same("the answer", &format!("{blocking:?}").as_str(), &"()"),
        }
    }
}

/// Requests with the answer that the server gives to each: that of the first example with the same request.
fn known(api: &Api) -> Vec<(String, AnyRequest, Option<Response<Bytes>>)> {
    let mut known: Vec<(String, AnyRequest, Option<Response<Bytes>>)> = Vec::new();
    for case in examples::cases(api) {
        let request = read(&case.request()).unwrap_or_else(|problem| panic!("{}: {problem}", case.name()));
        if known.iter().all(|(_, other, _)| *other != request) {
            known.push((case.name(), request, case.response()));
        }
    }
    known
}

/// Calls everything with both clients, and returns what travelled, two by two.
fn call_all(credentials: impl Into<Credentials>) -> Vec<Traffic> {
    let api = schema::api();
    let server = ExampleServer::start();
    let clients = Clients::new(&server, credentials);
    let mut failures = Failures::default();
    let mut travelled = Vec::new();
    for (name, request, expected) in known(&api) {
        let outcome = request.clone().visit(Call { clients: &clients, expected: expected.as_ref() });
        let traffic = server.traffic();
        let outcome = outcome.and_then(|()| same("how many requests came", &traffic.len(), &2));
        let outcome = outcome.and_then(|()| alike(&traffic[0], &traffic[1], &request));
        failures.note(name, outcome);
        travelled.extend(traffic);
    }
    failures.finish();
    travelled
}

/// Both clients sent the request, in the same words.
fn alike(one: &Traffic, other: &Traffic, request: &AnyRequest) -> Result<(), String> {
    let words = |traffic: &Traffic| {
        let mut headers: Vec<_> =
            traffic.request.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        headers.sort_by_key(|(name, _)| name.to_string());
        format!("{} {}\n{headers:?}\n{:?}", traffic.request.method(), traffic.request.uri(), traffic.request.body())
    };
    same("what the two clients sent", &words(one), &words(other))?;
    same("what came", &read(&one.request)?, request)
}

/// Where a token is in a request.
fn carrier(request: &Request<Bytes>) -> Option<&'static str> {
    let holds = |text: Option<&str>| text.is_some_and(|text| text.contains(TOKEN));
    let body = str::from_utf8(request.body()).ok();
    let uri = request.uri();
    let headers = request.headers();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let carriers = [
        ("body", holds(body)),
        ("path", uri.path().starts_with(&format!("/{TOKEN}/"))),
        ("query", holds(uri.query())),
        ("header", header("x-bp-token") == Some(TOKEN)),
        ("bearer", header("authorization") == Some(&format!("Bearer {TOKEN}"))),
    ];
    let mut found = carriers.into_iter().filter(|(_, found)| *found).map(|(carrier, _)| carrier);
    found.next().filter(|_| found.next().is_none())
}

/// Where a style says that the token goes.
fn carrier_of(style: &Style) -> &'static str {
    match style {
        style if style.token_in_body() => "body",
        style if !style.prefix.is_empty() => "path",
        style if style.query.is_some() => "query",
        _ => "header",
    }
}

#[test]
fn every_operation_over_http_with_a_token() {
    let mut styles: BTreeMap<&str, usize> = BTreeMap::new();
    for traffic in call_all(token()) {
        let style = AnyRequest::read(&traffic.request).unwrap().request.operation().style;
        assert_eq!(carrier(&traffic.request), Some(carrier_of(style)), "{:?}", traffic.request);
        *styles.entry(style.name).or_default() += 1;
    }
    assert_eq!(styles.len(), backpack_api::SERVICE.styles.len(), "all styles are used: {styles:?}");
}

#[test]
fn every_operation_over_http_with_a_bearer_token() {
    for traffic in call_all(Credentials::Bearer(token().into())) {
        assert_eq!(carrier(&traffic.request), Some("bearer"), "{:?}", traffic.request);
        assert!(!format!("{} {:?}", traffic.request.uri(), traffic.request.body()).contains(TOKEN));
    }
}

#[test]
fn a_delete_brings_its_body() {
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
fn another_token_is_refused() {
    let server = ExampleServer::start();
    let clients = Clients::new(&server, Token::new("fedcba9876543210fedcba9876543210fedcba98").unwrap());
    let me = backpack_api::users::Me::new();
    let error = clients.blocking.call(&me).unwrap_err();
    assert!(error.is_unauthorized() && error.was_sent(), "{error}");
    let error = clients.runtime.block_on(clients.waiting.call(&me)).unwrap_err();
    assert!(error.is_unauthorized() && error.was_sent(), "{error}");
}

/// Users' own way: handles and methods.
#[test]
fn methods_call_the_operations() {
    let server = ExampleServer::start();
    let page = backpack_api::PageId(2208);
    let client = backpack_api::blocking::Client::at(&server.base_url(), token(), AGENT).unwrap();
    let note = backpack_api::NewNote::new().title("Crossing").body("Leaves at nine from pier 4.");
    let blocking = client.notes(page).create(note.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let waiting = runtime.block_on(async {
        let client = backpack_api::Client::at(&server.base_url(), token(), AGENT).unwrap();
        client.notes(page).create(note.clone()).await.unwrap()
    });
    assert_eq!(blocking, waiting);
    let called: Vec<_> = server.traffic().into_iter().map(|traffic| read(&traffic.request).unwrap()).collect();
    let expected = AnyRequest::NotesCreate(backpack_api::notes::Create::new(page, note));
    assert_eq!(called, [expected.clone(), expected]);
}
