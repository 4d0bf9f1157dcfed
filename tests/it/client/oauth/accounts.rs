//! The user and the accounts of a grant.

use backpack_api::oauth::{Authorization, Identity};
use backpack_api::runtime::http::Response;
use backpack_api::runtime::issuer_error::IssuerErrorKind;
use backpack_api::runtime::service::Service;
use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
use backpack_api::{ClientConfig, SERVICE};
use bytes::Bytes;

use super::test_servers::{new_grant, new_shared_grant, test_app};
use crate::support::{USER_AGENT, tokio_runtime};

/// Reads a response of the issuer.
fn read(status: u16, body: &'static str) -> Result<Authorization, String> {
    let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap();
    Authorization::from_response(&response).map_err(|error| error.to_string())
}

#[test]
fn reads_accounts_and_selects_them_by_their_host() {
    let body = r#"{
        "expires_at": "2009-03-29T12:00:00Z",
        "identity": {"id": 9, "first_name": "Jo", "last_name": "Hill", "email_address": "jo@example.com"},
        "accounts": [
            {"product": "backpack", "id": 1, "name": "Acme", "href": "https://acme.example.com"},
            {"product": "backpack", "id": "2", "name": "Two", "href": "HTTPS://Two.Example.Com/base"},
            {"product": "backpack", "id": 4, "name": "Old", "href": "http://old.example.com:8080"},
            {"product": "other", "id": 3, "name": "O", "href": "https://acme.example.org"},
            {"href": "https://example.com.evil.org"},
            {"href": "https://jo@acme.example.com"},
            {"href": "https://.example.com"},
            {"href": "acme"},
            {"name": "nowhere"},
            "odd"
        ]}"#;
    let service = Service { base_url_template: "https://{account}.example.com".into(), ..SERVICE.clone() };
    let authorization = read(200, body).unwrap();
    assert_eq!(authorization.expires_at, Some("2009-03-29T12:00:00Z".parse().unwrap()));
    assert_eq!((authorization.identity.id.as_str(), authorization.identity.first_name.as_str()), ("9", "Jo"));
    assert_eq!(authorization.accounts.len(), 8);
    let at_service: Vec<_> = authorization.accounts_at(&service).map(|account| account.id.as_str()).collect();
    assert_eq!(at_service, ["1", "2", "4"]);
    let base_urls: Vec<_> =
        authorization.accounts.iter().filter_map(|account| account.base_url_for(&service)).collect();
    assert_eq!(base_urls, ["https://acme.example.com", "https://two.example.com", "https://old.example.com"]);
    assert!(
        base_urls
            .iter()
            .all(|base_url| { ClientConfig::new(&service, base_url, new_shared_grant(1, 60), USER_AGENT).is_ok() })
    );
}

#[test]
fn a_response_without_a_list_of_accounts_is_an_error() {
    let bare = read(200, r#"{"accounts": [], "expires_at": 1238328000}"#).unwrap();
    assert_eq!((bare.identity, bare.accounts.len()), (Identity::default(), 0));
    assert_eq!(bare.expires_at, Some("2009-03-29T12:00:00Z".parse().unwrap()));
    for (status, body) in [(200, "{}"), (200, r#"{"accounts": 1}"#), (401, r#"{"accounts": []}"#), (200, "")] {
        assert!(read(status, body).is_err(), "{body}");
    }
}

#[test]
fn both_kinds_of_transport_fetch_the_authorization_of_a_grant() {
    let (app, grant) = (test_app(), new_grant(1, 60));
    let accounts = || Response::new(r#"{"accounts": [{"id": 1, "href": "https://acme.backpackit.com"}]}"#);
    let transport = MemoryTransport::new().respond(accounts()).respond(accounts()).fail(TransportErrorKind::Connect);
    let blocking = Authorization::fetch_blocking(&app, &grant, &transport).unwrap();
    let fetched = tokio_runtime().block_on(Authorization::fetch(&app, &grant, &transport)).unwrap();
    assert_eq!(blocking, fetched);
    assert_eq!(fetched.accounts_at(&SERVICE).count(), 1);
    let error = Authorization::fetch_blocking(&app, &grant, &transport).unwrap_err();
    assert!(matches!(error.kind(), IssuerErrorKind::Transport(_)), "{error}");
    for request in transport.requests() {
        assert_eq!(request.uri(), "https://launchpad.37signals.com/authorization.json");
        assert_eq!(request.headers()["authorization"], "Bearer access-1");
    }
}
