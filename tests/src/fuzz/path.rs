//! Any values in paths and queries, and any request target.

use backpack_api::runtime::incoming::{self, Incoming, Route, Segment};
use backpack_api::runtime::read::ReadError;
use backpack_api::runtime::scalar::Text;
use backpack_api::runtime::service::{Operation, Retry, Service, Style};
use backpack_api::runtime::xml::Writer;
use bytes::Bytes;
use http::{Method, Request};

use super::request::check_round_trip;

/// Uses each line of a text as a value in the holes of a path and in a query: decoding must return the same value. Also
/// uses each line as the target of requests with every method.
pub fn path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let lines: Vec<&str> = text.split('\n').filter(|line| line.len() < 2000).collect();
    lines.chunks(3).for_each(check_values);
    lines.iter().for_each(|line| check_target(line));
}

static STYLE: Style = Style {
    name: "bare",
    prefix: &[],
    header: None,
    query: None,
    request: None,
    response: None,
    bearer: None,
    failure: None,
};

static OPERATION: Operation = Operation {
    name: "values.show",
    method: Method::GET,
    path: "/{one}/a{two}/{three}.xml",
    style: &STYLE,
    limit: None,
    retry: Retry::Read,
    payload: false,
    status: 200,
    envelope: false,
    fails: &[],
    legacy: false,
};

static SERVICE: Service =
    Service { name: "values", host: "http://{a}", issuer: None, styles: &[&STYLE], operations: &[&OPERATION] };

const HOLES: [&str; 3] = ["one", "two", "three"];

/// Path with a hole that is a whole segment, one with text before it, and one with text after it.
const TEMPLATE: [Segment; 3] = [
    Segment::Hole { before: "", name: HOLES[0], after: "", digits: false },
    Segment::Hole { before: "a", name: HOLES[1], after: "", digits: false },
    Segment::Hole { before: "", name: HOLES[2], after: ".xml", digits: false },
];

const ROUTES: [Route<Vec<String>>; 1] =
    [Route { operation: &OPERATION, method: Method::GET, path: &TEMPLATE, read: read_values }];

fn read_values(incoming: &Incoming<'_>) -> Result<Vec<String>, ReadError> {
    let mut values = HOLES.iter().map(|name| incoming.path::<Text>(name)).collect::<Result<Vec<_>, _>>()?;
    values.push(incoming.query::<Text>("q")?);
    Ok(values)
}

/// Encodes up to three values into a path, the first of them also into the query, and decodes them.
fn check_values(lines: &[&str]) {
    let value = |index: usize| lines.get(index).copied().unwrap_or("value");
    let values = [value(0), value(1), value(2), value(0)];
    let target = Writer::to_string(|out| {
        for (segment, value) in TEMPLATE.iter().zip(values) {
            let Segment::Hole { before, after, .. } = segment else { continue };
            ["/", before].into_iter().for_each(|piece| out.raw(piece));
            out.segment(value);
            out.raw(after);
        }
        out.raw("?q=");
        out.query(values[3]);
    });
    let changes_the_path = values.iter().any(|value| matches!(*value, "" | "." | ".."));
    assert_eq!(target.is_err(), changes_the_path, "{values:?}");
    let Ok(target) = target else { return };
    let request = build_request(&Method::GET, &target).expect("an escaped target should be valid");
    match incoming::route(&SERVICE, &ROUTES, &request) {
        Ok(routed) => assert_eq!(routed.request, values, "{target}"),
        Err(error) => panic!("{target}: {error:?}"),
    }
}

fn build_request(method: &Method, target: &str) -> Option<Request<Bytes>> {
    Request::builder().method(method).uri(target).body(Bytes::new()).ok()
}

/// Decodes requests of this target with every method.
fn check_target(line: &str) {
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        build_request(&method, line).iter().for_each(check_round_trip);
    }
}
