//! Type, argument and codec of a field.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{Field, Kind, Presence, Scalar};

impl Emitter<'_> {
    /// Returns the type of one value: `String`, `api::NoteId`, `Vec<api::ItemId>`.
    pub(super) fn value_type(self, kind: &Kind) -> TokenStream {
        match kind {
            Kind::Data(of) => self.data_path(&self.api.types[of.0].name),
            Kind::Scalar(scalar) => self.scalar_type(scalar),
        }
    }

    fn scalar_type(self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::String | Scalar::Text | Scalar::Word => quote!(String),
            Scalar::Secret => quote!(runtime::Secret),
            Scalar::Integer => quote!(i64),
            Scalar::Bool | Scalar::Flag => quote!(bool),
            Scalar::Utc | Scalar::Timestamp => quote!(jiff::Timestamp),
            Scalar::Local => quote!(jiff::civil::DateTime),
            Scalar::Words(of) => {
                let word_type = self.scalar_type(of);
                quote!(Vec<#word_type>)
            }
            Scalar::Phrases => quote!(Vec<String>),
            Scalar::Id(of) => self.data_path(&self.api.ids[of.0].name),
            Scalar::Enum(of) => self.data_path(&self.api.enums[of.0].name),
        }
    }

    /// Returns the type of a field, with `Option` or `Vec` around it.
    pub(super) fn field_type(self, field: &Field) -> TokenStream {
        let value = self.value_type(&field.kind);
        match field.presence {
            Presence::Required => value,
            Presence::Optional | Presence::Nil => quote!(Option<#value>),
            Presence::Many | Presence::ManyOrAbsent => quote!(Vec<#value>),
        }
    }

    /// Returns the type that reads and writes a scalar: `scalar::Text`, `api::NoteId`.
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
                let word_codec = self.codec(of);
                quote!(scalar::Words<#word_codec>)
            }
            Scalar::Phrases => quote!(scalar::Phrases),
            Scalar::Id(of) => self.data_path(&self.api.ids[of.0].name),
            Scalar::Enum(of) => self.data_path(&self.api.enums[of.0].name),
        }
    }

    /// Returns the codec of a field that is a scalar. The checker admits no data where this is called.
    pub(super) fn field_codec(self, field: &Field) -> TokenStream {
        match &field.kind {
            Kind::Scalar(scalar) => self.codec(scalar),
            Kind::Data(_) => TokenStream::new(),
        }
    }

    /// Returns the path of a data type, id or enum: `api::Note`.
    fn data_path(self, name: &str) -> TokenStream {
        let name = ident(name);
        quote!(api::#name)
    }

    /// Returns the argument for a field, and the expression that converts it to the field's value without `Option`:
    /// `title: impl Into<String>` and `title.into()`.
    pub(super) fn argument(self, field: &Field) -> (TokenStream, TokenStream) {
        let name = ident(&field.name);
        let value = self.value_type(&field.kind);
        if field.presence.is_many() {
            return collection_argument(&name, &value, takes_into(&field.kind));
        }
        match &field.kind {
            Kind::Scalar(Scalar::Words(of)) => {
                let word = self.scalar_type(of);
                collection_argument(&name, &word, scalar_takes_into(of))
            }
            Kind::Scalar(Scalar::Phrases) => collection_argument(&name, &quote!(String), true),
            kind if takes_into(kind) => (quote!(#name: impl Into<#value>), quote!(#name.into())),
            _ => (quote!(#name: #value), quote!(#name)),
        }
    }
}

/// Returns the argument for a field that repeats: `tags: impl IntoIterator<Item = impl Into<String>>`.
fn collection_argument(name: &Ident, item: &TokenStream, takes_into: bool) -> (TokenStream, TokenStream) {
    if takes_into {
        let item = quote!(impl Into<#item>);
        (quote!(#name: impl IntoIterator<Item = #item>), quote!(#name.into_iter().map(Into::into).collect()))
    } else {
        (quote!(#name: impl IntoIterator<Item = #item>), quote!(#name.into_iter().collect()))
    }
}

/// `true` if an argument of this kind is `impl Into<…>`.
pub(super) fn takes_into(kind: &Kind) -> bool {
    match kind {
        Kind::Data(_) => true,
        Kind::Scalar(scalar) => scalar_takes_into(scalar),
    }
}

fn scalar_takes_into(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Enum(_))
}
