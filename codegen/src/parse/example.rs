//! Elements of examples, with the positions of their parts.

use super::xml::{self, XmlNode};
use crate::diagnostic::SourceSink;
use crate::source::Span;
use crate::syntax::{Text, XmlAttribute, XmlElement};

/// Parses an element of an example. Any XML is valid here, so no diagnostics are reported.
pub(crate) fn parse_element(node: XmlNode<'_>, sink: &SourceSink<'_>) -> XmlElement {
    let name = Text { text: node.tag_name().name().to_owned(), span: sink.span(xml::tag_range(node, sink)) };
    let texts = || node.children().filter(XmlNode::is_text);
    let text_span = match (texts().next(), texts().next_back()) {
        (Some(first), Some(last)) => sink.span(first.range().start..last.range().end),
        _ => name.span,
    };
    // A comment splits the text of an element into several nodes.
    let text = Text { text: texts().filter_map(|text| text.text()).collect(), span: text_span };
    XmlElement {
        name,
        span: sink.span(node.range()),
        attributes: node.attributes().map(|attribute| parse_attribute(attribute, sink)).collect(),
        children: node.children().filter(XmlNode::is_element).map(|child| parse_element(child, sink)).collect(),
        text,
        visible_text: find_visible_text(node, sink),
    }
}

/// Parses an attribute of an example.
fn parse_attribute(attribute: roxmltree::Attribute<'_, '_>, sink: &SourceSink<'_>) -> XmlAttribute {
    let value = attribute.range_value();
    // The span of an empty value includes its quotes, so that a diagnostic there is visible.
    let value = if value.is_empty() { value.start.saturating_sub(1)..value.end + 1 } else { value };
    XmlAttribute {
        name: Text { text: attribute.name().to_owned(), span: sink.span(attribute.range_qname()) },
        value: Text { text: attribute.value().to_owned(), span: sink.span(value) },
        span: sink.span(attribute.range()),
    }
}

/// Returns the position of the first text in the element that is not white space. Returns `None` if there is no such
/// text.
fn find_visible_text(node: XmlNode<'_>, sink: &SourceSink<'_>) -> Option<Span> {
    let text = node.children().find(|child| xml::is_visible_text(*child))?;
    Some(sink.span(xml::trim(sink, text.range())))
}
