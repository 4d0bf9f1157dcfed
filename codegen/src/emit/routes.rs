//! Emits the routes from HTTP requests to operations.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

use super::docs;
use super::emitter::Emitter;
use super::idents::{camel_ident, ident};
use super::imports::emit_imports;
use crate::model::{Endpoint, Method, Section, Segment, route_order};
use crate::names;

/// An operation, with the names that the routes use for it.
struct RoutedOperation<'a> {
    endpoint: &'a Endpoint,
    /// Name of the operation: `notes.create`.
    name: String,
    /// Variant of the enum of all operations: `NotesCreate`.
    variant: Ident,
    /// Path of the operation's struct: `api::notes::Create`.
    path: TokenStream,
}

impl<'a> RoutedOperation<'a> {
    fn new(section: &Section, endpoint: &'a Endpoint) -> Self {
        let (module, operation) = (ident(&section.name), camel_ident(&endpoint.name));
        Self {
            endpoint,
            name: format!("{}.{}", section.name, endpoint.name),
            variant: format_ident!("{}{}", names::to_camel(&section.name), names::to_camel(&endpoint.name)),
            path: quote!(api::#module::#operation),
        }
    }
}

impl Emitter<'_> {
    /// Emits the module of the routes:
    ///
    /// ```text
    /// pub enum AnyRequest { NotesCreate(api::notes::Create), … }
    /// impl AnyRequest { pub fn read(…) … pub fn visit(…) … pub fn visit_serialize(…) … pub fn serve(…) … pub fn operation(…) … }
    /// pub static ROUTES: &[routing::Route<AnyRequest>] = &[…];
    /// ```
    pub(super) fn emit_routes(self) -> TokenStream {
        let sections = self.api.sections.iter();
        let operations = sections
            .flat_map(|section| section.endpoints.iter().map(|endpoint| RoutedOperation::new(section, endpoint)));
        let operations: Vec<_> = operations.collect();
        let docs = operations.iter().map(|operation| docs::emit_doc_lines([format!("`{}`", operation.name).as_str()]));
        let variants: Vec<_> = operations.iter().map(|operation| &operation.variant).collect();
        let paths: Vec<_> = operations.iter().map(|operation| &operation.path).collect();
        let visit_methods = operations.iter().map(|operation| {
            if operation.endpoint.pagination.is_some() { quote!(visit_paginated) } else { quote!(visit) }
        });
        let routes = emit_sorted_routes(&operations);
        let segment_functions = emit_segment_functions(&routes);
        let items = quote! {
            /// A request of any operation.
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum AnyRequest {
                #(#docs #variants(#paths),)*
            }
            impl AnyRequest {
                /// Finds the operation of an HTTP request by method and path, and reads the request. Also returns the
                /// credentials in it, wherever they are.
                ///
                /// # Errors
                ///
                /// `RouteError` if no operation has this path or method, or the request is invalid.
                pub fn read(
                    request: &http::Request<bytes::Bytes>,
                ) -> Result<routing::RoutedRequest<Self>, routing::RouteError> {
                    routing::route(&api::SERVICE, ROUTES, request)
                }

                /// Does the same as [`read`](Self::read) for a request whose body the server has read from a format
                /// other than XML.
                ///
                /// # Errors
                ///
                /// As [`read`](Self::read).
                pub fn read_params(
                    request: &http::Request<params::ParamNode<'_>>,
                ) -> Result<routing::RoutedRequest<Self>, routing::RouteError> {
                    routing::route_params(&api::SERVICE, ROUTES, request)
                }

                /// Passes the request to a visitor, as the type of its operation.
                pub fn visit<V: support::Visitor>(self, visitor: V) -> V::Output {
                    match self {
                        #(Self::#variants(request) => visitor.visit(request),)*
                    }
                }

                /// Passes the request to a visitor that serializes the response, as the type of its operation.
                #[cfg(feature = "serde")]
                pub fn visit_serialize<V: support::SerializeVisitor>(self, visitor: V) -> V::Output {
                    match self {
                        #(Self::#variants(request) => visitor.#visit_methods(request),)*
                    }
                }

                /// Executes the request with a service, and writes the response.
                ///
                /// # Errors
                ///
                /// The error of the service, or of a value in the response that cannot be written.
                pub fn serve<S, R>(&self, service: &S) -> Result<http::Response<bytes::Bytes>, R>
                where
                    R: From<xml::EncodeError>,
                    S: #(support::Serve<#paths, Error = R>)+*,
                {
                    match self {
                        #(Self::#variants(request) => respond::serve(service, request),)*
                    }
                }

                /// Returns the operation of the request.
                pub fn operation(&self) -> &'static service::Operation {
                    match self {
                        #(Self::#variants(_) => <#paths as support::Endpoint>::OPERATION,)*
                    }
                }
            }

            /// All routes. Where two routes match, the one with more literal segments at the start is first.
            pub static ROUTES: &[routing::Route<AnyRequest>] = &[#(#routes),*];

            #segment_functions
        };
        let imports = emit_imports(&items);
        quote! {
            //! Routes from HTTP requests to operations.
            #imports
            #items
        }
    }
}

/// Emits routes in the order in which they are tried.
fn emit_sorted_routes(operations: &[RoutedOperation<'_>]) -> Vec<TokenStream> {
    let routes = operations.iter().flat_map(|operation| {
        let main = (operation.endpoint.method, operation.endpoint.path.as_slice());
        let also = operation.endpoint.also.iter().map(|route| (route.method, route.path.as_slice()));
        [main].into_iter().chain(also).map(move |(method, path)| (operation, method, path))
    });
    let mut routes: Vec<_> = routes.collect();
    routes.sort_by_key(|(.., path)| route_order(path));
    routes.into_iter().map(|(operation, method, path)| emit_route(operation, method, path)).collect()
}

/// Emits a route:
///
/// ```text
/// routing::Route {
///     operation: <api::notes::Create as support::Endpoint>::OPERATION,
///     method: http::Method::POST,
///     path: &[text("ws"), text("page"), id("page_id"), text("notes"), text("create")],
///     read: |request| Ok(AnyRequest::NotesCreate(support::ServeEndpoint::read_request(request)?)),
/// }
/// ```
fn emit_route(operation: &RoutedOperation<'_>, method: Method, segments: &[Segment]) -> TokenStream {
    let RoutedOperation { endpoint, variant, path, .. } = operation;
    let method = ident(method.as_str());
    let segments = segments.iter().map(|segment| emit_segment(endpoint, segment));
    quote! {
        routing::Route {
            operation: <#path as support::Endpoint>::OPERATION,
            method: http::Method::#method,
            path: &[#(#segments),*],
            read: |request| Ok(AnyRequest::#variant(support::ServeEndpoint::read_request(request)?)),
        }
    }
}

/// Emits a segment: a call of one of the functions from [`emit_segment_functions`], or the whole value if there is text
/// around the hole.
fn emit_segment(endpoint: &Endpoint, segment: &Segment) -> TokenStream {
    let (before, field, after) = match segment {
        Segment::Literal(literal) => return quote!(text(#literal)),
        Segment::Hole { before, field, after } => (before.as_str(), &endpoint.fields[*field], after.as_str()),
    };
    let (name, is_id) = (&field.name, field.is_numeric());
    match (before, after) {
        ("", "") if is_id => quote!(id(#name)),
        ("", "") => quote!(word(#name)),
        _ => quote!(path_template::Segment::Hole { before: #before, name: #name, after: #after, is_numeric: #is_id }),
    }
}

/// Emits the functions that the routes call for their segments. Omits those that no route calls, because the compiler
/// would warn about unused code.
fn emit_segment_functions(routes: &[TokenStream]) -> TokenStream {
    let text = quote! {
        /// A literal segment.
        const fn text(text: &'static str) -> path_template::Segment {
            path_template::Segment::Literal(text)
        }
    };
    let id = quote! {
        /// A segment that is an id.
        const fn id(name: &'static str) -> path_template::Segment {
            path_template::Segment::Hole { before: "", name, after: "", is_numeric: true }
        }
    };
    let word = quote! {
        /// A segment that is a word.
        const fn word(name: &'static str) -> path_template::Segment {
            path_template::Segment::Hole { before: "", name, after: "", is_numeric: false }
        }
    };
    let routes = quote!(#(#routes),*);
    let functions = [("text", text), ("id", id), ("word", word)].into_iter();
    functions.filter(|(name, _)| contains_ident(&routes, name)).map(|(_, function)| function).collect()
}

/// `true` if an identifier is among the tokens, at any depth.
fn contains_ident(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => contains_ident(&group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
