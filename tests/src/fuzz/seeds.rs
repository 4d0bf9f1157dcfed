//! Seeds from the schema's examples.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};

use crate::examples::{self, Case, TOKEN};
use crate::schema;

/// A seed: its target, its name, and what goes in.
pub type Seed = (&'static str, String, Vec<u8>);

/// A request and an answer of each operation, from its first example.
pub fn seeds() -> Vec<Seed> {
    let api = schema::api();
    let first = examples::cases(&api).filter(|case| case.index == 0);
    first.flat_map(|case| [request(&case), answer(&case)].into_iter().flatten()).collect()
}

fn request(case: &Case<'_>) -> Option<Seed> {
    let request: Request<Bytes> = case.request();
    let target = request.uri().path_and_query()?.as_str().replace(TOKEN, "token");
    let body = String::from_utf8_lossy(request.body()).replace(TOKEN, "token");
    let message = message(&format!("{} {target}", request.method()), &HeaderMap::new(), &body);
    Some(("request", case.name(), message))
}

fn answer(case: &Case<'_>) -> Option<Seed> {
    let answer: Response<Bytes> = case.response()?;
    let body = String::from_utf8_lossy(answer.body());
    let message = message(answer.status().as_str(), answer.headers(), &body);
    Some(("decode", case.name(), message))
}

fn message(first: &str, headers: &HeaderMap, body: &str) -> Vec<u8> {
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = location.map(|location| format!("location: {location}\n")).unwrap_or_default();
    format!("{first}\n{location}\n{body}").into_bytes()
}
