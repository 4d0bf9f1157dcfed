//! Seeds made from the schema's examples.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};

use crate::examples::{self, Case, TOKEN};
use crate::schema;

/// A seed: name of its fuzz target, name of its file, and content.
pub type Seed = (&'static str, String, Vec<u8>);

/// Builds a request seed and, if there is a response, a response seed from the first example of each operation.
pub fn make_seeds() -> Vec<Seed> {
    let api = schema::read_api();
    let first_examples = examples::cases(&api).filter(|case| case.index == 0);
    let build_seeds = |case: Case<'_>| [build_request_seed(&case), build_response_seed(&case)].into_iter().flatten();
    first_examples.flat_map(build_seeds).collect()
}

/// Builds a seed for the target `request`. The word `token` replaces the token, because the target does not check it.
fn build_request_seed(case: &Case<'_>) -> Option<Seed> {
    let request: Request<Bytes> = case.request();
    let target = request.uri().path_and_query()?.as_str().replace(TOKEN, "token");
    let body = String::from_utf8_lossy(request.body()).replace(TOKEN, "token");
    let message = format_message(&format!("{} {target}", request.method()), &HeaderMap::new(), &body);
    Some(("request", case.name(), message))
}

/// Builds a seed for the target `decode`. Returns `None` if the example has no response.
fn build_response_seed(case: &Case<'_>) -> Option<Seed> {
    let response: Response<Bytes> = case.response()?;
    let body = String::from_utf8_lossy(response.body());
    let message = format_message(response.status().as_str(), response.headers(), &body);
    Some(("decode", case.name(), message))
}

/// Formats a message as text. `Location` is the only header that is kept.
fn format_message(first_line: &str, headers: &HeaderMap, body: &str) -> Vec<u8> {
    let location = headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = location.map(|location| format!("location: {location}\n")).unwrap_or_default();
    format!("{first_line}\n{location}\n{body}").into_bytes()
}
