//! Run time is linear: a few accesses per byte, whatever the document contains.

use super::super::scan::STEPS;
use super::super::{ErrorKind, MAX_ATTRIBUTES, MAX_DEPTH, Reader, locate};
use super::read_all;
use crate::params::ParamNode;

/// Counts the accesses to a document.
fn count_steps(document: &str, read: fn(&str)) -> usize {
    STEPS.set(0);
    read(document);
    STEPS.get()
}

/// Maximum number of accesses per byte, and a function that reads a whole document.
type ReadFn = (usize, fn(&str));

/// A client that skips unknown elements, and a server that keeps the values of a request.
const READ_FNS: [ReadFn; 2] = [
    (5, |document| {
        let _ = read_all(document);
    }),
    (6, |document| {
        let _ = ParamNode::read(document);
    }),
];

/// Start of a document, hostile part to repeat, end of the document.
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
fn accesses_are_linear() {
    for (before, part, after) in HOSTILE {
        let document = |count: usize| format!("{before}{}{after}", part.repeat(count));
        let (small, large) = (document(2_000), document(8_000));
        for (per_byte, read) in READ_FNS {
            // The 100 accesses more are for what is done once, whatever the length.
            let (few, many) = (count_steps(&small, read), count_steps(&large, read));
            assert!(many <= per_byte * large.len() + 100, "{part:?}: {many} of {}", large.len());
            assert!(many <= 4 * few + 100, "{part:?}: {few} and {many}");
        }
    }
}

#[test]
fn finds_a_blank_element_behind_a_long_comment() {
    let document = format!("<a><!--{}--><!----> </a>", "-x".repeat(10_000));
    let mut xml = Reader::new(&document);
    xml.next_child().unwrap();
    assert!(xml.is_blank());
}

#[test]
fn limits_the_depth() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read_all(&nested(MAX_DEPTH)).is_ok());
    let error = read_all(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::TooDeep, 3 * MAX_DEPTH));
    assert_eq!(read_all(&"<a>".repeat(1 << 20)).unwrap_err().kind(), ErrorKind::TooDeep);
}

#[test]
fn limits_the_number_of_attributes() {
    let element = |count: usize| format!("<a{}/>", (0..count).map(|n| format!(" b{n}=''")).collect::<String>());
    assert!(read_all(&element(MAX_ATTRIBUTES)).is_ok());
    assert_eq!(read_all(&element(MAX_ATTRIBUTES + 1)).unwrap_err().kind(), ErrorKind::TooManyAttributes);
    assert_eq!(read_all(&element(1 << 16)).unwrap_err().kind(), ErrorKind::TooManyAttributes);
}

#[test]
fn keeps_locations_short() {
    let deep = "<a>".repeat(1 << 16);
    assert_eq!(locate(&deep, deep.len()).matches('a').count(), MAX_DEPTH + 1);
    let long = format!("<{}>", "a".repeat(1 << 16));
    assert_eq!(locate(&long, long.len()), "…");
}
