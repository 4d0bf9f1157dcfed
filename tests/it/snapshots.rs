//! What travels, as a reviewer reads it: each operation's request to the byte, and what its answers mean to a program.
//!
//! A change of the schema is a change of these files. Between examples of one operation stands a line of dashes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use backpack_api::Credentials;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{Caller, ServeEndpoint, Visitor};
use xmlwire_codegen::model::Api;
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::{Send, caller, caller_with, first_cases, read, token};

const BETWEEN: &str = "\n\n----------------------------------------\n\n";

/// Compares with `snapshots/{folder}/{name}.snap`.
fn snapshot(folder: &str, name: &str, description: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// No snapshot is left over from an operation that is gone or has another name now.
fn assert_no_others(folder: &str, names: impl IntoIterator<Item = String>) {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/snapshots").join(folder);
    let entries = fs::read_dir(folder).expect("the snapshots are there").map(|entry| entry.expect("a file").path());
    let name = |path: PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let found: BTreeSet<String> = entries.filter(|path| path.is_file()).filter_map(name).collect();
    let due: BTreeSet<String> = names.into_iter().map(|name| format!("{name}.snap")).collect();
    let others: Vec<_> = found.difference(&due).collect();
    assert!(others.is_empty(), "these belong to nothing: {others:?}");
}

/// What each operation's cases give, by the operation's name.
fn by_operation<'a>(api: &'a Api, give: impl Fn(&Case<'a>) -> Option<String>) -> Vec<(Case<'a>, String)> {
    let mut operations: Vec<(Case<'_>, Vec<String>)> = Vec::new();
    for case in examples::cases(api) {
        if case.index == 0 {
            operations.push((case, Vec::new()));
        }
        let (_, texts) = operations.last_mut().expect("the first case has the index 0");
        texts.extend(give(&case));
    }
    let texts = operations.into_iter().filter(|(_, texts)| !texts.is_empty());
    texts.map(|(case, texts)| (case, texts.join(BETWEEN))).collect()
}

#[test]
fn requests() {
    let api = schema::api();
    let snapshots =
        by_operation(&api, |case| case.example.written.then(|| sent(&read(&case.request()).ok()?, &caller()))?);
    for (case, text) in &snapshots {
        snapshot("requests", case.operation.name, &case.endpoint.doc, text);
    }
    assert_eq!(snapshots.len(), backpack_api::SERVICE.operations.len());
    assert_no_others("requests", snapshots.iter().map(|(case, _)| case.operation.name.to_owned()));
}

#[test]
fn bearer_requests() {
    let api = schema::api();
    let bearer = caller_with(Credentials::Bearer(token().into()));
    for style in &api.styles {
        let of_style = |case: &Case<'_>| case.operation.style.name == style.name;
        // One with a payload tells most.
        let mut cases: Vec<_> = first_cases(&api).filter(|(case, _)| of_style(case)).collect();
        cases.sort_by_key(|(case, _)| !case.operation.payload);
        if let Some((case, request)) = cases.first() {
            let text = sent(request, &bearer).expect("an example can be sent");
            snapshot("requests/bearer", &style.name, &format!("{}, with OAuth.", case.operation.name), &text);
        }
    }
    assert_no_others("requests/bearer", api.styles.iter().map(|style| style.name.clone()));
}

/// A request as it travels, but for the token.
fn sent(request: &backpack_api::routes::AnyRequest, caller: &Caller) -> Option<String> {
    let request = request.clone().visit(Send(caller)).ok()?;
    let text = on_the_wire(&request).replace(TOKEN, "TOKEN");
    assert!(!holds_token(&text), "the token is still there:\n{text}");
    Some(text)
}

/// Request line, headers by name, an empty line, the body to the byte. `Host` is what every transport makes of the
/// address.
fn on_the_wire(request: &Request<Bytes>) -> String {
    let uri = request.uri();
    let mut lines = vec![format!("{} {} HTTP/1.1", request.method(), uri.path_and_query().expect("there is a path"))];
    let headers = request.headers().iter();
    let mut headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.to_str().expect("ASCII"))).collect();
    headers.push(("host", uri.host().expect("there is a host")));
    headers.sort_unstable();
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !request.body().is_empty() {
        lines.push(String::new());
        lines.push(String::from_utf8(request.body().to_vec()).expect("XML is text"));
    }
    lines.join("\n")
}

/// Whether the token is in a text: as it is, in upper case, percent-encoded, as references, in hexadecimal or Base64.
fn holds_token(text: &str) -> bool {
    let each = |encode: fn(u8) -> String| TOKEN.bytes().map(encode).collect::<String>();
    let encodings = [
        TOKEN.to_owned(),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("&#{byte};")),
        each(|byte| format!("&#x{byte:x};")),
        each(|byte| format!("{byte:02x}")),
    ];
    let lower = text.to_ascii_lowercase();
    // In Base64 it depends on what stands before it, in three ways.
    let shifted = |shift| base64(TOKEN.get(shift..).unwrap_or_default().as_bytes());
    encodings.iter().any(|encoding| lower.contains(encoding)) || (0..3).any(|shift| text.contains(&shifted(shift)))
}

/// The Base64 of the whole groups of three bytes.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.as_chunks::<3>().0.iter().flat_map(|bytes| group(bytes)).collect()
}

#[test]
fn the_token_is_found_in_any_encoding() {
    assert!(holds_token(&format!("a{TOKEN}b")));
    assert!(holds_token(&TOKEN.to_ascii_uppercase()));
    assert!(holds_token(&TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()));
    // `printf '%s:X' 0123456789abcdef0123456789abcdef01234567 | base64`
    assert!(holds_token("Basic MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2NzpY"));
    assert!(!holds_token("TOKEN"));
}

#[test]
fn responses() {
    let api = schema::api();
    let value = |case: &Case<'_>| {
        let response = case.response()?;
        Some(read(&case.request()).ok()?.visit(Meaning(&response)))
    };
    let snapshots = by_operation(&api, value);
    for (case, text) in &snapshots {
        snapshot("responses", case.operation.name, &case.endpoint.doc, text);
    }
    assert_no_others("responses", snapshots.iter().map(|(case, _)| case.operation.name.to_owned()));
}

/// What an answer means to a program.
struct Meaning<'a>(&'a Response<Bytes>);

impl Visitor for Meaning<'_> {
    type Output = String;

    fn visit<E: ServeEndpoint>(self, _: E) -> String {
        match E::from_response(self.0) {
            Ok(value) => format!("{value:#?}"),
            Err(error) => format!("error: {error}"),
        }
    }
}
