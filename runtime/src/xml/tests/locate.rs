//! Paths of offsets.

use super::super::locate;

const DOCUMENT: &str = "<?xml version='1.0'?><!-- <x> --><response a='>'><notes><note id='1'/><note  id=\"2\" \
                        title = '<'><![CDATA[<y>]]>text<b>bold</b></note><other/><note/></notes></response>";

#[track_caller]
fn at(needle: &str, ahead: usize, expected: &str) {
    assert_eq!(locate(DOCUMENT, DOCUMENT.find(needle).unwrap() + ahead), expected, "{needle}");
}

#[test]
fn names_the_elements_around_an_offset() {
    assert_eq!(locate(DOCUMENT, 0), "");
    at("<x>", 0, "");
    at("<response", 0, "response");
    at("<notes", 0, "response/notes");
    at("<note id", 0, "response/notes/note");
    at("<note  id", 0, "response/notes/note[2]");
    at("<b>", 0, "response/notes/note[2]/b");
    at("bold", 0, "response/notes/note[2]/b");
    at("<other", 0, "response/notes/other");
    at("<note/>", 0, "response/notes/note[3]");
}

#[test]
fn content_and_end_tags_belong_to_their_element() {
    at("<y>", 1, "response/notes/note[2]");
    at("text", 0, "response/notes/note[2]");
    at("</b>", 0, "response/notes/note[2]/b");
    at("</b>", 4, "response/notes/note[2]");
    at("</response>", 11, "");
    assert_eq!(locate(DOCUMENT, usize::MAX), "");
}

#[test]
fn names_the_attribute_at_an_offset() {
    at("a='>'", 0, "response/@a");
    at("a='>'", 3, "response/@a");
    at("id='1'", 0, "response/notes/note/@id");
    at("id=\"2\"", 0, "response/notes/note[2]/@id");
    at("title", 0, "response/notes/note[2]/@title");
    at("'<'", 1, "response/notes/note[2]/@title");
    at("<note  id", 5, "response/notes/note[2]");
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
