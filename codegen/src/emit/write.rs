//! A shape as code that writes: literal text, and values between.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{Emit, ident};
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Presence, ValueKind};

/// How the code reaches a field's value.
pub(super) struct Access {
    /// The value itself: `self.title`, or `response` where that is a reference already.
    pub(super) place: TokenStream,
    /// A reference to it: `&self.title`.
    pub(super) reference: TokenStream,
}

impl Access {
    /// A field of a value, such as `self`.
    pub(super) fn field(of: &TokenStream, field: &Field) -> Self {
        let name = ident(&field.name);
        Self { place: quote!(#of.#name), reference: quote!(&#of.#name) }
    }

    /// An argument that is a reference.
    pub(super) fn reference(name: &str) -> Self {
        let name = ident(name);
        Self { place: quote!(#name), reference: quote!(#name) }
    }
}

/// Writing code on its way. Literal text is collected, so that pieces next to each other become one.
struct Writing<'a> {
    emit: Emit<'a>,
    fields: &'a [Field],
    access: &'a dyn Fn(usize) -> Access,
    steps: Vec<TokenStream>,
    literal: String,
}

impl Emit<'_> {
    /// ```text
    /// impl write::WriteXml for Note {
    ///     fn write(&self, start: &'static str, end: &'static str, xml: &mut xml::Writer) {
    ///         xml.raw(start);
    ///         xml.raw(" title=\"");
    ///         xml.attribute_of::<scalar::Text>(&self.title);
    ///         …
    ///     }
    /// }
    /// ```
    pub(super) fn write_xml(self, of: &DataType) -> TokenStream {
        let name = ident(&of.name);
        let access = |field: usize| Access::field(&quote!(self), &of.fields[field]);
        let mut writing = Writing::new(self, &of.fields, &access);
        writing.attributes(&of.shape.attributes);
        let end = if of.has_content() {
            writing.literal.push('>');
            writing.content(&of.shape.content);
            (quote!(end), quote!(xml.raw(end);))
        } else {
            writing.literal.push_str("/>");
            (quote!(_end), TokenStream::new())
        };
        let steps = writing.finish();
        let (parameter, end) = end;
        quote! {
            impl write::WriteXml for #name {
                fn write(&self, start: &'static str, #parameter: &'static str, xml: &mut xml::Writer) {
                    xml.raw(start);
                    #steps
                    #end
                }
            }
        }
    }

    /// Writes the elements of a payload.
    pub(super) fn write_elements(
        self,
        fields: &[Field],
        elements: &[Element],
        access: &dyn Fn(usize) -> Access,
        document: bool,
    ) -> TokenStream {
        let mut writing = Writing::new(self, fields, access);
        for element in elements {
            if document { writing.element(element) } else { writing.element_if_any(element) }
        }
        writing.finish()
    }
}

/// When an element is written.
enum When {
    Always,
    /// If one of these fields is there.
    Any(Vec<usize>),
}

fn when(element: &Element, fields: &[Field]) -> When {
    let mut holes = Vec::new();
    collect(element, &mut holes);
    let sure = |hole: &Hole| matches!(fields[hole.field].presence, Presence::Required | Presence::Many | Presence::Nil);
    if holes.is_empty() || holes.iter().any(sure) {
        return When::Always;
    }
    let mut fields: Vec<usize> = holes.iter().map(|hole| hole.field).collect();
    fields.dedup();
    When::Any(fields)
}

fn collect(element: &Element, holes: &mut Vec<Hole>) {
    for attribute in &element.attributes {
        if let Attribute::Hole { hole, .. } = attribute {
            holes.push(*hole);
        }
    }
    match &element.content {
        Content::Empty => {}
        Content::Hole(hole) => holes.push(*hole),
        Content::Elements(elements) => elements.iter().for_each(|element| collect(element, holes)),
    }
}

impl<'a> Writing<'a> {
    fn new(emit: Emit<'a>, fields: &'a [Field], access: &'a dyn Fn(usize) -> Access) -> Self {
        Self { emit, fields, access, steps: Vec::new(), literal: String::new() }
    }

    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.steps.push(quote!(xml.raw(#literal);));
        }
    }

    fn step(&mut self, step: TokenStream) {
        self.flush();
        self.steps.push(step);
    }

    fn finish(mut self) -> TokenStream {
        self.flush();
        self.steps.into_iter().collect()
    }

    /// Code for a part of the shape, on its own.
    fn nested(&self, write: impl FnOnce(&mut Self)) -> TokenStream {
        let mut nested = Self::new(self.emit, self.fields, self.access);
        write(&mut nested);
        nested.finish()
    }

    /// An element that goes when all of its holes are absent.
    fn element_if_any(&mut self, element: &Element) {
        let lone = matches!(element.content, Content::Hole(_)) && !element.attributes.iter().any(is_hole);
        match when(element, self.fields) {
            When::Any(fields) if !lone => {
                let tests = fields.iter().map(|field| self.is_there(*field));
                let body = self.nested(|nested| nested.element(element));
                self.step(quote!(if #(#tests)||* { #body }));
            }
            // A hole that is an element's all tests for itself, around the element.
            _ => self.element(element),
        }
    }

    fn is_there(&self, field: usize) -> TokenStream {
        let place = (self.access)(field).place;
        if self.fields[field].presence.is_many() { quote!(!#place.is_empty()) } else { quote!(#place.is_some()) }
    }

    fn element(&mut self, element: &Element) {
        if let Content::Hole(hole) = &element.content
            && (self.fields[hole.field].presence != Presence::Required
                || matches!(self.fields[hole.field].kind, ValueKind::Data(_)))
        {
            return self.hole_element(element, *hole);
        }
        self.literal.push('<');
        self.literal.push_str(&element.name);
        self.attributes(&element.attributes);
        if matches!(element.content, Content::Empty) {
            self.literal.push_str("/>");
            return;
        }
        self.literal.push('>');
        self.content(&element.content);
        self.end(element);
    }

    fn end(&mut self, element: &Element) {
        self.literal.push_str("</");
        self.literal.push_str(&element.name);
        self.literal.push('>');
    }

    /// An element around a hole that repeats, may be absent, or is data.
    fn hole_element(&mut self, element: &Element, hole: Hole) {
        let field = &self.fields[hole.field];
        let reference = (self.access)(hole.field).reference;
        let with_holes = element.attributes.iter().any(is_hole);
        let one = |value: TokenStream| self.nested(|nested| nested.one(element, &field.kind, value));
        match field.presence {
            Presence::Required => {
                let step = one(reference);
                self.step(step);
            }
            Presence::Many | Presence::ManyOrAbsent => {
                let step = one(quote!(value));
                self.step(quote!(for value in #reference { #step }));
            }
            Presence::Nil => {
                let step = one(quote!(value));
                let nil = format!("<{} nil=\"true\"/>", element.name);
                self.step(quote!(match #reference { Some(value) => { #step } None => xml.raw(#nil) }));
            }
            // Other holes keep the element when this one is absent.
            Presence::Optional if with_holes => {
                let text = self.nested(|nested| nested.scalar(&field.kind, quote!(value)));
                self.literal.push('<');
                self.literal.push_str(&element.name);
                self.attributes(&element.attributes);
                self.literal.push('>');
                self.step(quote!(if let Some(value) = #reference { #text }));
                self.end(element);
            }
            Presence::Optional => {
                let step = one(quote!(value));
                self.step(quote!(if let Some(value) = #reference { #step }));
            }
        }
    }

    /// One value in its element.
    fn one(&mut self, element: &Element, kind: &ValueKind, value: TokenStream) {
        let mut start = format!("<{}", element.name);
        for attribute in &element.attributes {
            if let Attribute::Literal { name, value } = attribute {
                start.push_str(&literal(name, value));
            }
        }
        if let ValueKind::Data(_) = kind {
            let end = format!("</{}>", element.name);
            return self.step(quote!(write::WriteXml::write(#value, #start, #end, xml);));
        }
        self.literal.push_str(&start);
        // Holes beside a scalar that always stands.
        for attribute in element.attributes.iter().filter(|attribute| is_hole(attribute)) {
            self.attribute(attribute);
        }
        self.literal.push('>');
        self.scalar(kind, value);
        self.end(element);
    }

    fn scalar(&mut self, kind: &ValueKind, value: TokenStream) {
        if let ValueKind::Scalar(scalar) = kind {
            let codec = self.emit.codec(scalar);
            self.step(quote!(xml.text_of::<#codec>(#value);));
        }
    }

    fn content(&mut self, content: &Content) {
        match content {
            Content::Empty => {}
            Content::Hole(hole) => {
                let field = &self.fields[hole.field];
                let reference = (self.access)(hole.field).reference;
                if field.presence == Presence::Required {
                    self.scalar(&field.kind, reference);
                } else {
                    let text = self.nested(|nested| nested.scalar(&field.kind, quote!(value)));
                    self.step(quote!(if let Some(value) = #reference { #text }));
                }
            }
            Content::Elements(elements) => elements.iter().for_each(|element| self.element_if_any(element)),
        }
    }

    fn attributes(&mut self, attributes: &[Attribute]) {
        attributes.iter().for_each(|attribute| self.attribute(attribute));
    }

    fn attribute(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::Literal { name, value } => self.literal.push_str(&literal(name, value)),
            Attribute::Hole { name, hole } => {
                let field = &self.fields[hole.field];
                let ValueKind::Scalar(scalar) = &field.kind else { return };
                let codec = self.emit.codec(scalar);
                let reference = (self.access)(hole.field).reference;
                let pair = |nested: &mut Self, value: &dyn ToTokens| {
                    nested.literal.push_str(&format!(" {name}=\""));
                    nested.step(quote!(xml.attribute_of::<#codec>(#value);));
                    nested.literal.push('"');
                };
                if field.presence == Presence::Required {
                    pair(self, &reference);
                } else {
                    let step = self.nested(|nested| pair(nested, &quote!(value)));
                    self.step(quote!(if let Some(value) = #reference { #step }));
                }
            }
        }
    }
}

fn is_hole(attribute: &Attribute) -> bool {
    matches!(attribute, Attribute::Hole { .. })
}

/// ` name="value"`, escaped.
pub(super) fn literal(name: &str, value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    format!(" {name}=\"{value}\"")
}
