//! The schema's examples as HTTP: what a client would send, what a service would answer.

use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::service::{Operation, Part};
use bytes::Bytes;
use xmlwire_codegen::model::{Api, Endpoint, Example, Section, Segment, Xml};

/// The token in every example.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// Where the examples' account is.
pub const BASE: &str = "http://acme.backpackit.com";

/// An example with all that belongs to it.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The section.
    pub section: &'a Section,
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// The operation, as the bindings have it.
    pub operation: &'static Operation,
    /// The example.
    pub example: &'a Example,
    /// Its place among the endpoint's examples, from 0.
    pub index: usize,
}

/// Every example of every operation.
pub fn cases(api: &Api) -> impl Iterator<Item = Case<'_>> {
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    endpoints.flat_map(|(section, endpoint)| {
        let operation = operation(section, endpoint);
        let examples = endpoint.examples.iter().enumerate();
        examples.map(move |(index, example)| Case { section, endpoint, operation, example, index })
    })
}

/// The operation of an endpoint, as the bindings have it.
pub fn operation(section: &Section, endpoint: &Endpoint) -> &'static Operation {
    let name = format!("{}.{}", section.name, endpoint.name);
    let operations = backpack_api::SERVICE.operations.iter();
    operations.copied().find(|operation| operation.name == name).expect("the bindings should have every operation")
}

impl Case<'_> {
    /// `notes.create`, and for later examples of one operation `notes.create 2`.
    pub fn name(&self) -> String {
        let name = self.operation.name;
        if self.index == 0 { name.to_owned() } else { format!("{name} {}", self.index + 1) }
    }

    /// The request, with the token in its carrier.
    pub fn request(&self) -> Request<Bytes> {
        request(self.operation, self.method(), &self.example.path, self.example.request.as_deref())
    }

    /// The method of the route that the example's path takes. An example that is only read takes one more route first.
    fn method(&self) -> &'static str {
        let path = self.example.path.split('?').next().unwrap_or_default();
        let also = self.endpoint.also.iter().filter(|route| !self.example.written && fits(&route.path, path));
        also.map(|route| route.method).next().unwrap_or(self.endpoint.method).as_str()
    }

    /// The answer, if the example has one.
    pub fn response(&self) -> Option<Response<Bytes>> {
        let response = self.example.response.as_ref()?;
        let location = response.location.as_deref();
        Some(self::response(self.operation, response.status, location, &response.payload))
    }
}

/// Whether a path is one of a route.
fn fits(route: &[Segment], path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let same = |(segment, part): (&Segment, &&str)| match segment {
        Segment::Literal(text) => text == part,
        Segment::Hole { before, after, .. } => part.starts_with(before) && part.ends_with(after),
    };
    parts.len() == route.len() && route.iter().zip(&parts).all(same)
}

/// A request of an operation: path and query without the style's, and the payload if it has one.
pub fn request(operation: &Operation, method: &str, path: &str, payload: Option<&[Xml]>) -> Request<Bytes> {
    let style = operation.style;
    let prefix: String = style.prefix.iter().map(|segment| format!("/{}", segment.unwrap_or(TOKEN))).collect();
    let mut uri = format!("{BASE}{prefix}{path}");
    if let Some(name) = style.query {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.push_str(&format!("{name}={TOKEN}"));
    }
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(header) = style.header {
        request = request.header(header.name, format!("{}{TOKEN}{}", header.before, header.after));
    }
    request.body(request_body(operation, payload).into()).expect("an example should make a request")
}

fn request_body(operation: &Operation, payload: Option<&[Xml]>) -> String {
    if payload.is_none() && !operation.style.token_in_body() {
        return String::new();
    }
    let payload: String = payload.into_iter().flatten().map(written).collect();
    let parts = operation.style.request.map_or(&[Part::Payload][..], |envelope| envelope.parts);
    let part = |part: &Part| match part {
        Part::Xml(text) => (*text).to_owned(),
        Part::Token(name) => format!("<{name}>{TOKEN}</{name}>"),
        Part::Payload => payload.clone(),
    };
    parts.iter().map(part).collect()
}

/// An answer of an operation.
pub fn response(operation: &Operation, status: u16, location: Option<&str>, payload: &[Xml]) -> Response<Bytes> {
    let payload: String = payload.iter().map(written).collect();
    let mut response = Response::builder().status(status);
    if let Some(location) = location {
        response = response.header("location", location);
    }
    response.body(enveloped(operation, &payload).into()).expect("an example should make an answer")
}

/// The payload of an answer in its envelope, if it has one.
pub fn enveloped(operation: &Operation, payload: &str) -> String {
    match operation.response_envelope() {
        Some(envelope) => [envelope.before, payload, envelope.after].concat(),
        None => payload.to_owned(),
    }
}

/// The answer of an operation that has nothing to say.
pub fn success_of(operation: &Operation) -> Response<Bytes> {
    let envelope = operation.response_envelope().map(|envelope| [envelope.before, envelope.after].concat());
    let mut response = Response::new(envelope.unwrap_or_default().into());
    *response.status_mut() = StatusCode::from_u16(operation.status).unwrap_or_default();
    response
}

/// An element as text, without white space of its own.
pub fn written(xml: &Xml) -> String {
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;");
    let attribute = |(name, value): &(String, String)| {
        format!(" {name}=\"{}\"", escape(value).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;"))
    };
    let attributes: String = xml.attributes.iter().map(attribute).collect();
    let children: String = xml.children.iter().map(written).collect();
    format!("<{0}{attributes}>{1}{children}</{0}>", xml.name, escape(&xml.text))
}
