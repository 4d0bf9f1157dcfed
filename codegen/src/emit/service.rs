//! Emits the parent module of the sections, with the service and its rate limits.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::idents::{camel_ident, constant_ident, ident};
use super::imports::emit_imports;
use crate::model::{Issuer, RateLimit};

impl Emitter<'_> {
    /// Emits the parent module of the sections:
    ///
    /// ```text
    /// pub mod notes;
    /// pub mod catalog;
    /// pub mod routes;
    /// pub use self::notes::data::{NewNote, Note, NoteId};
    /// pub static SERVICE: crate::runtime::support::service::Service = …;
    /// pub mod limits { … }
    /// pub mod styles { … }
    /// ```
    pub(super) fn emit_service(self) -> TokenStream {
        let doc = docs::emit_inner_doc(&self.api.doc);
        let modules = self.api.sections.iter().map(|section| ident(&section.name));
        let exports = self.api.sections.iter().filter_map(|section| {
            let module = ident(&section.name);
            let ids = section.ids.iter().map(|id| &self.api.ids[id.0].name);
            let enums = section.enums.iter().map(|open_enum| &self.api.enums[open_enum.0].name);
            let types = section.types.iter().map(|data_type| &self.api.types[data_type.0].name);
            let targets = section.types.iter().filter_map(|data_type| self.api.types[data_type.0].target.as_ref());
            let targets = targets.map(|target| &target.name);
            let mut names: Vec<_> = ids.chain(enums).chain(types).chain(targets).collect();
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
            pub mod catalog;
            pub mod routes;
            #(#exports)*
            #service
            #limits
            #styles
        }
    }

    /// Emits the static that describes the service. The paths to the runtime are absolute, because a section may have
    /// the name of one of the runtime's modules.
    fn emit_service_static(self) -> TokenStream {
        let (name, host) = (&self.api.name, &self.api.host);
        let requires_contact = self.api.requires_user_agent_contact;
        let issuer = emit_option(self.api.issuer.as_ref().map(emit_issuer));
        let styles = self.api.styles.iter().map(|style| constant_ident(&style.name));
        let operations = self.api.sections.iter().flat_map(|section| {
            let module = ident(&section.name);
            section.endpoints.iter().map(move |endpoint| {
                let operation = camel_ident(&endpoint.name);
                quote!(<#module::#operation as crate::runtime::support::Endpoint>::OPERATION)
            })
        });
        quote! {
            /// The service: its address, its styles and its operations.
            pub static SERVICE: crate::runtime::support::service::Service = crate::runtime::support::service::Service {
                name: #name,
                base_url_template: ::std::borrow::Cow::Borrowed(#host),
                requires_user_agent_contact: #requires_contact,
                issuer: #issuer,
                styles: &[#(&styles::#styles),*],
                operations: &[#(#operations),*],
            };
        }
    }

    /// Emits the rate limits:
    ///
    /// ```text
    /// pub mod limits {
    ///     pub const ALL: service::RateLimit = service::RateLimit { name: "all", requests: 100, seconds: 5 };
    /// }
    /// ```
    fn emit_limits(self) -> TokenStream {
        let limits = self.api.rate_limits.iter().map(|RateLimit { name, requests, seconds }| {
            let constant = constant_ident(name);
            let doc = format!("At most {requests} requests in any {seconds} seconds.");
            let doc = docs::emit_doc_lines([doc.as_str()]);
            let (requests, seconds) = (Literal::u32_unsuffixed(*requests), Literal::u32_unsuffixed(*seconds));
            quote! {
                #doc
                pub const #constant: service::RateLimit =
                    service::RateLimit { name: #name, requests: #requests, seconds: #seconds };
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

/// Emits the authorization server that issues bearer tokens.
fn emit_issuer(Issuer { authorize, token, accounts }: &Issuer) -> TokenStream {
    let emit_url = |url: &String| quote!(::std::borrow::Cow::Borrowed(#url));
    let accounts = emit_option(accounts.as_ref().map(emit_url));
    let [authorize, token] = [authorize, token].map(emit_url);
    quote!(crate::runtime::support::service::Issuer { authorize: #authorize, token: #token, accounts: #accounts })
}
