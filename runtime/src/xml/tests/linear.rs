//! Nothing takes more than a few looks per byte, whatever stands in the document.

use super::super::{ErrorKind, MAX_ATTRIBUTES, MAX_DEPTH, Reader, location};
use super::{STEPS, pass};
use crate::tree::Node;

/// How often the document is looked at.
fn steps(document: &str, read: fn(&str)) -> usize {
    STEPS.set(0);
    read(document);
    STEPS.get()
}

/// A way to read all of a document, and how many looks at a byte it takes.
type Way = (usize, fn(&str));

/// As a client skips what it does not know, and as a server reads a request and keeps the values.
const WAYS: [Way; 2] = [
    (5, |document| {
        let _ = pass(document);
    }),
    (6, |document| {
        let _ = Node::read(document);
    }),
];

/// The hostile part, repeated, within a document.
const HOSTILE: [(&str, &str, &str); 24] = [
    ("<a>", "<", "</a>"),
    ("", "<a>", ""),
    ("<a>", "</a>", ""),
    ("<a>", "]", "</a>"),
    ("<a>", "]]&gt;", "</a>"),
    ("<a>", "&amp;", "</a>"),
    ("<a>", "&", "</a>"),
    ("<a>", "&#", "</a>"),
    ("<a>&#", "0", "38;</a>"),
    ("<a>&", "x", ";</a>"),
    ("<a>", "\r", "</a>"),
    ("<a>", "\u{FFFD}", "</a>"),
    ("<a>", "some text and more of it ", "</a>"),
    ("<a>", "<b/>", "</a>"),
    ("<a>", "<!---->", "</a>"),
    ("<a><!--", "- ", "--></a>"),
    ("<a><![CDATA[", "]]", "]]></a>"),
    ("<a><?b ", "?", "?></a>"),
    ("<a", " ", "/>"),
    ("<a b='", "&amp;", "'/>"),
    ("<a ", "b", "=''/>"),
    ("<", "a", "/>"),
    ("<a>", "<b c='' d='' e='' f='' g='' h='' i='' j='' k='' l=''></b>", "</a>"),
    (" ", " ", "<a/>"),
];

#[test]
fn looks_are_linear() {
    for (before, part, after) in HOSTILE {
        let document = |count: usize| format!("{before}{}{after}", part.repeat(count));
        let (small, large) = (document(2_000), document(8_000));
        for (looks, read) in WAYS {
            let (few, many) = (steps(&small, read), steps(&large, read));
            assert!(many <= looks * large.len() + 100, "{part:?}: {many} of {}", large.len());
            assert!(many <= 4 * few + 100, "{part:?}: {few} and {many}");
        }
    }
}

#[test]
fn a_blank_is_found_without_looking_twice() {
    let document = format!("<a><!--{}--><!----> </a>", "-x".repeat(10_000));
    let mut xml = Reader::new(&document);
    xml.child().unwrap();
    assert!(xml.is_blank());
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(pass(&nested(MAX_DEPTH)).is_ok());
    let error = pass(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::TooDeep, 3 * MAX_DEPTH));
    assert_eq!(pass(&"<a>".repeat(1 << 20)).unwrap_err().kind(), ErrorKind::TooDeep);
}

#[test]
fn the_number_of_attributes_is_limited() {
    let element = |count: usize| format!("<a{}/>", (0..count).map(|n| format!(" b{n}=''")).collect::<String>());
    assert!(pass(&element(MAX_ATTRIBUTES)).is_ok());
    assert_eq!(pass(&element(MAX_ATTRIBUTES + 1)).unwrap_err().kind(), ErrorKind::TooManyAttributes);
    assert_eq!(pass(&element(1 << 16)).unwrap_err().kind(), ErrorKind::TooManyAttributes);
}

#[test]
fn a_location_stays_short() {
    let deep = "<a>".repeat(1 << 16);
    assert_eq!(location(&deep, deep.len()).matches('a').count(), MAX_DEPTH + 1);
    let long = format!("<{}>", "a".repeat(1 << 16));
    assert_eq!(location(&long, long.len()), "…");
}
