//! Holes: `{name: T}`, parsed from the raw source.
//!
//! The decoded text from the XML parser is not enough. It has no positions, and does not show whether a brace was
//! written as an entity (`&#123;`), which is not allowed in a hole.

use std::ops::Range;

use super::xml;
use crate::diagnostic::SourceSink;
use crate::names;
use crate::notation::Presence;
use crate::syntax::{Hole, HoleType, Text};

/// The value of an attribute, or the text of an element.
pub(super) enum HoleOrText {
    /// Text without a hole.
    Literal,
    /// A hole. Mistakes in it have been reported.
    Hole(Box<Hole>),
    /// A mistake that has been reported, and from which no field name could be read.
    Malformed,
}

/// Parses a whole value. `raw` is its range in the source, `decoded` its decoded text.
pub(super) fn parse_value(raw: Range<usize>, decoded: &str, sink: &mut SourceSink<'_>) -> HoleOrText {
    let text = sink.slice(&raw);
    if let Some(at) = text.find("#{") {
        report_placeholder(raw.start + at..raw.end, sink);
        return HoleOrText::Malformed;
    }
    if !decoded.contains(['{', '}']) && !text.contains(['{', '}']) {
        return HoleOrText::Literal;
    }
    if !text.split_whitespace().eq(decoded.split_whitespace()) {
        sink.error(raw, "a hole cannot contain entities, comments or CDATA")
            .help("write it as `{name: type}` and nothing else");
        return HoleOrText::Malformed;
    }
    let (before, hole, after) = split_at_hole(raw, sink);
    let hole = match hole {
        Some(hole) => parse_hole(hole, sink),
        None => return HoleOrText::Malformed,
    };
    reject_text_beside(before, sink);
    reject_text_beside(after, sink);
    hole.map_or(HoleOrText::Malformed, |hole| HoleOrText::Hole(Box::new(hole)))
}

/// Reports a placeholder of the service's documentation, such as `#{title}`.
pub(super) fn report_placeholder(range: Range<usize>, sink: &mut SourceSink<'_>) {
    sink.error(range, "this is a placeholder from documentation")
        .help("replace it with a hole such as `{name: string}`, or in an example with a value");
}

/// Splits a range at its first hole. Returns the range before it, the hole with its braces, and the range after it. The
/// hole is `None` if there is none, or after reporting braces that do not match.
pub(super) fn split_at_hole(
    raw: Range<usize>,
    sink: &mut SourceSink<'_>,
) -> (Range<usize>, Option<Range<usize>>, Range<usize>) {
    let text = sink.slice(&raw);
    let Some(open) = text.find('{') else {
        if let Some(close) = text.find('}') {
            sink.error(raw.start + close..raw.start + close + 1, "unmatched `}`");
        }
        return (raw.clone(), None, raw.end..raw.end);
    };
    let start = raw.start + open;
    let inner = text.get(open + 1..).unwrap_or_default();
    let end = match inner.find(['{', '}']) {
        Some(at) if inner.get(at..).is_some_and(|rest| rest.starts_with('}')) => start + at + 2,
        Some(at) => {
            let extra = start + 1 + at;
            sink.error(extra..extra + 1, "a hole cannot stand inside another")
                .help("close the first with `}`, or remove this `{`");
            return (raw.start..start, None, raw.end..raw.end);
        }
        None => {
            sink.error(start..raw.end, "this hole is not closed").help("add a `}`");
            return (raw.start..start, None, raw.end..raw.end);
        }
    };
    (raw.start..start, Some(start..end), end..raw.end)
}

/// Reports text that is not white space before or after a hole.
fn reject_text_beside(range: Range<usize>, sink: &mut SourceSink<'_>) {
    let text = sink.slice(&range);
    if text.trim().is_empty() {
        return;
    }
    let range = xml::trim(sink, range);
    if sink.slice(&range).starts_with('{') {
        sink.error(range, "a value cannot have two holes").help("an attribute or element has at most one hole");
    } else {
        sink.error(range, "text cannot stand beside a hole")
            .help("a hole is the whole value of its attribute, or the whole content of its element");
    }
}

/// Parses a hole; `range` includes the braces. Returns `None` after reporting an error if the hole has no name.
pub(super) fn parse_hole(range: Range<usize>, sink: &mut SourceSink<'_>) -> Option<Hole> {
    let inner = range.start + 1..range.end.saturating_sub(1);
    let text = sink.slice(&inner);
    let (name, hole_type) = match text.find(':') {
        Some(colon) => (inner.start..inner.start + colon, Some(inner.start + colon..inner.end)),
        None => (inner.clone(), None),
    };
    let name = xml::trim(sink, name);
    if name.is_empty() {
        sink.error(range, "this hole has no name").help("write it as `{name: type}`");
        return None;
    }
    let text_before_colon = sink.slice(&name);
    let mut hole_type = hole_type.map(|range| parse_type(range, sink));
    let name = match text_before_colon.find(char::is_whitespace) {
        Some(space) => {
            let rest = xml::trim(sink, name.start + space..name.end);
            sink.error(rest.clone(), "expected `:` between the name of this hole and its type")
                .help("write it as `{name: type}`");
            hole_type = Some(make_broken_type(rest, sink));
            name.start..name.start + space
        }
        None => name,
    };
    let (name, member) = parse_name(name, sink);
    Some(Hole { span: sink.span(range), name, member, hole_type })
}

/// Parses `name` or `name.member`. Reports names that cannot be those of a field.
fn parse_name(range: Range<usize>, sink: &mut SourceSink<'_>) -> (Text, Option<Text>) {
    match sink.slice(&range).find('.') {
        Some(dot) => {
            let dot = range.start + dot;
            let (name, member) = (slice_text(range.start..dot, sink), slice_text(dot + 1..range.end, sink));
            check_name(&name, sink);
            check_name(&member, sink);
            (name, Some(member))
        }
        None => {
            let name = slice_text(range, sink);
            check_name(&name, sink);
            (name, None)
        }
    }
}

/// Reports a name that is not in snake case, is a Rust keyword, or is `new`.
fn check_name(name: &Text, sink: &mut SourceSink<'_>) {
    let range = name.span.range();
    if !names::is_snake(&name.text) {
        let error = sink.error(range, format!("`{}` cannot be the name of a field", name.text));
        let snake = names::to_snake(&name.text);
        if names::is_snake(&snake) {
            error.help(format!("write `{snake}`: field names are in snake case"));
        } else {
            error.help("field names are lower-case words with `_` between them, such as `page_id`");
        }
    } else if names::is_keyword(&name.text) {
        sink.error(range, format!("`{}` is a Rust keyword", name.text)).help(format!(
            "choose another name; the name on the wire stays the same, as in `{}=\"{{kind: string}}\"`",
            name.text
        ));
    } else if name.text == "new" {
        sink.error(range, "`new` cannot be the name of a field").help("the constructor of the type is called `new`");
    }
}

/// Parses `: T`; `range` includes the colon. A type with a mistake, which is reported, is marked as broken.
fn parse_type(range: Range<usize>, sink: &mut SourceSink<'_>) -> HoleType {
    let whole = xml::trim(sink, range.start + 1..range.end);
    if whole.is_empty() {
        sink.error(range.clone(), "expected a type after `:`")
            .help("write a type such as `string`; a hole without `:` refers to a field declared before it");
        return make_broken_type(whole, sink);
    }
    let source = sink.slice(&whole);
    let length = source.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(source.len());
    if length == 0 {
        sink.error(whole.clone(), format!("`{source}` is not a type"))
            .help("a type is a scalar such as `string`, or the name of an `<id>`, `<enum>` or `<type>`");
        return make_broken_type(whole, sink);
    }
    let name = slice_text(whole.start..whole.start + length, sink);
    let rest = xml::trim(sink, whole.start + length..whole.end);
    let (item, rest, is_valid) = parse_parentheses(rest, sink);
    let presence = parse_suffix(&rest, &name.text, is_valid, sink);
    HoleType {
        name,
        item,
        presence: presence.unwrap_or(Presence::Required),
        suffix: sink.span(rest),
        is_broken: !is_valid || presence.is_none(),
    }
}

/// Parses an optional `(T)`. Returns `T`, the range after the parentheses, and `false` after reporting an error. `T` is
/// `None` if there are no parentheses, or after an error.
fn parse_parentheses(range: Range<usize>, sink: &mut SourceSink<'_>) -> (Option<Text>, Range<usize>, bool) {
    let source = sink.slice(&range);
    if !source.starts_with('(') {
        return (None, range, true);
    }
    let Some(close) = source.find(')') else {
        sink.error(range.clone(), "this `(` is not closed").help("write it as `words(T)`");
        return (None, range.end..range.end, false);
    };
    let after = xml::trim(sink, range.start + close + 1..range.end);
    let inner = xml::trim(sink, range.start + 1..range.start + close);
    let item = slice_text(inner.clone(), sink);
    if item.text.is_empty() || !item.text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        let at = if inner.is_empty() { range.start..range.start + close + 1 } else { inner };
        sink.error(at, "expected a type in the parentheses")
            .help("write the name of a scalar, an id or an enum, as in `words(word)`");
        return (None, after, false);
    }
    (Some(item), after, true)
}

/// Parses the suffix after the type `name`. Returns `None` if it is unknown, and reports that if `should_report` is
/// set.
fn parse_suffix(range: &Range<usize>, name: &str, should_report: bool, sink: &mut SourceSink<'_>) -> Option<Presence> {
    let source = sink.slice(range);
    let words: Vec<&str> = source.split_whitespace().collect();
    let help = match words.join(" ").as_str() {
        "" => return Some(Presence::Required),
        "?" => return Some(Presence::Optional),
        "*" => return Some(Presence::Many),
        "*?" => return Some(Presence::ManyOrAbsent),
        "or nil" => return Some(Presence::Nil),
        "? or nil" | "?or nil" => return Some(Presence::Change),
        "?*" | "? *" | "* ?" => "write `*?`: an empty list is treated as absent".to_owned(),
        "??" | "? ?" => "write one `?`".to_owned(),
        "**" | "* *" => "write one `*`".to_owned(),
        "or" | "nil" | "ornil" => format!("write `{name} or nil`"),
        other if other.contains("nil") && other.contains('*') => {
            "a list cannot be `nil`; write `*?` if it may be absent".to_owned()
        }
        other if other.contains("nil") && other.contains('?') => {
            format!(
                "write `{name} or nil`, which may be absent too; in a request, `{name}? or nil` can also be cleared"
            )
        }
        _ => "the suffixes of a type are `?`, `*`, `*?`, ` or nil` and `? or nil`".to_owned(),
    };
    if should_report {
        sink.error(range.clone(), format!("unknown suffix `{source}` after a type")).help(help);
    }
    None
}

/// Creates a placeholder for a type whose mistake has been reported.
fn make_broken_type(range: Range<usize>, sink: &SourceSink<'_>) -> HoleType {
    let span = sink.span(range);
    HoleType {
        name: Text { text: String::new(), span },
        item: None,
        presence: Presence::Required,
        suffix: span,
        is_broken: true,
    }
}

/// Returns the source at a range, with its span.
fn slice_text(range: Range<usize>, sink: &SourceSink<'_>) -> Text {
    Text { text: sink.slice(&range).to_owned(), span: sink.span(range) }
}
