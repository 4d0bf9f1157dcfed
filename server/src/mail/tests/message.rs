//! The messages that go out, as a mail program reads them.

use lettre::message::Mailbox;
use mail_parser::MessageParser;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

use super::super::message::build_message;
use super::super::outbox::OutboundMessage;

/// Maximum length of a line in bytes without its line break (RFC 5322).
const MAX_LINE_LENGTH: usize = 998;

/// Builds a message from a sender with this name, or without one.
fn format_message(name: Option<&str>, subject: &str, body: &str) -> Vec<u8> {
    let sender = Mailbox::new(name.map(str::to_owned), "post@acme.example.com".parse().unwrap());
    let message = OutboundMessage {
        id: 1,
        recipient: "jo@example.com".to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        created_at: super::START,
        attempts: 0,
    };
    build_message(&sender, &message).unwrap().formatted()
}

/// Texts as users type them, and texts with pieces that have a meaning in a message.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "=?utf-8?q?x?=", "=?utf-8?b?eA==?=", "=?", "?=", " ", "  ", "\t", "\r", "\n", "\r\n", "\0", "\u{b}",
            "\u{85}", "\u{2028}", ".", "\n.\n", "From ", "Bcc: eve@example.com", "\"", "\\", "<", ">", ",", "=3D",
            "=\r\n", "é", "🌊",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,12}".prop_map(|word| word + " "),
        any::<String>(),
        (any::<char>(), 1..1200_usize).prop_map(|(c, count)| c.to_string().repeat(count)),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Replaces white space and control characters in a header by single spaces, as the server does.
fn collapse(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the text of a body with line feeds only, and without other control characters and the line breaks at the end.
fn normalize(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    text.trim_end_matches('\n').to_owned()
}

/// Asserts that a message is ASCII, that all line breaks are CRLF, and that no line is too long.
fn assert_well_formed(message: &[u8]) {
    let message = std::str::from_utf8(message).unwrap();
    assert!(message.is_ascii(), "{message}");
    for line in message.split("\r\n") {
        assert!(line.len() <= MAX_LINE_LENGTH, "{} bytes: {line}", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

/// Asserts that subject and body arrive as they were typed, up to white space and control characters.
fn assert_arrives(subject: &str, body: &str) {
    let message = format_message(None, subject, body);
    assert_well_formed(&message);
    let parsed = MessageParser::default().parse(&message).unwrap();
    assert_eq!(parsed.subject().unwrap_or_default(), collapse(subject));
    assert_eq!(normalize(&parsed.body_text(0).unwrap_or_default()), normalize(body));
    assert_eq!((parsed.text_body_count(), parsed.attachment_count(), parsed.bcc()), (1, 0, None));
}

#[test]
fn a_subject_that_looks_like_an_encoded_word_arrives_as_typed() {
    for subject in ["=?utf-8?q?x?=", "Fähre =?utf-8?q?x?=", "a=?utf-8?b?eA==?= b", "=?utf-8?q?x?= =?utf-8?q?y?="] {
        assert_arrives(subject, "At nine.");
    }
}

#[test]
fn a_long_word_in_a_subject_or_body_is_encoded() {
    for text in ["a".repeat(2000), "é".repeat(2000), format!("{} b", "a".repeat(990)), ["a"; 2000].join(" ")] {
        assert_arrives(&text, &text);
    }
}

#[test]
fn a_short_subject_is_written_as_typed() {
    let message = String::from_utf8(format_message(None, "Reminder: call Jo (office), 9:30?", "")).unwrap();
    assert!(message.contains("\r\nSubject: Reminder: call Jo (office), 9:30?\r\n"), "{message}");
}

#[test]
fn a_carriage_return_in_a_body_is_a_line_break() {
    let message = String::from_utf8(format_message(None, "", "one\rtwo\r\nthree\nfour\u{0}\u{b}")).unwrap();
    assert!(message.ends_with("\r\n\r\none\r\ntwo\r\nthree\r\nfour"), "{message}");
}

proptest! {
    #![proptest_config(Config { cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(37), ..Config::default() })]

    #[test]
    fn every_text_arrives_as_typed(subject in any_text(), body in any_text()) {
        assert_arrives(&subject, &body);
    }

    /// The longest sender that a configuration can have is 400 bytes.
    #[test]
    fn every_name_of_a_sender_arrives_as_typed(name in any_text()) {
        let name = collapse(&name);
        prop_assume!(!name.is_empty() && name.len() <= 400);
        let message = format_message(Some(&name), "Ferry", "At nine.");
        assert_well_formed(&message);
        let parsed = MessageParser::default().parse(&message).unwrap();
        let sender = parsed.from().and_then(|from| from.first()).unwrap();
        prop_assert_eq!(sender.address(), Some("post@acme.example.com"));
        prop_assert_eq!(sender.name(), Some(&*name));
    }
}
