//! Ids, enums and data types.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, docs, ident};
use crate::model::{DataType, Enum, Field, Id, Legacy, Presence, Scalar, ValueKind};

impl Emit<'_> {
    /// ```text
    /// #[derive(…)]
    /// pub struct NoteId(pub u64);
    /// crate::runtime::declare_id!(NoteId);
    /// ```
    pub(super) fn id(self, id: &Id) -> TokenStream {
        let docs = docs::outer(&id.doc);
        let name = ident(&id.name);
        quote! {
            #docs
            #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct #name(pub u64);
            crate::runtime::declare_id!(#name);
        }
    }

    /// ```text
    /// #[non_exhaustive]
    /// pub enum PageScope { Personal, Friends, Other(String) }
    /// crate::runtime::declare_enum!(PageScope { Personal = "personal", Friends = "friends", });
    /// ```
    pub(super) fn open_enum(self, of: &Enum) -> TokenStream {
        let docs = docs::outer(&of.doc);
        let name = ident(&of.name);
        let values = of.values.iter().map(|value| {
            let text = format!("{} {} on the wire.", docs::escape(&value.doc), docs::code(&value.text));
            let docs = docs::lines([text.as_str()]);
            let name = ident(&value.name);
            quote!(#docs #name,)
        });
        let pairs = of.values.iter().map(|value| {
            let (name, text) = (ident(&value.name), &value.text);
            quote!(#name = #text,)
        });
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#values)*
                /// A value that this version does not know: its text on the wire.
                Other(String),
            }
            crate::runtime::declare_enum!(#name { #(#pairs)* });
        }
    }

    /// A struct with public fields, a constructor, setters, and the directions that are in use.
    pub(super) fn data_type(self, of: &DataType) -> TokenStream {
        let docs = docs::outer(&of.doc);
        let name = ident(&of.name);
        let default = of.fields.iter().all(|field| field.presence != Presence::Required).then(|| quote!(, Default));
        let fields = self.struct_fields(&of.fields);
        let methods = self.constructor_and_setters(&of.fields, |field| field.presence == Presence::Required);
        let serialize = of.in_responses.then(|| {
            quote! {
                #[cfg_attr(
                    feature = "serde",
                    derive(crate::runtime::serde::Serialize),
                    serde(crate = "crate::runtime::serde")
                )]
            }
        });
        let conversions = of.in_requests.then(|| self.conversions(of));
        let read = of.in_responses.then(|| self.read_xml(of));
        let tree = of.in_requests.then(|| self.read_tree(of));
        let write = self.write_xml(of);
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash #default)]
            #serialize
            #[non_exhaustive]
            pub struct #name {
                #fields
            }
            impl #name {
                #methods
            }
            #conversions
            #read
            #tree
            #write
        }
    }

    /// `/// doc` and `pub name: Type,` for each field.
    pub(super) fn struct_fields(self, fields: &[Field]) -> TokenStream {
        let fields = fields.iter().map(|field| {
            let docs = self.field_docs(field);
            let name = ident(&field.name);
            let kind = self.field_type(field);
            quote!(#docs pub #name: #kind,)
        });
        fields.collect()
    }

    fn field_docs(self, field: &Field) -> TokenStream {
        let doc = docs::escape(&field.doc);
        match &field.legacy {
            None => docs::lines([doc.as_str()]),
            Some(legacy) => {
                let instead = match self.replacement(legacy) {
                    Some(instead) => format!("Legacy: use `{instead}` instead."),
                    None => "Legacy.".to_owned(),
                };
                docs::lines([doc.as_str(), "", instead.as_str()])
            }
        }
    }

    /// What is used instead of a legacy thing: `items` or `items().list`.
    pub(super) fn replacement(self, legacy: &Legacy) -> Option<String> {
        match legacy {
            Legacy::None => None,
            Legacy::Section(of) => Some(format!("{}()", self.api.sections[of.0].name)),
            Legacy::Endpoint(of, endpoint) => {
                let section = &self.api.sections[of.0];
                Some(format!("{}().{}", section.name, section.endpoints[*endpoint].name))
            }
        }
    }

    /// `new` with an argument for each field that must be given, and a setter for each other field.
    pub(super) fn constructor_and_setters(self, fields: &[Field], given: impl Fn(&Field) -> bool) -> TokenStream {
        let (required, optional): (Vec<_>, Vec<_>) = fields.iter().partition(|field| given(field));
        let constructor = if required.is_empty() {
            quote! {
                /// With nothing in it.
                pub fn new() -> Self {
                    Default::default()
                }
            }
        } else {
            let (arguments, values): (Vec<_>, Vec<_>) = required.iter().map(|field| self.argument(field)).unzip();
            let names = required.iter().map(|field| ident(&field.name));
            let empty = optional.iter().map(|field| {
                let name = ident(&field.name);
                if field.presence.is_many() { quote!(#name: Vec::new()) } else { quote!(#name: None) }
            });
            let given = names.zip(values).map(|(name, value)| super::field_value(&name, &value));
            let initial = given.chain(empty);
            let doc = if optional.is_empty() { "With all that is in it." } else { "With what must be in it." };
            let doc = docs::lines([doc]);
            quote! {
                #doc
                pub fn new(#(#arguments),*) -> Self {
                    Self { #(#initial),* }
                }
            }
        };
        let setters = optional.iter().map(|field| self.setter(field));
        quote!(#constructor #(#setters)*)
    }

    fn setter(self, field: &Field) -> TokenStream {
        let docs = docs::lines([format!("Sets `{}`.", field.name).as_str()]);
        let name = ident(&field.name);
        let (argument, value) = self.argument(field);
        let value = if field.presence.is_many() { value } else { quote!(Some(#value)) };
        quote! {
            #docs
            #[must_use]
            pub fn #name(mut self, #argument) -> Self {
                self.#name = #value;
                self
            }
        }
    }

    /// `From` for a type that needs one value only, so that methods take that value.
    fn conversions(self, of: &DataType) -> TokenStream {
        let Some(field) = only_required(of) else { return TokenStream::new() };
        let name = ident(&of.name);
        let from = |kind: TokenStream| {
            quote! {
                impl From<#kind> for #name {
                    fn from(value: #kind) -> Self {
                        Self::new(value)
                    }
                }
            }
        };
        match &field.kind {
            ValueKind::Scalar(Scalar::String | Scalar::Text | Scalar::Word) => {
                [from(quote!(&str)), from(quote!(String))].into_iter().collect()
            }
            ValueKind::Scalar(Scalar::Id(_) | Scalar::Enum(_)) => from(self.value_type(&field.kind)),
            _ => TokenStream::new(),
        }
    }
}

/// The one field that a type must have, if it is one and the type is made from it.
pub(super) fn only_required(of: &DataType) -> Option<&Field> {
    let mut required = of.fields.iter().filter(|field| field.presence == Presence::Required);
    let field = required.next()?;
    let simple = matches!(
        &field.kind,
        ValueKind::Scalar(Scalar::String | Scalar::Text | Scalar::Word | Scalar::Id(_) | Scalar::Enum(_))
    );
    (simple && required.next().is_none()).then_some(field)
}
