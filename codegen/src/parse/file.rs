//! Schema files: XML documents with the root `<api>` or `<section>`.

use std::borrow::Cow;

use roxmltree::Document;

use super::xml::{self, XmlNode};
use super::{api, section};
use crate::diagnostic::{DiagnosticSink, SourceSink};
use crate::source::{Source, Span};
use crate::syntax::{Api, Schema, Section};

/// A parsed file.
enum SchemaFile {
    Api(Api),
    Section(Section),
}

/// Parses all files of a schema. The order of `sources` does not matter.
pub(crate) fn parse_schema(sources: &[Source]) -> Schema {
    let mut sources = sources.to_vec();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let mut sink = DiagnosticSink::default();
    let (mut api, mut sections) = (None, Vec::new());
    let mut is_complete = true;
    for (file, source) in sources.iter().enumerate() {
        let text = blank_prologs(&source.text);
        match parse_file(&mut SourceSink { file, source: &text, sink: &mut sink }) {
            Some(SchemaFile::Section(section)) => sections.push(section),
            Some(SchemaFile::Api(first)) if api.is_none() => api = Some(first),
            Some(SchemaFile::Api(second)) => {
                let error = sink.error(second.tag, "duplicate `<api>`");
                error.help("only one file has the root `<api>`; the root of all others is `<section>`");
            }
            None => is_complete = false,
        }
    }
    if api.is_none() && is_complete {
        let no_source = Span::new(usize::MAX, 0..0);
        sink.error(no_source, "no file of this schema has the root `<api>`")
            .help("add a file with `<api>`: it declares the service's name, host and styles");
    }
    is_complete &= Schema::are_complete(api.as_ref(), &sections);
    Schema { sources, api, sections, is_complete, sink }
}

/// Overwrites XML prologs with spaces, so that byte positions stay the same. People paste prologs together with
/// examples. The prolog at the start of the file remains.
fn blank_prologs(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    let first = text.find(|c: char| !c.is_whitespace()).unwrap_or_default();
    // The search starts after the first byte of the file's own prolog, and so does not find it.
    let mut from = if text.get(first..).is_some_and(|rest| rest.starts_with("<?xml ")) { first + 1 } else { first };
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("<?xml ")).map(|at| from + at) {
        let Some(end) = text.get(start..).and_then(|rest| rest.find("?>")).map(|at| start + at + 2) else { break };
        let blank = " ".repeat(end - start);
        text.to_mut().replace_range(start..end, &blank);
        from = end;
    }
    text
}

/// Parses the source of a sink. Returns `None` after reporting an error if the source is not well-formed, or is not a
/// schema file.
fn parse_file(sink: &mut SourceSink<'_>) -> Option<SchemaFile> {
    let text = sink.source;
    if let Some(at) = text.find(char::REPLACEMENT_CHARACTER) {
        sink.error(at..at + char::REPLACEMENT_CHARACTER.len_utf8(), "this is not UTF-8").help("save the file as UTF-8");
        return None;
    }
    match Document::parse(text) {
        Ok(document) => parse_root(document.root_element(), sink),
        Err(error) => {
            let (at, message) = (find_byte_position(text, error.pos()), error.to_string());
            if text.get(..at).is_some_and(|before| Document::parse(before).is_ok()) {
                report_second_root(at, sink);
                return None;
            }
            // roxmltree ends its messages with a position, which the diagnostic shows already.
            let cause = message.split(" at ").next().unwrap_or(&message);
            sink.error(at..at + 1, format!("this is not well-formed XML: {cause}"));
            None
        }
    }
}

/// Reports what follows the root element at a position.
fn report_second_root(at: usize, sink: &mut SourceSink<'_>) {
    let rest = sink.source.get(at..).unwrap_or_default();
    let name = |rest: &str| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
    match rest.strip_prefix('<').map(name).filter(|name| !name.is_empty()) {
        Some(name) => sink
            .error(at + 1..at + 1 + name.len(), format!("a file has one root element: `<{name}>` is a second one"))
            .help("put it into a file of its own"),
        None => sink.error(at..at + 1, "a file ends after its root element").help("remove this"),
    };
}

/// Returns the byte position of a row and a column. Both start at 1; the column counts characters.
fn find_byte_position(text: &str, at: roxmltree::TextPos) -> usize {
    let (row, column) = (at.row as usize, at.col as usize);
    let before: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let line = text.get(before..).unwrap_or_default();
    before + line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

/// Maximum nesting of elements. The runtime's reader has the same limit. The limit bounds the recursion of later steps.
const MAX_DEPTH: usize = 64;

/// Finds the first element that is nested too deeply. The search is not recursive, so its stack cannot overflow.
fn find_too_deep(root: XmlNode<'_>) -> Option<XmlNode<'_>> {
    let mut depths = std::collections::BTreeMap::new();
    root.descendants().filter(XmlNode::is_element).find(|node| {
        let parent = node.parent_element().and_then(|parent| depths.get(&parent.id().get()).copied()).unwrap_or(0);
        depths.insert(node.id().get(), parent + 1);
        parent >= MAX_DEPTH
    })
}

/// Parses the root element. Returns `None` after reporting an error if the file is nested too deeply, has prefixes or
/// namespaces, or has another root than `<api>` or `<section>`.
fn parse_root(root: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<SchemaFile> {
    if let Some(deep) = find_too_deep(root) {
        sink.error(xml::tag_range(deep, sink), "this element is nested too deeply")
            .help(format!("elements are nested at most {MAX_DEPTH} levels deep"));
        return None;
    }
    let before = sink.len();
    xml::reject_prefixes(root, sink);
    if sink.len() > before {
        return None;
    }
    match root.tag_name().name() {
        "api" => Some(SchemaFile::Api(api::parse_api(root, sink))),
        "section" => Some(SchemaFile::Section(section::parse_section(root, sink))),
        name => {
            let message = format!("`<{name}>` cannot be the root of a schema file");
            sink.error(xml::tag_range(root, sink), message).suggest(name, ["api", "section"]);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_pasted_prologs_and_keeps_the_prolog_of_the_file() {
        let text = "<?xml version=\"1.0\"?>\n<a><?xml version=\"1.0\"?>\n<b/></a>";
        let blanked = blank_prologs(text);
        assert_eq!(blanked.len(), text.len());
        assert!(blanked.starts_with("<?xml "));
        assert_eq!(blanked.matches("<?xml ").count(), 1);
        assert!(matches!(blank_prologs("<a/>"), Cow::Borrowed("<a/>")));
        assert!(matches!(blank_prologs("<a/><?xml "), Cow::Borrowed(_)));
    }

    #[test]
    fn converts_rows_and_columns_to_bytes() {
        let text = "<ä>\n<öé/>\n";
        assert_eq!(find_byte_position(text, roxmltree::TextPos::new(1, 3)), 3);
        assert_eq!(find_byte_position(text, roxmltree::TextPos::new(2, 3)), 5 + 3);
        assert_eq!(find_byte_position(text, roxmltree::TextPos::new(9, 9)), text.len());
    }
}
