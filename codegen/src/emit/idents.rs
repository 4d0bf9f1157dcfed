//! Converts names of the schema to Rust identifiers.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::model::Field;
use crate::names;

/// Returns a name of the schema as an identifier.
pub(super) fn ident(name: &str) -> Ident {
    format_ident!("{name}")
}

/// Returns a name of the schema as an identifier in camel case.
pub(super) fn camel_ident(name: &str) -> Ident {
    format_ident!("{}", names::to_camel(name))
}

/// Returns the identifier of a constant: `ALL` for `all`.
pub(super) fn constant_ident(name: &str) -> Ident {
    ident(&name.to_uppercase())
}

/// Returns an identifier that differs from the names of these fields. If a field has the name, appends `_`; names of
/// fields never end with `_`.
pub(super) fn unused_ident(name: &str, fields: &[Field]) -> Ident {
    if fields.iter().any(|field| field.name == name) { format_ident!("{name}_") } else { ident(name) }
}

/// Emits a field of a struct literal: `title: title.into()`. If the value is the variable `title`, emits `title`.
pub(super) fn field_init(name: &Ident, value: &TokenStream) -> TokenStream {
    if *name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
}
