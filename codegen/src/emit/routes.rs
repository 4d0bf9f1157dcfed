//! Any incoming request to its operation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::endpoint::{method, takes_digits};
use super::{Emit, camel, ident};
use crate::model::{Endpoint, Method, Section, Segment};
use crate::names;

impl Emit<'_> {
    /// An enum of all operations, and the table that leads a request to one of them.
    pub(super) fn routes(self) -> TokenStream {
        let endpoints: Vec<(&Section, &Endpoint)> = self
            .api
            .sections
            .iter()
            .flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)))
            .collect();
        let variants = endpoints.iter().map(|(section, endpoint)| {
            let (variant, path) = (variant(section, endpoint), path(section, endpoint));
            let doc = super::docs::lines([format!("`{}.{}`", section.name, endpoint.name).as_str()]);
            quote!(#doc #variant(#path),)
        });
        let visits = endpoints.iter().map(|(section, endpoint)| {
            let variant = variant(section, endpoint);
            quote!(Self::#variant(request) => visitor.visit(request),)
        });
        let serves = endpoints.iter().map(|(section, endpoint)| {
            let variant = variant(section, endpoint);
            quote!(Self::#variant(request) => endpoint::serve(service, request),)
        });
        let bounds = endpoints.iter().map(|(section, endpoint)| {
            let path = path(section, endpoint);
            quote!(Serve<#path, Refusal = R>)
        });
        let operations = endpoints.iter().map(|(section, endpoint)| {
            let (variant, path) = (variant(section, endpoint), path(section, endpoint));
            quote!(Self::#variant(_) => <#path as Endpoint>::OPERATION,)
        });
        let routes = self.sorted_routes(&endpoints);
        quote! {
            //! Any incoming request to its operation.
            use crate::api;
            use crate::runtime::incoming::{self, Route, Segment};
            use crate::runtime::service::Operation;
            use crate::runtime::tree::Node;
            use crate::runtime::xml::WriteError;
            use crate::runtime::{Endpoint, Serve, ServeEndpoint, Visitor, bytes, endpoint, http};

            /// A request of any operation.
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum AnyRequest {
                #(#variants)*
            }
            impl AnyRequest {
                /// Finds the operation that an HTTP request asks for, and reads the request; along with it what the
                /// request brought to prove who sent it, in whatever carrier.
                ///
                /// # Errors
                ///
                /// `Unroutable` if no operation has this path or method, or the request cannot be read.
                pub fn read(
                    request: &http::Request<bytes::Bytes>,
                ) -> Result<incoming::Routed<Self>, incoming::Unroutable> {
                    incoming::route(&api::SERVICE, ROUTES, request)
                }

                /// Does the same as `read` for a request whose body the server has read from another format than XML.
                ///
                /// # Errors
                ///
                /// As `read`.
                pub fn read_tree(
                    request: &http::Request<Node<'_>>,
                ) -> Result<incoming::Routed<Self>, incoming::Unroutable> {
                    incoming::route_tree(&api::SERVICE, ROUTES, request)
                }

                /// Does something with the request in its own type.
                pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
                    match self {
                        #(#visits)*
                    }
                }

                /// Lets a service do what is asked, and writes its answer.
                ///
                /// # Errors
                ///
                /// The service's refusal, and what it makes of a value that cannot be written.
                pub fn serve<S, R>(&self, service: &S) -> Result<http::Response<bytes::Bytes>, R>
                where
                    R: From<WriteError>,
                    S: #(#bounds)+*,
                {
                    match self {
                        #(#serves)*
                    }
                }

                /// The operation.
                pub fn operation(&self) -> &'static Operation {
                    match self {
                        #(#operations)*
                    }
                }
            }

            /// Every route, the more literal ones first.
            pub static ROUTES: &[Route<AnyRequest>] = &[#(#routes),*];
        }
    }

    /// Routes in the order in which they are tried: where two are alike up to a segment, the literal one goes first.
    fn sorted_routes(self, endpoints: &[(&Section, &Endpoint)]) -> Vec<TokenStream> {
        let mut routes: Vec<_> = endpoints
            .iter()
            .flat_map(|(section, endpoint)| {
                let own = (endpoint.method, endpoint.path.as_slice());
                let also = endpoint.also.iter().map(|route| (route.method, route.path.as_slice()));
                [own].into_iter().chain(also).map(move |(method, path)| (*section, *endpoint, method, path))
            })
            .collect();
        let key =
            |path: &[Segment]| path.iter().map(|segment| matches!(segment, Segment::Hole { .. })).collect::<Vec<_>>();
        routes.sort_by_key(|(.., path)| key(path));
        routes
            .into_iter()
            .map(|(section, endpoint, method, path)| self.route(section, endpoint, method, path))
            .collect()
    }

    fn route(self, section: &Section, endpoint: &Endpoint, of: Method, segments: &[Segment]) -> TokenStream {
        let (variant, path, method) = (variant(section, endpoint), path(section, endpoint), method(of));
        let segments = segments.iter().map(|segment| match segment {
            Segment::Literal(text) => quote!(Segment::Literal(#text)),
            Segment::Hole { before, field, after } => {
                let field = &endpoint.fields[*field];
                let (name, digits) = (&field.name, takes_digits(field));
                quote!(Segment::Hole { before: #before, name: #name, after: #after, digits: #digits })
            }
        });
        quote! {
            Route {
                operation: <#path as Endpoint>::OPERATION,
                method: http::Method::#method,
                path: &[#(#segments),*],
                read: |incoming| Ok(AnyRequest::#variant(ServeEndpoint::read_request(incoming)?)),
            }
        }
    }
}

/// `NotesCreate`
fn variant(section: &Section, endpoint: &Endpoint) -> proc_macro2::Ident {
    format_ident!("{}{}", names::camel(&section.name), names::camel(&endpoint.name))
}

/// `api::notes::Create`
fn path(section: &Section, endpoint: &Endpoint) -> TokenStream {
    let (module, name) = (ident(&section.name), camel(&endpoint.name));
    quote!(api::#module::#name)
}
