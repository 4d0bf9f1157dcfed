//! Emits `use` items for the modules that generated code refers to.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;

use super::idents::ident;

/// Modules that generated code refers to at the start of a path, with the path of their parent. Each generated module
/// imports those that it uses.
const MODULES: &[(&str, &[&str])] = &[
    ("crate", &["api"]),
    ("crate::runtime", &["support"]),
    (
        "crate::runtime::support",
        &[
            "bytes", "catalog", "http", "incoming", "jiff", "params", "path_template", "query", "read", "respond",
            "response", "routing", "rust_decimal", "scalar", "service", "write", "xml",
        ],
    ),
];

/// Emits `use` items for the modules that the tokens refer to: `use crate::runtime::support::{read, xml};`.
pub(super) fn emit_imports(tokens: &TokenStream) -> TokenStream {
    let mut path_starts = Vec::new();
    collect_path_starts(tokens.clone(), &mut path_starts);
    let imports = MODULES.iter().map(|(path, modules)| {
        let path: TokenStream = path.parse().unwrap_or_default();
        let used: Vec<_> = modules.iter().filter(|module| path_starts.iter().any(|name| name == *module)).collect();
        let used = used.into_iter().map(|module| ident(module)).collect::<Vec<_>>();
        match used.as_slice() {
            [] => TokenStream::new(),
            [module] => quote!(use #path::#module;),
            modules => quote!(use #path::{#(#modules),*};),
        }
    });
    imports.collect()
}

/// Collects identifiers that start a path: followed by `::`, and not preceded by it. Adds each name once.
fn collect_path_starts(tokens: TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // The first colon of `::` is joint with the second.
    let is_colons = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Punct(punct)) => punct.as_char() == ':' && punct.spacing() == Spacing::Joint,
        _ => false,
    };
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => collect_path_starts(group.stream(), names),
            TokenTree::Ident(name) if is_colons(tokens.get(index + 1)) => {
                // The identifier continues a path if the two tokens before it are colons.
                let is_start = !index.checked_sub(2).is_some_and(|before| is_colons(tokens.get(before)));
                if is_start && !names.iter().any(|known| name == known) {
                    names.push(name.to_string());
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
