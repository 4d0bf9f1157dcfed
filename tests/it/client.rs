//! The clients' own methods: how they are made, and what they answer without a call.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{Caller, Client, SERVICE, SetupError, Token, blocking};
use backpack_tests::examples::TOKEN;

const AGENT: &str = "Trip planner (jo@example.com)";

fn token() -> Token {
    TOKEN.parse().unwrap()
}

#[test]
fn an_account_is_at_its_host_by_https() {
    let transport = MemoryTransport::new().answer(Response::new("<users/>"));
    let caller = Caller::of_account(SERVICE.host, "acme", token(), AGENT).unwrap();
    blocking::Client::with_transport(caller, transport.clone()).users().list().unwrap();
    let requests = transport.requests();
    assert_eq!(requests[0].uri().scheme_str(), Some("https"));
    assert_eq!(requests[0].uri().host(), Some("acme.backpackit.com"));
    assert_eq!(requests[0].headers()["user-agent"], AGENT);
}

#[test]
fn both_clients_refuse_what_cannot_be_a_caller() {
    for (account, agent, error) in [
        ("", AGENT, SetupError::Account),
        ("acme.evil", AGENT, SetupError::Account),
        ("acme/evil", AGENT, SetupError::Account),
        ("-acme", AGENT, SetupError::Account),
        ("acme", "", SetupError::Agent),
        ("acme", " \t", SetupError::Agent),
        ("acme", "Trip\r\nplanner", SetupError::Agent),
    ] {
        assert_eq!(Client::new(account, token(), agent).unwrap_err(), error, "{account:?} {agent:?}");
        assert_eq!(blocking::Client::new(account, token(), agent).unwrap_err(), error, "{account:?} {agent:?}");
    }
    for address in
        ["", "acme.example.com", "ftp://acme.example.com", "http://", "http://jo@acme.example.com", "http://a/?b"]
    {
        assert_eq!(blocking::Client::at(address, token(), AGENT).unwrap_err(), SetupError::Address, "{address}");
    }
    assert!(Client::new("acme", token(), AGENT).is_ok() && blocking::Client::new("acme-2", token(), AGENT).is_ok());
}

#[test]
fn a_token_fits_everywhere() {
    for text in ["", ".", "..", "a b", "a\nb", "<a>", "a&b", "\"", "é"] {
        assert!(text.parse::<Token>().is_err(), "{text:?}");
    }
    assert!(TOKEN.parse::<Token>().is_ok() && "mF_9.B5f-4.1JqM~+/=".parse::<Token>().is_ok());
}

#[test]
fn a_calendars_address_is_a_secret() {
    let calendars = "<calendars><calendar><account-id>1</account-id><color>339966</color>\
        <created-at>2008-11-05T06:41:12Z</created-at><id>3</id><name>Home</name><token>fake-token</token>\
        <updated-at>2008-11-05T06:41:12Z</updated-at></calendar></calendars>";
    let transport = MemoryTransport::new().answer(Response::new(calendars));
    let caller = Caller::of_account(SERVICE.host, "acme", token(), AGENT).unwrap();
    let client = blocking::Client::with_transport(caller, transport);
    let reply = client.call_for_reply(&backpack_api::calendars::List::new()).unwrap();
    assert!(!format!("{reply:?}").contains("fake-token"));
    let calendar = reply.value.into_iter().next().unwrap();
    let address = client.webcal(&calendar);
    assert_eq!(address.expose(), "webcal://acme.backpackit.com/fake-token.ics");
    assert!(!format!("{address:?} {calendar:?} {client:?}").contains("fake-token"));
}

#[test]
fn nothing_shows_what_a_request_brought() {
    let caller = Caller::of_account(SERVICE.host, "acme", token(), AGENT).unwrap();
    let client = Client::with_transport(caller.clone(), MemoryTransport::new());
    let node =
        backpack_api::runtime::tree::Node::read("<request><token>canary</token><a b='canary'/></request>").unwrap();
    let shown = format!("{caller:?} {client:?} {node:?} {:?}", token());
    assert!(!shown.contains(TOKEN) && !shown.contains("canary"), "{shown}");
}
