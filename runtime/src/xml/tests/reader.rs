//! What the reader hands out.

use std::borrow::Cow;

use super::super::Reader;

/// Enters the root.
fn root(document: &str) -> Reader<'_> {
    let mut xml = Reader::new(document);
    assert!(xml.child().unwrap().is_some());
    xml
}

#[test]
fn children_come_in_order_and_then_none() {
    let mut xml = Reader::new("<a> <b/>x<c> </c><!-- d --></a> ");
    assert_eq!((xml.depth(), xml.child().unwrap()), (0, Some("a")));
    assert_eq!((xml.depth(), xml.start()), (1, 0));
    assert_eq!((xml.child().unwrap(), xml.start(), xml.depth()), (Some("b"), 4, 2));
    assert_eq!((xml.child().unwrap(), xml.depth()), (None, 1));
    assert_eq!(xml.child().unwrap(), Some("c"));
    xml.skip().unwrap();
    assert_eq!((xml.child().unwrap(), xml.depth()), (None, 0));
    assert_eq!(xml.child().unwrap(), None);
    assert_eq!(xml.child().unwrap(), None);
}

#[test]
fn attributes_come_in_order_with_their_offsets() {
    let mut xml = root("<a b='1' c = \"2&amp;\t3\"><d/></a>");
    let (b, c) = (xml.attribute().unwrap(), xml.attribute().unwrap());
    assert!(xml.attribute().is_none());
    assert_eq!((b.name, b.offset(), b.value()), ("b", 3, Cow::Borrowed("1")));
    assert_eq!((c.name, c.offset(), c.value().as_ref()), ("c", 9, "2& 3"));
    xml.child().unwrap();
    assert!(xml.attribute().is_none());
}

#[test]
fn text_is_borrowed_when_it_stands_as_it_is() {
    for (document, expected) in [
        ("<a/>", ""),
        ("<a></a>", ""),
        ("<a> \n\tb\u{E9}]]\u{FF0C} </a>", " \n\tb\u{E9}]]\u{FF0C} "),
        ("<a><![CDATA[<b>&amp;]]></a>", "<b>&amp;"),
        ("<a><!-- b --><c>d</c>e<?f?></a >", "e"),
    ] {
        let text = root(document).text().unwrap();
        assert_eq!(text, expected);
        assert!(matches!(text, Cow::Borrowed(_)), "{document}");
    }
    let value = root("<a b='\u{FF0C}'/>").attribute().unwrap().value().into_owned();
    assert_eq!(value, "\u{FF0C}");
}

#[test]
fn text_is_joined_and_resolved() {
    for (document, expected) in [
        ("<a>b\r\nc\rd\n\r\n\r\re</a>", "b\nc\nd\n\n\n\ne"),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F6A2;</a>", "<>&\"'AB\u{1F6A2}"),
        ("<a>&#13;&#10;&amp;amp;</a>", "\r\n&amp;"),
        ("<a>b<c>no</c>d<!-- -->e<?f?>g<![CDATA[\r\n&h;]]>i&gt;</a>", "bdeg\n&h;i>"),
        ("<a>b&amp;<c/>d</a>", "b&d"),
        ("<a><![CDATA[]]]]><![CDATA[>]]></a>", "]]>"),
    ] {
        let mut xml = root(document);
        assert_eq!(xml.text().unwrap(), expected, "{document}");
        assert_eq!((xml.depth(), xml.child().unwrap()), (0, None));
    }
}

#[test]
fn white_space_in_attributes_becomes_blanks() {
    for (document, expected) in [
        ("<a b='c\td\ne\rf\r\ng'/>", "c d e f g"),
        ("<a b='&#9;&#10;&#13;'/>", "\t\n\r"),
        ("<a b='\r&#10;\n'/>", " \n "),
    ] {
        assert_eq!(root(document).attribute().unwrap().value(), expected);
    }
}

#[test]
fn text_between_children_can_be_kept() {
    let mut xml = root("<a> b<c/><d>x</d>e&amp; </a>");
    let mut text = Cow::Borrowed("");
    while xml.child_and_text(&mut text).unwrap().is_some() {
        xml.skip().unwrap();
    }
    assert_eq!(text, " be& ");
}

#[test]
fn nil_and_blank_are_seen() {
    for (document, nil, blank) in [
        ("<a/>", false, true),
        ("<a ></a >", false, true),
        ("<a> \r\n</a>", false, true),
        ("<a><!-- b -> --> <?c >?></a>", false, true),
        ("<a nil='true'/>", true, false),
        ("<a type='integer' nil=\"true\"></a>", true, false),
        ("<a nil='false'/>", false, false),
        ("<a>&#32;</a>", false, false),
        ("<a>b</a>", false, false),
        ("<a><b/></a>", false, false),
        ("<a><![CDATA[]]></a>", false, false),
    ] {
        let mut xml = root(document);
        assert_eq!((xml.is_nil(), xml.is_blank()), (nil, blank), "{document}");
        xml.skip().unwrap();
    }
    assert!(!root("<a><!-- b </a>").is_blank());
}

#[test]
fn the_document_can_be_skipped_or_read_as_text() {
    let mut xml = Reader::new("<a>b<c/></a>");
    xml.skip().unwrap();
    assert_eq!(xml.depth(), 0);
    assert_eq!(Reader::new("<a>b</a>").text().unwrap(), "");
    Reader::new("<a>b</a>c").skip().unwrap_err();
}
