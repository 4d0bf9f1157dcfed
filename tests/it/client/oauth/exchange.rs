//! Exchanging a code for a grant, and refreshing a grant, over HTTP.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc;
use std::thread;

use backpack_api::oauth::{App, SharedGrant};
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::{Client, SERVICE, blocking};

use super::test_servers::new_grant;
use crate::support::{USER_AGENT, tokio_runtime};

/// Starts a server on the loopback interface that is issuer and service. Returns its base URL and the heads of the
/// requests that it receives, in lower case.
fn start_loopback_server() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            let is_for_issuer = head.contains(" /token?");
            let body = if is_for_issuer { r#"{"access_token":"access-1","refresh_token":"b"}"# } else { "<users/>" };
            let length = body.len();
            let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.get_mut().write_all(response.as_bytes()).unwrap();
            let _ = sender.send(head.to_ascii_lowercase());
        }
    });
    (base, receiver)
}

#[test]
fn codes_are_exchanged_and_grants_refreshed_over_http() {
    let (base, heads) = start_loopback_server();
    // The URLs of an issuer are static in generated code.
    let [authorize, token] = ["new", "token"].map(|path| &*format!("{base}/{path}").leak());
    let issuer = Some(Issuer { authorize, token, accounts: None });
    let service = Service { issuer, ..SERVICE };
    let app = App::new(&service, "id", "s3cret", "https://trips.example.org/back", USER_AGENT).unwrap();
    let runtime = tokio_runtime();
    let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
    let grant = runtime.block_on(app.exchange_code(&"c0de".into(), &transport)).unwrap();
    assert_eq!(grant.access_token().expose(), "access-1");
    let head = heads.recv().unwrap();
    assert!(head.starts_with("post /token?type=web_server&client_id=id&"), "{head}");

    let expired = || SharedGrant::new(app.clone(), new_grant(0, -1));
    let blocking_client = blocking::Client::with_base_url(&base, expired(), USER_AGENT).unwrap();
    assert!(blocking_client.users().list().is_ok());
    let async_client = Client::with_base_url(&base, expired(), USER_AGENT).unwrap();
    assert!(runtime.block_on(async_client.users().list()).is_ok());
    for _ in ["blocking", "async"] {
        let (refresh, call) = (heads.recv().unwrap(), heads.recv().unwrap());
        assert!(refresh.starts_with("post /token?type=refresh&refresh_token=refresh-0&client_id=id&"), "{refresh}");
        assert!(refresh.contains("content-length: 0\r\n") && !refresh.contains("authorization:"), "{refresh}");
        assert!(call.contains("authorization: bearer access-1\r\n"), "{call}");
        for head in [refresh, call] {
            assert!(head.contains(&format!("user-agent: {}\r\n", USER_AGENT.to_ascii_lowercase())), "{head}");
        }
    }
}
