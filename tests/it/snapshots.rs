//! Snapshots of the wire format: the exact bytes of each operation's request, and its response with the typed value.
//!
//! A change of the schema shows in these files. A line of dashes separates the examples of an operation.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ClientConfig, ServeEndpoint, Visitor};
use backpack_api::{Credentials, EndpointExt};
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;
use xmlwire_codegen::model::Api;

use crate::support::{WriteRequest, client_config, client_config_with, first_cases, read_request, token};

/// Text between the examples of an operation in a snapshot.
const SEPARATOR: &str = "\n\n----------------------------------------\n\n";

/// Compares a text with `snapshots/{folder}/{name}.snap`. The snapshot shows the description in its header.
fn assert_matches_snapshot(folder: &str, name: &str, description: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Asserts that no snapshot is left from an operation that was removed or renamed: each file in the folder has one of
/// these names.
fn assert_no_unused_snapshots(folder: &str, names: impl IntoIterator<Item = String>) {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/snapshots").join(folder);
    let entries = fs::read_dir(folder)
        .expect("the folder of snapshots should be readable")
        .map(|entry| entry.expect("an entry should be readable").path());
    let file_name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let found: BTreeSet<String> = entries.filter(|path| path.is_file()).filter_map(file_name).collect();
    let used: BTreeSet<String> = names.into_iter().map(|name| format!("{name}.snap")).collect();
    let unused: Vec<_> = found.difference(&used).collect();
    assert!(unused.is_empty(), "unused snapshots: {unused:?}");
}

/// Renders all examples of each operation as one text. Returns it with the operation's first example. Omits examples
/// for which `render` returns `None`, and operations that have only such examples.
fn render_operations<'a>(api: &'a Api, render: impl Fn(&Case<'a>) -> Option<String>) -> Vec<(Case<'a>, String)> {
    let mut operations: Vec<(Case<'_>, Vec<String>)> = Vec::new();
    for case in examples::cases(api) {
        if case.index == 0 {
            operations.push((case, Vec::new()));
        }
        let (_, texts) = operations.last_mut().expect("the first case should have index 0");
        texts.extend(render(&case));
    }
    let texts = operations.into_iter().filter(|(_, texts)| !texts.is_empty());
    texts.map(|(case, texts)| (case, texts.join(SEPARATOR))).collect()
}

#[test]
fn requests_match_their_snapshots() {
    let api = schema::read_api();
    let snapshots = render_operations(&api, |case| {
        // Clients never write the other examples.
        if !case.example.is_written {
            return None;
        }
        let request = read_request(&case.request()).ok()?;
        render_request(&request, &client_config())
    });
    for (case, text) in &snapshots {
        assert_matches_snapshot("requests", case.operation.name, &case.endpoint.doc, text);
    }
    assert_eq!(snapshots.len(), backpack_api::SERVICE.operations.len());
    assert_no_unused_snapshots("requests", snapshots.iter().map(|(case, _)| case.operation.name.to_owned()));
}

#[test]
fn bearer_requests_match_their_snapshots() {
    let api = schema::read_api();
    let bearer = client_config_with(Credentials::Bearer(token().into()));
    for style in &api.styles {
        let has_style = |case: &Case<'_>| case.operation.style.name == style.name;
        // Prefers an operation with a payload, since its request shows the payload in the envelope.
        let mut cases: Vec<_> = first_cases(&api).filter(|(case, _)| has_style(case)).collect();
        cases.sort_by_key(|(case, _)| !case.operation.has_payload);
        if let Some((case, request)) = cases.first() {
            let text = render_request(request, &bearer).expect("an example should be writable");
            assert_matches_snapshot(
                "requests/bearer",
                &style.name,
                &format!("{}, with OAuth.", case.operation.name),
                &text,
            );
        }
    }
    assert_no_unused_snapshots("requests/bearer", api.styles.iter().map(|style| style.name.clone()));
}

/// Renders a request, with `TOKEN` for the token. `None` if the request cannot be written.
fn render_request(request: &AnyRequest, config: &ClientConfig) -> Option<String> {
    let request = request.clone().visit(WriteRequest(config)).ok()?;
    let text = render_http(&request).replace(TOKEN, "TOKEN");
    assert!(!contains_token(&text), "the token is still in the text:\n{text}");
    Some(text)
}

/// Renders the request line, the headers sorted by name, an empty line, and the body unchanged. Every transport derives
/// the `Host` header from the URL, so it is rendered too.
fn render_http(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let mut lines =
        vec![format!("{} {} HTTP/1.1", request.method(), uri.path_and_query().expect("the URI should have a path"))];
    let headers = request.headers().iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.as_str(), value.to_str().expect("the value should be ASCII"))).collect();
    headers.push(("host", uri.host().expect("the URI should have a host")));
    headers.sort_unstable();
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !request.body().is_empty() {
        lines.push(String::new());
        lines.push(String::from_utf8(request.body().to_vec()).expect("the body should be UTF-8"));
    }
    lines.join("\n")
}

/// `true` if a text contains the token: unchanged, in upper case, percent-encoded, as references, in hexadecimal or in
/// Base64.
fn contains_token(text: &str) -> bool {
    let encode_each = |encode: fn(u8) -> String| TOKEN.bytes().map(encode).collect::<String>();
    let encodings = [
        TOKEN.to_owned(),
        encode_each(|byte| format!("%{byte:02x}")),
        encode_each(|byte| format!("&#{byte};")),
        encode_each(|byte| format!("&#x{byte:x};")),
        encode_each(|byte| format!("{byte:02x}")),
    ];
    let lower = text.to_ascii_lowercase();
    // The Base64 digits of the token depend on its offset in the encoded bytes, modulo three.
    let base64_at = |offset| encode_base64(TOKEN.get(offset..).unwrap_or_default().as_bytes());
    encodings.iter().any(|encoding| lower.contains(encoding)) || (0..3).any(|offset| text.contains(&base64_at(offset)))
}

/// Encodes the whole groups of three bytes as Base64. Drops the rest, whose digits depend on the bytes after it.
fn encode_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode_group = |group: &[u8]| {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.as_chunks::<3>().0.iter().flat_map(|bytes| encode_group(bytes)).collect()
}

#[test]
fn the_token_is_found_unchanged_in_upper_case_percent_encoded_and_in_base64() {
    assert!(contains_token(&format!("a{TOKEN}b")));
    assert!(contains_token(&TOKEN.to_ascii_uppercase()));
    assert!(contains_token(&TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()));
    // `printf '%s:X' 0123456789abcdef0123456789abcdef01234567 | base64`
    assert!(contains_token("Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2NzpY"));
    assert!(!contains_token("TOKEN"));
}

#[test]
fn responses_and_their_values_match_their_snapshots() {
    let api = schema::read_api();
    let render = |case: &Case<'_>| {
        let response = case.response()?;
        let value = read_request(&case.request()).ok()?.visit(RenderValue(&response));
        Some(format!("{}\n\n{value}", render_response(&response)))
    };
    let snapshots = render_operations(&api, render);
    for (case, text) in &snapshots {
        assert_matches_snapshot("responses", case.operation.name, &case.endpoint.doc, text);
    }
    assert_no_unused_snapshots("responses", snapshots.iter().map(|(case, _)| case.operation.name.to_owned()));
}

/// Renders the status line, the location, an empty line and the body, with a line break between two tags. These are the
/// bytes that a server sends, unless the example is only read.
fn render_response(response: &Response<Bytes>) -> String {
    let location = response.headers().get("location").map(|location| location.to_str().expect("it should be ASCII"));
    let location = location.map(|location| format!("\nlocation: {location}")).unwrap_or_default();
    let body = str::from_utf8(response.body()).expect("the body should be UTF-8").replace("><", ">\n<");
    let head = format!("HTTP/1.1 {}{location}", response.status());
    if body.is_empty() { head } else { format!("{head}\n\n{body}") }
}

/// Renders the typed value of a response, or the error if the client rejects it.
struct RenderValue<'a>(&'a Response<Bytes>);

impl Visitor for RenderValue<'_> {
    type Output = String;

    fn visit<E: ServeEndpoint>(self, _: E) -> String {
        match E::from_response(self.0) {
            Ok(value) => format!("{value:#?}"),
            Err(error) => format!("error: {error}"),
        }
    }
}
