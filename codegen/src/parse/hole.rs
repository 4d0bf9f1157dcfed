//! Holes: `{name: T}`, read from the source as it stands.
//!
//! Not from decoded values: those have no places, and hide that a brace was written as an entity.

use std::ops::Range;

use super::syntax::{Hole, HoleType, Text};
use crate::diagnostic::Report;
use crate::model::Presence;
use crate::names;

/// What a value turned out to be.
pub(super) enum Value {
    /// No hole.
    Literal,
    /// A hole, with or without mistakes that have been reported.
    Hole(Box<Hole>),
    /// Something that has been reported, and names no field.
    Broken,
}

/// Reads a whole value: `raw` is where it stands, `decoded` what the XML says it is.
pub(super) fn value(raw: Range<usize>, decoded: &str, report: &mut Report<'_>) -> Value {
    let text = slice(report, &raw);
    if let Some(at) = text.find("#{") {
        placeholder(raw.start + at..raw.end, report);
        return Value::Broken;
    }
    if !decoded.contains(['{', '}']) && !text.contains(['{', '}']) {
        return Value::Literal;
    }
    if !same(text, decoded) {
        report
            .error(raw, "a hole is written plainly, without entities, comments and CDATA")
            .help("write it as `{name: type}` and nothing else");
        return Value::Broken;
    }
    let (before, hole, after) = split(raw, report);
    let hole = match hole {
        Some(hole) => read(hole, report),
        None => return Value::Broken,
    };
    beside(before, report);
    beside(after, report);
    hole.map_or(Value::Broken, |hole| Value::Hole(Box::new(hole)))
}

/// Says that something of the documentation was left in.
pub(super) fn placeholder(range: Range<usize>, report: &mut Report<'_>) {
    report
        .error(range, "this is a placeholder of some documentation")
        .help("write a hole, such as `{name: string}`, or in an example a value");
}

/// Finds the first hole: what stands before it, itself with its braces, what stands after it.
pub(super) fn split(raw: Range<usize>, report: &mut Report<'_>) -> (Range<usize>, Option<Range<usize>>, Range<usize>) {
    let text = slice(report, &raw);
    let Some(open) = text.find('{') else {
        if let Some(close) = text.find('}') {
            report.error(raw.start + close..raw.start + close + 1, "this `}` has no `{` before it");
        }
        return (raw.clone(), None, raw.end..raw.end);
    };
    let start = raw.start + open;
    let inner = text.get(open + 1..).unwrap_or_default();
    let end = match inner.find(['{', '}']) {
        Some(at) if inner.get(at..).is_some_and(|rest| rest.starts_with('}')) => start + at + 2,
        Some(at) => {
            let extra = start + 1 + at;
            report
                .error(extra..extra + 1, "a hole cannot stand inside another")
                .help("close the first with `}`, or take this `{` away");
            return (raw.start..start, None, raw.end..raw.end);
        }
        None => {
            report.error(start..raw.end, "this hole is not closed").help("add `}` at its end");
            return (raw.start..start, None, raw.end..raw.end);
        }
    };
    (raw.start..start, Some(start..end), end..raw.end)
}

/// Says that nothing but white space may stand beside a hole.
fn beside(range: Range<usize>, report: &mut Report<'_>) {
    let text = slice(report, &range);
    if text.trim().is_empty() {
        return;
    }
    let range = trimmed(report, range);
    if slice(report, &range).starts_with('{') {
        report
            .error(range, "there is a second hole in this value")
            .help("each attribute and each element has one hole at most");
    } else {
        report
            .error(range, "this stands beside a hole")
            .help("a hole is the whole value of its attribute, or the whole content of its element");
    }
}

/// Reads a hole; `range` has its braces. Nothing if it has no name.
pub(super) fn read(range: Range<usize>, report: &mut Report<'_>) -> Option<Hole> {
    let inner = range.start + 1..range.end.saturating_sub(1);
    let text = slice(report, &inner);
    let (name, kind) = match text.find(':') {
        Some(colon) => (inner.start..inner.start + colon, Some(inner.start + colon..inner.end)),
        None => (inner.clone(), None),
    };
    let name = trimmed(report, name);
    if name.is_empty() {
        report.error(range, "this hole has no name").help("write it as `{name: type}`");
        return None;
    }
    let text = slice(report, &name);
    let mut kind = kind.map(|kind| read_type(kind, report));
    let name = match text.find(char::is_whitespace) {
        Some(space) => {
            let rest = trimmed(report, name.start + space..name.end);
            report
                .error(rest.clone(), "there is no `:` between the name of this hole and its type")
                .help("write it as `{name: type}`");
            kind = Some(broken_type(rest, report));
            name.start..name.start + space
        }
        None => name,
    };
    let (name, member) = read_name(name, report);
    Some(Hole { span: report.span(range), name, member, kind })
}

fn read_name(range: Range<usize>, report: &mut Report<'_>) -> (Text, Option<Text>) {
    match slice(report, &range).find('.') {
        Some(dot) => {
            let dot = range.start + dot;
            let (name, member) = (text(report, range.start..dot), text(report, dot + 1..range.end));
            check_name(&name, report);
            check_name(&member, report);
            (name, Some(member))
        }
        None => {
            let name = text(report, range);
            check_name(&name, report);
            (name, None)
        }
    }
}

fn check_name(name: &Text, report: &mut Report<'_>) {
    let range = name.span.start..name.span.end;
    if !names::is_snake(&name.text) {
        let error = report.error(range, format!("`{}` cannot be the name of a field", name.text));
        let snake = names::snake(&name.text);
        if names::is_snake(&snake) {
            error.help(format!("names of fields are written as `{snake}`"));
        } else {
            error.help("names of fields are lower-case words with `_` between them, such as `page_id`");
        }
    } else if names::is_keyword(&name.text) {
        report.error(range, format!("`{}` is a word that Rust has for itself", name.text)).help(format!(
            "take another name; what is sent does not depend on it, as in `{}=\"{{kind: string}}\"`",
            name.text
        ));
    } else if name.text == "new" {
        report
            .error(range, "`new` cannot be the name of a field")
            .help("the function that makes the value has this name");
    }
}

/// Reads `: T`, with the colon.
fn read_type(range: Range<usize>, report: &mut Report<'_>) -> HoleType {
    let whole = trimmed(report, range.start + 1..range.end);
    if whole.is_empty() {
        report
            .error(range.clone(), "there is no type after the `:`")
            .help("write a type, such as `string`; without the `:` the hole takes a field named before");
        return broken_type(whole, report);
    }
    let source = slice(report, &whole);
    let length = source.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(source.len());
    if length == 0 {
        report
            .error(whole.clone(), format!("`{source}` is not a type"))
            .help("a type is a scalar such as `string`, or the name of an id, an enum or a type");
        return broken_type(whole, report);
    }
    let name = text(report, whole.start..whole.start + length);
    let rest = trimmed(report, whole.start + length..whole.end);
    let (of, rest, closed) = read_brackets(rest, report);
    let presence = read_suffix(&rest, &name.text, closed, report);
    HoleType {
        name,
        of,
        presence: presence.unwrap_or(Presence::Required),
        suffix: report.span(rest),
        broken: !closed || presence.is_none(),
    }
}

/// Reads `(T)` if there is one: what is in it, what comes after it, and whether it is well written.
fn read_brackets(range: Range<usize>, report: &mut Report<'_>) -> (Option<Text>, Range<usize>, bool) {
    let source = slice(report, &range);
    if !source.starts_with('(') {
        return (None, range, true);
    }
    let Some(close) = source.find(')') else {
        report.error(range.clone(), "this `(` is not closed").help("write it as `words(T)`");
        return (None, range.end..range.end, false);
    };
    let after = trimmed(report, range.start + close + 1..range.end);
    let inner = trimmed(report, range.start + 1..range.start + close);
    let of = text(report, inner.clone());
    if of.text.is_empty() || !of.text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        let at = if inner.is_empty() { range.start..range.start + close + 1 } else { inner };
        report
            .error(at, "a type goes between these brackets")
            .help("the name of a scalar, an id or an enum, as in `words(word)`");
        return (None, after, false);
    }
    (Some(of), after, true)
}

/// Reads what stands after the type.
fn read_suffix(range: &Range<usize>, name: &str, report_it: bool, report: &mut Report<'_>) -> Option<Presence> {
    let source = slice(report, range);
    let spaced: Vec<&str> = source.split_whitespace().collect();
    let help = match spaced.join(" ").as_str() {
        "" => return Some(Presence::Required),
        "?" => return Some(Presence::Optional),
        "*" => return Some(Presence::Many),
        "*?" => return Some(Presence::ManyOrAbsent),
        "or nil" => return Some(Presence::Nil),
        "?*" | "? *" | "* ?" => "write `*?`: an empty list counts as absent".to_owned(),
        "??" | "? ?" => "write one `?`".to_owned(),
        "**" | "* *" => "write one `*`".to_owned(),
        "or" | "nil" | "ornil" => format!("write `{name} or nil`"),
        other if other.contains("nil") && other.contains('?') => format!("`{name} or nil` may be absent anyway"),
        other if other.contains("nil") && other.contains('*') => {
            "a list has no `nil`; write `*?` if it may be absent".to_owned()
        }
        _ => "after a type there can be `?`, `*`, `*?` or ` or nil`".to_owned(),
    };
    if report_it {
        report.error(range.clone(), format!("`{source}` cannot stand after a type")).help(help);
    }
    None
}

fn broken_type(range: Range<usize>, report: &Report<'_>) -> HoleType {
    let span = report.span(range);
    HoleType {
        name: Text { text: String::new(), span },
        of: None,
        presence: Presence::Required,
        suffix: span,
        broken: true,
    }
}

/// The source at a range.
pub(super) fn slice<'s>(report: &Report<'s>, range: &Range<usize>) -> &'s str {
    report.source.get(range.clone()).unwrap_or_default()
}

/// A range without white space around it.
pub(super) fn trimmed(report: &Report<'_>, range: Range<usize>) -> Range<usize> {
    let text = slice(report, &range);
    let start = range.start + (text.len() - text.trim_start().len());
    start..(start + text.trim().len()).min(range.end)
}

/// The source at a range, with its place.
pub(super) fn text(report: &Report<'_>, range: Range<usize>) -> Text {
    Text { text: slice(report, &range).to_owned(), span: report.span(range) }
}

/// Whether decoding changed nothing but white space.
fn same(raw: &str, decoded: &str) -> bool {
    raw.split_whitespace().eq(decoded.split_whitespace())
}
