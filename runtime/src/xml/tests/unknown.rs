//! Paths of unknown elements and attributes.

use super::super::{MAX_UNKNOWN_PATHS, Reader};

/// Reads a document of which only the elements `a` and `b`, and their attribute `known`, are known. Returns the number of
/// unknown elements and attributes, and their paths.
fn read(document: &str) -> (usize, Vec<String>) {
    let mut xml = Reader::new(document);
    read_content(&mut xml);
    (xml.unknown_count(), xml.unknown_paths())
}

/// Reads the rest of the document, or of the element just entered, and leaves it.
fn read_content(xml: &mut Reader<'_>) {
    while let Some(attribute) = xml.next_attribute() {
        if attribute.name != "known" {
            xml.count_unknown_attribute(attribute.name);
        }
    }
    while let Some(name) = xml.next_child().unwrap() {
        if matches!(name, "a" | "b") { read_content(xml) } else { xml.skip_unknown().unwrap() }
    }
}

#[test]
fn known_content_has_no_paths() {
    assert_eq!(read("<a known='1' nil='true'><b known='2'/><b>text</b></a>"), (0, vec![]));
}

#[test]
fn siblings_share_a_path_and_skipped_content_has_none() {
    let document = "<a x='1'><b y='1'><c><d/></c></b><c z='1'/><b y='2'><c/></b><c/></a>";
    let paths = ["a/@x", "a/b/@y", "a/b/c", "a/c"].map(str::to_owned);
    assert_eq!(read(document), (7, paths.to_vec()));
}

#[test]
fn each_unknown_attribute_of_an_element_has_a_path() {
    assert_eq!(read("<a x='1' known='2' y='3'/>"), (2, ["a/@x", "a/@y"].map(str::to_owned).to_vec()));
}

#[test]
fn a_document_with_many_paths_has_a_limited_number_of_them() {
    let names: Vec<String> = (0..1000).map(|number| format!("n{number}")).collect();
    let document = format!("<a>{}</a>", names.iter().map(|name| format!("<{name}/><{name}/>")).collect::<String>());
    let (count, paths) = read(&document);
    assert_eq!((count, paths.len()), (2000, MAX_UNKNOWN_PATHS));
    assert_eq!((paths[0].as_str(), paths[63].as_str()), ("a/n0", "a/n63"));
}

#[test]
fn a_long_name_is_left_out_of_a_path() {
    let long = "x".repeat(100);
    assert_eq!(read(&format!("<a><{long}/><b {long}=''/></a>")).1, ["a/…", "a/b/@…"]);
}
