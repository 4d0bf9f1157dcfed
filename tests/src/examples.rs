//! The schema's examples as HTTP: the requests of a client and the responses of a service.

use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::service::{EnvelopePart, Operation};
use bytes::Bytes;
use xmlwire_codegen::model::{Api, Endpoint, Example, Section, Segment, Xml};

/// Token of every example.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// Base URL of the account in the examples.
pub const BASE: &str = "http://acme.backpackit.com";

/// An example with its endpoint.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// Section of the endpoint.
    pub section: &'a Section,
    /// Endpoint in the model.
    pub endpoint: &'a Endpoint,
    /// Operation in the bindings.
    pub operation: &'static Operation,
    /// Example in the model.
    pub example: &'a Example,
    /// Index among the endpoint's examples.
    pub index: usize,
}

/// Lists every example of every operation.
pub fn cases(api: &Api) -> impl Iterator<Item = Case<'_>> {
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    endpoints.flat_map(|(section, endpoint)| {
        let operation = find_operation(section, endpoint);
        let examples = endpoint.examples.iter().enumerate();
        examples.map(move |(index, example)| Case { section, endpoint, operation, example, index })
    })
}

/// Finds the operation of an endpoint in the bindings.
pub fn find_operation(section: &Section, endpoint: &Endpoint) -> &'static Operation {
    let name = format!("{}.{}", section.name, endpoint.name);
    let operations = backpack_api::SERVICE.operations.iter();
    operations.copied().find(|operation| operation.name == name).expect("the bindings should have every operation")
}

impl Case<'_> {
    /// Name of the case: `notes.create`, and `notes.create 2` for the second example of an operation.
    pub fn name(&self) -> String {
        let name = self.operation.name;
        if self.index == 0 { name.to_owned() } else { format!("{name} {}", self.index + 1) }
    }

    /// Builds the request, with the token in the position that the style determines.
    pub fn request(&self) -> Request<Bytes> {
        build_request(self.operation, self.method(), &self.example.path, self.example.request.as_deref())
    }

    /// Returns the HTTP method of the route that the path of the example matches. An example that clients never write
    /// may match an alternative route, which takes precedence over the endpoint's own.
    fn method(&self) -> &'static str {
        let path = self.example.path.split('?').next().unwrap_or_default();
        let also =
            self.endpoint.also.iter().filter(|route| !self.example.is_written && matches_route(&route.path, path));
        also.map(|route| route.method).next().unwrap_or(self.endpoint.method).as_str()
    }

    /// Builds the response, if the example has one.
    pub fn response(&self) -> Option<Response<Bytes>> {
        let response = self.example.response.as_ref()?;
        let location = response.location.as_deref();
        Some(build_response(self.operation, response.status, location, &response.payload))
    }
}

/// `true` if a path without query matches a route.
fn matches_route(route: &[Segment], path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let matches_segment = |(segment, part): (&Segment, &&str)| match segment {
        Segment::Literal(text) => text == part,
        Segment::Hole { before, after, .. } => part.starts_with(before) && part.ends_with(after),
    };
    parts.len() == route.len() && route.iter().zip(&parts).all(matches_segment)
}

/// Builds a request of an operation from a path and a payload, to which it adds the style's prefix, token and envelope.
pub fn build_request(operation: &Operation, method: &str, path: &str, payload: Option<&[Xml]>) -> Request<Bytes> {
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
    request.body(build_request_body(operation, payload).into()).expect("an example should be a valid request")
}

/// Builds the body of a request: the payload in the style's envelope. The body is empty if there is no payload and the
/// style does not put the token into the body.
fn build_request_body(operation: &Operation, payload: Option<&[Xml]>) -> String {
    if payload.is_none() && !operation.style.has_token_in_body() {
        return String::new();
    }
    let payload: String = payload.into_iter().flatten().map(encode_xml).collect();
    let parts = operation.style.request.map_or(&[EnvelopePart::Payload][..], |envelope| envelope.parts);
    let encode_part = |part: &EnvelopePart| match part {
        EnvelopePart::Xml(text) => (*text).to_owned(),
        EnvelopePart::Token(name) => format!("<{name}>{TOKEN}</{name}>"),
        EnvelopePart::Payload => payload.clone(),
    };
    parts.iter().map(encode_part).collect()
}

/// Builds a response of an operation: adds the style's envelope to the payload.
pub fn build_response(operation: &Operation, status: u16, location: Option<&str>, payload: &[Xml]) -> Response<Bytes> {
    let payload: String = payload.iter().map(encode_xml).collect();
    let mut response = Response::builder().status(status);
    if let Some(location) = location {
        response = response.header("location", location);
    }
    response.body(wrap_in_envelope(operation, &payload).into()).expect("an example should be a valid response")
}

/// Wraps the payload of a response in the operation's envelope, if it has one.
pub fn wrap_in_envelope(operation: &Operation, payload: &str) -> String {
    match operation.response_envelope() {
        Some(envelope) => [envelope.before, payload, envelope.after].concat(),
        None => payload.to_owned(),
    }
}

/// Builds a successful response of an operation, with an empty payload in the envelope.
pub fn build_empty_success(operation: &Operation) -> Response<Bytes> {
    let envelope = operation.response_envelope().map(|envelope| [envelope.before, envelope.after].concat());
    let mut response = Response::new(envelope.unwrap_or_default().into());
    *response.status_mut() = StatusCode::from_u16(operation.status).unwrap_or_default();
    response
}

/// Encodes an element without white space between its children.
pub fn encode_xml(xml: &Xml) -> String {
    // XML readers normalize unescaped line ends, and in attributes also other white space.
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;");
    let encode_attribute = |(name, value): &(String, String)| {
        format!(" {name}=\"{}\"", escape(value).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;"))
    };
    let attributes: String = xml.attributes.iter().map(encode_attribute).collect();
    let children: String = xml.children.iter().map(encode_xml).collect();
    format!("<{0}{attributes}>{1}{children}</{0}>", xml.name, escape(&xml.text))
}
