//! The parent module of the sections: the service as a whole, and its rate limits.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::idents::{camel_ident, constant_ident, ident};
use super::imports::emit_imports;
use crate::model::{Issuer, Limit};

impl Emitter<'_> {
    /// ```text
    /// pub mod notes;
    /// pub mod routes;
    /// pub use self::notes::data::{NewNote, Note, NoteId};
    /// pub static SERVICE: crate::runtime::service::Service = …;
    /// pub mod limits { … }
    /// pub mod styles { … }
    /// ```
    pub(super) fn emit_service(self) -> TokenStream {
        let doc = docs::emit_inner_doc(&self.api.doc);
        let modules = self.api.sections.iter().map(|section| ident(&section.name));
        let exports = self.api.sections.iter().filter_map(|section| {
            let module = ident(&section.name);
            let ids = section.ids.iter().map(|of| &self.api.ids[of.0].name);
            let enums = section.enums.iter().map(|of| &self.api.enums[of.0].name);
            let types = section.types.iter().map(|of| &self.api.types[of.0].name);
            let mut names: Vec<_> = ids.chain(enums).chain(types).collect();
            names.sort();
            let names = names.into_iter().map(|name| ident(name)).collect::<Vec<_>>();
            (!names.is_empty()).then(|| quote!(pub use self::#module::data::{#(#names),*};))
        });
        let service = self.emit_service_static();
        let limits = self.emit_limits();
        let styles = self.emit_styles();
        quote! {
            #doc
            #(pub mod #modules;)*
            pub mod routes;
            #(#exports)*
            #service
            #limits
            #styles
        }
    }

    /// Emits the service with full paths to the runtime: a section may have the name of one of its modules.
    fn emit_service_static(self) -> TokenStream {
        let (name, host) = (&self.api.name, &self.api.host);
        let issuer = emit_option(self.api.issuer.as_ref().map(emit_issuer));
        let styles = self.api.styles.iter().map(|style| constant_ident(&style.name));
        let operations = self.api.sections.iter().flat_map(|section| {
            let module = ident(&section.name);
            section.endpoints.iter().map(move |endpoint| {
                let operation = camel_ident(&endpoint.name);
                quote!(<#module::#operation as crate::runtime::Endpoint>::OPERATION)
            })
        });
        quote! {
            /// The service: its address, its styles and its operations.
            pub static SERVICE: crate::runtime::service::Service = crate::runtime::service::Service {
                name: #name,
                host: #host,
                issuer: #issuer,
                styles: &[#(&styles::#styles),*],
                operations: &[#(#operations),*],
            };
        }
    }

    /// ```text
    /// pub mod limits { pub const ALL: service::Limit = service::Limit { name: "all", requests: 100, seconds: 5 }; }
    /// ```
    fn emit_limits(self) -> TokenStream {
        let limits = self.api.limits.iter().map(|Limit { name, requests, seconds }| {
            let constant = constant_ident(name);
            let doc = format!("At most {requests} requests in any {seconds} seconds.");
            let doc = docs::emit_doc_lines([doc.as_str()]);
            let (requests, seconds) = (Literal::u32_unsuffixed(*requests), Literal::u32_unsuffixed(*seconds));
            quote! {
                #doc
                pub const #constant: service::Limit =
                    service::Limit { name: #name, requests: #requests, seconds: #seconds };
            }
        });
        let limits: TokenStream = limits.collect();
        let imports = emit_imports(&limits);
        quote! {
            /// Rate limits.
            pub mod limits {
                #imports
                #limits
            }
        }
    }
}

/// Emits `Some(value)` or `None`.
pub(super) fn emit_option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(None), |value| quote!(Some(#value)))
}

fn emit_issuer(Issuer { authorize, token, accounts }: &Issuer) -> TokenStream {
    let accounts = emit_option(accounts.as_ref().map(|accounts| quote!(#accounts)));
    quote!(crate::runtime::service::Issuer { authorize: #authorize, token: #token, accounts: #accounts })
}
