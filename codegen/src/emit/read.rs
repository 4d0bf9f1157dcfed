//! A shape as code that reads a response in one pass: known attributes and elements are read by name, the others are
//! skipped and counted.

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::emitter::Emitter;
use super::idents::{field_init, ident};
use super::merged_element::MergedElement;
use crate::model::{DataType, Element, Field, Hole, Kind, Presence};

impl Emitter<'_> {
    /// ```text
    /// impl read::ReadXml for Note {
    ///     fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::ReadError> { … }
    /// }
    /// ```
    pub(super) fn emit_read_xml(self, of: &DataType) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge(&of.shape);
        of.also.iter().for_each(|shape| root.merge(shape));
        let type_name = ident(&of.name);
        let reader = ReaderBuilder::new(self, &of.fields).build_for_type(&root);
        let ReaderParts { bindings, steps, values } = reader;
        let inits = of.fields.iter().zip(values).map(|(field, value)| {
            let question_mark = field.must_be_there().then(|| quote!(?));
            field_init(&ident(&field.name), &quote!(#value #question_mark))
        });
        quote! {
            impl read::ReadXml for #type_name {
                fn read(xml: &mut xml::Reader<'_>) -> Result<Self, read::ReadError> {
                    #bindings
                    #steps
                    Ok(Self { #(#inits),* })
                }
            }
        }
    }

    /// Emits the body of a closure that reads the elements of a payload and returns its one value. Without an envelope,
    /// the root must be the expected one.
    pub(super) fn emit_read_payload(self, value: &Field, elements: &[Element], has_envelope: bool) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(elements);
        let reader = ReaderBuilder::new(self, std::slice::from_ref(value)).build_for_children(&root, !has_envelope);
        let ReaderParts { bindings, steps, mut values } = reader;
        let result = match values.pop() {
            Some(required) if value.must_be_there() => required,
            value => quote!(Ok(#value)),
        };
        quote! {
            #bindings
            #steps
            #result
        }
    }

    /// Emits the body of a closure that reads a failure document into the runtime's `Failure`.
    pub(super) fn emit_read_failure(self, fields: &[Field], shape: &Element) -> TokenStream {
        let mut root = MergedElement::default();
        root.merge_children(std::slice::from_ref(shape));
        let ReaderParts { bindings, steps, values } = ReaderBuilder::new(self, fields).build_for_children(&root, true);
        let names = fields.iter().map(|field| ident(&field.name));
        quote! {
            #bindings
            #steps
            Ok(service::Failure { #(#names: #values?),* })
        }
    }
}

/// Code that reads an element.
struct ReaderParts {
    /// Variables for the values.
    bindings: TokenStream,
    /// Statements that read the element.
    steps: TokenStream,
    /// An expression for the value of each field. It is a `Result` if the field must be there.
    values: Vec<TokenStream>,
}

/// Builds the code that reads an element.
struct ReaderBuilder<'a> {
    emitter: Emitter<'a>,
    fields: &'a [Field],
    /// Number of elements that have a bit in the variable `seen`.
    seen_count: u32,
    /// Fields that are bound where they are read, because they have one position, which is always reached.
    bound_in_place: Vec<usize>,
}

impl<'a> ReaderBuilder<'a> {
    fn new(emitter: Emitter<'a>, fields: &'a [Field]) -> Self {
        Self { emitter, fields, seen_count: 0, bound_in_place: Vec::new() }
    }

    /// Builds the reader of a type, whose element has just been entered.
    fn build_for_type(mut self, root: &MergedElement) -> ReaderParts {
        let sole_content = root.content.filter(|hole| root.children.is_empty() && self.fields[hole.field].places == 1);
        self.bound_in_place.extend(sole_content.map(|hole| hole.field));
        let steps = self.emit_element(root);
        self.finish(root, steps)
    }

    /// Builds the reader of the children of an element. In a document, the first child must have the expected name.
    fn build_for_children(mut self, root: &MergedElement, is_document: bool) -> ReaderParts {
        let steps = if is_document { self.emit_document(root) } else { self.emit_children(root) };
        self.finish(root, steps)
    }

    fn finish(self, root: &MergedElement, steps: TokenStream) -> ReaderParts {
        let bindings = self.emit_bindings();
        let paths = root.field_paths(self.fields.len());
        let values = self.fields.iter().zip(paths);
        let values = values.map(|(field, path)| self.emit_value(field, &path.unwrap_or_default())).collect();
        ReaderParts { bindings, steps, values }
    }

    /// ```text
    /// let at = xml.start();
    /// let mut seen = read::Seen::default();
    /// let mut title = None;
    /// ```
    fn emit_bindings(&self) -> TokenStream {
        let fields = self.fields.iter().enumerate().filter(|(index, _)| !self.bound_in_place.contains(index));
        let bindings = fields.map(|(_, field)| {
            let name = local_ident(field);
            match field.presence {
                Presence::Many | Presence::ManyOrAbsent => quote!(let mut #name = Vec::new();),
                _ if field.places > 1 => quote!(let mut #name = read::Ranked::default();),
                _ => quote!(let mut #name = None;),
            }
        });
        let seen = (self.seen_count > 0).then(|| quote!(let mut seen = read::Seen::default();));
        let at = self.fields.iter().any(Field::must_be_there).then(|| quote!(let at = xml.start();));
        quote!(#at #seen #(#bindings)*)
    }

    /// Emits the value of a field: `read::required(id, at, "@id")`, a `Result`, if the field must be there.
    fn emit_value(&self, field: &Field, path: &str) -> TokenStream {
        let name = local_ident(field);
        let found = match &field.kind {
            Kind::Scalar(scalar) if field.places > 1 => {
                let codec = self.emitter.codec(scalar);
                quote!(#name.read::<#codec>()?)
            }
            _ => quote!(#name),
        };
        match field.presence {
            Presence::Required if !field.must_be_there() => quote!(#found.unwrap_or_default()),
            Presence::Required => quote!(read::required(#found, at, #path)),
            Presence::Many | Presence::ManyOrAbsent => quote!(read::fitted(#found)),
            Presence::Optional | Presence::Nil => found,
        }
    }

    /// Emits statements that read the element just entered, up to its end.
    fn emit_element(&mut self, element: &MergedElement) -> TokenStream {
        let attributes =
            if element.attributes.is_empty() { emit_unread_attributes(element) } else { self.emit_attributes(element) };
        let content = match element.content {
            None if element.children.is_empty() => quote!(xml.leave()?;),
            None => self.emit_children(element),
            Some(hole) if element.children.is_empty() => self.emit_content(hole),
            Some(hole) => self.emit_children_beside_text(element, hole),
        };
        quote!(#attributes #content)
    }

    /// ```text
    /// while let Some(attribute) = xml.attribute() {
    ///     match attribute.name {
    ///         "id" => id = attribute.scalar::<api::NoteId>()?,
    ///         _ => xml.unknown_attribute(attribute.name),
    ///     }
    /// }
    /// ```
    fn emit_attributes(&self, element: &MergedElement) -> TokenStream {
        let arms = element.attributes.iter().map(|(name, hole)| {
            let field = &self.fields[hole.field];
            let local = local_ident(field);
            let rank = Literal::u8_unsuffixed(hole.rank);
            match &field.kind {
                _ if field.places > 1 => {
                    quote!(#name => #local.put(#rank, attribute.offset(), Some(attribute.value())),)
                }
                Kind::Scalar(scalar) => {
                    let codec = self.emitter.codec(scalar);
                    quote!(#name => #local = attribute.scalar::<#codec>()?,)
                }
                Kind::Data(_) => TokenStream::new(),
            }
        });
        let literals = element.other_literals(|name| element.attributes.iter().any(|(read, _)| read == name));
        let literals = (!literals.is_empty()).then(|| quote!(#(#literals)|* => {}));
        quote! {
            while let Some(attribute) = xml.attribute() {
                match attribute.name {
                    #(#arms)*
                    #literals
                    _ => xml.unknown_attribute(attribute.name),
                }
            }
        }
    }

    /// Emits a statement that reads the whole content of the element: `body = xml.scalar::<scalar::Text>()?;`.
    fn emit_content(&self, hole: Hole) -> TokenStream {
        let field = &self.fields[hole.field];
        let local = local_ident(field);
        let rank = Literal::u8_unsuffixed(hole.rank);
        let value = match &field.kind {
            _ if field.places > 1 => return quote!(#local.put(#rank, xml.start(), xml.nillable_text()?);),
            Kind::Scalar(scalar) => {
                let codec = self.emitter.codec(scalar);
                quote!(xml.scalar::<#codec>()?)
            }
            Kind::Data(_) => {
                let data = self.emitter.value_type(&field.kind);
                let method = if field.presence.is_optional() { quote!(optional_data) } else { quote!(data) };
                quote!(xml.#method::<#data>()?)
            }
        };
        match field.presence {
            Presence::Many | Presence::ManyOrAbsent => quote!(#local.extend(#value);),
            _ if self.bound_in_place.contains(&hole.field) => quote!(let #local = #value;),
            _ => quote!(#local = #value;),
        }
    }

    /// ```text
    /// while let Some(child) = xml.child()? {
    ///     match child {
    ///         "position" if seen.first(0) => …,
    ///         _ => xml.skip_unknown()?,
    ///     }
    /// }
    /// ```
    fn emit_children(&mut self, element: &MergedElement) -> TokenStream {
        let arms = self.emit_arms(element);
        quote! {
            while let Some(child) = xml.child()? {
                match child {
                    #arms
                    _ => xml.skip_unknown()?,
                }
            }
        }
    }

    /// As [`Self::emit_children`], for an element whose own text is a value too.
    fn emit_children_beside_text(&mut self, element: &MergedElement, text: Hole) -> TokenStream {
        let arms = self.emit_arms(element);
        let local = local_ident(&self.fields[text.field]);
        let rank = Literal::u8_unsuffixed(text.rank);
        quote! {
            let start = xml.start();
            let mut text = std::borrow::Cow::default();
            let mut elements = false;
            while let Some(child) = xml.child_and_text(&mut text)? {
                elements = true;
                match child {
                    #arms
                    _ => xml.skip_unknown()?,
                }
            }
            #local.put_beside(#rank, start, text, elements);
        }
    }

    /// As [`Self::emit_children`], for a document, whose root must be the expected one.
    fn emit_document(&mut self, document: &MergedElement) -> TokenStream {
        let expected = document.children.first().map_or("", |child| child.name.as_str());
        let arms = self.emit_arms(document);
        quote! {
            while let Some(child) = xml.child()? {
                match child {
                    #arms
                    _ => return Err(read::unexpected_root(xml, #expected)),
                }
            }
        }
    }

    /// Emits a match arm for each child. The first of several equal elements counts, unless its field repeats.
    fn emit_arms(&mut self, element: &MergedElement) -> TokenStream {
        let arms = element.children.iter().map(|child| {
            let name = &child.name;
            let repeats = child.content.is_some_and(|hole| self.fields[hole.field].presence.is_many());
            let guard = (!repeats).then(|| {
                let bit = Literal::u32_unsuffixed(self.seen_count);
                self.seen_count += 1;
                quote!(if seen.first(#bit))
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

/// Returns a single statement without its semicolon. `None` if there are several statements, or it is a `let` or a loop.
fn as_expression(statements: &TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = statements.clone().into_iter().collect();
    let is_semicolon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let is_keyword = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "let" || ident == "while");
    let last = tokens.pop().filter(is_semicolon);
    (last.is_some() && !tokens.iter().any(|token| is_semicolon(token) || is_keyword(token)))
        .then(|| tokens.into_iter().collect())
}

/// Emits statements for an element without attributes to read: `xml.literals(&["kind"]); xml.other_attributes();`. The
/// runtime's readers of a sole value look at the attributes `type` and `nil` themselves.
fn emit_unread_attributes(element: &MergedElement) -> TokenStream {
    let names = element.other_literals(|name| matches!(name, "type" | "nil"));
    let literals = (!names.is_empty()).then(|| quote!(xml.literals(&[#(#names),*]);));
    let is_sole_value = element.content.is_some() && element.children.is_empty();
    let others = (!is_sole_value).then(|| quote!(xml.other_attributes();));
    quote!(#literals #others)
}

/// Names of variables and parameters in generated readers.
const RESERVED_NAMES: &[&str] = &["at", "attribute", "child", "elements", "reader", "seen", "start", "text", "xml"];

/// Returns the variable that holds a field's value while it is read.
fn local_ident(field: &Field) -> Ident {
    if RESERVED_NAMES.contains(&field.name.as_str()) { format_ident!("{}_", field.name) } else { ident(&field.name) }
}
