//! Seeds made from the schema's examples.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};

use crate::examples::{self, Case, TOKEN};
use crate::schema;

/// A seed: name of its target, name of its file, and content.
pub type Seed = (&'static str, String, Vec<u8>);

/// Makes a request and a response seed of each operation, from its first example.
pub fn seeds() -> Vec<Seed> {
    let api = schema::api();
    let first_examples = examples::cases(&api).filter(|case| case.index == 0);
    first_examples.flat_map(|case| [request_seed(&case), response_seed(&case)].into_iter().flatten()).collect()
}

fn request_seed(case: &Case<'_>) -> Option<Seed> {
    let request: Request<Bytes> = case.request();
    let target = request.uri().path_and_query()?.as_str().replace(TOKEN, "token");
    let body = String::from_utf8_lossy(request.body()).replace(TOKEN, "token");
    let message = format_message(&format!("{} {target}", request.method()), &HeaderMap::new(), &body);
    Some(("request", case.name(), message))
}

fn response_seed(case: &Case<'_>) -> Option<Seed> {
    let response: Response<Bytes> = case.response()?;
    let body = String::from_utf8_lossy(response.body());
    let message = format_message(response.status().as_str(), response.headers(), &body);
    Some(("decode", case.name(), message))
}

fn format_message(first_line: &str, headers: &HeaderMap, body: &str) -> Vec<u8> {
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = location.map(|location| format!("location: {location}\n")).unwrap_or_default();
    format!("{first_line}\n{location}\n{body}").into_bytes()
}
