//! No secret is ever shown: a canary token is in no log, no `Debug` output, no `Display` output and no error source.
//!
//! Both clients call every operation with the canary over real connections, over hyper and over reqwest. The canary is
//! in the service's own carriers, or it is a bearer token. Calls succeed and fail in every way, and the service repeats
//! the canary wherever it can. With OAuth, the canary is the access token, the refresh token, the code and the client
//! secret.
//!
//! The test searches all output, and all bytes that the server behind the redirects receives. It finds the canary
//! unchanged, percent-encoded, as XML references, in Base64 and in hexadecimal, and pieces of it, as in a hex dump.
//!
//! - [`canary`]: the canary, its encodings, and the search.
//! - [`responses`]: responses that repeat it.
//! - [`output`]: everything that a program can show.
//! - [`calls`]: the calls.

mod calls;
mod canary;
mod output;
mod responses;

use std::collections::BTreeSet;
use std::thread;

use backpack_api::runtime::Token;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{Credentials, NewNote, PageId, blocking, notes};
use backpack_tests::schema;
use xmlwire_codegen::model::{Scalar, ValueKind};

use self::calls::{TRANSPORTS, call_issuer, call_operation};
use self::canary::{CANARY, find_leak};
use self::output::{Output, capture_log, captured_log};
use crate::support::{client_config_at, first_cases};

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn no_token_appears_in_logs_errors_or_debug_output() {
    capture_log();
    let api = schema::read_api();
    let cases: Vec<_> = first_cases(&api).collect();
    let mut kinds = BTreeSet::new();
    let mut leaks = BTreeSet::new();
    let mut handshakes = 0;
    thread::scope(|scope| {
        // One thread for each operation over each transport.
        let calls = cases.iter().flat_map(|(case, request)| TRANSPORTS.map(|transport| (case, request, transport)));
        let calls = calls.map(|(case, request, new_transport)| {
            scope.spawn(move || call_operation(*case, request, &new_transport()))
        });
        // One more thread for each transport, for the requests to the issuer.
        let issuer_calls = TRANSPORTS.map(|new_transport| scope.spawn(move || vec![call_issuer(&new_transport())]));
        let threads = calls.chain(issuer_calls);
        // Collecting starts all threads before the first is joined.
        for output in threads.collect::<Vec<_>>().into_iter().flat_map(|thread| thread.join().unwrap()) {
            leaks.extend(find_leak(&output.text).map(str::to_owned));
            kinds.extend(output.kinds);
            for bytes in output.redirected {
                assert_eq!(bytes.first(), Some(&0x16), "the other server receives TLS handshakes only");
                leaks.extend(find_leak(&String::from_utf8_lossy(&bytes)).map(str::to_owned));
                handshakes += 1;
            }
        }
    });
    let log = captured_log();
    leaks.extend(find_leak(&log).map(str::to_owned));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.into_iter().collect::<Vec<_>>().join("\n"));

    // The search covered each kind of result, the log of each library, and every operation.
    let all_kinds = [
        "Connect", "ConnectionLost", "InvalidResponse", "Protocol", "Service", "Success", "Timeout", "Tls",
        "TokenRefresh", "TooLarge",
    ]
    .map(String::from);
    assert_eq!(kinds, BTreeSet::from(all_kinds));
    // Each operation is called over each transport with two kinds of credentials, and each time the client follows one
    // redirect to the server.
    assert_eq!(handshakes, cases.len() * 2 * TRANSPORTS.len());
    for target in ["xmlwire::exchange::trace", "hyper_util::client", "reqwest::connect", "rustls::client"] {
        assert!(log.contains(target), "{target} should have logged");
    }
    for (case, _) in &cases {
        assert!(log.contains(&format!("operation=\"{}\"", case.operation.name)), "{} is not in the log", case.name());
    }
}

#[test]
fn the_error_for_an_invalid_value_does_not_show_the_value() {
    let config = client_config_at("http://127.0.0.1:1", Credentials::Token(Token::new(CANARY).unwrap()));
    let note = NewNote::new().title(format!("{CANARY}\u{1}"));
    let client = blocking::Client::with_transport(config, MemoryTransport::new());
    let mut output = Output::default();
    output.add_result(&client.call_with_response(&notes::Create::new(PageId(1), note)));
    assert_eq!(output.kinds, BTreeSet::from(["InvalidRequest".to_owned()]));
    assert_eq!(find_leak(&output.text), None);
}

#[test]
fn fields_that_grant_access_are_declared_secret() {
    let api = schema::read_api();
    for (name, key) in [("Calendar", "token"), ("Page", "email_address")] {
        let data = api.types.iter().find(|data| data.name == name).expect("the type should exist");
        let field = data.fields.iter().find(|field| field.name == key).expect("the field should exist");
        assert!(matches!(field.kind, ValueKind::Scalar(Scalar::Secret)), "{name}.{key} is not a secret");
    }
}
