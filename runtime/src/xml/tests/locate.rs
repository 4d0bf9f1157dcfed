//! Paths of offsets.

use super::super::locate;

const DOCUMENT: &str = "<?xml version='1.0'?><!-- <x> --><response a='>'><notes><note id='1'/><note  id=\"2\" \
                        title = '<'><![CDATA[<y>]]>text<b>bold</b></note><other/><note/></notes></response>";

/// Asserts the path of the offset `ahead` bytes after the start of `needle`.
#[track_caller]
fn assert_location(needle: &str, ahead: usize, expected: &str) {
    assert_eq!(locate(DOCUMENT, DOCUMENT.find(needle).unwrap() + ahead), expected, "{needle}");
}

#[test]
fn names_the_elements_around_an_offset() {
    assert_eq!(locate(DOCUMENT, 0), "");
    assert_location("<x>", 0, "");
    assert_location("<response", 0, "response");
    assert_location("<notes", 0, "response/notes");
    assert_location("<note id", 0, "response/notes/note");
    assert_location("<note  id", 0, "response/notes/note[2]");
    assert_location("<b>", 0, "response/notes/note[2]/b");
    assert_location("bold", 0, "response/notes/note[2]/b");
    assert_location("<other", 0, "response/notes/other");
    assert_location("<note/>", 0, "response/notes/note[3]");
}

#[test]
fn content_and_end_tags_belong_to_their_element() {
    assert_location("<y>", 1, "response/notes/note[2]");
    assert_location("text", 0, "response/notes/note[2]");
    assert_location("</b>", 0, "response/notes/note[2]/b");
    assert_location("</b>", 4, "response/notes/note[2]");
    assert_location("</response>", 11, "");
    assert_eq!(locate(DOCUMENT, usize::MAX), "");
}

#[test]
fn names_the_attribute_at_an_offset() {
    assert_location("a='>'", 0, "response/@a");
    assert_location("a='>'", 3, "response/@a");
    assert_location("id='1'", 0, "response/notes/note/@id");
    assert_location("id=\"2\"", 0, "response/notes/note[2]/@id");
    assert_location("title", 0, "response/notes/note[2]/@title");
    assert_location("'<'", 1, "response/notes/note[2]/@title");
    assert_location("<note  id", 5, "response/notes/note[2]");
}

#[test]
fn locates_in_malformed_and_unfinished_documents() {
    let end = |document: &str| locate(document, document.len());
    assert_eq!(end(""), "");
    assert_eq!(end("<"), "");
    assert_eq!(end("<request"), "request");
    assert_eq!(end("<request><note><title>"), "request/note/title");
    assert_eq!(end("<request><item/><item completed=\""), "request/item[2]/@completed");
    assert_eq!(end("<request><item a='1' b='"), "request/item/@b");
    assert_eq!(end("<request><!-- <x>"), "request");
    assert_eq!(end("<a></b></c></d><e>"), "e");
    assert_eq!(locate("<a><b></a></a></a><<<<", 4), "a/b");
    assert_eq!(locate("<a><b c=d e='", 12), "a/b/@c");
}
