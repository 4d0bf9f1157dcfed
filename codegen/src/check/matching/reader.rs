//! Reads the elements of an example as values.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use super::expected::Expected;
use super::value::{read_value, report_unknown};
use crate::diagnostic::DiagnosticSink;
use crate::model::{Api, Attribute, Content, Element, ExampleValue, Field, Hole, Presence, Scalar, TypeRef, ValueKind};
use crate::source::Span;
use crate::syntax::{Text, XmlElement};

/// Reads elements as the bindings do, but reports unknown parts.
///
/// An element of an example is matched against its *views*: the element of the same name in the shape, and in each
/// `also` shape.
///
/// *Outer literals* are the literal attributes beside the hole of a data type or a list, such as `kind` in
/// `<note kind="x">{note: Note}</note>`. The other attributes of this element are those in the shape of `Note`.
pub(super) struct Reader<'r> {
    pub(super) api: &'r Api,
    /// Same as [`Expected::wrapper`].
    pub(super) wrapper: &'r str,
    /// Same as [`Expected::is_written`].
    pub(super) is_written: bool,
    pub(super) sink: &'r mut DiagnosticSink,
}

/// The values read so far for the fields of a payload or a data type.
struct FieldValues<'a> {
    fields: &'a [Field],
    found: BTreeMap<usize, FoundValue>,
    /// `true` if an unknown element or attribute was reported. It may be a required one with a misspelled name.
    has_unknown_part: bool,
}

/// The value at one position of a field.
struct FoundValue {
    /// Sort key: `true` if the position is empty, then the rank of its hole. The lowest key takes precedence, so an
    /// empty position is used only if all positions are empty.
    order: (bool, u8),
    value: ExampleValue,
    span: Span,
}

impl<'a> FieldValues<'a> {
    /// Creates the values of these fields, before any is read.
    fn new(fields: &'a [Field]) -> Self {
        FieldValues { fields, found: BTreeMap::new(), has_unknown_part: false }
    }

    /// Returns the field of a hole.
    fn field(&self, hole: Hole) -> Option<&'a Field> {
        self.fields.get(hole.field)
    }

    /// Returns the value of an element with `nil`: it clears a field that requests can clear, and is absent otherwise.
    fn nil_value(&self, hole: Hole) -> Option<ExampleValue> {
        self.field(hole).filter(|field| field.presence == Presence::Change).map(|_| ExampleValue::Cleared)
    }

    /// Adds the value at a position. Ignores it if a position that takes precedence has been added.
    fn add(&mut self, hole: Hole, value: Option<ExampleValue>, is_empty: bool, span: Span) {
        let order = (is_empty, hole.rank);
        if self.found.get(&hole.field).is_none_or(|found| order < found.order) {
            self.found.insert(hole.field, FoundValue { order, value: value.unwrap_or(ExampleValue::Absent), span });
        }
    }
}

impl Reader<'_> {
    /// Reads a payload: one value for each field. `at` is the position for a missing value if no element of the example
    /// should contain it.
    pub(super) fn read_payload(
        &mut self,
        expected: Expected<'_>,
        elements: &[&XmlElement],
        at: Span,
    ) -> Vec<ExampleValue> {
        let mut values = FieldValues::new(expected.fields);
        self.read_children(&[expected.shape, expected.also], elements, &mut values);
        self.finish(values, expected.shape, |field| find_closest(expected.shape, elements, field).unwrap_or(at))
    }

    /// Reads an element that is a value of a data type.
    fn read_data(
        &mut self,
        data_type: TypeRef,
        outer_literals: &[&Attribute],
        element: &XmlElement,
    ) -> Option<ExampleValue> {
        let api = self.api;
        let data = api.types.get(data_type.0)?;
        let views: Vec<&Element> = std::iter::once(&data.shape).chain(&data.also).collect();
        let mut values = FieldValues::new(&data.fields);
        self.read_element(&views, outer_literals, element, &mut values);
        let inner = child_elements(&data.shape).unwrap_or_default();
        let children = Vec::from_iter(&element.children);
        let span_of_missing = |field| find_closest(inner, &children, field).unwrap_or(element.name.span);
        let values = self.finish(values, slice::from_ref(&data.shape), span_of_missing);
        Some(ExampleValue::Data(data_type, values))
    }

    /// Reads the child elements of an element, or a payload. `views` are the child elements of each view.
    fn read_children(&mut self, views: &[&[Element]], elements: &[&XmlElement], values: &mut FieldValues<'_>) {
        let all: Vec<&Element> = views.iter().copied().flatten().collect();
        let mut seen = BTreeSet::new();
        for element in elements {
            let name = element.name.text.as_str();
            let matching: Vec<&Element> = all.iter().copied().filter(|view| view.name == name).collect();
            let is_first = seen.insert(name);
            if matching.is_empty() {
                values.has_unknown_part = true;
                self.report_unknown_element(element, &all);
            } else if let Some(hole) = find_repeated_hole(&matching, values.fields) {
                if is_first {
                    let outer_literals: Vec<&Attribute> = matching.iter().flat_map(|view| &view.attributes).collect();
                    let same_name: Vec<_> = elements.iter().copied().filter(|element| element.is_named(name)).collect();
                    self.read_list(hole, &outer_literals, &same_name, values);
                }
            } else if is_first {
                self.read_element(&matching, &[], element, values);
            } else {
                self.sink.error(element.name.span, format!("duplicate `<{name}>`")).label("not repeated in the shape");
            }
        }
    }

    /// Reads the elements around a hole with `*` or `*?`, one value each.
    fn read_list(
        &mut self,
        hole: Hole,
        outer_literals: &[&Attribute],
        elements: &[&XmlElement],
        values: &mut FieldValues<'_>,
    ) {
        let (Some(field), Some(first)) = (values.field(hole), elements.first()) else { return };
        let items = elements.iter().filter_map(|element| self.read_item(field, outer_literals, element)).collect();
        values.add(hole, Some(ExampleValue::Many(items)), false, first.name.span);
    }

    /// Reads one value of a list. Returns `None` after reporting an error if it is empty or invalid.
    fn read_item(
        &mut self,
        field: &Field,
        outer_literals: &[&Attribute],
        element: &XmlElement,
    ) -> Option<ExampleValue> {
        match &field.kind {
            ValueKind::Data(data_type) => self.read_data(*data_type, outer_literals, element),
            ValueKind::Scalar(scalar) => {
                self.read_attributes(outer_literals, element, &mut FieldValues::new(&[]));
                self.reject_children(element);
                let errors_before = self.sink.len();
                let value = self.read_text(scalar, &element.text);
                if value.is_none() && self.sink.len() == errors_before {
                    self.sink
                        .error(element.text.span, "this value is empty")
                        .label("a list cannot contain empty values");
                }
                value
            }
        }
    }

    /// Reads an element. `outer_literals` is empty unless the element is a value of a data type.
    fn read_element(
        &mut self,
        views: &[&Element],
        outer_literals: &[&Attribute],
        element: &XmlElement,
        values: &mut FieldValues<'_>,
    ) {
        let attributes: Vec<&Attribute> =
            views.iter().flat_map(|view| &view.attributes).chain(outer_literals.iter().copied()).collect();
        if let Some((hole, data_type)) = find_data_hole(views, values.fields) {
            return self.read_data_hole(hole, data_type, &attributes, element, values);
        }
        self.read_attributes(&attributes, element, values);
        let texts: Vec<Hole> = views.iter().filter_map(|view| content_hole(view)).collect();
        if is_nil(element) {
            for hole in texts {
                if let Some(nil) = values.nil_value(hole) {
                    values.add(hole, Some(nil), true, element.name.span);
                }
            }
            return self.reject_content(element, "an element with `nil` must be empty");
        }
        let elements: Vec<&[Element]> = views.iter().filter_map(|view| child_elements(view)).collect();
        if !texts.is_empty() && (element.children.is_empty() || elements.is_empty()) {
            self.reject_children(element);
            texts.iter().for_each(|hole| self.read_scalar_hole(*hole, &element.text, values));
        } else {
            if let Some(text) = element.visible_text {
                self.sink.error(text, "the shape has no text here").label("not in the shape");
            }
            self.read_children(&elements, &Vec::from_iter(&element.children), values);
        }
    }

    /// Reads an element around the hole of a data type, which may be absent.
    fn read_data_hole(
        &mut self,
        hole: Hole,
        data_type: TypeRef,
        outer_literals: &[&Attribute],
        element: &XmlElement,
        values: &mut FieldValues<'_>,
    ) {
        let span = element.name.span;
        let is_optional = values.field(hole).is_some_and(|field| field.presence.is_optional());
        let is_bare = element.attributes.is_empty() && element.children.is_empty() && element.text.text.is_empty();
        if is_nil(element) {
            self.read_attributes(outer_literals, element, &mut FieldValues::new(&[]));
            self.reject_content(element, "an element with `nil` must be empty");
            values.add(hole, values.nil_value(hole), true, span);
        } else if is_optional && is_bare {
            values.add(hole, None, true, span);
        } else {
            let value = self.read_data(data_type, outer_literals, element);
            values.add(hole, value, false, span);
        }
    }

    /// Reads the attributes of an element. The values of literal attributes are ignored.
    fn read_attributes(&mut self, expected: &[&Attribute], element: &XmlElement, values: &mut FieldValues<'_>) {
        for attribute in &element.attributes {
            let name = attribute.name.text.as_str();
            let mut matching = expected.iter().copied().filter(|expected| attribute_name(expected) == name).peekable();
            if matching.peek().is_none() && name != "nil" {
                values.has_unknown_part = true;
                let known = expected.iter().copied().map(attribute_name);
                let message = format!("the shape of `<{}>` has no attribute `{name}`", element.name.text);
                report_unknown(self.sink, attribute.name.span, message, name, known);
            } else if matching.peek().is_none() && attribute.value.text != "true" {
                self.sink.error(attribute.value.span, "the only value of `nil` is `true`");
            }
            for hole in matching.filter_map(attribute_hole) {
                self.read_scalar_hole(hole, &attribute.value, values);
            }
        }
    }

    /// Reads a text at a position of a scalar field.
    fn read_scalar_hole(&mut self, hole: Hole, text: &Text, values: &mut FieldValues<'_>) {
        let Some(Field { kind: ValueKind::Scalar(scalar), .. }) = values.field(hole) else { return };
        let errors_before = self.sink.len();
        let value = self.read_text(scalar, text);
        // An invalid value is reported once, not also as missing.
        let is_invalid = self.sink.len() > errors_before;
        let is_empty = if value.is_some() { text.text.is_empty() } else { !is_invalid };
        values.add(hole, value, is_empty, text.span);
    }

    /// Reads a scalar. Returns `None` if it is read as absent, or after reporting an error if it is invalid.
    fn read_text(&mut self, scalar: &Scalar, text: &Text) -> Option<ExampleValue> {
        read_value(self.api, self.is_written, scalar, &text.text, text.span, self.sink)
    }

    /// Reports all child elements.
    fn reject_children(&mut self, element: &XmlElement) {
        for child in &element.children {
            self.report_unknown_element(child, &[]);
        }
    }

    /// Reports all child elements, and text with this message.
    fn reject_content(&mut self, element: &XmlElement, message: &str) {
        self.reject_children(element);
        if let Some(text) = element.visible_text {
            self.sink.error(text, message);
        }
    }

    /// Reports an element that the shape does not have. `known` are the elements that the shape has in its position.
    fn report_unknown_element(&mut self, element: &XmlElement, known: &[&Element]) {
        let name = element.name.text.as_str();
        let names = known.iter().map(|element| element.name.as_str());
        let message = format!("the shape has no `<{name}>` here");
        let error = report_unknown(self.sink, element.name.span, message, name, names);
        if name == self.wrapper {
            error.help("remove the envelope and the token: an example contains only the payload");
        }
    }

    /// Returns one value for each field, and reports required fields that are missing or empty. `span_of_missing`
    /// returns the span to report for a missing field, by its index.
    fn finish(
        &mut self,
        mut values: FieldValues<'_>,
        shape: &[Element],
        span_of_missing: impl Fn(usize) -> Span,
    ) -> Vec<ExampleValue> {
        let mut finished = Vec::with_capacity(values.fields.len());
        for (index, field) in values.fields.iter().enumerate() {
            let found = values.found.remove(&index);
            let may_be_misspelled = values.has_unknown_part && found.is_none();
            // A field that is not in the shape is in the path or the query.
            let position = describe_position(shape, index);
            // A part with a misspelled name has been reported: its value is not reported as missing too.
            if let Some(position) = &position
                && field.is_required_in_document()
                && !may_be_misspelled
            {
                self.report_missing(field, position, found.as_ref(), span_of_missing(index));
            }
            // A missing list is empty, and a missing `text` is an empty text.
            let absent = match field {
                field if field.presence.is_many() => ExampleValue::Many(Vec::new()),
                Field { kind: ValueKind::Scalar(Scalar::Text), .. } if position.is_some() => {
                    ExampleValue::Text(String::new())
                }
                _ => ExampleValue::Absent,
            };
            let value = found.map(|found| found.value).filter(|value| *value != ExampleValue::Absent);
            finished.push(value.unwrap_or(absent));
        }
        finished
    }

    /// Reports a required field that was not found, or found empty.
    fn report_missing(&mut self, field: &Field, position: &str, found: Option<&FoundValue>, at: Span) {
        match found {
            None => {
                let message = format!("the required value `{}` is missing", field.name);
                self.sink.error(at, message).label(format!("expected {position}"));
            }
            Some(FoundValue { order: (true, _), value: ExampleValue::Absent, span }) => {
                self.sink.error(*span, format!("the required value `{}` is empty", field.name));
            }
            Some(_) => {}
        }
    }
}

/// `true` for an element with `nil="true"`, or `1`.
fn is_nil(element: &XmlElement) -> bool {
    element.attribute("nil").is_some_and(|attribute| matches!(attribute.value.text.trim(), "true" | "1"))
}

/// Returns the name of an attribute on the wire.
fn attribute_name(attribute: &Attribute) -> &str {
    match attribute {
        Attribute::Literal { name, .. } | Attribute::Hole { name, .. } => name,
    }
}

/// Returns the hole of an attribute, or `None` for a literal one.
fn attribute_hole(attribute: &Attribute) -> Option<Hole> {
    match attribute {
        Attribute::Literal { .. } => None,
        Attribute::Hole { hole, .. } => Some(*hole),
    }
}

/// Returns the hole that is the content of an element, or `None` for other content.
fn content_hole(element: &Element) -> Option<Hole> {
    match &element.content {
        Content::Hole(hole) => Some(*hole),
        Content::Empty | Content::Elements(_) => None,
    }
}

/// Returns the child elements in a shape's element, or `None` for other content.
fn child_elements(element: &Element) -> Option<&[Element]> {
    match &element.content {
        Content::Elements(elements) => Some(elements),
        Content::Empty | Content::Hole(_) => None,
    }
}

/// Finds the hole with `*` or `*?` that is the content of an element.
fn find_repeated_hole(views: &[&Element], fields: &[Field]) -> Option<Hole> {
    let mut holes = views.iter().filter_map(|view| content_hole(view));
    holes.find(|hole| fields.get(hole.field).is_some_and(|field| field.presence.is_many()))
}

/// Finds the hole of a data type that is the content of an element, and the data type.
fn find_data_hole(views: &[&Element], fields: &[Field]) -> Option<(Hole, TypeRef)> {
    views.iter().find_map(|view| {
        let hole = content_hole(view)?;
        match fields.get(hole.field)?.kind {
            ValueKind::Data(data_type) => Some((hole, data_type)),
            ValueKind::Scalar(_) => None,
        }
    })
}

/// Finds the innermost element of the example that should contain the first position of a field, and returns the span
/// of its name. Returns `None` if the example has no such element.
fn find_closest(shape: &[Element], elements: &[&XmlElement], field: usize) -> Option<Span> {
    let view = shape.iter().find(|view| describe_position(slice::from_ref(*view), field).is_some())?;
    let element = elements.iter().find(|element| element.is_named(&view.name))?;
    let inner = child_elements(view).and_then(|views| find_closest(views, &Vec::from_iter(&element.children), field));
    Some(inner.unwrap_or(element.name.span))
}

/// Describes the first position of a field in a shape for a message. Returns `None` if the field is not in the shape.
fn describe_position(shape: &[Element], field: usize) -> Option<String> {
    shape.iter().find_map(|element| {
        let is_field = |hole: Hole| hole.field == field;
        let attribute = element.attributes.iter().find(|attribute| attribute_hole(attribute).is_some_and(is_field));
        match (&element.content, attribute) {
            (_, Some(attribute)) => {
                Some(format!("the attribute `{}` of `<{}>`", attribute_name(attribute), element.name))
            }
            (Content::Hole(hole), None) if is_field(*hole) => Some(format!("`<{}>`", element.name)),
            (Content::Elements(elements), None) => describe_position(elements, field),
            (Content::Empty | Content::Hole(_), None) => None,
        }
    })
}
