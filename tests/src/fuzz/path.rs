//! Any values in paths and queries, and any request target.

use backpack_api::runtime::DecodeError;
use backpack_api::runtime::incoming::IncomingRequest;
use backpack_api::runtime::path_template::Segment;
use backpack_api::runtime::routing::{self, Route};
use backpack_api::runtime::scalar::Text;
use backpack_api::runtime::service::{Operation, RetryClass, Service, Style};
use backpack_api::runtime::xml::Writer;
use bytes::Bytes;
use http::{Method, Request};

use super::request::check_round_trip;

/// Uses each line of a text as a value in the holes of a path and in a query: decoding must return the same value. Also
/// uses each line as the target of requests with every method. Skips long lines.
pub fn check_path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let lines: Vec<&str> = text.split('\n').filter(|line| line.len() < 2000).collect();
    lines.chunks(3).for_each(check_values);
    lines.iter().for_each(|line| check_target(line));
}

/// Style without a token and without envelopes.
static STYLE: Style = Style {
    name: "bare",
    prefix: &[],
    header: None,
    query: None,
    request: None,
    response: None,
    bearer: None,
    failure: None,
    sign_in_path: None,
};

/// Operation with the path [`TEMPLATE`].
static OPERATION: Operation = Operation {
    name: "values.show",
    method: Method::GET,
    path: "/{one}/a{two}/{three}.xml",
    style: &STYLE,
    rate_limit: None,
    retry: RetryClass::ReadOnly,
    has_payload: false,
    status: 200,
    has_envelope: false,
    errors: &[],
    is_legacy: false,
};

/// Service with one operation.
static SERVICE: Service = Service {
    name: "values",
    base_url_template: std::borrow::Cow::Borrowed("http://{a}"),
    requires_user_agent_contact: false,
    issuer: None,
    styles: &[&STYLE],
    operations: &[&OPERATION],
};

/// Names of the holes in [`TEMPLATE`].
const HOLES: [&str; 3] = ["one", "two", "three"];

/// Path with a hole that is a whole segment, one with text before it, and one with text after it.
const TEMPLATE: [Segment; 3] = [
    Segment::Hole { before: "", name: HOLES[0], after: "", is_numeric: false },
    Segment::Hole { before: "a", name: HOLES[1], after: "", is_numeric: false },
    Segment::Hole { before: "", name: HOLES[2], after: ".xml", is_numeric: false },
];

/// The route of the operation. Its request is the list of decoded values.
const ROUTES: [Route<Vec<String>>; 1] =
    [Route { operation: &OPERATION, method: Method::GET, path: &TEMPLATE, read: read_values }];

/// Decodes the values in the path, and then the value in the query.
fn read_values(incoming: &IncomingRequest<'_>) -> Result<Vec<String>, DecodeError> {
    let mut values = HOLES.iter().map(|name| incoming.read_path::<Text>(name)).collect::<Result<Vec<_>, _>>()?;
    values.push(incoming.read_query::<Text>("q")?);
    Ok(values)
}

/// Encodes up to three values into a path, the first of them also into the query, and decodes them.
fn check_values(lines: &[&str]) {
    let value = |index: usize| lines.get(index).copied().unwrap_or("value");
    let values = [value(0), value(1), value(2), value(0)];
    let target = Writer::to_string(|out| {
        for (segment, value) in TEMPLATE.iter().zip(values) {
            let Segment::Hole { before, after, .. } = segment else { continue };
            out.write_raw("/");
            out.write_raw(before);
            out.write_path_segment(value);
            out.write_raw(after);
        }
        out.write_raw("?q=");
        out.query_value(values[3]);
    });
    // The writer rejects empty segments, `.` and `..`, which would change the path.
    let changes_the_path = values.iter().any(|value| matches!(*value, "" | "." | ".."));
    assert_eq!(target.is_err(), changes_the_path, "{values:?}");
    let Ok(target) = target else { return };
    let request = build_request(&Method::GET, &target).expect("an escaped target should be valid");
    match routing::route(&SERVICE, &ROUTES, &request) {
        Ok(routed) => assert_eq!(routed.request, values, "{target}"),
        Err(error) => panic!("{target}: {error:?}"),
    }
}

/// Builds a request without a body. Returns `None` if the target is not valid.
fn build_request(method: &Method, target: &str) -> Option<Request<Bytes>> {
    Request::builder().method(method).uri(target).body(Bytes::new()).ok()
}

/// Decodes requests of this target with every method.
fn check_target(line: &str) {
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        build_request(&method, line).iter().for_each(check_round_trip);
    }
}
