//! Any values in paths and queries, and any path.

use backpack_api::runtime::incoming::{self, Incoming, Route, Segment};
use backpack_api::runtime::decode::DecodeError;
use backpack_api::runtime::scalar::Text;
use backpack_api::runtime::service::{Operation, Retry, Service, Style};
use backpack_api::runtime::xml::Writer;
use bytes::Bytes;
use http::{Method, Request};

use super::request::through;

/// Lines of text. Each is a value in the holes of paths and in a query, and comes out of both as it went in; and each is
/// a target, under every method.
pub fn path(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let lines: Vec<&str> = text.split('\n').filter(|line| line.len() < 2000).collect();
    lines.chunks(3).for_each(values);
    lines.iter().for_each(|line| targets(line));
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

/// A hole alone, one after text, one before text.
const TEMPLATE: [Segment; 3] = [
    Segment::Hole { before: "", name: HOLES[0], after: "", digits: false },
    Segment::Hole { before: "a", name: HOLES[1], after: "", digits: false },
    Segment::Hole { before: "", name: HOLES[2], after: ".xml", digits: false },
];

const ROUTES: [Route<Vec<String>>; 1] =
    [Route { operation: &OPERATION, method: Method::GET, path: &TEMPLATE, read: read_values }];

fn read_values(incoming: &Incoming<'_>) -> Result<Vec<String>, DecodeError> {
    let mut values = HOLES.iter().map(|name| incoming.path::<Text>(name)).collect::<Result<Vec<_>, _>>()?;
    values.push(incoming.query::<Text>("q")?);
    Ok(values)
}

/// Up to three values, the first of them in the query too.
fn values(lines: &[&str]) {
    let value = |index: usize| lines.get(index).copied().unwrap_or("value");
    let values = [value(0), value(1), value(2), value(0)];
    let target = Writer::to_string(|out| {
        for (segment, value) in TEMPLATE.iter().zip(values) {
            let Segment::Hole { before, after, .. } = segment else { continue };
            ["/", before].into_iter().for_each(|piece| out.raw(piece));
            out.path_segment(value);
            out.raw(after);
        }
        out.raw("?q=");
        out.query_value(values[3]);
    });
    let would_change_the_path = values.iter().any(|value| matches!(*value, "" | "." | ".."));
    assert_eq!(target.is_err(), would_change_the_path, "{values:?}");
    let Ok(target) = target else { return };
    let request = request(&Method::GET, &target).expect("what is escaped should be an address");
    match incoming::route(&SERVICE, &ROUTES, &request) {
        Ok(routed) => assert_eq!(routed.request, values, "{target}"),
        Err(why) => panic!("{target}: {why:?}"),
    }
}

fn request(method: &Method, target: &str) -> Option<Request<Bytes>> {
    Request::builder().method(method).uri(target).body(Bytes::new()).ok()
}

/// A target, under every method.
fn targets(line: &str) {
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        request(&method, line).iter().for_each(through);
    }
}
