//! Emits the handles of a section, one async and one blocking. Their methods are the ones that users call.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs;
use super::emitter::Emitter;
use super::endpoint::is_argument;
use super::idents::{camel_ident, ident, unused_ident};
use crate::model::{Endpoint, Field, Section};

/// The client that a handle belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientKind {
    Async,
    Blocking,
}

/// One of the methods of an endpoint `list`: `list`, `list_with`, `list_all` or `list_all_with`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct MethodVariant {
    /// `true` if the method returns the items of all pages.
    pub(super) lists_all_pages: bool,
    /// `true` if the method takes a closure that sets optional values: `list_with(|list| list.count(20))`.
    pub(super) takes_options: bool,
}

impl Emitter<'_> {
    /// Emits the handle for the async client:
    ///
    /// ```text
    /// #[cfg(feature = "async")]
    /// pub struct Notes<'c> { client: &'c crate::Client, page_id: api::PageId }
    /// impl crate::Client { pub fn notes(&self, page_id: api::PageId) -> Notes<'_> { … } }
    /// impl Notes<'_> { pub async fn create(&self, …) -> Result<…> { … } }
    /// ```
    pub(super) fn emit_async_handle(self, section: &Section) -> TokenStream {
        self.emit_handle(section, ClientKind::Async, &quote!(crate::Client), &quote!(#[cfg(feature = "async")]))
    }

    /// Emits the handle for the blocking client, in a module `blocking`.
    pub(super) fn emit_blocking_module(self, section: &Section) -> TokenStream {
        let client = quote!(crate::blocking::Client);
        let handle = self.emit_handle(section, ClientKind::Blocking, &client, &TokenStream::new());
        quote! {
            /// The same methods for the blocking client.
            #[cfg(feature = "blocking")]
            pub mod blocking {
                use super::*;
                #handle
            }
        }
    }

    /// Emits the struct of a handle, the method of the client that returns it, and its own methods. `cfg` is an
    /// attribute for each of these items, or empty.
    fn emit_handle(
        self,
        section: &Section,
        client_kind: ClientKind,
        client_type: &TokenStream,
        cfg: &TokenStream,
    ) -> TokenStream {
        let (name, accessor) = (camel_ident(&section.name), ident(&section.name));
        let doc = docs::emit_outer_doc(&section.doc);
        let handle_doc =
            format!("{} Returned by the client's `{}`.", docs::escape_markdown(&section.doc), section.name);
        let handle_doc = docs::emit_doc_lines([handle_doc.as_str()]);
        let client = unused_ident("client", &section.handle);
        let names = section.handle.iter().map(|field| ident(&field.name)).collect::<Vec<_>>();
        let fields = section.handle.iter().map(|field| {
            let (name, field_type) = (ident(&field.name), self.value_type(&field.kind));
            quote!(#name: #field_type)
        });
        let fields = fields.collect::<Vec<_>>();
        let methods = section.endpoints.iter().flat_map(|endpoint| {
            let variants = method_variants(endpoint).into_iter();
            variants.map(move |variant| self.emit_method(section, endpoint, client_kind, variant))
        });
        quote! {
            #handle_doc
            #cfg
            #[derive(Debug, Clone, Copy)]
            pub struct #name<'c> {
                #client: &'c #client_type,
                #(#fields,)*
            }
            #cfg
            impl #client_type {
                #doc
                pub fn #accessor(&self, #(#fields),*) -> #name<'_> {
                    #name { #client: self, #(#names),* }
                }
            }
            #cfg
            impl #name<'_> {
                #(#methods)*
            }
        }
    }

    /// Emits a method of a handle:
    ///
    /// ```text
    /// pub async fn list(&self, …) -> Result<Vec<api::Note>, crate::Error> { self.client.call(&List::new(…)).await }
    /// pub fn list_all(&self, …) -> support::pagination::AsyncItems<List> { self.client.paginate(List::new(…)) }
    /// ```
    fn emit_method(
        self,
        section: &Section,
        endpoint: &Endpoint,
        client_kind: ClientKind,
        variant: MethodVariant,
    ) -> TokenStream {
        let docs = self.emit_method_docs(section, endpoint, client_kind, variant);
        let deprecation = self.emit_deprecation(endpoint);
        let name = method_ident(endpoint, variant);
        let operation = camel_ident(&endpoint.name);
        let (arguments, request) = self.emit_request(endpoint, variant);
        let client = unused_ident("client", &section.handle);
        let response = self.response_type(endpoint);
        let result = quote!(Result<#response, crate::Error>);
        let (signature, return_type, call) = match (variant.lists_all_pages, client_kind) {
            (false, ClientKind::Async) => (quote!(async fn), result, quote!(call(&#request).await)),
            (false, ClientKind::Blocking) => (quote!(fn), result, quote!(call(&#request))),
            (true, ClientKind::Async) => {
                (quote!(fn), quote!(support::pagination::AsyncItems<#operation>), quote!(paginate(#request)))
            }
            (true, ClientKind::Blocking) => {
                (quote!(fn), quote!(support::pagination::BlockingItems<#operation>), quote!(paginate(#request)))
            }
        };
        quote! {
            #docs
            #deprecation
            pub #signature #name(&self, #(#arguments),*) -> #return_type {
                self.#client.#call
            }
        }
    }

    /// Emits the arguments of a method, and the expression that creates the operation from them and from the fields of
    /// the handle: `options(List::new(self.page_id))`.
    fn emit_request(self, endpoint: &Endpoint, variant: MethodVariant) -> (Vec<TokenStream>, TokenStream) {
        let operation = camel_ident(&endpoint.name);
        let mut arguments = Vec::new();
        let mut values = Vec::new();
        for (index, field) in endpoint.fields.iter().enumerate().filter(|(_, field)| is_argument(field)) {
            let name = ident(&field.name);
            if is_in_handle(endpoint, index) {
                values.push(quote!(self.#name));
            } else {
                arguments.push(self.emit_argument(field).0);
                values.push(quote!(#name));
            }
        }
        let request = quote!(#operation::new(#(#values),*));
        if !variant.takes_options {
            return (arguments, request);
        }
        let options = options_ident(endpoint);
        arguments.push(quote!(#options: impl FnOnce(#operation) -> #operation));
        (arguments, quote!(#options(#request)))
    }
}

/// `true` if the handle holds the field of this index. Methods then do not take it as an argument.
pub(super) fn is_in_handle(endpoint: &Endpoint, field_index: usize) -> bool {
    endpoint.handle_fields.iter().any(|(_, field)| *field == field_index)
}

/// Returns the name of the argument that sets options: `options`, or `options_` if a field has that name.
pub(super) fn options_ident(endpoint: &Endpoint) -> Ident {
    unused_ident("options", &endpoint.fields)
}

/// Lists the methods of an endpoint: without and with options, each for one page and, if paginated, for all pages.
pub(super) fn method_variants(endpoint: &Endpoint) -> Vec<MethodVariant> {
    let option_flags = [false, true].into_iter().filter(|takes_options| match takes_options {
        false => has_method_without_options(endpoint),
        true => has_options(endpoint),
    });
    let option_flags: Vec<bool> = option_flags.collect();
    let page_flags = if endpoint.pagination.is_some() { &[false, true][..] } else { &[false] };
    let variants = page_flags.iter().flat_map(|&lists_all_pages| {
        option_flags.iter().map(move |&takes_options| MethodVariant { lists_all_pages, takes_options })
    });
    variants.collect()
}

/// `true` if the endpoint has fields that methods do not take as arguments.
fn has_options(endpoint: &Endpoint) -> bool {
    endpoint.fields.iter().any(|field: &Field| !is_argument(field))
}

/// `true` if the endpoint has a method without options. An endpoint has none if its whole payload is optional, because
/// a request without options would have an empty payload.
fn has_method_without_options(endpoint: &Endpoint) -> bool {
    let has_required_payload = endpoint.fields.iter().skip(endpoint.path_fields).any(is_argument);
    !has_options(endpoint) || endpoint.request.is_none() || has_required_payload
}

/// Returns the name of a method. If there is no method without options, the method with options has no suffix `_with`.
pub(super) fn method_ident(endpoint: &Endpoint, variant: MethodVariant) -> Ident {
    let all = if variant.lists_all_pages { "_all" } else { "" };
    let with = if variant.takes_options && has_method_without_options(endpoint) { "_with" } else { "" };
    format_ident!("{}{all}{with}", endpoint.name)
}
