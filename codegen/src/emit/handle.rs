//! The methods that users call: a handle for each section, once async and once blocking.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::endpoint::is_argument;
use super::{Emit, camel, docs, ident, own};
use crate::model::{Endpoint, Field, RetryClass, Section};

/// Which of the two clients a handle belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Async,
    Blocking,
}

/// Which of an endpoint's methods.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Whether it answers all pages, not one.
    pub(super) all: bool,
    /// Whether it takes options.
    pub(super) with: bool,
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
        let one = [(plain, false), (with, true)].map(|(there, with)| (there, Form { all: false, with }));
        let all = one.map(|(there, form)| (there && endpoint.pagination.is_some(), Form { all: true, ..form }));
        let forms = one.into_iter().chain(all).filter(|(there, _)| *there);
        forms.map(|(_, form)| self.method(section, endpoint, side, form)).collect()
    }

    /// ```text
    /// pub async fn list(&self, …) -> Result<Vec<api::Note>, crate::Error> { self.client.call(&List::new(…)).await }
    /// pub fn list_all(&self, …) -> crate::runtime::pages::AsyncEntries<List> { self.client.call_for_all(List::new(…)) }
    /// ```
    fn method(self, section: &Section, endpoint: &Endpoint, side: Side, form: Form) -> TokenStream {
        let docs = self.method_docs(section, endpoint, side, form);
        let deprecated = self.deprecated(endpoint);
        let name = method_name(endpoint, form);
        let request = camel(&endpoint.name);
        let (arguments, value) = self.request(endpoint, form);
        let client = own("client", &section.handle);
        let response = endpoint.response.value.as_ref().map_or(quote!(()), |value| self.field_type(value));
        let one = quote!(Result<#response, crate::Error>);
        let (result, call) = match (form.all, side) {
            (false, Side::Async) => (one, quote!(call(&#value).await)),
            (false, Side::Blocking) => (one, quote!(call(&#value))),
            (true, Side::Async) => {
                (quote!(crate::runtime::pages::AsyncEntries<#request>), quote!(call_for_all(#value)))
            }
            (true, Side::Blocking) => {
                (quote!(crate::runtime::pages::BlockingEntries<#request>), quote!(call_for_all(#value)))
            }
        };
        let asynchronous = (side == Side::Async && !form.all).then(|| quote!(async));
        quote! {
            #docs
            #deprecated
            pub #asynchronous fn #name(&self, #(#arguments),*) -> #result {
                self.#client.#call
            }
        }
    }

    /// A method's arguments, and the operation that it makes of them: `options(List::new(self.page_id))`.
    fn request(self, endpoint: &Endpoint, form: Form) -> (Vec<TokenStream>, TokenStream) {
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
        let made = quote!(#request::new(#(#values),*));
        if !form.with {
            return (arguments, made);
        }
        let options = own("options", &endpoint.fields);
        arguments.push(quote!(#options: impl FnOnce(#request) -> #request));
        (arguments, quote!(#options(#made)))
    }

    fn method_docs(self, section: &Section, endpoint: &Endpoint, side: Side, form: Form) -> TokenStream {
        let retry = match endpoint.retry {
            RetryClass::ReadOnly => "changes nothing",
            RetryClass::Idempotent | RetryClass::Delete => "twice is the same as once",
            RetryClass::NotIdempotent => "twice is not the same as once",
        };
        let style = &self.api.styles[endpoint.style.0].name;
        let what = if form.all { all_pages(endpoint, side) } else { docs::escape(&endpoint.doc) };
        let http = format!("{}; style `{style}`; {retry}.", self.http_line(endpoint));
        let mut lines = vec![what, String::new(), http];
        if form.all {
            let how = "Each page is asked for when its first entry is; how, and where it ends: [`pages`](crate::runtime::pages).";
            lines.extend([String::new(), how.to_owned()]);
        }
        if form.with {
            let (request, options) = (crate::names::camel(&endpoint.name), own("options", &endpoint.fields));
            lines.extend([
                String::new(),
                format!("`{options}` sets what may be left out: the setters of [`{request}`]."),
            ]);
        }
        let fails: Vec<String> =
            endpoint.errors.iter().map(|fails| format!("- {}: {}", fails.status, docs::escape(&fails.doc))).collect();
        if !fails.is_empty() {
            lines.extend([String::new(), "# Errors".to_owned(), String::new()]);
            lines.extend(fails);
        }
        if let Some(example) = self.example_for(endpoint, form.with) {
            lines.extend([String::new(), "# Example".to_owned(), String::new()]);
            lines.extend(self.example_code(section, endpoint, example, side, form));
            if !form.all {
                lines.extend([String::new(), "On the wire:".to_owned(), String::new()]);
                lines.extend(docs::fenced("text", &self.example_wire(endpoint, example)));
            }
        }
        docs::lines(lines.iter().map(String::as_str))
    }
}

fn all_pages(endpoint: &Endpoint, side: Side) -> String {
    let of = match side {
        Side::Async => "A stream of all",
        Side::Blocking => "An iterator over all",
    };
    let name = &endpoint.name;
    format!("{of} that [`{name}`](Self::{name}) answers a page at a time.")
}

/// Whether an endpoint has a method without options, and one with. The first is left out if a request without any
/// option would say nothing.
fn methods_of(endpoint: &Endpoint) -> (bool, bool) {
    let options = endpoint.fields.iter().any(|field| !is_argument(field));
    let says_something =
        endpoint.request.is_none() || endpoint.fields.iter().skip(endpoint.path_fields).any(is_argument);
    (!options || says_something, options)
}

/// The method's name: `list`, `list_with`, `list_all`, or `list_all_with`. Where there is no plain method, the one with
/// options has its name.
pub(super) fn method_name(endpoint: &Endpoint, form: Form) -> proc_macro2::Ident {
    let (plain, _) = methods_of(endpoint);
    let all = if form.all { "_all" } else { "" };
    let with = if form.with && plain { "_with" } else { "" };
    format_ident!("{}{all}{with}", endpoint.name)
}
