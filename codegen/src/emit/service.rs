//! The module that holds the sections: styles, rates, and the service as a whole.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::write::{Access, literal};
use super::{Emit, camel, docs, ident};
use crate::model::{EnvelopePart, Issuer, RateLimit, Style, TokenHeader, TokenSegment};

impl Emit<'_> {
    /// The `mod.rs`.
    pub(super) fn service(self) -> TokenStream {
        let doc = docs::inner(&self.api.doc);
        let modules = self.api.sections.iter().map(|section| {
            let name = ident(&section.name);
            quote!(pub mod #name;)
        });
        let exports = self.api.sections.iter().filter_map(|section| {
            let name = ident(&section.name);
            let ids = section.ids.iter().map(|of| &self.api.ids[of.0].name);
            let enums = section.enums.iter().map(|of| &self.api.enums[of.0].name);
            let types = section.types.iter().map(|of| &self.api.types[of.0].name);
            let mut names: Vec<_> = ids.chain(enums).chain(types).collect();
            names.sort();
            let names = names.into_iter().map(|name| ident(name)).collect::<Vec<_>>();
            (!names.is_empty()).then(|| quote!(pub use self::#name::data::{#(#names),*};))
        });
        let limits = self.limits();
        let styles = self.styles();
        let service = self.service_static();
        quote! {
            #doc
            #(#modules)*
            pub mod routes;
            #(#exports)*
            #service
            #limits
            #styles
        }
    }

    fn service_static(self) -> TokenStream {
        let (name, host) = (&self.api.name, &self.api.host);
        let issuer = option(self.api.issuer.as_ref().map(issuer));
        let styles = self.api.styles.iter().map(|style| ident(&style.name.to_uppercase()));
        let operations = self.api.sections.iter().flat_map(|section| {
            let module = ident(&section.name);
            section.endpoints.iter().map(move |endpoint| {
                let operation = camel(&endpoint.name);
                quote!(<#module::#operation as crate::runtime::Endpoint>::OPERATION)
            })
        });
        quote! {
            /// The service: what its operations share.
            pub static SERVICE: crate::runtime::service::Service = crate::runtime::service::Service {
                name: #name,
                host: #host,
                issuer: #issuer,
                styles: &[#(&styles::#styles),*],
                operations: &[#(#operations),*],
            };
        }
    }

    fn limits(self) -> TokenStream {
        let limits = self.api.rate_limits.iter().map(|limit| {
            let RateLimit { name, requests, seconds } = limit;
            let constant = ident(&name.to_uppercase());
            let doc = docs::lines([format!("{requests} requests in any {seconds} seconds.").as_str()]);
            let (requests, seconds) = (Literal::u32_unsuffixed(*requests), Literal::u32_unsuffixed(*seconds));
            quote!(#doc pub const #constant: Limit = Limit { name: #name, requests: #requests, seconds: #seconds };)
        });
        let limits: TokenStream = limits.collect();
        let import = (!limits.is_empty()).then(|| {
            quote!(
                use crate::runtime::service::Limit;
            )
        });
        quote! {
            /// How many requests are allowed in how much time.
            pub mod limits {
                #import
                #limits
            }
        }
    }

    fn styles(self) -> TokenStream {
        let styles: TokenStream = self.api.styles.iter().map(|style| self.style(style)).collect();
        let imports = super::imports(&styles);
        quote! {
            /// What the operations of one kind share: where the token goes, and what is around a payload.
            pub mod styles {
                #imports
                #styles
            }
        }
    }

    fn style(self, style: &Style) -> TokenStream {
        let doc = docs::outer(&style.doc);
        let (constant, name) = (ident(&style.name.to_uppercase()), &style.name);
        let prefix = style.prefix.iter().map(|segment| match segment {
            TokenSegment::Literal(text) => quote!(Some(#text)),
            TokenSegment::Token => quote!(None),
        });
        let token = header(style.header.as_ref());
        let bearer = header(self.api.bearer.as_ref());
        let query = option(style.query.as_ref().map(|name| quote!(#name)));
        let request = option(style.request.as_deref().map(request_envelope));
        let response = option(style.response.as_deref().map(response_envelope));
        let failure = option(style.failure.as_ref().map(|failure| {
            let read = self.read_failure(&failure.fields, &failure.shape);
            let access = |field: usize| Access::field(&quote!(failure), &failure.fields[field]);
            let write = self.write_elements(&failure.fields, std::slice::from_ref(&failure.shape), &access, true);
            quote!(service::FailureShape { read: |xml| { #read }, write: |failure, xml| { #write } })
        }));
        quote! {
            #doc
            pub static #constant: service::Style = service::Style {
                name: #name,
                prefix: &[#(#prefix),*],
                header: #token,
                query: #query,
                request: #request,
                response: #response,
                bearer: #bearer,
                failure: #failure,
            };
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or(quote!(None), |value| quote!(Some(#value)))
}

fn header(header: Option<&TokenHeader>) -> TokenStream {
    option(header.map(|TokenHeader { name, before, after }| {
        let name = name.to_ascii_lowercase();
        quote!(crate::runtime::service::Header { name: #name, before: #before, after: #after })
    }))
}

fn issuer(Issuer { authorize, token, accounts }: &Issuer) -> TokenStream {
    let accounts = option(accounts.as_ref().map(|accounts| quote!(#accounts)));
    quote!(crate::runtime::service::Issuer { authorize: #authorize, token: #token, accounts: #accounts })
}

/// What an envelope's part is as text, but for token and payload.
fn text(part: &EnvelopePart) -> String {
    let start = |name: &str, attributes: &[(String, String)]| {
        let attributes: String = attributes.iter().map(|(name, value)| literal(name, value)).collect();
        format!("<{name}{attributes}")
    };
    match part {
        EnvelopePart::Open(name, attributes) => format!("{}>", start(name, attributes)),
        EnvelopePart::Empty(name, attributes) => format!("{}/>", start(name, attributes)),
        EnvelopePart::Close(name) => format!("</{name}>"),
        EnvelopePart::Token(_) | EnvelopePart::Payload => String::new(),
    }
}

fn request_envelope(parts: &[EnvelopePart]) -> TokenStream {
    let is_token = |part: &EnvelopePart| matches!(part, EnvelopePart::Token(_));
    let token = parts.iter().find_map(|part| match part {
        EnvelopePart::Token(name) => Some(path_to(parts, is_token).into_iter().chain([name.as_str()])),
        _ => None,
    });
    let neutral = |name: &str| name.replace('-', "_");
    let token = token.into_iter().flatten().map(neutral);
    let path = path_to(parts, is_payload).into_iter().map(neutral);
    let parts = parts.iter().map(|part| match part {
        EnvelopePart::Token(name) => quote!(service::Part::Token(#name)),
        EnvelopePart::Payload => quote!(service::Part::Payload),
        part => {
            let text = text(part);
            quote!(service::Part::Xml(#text))
        }
    });
    quote! {
        service::RequestEnvelope { parts: &[#(#parts),*], path: &[#(#path),*], token: &[#(#token),*] }
    }
}

/// The elements around a part of an envelope, from the root down.
fn path_to(parts: &[EnvelopePart], is: impl Fn(&EnvelopePart) -> bool) -> Vec<&str> {
    let mut path = Vec::new();
    for part in parts.iter().take_while(|part| !is(part)) {
        match part {
            EnvelopePart::Open(name, _) => path.push(name.as_str()),
            EnvelopePart::Close(_) => drop(path.pop()),
            _ => {}
        }
    }
    path
}

fn is_payload(part: &EnvelopePart) -> bool {
    *part == EnvelopePart::Payload
}

fn response_envelope(parts: &[EnvelopePart]) -> TokenStream {
    let mut halves = parts.splitn(2, is_payload);
    let (head, tail) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let before: String = head.iter().map(text).collect();
    let after: String = tail.iter().map(text).collect();
    let path = path_to(parts, is_payload);
    let marks = match head.first() {
        Some(EnvelopePart::Open(_, attributes)) => attributes.as_slice(),
        _ => &[],
    };
    let marks = marks.iter().map(|(name, value)| quote!((#name, #value)));
    quote! {
        service::ResponseEnvelope { before: #before, after: #after, path: &[#(#path),*], marks: &[#(#marks),*] }
    }
}
