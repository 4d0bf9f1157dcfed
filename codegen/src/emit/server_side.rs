//! Emits the server's side of an operation: code that reads the request and writes the response.

use proc_macro2::TokenStream;
use quote::quote;

use super::emitter::Emitter;
use super::idents::{camel_ident, ident};
use super::path_writer::PathWriter;
use super::write::FieldAccess;
use crate::model::{Endpoint, Field, Location, LocationSegment, LocationValue, ValueKind};
use crate::names::normalize_name;

impl Emitter<'_> {
    /// Emits the server's side of an operation:
    ///
    /// ```text
    /// impl support::ServeEndpoint for Create {
    ///     fn read_request(request: &incoming::IncomingRequest<'_>) -> Result<Self, read::DecodeError> { … }
    ///     fn write_response(response: &Self::Response, xml: &mut xml::Writer) { … }
    ///     fn write_location(&self, response: &Self::Response, out: &mut xml::Writer) { … }
    /// }
    /// ```
    pub(super) fn emit_server_side(self, endpoint: &Endpoint) -> TokenStream {
        let name = camel_ident(&endpoint.name);
        let read_request = self.emit_read_request(endpoint);
        let write_response = self.emit_write_response(endpoint);
        let write_location =
            endpoint.response.location.as_ref().map(|location| self.emit_write_location(endpoint, location));
        quote! {
            impl support::ServeEndpoint for #name {
                #read_request
                #write_response
                #write_location
            }
        }
    }

    /// Emits the method that reads the operation from a request:
    ///
    /// ```text
    /// fn read_request(request: &incoming::IncomingRequest<'_>) -> Result<Self, read::DecodeError> {
    ///     let payload = request.find_payload(&["note"]);
    ///     Ok(Self { page_id: request.read_path::<api::PageId>("page_id")?, note: … })
    /// }
    /// ```
    fn emit_read_request(self, endpoint: &Endpoint) -> TokenStream {
        let elements = endpoint.request.as_deref().unwrap_or_default();
        let payload_values = self.emit_read_request_payload(&endpoint.fields, elements);
        let payload = (!payload_values.is_empty()).then(|| {
            let names = elements.iter().map(|element| normalize_name(&element.name));
            quote!(let payload = request.find_payload(&[#(#names),*]);)
        });
        let inits = endpoint.fields.iter().enumerate().map(|(index, field)| {
            let name = ident(&field.name);
            let in_query = endpoint.query.iter().find(|(_, hole)| hole.field == index);
            let in_payload = payload_values.iter().find(|(field, _)| *field == index);
            let value = match (in_query, in_payload) {
                (Some((wire_name, _)), _) => self.emit_read_query(field, wire_name),
                (None, Some((_, value))) => value.clone(),
                // A field that is neither in the query nor in the payload is in the path.
                (None, None) => {
                    let (codec, name) = (self.field_codec(field), &field.name);
                    quote!(request.read_path::<#codec>(#name)?)
                }
            };
            quote!(#name: #value)
        });
        let parameter = if endpoint.fields.is_empty() { quote!(_request) } else { quote!(request) };
        quote! {
            fn read_request(#parameter: &incoming::IncomingRequest<'_>) -> Result<Self, read::DecodeError> {
                #payload
                Ok(Self { #(#inits),* })
            }
        }
    }

    /// Emits the expression that reads a query parameter: `request.read_optional_query::<scalar::Integer>("n")?`.
    fn emit_read_query(self, field: &Field, wire_name: &str) -> TokenStream {
        let codec = self.field_codec(field);
        if field.presence.is_many() {
            quote!(request.read_query_list::<#codec>(#wire_name)?)
        } else if field.presence.is_optional() {
            quote!(request.read_optional_query::<#codec>(#wire_name)?)
        } else if field.is_required_in_document() {
            quote!(request.read_query::<#codec>(#wire_name)?)
        } else {
            // A missing `text` is read as an empty one.
            quote!(request.read_optional_query::<#codec>(#wire_name)?.unwrap_or_default())
        }
    }

    /// Emits the method that writes the payload of the response. Returns `None` if the response has no value, or its
    /// value is in the location.
    fn emit_write_response(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let (value, shape) = (endpoint.response.value.as_ref()?, endpoint.response.shape.as_ref()?);
        let is_document = !self.has_response_envelope(endpoint);
        let access = |_: usize| FieldAccess::of_reference("response");
        let statements = self.emit_write_elements(std::slice::from_ref(value), shape, &access, is_document);
        Some(quote!(fn write_response(response: &Self::Response, xml: &mut xml::Writer) { #statements }))
    }

    /// Emits the method that writes the path of the `Location` header, with values of the request and the response:
    ///
    /// ```text
    /// fn write_location(&self, response: &Self::Response, out: &mut xml::Writer) {
    ///     out.write_raw("/reminders/");
    ///     out.write_scalar_path_segment::<api::ReminderId>(&response.id);
    /// }
    /// ```
    fn emit_write_location(self, endpoint: &Endpoint, location: &Location) -> TokenStream {
        let mut writer = PathWriter::default();
        let mut uses_response = false;
        for segment in &location.segments {
            writer.add_literal("/");
            match segment {
                LocationSegment::Literal(text) => writer.add_literal(text),
                LocationSegment::Hole { before, value, after } => {
                    uses_response |= !matches!(value, LocationValue::Request(_));
                    writer.add_literal(before);
                    writer.add_value(self.emit_location_value(endpoint, value));
                    writer.add_literal(after);
                }
            }
        }
        let statements = writer.finish();
        let response = if uses_response { quote!(response) } else { quote!(_response) };
        quote!(fn write_location(&self, #response: &Self::Response, out: &mut xml::Writer) { #statements })
    }

    /// Emits the statement that writes a value of a location:
    /// `out.write_scalar_path_segment::<api::ReminderId>(&response.id);`.
    fn emit_location_value(self, endpoint: &Endpoint, value: &LocationValue) -> TokenStream {
        match (value, &endpoint.response.value) {
            (LocationValue::Request(field), _) => self.emit_path_value(&endpoint.fields[*field]),
            (LocationValue::Response, Some(response)) => {
                let codec = self.field_codec(response);
                quote!(out.write_scalar_path_segment::<#codec>(response);)
            }
            (LocationValue::ResponseField(index), Some(Field { kind: ValueKind::Data(data_type), .. })) => {
                let field = &self.api.types[data_type.0].fields[*index];
                let (name, codec) = (ident(&field.name), self.field_codec(field));
                quote!(out.write_scalar_path_segment::<#codec>(&response.#name);)
            }
            // A checked schema has no other combination.
            _ => TokenStream::new(),
        }
    }
}
