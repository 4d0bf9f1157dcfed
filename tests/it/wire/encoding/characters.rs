//! Every character in every text of every request.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{EndpointExt, NewNote, Note, NoteId, PageId, ServeEndpointExt, notes};
use backpack_tests::schema;
use xmlwire_codegen::model::Scalar;

use super::sending::{RecordCall, check_rejected};
use super::text_positions::{TextPosition, find_text_positions, read_text_at};
use crate::support::{Checks, check_equal, client_config, read_request};

/// Runs a check for every position of a text in every request.
fn check_each_position(check: impl Fn(&TextPosition<'_>) -> Result<(), String>) {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for position in find_text_positions(&api) {
        checks.record(position.name(), check(&position));
    }
    checks.finish();
}

/// Lists the characters that XML cannot represent, not even as references.
fn forbidden_characters() -> impl Iterator<Item = char> {
    ('\0'..=' ').filter(|c| !"\t\n\r ".contains(*c)).chain(['\u{fffe}', '\u{ffff}'])
}

#[test]
fn forbidden_characters_are_rejected_before_anything_is_sent() {
    assert_eq!(forbidden_characters().count(), 31);
    check_each_position(|position| {
        for c in forbidden_characters() {
            for text in [format!("a{c}b"), c.to_string(), format!("{}{c}", "é<&>".repeat(9))] {
                let (result, requests) = position.send(&text)?;
                check_rejected(result, &requests, &position.location, "a character is not allowed in XML")
                    .map_err(|problem| format!("U+{:04X}: {problem}", u32::from(c)))?;
            }
        }
        Ok(())
    });
}

#[test]
fn texts_without_forbidden_characters_arrive_unchanged() {
    // Texts without white space, which every scalar accepts; a phrase only if it has no double quote.
    let words = [
        "a",
        "Jo’s",
        "<b>&amp;</b>",
        "]]>",
        "'\"",
        "&rarr;",
        "\u{7f}\u{85}\u{a0}\u{2028}\u{feff}",
        "漢字🛶",
        "\u{fffd}\u{e000}\u{10ffff}",
    ];
    // Texts that are empty or have white space, which only `string` and `text` accept.
    let texts = ["", " ", "\n", "\r", "\r\n", "\t", " both ", "last\n\n", "a\r\nb\rc", "<!-- a --> <?b?>", "a \"b\" c"];
    check_each_position(|position| {
        let accepts_any_text = matches!(position.scalar, Scalar::String | Scalar::Text);
        let is_phrases = *position.scalar == Scalar::Phrases;
        let words = words.iter().filter(|word| !is_phrases || !word.contains('"'));
        let other_texts = if accepts_any_text { &texts[..] } else { &[] };
        for text in words.chain(other_texts) {
            let (_, requests) = position.send(text)?;
            let [request] = &requests[..] else { return Err(format!("{text:?} was not sent")) };
            let (_, rewritten) = read_request(request)?.visit(RecordCall);
            check_equal("body of the rewritten request", &rewritten[0].body(), &request.body())?;
            let received = read_text_at(request, position)?;
            check_equal("text", &received.as_str(), text)?;
        }
        Ok(())
    });
}

#[test]
fn every_allowed_character_arrives_in_texts_and_attributes() {
    let all: Vec<char> =
        ('\0'..=char::MAX).filter(|c| !forbidden_characters().any(|forbidden| forbidden == *c)).collect();
    assert_eq!(all.len(), 0x11_0000 - 0x800 - 31);
    let create = notes::Create::new(PageId(1), NewNote::new());
    for chunk in all.chunks(5000) {
        let text: String = chunk.iter().collect();
        let request = notes::Create::new(PageId(1), NewNote::new().title(&text).body(&text));
        let sent = request.to_request(&client_config()).unwrap();
        assert_eq!(read_request(&sent).unwrap(), AnyRequest::NotesCreate(request));
        let note = Note::new(&text, NoteId(1), Timestamp::UNIX_EPOCH, &text);
        assert_eq!(notes::Create::from_response(&create.respond(&note).unwrap()).unwrap(), note);
    }
}

#[test]
fn a_server_rejects_forbidden_characters_too() {
    let create = notes::Create::new(PageId(1), NewNote::new());
    for c in forbidden_characters() {
        let error = create.respond(&Note::new(c, NoteId(1), Timestamp::UNIX_EPOCH, "")).unwrap_err();
        assert_eq!(error.to_string(), "note/@title: a character is not allowed in XML");
        let error = create.respond(&Note::new("", NoteId(1), Timestamp::UNIX_EPOCH, format!("a{c}"))).unwrap_err();
        assert_eq!(error.to_string(), "note: a character is not allowed in XML");
    }
}
