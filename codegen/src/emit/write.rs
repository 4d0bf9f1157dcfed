//! Emits code that writes a shape: literal text, and the values between. For the shape
//!
//! ```xml
//! <note id="{id: NoteId}"><title>{title: string?}</title></note>
//! ```
//!
//! it emits these statements. The start and the end tag are parameters, because the element that uses the type
//! determines the name of the root:
//!
//! ```text
//! xml.write_raw(start);
//! xml.write_raw(" id=\"");
//! xml.write_scalar_attribute::<api::NoteId>(&self.id);
//! xml.write_raw("\">");
//! if let Some(value) = &self.title {
//!     xml.write_raw("<title>");
//!     xml.write_scalar::<scalar::Text>(value);
//!     xml.write_raw("</title>");
//! }
//! xml.write_raw(end);
//! ```

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{Attribute, Content, DataType, Element, Field, Hole, Presence, ValueKind};
use crate::xml_text::write_attribute;

/// Expressions for a field's value.
pub(super) struct FieldAccess {
    /// The value itself: `self.title`, or `response` if that is a reference already.
    pub(super) value: TokenStream,
    /// A reference to the value: `&self.title`.
    pub(super) reference: TokenStream,
}

impl FieldAccess {
    /// Returns the expressions for a field of a struct. `owner` is the struct, such as `self`.
    pub(super) fn of_field(owner: &TokenStream, field: &Field) -> Self {
        let name = ident(&field.name);
        Self::new(quote!(#owner.#name))
    }

    /// Returns the expressions for a value.
    pub(super) fn new(value: TokenStream) -> Self {
        Self { reference: quote!(&#value), value }
    }

    /// Returns the expressions for an argument that is a reference.
    pub(super) fn of_reference(name: &str) -> Self {
        let name = ident(name);
        Self { value: quote!(#name), reference: quote!(#name) }
    }
}

impl Emitter<'_> {
    /// Emits the implementation that writes a data type:
    ///
    /// ```text
    /// impl write::WriteXml for Note {
    ///     fn write(&self, start: &'static str, end: &'static str, xml: &mut xml::Writer) {
    ///         xml.write_raw(start);
    ///         xml.write_raw(" title=\"");
    ///         xml.write_scalar_attribute::<scalar::Text>(&self.title);
    ///         …
    ///     }
    /// }
    /// ```
    pub(super) fn emit_write_xml(self, data_type: &DataType) -> TokenStream {
        let name = ident(&data_type.name);
        let access = |field: usize| FieldAccess::of_field(&quote!(self), &data_type.fields[field]);
        let mut builder = WriterBuilder::new(self, &data_type.fields, &access);
        builder.add_attributes(&data_type.shape.attributes);
        let (end_parameter, write_end) = if data_type.has_content() {
            builder.literal.push('>');
            builder.add_content(&data_type.shape.content);
            (quote!(end), quote!(xml.write_raw(end);))
        } else {
            builder.literal.push_str("/>");
            (quote!(_end), TokenStream::new())
        };
        let statements = builder.finish();
        quote! {
            impl write::WriteXml for #name {
                fn write(&self, start: &'static str, #end_parameter: &'static str, xml: &mut xml::Writer) {
                    xml.write_raw(start);
                    #statements
                    #write_end
                }
            }
        }
    }

    /// Emits statements that write the elements of a payload. `access` returns the expressions for the field with an
    /// index. An element with holes is omitted if all of their values are absent, except the root of a document.
    pub(super) fn emit_write_elements(
        self,
        fields: &[Field],
        elements: &[Element],
        access: &dyn Fn(usize) -> FieldAccess,
        is_document: bool,
    ) -> TokenStream {
        let mut builder = WriterBuilder::new(self, fields, access);
        for element in elements {
            if is_document { builder.add_root(element) } else { builder.add_element_unless_absent(element) }
        }
        builder.finish()
    }
}

/// Condition for an element to be written.
enum WriteCondition {
    Always,
    /// At least one of the fields with these indices has a value.
    AnyOf(Vec<usize>),
}

/// Finds the condition for an element. An element is omitted if it has holes and the values of all of them are absent.
/// Only values of `T?`, `T? or nil` and `T*?` can be absent: an empty `T*` is a list without items, and `T or nil` is
/// written as `nil="true"`.
fn find_condition(element: &Element, fields: &[Field]) -> WriteCondition {
    let mut holes = Vec::new();
    collect_holes(element, &mut holes);
    let is_always_written =
        |hole: &Hole| matches!(fields[hole.field].presence, Presence::Required | Presence::Many | Presence::Nil);
    if holes.is_empty() || holes.iter().any(is_always_written) {
        return WriteCondition::Always;
    }
    let mut field_indices: Vec<usize> = Vec::new();
    for hole in holes {
        if !field_indices.contains(&hole.field) {
            field_indices.push(hole.field);
        }
    }
    WriteCondition::AnyOf(field_indices)
}

/// Collects the holes of an element and of the elements in it.
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

/// Builds the statements that write a shape. Adjacent pieces of literal text become one statement.
struct WriterBuilder<'a> {
    emitter: Emitter<'a>,
    fields: &'a [Field],
    /// Returns the expressions for the field with an index.
    access: &'a dyn Fn(usize) -> FieldAccess,
    statements: Vec<TokenStream>,
    /// Literal text after the last statement, for which there is no statement yet.
    literal: String,
}

impl<'a> WriterBuilder<'a> {
    fn new(emitter: Emitter<'a>, fields: &'a [Field], access: &'a dyn Fn(usize) -> FieldAccess) -> Self {
        Self { emitter, fields, access, statements: Vec::new(), literal: String::new() }
    }

    /// Adds the statement that writes the pending literal text, if there is any.
    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.statements.push(quote!(xml.write_raw(#literal);));
        }
    }

    /// Adds a statement after the pending literal text.
    fn add_statement(&mut self, statement: TokenStream) {
        self.flush();
        self.statements.push(statement);
    }

    /// Returns all statements.
    fn finish(mut self) -> TokenStream {
        self.flush();
        self.statements.into_iter().collect()
    }

    /// Builds the statements of a nested block. Its literal text does not merge with the text around the block.
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
            // If the content is the only hole of the element, `add_hole_element` tests whether its value is present.
            _ => self.add_element(element),
        }
    }

    /// Emits the test that a field has a value: `self.title.is_some()`, `!self.tags.is_empty()` or
    /// `!self.end.is_keep()`.
    fn emit_presence_test(&self, field: usize) -> TokenStream {
        let value = (self.access)(field).value;
        match self.fields[field].presence {
            Presence::Many | Presence::ManyOrAbsent => quote!(!#value.is_empty()),
            Presence::Change => quote!(!#value.is_keep()),
            _ => quote!(#value.is_some()),
        }
    }

    /// Adds the root of a document. It is written even if it has no value, as an empty element: `<note></note>`. That
    /// element has no literal attributes, because an element with attributes is not read as an absent value.
    fn add_root(&mut self, element: &Element) {
        match &element.content {
            Content::Hole(hole)
                if self.fields[hole.field].presence == Presence::Optional
                    && !element.attributes.iter().any(is_hole) =>
            {
                self.add_element_or(element, *hole, &format!("<{0}></{0}>", element.name));
            }
            _ => self.add_element(element),
        }
    }

    /// Adds the statement that writes an element around an optional value, or the XML `absent` if there is no value.
    fn add_element_or(&mut self, element: &Element, hole: Hole, absent: &str) {
        let kind = &self.fields[hole.field].kind;
        let reference = (self.access)(hole.field).reference;
        let statements = self.build_block(|nested| nested.add_value_element(element, kind, quote!(value)));
        self.add_statement(quote!(match #reference { Some(value) => { #statements } None => xml.write_raw(#absent) }));
    }

    /// Adds an element. It is always written, unless its content is the hole of a value that may be absent: see
    /// [`Self::add_hole_element`].
    fn add_element(&mut self, element: &Element) {
        // A required scalar is text between the tags. Every other value determines how its element is written.
        if let Content::Hole(hole) = &element.content
            && (self.fields[hole.field].presence != Presence::Required
                || matches!(self.fields[hole.field].kind, ValueKind::Data(_)))
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
        self.add_end_tag(element);
    }

    /// Adds the end tag of an element.
    fn add_end_tag(&mut self, element: &Element) {
        self.literal.push_str("</");
        self.literal.push_str(&element.name);
        self.literal.push('>');
    }

    /// Adds an element whose content is the hole of a value that repeats, may be absent, or is of a data type.
    fn add_hole_element(&mut self, element: &Element, hole: Hole) {
        let field = &self.fields[hole.field];
        let reference = (self.access)(hole.field).reference;
        let has_attribute_holes = element.attributes.iter().any(is_hole);
        let nil = format!("<{} nil=\"true\"/>", element.name);
        let build_element_around =
            |value: TokenStream| self.build_block(|nested| nested.add_value_element(element, &field.kind, value));
        match field.presence {
            Presence::Required => {
                let statements = build_element_around(reference);
                self.add_statement(statements);
            }
            Presence::Many | Presence::ManyOrAbsent => {
                let statements = build_element_around(quote!(value));
                self.add_statement(quote!(for value in #reference { #statements }));
            }
            Presence::Nil => self.add_element_or(element, hole, &nil),
            Presence::Change => {
                let statements = build_element_around(quote!(value));
                self.add_statement(quote! {
                    match #reference {
                        support::Change::Set(value) => { #statements }
                        support::Change::Clear => xml.write_raw(#nil),
                        support::Change::Keep => {}
                    }
                });
            }
            // The attributes have holes too, so the element may be written although this value is absent.
            Presence::Optional if has_attribute_holes => {
                let text = self.build_block(|nested| nested.add_scalar(&field.kind, quote!(value)));
                self.literal.push('<');
                self.literal.push_str(&element.name);
                self.add_attributes(&element.attributes);
                self.literal.push('>');
                self.add_statement(quote!(if let Some(value) = #reference { #text }));
                self.add_end_tag(element);
            }
            Presence::Optional => {
                let statements = build_element_around(quote!(value));
                self.add_statement(quote!(if let Some(value) = #reference { #statements }));
            }
        }
    }

    /// Adds an element around one value. `value` is an expression for a reference to it.
    fn add_value_element(&mut self, element: &Element, kind: &ValueKind, value: TokenStream) {
        let mut start = format!("<{}", element.name);
        for attribute in &element.attributes {
            if let Attribute::Literal { name, value } = attribute {
                write_attribute(name, value, &mut start);
            }
        }
        if let ValueKind::Data(_) = kind {
            let end = format!("</{}>", element.name);
            return self.add_statement(quote!(write::WriteXml::write(#value, #start, #end, xml);));
        }
        self.literal.push_str(&start);
        // Attributes with holes come after the literal ones, which are in the start tag already.
        for attribute in element.attributes.iter().filter(|attribute| is_hole(attribute)) {
            self.add_attribute(attribute);
        }
        self.literal.push('>');
        self.add_scalar(kind, value);
        self.add_end_tag(element);
    }

    /// Adds the statement that writes a scalar as text. Adds nothing for a data type, which is not written as text.
    fn add_scalar(&mut self, kind: &ValueKind, value: TokenStream) {
        if let ValueKind::Scalar(scalar) = kind {
            let codec = self.emitter.codec(scalar);
            self.add_statement(quote!(xml.write_scalar::<#codec>(#value);));
        }
    }

    /// Adds the text or the elements between start tag and end tag. Writes no text for an absent value.
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

    /// Adds attributes to a start tag.
    fn add_attributes(&mut self, attributes: &[Attribute]) {
        attributes.iter().for_each(|attribute| self.add_attribute(attribute));
    }

    /// Adds an attribute to a start tag. The whole attribute is omitted if its value is absent.
    fn add_attribute(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::Literal { name, value } => write_attribute(name, value, &mut self.literal),
            Attribute::Hole { name, hole } => {
                let field = &self.fields[hole.field];
                let ValueKind::Scalar(scalar) = &field.kind else { return };
                let codec = self.emitter.codec(scalar);
                let reference = (self.access)(hole.field).reference;
                let add_pair = |nested: &mut Self, value: &dyn ToTokens| {
                    nested.literal.push_str(&format!(" {name}=\""));
                    nested.add_statement(quote!(xml.write_scalar_attribute::<#codec>(#value);));
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

/// `true` if the value of the attribute is a hole.
fn is_hole(attribute: &Attribute) -> bool {
    matches!(attribute, Attribute::Hole { .. })
}
