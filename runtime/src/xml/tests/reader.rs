//! Values that the reader returns.

use std::borrow::Cow;

use super::super::Reader;

/// Creates a reader in the root element.
fn enter_root(document: &str) -> Reader<'_> {
    let mut xml = Reader::new(document);
    assert!(xml.next_child().unwrap().is_some());
    xml
}

#[test]
fn returns_children_in_order_and_then_none() {
    let mut xml = Reader::new("<a> <b/>x<c> </c><!-- d --></a> ");
    assert_eq!((xml.depth(), xml.next_child().unwrap()), (0, Some("a")));
    assert_eq!((xml.depth(), xml.start()), (1, 0));
    assert_eq!((xml.next_child().unwrap(), xml.start(), xml.depth()), (Some("b"), 4, 2));
    assert_eq!((xml.next_child().unwrap(), xml.depth()), (None, 1));
    assert_eq!(xml.next_child().unwrap(), Some("c"));
    xml.skip_element().unwrap();
    assert_eq!((xml.next_child().unwrap(), xml.depth()), (None, 0));
    assert_eq!(xml.next_child().unwrap(), None);
    assert_eq!(xml.next_child().unwrap(), None);
}

#[test]
fn returns_attributes_in_order_with_their_offsets() {
    let mut xml = enter_root("<a b='1' c = \"2&amp;\t3\"><d/></a>");
    let (b, c) = (xml.next_attribute().unwrap(), xml.next_attribute().unwrap());
    assert!(xml.next_attribute().is_none());
    assert_eq!((b.name, b.offset(), b.value()), ("b", 3, Cow::Borrowed("1")));
    assert_eq!((c.name, c.offset(), c.value().as_ref()), ("c", 9, "2& 3"));
    xml.next_child().unwrap();
    assert!(xml.next_attribute().is_none());
}

#[test]
fn borrows_text_that_needs_no_normalization() {
    for (document, expected) in [
        ("<a/>", ""),
        ("<a></a>", ""),
        ("<a> \n\tb\u{E9}]]\u{FF0C} </a>", " \n\tb\u{E9}]]\u{FF0C} "),
        ("<a><![CDATA[<b>&amp;]]></a>", "<b>&amp;"),
        ("<a><!-- b --><c>d</c>e<?f?></a >", "e"),
    ] {
        let text = enter_root(document).read_text().unwrap();
        assert_eq!(text, expected);
        assert!(matches!(text, Cow::Borrowed(_)), "{document}");
    }
    let value = enter_root("<a b='\u{FF0C}'/>").next_attribute().unwrap().value().into_owned();
    assert_eq!(value, "\u{FF0C}");
}

#[test]
fn joins_text_and_replaces_references() {
    for (document, expected) in [
        ("<a>b\r\nc\rd\n\r\n\r\re</a>", "b\nc\nd\n\n\n\ne"),
        ("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F6A2;</a>", "<>&\"'AB\u{1F6A2}"),
        ("<a>&#13;&#10;&amp;amp;</a>", "\r\n&amp;"),
        ("<a>b<c>no</c>d<!-- -->e<?f?>g<![CDATA[\r\n&h;]]>i&gt;</a>", "bdeg\n&h;i>"),
        ("<a>b&amp;<c/>d</a>", "b&d"),
        ("<a><![CDATA[]]]]><![CDATA[>]]></a>", "]]>"),
    ] {
        let mut xml = enter_root(document);
        assert_eq!(xml.read_text().unwrap(), expected, "{document}");
        assert_eq!((xml.depth(), xml.next_child().unwrap()), (0, None));
    }
}

#[test]
fn literal_white_space_in_attributes_becomes_spaces() {
    for (document, expected) in [
        ("<a b='c\td\ne\rf\r\ng'/>", "c d e f g"),
        ("<a b='&#9;&#10;&#13;'/>", "\t\n\r"),
        ("<a b='\r&#10;\n'/>", " \n "),
    ] {
        assert_eq!(enter_root(document).next_attribute().unwrap().value(), expected);
    }
}

#[test]
fn keeps_text_between_children_on_request() {
    let mut xml = enter_root("<a> b<c/><d>x</d>e&amp; </a>");
    let mut text = Cow::Borrowed("");
    while xml.next_child_with_text(&mut text).unwrap().is_some() {
        xml.skip_element().unwrap();
    }
    assert_eq!(text, " be& ");
}

#[test]
fn detects_nil_and_blank_elements() {
    for (document, nil, blank) in [
        ("<a/>", false, true),
        ("<a ></a >", false, true),
        ("<a> \r\n</a>", false, true),
        ("<a><!-- b -> --> <?c >?></a>", false, true),
        ("<a nil='true'/>", true, false),
        ("<a type='integer' nil=\"true\"></a>", true, false),
        ("<a nil='1'/>", true, false),
        ("<a xmlns:xsi='b' xsi:nil='true'/>", true, false),
        ("<a nil='false'/>", false, false),
        ("<a nil='0'/>", false, false),
        ("<a>&#32;</a>", false, false),
        ("<a>b</a>", false, false),
        ("<a><b/></a>", false, false),
        ("<a><![CDATA[]]></a>", false, false),
    ] {
        let mut xml = enter_root(document);
        assert_eq!((xml.is_nil(), xml.is_blank()), (nil, blank), "{document}");
        xml.skip_element().unwrap();
    }
    assert!(!enter_root("<a><!-- b </a>").is_blank());
}

#[test]
fn skips_a_whole_document_and_reads_it_as_empty_text() {
    let mut xml = Reader::new("<a>b<c/></a>");
    xml.skip_element().unwrap();
    assert_eq!(xml.depth(), 0);
    assert_eq!(Reader::new("<a>b</a>").read_text().unwrap(), "");
    Reader::new("<a>b</a>c").skip_element().unwrap_err();
}
