//! What all parts of a schema file have in common: attributes, documentation, children.

use std::ops::Range;

use super::hole::{slice, trimmed};
use super::syntax::{Node, Number, Text};
use crate::diagnostic::Report;

/// Where the name of an element stands in its start tag.
pub(super) fn tag(node: Node<'_>, report: &Report<'_>) -> Range<usize> {
    let start = node.range().start + 1;
    let rest = report.source.get(start..).unwrap_or_default();
    let length = rest.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(rest.len());
    start..start + length
}

/// Says what a schema file may not have anywhere: prefixes and namespaces, which would silently get lost.
pub(super) fn check_prefixes(root: Node<'_>, report: &mut Report<'_>) {
    let help = "the names in a schema are the names on the wire";
    for node in root.descendants().filter(Node::is_element) {
        let tag = tag(node, report);
        if slice(report, &tag).contains(':') {
            report.error(tag.clone(), "a name cannot have a prefix").help(help);
        }
        let inherited =
            |name: Option<&str>| node.parent().is_some_and(|parent| parent.lookup_namespace_uri(name).is_some());
        if node.namespaces().any(|namespace| !inherited(namespace.name())) {
            report.error(tag, "a schema has no namespaces").help("take `xmlns` away");
        }
        for attribute in node.attributes() {
            let name = attribute.range_qname();
            if slice(report, &name).contains(':') {
                report.error(name, "a name cannot have a prefix").help(help);
            }
        }
    }
}

/// Says which attributes have no meaning.
pub(super) fn only(node: Node<'_>, known: &[&str], report: &mut Report<'_>) {
    for attribute in node.attributes() {
        let name = slice(report, &attribute.range_qname());
        if !known.contains(&name) && !name.contains(':') {
            let message = format!("`<{}>` has no attribute `{name}`", node.tag_name().name());
            report.error(attribute.range_qname(), message).suggest(name, known.iter().copied());
        }
    }
}

/// An attribute's decoded text, which may be empty.
pub(super) fn raw_attribute(node: Node<'_>, name: &str, report: &Report<'_>) -> Option<Text> {
    let attribute = node.attribute_node(name)?;
    Some(Text { text: attribute.value().to_owned(), span: report.span(attribute.range_value()) })
}

/// An attribute's decoded text, if it is there and says something.
pub(super) fn attribute(node: Node<'_>, name: &str, report: &mut Report<'_>) -> Option<Text> {
    let text = raw_attribute(node, name, report)?;
    if !text.text.trim().is_empty() {
        return Some(text);
    }
    let at = node.attribute_node(name).map_or_else(|| tag(node, report), |attribute| attribute.range());
    report.error(at, format!("`{name}` is empty"));
    None
}

/// An attribute that has to be there. Empty at the element's name if it is not.
pub(super) fn required(node: Node<'_>, name: &str, report: &mut Report<'_>) -> Text {
    let tag = tag(node, report);
    if !node.has_attribute(name) {
        missing(node, name, report);
    }
    attribute(node, name, report).unwrap_or_else(|| Text { text: String::new(), span: report.span(tag) })
}

/// Says that an attribute is missing.
pub(super) fn missing(node: Node<'_>, name: &str, report: &mut Report<'_>) {
    let message = format!("`<{}>` has no `{name}`", node.tag_name().name());
    report.error(tag(node, report), message).help(format!("write `<{} {name}=\"…\">`", node.tag_name().name()));
}

/// An attribute that says `no` or is not there: whether it is there.
pub(super) fn no(node: Node<'_>, name: &str, report: &mut Report<'_>) -> bool {
    let Some(text) = raw_attribute(node, name, report) else { return false };
    if text.text != "no" {
        report
            .error(text.span.start..text.span.end, format!("`{name}` can only be `no`"))
            .help("leave the attribute out otherwise");
    }
    true
}

/// A whole number in an attribute. Zero is refused.
pub(super) fn number(node: Node<'_>, name: &str, report: &mut Report<'_>) -> Option<u32> {
    let text = attribute(node, name, report)?;
    let number = text.text.parse().ok().filter(|&number| number > 0 && text.text.bytes().all(|b| b.is_ascii_digit()));
    if number.is_none() {
        report.error(text.span.start..text.span.end, format!("`{}` is not a number above 0", text.text));
    }
    number
}

/// An HTTP status in an attribute, within `range`.
pub(super) fn status(node: Node<'_>, range: Range<u16>, what: &str, report: &mut Report<'_>) -> Option<Number> {
    let text = attribute(node, "status", report)?;
    let value = text.text.parse().ok().filter(|value| range.contains(value));
    if value.is_none() {
        let (first, last) = (range.start, range.end.saturating_sub(1));
        report
            .error(text.span.start..text.span.end, format!("`{}` is not a status of {what}", text.text))
            .help(format!("it is a number from {first} to {last}"));
    }
    value.map(|value| Number { value, span: text.span })
}

/// The child elements of an element that holds no text. Says so if it does.
pub(super) fn children<'a>(node: Node<'a>, report: &mut Report<'_>) -> Vec<Node<'a>> {
    for text in node.children().filter(|child| child.is_text()) {
        if text.text().is_some_and(|text| !text.trim().is_empty()) {
            let message = format!("text has no meaning in `<{}>`", node.tag_name().name());
            report.error(trimmed(report, text.range()), message).help("documentation goes into `<doc>`");
        }
    }
    node.children().filter(Node::is_element).collect()
}

/// Says that an element has no place in its parent.
pub(super) fn unknown(node: Node<'_>, parent: &str, known: &[&str], report: &mut Report<'_>) {
    let name = node.tag_name().name();
    let message = format!("`<{name}>` has no meaning in `<{parent}>`");
    report.error(tag(node, report), message).suggest(name, known.iter().copied());
}

/// Keeps the first; says that there is a second.
pub(super) fn once<T>(slot: &mut Option<T>, value: T, node: Node<'_>, report: &mut Report<'_>) {
    if slot.is_none() {
        *slot = Some(value);
    } else {
        let name = node.tag_name().name();
        report.error(tag(node, report), format!("there is a second `<{name}>`")).help("one is enough");
    }
}

/// The text of an element that holds documentation, white space collapsed. Nothing if it is empty.
pub(super) fn doc(node: Node<'_>, report: &mut Report<'_>) -> Option<Text> {
    for child in node.children().filter(Node::is_element) {
        report.error(tag(child, report), "documentation is text alone").help("write `&lt;` for `<`");
    }
    let whole: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
    let text = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let tag = tag(node, report);
    (!text.is_empty()).then(|| Text { text, span: report.span(tag) })
}

/// The documentation of something that holds nothing else: its text, or a `<doc>` in it.
pub(super) fn own_doc(node: Node<'_>, report: &mut Report<'_>) -> Option<Text> {
    match node.children().find(|child| child.has_tag_name("doc")) {
        Some(inner) => {
            children(node, report)
                .into_iter()
                .filter(|child| *child != inner)
                .for_each(|child| unknown(child, node.tag_name().name(), &["doc"], report));
            only(inner, &[], report);
            doc(inner, report)
        }
        None => doc(node, report),
    }
}
