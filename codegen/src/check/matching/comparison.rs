//! Compares the elements that would be written with those of the example.

use crate::diagnostic::{Diagnostic, DiagnosticSink};
use crate::model::Xml;
use crate::source::Span;
use crate::syntax::XmlElement;

/// Reports the differences between an example and the XML that would be written.
pub(super) struct Comparison<'r> {
    pub(super) sink: &'r mut DiagnosticSink,
}

impl Comparison<'_> {
    /// Compares sibling elements up to the first two that differ in name. Later differences are a consequence of the
    /// first. `at` is the position for a missing element.
    pub(super) fn compare_elements(&mut self, written: &[Xml], elements: &[&XmlElement], at: Span) {
        for (index, xml) in written.iter().enumerate() {
            match elements.get(index) {
                Some(element) if element.is_named(&xml.name) => self.compare_element(xml, element),
                Some(element) => {
                    let written = written.get(index..).unwrap_or_default();
                    return self.report_difference(xml, written, element, elements.get(index..).unwrap_or_default());
                }
                None => return self.report_missing(xml, at),
            }
        }
        if let Some(element) = elements.get(written.len()) {
            self.report_superfluous(element);
        }
    }

    /// Reports `element`, because `xml` would be written in its position. `written` starts with `xml`, `elements` with
    /// `element`; the rest are later siblings.
    fn report_difference(&mut self, xml: &Xml, written: &[Xml], element: &XmlElement, elements: &[&XmlElement]) {
        let name = &element.name;
        if !written.iter().any(|later| later.name == name.text) {
            self.report_superfluous(element);
        } else if elements.iter().any(|later| later.is_named(&xml.name)) {
            self.report(name.span, format!("wrong order: `<{}>` is written before `<{}>`", xml.name, name.text));
        } else {
            self.report_missing(xml, name.span);
        }
    }

    /// Compares two elements of the same name: attributes, then text or child elements.
    fn compare_element(&mut self, xml: &Xml, element: &XmlElement) {
        self.compare_attributes(xml, element);
        if xml.children.is_empty() && element.children.is_empty() {
            let text = &element.text.text;
            // An empty element may contain white space.
            if *text != xml.text && !(xml.text.is_empty() && text.trim().is_empty()) {
                self.report(element.text.span, format!("this is written as `{}`", xml.text));
            }
        } else {
            self.compare_elements(&xml.children, &Vec::from_iter(&element.children), element.name.span);
        }
    }

    /// Compares attributes by name. Their order does not matter.
    fn compare_attributes(&mut self, xml: &Xml, element: &XmlElement) {
        for (name, value) in &xml.attributes {
            match element.attribute(name) {
                Some(attribute) if attribute.value.text == *value => {}
                Some(attribute) => {
                    self.report(attribute.value.span, format!("this is written as `{value}`"));
                }
                None => {
                    self.report(element.name.span, format!("`{name}=\"{value}\"` is missing"));
                }
            }
        }
        for attribute in &element.attributes {
            let name = &attribute.name.text;
            if !xml.attributes.iter().any(|(written, _)| written == name) {
                self.report(attribute.span, format!("`{name}` is not written here"));
            }
        }
    }

    /// Reports an element of the example that would not be written.
    fn report_superfluous(&mut self, element: &XmlElement) {
        self.report(element.name.span, format!("`<{}>` is not written here", element.name.text));
    }

    /// Reports an element that would be written, but is not in the example.
    fn report_missing(&mut self, xml: &Xml, at: Span) {
        self.report(at, format!("`<{}>` is missing", xml.name));
    }

    /// Reports a difference, with the help that is the same for all of them.
    fn report(&mut self, span: Span, message: String) -> &mut Diagnostic {
        self.sink.error(span, message).help("if the example is read but not written, mark it `written=\"no\"`")
    }
}
