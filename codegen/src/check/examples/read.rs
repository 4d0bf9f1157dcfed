//! Elements of an example to values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use roxmltree::Node;

use super::{Expected, children, name_range, scalar, stray_text, text, text_range, value_range};
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{Api, Attribute, Content, Element, ExampleValue, Field, Hole, Kind, Scalar, TypeRef};

/// Reads as the bindings read, but skips nothing.
///
/// An element of an example is matched against *views*: the element of the shape, and that of each `also` shape which
/// has one of this name in this place.
pub(super) struct Reader<'r, 'd> {
    pub(super) api: &'r Api,
    pub(super) report: &'r mut Report<'d>,
}

/// What the fields of a payload or data type have got so far.
struct Slots<'a> {
    fields: &'a [Field],
    found: BTreeMap<usize, Found>,
    /// Whether there was an unknown element. It is taken for what is missing then, under a wrong name.
    strange: bool,
}

/// What stood in a place.
struct Found {
    /// Whether the place was empty. The lowest place that is not empty wins, so this comes before the rank.
    order: (bool, u8),
    value: ExampleValue,
    range: Range<usize>,
}

impl<'a> Slots<'a> {
    fn new(fields: &'a [Field]) -> Self {
        Slots { fields, found: BTreeMap::new(), strange: false }
    }

    fn field(&self, hole: Hole) -> Option<&'a Field> {
        self.fields.get(hole.field)
    }

    fn offer(&mut self, hole: Hole, value: Option<ExampleValue>, empty: bool, range: Range<usize>) {
        let order = (empty, hole.rank);
        if self.found.get(&hole.field).is_none_or(|found| order < found.order) {
            self.found.insert(hole.field, Found { order, value: value.unwrap_or(ExampleValue::Absent), range });
        }
    }
}

impl Reader<'_, '_> {
    /// Reads a payload: one value for each field.
    pub(super) fn payload(
        &mut self,
        expected: Expected<'_>,
        nodes: &[Node<'_, '_>],
        at: Range<usize>,
    ) -> Vec<ExampleValue> {
        let mut slots = Slots::new(expected.fields);
        self.children(&[expected.shape, expected.also], nodes, &mut slots);
        self.finish(slots, expected.shape, |field| closest(expected.shape, nodes, field).unwrap_or(at.clone()))
    }

    /// Reads the element that is a value of a data type. `beside` are the literals around the hole.
    fn data(&mut self, kind: TypeRef, beside: &[&Attribute], node: Node<'_, '_>) -> Option<ExampleValue> {
        let api = self.api;
        let data = api.types.get(kind.0)?;
        let views: Vec<&Element> = std::iter::once(&data.shape).chain(&data.also).collect();
        let mut slots = Slots::new(&data.fields);
        self.element(&views, beside, node, &mut slots);
        let (inside, nodes) = (child_elements(&data.shape).unwrap_or_default(), children(node));
        let at = |field| closest(inside, &nodes, field).unwrap_or(name_range(node));
        Some(ExampleValue::Data(kind, self.finish(slots, std::slice::from_ref(&data.shape), at)))
    }

    fn children(&mut self, views: &[&[Element]], nodes: &[Node<'_, '_>], slots: &mut Slots<'_>) {
        let all: Vec<&Element> = views.iter().copied().flatten().collect();
        let mut seen = BTreeSet::new();
        for node in nodes {
            let name = node.tag_name().name();
            let matching: Vec<&Element> = all.iter().copied().filter(|element| element.name == name).collect();
            let first = seen.insert(name);
            if matching.is_empty() {
                slots.strange = true;
                self.unknown_element(*node, &all);
            } else if let Some(hole) = repeated(&matching, slots.fields) {
                if first {
                    let beside: Vec<&Attribute> = matching.iter().flat_map(|view| &view.attributes).collect();
                    let alike: Vec<_> = nodes.iter().copied().filter(|node| node.tag_name().name() == name).collect();
                    self.list(hole, &beside, &alike, slots);
                }
            } else if first {
                self.element(&matching, &[], *node, slots);
            } else {
                self.report
                    .error(name_range(*node), format!("`<{name}>` occurs twice"))
                    .label("not repeated in the shape");
            }
        }
    }

    /// Reads the elements around a hole with `*`.
    fn list(&mut self, hole: Hole, beside: &[&Attribute], nodes: &[Node<'_, '_>], slots: &mut Slots<'_>) {
        let Some(field) = slots.field(hole) else { return };
        let values = nodes.iter().filter_map(|node| self.member(field, beside, *node)).collect();
        let range = nodes.first().map_or(0..0, |node| name_range(*node));
        slots.offer(hole, Some(ExampleValue::Many(values)), false, range);
    }

    fn member(&mut self, field: &Field, beside: &[&Attribute], node: Node<'_, '_>) -> Option<ExampleValue> {
        match &field.kind {
            Kind::Data(kind) => self.data(*kind, beside, node),
            Kind::Scalar(scalar) => {
                self.attributes(beside, node, &mut Slots::new(&[]));
                self.no_elements(node);
                let before = self.report.diagnostics.len();
                let value = self.text(scalar, &text(node), text_range(node));
                if value.is_none() && self.report.diagnostics.len() == before {
                    self.report.error(text_range(node), "this value is empty").label("a list has no empty values");
                }
                value
            }
        }
    }

    /// Reads an element. `beside` are literals that stand around the hole of a data type.
    fn element(&mut self, views: &[&Element], beside: &[&Attribute], node: Node<'_, '_>, slots: &mut Slots<'_>) {
        let attributes: Vec<&Attribute> =
            views.iter().flat_map(|view| &view.attributes).chain(beside.iter().copied()).collect();
        if let Some((hole, kind)) = data_hole(views, slots.fields) {
            return self.data_place(hole, kind, &attributes, node, slots);
        }
        self.attributes(&attributes, node, slots);
        if is_nil(node) {
            return self.nothing_in(node, "an element with `nil` is empty");
        }
        let children = children(node);
        let texts: Vec<Hole> = views.iter().filter_map(|view| text_hole(view)).collect();
        let elements: Vec<&[Element]> = views.iter().filter_map(|view| child_elements(view)).collect();
        if !texts.is_empty() && (children.is_empty() || elements.is_empty()) {
            self.no_elements(node);
            texts.iter().for_each(|hole| self.text_place(*hole, &text(node), text_range(node), slots));
        } else {
            if let Some(stray) = stray_text(node) {
                self.report.error(stray, "the shape has no text here").label("not in the shape");
            }
            self.children(&elements, &children, slots);
        }
    }

    fn data_place(
        &mut self,
        hole: Hole,
        kind: TypeRef,
        beside: &[&Attribute],
        node: Node<'_, '_>,
        slots: &mut Slots<'_>,
    ) {
        let optional = slots.field(hole).is_some_and(|field| field.presence.is_optional());
        let bare = node.attributes().len() == 0 && !node.has_children();
        if is_nil(node) {
            self.attributes(beside, node, &mut Slots::new(&[]));
            self.nothing_in(node, "an element with `nil` is empty");
            slots.offer(hole, None, true, name_range(node));
        } else if optional && bare {
            slots.offer(hole, None, true, name_range(node));
        } else {
            let value = self.data(kind, beside, node);
            slots.offer(hole, value, false, name_range(node));
        }
    }

    /// Reads the attributes that the shape has; the literals among them are not looked at.
    fn attributes(&mut self, expected: &[&Attribute], node: Node<'_, '_>, slots: &mut Slots<'_>) {
        for attribute in node.attributes() {
            let mut alike = expected.iter().copied().filter(|expected| name(expected) == attribute.name()).peekable();
            if alike.peek().is_none() && attribute.name() != "nil" {
                let names = expected.iter().copied().map(name);
                let message =
                    format!("the shape of `<{}>` has no attribute `{}`", node.tag_name().name(), attribute.name());
                unknown(self.report, attribute.range_qname(), message, attribute.name(), names);
            } else if alike.peek().is_none() && attribute.value() != "true" {
                self.report.error(value_range(attribute), "`nil` is `true`, or is not there");
            }
            for hole in alike.filter_map(attribute_hole) {
                self.text_place(hole, attribute.value(), value_range(attribute), slots);
            }
        }
    }

    /// Reads a text into the place of a scalar.
    fn text_place(&mut self, hole: Hole, text: &str, range: Range<usize>, slots: &mut Slots<'_>) {
        let Some(Field { kind: Kind::Scalar(scalar), .. }) = slots.field(hole) else { return };
        let before = self.report.diagnostics.len();
        let value = self.text(scalar, text, range.clone()).map(|value| (value, text.is_empty()));
        // What is wrong is not missing as well.
        let wrong = self.report.diagnostics.len() > before;
        let empty = value.as_ref().map_or(!wrong, |(_, empty)| *empty);
        slots.offer(hole, value.map(|(value, _)| value), empty, range);
    }

    fn text(&mut self, scalar: &Scalar, text: &str, range: Range<usize>) -> Option<ExampleValue> {
        value(self.api, scalar, text, range, self.report)
    }

    fn no_elements(&mut self, node: Node<'_, '_>) {
        for child in children(node) {
            self.unknown_element(child, &[]);
        }
    }

    fn nothing_in(&mut self, node: Node<'_, '_>, message: &str) {
        self.no_elements(node);
        if let Some(stray) = stray_text(node) {
            self.report.error(stray, message);
        }
    }

    fn unknown_element(&mut self, node: Node<'_, '_>, known: &[&Element]) {
        let name = node.tag_name().name();
        let names = known.iter().map(|element| element.name.as_str());
        let error = unknown(self.report, name_range(node), format!("the shape has no `<{name}>` here"), name, names);
        let enveloped =
            matches!(name, "request" | "response") && node.parent().is_some_and(|parent| parent.has_tag_name(name));
        if enveloped {
            error.help("an example has the payload without its envelope and token");
        }
    }

    /// Turns what was found into one value per field, and misses what is required.
    /// `at` says where a field is missed.
    fn finish(
        &mut self,
        mut slots: Slots<'_>,
        shape: &[Element],
        at: impl Fn(usize) -> Range<usize>,
    ) -> Vec<ExampleValue> {
        let mut values = Vec::with_capacity(slots.fields.len());
        for (index, field) in slots.fields.iter().enumerate() {
            let found = slots.found.remove(&index);
            // A field without a place here stands in the path or the query.
            let missed = field.must_be_there() && !(slots.strange && found.is_none());
            if let Some(place) = place(shape, index).filter(|_| missed) {
                self.miss(field, &place, found.as_ref(), at(index));
            }
            let nothing = match field {
                field if field.presence.is_many() => ExampleValue::Many(Vec::new()),
                Field { kind: Kind::Scalar(Scalar::Text), .. } if place(shape, index).is_some() => {
                    ExampleValue::Text(String::new())
                }
                _ => ExampleValue::Absent,
            };
            let value = found.map(|found| found.value).filter(|value| *value != ExampleValue::Absent);
            values.push(value.unwrap_or(nothing));
        }
        values
    }

    fn miss(&mut self, field: &Field, place: &str, found: Option<&Found>, at: Range<usize>) {
        match found {
            None => {
                self.report
                    .error(at, format!("`{}` is required and not there", field.name))
                    .label(format!("lacks {place}"));
            }
            Some(Found { order: (true, _), value: ExampleValue::Absent, range }) => {
                self.report.error(range.clone(), format!("`{}` is required and empty", field.name));
            }
            Some(_) => {}
        }
    }
}

/// Reads a text. What is wrong with it is reported, and `None` then; also if it reads as absent.
pub(super) fn value(
    api: &Api,
    scalar: &Scalar,
    text: &str,
    range: Range<usize>,
    report: &mut Report<'_>,
) -> Option<ExampleValue> {
    if scalar::is_placeholder(text) {
        report.error(range, "this is a placeholder").help("write a value of your own, as it would travel");
        return None;
    }
    match scalar::canonical(api, scalar, text) {
        Ok(text) => text.map(ExampleValue::Text),
        Err(expected) => {
            report.error(range, format!("this should be {expected}"));
            None
        }
    }
}

/// Reports a name that is not known, with the one that may have been meant.
pub(super) fn unknown<'d, 'n>(
    report: &'d mut Report<'_>,
    range: Range<usize>,
    message: String,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> &'d mut Diagnostic {
    report.error(range, message).label("not in the shape").suggest(name, known)
}

fn is_nil(node: Node<'_, '_>) -> bool {
    node.attribute("nil") == Some("true")
}

fn name(attribute: &Attribute) -> &str {
    match attribute {
        Attribute::Literal { name, .. } | Attribute::Hole { name, .. } => name,
    }
}

fn attribute_hole(attribute: &Attribute) -> Option<Hole> {
    match attribute {
        Attribute::Literal { .. } => None,
        Attribute::Hole { hole, .. } => Some(*hole),
    }
}

fn text_hole(element: &Element) -> Option<Hole> {
    match &element.content {
        Content::Hole(hole) => Some(*hole),
        Content::Empty | Content::Elements(_) => None,
    }
}

fn child_elements(element: &Element) -> Option<&[Element]> {
    match &element.content {
        Content::Elements(elements) => Some(elements),
        Content::Empty | Content::Hole(_) => None,
    }
}

/// The hole around which an element repeats.
fn repeated(views: &[&Element], fields: &[Field]) -> Option<Hole> {
    let mut holes = views.iter().filter_map(|view| text_hole(view));
    holes.find(|hole| fields.get(hole.field).is_some_and(|field| field.presence.is_many()))
}

/// The hole of a data type.
fn data_hole(views: &[&Element], fields: &[Field]) -> Option<(Hole, TypeRef)> {
    views.iter().find_map(|view| {
        let hole = text_hole(view)?;
        match fields.get(hole.field)?.kind {
            Kind::Data(kind) => Some((hole, kind)),
            Kind::Scalar(_) => None,
        }
    })
}

/// The name of the innermost element that is there of those in which a field has its first place.
fn closest(shape: &[Element], nodes: &[Node<'_, '_>], field: usize) -> Option<Range<usize>> {
    let element = shape.iter().find(|element| place(std::slice::from_ref(*element), field).is_some())?;
    let node = nodes.iter().find(|node| node.has_tag_name(element.name.as_str()))?;
    let inside = child_elements(element).and_then(|elements| closest(elements, &children(*node), field));
    Some(inside.unwrap_or(name_range(*node)))
}

/// The first place of a field in a shape, in words.
fn place(shape: &[Element], field: usize) -> Option<String> {
    shape.iter().find_map(|element| {
        let is_field = |hole: Hole| hole.field == field;
        let attribute = element.attributes.iter().find(|attribute| attribute_hole(attribute).is_some_and(is_field));
        match (&element.content, attribute) {
            (_, Some(attribute)) => Some(format!("the attribute `{}` of `<{}>`", name(attribute), element.name)),
            (Content::Hole(hole), None) if is_field(*hole) => Some(format!("`<{}>`", element.name)),
            (Content::Elements(elements), None) => place(elements, field),
            (Content::Empty | Content::Hole(_), None) => None,
        }
    })
}
