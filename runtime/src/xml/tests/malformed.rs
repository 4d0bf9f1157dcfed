//! Malformed documents are rejected, with the offset of the error.

use super::super::{ErrorKind, Reader};
use super::{DOCUMENTS, read_all};

/// Malformed documents with the expected error, whose offset is marked by `|`.
const MALFORMED: [(&str, &str); 86] = [
    ("<a>|&b;</a>", "an entity is not defined"),
    ("<a>|&nbsp;</a>", "an entity is not defined"),
    ("<a b='|&c;'/>", "an entity is not defined"),
    ("<a>&amp|</a>", "a reference does not end in a semicolon"),
    ("<a>&|</a>", "an ampersand does not start a reference"),
    ("<a>&| b</a>", "an ampersand does not start a reference"),
    ("<a>&|;</a>", "an ampersand does not start a reference"),
    ("<a b='&|'/>", "an ampersand does not start a reference"),
    ("<a>&#|;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#x|;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#|X41;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#1|a;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#65| ;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#|-1;</a>", "a character reference is not a number and a semicolon"),
    ("<a>&#|0;</a>", "a reference is to a character that is not allowed in XML"),
    ("<a>&#x|D800;</a>", "a reference is to a character that is not allowed in XML"),
    ("<a>&#x|110000;</a>", "a reference is to a character that is not allowed in XML"),
    ("<a>&#|99999999999;</a>", "a reference is to a character that is not allowed in XML"),
    ("<a>&#x|fffe;</a>", "a reference is to a character that is not allowed in XML"),
    ("<a>|\u{1}</a>", "a character is not allowed in XML"),
    ("<a>|\u{FFFF}</a>", "a character is not allowed in XML"),
    ("<a b='|\u{FFFE}'/>", "a character is not allowed in XML"),
    ("<a>]]|></a>", "text contains ]]>"),
    ("<a>]]]|></a>", "text contains ]]>"),
    ("<a><b/>]]|></a>", "text contains ]]>"),
    ("<a></|b>", "an end tag has another name than its start tag"),
    ("<a></|A>", "an end tag has another name than its start tag"),
    ("<a></|ab>", "an end tag has another name than its start tag"),
    ("<ab></|a>", "an end tag has another name than its start tag"),
    ("<a><b></|a></b>", "an end tag has another name than its start tag"),
    ("<a></a |b>", "an end tag has more than a name"),
    ("<a></a |b='c'>", "an end tag has more than a name"),
    ("<a></a|/>", "an end tag has more than a name"),
    ("<a></| a>", NAME),
    ("<a></|>", NAME),
    ("|</a>", "an end tag has no start tag"),
    ("<a/>|</a>", "an end tag has no start tag"),
    ("<a><|<", NAME),
    ("<a><| b/></a>", NAME),
    ("<|>", NAME),
    ("<|1/>", NAME),
    ("<|-a/>", NAME),
    ("<|.a/>", NAME),
    ("<|\u{D7}/>", NAME),
    ("<a |1='2'/>", NAME),
    ("<a |='2'/>", NAME),
    ("<a |\"b\"/>", NAME),
    ("<a |<b/></a>", NAME),
    ("<a|\u{D7}/>", WHITE),
    ("<a|='b'/>", WHITE),
    ("<a b='c'|d='e'/>", WHITE),
    ("<a b='c'|\u{3B4}='e'/>", WHITE),
    ("<a b|/>", "an attribute has no value"),
    ("<a b |c='d'/>", "an attribute has no value"),
    ("<a b=|c/>", "an attribute value is not in quotes"),
    ("<a b=|/>", "an attribute value is not in quotes"),
    ("<a b=|>", "an attribute value is not in quotes"),
    ("<a b='|<'/>", "an attribute value contains <"),
    ("<a b='c' |b='c'/>", "an attribute occurs twice"),
    ("<a b='' c='' d='' e='' f='' g='' h='' i='' j='' |d='' k=''/>", "an attribute occurs twice"),
    ("<a/| >", "a slash in a tag is not followed by >"),
    ("<a /|b>", "a slash in a tag is not followed by >"),
    ("<a/>|<b/>", "something follows the root element"),
    ("<a></a>\n|<a></a>", "something follows the root element"),
    ("|text<a/>", OUTSIDE),
    ("<a/>|text", OUTSIDE),
    ("<a/>|&#32;", OUTSIDE),
    ("\u{FEFF}|\u{FEFF}<a/>", OUTSIDE),
    ("<a/>|<![CDATA[]]>", OUTSIDE),
    ("<a><!--b--|c--></a>", "a comment contains two hyphens"),
    ("<a><!--b--|-></a>", "a comment contains two hyphens"),
    ("<a><!-|b--></a>", "a comment does not start with two hyphens"),
    ("<a><!|b></a>", DECLARATION),
    ("<a><![|cdata[b]]></a>", DECLARATION),
    ("<a><!D|b></a>", DECLARATION),
    ("<a><?b|/?></a>", "white space is missing in a processing instruction"),
    ("<a><?| b?></a>", NAME),
    (" <?|xml version='1.0'?><a/>", PROLOG),
    ("<a><?|xml version='1.0'?></a>", PROLOG),
    ("<?|XML version='1.0'?><a/>", PROLOG),
    ("<?xml| encoding='UTF-8'?><a/>", "the XML declaration does not start with a version"),
    ("<?xml version='|2.0'?><a/>", "the version is not 1.0 or another 1.x"),
    ("<?xml version='1.0' encoding='|UTF 8'?><a/>", "the encoding is not the name of an encoding"),
    ("<?xml version='1.0' standalone='|Yes'?><a/>", "standalone is not yes or no"),
    ("<?xml version='1.0' standalone='yes' |encoding='UTF-8'?><a/>", MORE),
    ("<?xml version='1.0' |b='c'?><a/>", MORE),
];

const NAME: &str = "a name is missing or starts with a character that no name starts with";
const WHITE: &str = "white space is missing after a name or a value in a tag";
const OUTSIDE: &str = "text stands outside the root element";
const DECLARATION: &str = "<! does not start a comment or a CDATA section";
const PROLOG: &str = "an XML declaration is not at the very start";
const MORE: &str = "the XML declaration has more than its three attributes";

#[test]
fn rejects_malformed_documents_with_the_offset_of_the_error() {
    for (marked, problem) in MALFORMED {
        let document = marked.replacen('|', "", 1);
        let error = read_all(&document).expect_err(marked);
        assert_eq!(
            (error.kind(), error.offset()),
            (ErrorKind::Malformed(problem), marked.find('|').unwrap()),
            "{marked}"
        );
    }
}

#[test]
fn rejects_document_types() {
    let kind = |document: &str| read_all(document).unwrap_err().kind();
    assert_eq!(kind("<!DOCTYPE a><a/>"), ErrorKind::Doctype);
    assert_eq!(kind("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), ErrorKind::Doctype);
    assert_eq!(kind("<a><!DOCTYPE a></a>"), ErrorKind::Doctype);
}

#[test]
fn rejects_an_empty_document() {
    for document in ["", "\u{FEFF}", " ", "\r\n\t "] {
        let error = read_all(document).unwrap_err();
        assert_eq!((error.kind(), error.is_cut_off()), (ErrorKind::Empty, true), "{document:?}");
    }
}

/// Every prefix of a document is cut off until the root is closed. After that, only a comment or a processing instruction
/// can be cut off.
#[test]
fn reports_prefixes_as_cut_off() {
    let good = ["<a/><?b c?><!-- d -->", "<a b='&#x41;&quot;' c=\"\"><![CDATA[]]]]><!-- b --><?c d?>&lt;&#10;</a>"];
    for document in DOCUMENTS.into_iter().chain(good) {
        for (end, _) in document.char_indices() {
            match read_all(&document[..end]) {
                Ok(()) => assert!(document[..end].trim_end().ends_with('>'), "{:?}", &document[..end]),
                Err(error) => assert!(error.is_cut_off(), "{error}: {:?}", &document[..end]),
            }
        }
        assert_eq!(read_all(document), Ok(()));
    }
}

#[test]
fn checks_skipped_parts_too() {
    for document in ["<a><b><c>&x;</c></b></a>", "<a><b c='&x;'/></a>", "<a><b/><!-- -- --></a>"] {
        let mut xml = Reader::new(document);
        xml.next_child().unwrap();
        xml.skip_element().unwrap_err();
        let mut xml = Reader::new(document);
        xml.next_child().unwrap();
        xml.read_text().unwrap_err();
    }
}

#[test]
fn a_lenient_reader_accepts_any_name_in_an_end_tag() {
    let document = "<response success='false'><error code='404'>Record not found</item></response>";
    let mut xml = Reader::lenient(document);
    assert_eq!(xml.next_child().unwrap(), Some("response"));
    assert_eq!(xml.next_child().unwrap(), Some("error"));
    assert_eq!(xml.next_attribute().unwrap().value(), "404");
    assert_eq!(xml.read_text().unwrap(), "Record not found");
    assert_eq!(xml.next_child().unwrap(), None);
    assert_eq!(xml.next_child().unwrap(), None);
    for document in ["<a></1>", "<a></b c>", "<a>", "<a></b", "<a>&b;</c>"] {
        let mut xml = Reader::lenient(document);
        xml.next_child().unwrap();
        xml.skip_element().unwrap_err();
    }
}

#[test]
fn errors_have_kind_and_offset_but_no_text_of_the_document() {
    let error = read_all("<a>secret&b;</a>").unwrap_err();
    assert_eq!(error.to_string(), "an entity is not defined, at byte 9");
    assert!(!format!("{error:?}").contains("secret"));
    assert_eq!(read_all("<a>").unwrap_err().to_string(), "the document is cut off, at byte 3");
}
