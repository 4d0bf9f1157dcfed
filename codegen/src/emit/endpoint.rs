//! An operation: its struct, and both directions.

use proc_macro2::TokenStream;
use quote::quote;

use super::write::Access;
use super::{Emit, camel, docs, ident};
use crate::model::{
    Endpoint, Field, Legacy, Location, LocationSegment, LocationValue, Method, Presence, RetryClass, Scalar, Section,
    Segment, ValueKind,
};

impl Emit<'_> {
    /// ```text
    /// pub struct Create { pub page_id: api::PageId, pub note: api::NewNote }
    /// impl crate::runtime::Endpoint for Create { … }
    /// impl crate::runtime::ServeEndpoint for Create { … }
    /// ```
    pub(super) fn endpoint(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let name = camel(&endpoint.name);
        let doc = [docs::escape(&endpoint.doc), String::new(), format!("{}.", self.http_line(endpoint))];
        let docs = docs::lines(doc.iter().map(String::as_str));
        let default = endpoint.fields.iter().all(|field| !is_argument(field)).then(|| quote!(, Default));
        let fields = self.struct_fields(&endpoint.fields);
        let methods = self.constructor_and_setters(&endpoint.fields, is_argument);
        let client = self.client_side(section, endpoint);
        let pages = self.pages(endpoint);
        let server = self.server_side(endpoint);
        quote! {
            #docs
            #[derive(Debug, Clone, PartialEq, Eq, Hash #default)]
            #[non_exhaustive]
            pub struct #name {
                #fields
            }
            impl #name {
                #methods
            }
            #client
            #pages
            #server
        }
    }

    /// ```text
    /// impl crate::runtime::pages::Paged for List { type Entry = api::Note; … }
    /// ```
    fn pages(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let pages = endpoint.pagination?;
        let value = endpoint.response.value.as_ref()?;
        let ValueKind::Data(of) = &value.kind else { return None };
        let (name, entry) = (camel(&endpoint.name), self.value_type(&value.kind));
        let first = proc_macro2::Literal::u32_unsuffixed(pages.first);
        let number = ident(&endpoint.fields[pages.number].name);
        let key = ident(&self.api.types[of.0].fields[pages.key].name);
        Some(quote! {
            impl crate::runtime::pages::Paged for #name {
                type Entry = #entry;
                const FIRST: i64 = #first;
                fn number(&mut self) -> &mut Option<i64> {
                    &mut self.#number
                }
                fn key(entry: &Self::Entry) -> u64 {
                    entry.#key.0
                }
            }
        })
    }

    /// `` `POST /pages/{page_id}/notes.xml` ``, with the query's parameters.
    pub(super) fn http_line(self, endpoint: &Endpoint) -> String {
        let prefix = self.prefix_text(endpoint);
        let query =
            endpoint.query.iter().map(|(name, hole)| format!("{name}={{{}}}", endpoint.fields[hole.field].name));
        let query = query.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("`{} {prefix}{}{mark}{query}`", endpoint.method.as_str(), template(endpoint))
    }

    fn client_side(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let name = camel(&endpoint.name);
        let response = endpoint.response.value.as_ref().map_or(quote!(()), |value| self.field_type(value));
        let operation = self.operation(section, endpoint);
        let path = self.write_path(endpoint);
        let query = self.write_query(endpoint);
        let payload = self.write_payload(endpoint);
        let read = self.read_response(endpoint);
        quote! {
            impl crate::runtime::Endpoint for #name {
                type Response = #response;
                const OPERATION: &'static service::Operation = &#operation;
                #path
                #query
                #payload
                fn read_response(answer: &answer::Answer<'_>) -> Result<Self::Response, read::ReadError> {
                    #read
                }
            }
        }
    }

    fn operation(self, section: &Section, endpoint: &Endpoint) -> TokenStream {
        let name = format!("{}.{}", section.name, endpoint.name);
        let method = method(endpoint.method);
        let path = template(endpoint);
        let style = ident(&self.api.styles[endpoint.style.0].name.to_uppercase());
        let limit = match endpoint.rate_limit {
            Some(limit) => {
                let limit = ident(&self.api.rate_limits[limit.0].name.to_uppercase());
                quote!(Some(api::limits::#limit))
            }
            None => quote!(None),
        };
        let retry = match endpoint.retry {
            RetryClass::ReadOnly => quote!(Read),
            RetryClass::Idempotent => quote!(Idempotent),
            RetryClass::Delete => quote!(Delete),
            RetryClass::NotIdempotent => quote!(Unsafe),
        };
        let payload = endpoint.request.is_some();
        let status = proc_macro2::Literal::u16_unsuffixed(endpoint.response.status);
        let envelope = endpoint.response.has_envelope;
        let legacy = endpoint.legacy.is_some();
        let fails = endpoint.errors.iter().map(|fails| {
            let (status, doc) = (proc_macro2::Literal::u16_unsuffixed(fails.status), &fails.doc);
            quote!((#status, #doc))
        });
        quote! {
            service::Operation {
                name: #name,
                method: http::Method::#method,
                path: #path,
                style: &api::styles::#style,
                limit: #limit,
                retry: service::Retry::#retry,
                payload: #payload,
                status: #status,
                envelope: #envelope,
                fails: &[#(#fails),*],
                legacy: #legacy,
            }
        }
    }

    fn write_path(self, endpoint: &Endpoint) -> TokenStream {
        let mut steps = Steps::default();
        for segment in &endpoint.path {
            steps.literal.push('/');
            match segment {
                Segment::Literal(text) => steps.literal.push_str(text),
                Segment::Hole { before, field, after } => {
                    let step = self.segment(&endpoint.fields[*field]);
                    steps.around(before, step, after);
                }
            }
        }
        let steps = steps.finish();
        quote!(fn write_path(&self, out: &mut xml::Writer) { #steps })
    }

    /// `out.segment_of::<api::PageId>(&self.page_id);`
    fn segment(self, field: &Field) -> TokenStream {
        let (name, codec) = (ident(&field.name), self.field_codec(field));
        quote!(out.segment_of::<#codec>(&self.#name);)
    }

    /// The codec of a field that is a scalar; data cannot stand where this is asked.
    fn field_codec(self, field: &Field) -> TokenStream {
        match &field.kind {
            ValueKind::Scalar(scalar) => self.codec(scalar),
            ValueKind::Data(_) => TokenStream::new(),
        }
    }

    fn write_query(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let pairs = endpoint.query.iter().map(|(name, hole)| {
            let field = &endpoint.fields[hole.field];
            let (local, codec) = (ident(&field.name), self.field_codec(field));
            if field.presence.is_optional() {
                quote!(query.optional::<#codec>(#name, &self.#local);)
            } else {
                quote!(query.pair::<#codec>(#name, &self.#local);)
            }
        });
        let pairs: TokenStream = pairs.collect();
        (!pairs.is_empty()).then(|| quote!(fn write_query(&self, query: &mut write::Query<'_>) { #pairs }))
    }

    fn write_payload(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let elements = endpoint.request.as_ref()?;
        let document = self.api.styles[endpoint.style.0].request.is_none();
        let access = |field: usize| Access::field(&quote!(self), &endpoint.fields[field]);
        let steps = self.write_elements(&endpoint.fields, elements, &access, document);
        Some(quote!(fn write_payload(&self, xml: &mut xml::Writer) { #steps }))
    }

    fn read_response(self, endpoint: &Endpoint) -> TokenStream {
        let response = &endpoint.response;
        match (&response.value, &response.shape) {
            (Some(value), Some(shape)) => {
                let steps = self.read_payload(value, shape, self.has_response_envelope(endpoint));
                quote!(answer.payload(|xml| { #steps }))
            }
            (Some(value), None) => {
                let codec = self.field_codec(value);
                let segments = response.location.iter().flat_map(|location| self.location_template(endpoint, location));
                quote!(answer.location::<#codec>(&[#(#segments),*]))
            }
            (None, _) => quote!(answer.nothing()),
        }
    }

    /// The segments of a `Location`, without the last extension, which may be missing.
    fn location_template(self, endpoint: &Endpoint, location: &Location) -> Vec<TokenStream> {
        let last = location.segments.len().saturating_sub(1);
        let segments = location.segments.iter().enumerate().map(|(index, segment)| match segment {
            LocationSegment::Literal(text) => {
                let text = if index == last { without_extension(text) } else { text };
                quote!(incoming::Segment::Literal(#text))
            }
            LocationSegment::Hole { before, value, after } => {
                let after = if index == last { without_extension(after) } else { after };
                let (name, field) = match value {
                    LocationValue::Request(field) => {
                        (endpoint.fields[*field].name.as_str(), Some(&endpoint.fields[*field]))
                    }
                    LocationValue::Response | LocationValue::ResponseField(_) => ("", endpoint.response.value.as_ref()),
                };
                let digits = field.is_some_and(takes_digits);
                quote!(incoming::Segment::Hole { before: #before, name: #name, after: #after, digits: #digits })
            }
        });
        segments.collect()
    }

    fn has_response_envelope(self, endpoint: &Endpoint) -> bool {
        let style = &self.api.styles[endpoint.style.0];
        style.response.is_some() && endpoint.response.has_envelope && endpoint.response.status != 204
    }

    fn server_side(self, endpoint: &Endpoint) -> TokenStream {
        let name = camel(&endpoint.name);
        let read = self.read_request(endpoint);
        let write = self.write_response(endpoint);
        let location = endpoint.response.location.as_ref().map(|location| self.write_location(endpoint, location));
        quote! {
            impl crate::runtime::ServeEndpoint for #name {
                #read
                #write
                #location
            }
        }
    }

    fn read_request(self, endpoint: &Endpoint) -> TokenStream {
        let elements = endpoint.request.as_deref().unwrap_or_default();
        let in_payload = self.read_request_payload(&endpoint.fields, elements);
        let payload = (!in_payload.is_empty()).then(|| {
            let names = elements.iter().map(|element| element.name.replace('-', "_"));
            quote!(let payload = incoming.payload(&[#(#names),*]);)
        });
        let values = endpoint.fields.iter().enumerate().map(|(index, field)| {
            let name = ident(&field.name);
            let in_query = endpoint.query.iter().find(|(_, hole)| hole.field == index);
            let in_payload = in_payload.iter().find(|(at, _)| *at == index);
            let value = match (in_query, in_payload) {
                (Some((wire, _)), _) => {
                    let codec = self.field_codec(field);
                    if field.presence.is_optional() {
                        quote!(incoming.optional_query::<#codec>(#wire)?)
                    } else if field.must_be_present() {
                        quote!(incoming.query::<#codec>(#wire)?)
                    } else {
                        quote!(incoming.optional_query::<#codec>(#wire)?.unwrap_or_default())
                    }
                }
                (None, Some((_, value))) => value.clone(),
                (None, None) => {
                    let (codec, wire) = (self.field_codec(field), &field.name);
                    quote!(incoming.path::<#codec>(#wire)?)
                }
            };
            quote!(#name: #value)
        });
        let parameter = if endpoint.fields.is_empty() { quote!(_incoming) } else { quote!(incoming) };
        quote! {
            fn read_request(#parameter: &incoming::Incoming<'_>) -> Result<Self, read::ReadError> {
                #payload
                Ok(Self { #(#values),* })
            }
        }
    }

    fn write_response(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let (value, shape) = (endpoint.response.value.as_ref()?, endpoint.response.shape.as_ref()?);
        let document = !self.has_response_envelope(endpoint);
        let access = |_: usize| Access::reference("response");
        let steps = self.write_elements(std::slice::from_ref(value), shape, &access, document);
        Some(quote!(fn write_response(response: &Self::Response, xml: &mut xml::Writer) { #steps }))
    }

    fn write_location(self, endpoint: &Endpoint, location: &Location) -> TokenStream {
        let mut steps = Steps::default();
        let mut uses_response = false;
        for segment in &location.segments {
            steps.literal.push('/');
            match segment {
                LocationSegment::Literal(text) => steps.literal.push_str(text),
                LocationSegment::Hole { before, value, after } => {
                    uses_response |= !matches!(value, LocationValue::Request(_));
                    steps.around(before, self.location_value(endpoint, value), after);
                }
            }
        }
        let steps = steps.finish();
        let response = if uses_response { quote!(response) } else { quote!(_response) };
        quote!(fn write_location(&self, #response: &Self::Response, out: &mut xml::Writer) { #steps })
    }

    fn location_value(self, endpoint: &Endpoint, value: &LocationValue) -> TokenStream {
        match (value, &endpoint.response.value) {
            (LocationValue::Request(field), _) => self.segment(&endpoint.fields[*field]),
            (LocationValue::Response, Some(of)) => {
                let codec = self.field_codec(of);
                quote!(out.segment_of::<#codec>(response);)
            }
            (LocationValue::ResponseField(index), Some(Field { kind: ValueKind::Data(of), .. })) => {
                let field = &self.api.types[of.0].fields[*index];
                let (name, codec) = (ident(&field.name), self.field_codec(field));
                quote!(out.segment_of::<#codec>(&response.#name);)
            }
            _ => TokenStream::new(),
        }
    }

    /// The note of `#[deprecated]`.
    pub(super) fn deprecated(self, endpoint: &Endpoint) -> Option<TokenStream> {
        let legacy: &Legacy = endpoint.legacy.as_ref()?;
        let note = match self.replacement(legacy) {
            Some(instead) => format!("use `{instead}` instead"),
            None => "legacy, without a replacement".to_owned(),
        };
        Some(quote!(#[deprecated(note = #note)]))
    }
}

/// Calls of a writer, with the literal text between them.
#[derive(Default)]
struct Steps {
    steps: Vec<TokenStream>,
    literal: String,
}

impl Steps {
    fn around(&mut self, before: &str, step: TokenStream, after: &str) {
        self.literal.push_str(before);
        self.flush();
        self.steps.push(step);
        self.literal.push_str(after);
    }

    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.steps.push(quote!(out.raw(#literal);));
        }
    }

    fn finish(mut self) -> TokenStream {
        self.flush();
        self.steps.into_iter().collect()
    }
}

/// Whether methods take the field as an argument; others are options.
pub(super) fn is_argument(field: &Field) -> bool {
    matches!(field.presence, Presence::Required | Presence::Many)
}

/// Whether a value consists of digits only, so that a route can tell it from words.
pub(super) fn takes_digits(field: &Field) -> bool {
    matches!(field.kind, ValueKind::Scalar(Scalar::Id(_)))
}

/// `/pages/{page_id}/notes.xml`
pub(super) fn template(endpoint: &Endpoint) -> String {
    let segments = endpoint.path.iter().map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Hole { before, field, after } => format!("/{before}{{{}}}{after}", endpoint.fields[*field].name),
    });
    segments.collect()
}

pub(super) fn method(method: Method) -> proc_macro2::Ident {
    ident(method.as_str())
}

fn without_extension(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(stem, _)| stem)
}
