//! Emits the client's side of an operation: code that writes the request and reads the response.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::emitter::Emitter;
use super::idents::{camel_ident, constant_ident, ident};
use super::path_writer::PathWriter;
use super::styles::has_style_errors;
use super::write::FieldAccess;
use crate::model::{Endpoint, Field, Location, LocationSegment, LocationValue, Presence, RetryClass, Section, Segment};

impl Emitter<'_> {
    /// Emits the client's side of an operation:
    ///
    /// ```text
    /// impl support::Endpoint for Create {
    ///     type Response = api::Note;
    ///     const OPERATION: &'static service::Operation = &service::Operation { … };
    ///     fn write_path(&self, out: &mut xml::Writer) { … }
    ///     fn write_payload(&self, xml: &mut xml::Writer) { … }
    ///     fn read_response(reader: &response::ResponseReader<'_>) -> Result<Self::Response, read::DecodeError> { … }
    /// }
    /// ```
    pub(super) fn emit_client_side(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let name = camel_ident(&endpoint.name);
        let response = self.response_type(endpoint);
        let operation = self.emit_operation(section, endpoint);
        let write_path = self.emit_write_path(endpoint);
        let write_query = self.emit_write_query(endpoint);
        let write_payload = self.emit_write_payload(endpoint);
        let read_response = self.emit_read_response(endpoint);
        quote! {
            impl support::Endpoint for #name {
                type Response = #response;
                const OPERATION: &'static service::Operation = &#operation;
                #write_path
                #write_query
                #write_payload
                fn read_response(reader: &response::ResponseReader<'_>) -> Result<Self::Response, read::DecodeError> {
                    #read_response
                }
            }
        }
    }

    /// Returns the type of a response: `api::Note`, or `()`.
    pub(super) fn response_type(self, endpoint: &Endpoint) -> TokenStream {
        endpoint.response.value.as_ref().map_or(quote!(()), |value| self.field_type(value))
    }

    /// Emits the description of an operation:
    ///
    /// ```text
    /// service::Operation { name: "notes.create", method: http::Method::POST, … }
    /// ```
    fn emit_operation(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let style = &self.api.styles[endpoint.style.0];
        let name = format!("{}.{}", section.name, endpoint.name);
        let method = ident(endpoint.method.as_str());
        let path = endpoint.format_path();
        let style_name = constant_ident(&style.name);
        let rate_limit = match endpoint.rate_limit {
            Some(limit) => {
                let limit = constant_ident(&self.api.rate_limits[limit.0].name);
                quote!(Some(api::limits::#limit))
            }
            None => quote!(None),
        };
        let retry = match endpoint.retry {
            RetryClass::ReadOnly => quote!(ReadOnly),
            RetryClass::Idempotent => quote!(Idempotent),
            RetryClass::Delete => quote!(Delete),
            RetryClass::NotIdempotent => quote!(NotIdempotent),
        };
        let has_payload = endpoint.request.is_some();
        let status = Literal::u16_unsuffixed(endpoint.response.status);
        let has_envelope = endpoint.response.has_envelope;
        let errors = if has_style_errors(endpoint, style) {
            quote!(api::styles::errors::#style_name)
        } else {
            let errors = endpoint.errors.iter().map(|error| {
                let (status, doc) = (Literal::u16_unsuffixed(error.status), &error.doc);
                quote!((#status, #doc))
            });
            quote!(&[#(#errors),*])
        };
        let is_legacy = endpoint.legacy.is_some();
        quote! {
            service::Operation {
                name: #name,
                method: http::Method::#method,
                path: #path,
                style: &api::styles::#style_name,
                rate_limit: #rate_limit,
                retry: service::RetryClass::#retry,
                has_payload: #has_payload,
                status: #status,
                has_envelope: #has_envelope,
                errors: #errors,
                is_legacy: #is_legacy,
            }
        }
    }

    /// Emits the method that writes the path:
    ///
    /// ```text
    /// fn write_path(&self, out: &mut xml::Writer) {
    ///     out.write_raw("/pages/");
    ///     out.write_scalar_path_segment::<api::PageId>(&self.page_id);
    /// }
    /// ```
    fn emit_write_path(self, endpoint: &Endpoint) -> TokenStream {
        let mut writer = PathWriter::default();
        for segment in &endpoint.path {
            writer.add_literal("/");
            match segment {
                Segment::Literal(text) => writer.add_literal(text),
                Segment::Hole { before, field, after } => {
                    writer.add_literal(before);
                    writer.add_value(self.emit_path_value(&endpoint.fields[*field]));
                    writer.add_literal(after);
                }
            }
        }
        let statements = writer.finish();
        quote!(fn write_path(&self, out: &mut xml::Writer) { #statements })
    }

    /// Emits the statement that writes a field in a path:
    /// `out.write_scalar_path_segment::<api::PageId>(&self.page_id);`.
    pub(super) fn emit_path_value(self, field: &Field) -> TokenStream {
        let (name, codec) = (ident(&field.name), self.field_codec(field));
        quote!(out.write_scalar_path_segment::<#codec>(&self.#name);)
    }

    /// Emits the method that writes the query, if the endpoint has query parameters:
    ///
    /// ```text
    /// fn write_query(&self, query: &mut query::QueryWriter<'_>) {
    ///     query.literal("format=xml");
    ///     query.optional::<scalar::Integer>("n", &self.page);
    /// }
    /// ```
    fn emit_write_query(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let literals = endpoint.query_literals.iter().map(|(name, value)| {
            let pair = format!("{}={}", encode_query_text(name), encode_query_text(value));
            quote!(query.literal(#pair);)
        });
        let pairs = endpoint.query.iter().map(|(name, hole)| {
            let field = &endpoint.fields[hole.field];
            let (field_name, codec) = (ident(&field.name), self.field_codec(field));
            let method = match field.presence {
                presence if presence.is_many() => quote!(list),
                presence if presence.is_optional() => quote!(optional),
                _ => quote!(pair),
            };
            let name = encode_query_text(name);
            quote!(query.#method::<#codec>(#name, &self.#field_name);)
        });
        let pairs: TokenStream = literals.chain(pairs).collect();
        (!pairs.is_empty()).then(|| quote!(fn write_query(&self, query: &mut query::QueryWriter<'_>) { #pairs }))
    }

    /// Emits the method that writes the payload, if the endpoint has one:
    ///
    /// ```text
    /// fn write_payload(&self, xml: &mut xml::Writer) {
    ///     write::WriteXml::write(&self.note, "<note", "</note>", xml);
    /// }
    /// ```
    fn emit_write_payload(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let elements = endpoint.request.as_ref()?;
        let is_document = self.api.styles[endpoint.style.0].request.is_none();
        let access = |field: usize| FieldAccess::of_field(&quote!(self), &endpoint.fields[field]);
        let statements = self.emit_write_elements(&endpoint.fields, elements, &access, is_document);
        Some(quote!(fn write_payload(&self, xml: &mut xml::Writer) { #statements }))
    }

    /// Emits the expression that reads the response: `reader.read_payload(|xml| { … })`,
    /// `reader.read_location::<…>(…)` or `reader.read_empty()`.
    fn emit_read_response(self, endpoint: &Endpoint) -> TokenStream {
        let response = &endpoint.response;
        match (&response.value, &response.shape) {
            (Some(value), Some(shape)) => {
                let statements =
                    self.emit_read_payload(value, shape, &response.also, self.has_response_envelope(endpoint));
                let method =
                    if is_absent_without_body(value) { quote!(read_optional_payload) } else { quote!(read_payload) };
                quote!(reader.#method(|xml| { #statements }))
            }
            (Some(value), None) => {
                let codec = self.field_codec(value);
                let location = response.location.as_ref();
                let segments = location.map(|location| emit_location_segments(endpoint, location));
                quote!(reader.read_location::<#codec>(&[#segments]))
            }
            (None, _) => quote!(reader.read_empty()),
        }
    }

    /// `true` if the style's envelope is around the payload of the response.
    pub(super) fn has_response_envelope(self, endpoint: &Endpoint) -> bool {
        let style = &self.api.styles[endpoint.style.0];
        // A response with status 204 has no body, and therefore no envelope.
        style.response.is_some() && endpoint.response.has_envelope && endpoint.response.status != 204
    }
}

/// `true` if a response without a body has no value, rather than an invalid one. A `T*` is not among these: its
/// container is written even if the list is empty.
fn is_absent_without_body(value: &Field) -> bool {
    value.presence.is_optional() || value.presence == Presence::ManyOrAbsent
}

/// Emits the segments of a `Location`. The hole that has the response's value gets an empty name. Omits the extension
/// of the last segment, because servers may omit it.
fn emit_location_segments(endpoint: &Endpoint, location: &Location) -> TokenStream {
    let last = location.segments.len().saturating_sub(1);
    let segments = location.segments.iter().enumerate().map(|(index, segment)| match segment {
        LocationSegment::Literal(text) => {
            let text = if index == last { strip_extension(text) } else { text };
            quote!(path_template::Segment::Literal(#text),)
        }
        LocationSegment::Hole { before, value, after } => {
            let after = if index == last { strip_extension(after) } else { after };
            let (name, field) = match value {
                LocationValue::Request(field) => {
                    (endpoint.fields[*field].name.as_str(), Some(&endpoint.fields[*field]))
                }
                LocationValue::Response | LocationValue::ResponseField(_) => ("", endpoint.response.value.as_ref()),
            };
            let is_id = field.is_some_and(Field::is_numeric);
            quote!(path_template::Segment::Hole { before: #before, name: #name, after: #after, is_numeric: #is_id },)
        }
    });
    segments.collect()
}

/// Encodes a name or a value in a query. All bytes besides the unreserved characters of RFC 3986 are percent-encoded.
fn encode_query_text(text: &str) -> String {
    let encode_byte = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode_byte).collect()
}

/// Removes the text from the last dot on.
fn strip_extension(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(stem, _)| stem)
}
