//! Emits the id whose type depends on the kind: an enum with a variant for each kind, and the method that returns it.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::idents::ident;
use crate::model::{DataType, Scalar, ValueKind};

impl Emitter<'_> {
    /// Emits the target of a type. Emits no code if the type has none.
    ///
    /// ```text
    /// pub enum HitTarget { Note(api::NoteId), …, Other { kind: api::HitKind, id: i64 } }
    /// impl Hit { pub fn target(&self) -> HitTarget { … } }
    /// ```
    pub(super) fn emit_target(self, data_type: &DataType) -> TokenStream {
        let Some(target) = &data_type.target else { return TokenStream::new() };
        let [kind_field, id_field] = [target.kind_field, target.id_field].map(|index| &data_type.fields[index].name);
        let docs = docs::emit_outer_doc(&target.doc);
        let method_doc = format!("Returns `{id_field}` with the id type of its `{kind_field}`.");
        let method_docs = docs::emit_doc_lines([method_doc.as_str()]);
        let (type_name, name) = (ident(&data_type.name), ident(&target.name));
        let [kind_field, id_field] = [kind_field, id_field].map(|name| ident(name));
        let kind = self.value_type(&ValueKind::Scalar(Scalar::Enum(target.kind)));
        let values = self.api.enums[target.kind.0].values.iter();
        let kinds =
            values.filter_map(|value| Some((value, self.value_type(&ValueKind::Scalar(Scalar::Id(value.id?))))));
        let (variants, arms): (Vec<_>, Vec<_>) = kinds
            .map(|(value, id)| {
                let (docs, variant) = (docs::emit_outer_doc(&value.doc), ident(&value.name));
                let arm = quote!((#kind::#variant, Ok(id)) => #name::#variant(#id(id)),);
                (quote!(#docs #variant(#id),), arm)
            })
            .unzip();
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                /// A kind without an id type, a kind that this version does not know, or a negative number.
                Other {
                    /// The kind.
                    kind: #kind,
                    /// The number.
                    id: i64,
                },
            }
            impl #type_name {
                #method_docs
                pub fn target(&self) -> #name {
                    match (&self.#kind_field, u64::try_from(self.#id_field)) {
                        #(#arms)*
                        _ => #name::Other { kind: self.#kind_field.clone(), id: self.#id_field },
                    }
                }
            }
        }
    }
}
