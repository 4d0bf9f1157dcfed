//! The model to Rust tokens. Cannot fail, and knows no name of any service: a special case is a word of the schema
//! language, or it does not exist.
//!
//! - [`rust`]: how a kind of value looks in Rust: its type, its argument, its codec.
//! - [`docs`]: documentation from the schema, made harmless.
//! - [`example`]: an example of the schema, as Rust and as it is on the wire.
//! - [`data`]: ids, enums and data types.
//! - [`read`], [`write`](mod@write), [`tree`]: a shape as code that reads an answer, writes, and reads a request.
//! - [`endpoint`]: an operation: its struct and both directions.
//! - [`handle`]: the methods that users call, async and blocking.
//! - [`service`]: the module that holds the sections: styles, rates, the service.
//! - [`routes`]: any incoming request to its operation.

mod data;
mod docs;
mod endpoint;
mod example;
mod handle;
mod read;
mod routes;
mod rust;
mod service;
mod tree;
mod write;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::model::{Api, Field, Section};
use crate::names;

/// A file on its way: its name, the schema file it comes from, and what is in it.
pub(crate) struct Draft {
    /// Name within the output folder.
    pub(crate) name: String,
    /// The schema file, or files.
    pub(crate) from: String,
    /// Its items.
    pub(crate) tokens: TokenStream,
}

/// What emitters look at.
#[derive(Clone, Copy)]
struct Emit<'a> {
    api: &'a Api,
    /// Name of the crate that the code is for, as its users write it: for examples in docs.
    crate_name: &'a str,
}

/// All files, sorted by name.
pub(crate) fn files(api: &Api, crate_name: &str) -> Vec<Draft> {
    let emit = Emit { api, crate_name };
    let sections = api.sections.iter().map(|section| Draft {
        name: format!("{}.rs", section.name),
        from: section.path.clone(),
        tokens: emit.section(section),
    });
    let folder = api.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let all = format!("{folder}/*.xml");
    let whole = [
        Draft { name: "mod.rs".into(), from: api.path.clone(), tokens: emit.service() },
        Draft { name: "routes.rs".into(), from: all.trim_start_matches('/').into(), tokens: emit.routes() },
    ];
    let mut files: Vec<Draft> = sections.chain(whole).collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

impl Emit<'_> {
    /// A section's module: the handles with their methods, if it has endpoints; its data, in a module of their own,
    /// since an operation and a type may have the same name; its operations.
    fn section(self, section: &Section) -> TokenStream {
        let docs = docs::inner(&section.doc);
        let endpoints = section.endpoints.iter().map(|endpoint| self.endpoint(section, endpoint));
        let endpoints: TokenStream = endpoints.collect();
        let handle = (!section.endpoints.is_empty()).then(|| self.async_handle(section));
        let blocking = handle.is_some().then(|| self.blocking_handle(section));
        let data = self.data(section);
        let imports = imports(&quote!(#endpoints #handle));
        quote! {
            #docs
            #imports
            #handle
            #blocking
            #data
            #endpoints
        }
    }

    /// The module of a section's data, if it has any.
    fn data(self, section: &Section) -> TokenStream {
        let ids = section.ids.iter().map(|id| self.id(&self.api.ids[id.0]));
        let enums = section.enums.iter().map(|of| self.open_enum(&self.api.enums[of.0]));
        let types = section.types.iter().map(|of| self.data_type(&self.api.types[of.0]));
        let items: TokenStream = ids.chain(enums).chain(types).collect();
        if items.is_empty() {
            return items;
        }
        let imports = imports(&items);
        quote! {
            pub(super) mod data {
                #imports
                #items
            }
        }
    }
}

/// Modules that generated code may name; each file imports those it does name.
const MODULES: &[&str] = &["answer", "http", "incoming", "params", "query", "read", "scalar", "service", "write", "xml"];

/// `use` items for the modules that tokens name.
fn imports(tokens: &TokenStream) -> TokenStream {
    let mut used = Vec::new();
    find_modules(tokens.clone(), &mut used);
    let api = used.iter().any(|name| name == "api").then(|| {
        quote!(
            use crate::api;
        )
    });
    let modules =
        MODULES.iter().filter(|module| used.iter().any(|name| name == *module)).map(|name| format_ident!("{name}"));
    let modules: Vec<_> = modules.collect();
    let runtime = (!modules.is_empty()).then(|| quote!(use crate::runtime::support::{#(#modules),*};));
    quote!(#api #runtime)
}

/// Collects names that begin a path: followed by `::`, and not preceded by it.
fn find_modules(tokens: TokenStream, used: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // The first colon of `::` is joint with the second.
    let is_path = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => find_modules(group.stream(), used),
            TokenTree::Ident(name) if is_path(tokens.get(index + 1)) => {
                let within = index.checked_sub(2).is_some_and(|before| is_path(tokens.get(before)));
                if !within && !used.iter().any(|used| name == used) {
                    used.push(name.to_string());
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// A name of the schema as a Rust identifier.
fn ident(name: &str) -> proc_macro2::Ident {
    format_ident!("{name}")
}

/// A name for something of our own beside these fields. A field may have the name; but none ends in `_`.
fn own(name: &str, fields: &[Field]) -> proc_macro2::Ident {
    if fields.iter().any(|field| field.name == name) { format_ident!("{name}_") } else { ident(name) }
}

/// A name of the schema in camel case.
fn camel(name: &str) -> proc_macro2::Ident {
    format_ident!("{}", names::camel(name))
}

/// `title: title.into()`, or only `title` where that says the same.
fn field_value(name: &proc_macro2::Ident, value: &TokenStream) -> TokenStream {
    if *name == value.to_string() { quote!(#name) } else { quote!(#name: #value) }
}
