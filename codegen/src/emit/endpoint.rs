//! Emits the struct of an operation and its implementations.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::idents::{camel_ident, ident};
use crate::model::{Endpoint, Field, Presence, Replacement, Section, ValueKind};

impl Emitter<'_> {
    /// Emits an operation:
    ///
    /// ```text
    /// pub struct Create { pub page_id: api::PageId, pub note: api::NewNote }
    /// impl Create { pub fn new(…) -> Self { … } }
    /// impl support::Endpoint for Create { … }
    /// impl support::ServeEndpoint for Create { … }
    /// ```
    pub(super) fn emit_endpoint(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let name = camel_ident(&endpoint.name);
        let doc = format!("{} {}.", docs::escape_markdown(&endpoint.doc), self.format_http_line(endpoint));
        let docs = docs::emit_doc_lines([doc.as_str()]);
        let derive_default = (!endpoint.fields.iter().any(is_argument)).then(|| quote!(, Default));
        let fields = self.emit_struct_fields(&endpoint.fields);
        let methods = self.emit_constructor_and_setters(&endpoint.fields, is_argument);
        let client_side = self.emit_client_side(section, endpoint);
        let pagination = self.emit_pagination(endpoint);
        let server_side = self.emit_server_side(endpoint);
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash #derive_default)]
            #[non_exhaustive]
            pub struct #name {
                #fields
            }
            impl #name {
                #methods
            }
            #client_side
            #pagination
            #server_side
        }
    }

    /// Emits the implementation for pagination, or `None` if the endpoint is not paginated:
    ///
    /// ```text
    /// impl support::pagination::Paginated for List { type Item = api::Note; … }
    /// ```
    fn emit_pagination(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let pages = endpoint.pagination?;
        let value = endpoint.response.value.as_ref()?;
        let ValueKind::Data(data_type) = &value.kind else { return None };
        let name = camel_ident(&endpoint.name);
        let item = self.value_type(&value.kind);
        let first = Literal::u32_unsuffixed(pages.first_page);
        let counts_items = pages.counts_items.then(|| {
            quote!(
                const COUNTS_ITEMS: bool = true;
            )
        });
        let number = ident(&endpoint.fields[pages.page_number].name);
        let key = ident(&self.api.types[data_type.0].fields[pages.item_key].name);
        Some(quote! {
            impl support::pagination::Paginated for #name {
                type Item = #item;
                const FIRST_PAGE: i64 = #first;
                #counts_items
                fn page_number(&mut self) -> &mut Option<i64> {
                    &mut self.#number
                }
                fn key(item: &Self::Item) -> u64 {
                    item.#key.0
                }
            }
        })
    }

    /// Returns the method, the path and the query as Markdown: `` `POST /pages/{page_id}/notes.xml` ``.
    pub(super) fn format_http_line(self, endpoint: &Endpoint) -> String {
        let parameters =
            endpoint.query.iter().map(|(name, hole)| format!("{name}={{{}}}", endpoint.fields[hole.field].name));
        let literals = endpoint.query_literals.iter().map(|(name, value)| format!("{name}={value}"));
        let query = literals.chain(parameters).collect::<Vec<_>>().join("&");
        let question_mark = if query.is_empty() { "" } else { "?" };
        let method = endpoint.method.as_str();
        let prefix = self.path_prefix(endpoint);
        let path = endpoint.format_path();
        format!("`{method} {prefix}{path}{question_mark}{query}`")
    }

    /// Returns the path prefix of the endpoint's style, with `TOKEN` for the token.
    pub(super) fn path_prefix(self, endpoint: &Endpoint) -> String {
        self.api.styles[endpoint.style.0].format_prefix("TOKEN")
    }

    /// Emits the attribute that deprecates the methods of a legacy endpoint, or `None` for other endpoints:
    ///
    /// ```text
    /// #[deprecated(note = "use `items().list` instead")]
    /// ```
    pub(super) fn emit_deprecation(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let legacy: &Replacement = endpoint.legacy.as_ref()?;
        let note = match self.replacement_name(legacy) {
            Some(replacement) => format!("use `{replacement}` instead"),
            None => "legacy, without a replacement".to_owned(),
        };
        Some(quote!(#[deprecated(note = #note)]))
    }
}

/// `true` if methods take the field as an argument. Other fields are set through options.
pub(super) fn is_argument(field: &Field) -> bool {
    matches!(field.presence, Presence::Required | Presence::Many)
}
