//! Emits the styles: position of the token, envelopes, and the shape of failures.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::idents::constant_ident;
use super::imports::emit_imports;
use super::service::emit_option;
use super::write::FieldAccess;
use crate::model::{
    Endpoint, EnvelopePart, FailureEnvelope, Presence, Style, TokenHeader, TokenSegment, find_token_element,
};
use crate::names::normalize_name;

impl Emitter<'_> {
    /// Emits the module of the styles:
    ///
    /// ```text
    /// pub mod styles {
    ///     pub static WS: service::Style = service::Style { … };
    ///     pub(crate) mod errors { … }
    /// }
    /// ```
    pub(super) fn emit_styles(self) -> TokenStream {
        let styles: TokenStream = self.api.styles.iter().map(|style| self.emit_style(style)).collect();
        let errors = self.emit_style_errors();
        let imports = emit_imports(&styles);
        quote! {
            /// Styles: position of the token and envelope of the payload, shared by many operations.
            pub mod styles {
                #imports
                #styles
                #errors
            }
        }
    }

    /// Emits a constant with the documented errors of a style, if it has operations that document no further errors:
    /// `pub(crate) const WS: &[(u16, &str)] = &[(404, "…")];`.
    fn emit_style_errors(self) -> Option<TokenStream> {
        let endpoints = || self.api.sections.iter().flat_map(|section| &section.endpoints);
        let constants = self.api.styles.iter().enumerate().filter(|(index, style)| {
            endpoints().any(|endpoint| endpoint.style.0 == *index && has_style_errors(endpoint, style))
        });
        let constants = constants.map(|(_, style)| {
            let constant = constant_ident(&style.name);
            let errors = style.errors.iter().map(|error| {
                let (status, doc) = (Literal::u16_unsuffixed(error.status), &error.doc);
                quote!((#status, #doc))
            });
            quote!(pub(crate) const #constant: &[(u16, &str)] = &[#(#errors),*];)
        });
        let constants: TokenStream = constants.collect();
        (!constants.is_empty()).then(|| {
            quote! {
                /// Documented errors that all operations of a style share.
                pub(crate) mod errors {
                    #constants
                }
            }
        })
    }

    /// Emits a style:
    ///
    /// ```text
    /// pub static WS: service::Style = service::Style { name: "ws", … };
    /// ```
    fn emit_style(self, style: &Style) -> TokenStream {
        let doc = docs::emit_outer_doc(&style.doc);
        let (constant, name) = (constant_ident(&style.name), &style.name);
        let prefix = style.prefix.iter().map(|segment| match segment {
            TokenSegment::Literal(text) => quote!(Some(#text)),
            TokenSegment::Token => quote!(None),
        });
        let header = emit_option(style.header.as_ref().map(emit_header));
        let query = emit_option(style.query.as_ref().map(|name| quote!(#name)));
        let request = emit_option(style.request.as_deref().map(emit_request_envelope));
        let response = emit_option(style.response.as_deref().map(emit_response_envelope));
        let bearer = emit_option(self.api.bearer.as_ref().filter(|_| style.has_token).map(emit_header));
        let sign_in_path = emit_option(self.api.sign_in_path.as_ref().map(|path| quote!(#path)));
        let failure = emit_option(style.failure.as_ref().map(|failure| self.emit_failure_envelope(failure)));
        quote! {
            #doc
            pub static #constant: service::Style = service::Style {
                name: #name,
                prefix: &[#(#prefix),*],
                header: #header,
                query: #query,
                request: #request,
                response: #response,
                bearer: #bearer,
                failure: #failure,
                sign_in_path: #sign_in_path,
            };
        }
    }

    /// Emits the functions that read and write the error document of a style:
    /// `service::FailureEnvelope { read: |xml| { … }, write: |failure, xml| { … } }`.
    fn emit_failure_envelope(self, failure: &FailureEnvelope) -> TokenStream {
        let read = self.emit_read_failure(&failure.fields, &failure.shape);
        let access = |field: usize| {
            let field = &failure.fields[field];
            match (field.name.as_str(), field.presence) {
                ("code", Presence::Required) => FieldAccess::new(quote!(failure.code_or_zero())),
                ("code", _) => FieldAccess::new(quote!(failure.code)),
                (_, Presence::Required) => FieldAccess::new(quote!(failure.join_messages())),
                (_, _) => FieldAccess::new(quote!(failure.messages)),
            }
        };
        let write = self.emit_write_elements(&failure.fields, std::slice::from_ref(&failure.shape), &access, true);
        quote!(service::FailureEnvelope { read: |xml| { #read }, write: |failure, xml| { #write } })
    }
}

/// `true` if the documented errors of an endpoint are exactly those of its style, and the style has any.
pub(super) fn has_style_errors(endpoint: &Endpoint, style: &Style) -> bool {
    !style.errors.is_empty() && endpoint.errors == style.errors
}

/// Emits the header that carries a token. Its name is in lower case, as the crate `http` requires.
fn emit_header(TokenHeader { name, before, after }: &TokenHeader) -> TokenStream {
    let name = name.to_ascii_lowercase();
    quote!(service::TokenHeader { name: #name, before: #before, after: #after })
}

/// Emits an envelope of requests. `path` leads to the payload and `token` to the token; both have normalized names,
/// because servers find values by name:
///
/// ```text
/// service::RequestEnvelope { parts: &[…], path: &["request"], token: &["request", "token"] }
/// ```
fn emit_request_envelope(parts: &[EnvelopePart]) -> TokenStream {
    let path = find_path(parts, is_payload).into_iter().map(normalize_name);
    let is_token = |part: &EnvelopePart| matches!(part, EnvelopePart::Token(_));
    // The path of the token includes its own element. It is empty if the body does not carry the token.
    let token_path = find_token_element(parts).map(|name| find_path(parts, is_token).into_iter().chain([name]));
    let token_path = token_path.into_iter().flatten().map(normalize_name);
    let parts = parts.iter().map(|part| match part {
        EnvelopePart::Token(name) => quote!(service::EnvelopePart::Token(#name)),
        EnvelopePart::Payload => quote!(service::EnvelopePart::Payload),
        part => {
            let text = part.format("");
            quote!(service::EnvelopePart::Xml(#text))
        }
    });
    quote!(service::RequestEnvelope { parts: &[#(#parts),*], path: &[#(#path),*], token: &[#(#token_path),*] })
}

/// Emits an envelope of responses. `path` leads to the payload, and `success_attributes` are the attributes of the
/// root:
///
/// ```text
/// service::ResponseEnvelope {
///     before: "<response success=\"true\">",
///     after: "</response>",
///     path: &["response"],
///     success_attributes: &[("success", "true")],
/// }
/// ```
fn emit_response_envelope(parts: &[EnvelopePart]) -> TokenStream {
    let mut halves = parts.splitn(2, is_payload);
    let (head, tail) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let before: String = head.iter().map(|part| part.format("")).collect();
    let after: String = tail.iter().map(|part| part.format("")).collect();
    let path = find_path(parts, is_payload);
    let attributes = match head.first() {
        Some(EnvelopePart::Open(_, attributes)) => attributes.as_slice(),
        _ => &[],
    };
    let success_attributes = attributes.iter().map(|(name, value)| quote!((#name, #value)));
    quote! {
        service::ResponseEnvelope {
            before: #before,
            after: #after,
            path: &[#(#path),*],
            success_attributes: &[#(#success_attributes),*],
        }
    }
}

/// Returns the names of the elements around a part of an envelope, from the root inwards.
fn find_path(parts: &[EnvelopePart], is_target: impl Fn(&EnvelopePart) -> bool) -> Vec<&str> {
    let mut path = Vec::new();
    for part in parts.iter().take_while(|part| !is_target(part)) {
        match part {
            EnvelopePart::Open(name, _) => path.push(name.as_str()),
            EnvelopePart::Close(_) => drop(path.pop()),
            _ => {}
        }
    }
    path
}

/// `true` for the payload.
fn is_payload(part: &EnvelopePart) -> bool {
    *part == EnvelopePart::Payload
}
