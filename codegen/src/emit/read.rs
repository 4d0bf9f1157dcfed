//! Emits code that reads a shape in a response in one pass. It reads known attributes and elements by name, and skips
//! and counts the others.

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::emitter::Emitter;
use super::idents::{field_init, ident};
use super::merged_element::MergedElement;
use crate::model::{DataType, Element, Field, Hole, Presence, ValueKind};

impl Emitter<'_> {
    /// Emits the implementation that reads a data type from a response:
    ///
    /// ```text
    /// impl read::ReadXml for Note {
    ///     fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::DecodeError> { … }
    /// }
    /// ```
    pub(super) fn emit_read_xml(self, data_type: &DataType) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge(&data_type.shape);
        data_type.also.iter().for_each(|shape| root.merge(shape));
        let type_name = ident(&data_type.name);
        let reader = ReaderBuilder::new(self, &data_type.fields).build_for_type(&root);
        let ReaderParts { bindings, steps, values } = reader;
        let inits = data_type.fields.iter().zip(values).map(|(field, value)| {
            let question_mark = field.must_be_present().then(|| quote!(?));
            field_init(&ident(&field.name), &quote!(#value #question_mark))
        });
        quote! {
            impl read::ReadXml for #type_name {
                fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::DecodeError> {
                    #bindings
                    #steps
                    Ok(Self { #(#inits),* })
                }
            }
        }
    }

    /// Emits the body of a closure that reads the elements of a payload and returns its value. If the style has no
    /// response envelope, the document's root is part of the payload, and its name is checked.
    pub(super) fn emit_read_payload(
        self,
        value: &Field,
        elements: &[Element],
        also: &[Element],
        has_envelope: bool,
    ) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(elements);
        root.merge_children(also);
        let reader = ReaderBuilder::new(self, std::slice::from_ref(value)).build_for_children(&root, !has_envelope);
        let ReaderParts { bindings, steps, mut values } = reader;
        // The expression of a value that must be present is a `Result` already.
        let result = match values.pop() {
            Some(required) if value.must_be_present() => required,
            value => quote!(Ok(#value)),
        };
        quote! {
            #bindings
            #steps
            #result
        }
    }

    /// Emits the body of a closure that reads a failure document into the runtime's `FailureDetails`.
    pub(super) fn emit_read_failure(self, fields: &[Field], shape: &Element) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(std::slice::from_ref(shape));
        let ReaderParts { bindings, steps, values } = ReaderBuilder::new(self, fields).build_for_children(&root, true);
        let names = fields.iter().map(|field| ident(&field.name));
        quote! {
            #bindings
            #steps
            Ok(service::FailureDetails { #(#names: #values?),* })
        }
    }
}

/// Code that reads an element.
struct ReaderParts {
    /// Variables for the values.
    bindings: TokenStream,
    /// Statements that read the element.
    steps: TokenStream,
    /// An expression for the value of each field. It is a `Result` if the field must be present.
    values: Vec<TokenStream>,
}

/// Builds the code that reads an element.
struct ReaderBuilder<'a> {
    emitter: Emitter<'a>,
    fields: &'a [Field],
    /// Number of elements that have a bit in the variable `seen`.
    seen_count: u32,
    /// Indices of the fields that are bound where they are read, because they have a single position, and it is always
    /// reached. The other fields have a mutable variable, which is bound before the element is read.
    bound_in_place: Vec<usize>,
}

impl<'a> ReaderBuilder<'a> {
    fn new(emitter: Emitter<'a>, fields: &'a [Field]) -> Self {
        Self { emitter, fields, seen_count: 0, bound_in_place: Vec::new() }
    }

    /// Builds the reader of a type. The generated code runs after the start tag of its element.
    fn build_for_type(mut self, root: &MergedElement) -> ReaderParts {
        // A value that is the whole content is always read, so its variable can be bound there.
        let sole_content =
            root.content.filter(|hole| root.children.is_empty() && self.fields[hole.field].positions == 1);
        self.bound_in_place.extend(sole_content.map(|hole| hole.field));
        let steps = self.emit_element(root);
        self.finish(root, steps)
    }

    /// Builds the reader of the children of an element. In a document, the first child must have the expected name.
    fn build_for_children(mut self, root: &MergedElement, is_document: bool) -> ReaderParts {
        let steps = if is_document { self.emit_document(root) } else { self.emit_children(root) };
        self.finish(root, steps)
    }

    /// Adds the variables and the values to the statements. Call it after all statements are emitted, because the
    /// variable `seen` is declared only if they use it.
    fn finish(self, root: &MergedElement, steps: TokenStream) -> ReaderParts {
        let bindings = self.emit_bindings();
        let paths = root.field_paths(self.fields.len());
        let fields_with_paths = self.fields.iter().zip(paths);
        let values = fields_with_paths.map(|(field, path)| self.emit_value(field, &path.unwrap_or_default()));
        ReaderParts { bindings, steps, values: values.collect() }
    }

    /// Emits the variables for the values. `at` is declared if a field is required, and `seen` if the first occurrence
    /// of an element counts:
    ///
    /// ```text
    /// let at = xml.start();
    /// let mut seen = read::FirstSeen::default();
    /// let mut title = None;
    /// ```
    fn emit_bindings(&self) -> TokenStream {
        let fields = self.fields.iter().enumerate().filter(|(index, _)| !self.bound_in_place.contains(index));
        let bindings = fields.map(|(_, field)| {
            let name = local_ident(field);
            match field.presence {
                Presence::Many | Presence::ManyOrAbsent => quote!(let mut #name = Vec::new();),
                _ if field.positions > 1 => quote!(let mut #name = read::Alternatives::default();),
                _ => quote!(let mut #name = None;),
            }
        });
        let seen = (self.seen_count > 0).then(|| quote!(let mut seen = read::FirstSeen::default();));
        let at = self.fields.iter().any(Field::must_be_present).then(|| quote!(let at = xml.start();));
        quote!(#at #seen #(#bindings)*)
    }

    /// Emits the expression for the value of a field. If the field must be present, it is a `Result`:
    /// `read::required(id, at, "@id")`. `path` is the position that the error names.
    fn emit_value(&self, field: &Field, path: &str) -> TokenStream {
        let name = local_ident(field);
        let found = match &field.kind {
            ValueKind::Scalar(scalar) if field.positions > 1 => {
                let codec = self.emitter.codec(scalar);
                quote!(#name.read::<#codec>()?)
            }
            _ => quote!(#name),
        };
        match field.presence {
            // The schema's scalar `text` is required, but may be missing on the wire: it is read as an empty text then.
            Presence::Required if !field.must_be_present() => quote!(#found.unwrap_or_default()),
            Presence::Required => quote!(read::required(#found, at, #path)),
            Presence::Many | Presence::ManyOrAbsent => quote!(read::shrink_to_fit(#found)),
            // The checker rejects changes in responses.
            Presence::Optional | Presence::Nil | Presence::Change => found,
        }
    }

    /// Emits statements that read an element after its start tag, up to its end.
    fn emit_element(&mut self, element: &MergedElement) -> TokenStream {
        let attributes =
            if element.attributes.is_empty() { emit_unread_attributes(element) } else { self.emit_attributes(element) };
        let content = match element.content {
            None if element.children.is_empty() => quote!(xml.leave_element()?;),
            None => self.emit_children(element),
            Some(hole) if element.children.is_empty() => self.emit_content(hole),
            Some(hole) => self.emit_children_beside_text(element, hole),
        };
        quote!(#attributes #content)
    }

    /// Emits the loop that reads the attributes of an element:
    ///
    /// ```text
    /// while let Some(attribute) = xml.next_attribute() {
    ///     match attribute.name {
    ///         "id" => id = attribute.read_scalar::<api::NoteId>()?,
    ///         _ => xml.count_unknown_attribute(attribute.name),
    ///     }
    /// }
    /// ```
    fn emit_attributes(&self, element: &MergedElement) -> TokenStream {
        let arms = element.attributes.iter().map(|(name, hole)| {
            let field = &self.fields[hole.field];
            let local = local_ident(field);
            let rank = Literal::u8_unsuffixed(hole.rank);
            match &field.kind {
                // The value is chosen by rank after all positions have been read.
                _ if field.positions > 1 => {
                    quote!(#name => #local.add(#rank, attribute.offset(), Some(attribute.value())),)
                }
                ValueKind::Scalar(scalar) => {
                    let codec = self.emitter.codec(scalar);
                    quote!(#name => #local = attribute.read_scalar::<#codec>()?,)
                }
                // The checker rejects data types in attributes.
                ValueKind::Data(_) => TokenStream::new(),
            }
        });
        let literals = element.other_literals(|name| element.attributes.iter().any(|(read, _)| read == name));
        let literals = (!literals.is_empty()).then(|| quote!(#(#literals)|* => {}));
        quote! {
            while let Some(attribute) = xml.next_attribute() {
                match attribute.name {
                    #(#arms)*
                    #literals
                    _ => xml.count_unknown_attribute(attribute.name),
                }
            }
        }
    }

    /// Emits a statement that reads the whole content of an element into the variable of its field:
    /// `body = xml.read_scalar::<scalar::Text>()?;`.
    fn emit_content(&self, hole: Hole) -> TokenStream {
        let field = &self.fields[hole.field];
        let local = local_ident(field);
        let rank = Literal::u8_unsuffixed(hole.rank);
        let value = match &field.kind {
            _ if field.positions > 1 => return quote!(#local.add(#rank, xml.start(), xml.read_nillable_text()?);),
            ValueKind::Scalar(scalar) => {
                let codec = self.emitter.codec(scalar);
                quote!(xml.read_scalar::<#codec>()?)
            }
            ValueKind::Data(_) => {
                let data = self.emitter.value_type(&field.kind);
                let method = if field.presence.is_optional() { quote!(read_optional_data) } else { quote!(read_data) };
                quote!(xml.#method::<#data>()?)
            }
        };
        match field.presence {
            Presence::Many | Presence::ManyOrAbsent => quote!(#local.extend(#value);),
            _ if self.bound_in_place.contains(&hole.field) => quote!(let #local = #value;),
            _ => quote!(#local = #value;),
        }
    }

    /// Emits the loop that reads the children of an element:
    ///
    /// ```text
    /// while let Some(child) = xml.next_child()? {
    ///     match child {
    ///         "position" if seen.insert(0) => …,
    ///         _ => xml.skip_unknown()?,
    ///     }
    /// }
    /// ```
    fn emit_children(&mut self, element: &MergedElement) -> TokenStream {
        let arms = self.emit_arms(element);
        quote! {
            while let Some(child) = xml.next_child()? {
                match child {
                    #arms
                    _ => xml.skip_unknown()?,
                }
            }
        }
    }

    /// Emits the loop that reads the children of an element whose text is also a value. In addition to
    /// [`Self::emit_children`], it collects the text between the children and adds it at the end.
    fn emit_children_beside_text(&mut self, element: &MergedElement, text: Hole) -> TokenStream {
        let arms = self.emit_arms(element);
        let local = local_ident(&self.fields[text.field]);
        let rank = Literal::u8_unsuffixed(text.rank);
        quote! {
            let start = xml.start();
            let mut text = std::borrow::Cow::default();
            let mut elements = false;
            while let Some(child) = xml.next_child_with_text(&mut text)? {
                elements = true;
                match child {
                    #arms
                    _ => xml.skip_unknown()?,
                }
            }
            #local.add_mixed(#rank, start, text, elements);
        }
    }

    /// Emits the loop that reads the root of a document. Unlike [`Self::emit_children`], it does not skip unknown
    /// elements: a root with another name is an error.
    fn emit_document(&mut self, document: &MergedElement) -> TokenStream {
        let expected = document.children.first().map_or("", |child| child.name.as_str());
        let arms = self.emit_arms(document);
        quote! {
            while let Some(child) = xml.next_child()? {
                match child {
                    #arms
                    _ => return Err(read::unexpected_root(xml, #expected)),
                }
            }
        }
    }

    /// Emits a match arm for each child. Of several elements with the same name, only the first counts, unless the
    /// field repeats.
    fn emit_arms(&mut self, element: &MergedElement) -> TokenStream {
        let arms = element.children.iter().map(|child| {
            let name = &child.name;
            let repeats = child.content.is_some_and(|hole| self.fields[hole.field].presence.is_many());
            let guard = (!repeats).then(|| {
                let bit = Literal::u32_unsuffixed(self.seen_count);
                self.seen_count += 1;
                quote!(if seen.insert(#bit))
            });
            let body = self.emit_element(child);
            match as_expression(&body) {
                Some(expression) => quote!(#name #guard => #expression,),
                None => quote!(#name #guard => { #body }),
            }
        });
        arms.collect()
    }
}

/// Returns a single statement without its semicolon, as the expression of a match arm. Returns `None` if there are
/// several statements, or the statement is a `let` or a loop.
fn as_expression(statements: &TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = statements.clone().into_iter().collect();
    let is_semicolon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let is_keyword = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "let" || ident == "while");
    let last = tokens.pop().filter(is_semicolon);
    (last.is_some() && !tokens.iter().any(|token| is_semicolon(token) || is_keyword(token)))
        .then(|| tokens.into_iter().collect())
}

/// Emits statements for an element whose attributes are not read:
/// `xml.ignore_literals(&["kind"]); xml.skip_attributes();`.
///
/// If the element contains a single value, the reader of that value handles the attributes.
fn emit_unread_attributes(element: &MergedElement) -> TokenStream {
    // The runtime accepts `type` and `nil` on every element whose attributes are not read.
    let names = element.other_literals(|name| matches!(name, "type" | "nil"));
    let literals = (!names.is_empty()).then(|| quote!(xml.ignore_literals(&[#(#names),*]);));
    let is_sole_value = element.content.is_some() && element.children.is_empty();
    let skip = (!is_sole_value).then(|| quote!(xml.skip_attributes();));
    quote!(#literals #skip)
}

/// Names of variables and parameters in generated readers. The variables of fields must have other names.
const RESERVED_NAMES: &[&str] = &["at", "attribute", "child", "elements", "reader", "seen", "start", "text", "xml"];

/// Returns the name of the variable for a field's value in a generated reader. Appends `_` to a reserved name.
fn local_ident(field: &Field) -> Ident {
    if RESERVED_NAMES.contains(&field.name.as_str()) { format_ident!("{}_", field.name) } else { ident(&field.name) }
}
