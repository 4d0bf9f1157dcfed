//! The methods that users call: a handle for each section, once async and once blocking.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::endpoint::is_argument;
use super::{Emit, camel, docs, ident, own};
use crate::model::{Endpoint, Field, Retry, Section};

/// Which of the two clients a handle belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Async,
    Blocking,
}

impl Emit<'_> {
    /// ```text
    /// #[cfg(feature = "async")]
    /// pub struct Notes<'c> { client: &'c crate::Client, page_id: api::PageId }
    /// impl crate::Client { pub fn notes(&self, page_id: api::PageId) -> Notes<'_> { … } }
    /// impl Notes<'_> { pub async fn create(&self, …) -> Result<…> { … } }
    /// ```
    pub(super) fn async_handle(self, section: &Section) -> TokenStream {
        self.handle(section, Side::Async, &quote!(crate::Client), &quote!(#[cfg(feature = "async")]))
    }

    /// The same in a module of its own, without `async`.
    pub(super) fn blocking_handle(self, section: &Section) -> TokenStream {
        let items = self.handle(section, Side::Blocking, &quote!(crate::blocking::Client), &TokenStream::new());
        let imports = super::imports(&items);
        quote! {
            /// The same for a client that blocks.
            #[cfg(feature = "blocking")]
            pub mod blocking {
                use super::*;
                #imports
                #items
            }
        }
    }

    fn handle(self, section: &Section, side: Side, client: &TokenStream, cfg: &TokenStream) -> TokenStream {
        let (name, accessor) = (camel(&section.name), ident(&section.name));
        let doc = docs::outer(&section.doc);
        let origin = docs::lines(["", format!("Made by the client's `{}`.", section.name).as_str()]);
        let own_client = own("client", &section.handle);
        let fields = section.handle.iter().map(|field| self.handle_field(field)).collect::<Vec<_>>();
        let names = section.handle.iter().map(|field| ident(&field.name)).collect::<Vec<_>>();
        let methods = section.endpoints.iter().map(|endpoint| self.methods(section, endpoint, side));
        quote! {
            #doc
            #origin
            #cfg
            #[derive(Debug, Clone, Copy)]
            pub struct #name<'c> {
                #own_client: &'c #client,
                #(#fields,)*
            }
            #cfg
            impl #client {
                #doc
                pub fn #accessor(&self, #(#fields),*) -> #name<'_> {
                    #name { #own_client: self, #(#names),* }
                }
            }
            #cfg
            impl #name<'_> {
                #(#methods)*
            }
        }
    }

    /// `page_id: api::PageId`
    fn handle_field(self, field: &Field) -> TokenStream {
        let (name, kind) = (ident(&field.name), self.value_type(&field.kind));
        quote!(#name: #kind)
    }

    /// The methods of an endpoint.
    fn methods(self, section: &Section, endpoint: &Endpoint, side: Side) -> TokenStream {
        let (plain, with) = methods_of(endpoint);
        let plain = plain.then(|| self.method(section, endpoint, side, false));
        let with = with.then(|| self.method(section, endpoint, side, true));
        quote!(#plain #with)
    }

    fn method(self, section: &Section, endpoint: &Endpoint, side: Side, with: bool) -> TokenStream {
        let docs = self.method_docs(section, endpoint, side, with);
        let deprecated = self.deprecated(endpoint);
        let name = method_name(endpoint, with);
        let request = camel(&endpoint.name);
        let held = |index: usize| endpoint.handle_fields.iter().any(|(_, field)| *field == index);
        let given = endpoint.fields.iter().enumerate().filter(|(_, field)| is_argument(field));
        let mut arguments = Vec::new();
        let mut values = Vec::new();
        for (index, field) in given {
            let local = ident(&field.name);
            if held(index) {
                values.push(quote!(self.#local));
            } else {
                arguments.push(self.argument(field).0);
                values.push(quote!(#local));
            }
        }
        let mut call = quote!(#request::new(#(#values),*));
        let (client, options) = (own("client", &section.handle), own("options", &endpoint.fields));
        if with {
            arguments.push(quote!(#options: impl FnOnce(#request) -> #request));
            call = quote!(#options(#call));
        }
        let response = endpoint.response.value.as_ref().map_or(quote!(()), |value| self.field_type(value));
        let (asynchronous, wait) = match side {
            Side::Async => (Some(quote!(async)), Some(quote!(.await))),
            Side::Blocking => (None, None),
        };
        quote! {
            #docs
            #deprecated
            pub #asynchronous fn #name(&self, #(#arguments),*) -> Result<#response, crate::Error> {
                self.#client.call(&#call)#wait
            }
        }
    }

    fn method_docs(self, section: &Section, endpoint: &Endpoint, side: Side, with: bool) -> TokenStream {
        let mut lines = vec![docs::escape(&endpoint.doc), String::new()];
        let retry = match endpoint.retry {
            Retry::Read => "changes nothing",
            Retry::Idempotent | Retry::Delete => "twice is the same as once",
            Retry::Unsafe => "twice is not the same as once",
        };
        let style = &self.api.styles[endpoint.style.0].name;
        lines.push(format!("{}; style `{style}`; {retry}.", self.http_line(endpoint)));
        if with {
            let (request, options) = (crate::names::camel(&endpoint.name), own("options", &endpoint.fields));
            lines.extend([
                String::new(),
                format!("`{options}` sets what may be left out: the setters of [`{request}`]."),
            ]);
        }
        let fails: Vec<String> =
            endpoint.fails.iter().map(|fails| format!("- {}: {}", fails.status, docs::escape(&fails.doc))).collect();
        if !fails.is_empty() {
            lines.extend([String::new(), "# Errors".to_owned(), String::new()]);
            lines.extend(fails);
        }
        if let Some(example) = self.example_for(endpoint, with) {
            lines.extend([String::new(), "# Example".to_owned(), String::new()]);
            lines.extend(self.example_code(section, endpoint, example, side, with));
            lines.extend([String::new(), "On the wire:".to_owned(), String::new()]);
            lines.extend(docs::fenced("text", &self.example_wire(endpoint, example)));
        }
        docs::lines(lines.iter().map(String::as_str))
    }
}

/// Whether an endpoint has a method without options, and one with. The first is left out if a request without any
/// option would say nothing.
fn methods_of(endpoint: &Endpoint) -> (bool, bool) {
    let options = endpoint.fields.iter().any(|field| !is_argument(field));
    let says_something =
        endpoint.request.is_none() || endpoint.fields.iter().skip(endpoint.path_fields).any(is_argument);
    (!options || says_something, options)
}

/// The method's name: `list`, or `list_with`. Where there is no plain method, the one with options has its name.
pub(super) fn method_name(endpoint: &Endpoint, with: bool) -> proc_macro2::Ident {
    let (plain, _) = methods_of(endpoint);
    if with && plain { format_ident!("{}_with", endpoint.name) } else { ident(&endpoint.name) }
}
