//! Emits ids, enums and data types.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::emitter::Emitter;
use super::idents::{field_init, ident};
use crate::model::{DataType, Enum, Field, Id, Presence, Scalar, ValueKind};

impl Emitter<'_> {
    /// Emits an id:
    ///
    /// ```text
    /// #[derive(…)]
    /// pub struct NoteId(pub u64);
    /// support::declare_id!(NoteId);
    /// ```
    pub(super) fn emit_id(self, id: &Id) -> TokenStream {
        let docs = docs::emit_outer_doc(&id.doc);
        let name = ident(&id.name);
        quote! {
            #docs
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct #name(pub u64);
            support::declare_id!(#name);
        }
    }

    /// Emits an enum:
    ///
    /// ```text
    /// #[non_exhaustive]
    /// pub enum PageScope { Personal, Friends, Other(String) }
    /// support::declare_enum!(PageScope { Personal = "personal", Friends = "friends", });
    /// ```
    pub(super) fn emit_enum(self, open_enum: &Enum) -> TokenStream {
        let docs = docs::emit_outer_doc(&open_enum.doc);
        let name = ident(&open_enum.name);
        let variants = open_enum.values.iter().map(|value| {
            let text = format!("{} {} on the wire.", docs::escape_markdown(&value.doc), docs::code_span(&value.text));
            let docs = docs::emit_doc_lines([text.as_str()]);
            let name = ident(&value.name);
            quote!(#docs #name,)
        });
        let pairs = open_enum.values.iter().map(|value| {
            let (name, text) = (ident(&value.name), &value.text);
            quote!(#name = #text,)
        });
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// A value that this version does not know, with its text on the wire.
                Other(String),
            }
            support::declare_enum!(#name { #(#pairs)* });
        }
    }

    /// Emits a struct with public fields, a constructor and setters. `ReadParams` and `From` are implemented only for
    /// types in requests, `ReadXml` and the traits of serde only for types in responses.
    ///
    /// ```text
    /// pub struct NewNote { pub title: Option<String>, … }
    /// impl NewNote { pub fn new() -> Self { … } … }
    /// impl read::ReadXml for NewNote { … }
    /// impl params::ReadParams for NewNote { … }
    /// impl write::WriteXml for NewNote { … }
    /// ```
    pub(super) fn emit_data_type(self, data_type: &DataType) -> TokenStream {
        let docs = docs::emit_outer_doc(&data_type.doc);
        let name = ident(&data_type.name);
        let is_required = |field: &Field| field.presence == Presence::Required;
        let derive_default = (!data_type.fields.iter().any(is_required)).then(|| quote!(, Default));
        let fields = self.emit_struct_fields(&data_type.fields);
        let methods = self.emit_constructor_and_setters(&data_type.fields, is_required);
        let derive_serde = data_type.in_responses.then(|| {
            quote! {
                #[cfg_attr(
                    feature = "serde",
                    derive(crate::runtime::support::serde::Deserialize, crate::runtime::support::serde::Serialize),
                    serde(crate = "crate::runtime::support::serde")
                )]
            }
        });
        let conversions = data_type.in_requests.then(|| self.emit_conversions(data_type));
        let read_xml = data_type.in_responses.then(|| self.emit_read_xml(data_type));
        let read_params = data_type.in_requests.then(|| self.emit_read_params(data_type));
        let write_xml = self.emit_write_xml(data_type);
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash #derive_default)]
            #derive_serde
            #[non_exhaustive]
            pub struct #name {
                #fields
            }
            impl #name {
                #methods
            }
            #conversions
            #read_xml
            #read_params
            #write_xml
        }
    }

    /// Emits `/// doc` and `pub name: Type,` for each field.
    pub(super) fn emit_struct_fields(self, fields: &[Field]) -> TokenStream {
        let fields = fields.iter().map(|field| {
            let docs = self.emit_field_docs(field);
            let name = ident(&field.name);
            let rust_type = self.field_type(field);
            quote!(#docs pub #name: #rust_type,)
        });
        fields.collect()
    }

    /// Emits the documentation of a field. That of a legacy field ends with a note that names its replacement, if any.
    fn emit_field_docs(self, field: &Field) -> TokenStream {
        let doc = docs::escape_markdown(&field.doc);
        let Some(legacy) = &field.legacy else { return docs::emit_doc_lines([doc.as_str()]) };
        let note = match self.replacement_name(legacy) {
            Some(replacement) => format!("Legacy: use `{replacement}` instead."),
            None => "Legacy.".to_owned(),
        };
        docs::emit_doc_lines([doc.as_str(), "", note.as_str()])
    }

    /// Emits `new`, with an argument for each field for which `is_required` returns `true`, and a setter for each other
    /// field.
    pub(super) fn emit_constructor_and_setters(
        self,
        fields: &[Field],
        is_required: impl Fn(&Field) -> bool,
    ) -> TokenStream {
        let (required, optional): (Vec<_>, Vec<_>) = fields.iter().partition(|field| is_required(field));
        let constructor = self.emit_constructor(&required, &optional);
        let setters = optional.iter().map(|field| self.emit_setter(field));
        quote!(#constructor #(#setters)*)
    }

    /// Emits the constructor. Its arguments are the required fields; the optional ones are `None`, `Keep` or empty:
    ///
    /// ```text
    /// pub fn new(content: impl Into<String>) -> Self { Self { content: content.into(), completed: None } }
    /// ```
    fn emit_constructor(self, required: &[&Field], optional: &[&Field]) -> TokenStream {
        if required.is_empty() {
            return quote! {
                /// Creates a value without any field set.
                pub fn new() -> Self {
                    Default::default()
                }
            };
        }
        let doc = match optional {
            [] => "Creates a value from all of its fields.",
            _ => "Creates a value from its required fields. The setters set the others.",
        };
        let doc = docs::emit_doc_lines([doc]);
        let (arguments, values): (Vec<_>, Vec<_>) = required.iter().map(|field| self.emit_argument(field)).unzip();
        let names = required.iter().map(|field| ident(&field.name));
        let required_values = names.zip(values).map(|(name, value)| field_init(&name, &value));
        let empty_values = optional.iter().map(|field| {
            let name = ident(&field.name);
            match field.presence {
                Presence::Many | Presence::ManyOrAbsent => quote!(#name: Vec::new()),
                Presence::Change => quote!(#name: support::Change::Keep),
                _ => quote!(#name: None),
            }
        });
        let values = required_values.chain(empty_values);
        quote! {
            #doc
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
        }
    }

    /// Emits the setter of a field, and the method that clears the field, if a request can do so:
    ///
    /// ```text
    /// pub fn title(mut self, title: impl Into<String>) -> Self { self.title = Some(title.into()); self }
    /// pub fn clear_end(mut self) -> Self { self.end = support::Change::Clear; self }
    /// ```
    fn emit_setter(self, field: &Field) -> TokenStream {
        let docs = docs::emit_doc_lines([format!("Sets `{}`.", field.name).as_str()]);
        let name = ident(&field.name);
        let (argument, value) = self.emit_argument(field);
        let value = match field.presence {
            Presence::Many | Presence::ManyOrAbsent => value,
            Presence::Change => quote!(support::Change::Set(#value)),
            _ => quote!(Some(#value)),
        };
        let clear_method = (field.presence == Presence::Change).then(|| {
            let docs = docs::emit_doc_lines([format!("Clears `{}`.", field.name).as_str()]);
            let clear = clear_method_ident(field);
            quote! {
                #docs
                #[must_use]
                pub fn #clear(mut self) -> Self {
                    self.#name = support::Change::Clear;
                    self
                }
            }
        });
        quote! {
            #docs
            #[must_use]
            pub fn #name(mut self, #argument) -> Self {
                self.#name = #value;
                self
            }
            #clear_method
        }
    }

    /// Emits `From` for a type whose only required field is a string, an id or an enum: `impl From<&str> for NewItem {
    /// … }`. Methods then accept the value of that field in place of the type: `create("Tickets")`.
    fn emit_conversions(self, data_type: &DataType) -> TokenStream {
        let Some(field) = sole_required_field(data_type) else { return TokenStream::new() };
        let name = ident(&data_type.name);
        let emit_from = |value_type: TokenStream| {
            quote! {
                impl From<#value_type> for #name {
                    fn from(value: #value_type) -> Self {
                        Self::new(value)
                    }
                }
            }
        };
        match &field.kind {
            ValueKind::Scalar(Scalar::String | Scalar::Text | Scalar::Word) => {
                [emit_from(quote!(&str)), emit_from(quote!(String))].into_iter().collect()
            }
            ValueKind::Scalar(Scalar::Id(_) | Scalar::Enum(_)) => emit_from(self.value_type(&field.kind)),
            _ => TokenStream::new(),
        }
    }
}

/// Returns the name of the method that clears a field: `clear_title`.
pub(super) fn clear_method_ident(field: &Field) -> Ident {
    format_ident!("clear_{}", field.name)
}

/// Returns the only required field of a type, if it has exactly one and its value is a string, an id or an enum.
/// Returns `None` for other types. Optional fields have no effect.
pub(super) fn sole_required_field(data_type: &DataType) -> Option<&Field> {
    let mut required = data_type.fields.iter().filter(|field| field.presence == Presence::Required);
    let field = required.next()?;
    let is_simple = matches!(
        &field.kind,
        ValueKind::Scalar(Scalar::String | Scalar::Text | Scalar::Word | Scalar::Id(_) | Scalar::Enum(_))
    );
    (is_simple && required.next().is_none()).then_some(field)
}
