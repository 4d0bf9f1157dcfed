//! Which operation a request reaches, and where its token is found.

use backpack_api::SERVICE;
use backpack_api::routes::{AnyRequest, ROUTES};
use backpack_api::runtime::caller::Presented;
use backpack_api::runtime::http::{Method, Request, Uri};
use backpack_api::runtime::incoming::{Route, Segment, Unroutable};
use backpack_api::runtime::service::{Operation, Part};
use backpack_tests::examples::{self, BASE, Case, TOKEN, encode_xml};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::{Failures, same};

/// A path that a route takes, with or without the token that is in it for some styles.
fn path_of(route: &Route<AnyRequest>, token: Option<&str>) -> String {
    let prefix = route.operation.style.prefix.iter().filter_map(|segment| segment.or(token));
    let path = route.path.iter().map(|segment| match segment {
        Segment::Literal(text) => (*text).to_owned(),
        Segment::Hole { before, after, .. } => format!("{before}2208{after}"),
    });
    prefix.map(str::to_owned).chain(path).map(|segment| format!("/{segment}")).collect()
}

fn request(method: &Method, uri: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).body(Bytes::new()).expect("an address should be one")
}

/// The name of the operation that a request reaches, whether it can be read or not.
fn reached(method: &Method, uri: &str) -> Result<&'static str, Unroutable> {
    match AnyRequest::read(&request(method, uri)) {
        Ok(routed) => Ok(routed.request.operation().name),
        Err(Unroutable::Unreadable { operation, .. }) => Ok(operation.name),
        Err(error) => Err(error),
    }
}

#[test]
fn every_route_leads_to_its_operation_with_a_token_in_the_path_and_without() {
    let mut failures = Failures::default();
    for route in ROUTES {
        for path in [path_of(route, Some(TOKEN)), path_of(route, None)] {
            let found = reached(&route.method, &path);
            failures.note(format!("{} {path}", route.method), same("operation", &found, &Ok(route.operation.name)));
        }
    }
    failures.finish();
}

#[test]
fn every_operation_has_a_route() {
    for operation in SERVICE.operations {
        assert!(ROUTES.iter().any(|route| route.operation.name == operation.name), "{}", operation.name);
    }
}

#[test]
fn another_method_is_refused_with_those_that_there_are() {
    let mut failures = Failures::default();
    for route in ROUTES {
        let path = path_of(route, Some(TOKEN));
        let others = ROUTES.iter().filter(|other| path_of(other, Some(TOKEN)) == path);
        let allowed = others.map(|other| other.method.clone()).collect();
        failures.note(&path, same("answer", &reached(&Method::PATCH, &path), &Err(Unroutable::WrongMethod(allowed))));
    }
    failures.finish();
}

#[test]
fn what_is_no_route_is_not_found() {
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
        assert_eq!(reached(&Method::POST, path), Err(Unroutable::NotFound), "{path}");
    }
}

#[test]
fn an_id_is_a_number() {
    for id in ["coast", "-1", "+1", "22o8", "2208.xml", "%20", "2208%00", "%D9%A3", "%FF", "1e3"] {
        assert_eq!(reached(&Method::POST, &format!("/ws/page/{id}")), Err(Unroutable::NotFound), "{id}");
    }
    let too_large = AnyRequest::read(&request(&Method::POST, "/ws/page/18446744073709551616"));
    assert!(
        matches!(&too_large, Err(Unroutable::Unreadable { operation, .. }) if operation.name == "pages.show"),
        "{too_large:?}"
    );
}

#[test]
fn escapes_in_values_are_undone() {
    assert_eq!(reached(&Method::POST, "/ws/page/%32208"), Ok("pages.show"));
    let routed = AnyRequest::read(&request(&Method::GET, &format!("/%30{}/me.xml", &TOKEN[1..])));
    assert_eq!(routed.map(|routed| routed.presented).ok(), Some(Some(Presented::Token(TOKEN.into()))));
    let uri = format!("/statuses.xml?%74oken=%30{}", &TOKEN[1..]);
    let routed = AnyRequest::read(&request(&Method::GET, &uri));
    assert_eq!(routed.map(|routed| routed.presented).ok(), Some(Some(Presented::Token(TOKEN.into()))));
}

/// A proxy hears the whole address, a server mostly the path alone.
#[test]
fn the_form_of_the_target_does_not_matter() {
    each_example(|case| {
        let whole = case.request();
        let mut origin = case.request();
        let target = whole.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        *origin.uri_mut() = target.parse::<Uri>().map_err(|error| error.to_string())?;
        same("request", &read(&origin)?, &read(&whole)?)
    });
}

/// A carrier of a token, as a server may find it.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    Nowhere,
    Body,
    Query,
    Header,
    Bearer,
}

#[test]
fn a_token_is_found_in_any_carrier_on_any_operation() {
    let carriers = [
        (Carrier::Nowhere, None),
        (Carrier::Body, Some(Presented::Token(TOKEN.into()))),
        (Carrier::Query, Some(Presented::Token(TOKEN.into()))),
        (Carrier::Header, Some(Presented::Token(TOKEN.into()))),
        (Carrier::Bearer, Some(Presented::Bearer(TOKEN.into()))),
    ];
    each_example(|case| {
        let (expected, _) = read(&case.request())?;
        carriers.iter().try_for_each(|(carrier, presented)| {
            let found = read(&carrying(case, *carrier)).map_err(|error| format!("{carrier:?}: {error}"))?;
            same(&format!("{carrier:?}"), &found, &(expected.clone(), presented.clone()))
        })
    });
}

#[test]
fn a_bearer_token_goes_before_others() {
    each_example(|case| {
        let mut request = case.request();
        let value = format!("Bearer other{TOKEN}").parse().map_err(|_| "no value")?;
        request.headers_mut().insert("authorization", value);
        let (_, presented) = read(&request)?;
        same("token", &presented, &Some(Presented::Bearer(format!("other{TOKEN}").into())))
    });
}

/// The request of an example, with its token in this carrier and in no other.
fn carrying(case: &Case<'_>, carrier: Carrier) -> Request<Bytes> {
    let payload: String = case.example.request.iter().flatten().map(encode_xml).collect();
    let in_body = |token: &str| format!("<request>{token}{payload}</request>");
    let body = match carrier {
        Carrier::Body => in_body(&format!("<token>{TOKEN}</token>")),
        _ if has_envelope(case.operation) => in_body(""),
        _ => payload,
    };
    let mut request = case.request().map(|_| Bytes::from(body));
    request.headers_mut().remove("x-bp-token");
    let mark = if case.example.path.contains('?') { '&' } else { '?' };
    let uri = match carrier {
        Carrier::Query => format!("{BASE}{}{mark}token={TOKEN}", case.example.path),
        _ => format!("{BASE}{}", case.example.path),
    };
    *request.uri_mut() = uri.parse().expect("an address should be one");
    let mut insert = |name: &'static str, value: String| {
        request.headers_mut().insert(name, value.parse().expect("a token should be a header's value"));
    };
    match carrier {
        Carrier::Header => insert("x-bp-token", TOKEN.to_owned()),
        Carrier::Bearer => insert("authorization", format!("Bearer {TOKEN}")),
        Carrier::Nowhere | Carrier::Body | Carrier::Query => {}
    }
    request
}

fn has_envelope(operation: &Operation) -> bool {
    let parts = operation.style.request.map(|envelope| envelope.parts);
    parts.is_some_and(|parts| parts.contains(&Part::Xml("<request>")))
}

fn read(request: &Request<Bytes>) -> Result<(AnyRequest, Option<Presented>), String> {
    let routed = AnyRequest::read(request).map_err(|error| format!("not read: {error:?}"))?;
    Ok((routed.request, routed.presented))
}

fn each_example(test: impl Fn(&Case<'_>) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        failures.note(case.name(), test(&case));
    }
    failures.finish();
}
