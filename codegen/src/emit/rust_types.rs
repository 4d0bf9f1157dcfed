//! Rust type, method argument and codec of a field.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{Api, Field, Presence, Scalar, ValueKind};

/// Returns the type of a field as text: `Option < api :: NoteId >`.
pub(crate) fn format_rust_type(api: &Api, field: &Field) -> String {
    Emitter { api, crate_name: "" }.field_type(field).to_string()
}

impl Emitter<'_> {
    /// Returns the type of one value: `String`, `api::NoteId`, `Vec<api::ItemId>`.
    pub(super) fn value_type(self, kind: &ValueKind) -> TokenStream {
        match kind {
            ValueKind::Data(data_type) => self.data_path(&self.api.types[data_type.0].name),
            ValueKind::Scalar(scalar) => self.scalar_type(scalar),
        }
    }

    /// Returns the type of a scalar: `String`, `Vec<api::ItemId>`.
    fn scalar_type(self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::String | Scalar::Text | Scalar::Word => quote!(String),
            Scalar::Secret => quote!(support::Secret),
            Scalar::Integer => quote!(i64),
            Scalar::Bool | Scalar::Bit | Scalar::Flag => quote!(bool),
            Scalar::Utc | Scalar::Timestamp => quote!(jiff::Timestamp),
            Scalar::Local => quote!(jiff::civil::DateTime),
            Scalar::Date => quote!(jiff::civil::Date),
            Scalar::Decimal => quote!(rust_decimal::Decimal),
            Scalar::Compact(time) => self.scalar_type(time),
            Scalar::Words(word) => {
                let word_type = self.scalar_type(word);
                quote!(Vec<#word_type>)
            }
            Scalar::Phrases => quote!(Vec<String>),
            Scalar::Id(id) => self.data_path(&self.api.ids[id.0].name),
            Scalar::Enum(open_enum) => self.data_path(&self.api.enums[open_enum.0].name),
        }
    }

    /// Returns the type of a field, with `Option`, `Change` or `Vec` around it.
    pub(super) fn field_type(self, field: &Field) -> TokenStream {
        let value = self.value_type(&field.kind);
        match field.presence {
            Presence::Required => value,
            Presence::Optional | Presence::Nil => quote!(Option<#value>),
            Presence::Change => quote!(support::Change<#value>),
            Presence::Many | Presence::ManyOrAbsent => quote!(Vec<#value>),
        }
    }

    /// Returns the type that reads and writes a scalar: `scalar::Text`, `api::NoteId`.
    pub(super) fn codec(self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::String | Scalar::Text => quote!(scalar::Text),
            Scalar::Word => quote!(scalar::Word),
            Scalar::Secret => quote!(scalar::SecretText),
            Scalar::Integer => quote!(scalar::Integer),
            Scalar::Bool => quote!(scalar::Bool),
            Scalar::Bit => quote!(scalar::Bit),
            Scalar::Flag => quote!(scalar::Flag),
            Scalar::Utc => quote!(scalar::Utc),
            Scalar::Local => quote!(scalar::Local),
            Scalar::Date => quote!(scalar::Date),
            Scalar::Decimal => quote!(scalar::Decimal),
            Scalar::Compact(time) => {
                let time = self.codec(time);
                quote!(scalar::Compact<#time>)
            }
            Scalar::Timestamp => quote!(scalar::Timestamp),
            Scalar::Words(word) => {
                let word_codec = self.codec(word);
                quote!(scalar::Words<#word_codec>)
            }
            Scalar::Phrases => quote!(scalar::Phrases),
            Scalar::Id(id) => self.data_path(&self.api.ids[id.0].name),
            Scalar::Enum(open_enum) => self.data_path(&self.api.enums[open_enum.0].name),
        }
    }

    /// Returns the codec of a scalar field in a path, a query or a location. The checker rejects data types there.
    pub(super) fn field_codec(self, field: &Field) -> TokenStream {
        match &field.kind {
            ValueKind::Scalar(scalar) => self.codec(scalar),
            ValueKind::Data(_) => TokenStream::new(),
        }
    }

    /// Returns the path of a data type, id or enum: `api::Note`.
    fn data_path(self, name: &str) -> TokenStream {
        let name = ident(name);
        quote!(api::#name)
    }

    /// Returns the argument for a field, such as `title: impl Into<String>`, and the expression that converts it to the
    /// field's value, such as `title.into()`. The caller adds `Option` or `Change` around the value.
    pub(super) fn emit_argument(self, field: &Field) -> (TokenStream, TokenStream) {
        let name = ident(&field.name);
        let value = self.value_type(&field.kind);
        if field.presence.is_many() {
            return emit_list_argument(&name, &value, takes_into(&field.kind));
        }
        match &field.kind {
            ValueKind::Scalar(Scalar::Words(word)) => {
                let word_type = self.scalar_type(word);
                emit_list_argument(&name, &word_type, scalar_takes_into(word))
            }
            ValueKind::Scalar(Scalar::Phrases) => emit_list_argument(&name, &quote!(String), true),
            kind if takes_into(kind) => (quote!(#name: impl Into<#value>), quote!(#name.into())),
            _ => (quote!(#name: #value), quote!(#name)),
        }
    }
}

/// Emits the argument for a list, such as `tags: impl IntoIterator<Item = impl Into<String>>`, and the expression that
/// collects it into a `Vec`.
fn emit_list_argument(name: &Ident, item: &TokenStream, converts_items: bool) -> (TokenStream, TokenStream) {
    if converts_items {
        let item = quote!(impl Into<#item>);
        (quote!(#name: impl IntoIterator<Item = #item>), quote!(#name.into_iter().map(Into::into).collect()))
    } else {
        (quote!(#name: impl IntoIterator<Item = #item>), quote!(#name.into_iter().collect()))
    }
}

/// `true` if an argument for one value of this kind is `impl Into<…>`. Items of an argument for a list are then
/// `impl Into<…>` too.
pub(super) fn takes_into(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Data(_) => true,
        ValueKind::Scalar(scalar) => scalar_takes_into(scalar),
    }
}

/// `true` if an argument for this scalar is `impl Into<…>`.
fn scalar_takes_into(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Enum(_))
}
