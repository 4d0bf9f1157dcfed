//! Emits code that reads a shape in a response in one pass. For the type
//!
//! ```xml
//! <note id="{id: NoteId}"><title>{title: string?}</title></note>
//! ```
//!
//! it emits a variable for each field, statements that fill the variables, and an expression for each value:
//!
//! ```text
//! let at = xml.start();
//! let mut seen = read::FirstSeen::default();
//! let mut id = None;
//! let mut title = None;
//! while let Some(attribute) = xml.next_attribute() {
//!     match attribute.name {
//!         "id" => id = attribute.read_scalar::<api::NoteId>()?,
//!         _ => xml.count_unknown_attribute(attribute.name),
//!     }
//! }
//! while let Some(child) = xml.next_child()? {
//!     match child {
//!         "title" if seen.insert(0) => title = xml.read_scalar::<scalar::Text>()?,
//!         _ => xml.skip_unknown()?,
//!     }
//! }
//! Ok(Self { id: read::required(id, at, "@id")?, title })
//! ```
//!
//! The alternative shapes of a type (`<also>`) are read in the same pass: their attributes and elements are further
//! match arms. A value may then be in one of several positions of the document. The variable of its field is a
//! `read::Alternatives`, which collects the texts with the [ranks](Hole::rank) of their positions. At the end, the text
//! with the lowest rank that is not empty is read as the value:
//!
//! ```text
//! "subject" => subject.add(0, attribute.offset(), Some(attribute.value())),
//! "title" => subject.add(1, attribute.offset(), Some(attribute.value())),
//! …
//! subject.read::<scalar::Text>()?
//! ```

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
        data_type.also.iter().for_each(|alternative| root.merge(alternative));
        let type_name = ident(&data_type.name);
        let reader = ReaderBuilder::new(self, &data_type.fields).build_for_type(&root);
        let ReaderParts { variables, statements, values } = reader;
        let inits = data_type.fields.iter().zip(values).map(|(field, value)| {
            let question_mark = field.is_required_in_document().then(|| quote!(?));
            field_init(&ident(&field.name), &quote!(#value #question_mark))
        });
        quote! {
            impl read::ReadXml for #type_name {
                fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::DecodeError> {
                    #variables
                    #statements
                    Ok(Self { #(#inits),* })
                }
            }
        }
    }

    /// Emits the body of a closure that reads the payload of a response, and returns its only value: that of `field`.
    ///
    /// `elements` are the shape of the payload, and `alternatives` are elements that may be in their place. Without an
    /// envelope, the root of the document is part of the payload, so its name is checked.
    pub(super) fn emit_read_payload(
        self,
        field: &Field,
        elements: &[Element],
        alternatives: &[Element],
        has_envelope: bool,
    ) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(elements);
        root.merge_children(alternatives);
        let reader = ReaderBuilder::new(self, std::slice::from_ref(field)).build_for_children(&root, !has_envelope);
        let ReaderParts { variables, statements, values } = reader;
        let value: TokenStream = values.into_iter().collect();
        // The expression for a required value is a `Result` already.
        let result = if field.is_required_in_document() { value } else { quote!(Ok(#value)) };
        quote! {
            #variables
            #statements
            #result
        }
    }

    /// Emits the body of a closure that reads a failure document into the runtime's `FailureDetails`.
    pub(super) fn emit_read_failure(self, fields: &[Field], shape: &Element) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(std::slice::from_ref(shape));
        let reader = ReaderBuilder::new(self, fields).build_for_children(&root, true);
        let ReaderParts { variables, statements, values } = reader;
        let mut code = quote!(None);
        let mut messages = TokenStream::new();
        for (field, value) in fields.iter().zip(values) {
            match (field.name.as_str(), field.presence) {
                ("code", Presence::Required) => code = quote!(Some(#value?)),
                ("code", _) => code = value,
                (_, Presence::Required) => messages = quote!(Vec::from([#value?])),
                (_, _) => messages = value,
            }
        }
        quote! {
            #variables
            #statements
            Ok(service::FailureDetails { code: #code, messages: #messages })
        }
    }
}

/// Code that reads an element.
struct ReaderParts {
    /// Declarations of the variables for the values.
    variables: TokenStream,
    /// Statements that read the element into the variables.
    statements: TokenStream,
    /// An expression for the value of each field. For a required field, it is a `Result`.
    values: Vec<TokenStream>,
}

/// Builds the code that reads an element.
struct ReaderBuilder<'a> {
    emitter: Emitter<'a>,
    fields: &'a [Field],
    /// Number of elements so far of which only the first occurrence counts. Each has a bit in the variable `seen`.
    seen_count: u32,
    /// Index of a field whose variable is declared in the statement that reads the value: `let body = …;`. That is
    /// possible if the value is read exactly once. The variables of other fields are declared before the statements.
    declared_in_place: Option<usize>,
}

impl<'a> ReaderBuilder<'a> {
    fn new(emitter: Emitter<'a>, fields: &'a [Field]) -> Self {
        Self { emitter, fields, seen_count: 0, declared_in_place: None }
    }

    /// Builds the reader of a type. The generated code runs after the start tag of its element.
    fn build_for_type(mut self, root: &MergedElement) -> ReaderParts {
        // The content of the root is always read. If no other position may have its value, it is read exactly once.
        let is_read_once = |hole: &Hole| root.children.is_empty() && !self.has_alternatives(*hole);
        self.declared_in_place = root.content.filter(is_read_once).map(|hole| hole.field);
        let statements = self.emit_element(root);
        self.finish(root, statements)
    }

    /// Builds the reader of the children of an element. If `is_document` is set, the only child is the root of the
    /// document, and a root with another name is an error.
    fn build_for_children(mut self, root: &MergedElement, is_document: bool) -> ReaderParts {
        let statements = if is_document { self.emit_document(root) } else { self.emit_children(root) };
        self.finish(root, statements)
    }

    /// Adds the variables and the values to the statements. The statements are emitted first, because the variable
    /// `seen` is declared only if they use it.
    fn finish(self, root: &MergedElement, statements: TokenStream) -> ReaderParts {
        let variables = self.emit_variables();
        let paths = root.find_field_paths(self.fields.len());
        let fields_with_paths = self.fields.iter().zip(paths);
        let values = fields_with_paths.map(|(field, path)| self.emit_value(field, &path.unwrap_or_default()));
        ReaderParts { variables, statements, values: values.collect() }
    }

    /// `true` if the value of a hole's field may be in more than one position of the document.
    fn has_alternatives(&self, hole: Hole) -> bool {
        self.fields[hole.field].positions > 1
    }

    /// Emits the declarations of the variables. `at` is the position for errors about missing values; it is declared if
    /// a field is required. `seen` is declared if only the first occurrence of an element counts:
    ///
    /// ```text
    /// let at = xml.start();
    /// let mut seen = read::FirstSeen::default();
    /// let mut title = None;
    /// ```
    fn emit_variables(&self) -> TokenStream {
        let fields = self.fields.iter().enumerate().filter(|(index, _)| self.declared_in_place != Some(*index));
        let variables = fields.map(|(_, field)| {
            let name = local_ident(field);
            match field.presence {
                Presence::Many | Presence::ManyOrAbsent => quote!(let mut #name = Vec::new();),
                _ if field.positions > 1 => quote!(let mut #name = read::Alternatives::default();),
                _ => quote!(let mut #name = None;),
            }
        });
        let seen = (self.seen_count > 0).then(|| quote!(let mut seen = read::FirstSeen::default();));
        let at = self.fields.iter().any(Field::is_required_in_document).then(|| quote!(let at = xml.start();));
        quote!(#at #seen #(#variables)*)
    }

    /// Emits the expression for the value of a field, from its variable. For a required field, it is a `Result`:
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
            // The schema's scalar `text` may be missing in the document, and is empty then.
            Presence::Required if !field.is_required_in_document() => quote!(#found.unwrap_or_default()),
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
                // Only the text is kept here: a later position may have a lower rank. `emit_value` reads the value.
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
        // Literal attributes have no value to read, but do not count as unknown.
        let ignored = element.literals_except(|name| element.attributes.iter().any(|(read, _)| read == name));
        let ignored_arm = (!ignored.is_empty()).then(|| quote!(#(#ignored)|* => {}));
        quote! {
            while let Some(attribute) = xml.next_attribute() {
                match attribute.name {
                    #(#arms)*
                    #ignored_arm
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
        if self.has_alternatives(hole) {
            let rank = Literal::u8_unsuffixed(hole.rank);
            return quote!(#local.add(#rank, xml.start(), xml.read_nillable_text()?););
        }
        let read = match &field.kind {
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
            Presence::Many | Presence::ManyOrAbsent => quote!(#local.extend(#read);),
            _ if self.declared_in_place == Some(hole.field) => quote!(let #local = #read;),
            _ => quote!(#local = #read;),
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

    /// Emits the loop that reads the content of an element that contains text in one shape and elements in another:
    ///
    /// ```xml
    /// <letter><text>{text: string}</text></letter>
    /// <also><letter>{text}</letter></also>
    /// ```
    ///
    /// In addition to [`Self::emit_children`], the loop collects the text between the children. `text_hole` is the hole
    /// that this text fills.
    fn emit_children_beside_text(&mut self, element: &MergedElement, text_hole: Hole) -> TokenStream {
        let arms = self.emit_arms(element);
        let local = local_ident(&self.fields[text_hole.field]);
        let rank = Literal::u8_unsuffixed(text_hole.rank);
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

    /// Emits a match arm for each child: `"title" if seen.insert(0) => …,`. Of several elements with the same name,
    /// only the first counts, unless the field of its content repeats.
    fn emit_arms(&mut self, element: &MergedElement) -> TokenStream {
        let arms = element.children.iter().map(|child| {
            let name = &child.name;
            let repeats = child.content.is_some_and(|hole| self.fields[hole.field].presence.is_many());
            let guard = (!repeats).then(|| {
                let bit = Literal::u32_unsuffixed(self.seen_count);
                self.seen_count += 1;
                quote!(if seen.insert(#bit))
            });
            let statements = self.emit_element(child);
            match as_expression(&statements) {
                Some(expression) => quote!(#name #guard => #expression,),
                None => quote!(#name #guard => { #statements }),
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

/// Emits statements for an element whose attributes have no holes:
/// `xml.ignore_literals(&["kind"]); xml.skip_attributes();`.
///
/// The second statement is omitted if the content is a single value, because the reader of the value also reads or
/// skips the attributes.
fn emit_unread_attributes(element: &MergedElement) -> TokenStream {
    // The runtime ignores `type` and `nil` in every such element.
    let names = element.literals_except(|name| matches!(name, "type" | "nil"));
    let ignore = (!names.is_empty()).then(|| quote!(xml.ignore_literals(&[#(#names),*]);));
    let is_single_value = element.content.is_some() && element.children.is_empty();
    let skip = (!is_single_value).then(|| quote!(xml.skip_attributes();));
    quote!(#ignore #skip)
}

/// Names of variables and parameters that generated readers have besides those of the fields.
const RESERVED_NAMES: &[&str] = &["at", "attribute", "child", "elements", "reader", "seen", "start", "text", "xml"];

/// Returns the name of the variable for a field's value in a generated reader. Appends `_` to a reserved name.
fn local_ident(field: &Field) -> Ident {
    if RESERVED_NAMES.contains(&field.name.as_str()) { format_ident!("{}_", field.name) } else { ident(&field.name) }
}
