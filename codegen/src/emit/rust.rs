//! How a kind of value looks in Rust.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, ident};
use crate::model::{Field, Presence, Scalar, ValueKind};

impl Emit<'_> {
    /// The type of one value: `String`, `api::NoteId`, `Vec<api::ItemId>`.
    pub(super) fn value_type(self, kind: &ValueKind) -> TokenStream {
        match kind {
            ValueKind::Data(of) => self.data_name(&self.api.types[of.0].name),
            ValueKind::Scalar(scalar) => self.scalar_type(scalar),
        }
    }

    fn scalar_type(self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::String | Scalar::Text | Scalar::Word => quote!(String),
            Scalar::Secret => quote!(crate::runtime::Secret),
            Scalar::Integer => quote!(i64),
            Scalar::Bool | Scalar::Flag => quote!(bool),
            Scalar::Utc | Scalar::Timestamp => quote!(crate::runtime::jiff::Timestamp),
            Scalar::Local => quote!(crate::runtime::jiff::civil::DateTime),
            Scalar::Words(of) => {
                let of = self.scalar_type(of);
                quote!(Vec<#of>)
            }
            Scalar::Phrases => quote!(Vec<String>),
            Scalar::Id(of) => self.data_name(&self.api.ids[of.0].name),
            Scalar::Enum(of) => self.data_name(&self.api.enums[of.0].name),
        }
    }

    /// The type of a field, with `Option` or `Vec` around it.
    pub(super) fn field_type(self, field: &Field) -> TokenStream {
        let value = self.value_type(&field.kind);
        match field.presence {
            Presence::Required => value,
            Presence::Optional | Presence::Nil => quote!(Option<#value>),
            Presence::Many | Presence::ManyOrAbsent => quote!(Vec<#value>),
        }
    }

    /// What reads and writes a scalar: `scalar::Text`, `api::NoteId`.
    pub(super) fn codec(self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::String | Scalar::Text => quote!(scalar::Text),
            Scalar::Word => quote!(scalar::Word),
            Scalar::Secret => quote!(scalar::Hidden),
            Scalar::Integer => quote!(scalar::Integer),
            Scalar::Bool => quote!(scalar::Bool),
            Scalar::Flag => quote!(scalar::Flag),
            Scalar::Utc => quote!(scalar::Utc),
            Scalar::Local => quote!(scalar::Local),
            Scalar::Timestamp => quote!(scalar::Timestamp),
            Scalar::Words(of) => {
                let of = self.codec(of);
                quote!(scalar::Words<#of>)
            }
            Scalar::Phrases => quote!(scalar::Phrases),
            Scalar::Id(of) => self.data_name(&self.api.ids[of.0].name),
            Scalar::Enum(of) => self.data_name(&self.api.enums[of.0].name),
        }
    }

    /// A data type, id or enum, as generated code names it.
    fn data_name(self, name: &str) -> TokenStream {
        let name = ident(name);
        quote!(api::#name)
    }

    /// The type of an argument for a field, and the expression that turns it into the field's value without `Option`.
    ///
    /// `title: impl Into<String>` and `title.into()`.
    pub(super) fn argument(self, field: &Field) -> (TokenStream, TokenStream) {
        let name = ident(&field.name);
        let value = self.value_type(&field.kind);
        if field.presence.is_many() {
            return self.collection(&name, &value, converts(&field.kind));
        }
        match &field.kind {
            ValueKind::Scalar(Scalar::Words(of)) => {
                let word = self.scalar_type(of);
                self.collection(&name, &word, scalar_converts(of))
            }
            ValueKind::Scalar(Scalar::Phrases) => self.collection(&name, &quote!(String), true),
            kind if converts(kind) => (quote!(#name: impl Into<#value>), quote!(#name.into())),
            _ => (quote!(#name: #value), quote!(#name)),
        }
    }

    fn collection(self, name: &proc_macro2::Ident, of: &TokenStream, converts: bool) -> (TokenStream, TokenStream) {
        if converts {
            let item = quote!(impl Into<#of>);
            (quote!(#name: impl IntoIterator<Item = #item>), quote!(#name.into_iter().map(Into::into).collect()))
        } else {
            (quote!(#name: impl IntoIterator<Item = #of>), quote!(#name.into_iter().collect()))
        }
    }
}

/// Whether an argument of this kind is taken as `impl Into<…>`.
pub(super) fn converts(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Data(_) => true,
        ValueKind::Scalar(scalar) => scalar_converts(scalar),
    }
}

fn scalar_converts(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Enum(_))
}
