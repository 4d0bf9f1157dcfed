//! A shape as code that writes: literal text, and the values between.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::emitter::Emitter;
use super::idents::ident;
use super::xml_text::write_attribute;
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Kind, Presence};

/// Expressions for a field's value.
pub(super) struct FieldAccess {
    /// The value itself: `self.title`, or `response` if that is a reference already.
    pub(super) value: TokenStream,
    /// A reference to the value: `&self.title`.
    pub(super) reference: TokenStream,
}

impl FieldAccess {
    /// Returns the access to a field of a struct, such as `self`.
    pub(super) fn of_field(owner: &TokenStream, field: &Field) -> Self {
        let name = ident(&field.name);
        Self { value: quote!(#owner.#name), reference: quote!(&#owner.#name) }
    }

    /// Returns the access to an argument that is a reference.
    pub(super) fn of_reference(name: &str) -> Self {
        let name = ident(name);
        Self { value: quote!(#name), reference: quote!(#name) }
    }
}

impl Emitter<'_> {
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
    pub(super) fn emit_write_xml(self, of: &DataType) -> TokenStream {
        let name = ident(&of.name);
        let access = |field: usize| FieldAccess::of_field(&quote!(self), &of.fields[field]);
        let mut builder = WriterBuilder::new(self, &of.fields, &access);
        builder.add_attributes(&of.shape.attributes);
        let (end_parameter, write_end) = if of.has_content() {
            builder.literal.push('>');
            builder.add_content(&of.shape.content);
            (quote!(end), quote!(xml.raw(end);))
        } else {
            builder.literal.push_str("/>");
            (quote!(_end), TokenStream::new())
        };
        let statements = builder.finish();
        quote! {
            impl write::WriteXml for #name {
                fn write(&self, start: &'static str, #end_parameter: &'static str, xml: &mut xml::Writer) {
                    xml.raw(start);
                    #statements
                    #write_end
                }
            }
        }
    }

    /// Emits statements that write the elements of a payload. The root of a document is always written.
    pub(super) fn emit_write_elements(
        self,
        fields: &[Field],
        elements: &[Element],
        access: &dyn Fn(usize) -> FieldAccess,
        is_document: bool,
    ) -> TokenStream {
        let mut builder = WriterBuilder::new(self, fields, access);
        for element in elements {
            if is_document { builder.add_element(element) } else { builder.add_element_unless_absent(element) }
        }
        builder.finish()
    }
}

/// Condition for an element to be written.
enum WriteCondition {
    Always,
    /// One of these fields has a value.
    AnyOf(Vec<usize>),
}

/// Returns the condition for an element: it is omitted if all of its holes are absent.
fn find_condition(element: &Element, fields: &[Field]) -> WriteCondition {
    let mut holes = Vec::new();
    collect_holes(element, &mut holes);
    let is_always_written =
        |hole: &Hole| matches!(fields[hole.field].presence, Presence::Required | Presence::Many | Presence::Nil);
    if holes.is_empty() || holes.iter().any(is_always_written) {
        return WriteCondition::Always;
    }
    let mut fields: Vec<usize> = holes.iter().map(|hole| hole.field).collect();
    fields.dedup();
    WriteCondition::AnyOf(fields)
}

fn collect_holes(element: &Element, holes: &mut Vec<Hole>) {
    for attribute in &element.attributes {
        if let Attribute::Hole { hole, .. } = attribute {
            holes.push(*hole);
        }
    }
    match &element.content {
        Content::Empty => {}
        Content::Hole(hole) => holes.push(*hole),
        Content::Elements(elements) => elements.iter().for_each(|element| collect_holes(element, holes)),
    }
}

/// Builds the statements that write a shape. Literal text is collected, so that adjacent pieces are written at once.
struct WriterBuilder<'a> {
    emitter: Emitter<'a>,
    fields: &'a [Field],
    access: &'a dyn Fn(usize) -> FieldAccess,
    statements: Vec<TokenStream>,
    literal: String,
}

impl<'a> WriterBuilder<'a> {
    fn new(emitter: Emitter<'a>, fields: &'a [Field], access: &'a dyn Fn(usize) -> FieldAccess) -> Self {
        Self { emitter, fields, access, statements: Vec::new(), literal: String::new() }
    }

    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.statements.push(quote!(xml.raw(#literal);));
        }
    }

    fn add_statement(&mut self, statement: TokenStream) {
        self.flush();
        self.statements.push(statement);
    }

    fn finish(mut self) -> TokenStream {
        self.flush();
        self.statements.into_iter().collect()
    }

    /// Builds the statements of a nested block.
    fn build_block(&self, add: impl FnOnce(&mut Self)) -> TokenStream {
        let mut nested = Self::new(self.emitter, self.fields, self.access);
        add(&mut nested);
        nested.finish()
    }

    /// Adds an element that is omitted if all of its holes are absent.
    fn add_element_unless_absent(&mut self, element: &Element) {
        let has_sole_hole = matches!(element.content, Content::Hole(_)) && !element.attributes.iter().any(is_hole);
        match find_condition(element, self.fields) {
            WriteCondition::AnyOf(fields) if !has_sole_hole => {
                let tests = fields.iter().map(|field| self.emit_presence_test(*field));
                let body = self.build_block(|nested| nested.add_element(element));
                self.add_statement(quote!(if #(#tests)||* { #body }));
            }
            // An element with one hole and nothing else is tested where its value is written.
            _ => self.add_element(element),
        }
    }

    fn emit_presence_test(&self, field: usize) -> TokenStream {
        let value = (self.access)(field).value;
        if self.fields[field].presence.is_many() { quote!(!#value.is_empty()) } else { quote!(#value.is_some()) }
    }

    fn add_element(&mut self, element: &Element) {
        if let Content::Hole(hole) = &element.content
            && (self.fields[hole.field].presence != Presence::Required
                || matches!(self.fields[hole.field].kind, Kind::Data(_)))
        {
            return self.add_hole_element(element, *hole);
        }
        self.literal.push('<');
        self.literal.push_str(&element.name);
        self.add_attributes(&element.attributes);
        if matches!(element.content, Content::Empty) {
            self.literal.push_str("/>");
            return;
        }
        self.literal.push('>');
        self.add_content(&element.content);
        self.add_end(element);
    }

    fn add_end(&mut self, element: &Element) {
        self.literal.push_str("</");
        self.literal.push_str(&element.name);
        self.literal.push('>');
    }

    /// Adds an element around a hole that repeats, may be absent, or is data.
    fn add_hole_element(&mut self, element: &Element, hole: Hole) {
        let field = &self.fields[hole.field];
        let reference = (self.access)(hole.field).reference;
        let with_holes = element.attributes.iter().any(is_hole);
        let build_one =
            |value: TokenStream| self.build_block(|nested| nested.add_value_element(element, &field.kind, value));
        match field.presence {
            Presence::Required => {
                let statements = build_one(reference);
                self.add_statement(statements);
            }
            Presence::Many | Presence::ManyOrAbsent => {
                let statements = build_one(quote!(value));
                self.add_statement(quote!(for value in #reference { #statements }));
            }
            Presence::Nil => {
                let statements = build_one(quote!(value));
                let nil = format!("<{} nil=\"true\"/>", element.name);
                self.add_statement(quote!(match #reference { Some(value) => { #statements } None => xml.raw(#nil) }));
            }
            // The element has other holes, so it is written if this value is absent.
            Presence::Optional if with_holes => {
                let text = self.build_block(|nested| nested.add_scalar(&field.kind, quote!(value)));
                self.literal.push('<');
                self.literal.push_str(&element.name);
                self.add_attributes(&element.attributes);
                self.literal.push('>');
                self.add_statement(quote!(if let Some(value) = #reference { #text }));
                self.add_end(element);
            }
            Presence::Optional => {
                let statements = build_one(quote!(value));
                self.add_statement(quote!(if let Some(value) = #reference { #statements }));
            }
        }
    }

    /// Adds an element around one value.
    fn add_value_element(&mut self, element: &Element, kind: &Kind, value: TokenStream) {
        let mut start = format!("<{}", element.name);
        for attribute in &element.attributes {
            if let Attribute::Literal { name, value } = attribute {
                write_attribute(name, value, &mut start);
            }
        }
        if let Kind::Data(_) = kind {
            let end = format!("</{}>", element.name);
            return self.add_statement(quote!(write::WriteXml::write(#value, #start, #end, xml);));
        }
        self.literal.push_str(&start);
        // Attributes with holes beside a scalar that is always written.
        for attribute in element.attributes.iter().filter(|attribute| is_hole(attribute)) {
            self.add_attribute(attribute);
        }
        self.literal.push('>');
        self.add_scalar(kind, value);
        self.add_end(element);
    }

    fn add_scalar(&mut self, kind: &Kind, value: TokenStream) {
        if let Kind::Scalar(scalar) = kind {
            let codec = self.emitter.codec(scalar);
            self.add_statement(quote!(xml.text_of::<#codec>(#value);));
        }
    }

    fn add_content(&mut self, content: &Content) {
        match content {
            Content::Empty => {}
            Content::Hole(hole) => {
                let field = &self.fields[hole.field];
                let reference = (self.access)(hole.field).reference;
                if field.presence == Presence::Required {
                    self.add_scalar(&field.kind, reference);
                } else {
                    let text = self.build_block(|nested| nested.add_scalar(&field.kind, quote!(value)));
                    self.add_statement(quote!(if let Some(value) = #reference { #text }));
                }
            }
            Content::Elements(elements) => elements.iter().for_each(|element| self.add_element_unless_absent(element)),
        }
    }

    fn add_attributes(&mut self, attributes: &[Attribute]) {
        attributes.iter().for_each(|attribute| self.add_attribute(attribute));
    }

    fn add_attribute(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::Literal { name, value } => write_attribute(name, value, &mut self.literal),
            Attribute::Hole { name, hole } => {
                let field = &self.fields[hole.field];
                let Kind::Scalar(scalar) = &field.kind else { return };
                let codec = self.emitter.codec(scalar);
                let reference = (self.access)(hole.field).reference;
                let add_pair = |nested: &mut Self, value: &dyn ToTokens| {
                    nested.literal.push_str(&format!(" {name}=\""));
                    nested.add_statement(quote!(xml.attribute_of::<#codec>(#value);));
                    nested.literal.push('"');
                };
                if field.presence == Presence::Required {
                    add_pair(self, &reference);
                } else {
                    let statements = self.build_block(|nested| add_pair(nested, &quote!(value)));
                    self.add_statement(quote!(if let Some(value) = #reference { #statements }));
                }
            }
        }
    }
}

fn is_hole(attribute: &Attribute) -> bool {
    matches!(attribute, Attribute::Hole { .. })
}
