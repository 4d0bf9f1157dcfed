//! Text to syntax: what a schema file says, with the place of everything that a message may point at.
//!
//! Knows the form of the schema language, not what names stand for. In reading order: [`syntax`] is the outcome;
//! `api`, `section` and `endpoint` read the file; `shape`, `hole`, `path` and `envelope` what stands in it; `xml` has
//! what they share.

mod api;
mod endpoint;
mod envelope;
mod hole;
mod path;
mod section;
mod shape;
pub(crate) mod syntax;
mod xml;

use std::borrow::Cow;

use roxmltree::Document;
use syntax::{File, Node};

use crate::diagnostic::Report;

/// The text to parse: prologs that came along with pasted examples are blanked out, so that offsets stay.
pub(crate) fn without_prologs(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let first = text.find(|c: char| !c.is_whitespace()).unwrap_or_default();
    let mut from = if text.get(first..).is_some_and(|rest| rest.starts_with("<?xml ")) { first + 1 } else { first };
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("<?xml ")).map(|at| from + at) {
        let Some(end) = text.get(start..).and_then(|rest| rest.find("?>")).map(|at| start + at + 2) else { break };
        let blank = " ".repeat(end - start);
        text.to_mut().replace_range(start..end, &blank);
        from = end;
    }
    text
}

/// Reads the XML of a schema file. Nothing if it is malformed, which is said.
pub(crate) fn document<'t>(text: &'t str, report: &mut Report<'_>) -> Option<Document<'t>> {
    match Document::parse(text) {
        Ok(document) => Some(document),
        Err(error) => {
            let (at, message) = (offset(text, error.pos()), error.to_string());
            let cause = message.split(" at ").next().unwrap_or(&message);
            report.error(at..at + 1, format!("this is not well-formed XML: {cause}"));
            None
        }
    }
}

/// The byte at a row and column, both from 1, the column in characters.
fn offset(text: &str, at: roxmltree::TextPos) -> usize {
    let (row, column) = (at.row as usize, at.col as usize);
    let before: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let line = text.get(before..).unwrap_or_default();
    before + line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

/// How deep elements may be nested: what runtimes read, and nothing here recurses further.
const DEEPEST: usize = 64;

/// The first element that is nested too deep.
fn too_deep<'a>(root: Node<'a>) -> Option<Node<'a>> {
    let mut depths = std::collections::BTreeMap::new();
    root.descendants().filter(Node::is_element).find(|node| {
        let parent = node.parent_element().and_then(|parent| depths.get(&parent.id().get()).copied()).unwrap_or(0);
        depths.insert(node.id().get(), parent + 1);
        parent >= DEEPEST
    })
}

/// Reads a schema file. Nothing if its root is wrong or a name has a prefix, which is said.
pub(crate) fn file<'a>(root: Node<'a>, report: &mut Report<'_>) -> Option<File<'a>> {
    if let Some(deep) = too_deep(root) {
        let help = format!("no shape and no example needs more than {DEEPEST} elements in each other");
        report.error(xml::tag(deep, report), "this is too deep").help(help);
        return None;
    }
    let before = report.diagnostics.len();
    xml::check_prefixes(root, report);
    if report.diagnostics.len() > before {
        return None;
    }
    match root.tag_name().name() {
        "api" => Some(File::Api(api::api(root, report))),
        "section" => Some(File::Section(section::section(root, report))),
        name => {
            let message = format!("`<{name}>` cannot be the root of a schema file");
            report.error(xml::tag(root, report), message).suggest(name, ["api", "section"]);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_prologs_are_blanked_and_the_file_keeps_its_own() {
        let text = "<?xml version=\"1.0\"?>\n<a><?xml version=\"1.0\"?>\n<b/></a>";
        let blanked = without_prologs(text);
        assert_eq!(blanked.len(), text.len());
        assert!(blanked.starts_with("<?xml "));
        assert_eq!(blanked.matches("<?xml ").count(), 1);
        assert!(matches!(without_prologs("<a/>"), Cow::Borrowed("<a/>")));
        assert!(matches!(without_prologs("<a/><?xml "), Cow::Borrowed(_)));
    }

    #[test]
    fn offsets_count_bytes() {
        let text = "<ä>\n<öé/>\n";
        assert_eq!(offset(text, roxmltree::TextPos::new(1, 3)), 3);
        assert_eq!(offset(text, roxmltree::TextPos::new(2, 3)), 5 + 3);
        assert_eq!(offset(text, roxmltree::TextPos::new(9, 9)), text.len());
    }
}
