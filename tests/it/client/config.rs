//! The configuration of the clients: accounts, base URLs, tokens and user agents. Also the URLs of calendars, and
//! `Debug` output.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::service::Service;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{AccessToken, ApiToken, Client, ClientConfig, ConfigError, InvalidToken, SERVICE, blocking};
use backpack_tests::examples::TOKEN;

use crate::support::{USER_AGENT, token};

/// Returns the configuration for the account `acme` at the real service.
fn account_config() -> ClientConfig {
    ClientConfig::for_account(&SERVICE, "acme", token(), USER_AGENT).unwrap()
}

#[test]
fn requests_of_an_account_go_to_its_host_over_https() {
    let transport = MemoryTransport::new().respond(Response::new("<users/>"));
    blocking::Client::with_transport(account_config(), transport.clone()).users().list().unwrap();
    let requests = transport.requests();
    assert_eq!(requests[0].uri().scheme_str(), Some("https"));
    assert_eq!(requests[0].uri().host(), Some("acme.backpackit.com"));
    assert_eq!(requests[0].headers()["user-agent"], USER_AGENT);
}

#[test]
fn both_clients_reject_invalid_configuration() {
    for (account, user_agent, error) in [
        ("", USER_AGENT, ConfigError::Account),
        ("acme.evil", USER_AGENT, ConfigError::Account),
        ("acme/evil", USER_AGENT, ConfigError::Account),
        ("-acme", USER_AGENT, ConfigError::Account),
        ("acme", "Trip planner", ConfigError::UserAgent),
    ] {
        assert_eq!(Client::new(account, token(), user_agent).unwrap_err(), error, "{account:?} {user_agent:?}");
        assert_eq!(
            blocking::Client::new(account, token(), user_agent).unwrap_err(),
            error,
            "{account:?} {user_agent:?}"
        );
    }
    for base_url in [
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
        assert_eq!(
            blocking::Client::with_base_url(base_url, token(), USER_AGENT).unwrap_err(),
            ConfigError::BaseUrl,
            "{base_url}"
        );
    }
    assert!(
        Client::new("acme", token(), USER_AGENT).is_ok()
            && blocking::Client::new("acme-2", token(), USER_AGENT).is_ok()
    );
}

#[test]
fn a_user_agent_needs_a_name_and_a_contact() {
    let configure = |user_agent: &str| ClientConfig::new(&SERVICE, "https://acme.example.com", token(), user_agent);
    for user_agent in [
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
        assert_eq!(configure(user_agent).unwrap_err(), ConfigError::UserAgent, "{user_agent:?}");
    }
    for user_agent in
        [USER_AGENT, "t (http://a.example)", "Trip planner/2.1 (beta) (see https://example.com; jo@example.com) x/1"]
    {
        assert_eq!(configure(user_agent).unwrap().user_agent(), user_agent);
    }
    assert!(ConfigError::UserAgent.to_string().contains("`Trip planner (jo@example.com)`"));
}

#[test]
fn without_a_contact_rule_a_user_agent_is_any_ascii_text() {
    let service = Service { requires_user_agent_contact: false, ..SERVICE.clone() };
    let configure = |user_agent: &str| ClientConfig::new(&service, "https://acme.example.com", token(), user_agent);
    for user_agent in ["", " ", "Café", "Trip\r\nplanner", "Trip planner\u{7f}", "Trip planner \u{1F6A2}"] {
        assert_eq!(configure(user_agent).unwrap_err(), ConfigError::UserAgent, "{user_agent:?}");
    }
    for user_agent in ["Trip planner", "t", "(~!)", USER_AGENT] {
        assert_eq!(configure(user_agent).unwrap().user_agent(), user_agent);
    }
}

#[test]
fn http_is_rejected_unless_the_host_is_local_or_http_is_allowed() {
    for base_url in
        ["http://acme.backpackit.com", "http://backpack.local:3000", "http://localhost.example.com", "http://128.0.0.1"]
    {
        assert_eq!(
            Client::with_base_url(base_url, token(), USER_AGENT).unwrap_err(),
            ConfigError::InsecureBaseUrl,
            "{base_url}"
        );
        assert_eq!(
            blocking::Client::with_base_url(base_url, token(), USER_AGENT).unwrap_err(),
            ConfigError::InsecureBaseUrl,
            "{base_url}"
        );
        assert!(Client::with_insecure_base_url(base_url, token(), USER_AGENT).is_ok(), "{base_url}");
        assert!(blocking::Client::with_insecure_base_url(base_url, token(), USER_AGENT).is_ok(), "{base_url}");
    }
    for base_url in [
        "http://localhost:3000",
        "http://LOCALHOST",
        "http://acme.localhost:3000",
        "http://localhost./base",
        "http://127.8.0.1:80/base",
        "http://[::1]:3000",
    ] {
        assert!(Client::with_base_url(base_url, token(), USER_AGENT).is_ok(), "{base_url}");
    }
    assert!(ConfigError::InsecureBaseUrl.to_string().contains("insecure"));
}

#[test]
fn an_insecure_base_url_still_needs_http() {
    assert_eq!(Client::with_insecure_base_url("ftp://a", token(), USER_AGENT).unwrap_err(), ConfigError::BaseUrl);
}

#[test]
fn a_token_has_40_hex_digits() {
    for (text, error) in [
        ("", InvalidToken::Length(0)),
        (&TOKEN[1..], InvalidToken::Length(39)),
        (&format!("{TOKEN}0"), InvalidToken::Length(41)),
        (&format!("{TOKEN}\n"), InvalidToken::Length(41)),
        (&TOKEN.replacen('0', "g", 1), InvalidToken::NotHex),
        (&TOKEN.replacen('0', "é", 1), InvalidToken::NotHex),
        (&TOKEN.replacen('0', " ", 1), InvalidToken::NotHex),
    ] {
        assert_eq!(ApiToken::new(text).unwrap_err(), error, "{text:?}");
        assert_eq!(text.parse::<ApiToken>().unwrap_err(), error, "{text:?}");
        assert!(text.is_empty() || !error.to_string().contains(text));
    }
    for text in [TOKEN.to_owned(), TOKEN.to_uppercase()] {
        assert_eq!(ApiToken::new(&*text).unwrap().expose(), text);
    }
}

#[test]
fn a_token_of_another_service_has_only_characters_that_fit_every_carrier() {
    for text in ["", ".", "..", "a b", "a\nb", "<a>", "a&b", "\"", "é", "a?b", "a#b", "a%b", "a:b"] {
        assert_eq!(ApiToken::any(text).unwrap_err(), InvalidToken::Characters, "{text:?}");
        assert!(AccessToken::new(text).is_err(), "{text:?}");
    }
    for text in [TOKEN, "mF_9.B5f-4.1JqM~+/="] {
        assert!(ApiToken::any(text).is_ok() && AccessToken::new(text).is_ok());
    }
}

#[test]
fn the_subscription_url_of_a_calendar_is_a_secret() {
    let calendars = "<calendars><calendar><account-id>1</account-id><color>339966</color>\
        <created-at>2008-11-05T06:41:12Z</created-at><id>3</id><name>Home</name><token>fake-token</token>\
        <updated-at>2008-11-05T06:41:12Z</updated-at></calendar></calendars>";
    let transport = MemoryTransport::new().respond(Response::new(calendars));
    let client = blocking::Client::with_transport(account_config(), transport);
    let reply = client.call_with_response(&backpack_api::calendars::List::new()).unwrap();
    assert!(!format!("{reply:?}").contains("fake-token"));
    let calendar = reply.value.into_iter().next().unwrap();
    let url = client.webcal_url(&calendar);
    assert_eq!(url.expose(), "webcal://acme.backpackit.com/fake-token.ics");
    assert!(!format!("{url:?} {calendar:?} {client:?}").contains("fake-token"));
}

#[test]
fn debug_output_shows_no_token_and_no_values_of_a_request() {
    let config = account_config();
    let client = Client::with_transport(config.clone(), MemoryTransport::new());
    let node =
        backpack_api::runtime::params::ParamNode::read("<request><token>canary</token><a b='canary'/></request>")
            .unwrap();
    let shown = format!("{config:?} {client:?} {node:?} {:?}", token());
    assert!(!shown.contains(TOKEN) && !shown.contains("canary"), "{shown}");
}
