//! Attributes, documentation and child elements, which are the same for all elements of a schema file.

use std::ops::Range;

use crate::diagnostic::{SourceSink, find_close};
use crate::source::Span;
use crate::syntax::{Status, Text};

/// A node of a schema file's XML document.
pub(super) type XmlNode<'a> = roxmltree::Node<'a, 'a>;

/// Returns the range of an element's name in its start tag, with its prefix.
pub(super) fn tag_range(node: XmlNode<'_>, sink: &SourceSink<'_>) -> Range<usize> {
    let start = node.range().start + 1;
    let rest = sink.source.get(start..).unwrap_or_default();
    let length = rest.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(rest.len());
    start..start + length
}

/// Returns a range without the white space around it.
pub(super) fn trim(sink: &SourceSink<'_>, range: Range<usize>) -> Range<usize> {
    let text = sink.slice(&range);
    let start = range.start + (text.len() - text.trim_start().len());
    start..(start + text.trim().len()).min(range.end)
}

/// `true` if the node is text, and not only white space.
pub(super) fn is_visible_text(node: XmlNode<'_>) -> bool {
    node.is_text() && node.text().is_some_and(|text| !text.trim().is_empty())
}

/// Reports prefixes and namespaces anywhere in a file. The schema language has neither, so they would be ignored.
pub(super) fn reject_prefixes(root: XmlNode<'_>, sink: &mut SourceSink<'_>) {
    let help = "remove the prefix: names in a schema are the names on the wire";
    for node in root.descendants().filter(XmlNode::is_element) {
        let tag = tag_range(node, sink);
        if sink.slice(&tag).contains(':') {
            sink.error(tag.clone(), "a name cannot have a prefix").help(help);
        }
        // `namespaces` includes those that the element inherits from its parent.
        let is_inherited =
            |name: Option<&str>| node.parent().is_some_and(|parent| parent.lookup_namespace_uri(name).is_some());
        if node.namespaces().any(|namespace| !is_inherited(namespace.name())) {
            sink.error(tag, "a schema cannot declare namespaces").help("remove `xmlns`");
        }
        for attribute in node.attributes() {
            let name = attribute.range_qname();
            if sink.slice(&name).contains(':') {
                sink.error(name, "a name cannot have a prefix").help(help);
            }
        }
    }
}

/// Reports attributes that are not among the known ones. Attributes with prefixes have been reported already.
pub(super) fn reject_unknown_attributes(node: XmlNode<'_>, known: &[&str], sink: &mut SourceSink<'_>) {
    for attribute in node.attributes() {
        let name = sink.slice(&attribute.range_qname());
        if !known.contains(&name) && !name.contains(':') {
            let message = format!("`<{}>` has no attribute `{name}`", node.tag_name().name());
            sink.error(attribute.range_qname(), message).suggest(name, known.iter().copied());
        }
    }
}

/// Reads the decoded text of an attribute, which may be empty. Returns `None` if there is no such attribute.
pub(super) fn read_raw_attribute(node: XmlNode<'_>, name: &str, sink: &SourceSink<'_>) -> Option<Text> {
    let attribute = node.attribute_node(name)?;
    Some(Text { text: attribute.value().to_owned(), span: sink.span(attribute.range_value()) })
}

/// Reads the decoded text of an attribute. Returns `None` if there is no such attribute, or if it is empty; an empty
/// attribute is reported.
pub(super) fn read_attribute(node: XmlNode<'_>, name: &str, sink: &mut SourceSink<'_>) -> Option<Text> {
    let attribute = node.attribute_node(name)?;
    if attribute.value().trim().is_empty() {
        sink.error(attribute.range(), format!("`{name}` is empty"));
        return None;
    }
    read_raw_attribute(node, name, sink)
}

/// Reads a required attribute. If it is missing, returns an empty text at the element's name.
pub(super) fn read_required_attribute(node: XmlNode<'_>, name: &str, sink: &mut SourceSink<'_>) -> Text {
    let tag = tag_range(node, sink);
    require_attribute(node, name, sink);
    read_attribute(node, name, sink).unwrap_or_else(|| Text { text: String::new(), span: sink.span(tag) })
}

/// `true` if the element has no attribute of this name, but one with a similar name. That one has been reported as
/// unknown.
pub(super) fn is_misspelled(node: XmlNode<'_>, name: &str) -> bool {
    let is_similar = |attribute: roxmltree::Attribute<'_, '_>| find_close(attribute.name(), &[name]).is_some();
    !node.has_attribute(name) && node.attributes().any(is_similar)
}

/// Reports a missing attribute.
pub(super) fn require_attribute(node: XmlNode<'_>, name: &str, sink: &mut SourceSink<'_>) {
    if !node.has_attribute(name) && !is_misspelled(node, name) {
        let message = format!("`<{}>` has no `{name}`", node.tag_name().name());
        sink.error(tag_range(node, sink), message).help(format!("write `<{} {name}=\"…\">`", node.tag_name().name()));
    }
}

/// Reads an attribute whose only value is `no`, as in `written="no"`, and returns its position. Another value is
/// reported, and counts as `no`.
pub(super) fn read_no(node: XmlNode<'_>, name: &str, sink: &mut SourceSink<'_>) -> Option<Span> {
    let attribute = node.attribute_node(name)?;
    if attribute.value() != "no" {
        sink.error(attribute.range_value(), format!("the only value of `{name}` is `no`"))
            .help("remove the attribute if `no` is not meant");
    }
    Some(sink.span(attribute.range()))
}

/// Reads a positive integer in an attribute. Returns `None` if there is no such attribute, or after reporting an error.
pub(super) fn read_number(node: XmlNode<'_>, name: &str, sink: &mut SourceSink<'_>) -> Option<u32> {
    let text = read_attribute(node, name, sink)?;
    // `parse` also accepts a `+`.
    let is_digits = text.text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.text.parse().ok().filter(|number| is_digits && *number > 0);
    if number.is_none() {
        sink.error(text.span.range(), format!("`{}` is not a positive integer", text.text));
    }
    number
}

/// Reads the attribute `status`, which must be in `range`. Returns `None` if there is no such attribute, or after
/// reporting an error. `noun` is the kind of status in the message, such as `an error`.
pub(super) fn read_status(
    node: XmlNode<'_>,
    range: Range<u16>,
    noun: &str,
    sink: &mut SourceSink<'_>,
) -> Option<Status> {
    let text = read_attribute(node, "status", sink)?;
    let value = text.text.parse().ok().filter(|value| range.contains(value));
    if value.is_none() {
        let (first, last) = (range.start, range.end.saturating_sub(1));
        sink.error(text.span.range(), format!("`{}` is not {noun} status", text.text))
            .help(format!("it is a number from {first} to {last}"));
    }
    value.map(|value| Status { value, span: text.span })
}

/// Returns the child elements of an element that cannot contain text. Reports text.
pub(super) fn child_elements<'a>(node: XmlNode<'a>, sink: &mut SourceSink<'_>) -> Vec<XmlNode<'a>> {
    for text in node.children().filter(|child| is_visible_text(*child)) {
        let message = format!("unexpected text in `<{}>`", node.tag_name().name());
        sink.error(trim(sink, text.range()), message).help("documentation goes into `<doc>`");
    }
    node.children().filter(XmlNode::is_element).collect()
}

/// Reports all child elements of an element that cannot have any.
pub(super) fn reject_children(node: XmlNode<'_>, sink: &mut SourceSink<'_>) {
    for child in child_elements(node, sink) {
        report_unknown_element(child, node.tag_name().name(), &[], sink);
    }
}

/// Reports an element that is unknown in its parent.
pub(super) fn report_unknown_element(node: XmlNode<'_>, parent: &str, known: &[&str], sink: &mut SourceSink<'_>) {
    let name = node.tag_name().name();
    let message = format!("unexpected `<{name}>` in `<{parent}>`");
    sink.error(tag_range(node, sink), message).suggest(name, known.iter().copied());
}

/// `true` if an element in this one is not among the known ones.
pub(super) fn has_unknown_element(node: XmlNode<'_>, known: &[&str]) -> bool {
    node.children().filter(XmlNode::is_element).any(|child| !known.contains(&child.tag_name().name()))
}

/// Stores the value of an element that may occur once. If there is a value already, keeps it and reports the element.
pub(super) fn set_once<T>(slot: &mut Option<T>, value: T, node: XmlNode<'_>, sink: &mut SourceSink<'_>) {
    if slot.is_none() {
        *slot = Some(value);
    } else {
        let name = node.tag_name().name();
        sink.error(tag_range(node, sink), format!("duplicate `<{name}>`")).help("remove one");
    }
}

/// Reads the text of an element that holds documentation, with white space collapsed. Returns `None` if it is empty.
/// Reports child elements and ignores them.
pub(super) fn read_doc(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<Text> {
    for child in node.children().filter(XmlNode::is_element) {
        sink.error(tag_range(child, sink), "documentation cannot contain elements").help("write `&lt;` for `<`");
    }
    let whole: String = node.children().filter(XmlNode::is_text).filter_map(|child| child.text()).collect();
    let text = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let tag = tag_range(node, sink);
    (!text.is_empty()).then(|| Text { text, span: sink.span(tag) })
}

/// Reads a `<doc>` that has no attributes.
pub(super) fn read_plain_doc(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<Text> {
    reject_unknown_attributes(node, &[], sink);
    read_doc(node, sink)
}

/// Reads the documentation of an element that contains only documentation: its text, or a `<doc>` in it.
pub(super) fn read_own_doc(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<Text> {
    let Some(inner) = node.children().find(|child| child.has_tag_name("doc")) else { return read_doc(node, sink) };
    for child in child_elements(node, sink).into_iter().filter(|child| *child != inner) {
        report_unknown_element(child, node.tag_name().name(), &["doc"], sink);
    }
    read_plain_doc(inner, sink)
}
