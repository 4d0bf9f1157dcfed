//! Exchanging a code for a grant, and refreshing a grant, over HTTP.

use backpack_api::oauth::{App, SharedGrant};
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::{Client, SERVICE, blocking};
use test_support::{Action, FaultServer};

use super::test_servers::new_grant;
use crate::support::{USER_AGENT, tokio_runtime};

/// Returns the action that sends a response with this body.
fn respond(body: &str) -> Action {
    Action::Close(
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into(),
    )
}

#[test]
fn codes_are_exchanged_and_grants_refreshed_over_http() {
    // The server is issuer and service: it exchanges a code, then refreshes a grant and serves a call for each client.
    let refreshed = || respond(r#"{"access_token":"access-1","refresh_token":"b"}"#);
    let served = || respond("<users/>");
    let server = FaultServer::start([refreshed(), refreshed(), served(), refreshed(), served()]);
    let [authorize, token] = ["new", "token"].map(|path| format!("{}/{path}", server.base_url()).into());
    let issuer = Some(Issuer { authorize, token, accounts: None });
    let service = Service { issuer, ..SERVICE.clone() };
    let app = App::new(&service, "id", "s3cret", "https://trips.example.org/back", USER_AGENT).unwrap();
    let runtime = tokio_runtime();
    let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
    let grant = runtime.block_on(app.exchange_code(&"c0de".into(), &transport)).unwrap();
    assert_eq!(grant.access_token().expose(), "access-1");
    let expired = || SharedGrant::new(app.clone(), new_grant(0, -1));
    let blocking_client = blocking::Client::with_base_url(&server.base_url(), expired(), USER_AGENT).unwrap();
    assert!(blocking_client.users().list().is_ok());
    let async_client = Client::with_base_url(&server.base_url(), expired(), USER_AGENT).unwrap();
    assert!(runtime.block_on(async_client.users().list()).is_ok());

    let requests = server.requests();
    let [exchange, calls @ ..] = &requests[..] else { panic!("no request arrived") };
    assert!(exchange.line().starts_with("POST /token?type=web_server&client_id=id&"), "{exchange:?}");
    let [blocking_refresh, blocking_call, async_refresh, async_call] = calls else { panic!("{calls:?}") };
    for (refresh, call) in [(blocking_refresh, blocking_call), (async_refresh, async_call)] {
        let line = "POST /token?type=refresh&refresh_token=refresh-0&client_id=id&";
        assert!(refresh.line().starts_with(line), "{refresh:?}");
        assert_eq!((refresh.header("content-length"), refresh.header("authorization")), (vec!["0"], vec![]));
        assert_eq!(call.header("authorization"), ["Bearer access-1"]);
        assert_eq!([refresh.header("user-agent"), call.header("user-agent")], [[USER_AGENT]; 2]);
    }
}
