//! The client's side of an operation: it writes the request and reads the response.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::emitter::Emitter;
use super::endpoint::{is_numeric, path_template};
use super::idents::{camel_ident, constant_ident, ident};
use super::path_writer::PathWriter;
use super::styles::has_style_errors;
use super::write::FieldAccess;
use crate::model::{Endpoint, Field, Location, LocationSegment, LocationValue, Retry, Section, Segment};

impl Emitter<'_> {
    /// ```text
    /// impl runtime::Endpoint for Create {
    ///     type Response = api::Note;
    ///     const OPERATION: &'static service::Operation = &service::Operation { … };
    ///     fn write_path(&self, out: &mut xml::Writer) { … }
    ///     fn write_payload(&self, xml: &mut xml::Writer) { … }
    ///     fn read_response(reader: &answer::Answer<'_>) -> Result<Self::Response, read::ReadError> { … }
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
            impl runtime::Endpoint for #name {
                type Response = #response;
                const OPERATION: &'static service::Operation = &#operation;
                #write_path
                #write_query
                #write_payload
                fn read_response(reader: &answer::Answer<'_>) -> Result<Self::Response, read::ReadError> {
                    #read_response
                }
            }
        }
    }

    /// Returns the type of a response: `api::Note`, or `()`.
    pub(super) fn response_type(self, endpoint: &Endpoint) -> TokenStream {
        endpoint.response.value.as_ref().map_or(quote!(()), |value| self.field_type(value))
    }

    /// ```text
    /// service::Operation { name: "notes.create", method: http::Method::POST, … }
    /// ```
    fn emit_operation(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let style = &self.api.styles[endpoint.style.0];
        let name = format!("{}.{}", section.name, endpoint.name);
        let method = ident(endpoint.method.as_str());
        let path = path_template(endpoint);
        let style_name = constant_ident(&style.name);
        let limit = match endpoint.limit {
            Some(limit) => {
                let limit = constant_ident(&self.api.limits[limit.0].name);
                quote!(Some(api::limits::#limit))
            }
            None => quote!(None),
        };
        let retry = match endpoint.retry {
            Retry::Read => quote!(Read),
            Retry::Idempotent => quote!(Idempotent),
            Retry::Delete => quote!(Delete),
            Retry::Unsafe => quote!(Unsafe),
        };
        let has_payload = endpoint.request.is_some();
        let status = Literal::u16_unsuffixed(endpoint.response.status);
        let has_envelope = endpoint.response.envelope;
        let errors = if has_style_errors(endpoint, style) {
            quote!(api::styles::errors::#style_name)
        } else {
            let errors = endpoint.fails.iter().map(|error| {
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
                limit: #limit,
                retry: service::Retry::#retry,
                payload: #has_payload,
                status: #status,
                envelope: #has_envelope,
                fails: #errors,
                legacy: #is_legacy,
            }
        }
    }

    /// ```text
    /// fn write_path(&self, out: &mut xml::Writer) {
    ///     out.raw("/pages/");
    ///     out.segment_of::<api::PageId>(&self.page_id);
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

    /// Emits `out.segment_of::<api::PageId>(&self.page_id);`.
    pub(super) fn emit_path_value(self, field: &Field) -> TokenStream {
        let (name, codec) = (ident(&field.name), self.field_codec(field));
        quote!(out.segment_of::<#codec>(&self.#name);)
    }

    /// ```text
    /// fn write_query(&self, query: &mut write::Query<'_>) {
    ///     query.optional::<scalar::Integer>("n", &self.page);
    /// }
    /// ```
    fn emit_write_query(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let pairs = endpoint.query.iter().map(|(name, hole)| {
            let field = &endpoint.fields[hole.field];
            let (field_name, codec) = (ident(&field.name), self.field_codec(field));
            let method = if field.presence.is_optional() { quote!(optional) } else { quote!(pair) };
            quote!(query.#method::<#codec>(#name, &self.#field_name);)
        });
        let pairs: TokenStream = pairs.collect();
        (!pairs.is_empty()).then(|| quote!(fn write_query(&self, query: &mut write::Query<'_>) { #pairs }))
    }

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

    /// Emits the expression that reads the response: `reader.payload(|xml| { … })`, `reader.location::<…>(…)` or
    /// `reader.nothing()`.
    fn emit_read_response(self, endpoint: &Endpoint) -> TokenStream {
        let response = &endpoint.response;
        match (&response.value, &response.shape) {
            (Some(value), Some(shape)) => {
                let statements = self.emit_read_payload(value, shape, self.has_response_envelope(endpoint));
                quote!(reader.payload(|xml| { #statements }))
            }
            (Some(value), None) => {
                let codec = self.field_codec(value);
                let location = response.location.as_ref();
                let segments = location.map(|location| emit_location_segments(endpoint, location));
                quote!(reader.location::<#codec>(&[#segments]))
            }
            (None, _) => quote!(reader.nothing()),
        }
    }

    /// `true` if the style's envelope is around the payload of the response.
    pub(super) fn has_response_envelope(self, endpoint: &Endpoint) -> bool {
        let style = &self.api.styles[endpoint.style.0];
        style.response.is_some() && endpoint.response.envelope && endpoint.response.status != 204
    }
}

/// Emits the segments of a `Location`, without the last extension, which servers may leave out.
fn emit_location_segments(endpoint: &Endpoint, location: &Location) -> TokenStream {
    let last = location.segments.len().saturating_sub(1);
    let segments = location.segments.iter().enumerate().map(|(index, segment)| match segment {
        LocationSegment::Literal(text) => {
            let text = if index == last { strip_extension(text) } else { text };
            quote!(incoming::Segment::Literal(#text),)
        }
        LocationSegment::Hole { before, value, after } => {
            let after = if index == last { strip_extension(after) } else { after };
            let (name, field) = match value {
                LocationValue::Request(field) => {
                    (endpoint.fields[*field].name.as_str(), Some(&endpoint.fields[*field]))
                }
                LocationValue::Response | LocationValue::ResponseField(_) => ("", endpoint.response.value.as_ref()),
            };
            let digits = field.is_some_and(is_numeric);
            quote!(incoming::Segment::Hole { before: #before, name: #name, after: #after, digits: #digits },)
        }
    });
    segments.collect()
}

fn strip_extension(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(stem, _)| stem)
}
