//! Responses that repeat the canary, and connections that fail.

use backpack_api::runtime::http::Response;
use bytes::Bytes;
use test_support::{Action, http1::encode_response};

use super::canary::{CANARY, encodings};

/// Builds a text with the canary in every encoding.
pub(super) fn canary_echo() -> String {
    format!("Not for {CANARY}, that is {}", encodings(CANARY).join(" "))
}

/// Builds a response with this status and reason, and with these headers, each of which ends with a line break.
pub(super) fn http_response(status: &str, headers: &str, body: &str) -> Action {
    let length = body.len();
    Action::Close(
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// Size limit of responses, which some of the responses exceed.
pub(super) const MAX_RESPONSE: u64 = 64 * 1024;

/// Actions of the service, one for each connection. `target` is the target of the request, `redirect_port` the port of
/// the server behind the redirects.
pub(super) fn service_responses(success: &Response<Bytes>, target: &str, redirect_port: u16) -> Vec<Action> {
    let echo = canary_echo();
    let escaped = echo.replace('&', "&amp;");
    let found = |location: String| http_response("302 Found", &format!("location: {location}\r\n"), &echo);
    let mut responses = vec![
        Action::Close(encode_response(success)),
        http_response(
            "200 OK",
            "",
            &format!("<response success=\"false\"><error code=\"404\">{escaped}</error></response>"),
        ),
        http_response(&format!("422 {echo}"), "", ""),
        http_response(&format!("404 {echo}"), "", &echo),
        http_response("422 Status", &format!("status: 422 {echo}\r\n"), ""),
        http_response("503 Status", &format!("retry-after: {CANARY}\r\n"), &echo),
        found(format!("http://localhost:{redirect_port}{target}")),
        found(format!("http://localhost:{redirect_port}/{CANARY}?token={CANARY}")),
        found(format!("http://{CANARY}.localhost:{redirect_port}/")),
        found(format!("http://{CANARY}@localhost:{redirect_port}/")),
        found(format!("https://127.0.0.1:{redirect_port}{target}")),
        found(format!("/login?{CANARY}")),
        http_response("200 OK", "", ""),
        http_response("200 OK", "", &format!("<html>{echo}</html>")),
        http_response("200 OK", "", &format!("<response success=\"true\"><{CANARY}>{CANARY}</{CANARY}>")),
        http_response("200 OK", "", &format!("<response success=\"true\"><a {CANARY}=\"{CANARY}\">&{CANARY};</a>")),
        http_response("200 OK", &format!("location: /{CANARY}\r\n"), &format!("<{}{CANARY}/>", "x".repeat(50))),
        http_response("200 OK", "", &CANARY.repeat(MAX_RESPONSE as usize / CANARY.len() + 1)),
        Action::Close(format!("{CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 {CANARY}\r\n{CANARY}: {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()),
        Action::Close(Vec::new()),
        Action::ResetUnread,
        Action::ResetRead,
    ];
    responses.extend(
        ["401", "403", "429", "500", "502", "504"]
            .map(|status| http_response(&format!("{status} {CANARY}"), "", &echo)),
    );
    // Last, since a hanging connection may be closed late.
    responses.push(Action::Hang(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()));
    responses
}

/// Actions of the issuer, one for each connection. The first response is a success for any request.
pub(super) fn issuer_responses() -> Vec<Action> {
    let echo = canary_echo();
    let canary = format!(r#"{{"error":"{CANARY}","error_description":"{echo}"}}"#);
    vec![
        http_response(
            "200 OK",
            "",
            &format!(r#"{{"access_token":"{CANARY}","refresh_token":"{CANARY}","accounts":[]}}"#),
        ),
        http_response("400 Bad Request", "", &canary),
        http_response("200 OK", "", &canary),
        http_response(&format!("401 {echo}"), &format!("www-authenticate: {CANARY}\r\n"), &echo),
        http_response("302 Found", &format!("location: https://{CANARY}.localhost/{CANARY}\r\n"), &echo),
        http_response("503 Busy", &format!("retry-after: {CANARY}\r\n"), &echo),
        http_response("200 OK", "", &format!("<html>{echo}</html>")),
        http_response("200 OK", "", &format!(r#"{{"access_token":"{echo}"}}"#)),
        http_response("200 OK", "", &format!(r#"{{"access_token":"{CANARY}"#)),
        http_response("200 OK", "", &CANARY.repeat(MAX_RESPONSE as usize / CANARY.len() + 1)),
        Action::Close(format!("HTTP/1.1 {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()),
        Action::ResetRead,
    ]
}
