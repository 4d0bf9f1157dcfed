//! URLs, requests and responses of OAuth, and secrecy of tokens.

use std::borrow::Cow;
use std::error::Error as _;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;

use super::*;
use crate::config::ConfigError;
use crate::issuer_error::{IssuerError, IssuerErrorKind};
use crate::secret::{Secret, Token};
use crate::service::{Issuer, Service};
use crate::transport::{BlockingTransport, MemoryTransport, TransportErrorKind};

static SERVICE: Service = build_service(Some(Issuer {
    authorize: Cow::Borrowed("https://login.example.com/new"),
    token: Cow::Borrowed("https://login.example.com/token"),
    accounts: Some(Cow::Borrowed("https://login.example.com/me.json")),
}));

const fn build_service(issuer: Option<Issuer>) -> Service {
    Service {
        name: "notes",
        base_url_template: Cow::Borrowed("https://{account}.example.com"),
        requires_user_agent_contact: true,
        issuer,
        styles: &[],
        operations: &[],
    }
}

const AGENT: &str = "Trip planner (jo@example.com)";
const REDIRECT_URI: &str = "https://trips.example.org/back?from=login";

/// Creates an app whose secret and redirect URI have characters to encode.
fn create_app() -> App {
    App::new(&SERVICE, "app-1", "cl&ient s3cret", REDIRECT_URI, AGENT).unwrap()
}

fn now() -> Timestamp {
    "2009-03-15T12:00:00Z".parse().unwrap()
}

/// Creates a grant that expires at [`now`].
fn create_grant() -> Grant {
    Grant::new(Token::new("acc3ss").unwrap(), Some("r3fresh/+".into()), Some(now()))
}

fn build_response(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
}

/// Reads a grant from a response that is received at [`now`].
fn read_grant(status: u16, body: &'static str) -> Result<Grant, IssuerError> {
    Grant::from_response(build_response(status, body), now())
}

/// Formats method and URL of a request, and asserts that it has the user agent and no body.
fn format_request(request: &Request<Bytes>) -> String {
    assert_eq!(request.headers()["user-agent"], AGENT);
    assert!(request.body().is_empty());
    format!("{} {}", request.method(), request.uri())
}

#[test]
fn the_authorize_url_has_client_id_redirect_uri_and_state() {
    let encoded_uri = "https%3A%2F%2Ftrips.example.org%2Fback%3Ffrom%3Dlogin";
    assert_eq!(
        create_app().authorize_url("a b&c"),
        format!(
            "https://login.example.com/new?type=web_server&client_id=app-1&redirect_uri={encoded_uri}&state=a%20b%26c"
        )
    );
    assert_eq!(
        create_app().authorize_url_for_user_agent("x"),
        format!("https://login.example.com/new?type=user_agent&client_id=app-1&redirect_uri={encoded_uri}&state=x")
    );
}

#[test]
fn reads_the_code_in_any_order_and_encoding() {
    for url in [
        "https://trips.example.org/back?code=a%2Fb+c&state=a%20b",
        "/back?from=login&state=a+b&code=a%2fb%20c#top",
        "?state=a%20b&code=a/b%20c&code=other",
    ] {
        assert_eq!(create_app().read_redirect(url, "a b").unwrap().expose(), "a/b c", "{url}");
    }
}

#[test]
fn rejects_a_redirect_without_the_right_state() {
    for url in ["/back?code=abc", "/back?code=abc&state=", "/back?code=abc&state=y", "/back#code=abc&state=x", ""] {
        assert_eq!(create_app().read_redirect(url, "x"), Err(RedirectError::State), "{url}");
        assert_eq!(create_app().read_redirect(url, ""), Err(RedirectError::State), "{url}, with an empty state");
    }
}

#[test]
fn errors_of_a_redirect_have_the_error_code_but_no_other_text() {
    let redirect_error = |url| create_app().read_redirect(url, "x").unwrap_err();
    assert_eq!(
        redirect_error("/back?error=access_denied&state=x"),
        RedirectError::Denied(Some("access_denied".to_owned()))
    );
    assert_eq!(redirect_error("/back?error=S3CRET!&code=1&state=x"), RedirectError::Denied(None));
    assert_eq!(redirect_error("/back?code=&state=x"), RedirectError::NoCode);
    assert_eq!(redirect_error("/back?error=access_denied&state=x").to_string(), "access was denied: access_denied");
}

#[test]
fn requests_to_the_issuer_follow_draft_5() {
    let app = create_app();
    assert_eq!(
        format_request(&app.exchange_code_request(&"c0de".into()).unwrap()),
        "POST https://login.example.com/token?type=web_server&client_id=app-1\
         &redirect_uri=https%3A%2F%2Ftrips.example.org%2Fback%3Ffrom%3Dlogin\
         &client_secret=cl%26ient%20s3cret&code=c0de"
    );
    assert_eq!(
        format_request(&app.refresh_request(&create_grant()).unwrap()),
        "POST https://login.example.com/token?type=refresh&refresh_token=r3fresh%2F%2B\
         &client_id=app-1&client_secret=cl%26ient%20s3cret"
    );
    let request = app.authorization_request(&create_grant()).unwrap();
    assert_eq!(format_request(&request), "GET https://login.example.com/me.json");
    assert_eq!(request.headers()["authorization"], "Bearer acc3ss");
    assert!(request.headers()["authorization"].is_sensitive());
}

#[test]
fn reads_grants_from_responses_of_several_shapes() {
    let two_weeks: Option<Timestamp> = Some("2009-03-29T12:00:00Z".parse().unwrap());
    for (body, end, refresh) in [
        (r#"{"access_token":"acc3ss","expires_in":1209600,"refresh_token":"r"}"#, two_weeks, Some("r")),
        (r#" {"expires_in":"1209600","access_token":"acc3ss","scope":null,"more":{"a":[1]}} "#, two_weeks, None),
        (r#"{"access_token":"acc3ss","expires_in":1209600.0,"refresh_token":null}"#, two_weeks, None),
        (r#"{"access_token":"acc3ss","refresh_token":"","expires_at":"2009-03-29T07:00:00-05:00"}"#, two_weeks, None),
        (r#"{"access_token":"acc3ss","expires_at":1238328000}"#, two_weeks, None),
        (r#"{"access_token":"acc3ss","expires_in":null,"expires_at":"1238328000"}"#, two_weeks, None),
        (r#"{"access_token":"acc3ss","expires_in":"soon","error":null}"#, None, None),
        (r#"{"access_token":"acc3ss","expires_in":0}"#, None, None),
        (r#"{"access_token":"acc3ss","expires_in":-5}"#, None, None),
        (r#"{"access_token":"acc3ss","expires_in":1e300}"#, None, None),
        (r#"{"access_token":"acc3ss"}"#, None, None),
    ] {
        let grant = read_grant(200, body).unwrap();
        assert_eq!(grant.access_token().expose(), "acc3ss");
        assert_eq!((grant.expires_at(), grant.refresh_token().map(Secret::expose)), (end, refresh), "{body}");
    }
}

#[test]
fn a_refreshed_grant_keeps_its_refresh_token_unless_the_response_has_another() {
    let refresh = |body| create_grant().refreshed(build_response(200, body), now()).unwrap();
    let without_another = refresh(r#"{"access_token":"b","expires_in":1}"#);
    assert_eq!(without_another.refresh_token().unwrap().expose(), "r3fresh/+");
    let with_another = refresh(r#"{"access_token":"b","refresh_token":"n3xt"}"#);
    assert_eq!(with_another.refresh_token().unwrap().expose(), "n3xt");
}

#[test]
fn errors_repeat_only_the_error_code_of_the_issuer() {
    for (status, body, text, is_final) in [
        (
            400,
            r#"{"error":"invalid_grant"}"#,
            "the token issuer rejected the request: invalid_grant (HTTP status 400)",
            true,
        ),
        (
            200,
            r#"{"error":"invalid_grant"}"#,
            "the token issuer rejected the request: invalid_grant (HTTP status 200)",
            true,
        ),
        (
            401,
            r#"{"error":"S3CRET acc3ss"}"#,
            "the token issuer rejected the request: Unauthorized (HTTP status 401)",
            true,
        ),
        (400, "S3CRET", "the token issuer rejected the request: Bad Request (HTTP status 400)", true),
        (
            403,
            r#"{"error":"invalid_client"}"#,
            "the token issuer rejected the request: invalid_client (HTTP status 403)",
            true,
        ),
        (403, "<html>S3CRET</html>", "the token issuer rejected the request: Forbidden (HTTP status 403)", false),
        (404, "{}", "the token issuer rejected the request: Not Found (HTTP status 404)", false),
        (407, "", "the token issuer rejected the request: Proxy Authentication Required (HTTP status 407)", false),
        (302, "", "the token issuer rejected the request: Found (HTTP status 302)", false),
        (429, "", "the token issuer rejected the request: Too Many Requests (HTTP status 429)", false),
        (503, "S3CRET", "the token issuer rejected the request: Service Unavailable (HTTP status 503)", false),
        (200, "access_token=S3CRET", "the token issuer's response (HTTP status 200) is not a JSON object", false),
        (200, "[]", "the token issuer's response (HTTP status 200) is not a JSON object", false),
        (200, r#"{"access_token":"S3CR"#, "the token issuer's response (HTTP status 200) is not a JSON object", false),
        (
            200,
            r#"{"access_token":"S3CRET\n"}"#,
            "the token issuer's response (HTTP status 200) has no access token that fits into a header",
            false,
        ),
        (200, "{}", "the token issuer's response (HTTP status 200) has no access token that fits into a header", false),
    ] {
        let error = read_grant(status, body).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_final()), (text, is_final), "{body}");
        assert!(!format!("{error:?}").contains("S3CR"), "{error:?}");
    }
}

#[test]
fn a_grant_survives_storage() {
    let odd = Grant::new(Token::new("a").unwrap(), Some("q\"b\\s/\u{1}\u{7f}é".into()), None);
    let bare = Grant::new(Token::new("mF_9.B5f-4.1JqM~+/=").unwrap(), None, None);
    for grant in [create_grant(), odd, bare] {
        assert_eq!(Grant::from_json(grant.to_json().expose()), Ok(grant));
    }
    assert_eq!(
        create_grant().to_json().expose(),
        r#"{"access_token":"acc3ss","refresh_token":"r3fresh/+","expires_at":"2009-03-15T12:00:00Z"}"#
    );
    for text in ["", "{}", "null", r#"{"access_token":7.5e300}"#, r#"{"access_token":""}"#] {
        assert_eq!(Grant::from_json(text), Err(InvalidGrant), "{text}");
    }
}

#[test]
fn an_app_needs_an_issuer_and_secure_urls() {
    let create = |service: &Service, redirect_uri| App::new(service, "id", "s", redirect_uri, AGENT).map(drop);
    assert_eq!(create(&build_service(None), REDIRECT_URI), Err(ConfigError::Issuer));
    for token in [
        "http://login.example.com/token",
        "https://jo@login.example.com/",
        "/token",
        "https://a/?b",
        "ftp://127.0.0.1/",
        "",
    ] {
        let issuer = Issuer { authorize: "https://a/".into(), token: token.into(), accounts: None };
        assert_eq!(create(&build_service(Some(issuer)), REDIRECT_URI), Err(ConfigError::Issuer), "{token}");
    }
    let local = Issuer { authorize: "http://LocalHost:1/".into(), token: "http://127.0.0.2:2/".into(), accounts: None };
    let app = App::new(&build_service(Some(local.clone())), "id", "s", "trips:///back", AGENT);
    assert!(app.is_err());
    let app = App::new(&build_service(Some(local)), "id", "s", "http://localhost/back", AGENT).unwrap();
    assert!(matches!(app.authorization_request(&create_grant()).unwrap_err().kind(), IssuerErrorKind::InvalidRequest));
    for redirect_uri in ["", "/back", "https://a/#b", "no address"] {
        assert_eq!(create(&SERVICE, redirect_uri), Err(ConfigError::RedirectUri), "{redirect_uri}");
    }
    for agent in [" ", "Trip planner", "Trip planner (jo)", "Trip\nplanner (jo@example.com)"] {
        assert_eq!(
            App::new(&SERVICE, "id", "s", REDIRECT_URI, agent).map(drop),
            Err(ConfigError::UserAgent),
            "{agent}"
        );
    }
}

#[test]
fn a_grant_without_a_refresh_token_cannot_be_refreshed() {
    let bare = Grant::new(Token::new("a").unwrap(), None, Some(now()));
    let error = create_app().refresh_request(&bare).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_final()), ("there is no refresh token", true));
}

#[test]
fn exchange_and_refresh_work_over_a_blocking_transport() {
    let transport = MemoryTransport::new()
        .respond(Response::new(r#"{"access_token":"a","refresh_token":"b","expires_in":60}"#))
        .respond(Response::new(r#"{"access_token":"c"}"#))
        .fail(TransportErrorKind::ConnectionLost);
    let grant = create_app().exchange_code_blocking(&"c0de".into(), &transport).unwrap();
    let left = grant.expires_at().unwrap().duration_since(BlockingTransport::wall_time(&transport));
    assert_eq!(left.as_secs(), 60);
    let grant = create_app().refresh_blocking(&grant, &transport).unwrap();
    assert_eq!((grant.access_token().expose(), grant.expires_at()), ("c", None));
    let error = create_app().refresh_blocking(&grant, &transport).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no response from the token issuer: the connection was lost before the end of the response"
    );
    assert!(error.source().is_none());
    let paths: Vec<_> = transport.requests().iter().map(|request| request.uri().path().to_owned()).collect();
    assert_eq!(paths, ["/token", "/token", "/token"]);
}

#[test]
fn debug_output_has_no_secret() {
    let shared = SharedGrant::new(create_app(), create_grant());
    let credentials = crate::Credentials::from(shared.clone());
    let rejected =
        IssuerError::from(IssuerErrorKind::Rejected { status: StatusCode::BAD_REQUEST, code: None, retry_after: None });
    let code = create_app().read_redirect("/?code=c0de&state=x", "x");
    let shown = format!(
        "{:?} {:?} {shared:?} {credentials:?} {rejected:?} {code:?} {:?}",
        create_app(),
        create_grant(),
        shared.grant()
    );
    for secret in ["s3cret", "acc3ss", "r3fresh", "c0de"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
