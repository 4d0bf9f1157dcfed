//! Routing with the generated bindings: the operation that a request is routed to, and the carrier of its token.

use backpack_api::SERVICE;
use backpack_api::routes::{AnyRequest, ROUTES};
use backpack_api::runtime::credentials::PresentedCredentials;
use backpack_api::runtime::http::{Method, Request, Uri};
use backpack_api::runtime::service::{EnvelopePart, Operation};
use backpack_api::runtime::{
    path_template::Segment,
    routing::{Route, RouteError},
};
use backpack_tests::examples::{BASE, Case, TOKEN, encode_xml};
use bytes::Bytes;

use crate::support::{Checks, check_each_example, check_equal};

/// Builds a path that the route matches, with 2208 in its holes. It contains `token`, if given, if the style puts the
/// token into the path.
fn sample_path(route: &Route<AnyRequest>, token: Option<&str>) -> String {
    let prefix = route.operation.style.prefix.iter().filter_map(|segment| segment.or(token));
    let path = route.path.iter().map(|segment| match segment {
        Segment::Literal(text) => (*text).to_owned(),
        Segment::Hole { before, after, .. } => format!("{before}2208{after}"),
    });
    prefix.map(str::to_owned).chain(path).map(|segment| format!("/{segment}")).collect()
}

/// Builds a request with an empty body.
fn new_request(method: &Method, uri: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).body(Bytes::new()).expect("the URI should be valid")
}

/// Returns the name of the operation that a request is routed to, even if its values are invalid. `Err` if there is no
/// such path, or the path has no such method.
fn routed_operation(method: &Method, uri: &str) -> Result<&'static str, RouteError> {
    match AnyRequest::read(&new_request(method, uri)) {
        Ok(routed) => Ok(routed.request.operation().name),
        Err(RouteError::InvalidRequest { operation, .. }) => Ok(operation.name),
        Err(error) => Err(error),
    }
}

#[test]
fn every_path_is_routed_to_its_operation_with_and_without_a_token() {
    let mut checks = Checks::default();
    for route in ROUTES {
        for path in [sample_path(route, Some(TOKEN)), sample_path(route, None)] {
            let found = routed_operation(&route.method, &path);
            let result = check_equal("operation", &found, &Ok(route.operation.name));
            checks.record(format!("{} {path}", route.method), result);
        }
    }
    checks.finish();
}

#[test]
fn every_operation_has_a_route() {
    for operation in SERVICE.operations {
        assert!(ROUTES.iter().any(|route| route.operation.name == operation.name), "{}", operation.name);
    }
}

#[test]
fn a_wrong_method_is_rejected_with_the_allowed_methods() {
    let mut checks = Checks::default();
    for route in ROUTES {
        let path = sample_path(route, Some(TOKEN));
        let same_path = ROUTES.iter().filter(|other| sample_path(other, Some(TOKEN)) == path);
        let allowed = same_path.map(|other| other.method.clone()).collect();
        checks.record(
            &path,
            check_equal(
                "result",
                &routed_operation(&Method::PATCH, &path),
                &Err(RouteError::MethodNotAllowed(allowed)),
            ),
        );
    }
    checks.finish();
}

#[test]
fn an_unknown_path_is_not_found() {
    for path in [
        "/",
        "*",
        "/ws",
        "/ws/",
        "/ws/page",
        "/ws/page/",
        "/ws/page/2208/",
        "//ws/page/2208",
        "/ws//page/2208",
        "/WS/page/2208",
        "/ws/page/2208/notes/list/2208",
        "/api/ws/page/2208",
        "/me",
        "/me.json",
        "/me.xml/",
        "/users//export.xml",
    ] {
        assert_eq!(routed_operation(&Method::POST, path), Err(RouteError::NotFound), "{path}");
    }
}

#[test]
fn an_id_in_a_path_has_to_be_a_number() {
    for id in ["coast", "-1", "+1", "22o8", "2208.xml", "%20", "2208%00", "%D9%A3", "%FF", "1e3"] {
        assert_eq!(routed_operation(&Method::POST, &format!("/ws/page/{id}")), Err(RouteError::NotFound), "{id}");
    }
    let too_large = AnyRequest::read(&new_request(&Method::POST, "/ws/page/18446744073709551616"));
    assert!(
        matches!(&too_large, Err(RouteError::InvalidRequest { operation, .. }) if operation.name == "pages.show"),
        "{too_large:?}"
    );
}

#[test]
fn percent_encoding_in_values_is_decoded() {
    assert_eq!(routed_operation(&Method::POST, "/ws/page/%32208"), Ok("pages.show"));
    let routed = AnyRequest::read(&new_request(&Method::GET, &format!("/%30{}/me.xml", &TOKEN[1..])));
    assert_eq!(routed.map(|routed| routed.credentials).ok(), Some(Some(PresentedCredentials::Token(TOKEN.into()))));
    let uri = format!("/statuses.xml?%74oken=%30{}", &TOKEN[1..]);
    let routed = AnyRequest::read(&new_request(&Method::GET, &uri));
    assert_eq!(routed.map(|routed| routed.credentials).ok(), Some(Some(PresentedCredentials::Token(TOKEN.into()))));
}

/// A proxy receives the whole URL, a server usually the path only.
#[test]
fn urls_and_paths_are_routed_alike() {
    check_each_example(|case| {
        let with_url = case.request();
        let mut with_path = case.request();
        let target = with_url.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        *with_path.uri_mut() = target.parse::<Uri>().map_err(|error| error.to_string())?;
        check_equal("request", &read_with_credentials(&with_path)?, &read_with_credentials(&with_url)?)
    });
}

/// A carrier of the token, which need not be that of the operation's style. `None` sends no token.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    None,
    Body,
    Query,
    Header,
    Bearer,
}

#[test]
fn a_token_is_read_from_a_body_query_or_header_for_every_operation() {
    let carriers = [
        (Carrier::None, None),
        (Carrier::Body, Some(PresentedCredentials::Token(TOKEN.into()))),
        (Carrier::Query, Some(PresentedCredentials::Token(TOKEN.into()))),
        (Carrier::Header, Some(PresentedCredentials::Token(TOKEN.into()))),
        (Carrier::Bearer, Some(PresentedCredentials::Bearer(TOKEN.into()))),
    ];
    check_each_example(|case| {
        let (expected, _) = read_with_credentials(&case.request())?;
        carriers.iter().try_for_each(|(carrier, credentials)| {
            let request = request_with_carrier(case, *carrier);
            let found = read_with_credentials(&request).map_err(|error| format!("{carrier:?}: {error}"))?;
            check_equal(&format!("{carrier:?}"), &found, &(expected.clone(), credentials.clone()))
        })
    });
}

#[test]
fn a_bearer_token_takes_precedence() {
    check_each_example(|case| {
        let mut request = case.request();
        let value = format!("Bearer other{TOKEN}").parse().map_err(|_| "invalid header value")?;
        request.headers_mut().insert("authorization", value);
        let (_, credentials) = read_with_credentials(&request)?;
        check_equal("credentials", &credentials, &Some(PresentedCredentials::Bearer(format!("other{TOKEN}").into())))
    });
}

/// Builds the request of an example, with the token in this carrier only.
fn request_with_carrier(case: &Case<'_>, carrier: Carrier) -> Request<Bytes> {
    let payload: String = case.example.request.iter().flatten().map(encode_xml).collect();
    let with_envelope = |token: &str| format!("<request>{token}{payload}</request>");
    let body = match carrier {
        Carrier::Body => with_envelope(&format!("<token>{TOKEN}</token>")),
        _ if has_envelope(case.operation) => with_envelope(""),
        _ => payload,
    };
    let mut request = case.request().map(|_| Bytes::from(body));
    request.headers_mut().remove("x-bp-token");
    let separator = if case.example.path.contains('?') { '&' } else { '?' };
    let uri = match carrier {
        Carrier::Query => format!("{BASE}{}{separator}token={TOKEN}", case.example.path),
        _ => format!("{BASE}{}", case.example.path),
    };
    *request.uri_mut() = uri.parse().expect("the URI should be valid");
    let mut insert_header = |name: &'static str, value: String| {
        request.headers_mut().insert(name, value.parse().expect("a token should be a valid header value"));
    };
    match carrier {
        Carrier::Header => insert_header("x-bp-token", TOKEN.to_owned()),
        Carrier::Bearer => insert_header("authorization", format!("Bearer {TOKEN}")),
        Carrier::None | Carrier::Body | Carrier::Query => {}
    }
    request
}

/// `true` if the operation's requests are in the envelope `<request>`.
fn has_envelope(operation: &Operation) -> bool {
    let parts = operation.style.request.map(|envelope| envelope.parts);
    parts.is_some_and(|parts| parts.contains(&EnvelopePart::Xml("<request>")))
}

/// Reads a request as a server does. Returns it with the credentials that it presents.
fn read_with_credentials(request: &Request<Bytes>) -> Result<(AnyRequest, Option<PresentedCredentials>), String> {
    let routed = AnyRequest::read(request).map_err(|error| format!("not read: {error:?}"))?;
    Ok((routed.request, routed.credentials))
}
