//! Rust identifiers for names of the schema.

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
    format_ident!("{}", names::camel(name))
}

/// Returns the identifier of a constant: `ALL` for `all`.
pub(super) fn constant_ident(name: &str) -> Ident {
    ident(&name.to_uppercase())
}

/// Returns an identifier for an item of the generator beside these fields. If a field has the name, `_` is appended; no
/// field ends in `_`.
pub(super) fn unused_ident(name: &str, fields: &[Field]) -> Ident {
    if fields.iter().any(|field| field.name == name) { format_ident!("{name}_") } else { ident(name) }
}

/// Emits a field of a struct literal: `title: title.into()`, or `title` if the value is the variable of that name.
pub(super) fn field_init(name: &Ident, value: &TokenStream) -> TokenStream {
    if *name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
}
