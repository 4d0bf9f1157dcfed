//! The clients' own methods: how they are made, and what they answer without a call.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{AccessToken, Caller, Client, InvalidToken, SERVICE, SetupError, Token, blocking};
use backpack_tests::examples::TOKEN;

const AGENT: &str = "Trip planner (jo@example.com)";

fn token() -> Token {
    TOKEN.parse().unwrap()
}

#[test]
fn an_account_is_at_its_host_by_https() {
    let transport = MemoryTransport::new().respond(Response::new("<users/>"));
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
        ("acme", "Trip planner", SetupError::Agent),
    ] {
        assert_eq!(Client::new(account, token(), agent).unwrap_err(), error, "{account:?} {agent:?}");
        assert_eq!(blocking::Client::new(account, token(), agent).unwrap_err(), error, "{account:?} {agent:?}");
    }
    for address in [
        "",
        "acme.example.com",
        "ftp://acme.example.com",
        "http://",
        "http://jo@acme.example.com",
        "http://a/?b",
        "http://localhost:99999",
        "http://localhost:",
        "http://localhost:+80",
    ] {
        assert_eq!(blocking::Client::at(address, token(), AGENT).unwrap_err(), SetupError::Address, "{address}");
    }
    assert!(Client::new("acme", token(), AGENT).is_ok() && blocking::Client::new("acme-2", token(), AGENT).is_ok());
}

#[test]
fn a_program_says_its_name_and_how_to_reach_someone() {
    let made = |agent: &str| Caller::new("https://acme.example.com", token(), agent);
    for agent in [
        "",
        " \t",
        "Trip planner",
        "Trip planner jo@example.com",
        "(jo@example.com)",
        "Trip planner ()",
        "Trip planner (beta)",
        "Trip planner (jo@example.com",
        "Trip planner (https://)",
        "Trip planner (@)",
        "Trip\r\nplanner (jo@example.com)",
        "Trip planner (jo@example.com)\r\nX-Evil: 1",
        "Café (jo@example.com)",
    ] {
        assert_eq!(made(agent).unwrap_err(), SetupError::Agent, "{agent:?}");
    }
    for agent in
        [AGENT, "t (http://a.example)", "Trip planner/2.1 (beta) (see https://example.com; jo@example.com) x/1"]
    {
        assert_eq!(made(agent).unwrap().agent(), agent);
    }
    assert!(SetupError::Agent.to_string().contains("`Trip planner (jo@example.com)`"));
}

#[test]
fn http_is_for_this_machine_or_must_be_allowed() {
    for address in
        ["http://acme.backpackit.com", "http://backpack.local:3000", "http://localhost.example.com", "http://128.0.0.1"]
    {
        assert_eq!(Client::at(address, token(), AGENT).unwrap_err(), SetupError::Plain, "{address}");
        assert_eq!(blocking::Client::at(address, token(), AGENT).unwrap_err(), SetupError::Plain, "{address}");
        assert!(Client::at_plain(address, token(), AGENT).is_ok(), "{address}");
        assert!(blocking::Client::at_plain(address, token(), AGENT).is_ok(), "{address}");
    }
    for address in ["http://localhost:3000", "http://LOCALHOST", "http://127.8.0.1:80/base", "http://[::1]:3000"] {
        assert!(Client::at(address, token(), AGENT).is_ok(), "{address}");
    }
    assert_eq!(Client::at_plain("ftp://a", token(), AGENT).unwrap_err(), SetupError::Address);
    assert!(SetupError::Plain.to_string().contains("`at_plain`"));
}

#[test]
fn a_token_has_40_hex_digits() {
    for (text, error) in [
        ("", InvalidToken::Length(0)),
        (&TOKEN[1..], InvalidToken::Length(39)),
        (&format!("{TOKEN}0"), InvalidToken::Length(41)),
        (&format!("{TOKEN}\n"), InvalidToken::Length(41)),
        (&TOKEN.replacen('0', "g", 1), InvalidToken::Digits),
        (&TOKEN.replacen('0', "é", 1), InvalidToken::Digits),
        (&TOKEN.replacen('0', " ", 1), InvalidToken::Digits),
    ] {
        assert_eq!(Token::new(text).unwrap_err(), error, "{text:?}");
        assert_eq!(text.parse::<Token>().unwrap_err(), error, "{text:?}");
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
    for text in [TOKEN.to_owned(), TOKEN.to_uppercase()] {
        assert_eq!(Token::new(&*text).unwrap().expose(), text);
    }
}

#[test]
fn any_token_fits_everywhere() {
    for text in ["", ".", "..", "a b", "a\nb", "<a>", "a&b", "\"", "é", "a?b", "a#b", "a%b", "a:b"] {
        assert_eq!(Token::any(text).unwrap_err(), InvalidToken::Signs, "{text:?}");
        assert!(AccessToken::new(text).is_err(), "{text:?}");
    }
    for text in [TOKEN, "mF_9.B5f-4.1JqM~+/="] {
        assert!(Token::any(text).is_ok() && AccessToken::new(text).is_ok());
    }
}

#[test]
fn a_calendars_address_is_a_secret() {
    let calendars = "<calendars><calendar><account-id>1</account-id><color>339966</color>\
        <created-at>2008-11-05T06:41:12Z</created-at><id>3</id><name>Home</name><token>fake-token</token>\
        <updated-at>2008-11-05T06:41:12Z</updated-at></calendar></calendars>";
    let transport = MemoryTransport::new().respond(Response::new(calendars));
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
        backpack_api::runtime::params::ParamNode::read("<request><token>canary</token><a b='canary'/></request>").unwrap();
    let shown = format!("{caller:?} {client:?} {node:?} {:?}", token());
    assert!(!shown.contains(TOKEN) && !shown.contains("canary"), "{shown}");
}
