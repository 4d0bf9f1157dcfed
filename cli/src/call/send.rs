//! Sends a request and prints its response, or prints the request.

use std::collections::HashSet;
use std::io::{IsTerminal, stdout};

use backpack_api::blocking::Client;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::bytes::Bytes;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::pagination::Paginated;
use backpack_api::runtime::{SerializeVisitor, Visitor};
use backpack_api::{ClientConfig, EndpointExt, FullResponse, ServeEndpoint};
use serde::Serialize;
use serde_json::Value;

use crate::connection::{build_config, placeholder_token};
use crate::error::CommandError;
use crate::output::{OutputArgs, print_json, print_line, print_note, write_stdout};

/// Sends a request, and prints the response: the XML as received, or the value as JSON. `is_all` requests all pages of a
/// paginated list.
///
/// # Errors
///
/// If the call fails, or the response cannot be printed.
pub(super) fn send_request(
    request: AnyRequest,
    client: &Client,
    output: OutputArgs,
    is_all: bool,
) -> Result<(), CommandError> {
    request.visit_serialize(Send { client, output, is_all })
}

/// Prints the request for a service at a URL, with `TOKEN` in place of the token.
///
/// # Errors
///
/// If a value cannot be written.
pub(super) fn print_request(request: AnyRequest, url: &str) -> Result<(), CommandError> {
    let config = build_config(url, placeholder_token()?)?;
    let request = request.visit(Encode { config: &config })?;
    print_line(format_request(&request))
}

/// Sends the request that it visits.
struct Send<'a> {
    client: &'a Client,
    output: OutputArgs,
    is_all: bool,
}

impl SerializeVisitor for Send<'_> {
    type Output = Result<(), CommandError>;

    fn visit<E>(self, endpoint: E) -> Self::Output
    where
        E: ServeEndpoint,
        E::Response: Serialize,
    {
        print_response(&self.client.call_with_response(&endpoint)?, self.output)
    }

    fn visit_paginated<E>(self, mut endpoint: E) -> Self::Output
    where
        E: ServeEndpoint + Paginated,
        E::Response: Serialize,
    {
        if !self.is_all {
            return self.visit(endpoint);
        }
        let (mut keys, mut repeated, mut all) = (HashSet::new(), 0, E::Response::new());
        endpoint.page_number().get_or_insert(E::FIRST_PAGE);
        loop {
            let mut page = self.client.call_with_response(&endpoint)?;
            let received = page.value.len();
            page.value.retain(|item| keys.insert(E::key(item)));
            // The same end as that of `paginate`, which returns items and no responses: an empty page, or repeated pages.
            repeated = if page.value.is_empty() { repeated + received } else { 0 };
            if received == 0 || repeated > keys.len() {
                break;
            }
            match self.output.is_json() {
                true => all.append(&mut page.value),
                false => print_response(&page, self.output)?,
            }
            endpoint.page_number().iter_mut().for_each(|number| *number = number.saturating_add(1));
        }
        if self.output.is_json() { print_json(&all) } else { Ok(()) }
    }
}

/// Prints a response: the value as JSON, or the body as received. A value outside of the body, such as the number in a
/// `Location`, is printed in place of the empty body.
fn print_response<R: Serialize>(full: &FullResponse<R>, output: OutputArgs) -> Result<(), CommandError> {
    if output.is_json() {
        if full.unknown_elements > 0 {
            print_note(format_args!("{} unknown elements are not in the JSON", full.unknown_elements));
        }
        return print_json(&full.value);
    }
    // The body of a deletion that an earlier attempt performed reports an error.
    let body = if full.response.status().is_success() { &full.response.body()[..] } else { &[] };
    if body.is_empty() {
        return match serde_json::to_value(&full.value)? {
            Value::Null => Ok(()),
            value => print_line(value),
        };
    }
    write_stdout(body)?;
    if stdout().is_terminal() && !body.ends_with(b"\n") { print_line("") } else { Ok(()) }
}

/// Encodes the request that it visits.
struct Encode<'a> {
    config: &'a ClientConfig,
}

impl Visitor for Encode<'_> {
    type Output = Result<Request<Bytes>, backpack_api::Error>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(self.config)
    }
}

/// Formats a request: request line, headers sorted by name, an empty line, body.
fn format_request(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers: Vec<_> = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    headers.push(("host", uri.authority().map_or("", |authority| authority.as_str()).as_bytes()));
    headers.sort_unstable();
    let headers = headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
    let mut lines = vec![format!("{} {path} HTTP/1.1", request.method())];
    lines.extend(headers);
    if !request.body().is_empty() {
        lines.extend([String::new(), String::from_utf8_lossy(request.body()).into_owned()]);
    }
    lines.join("\n")
}
