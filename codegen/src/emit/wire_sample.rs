//! Writes an example of the schema as HTTP: request and response, indented, with `TOKEN` for the token.

use super::emitter::Emitter;
use crate::model::{Endpoint, EnvelopePart, Example, ExampleResponse, Xml};
use crate::xml_text::start_tag;

impl Emitter<'_> {
    /// Returns the request and the response of an example as text.
    pub(super) fn write_http_sample(self, endpoint: &Endpoint, example: &Example) -> String {
        let style = &self.api.styles[endpoint.style.0];
        let mut text = format!("{} {}{}", endpoint.method.as_str(), self.path_prefix(endpoint), example.path);
        if let Some(name) = &style.query {
            text.push(if example.path.contains('?') { '&' } else { '?' });
            text.push_str(&format!("{name}=TOKEN"));
        }
        text.push('\n');
        if let Some(header) = &style.header {
            text.push_str(&header.describe());
            text.push('\n');
        }
        if let Some(body) = self.write_request_body(endpoint, example) {
            text.push('\n');
            text.push_str(&body);
        }
        if let Some(response) = &example.response {
            self.write_response_sample(endpoint, response, &mut text);
        }
        text.trim_end().to_owned()
    }

    /// Appends the response of an example, after an empty line.
    fn write_response_sample(self, endpoint: &Endpoint, response: &ExampleResponse, out: &mut String) {
        out.push_str(&format!("\nHTTP/1.1 {}\n", response.status));
        if let Some(location) = &response.location {
            out.push_str(&format!("Location: {location}\n"));
        }
        if let Some(body) = self.write_response_body(endpoint, response) {
            out.push('\n');
            out.push_str(&body);
        }
    }

    /// Returns the body of an example's request; `None` if it has none.
    pub(super) fn write_request_body(self, endpoint: &Endpoint, example: &Example) -> Option<String> {
        let style = &self.api.styles[endpoint.style.0];
        style
            .has_request_body(endpoint)
            .then(|| write_body(style.request.as_deref(), example.request.as_deref().unwrap_or_default()))
    }

    /// Returns the body of an example's response; `None` if it has none.
    pub(super) fn write_response_body(self, endpoint: &Endpoint, response: &ExampleResponse) -> Option<String> {
        let style = &self.api.styles[endpoint.style.0];
        // A response with status 204 has no body, and therefore no envelope.
        let envelope = style.response.as_deref().filter(|_| endpoint.response.has_envelope && response.status != 204);
        let has_body = envelope.is_some() || !response.payload.is_empty();
        has_body.then(|| write_body(envelope, &response.payload))
    }
}

/// Returns a document as text, indented.
pub(super) fn write_document(xml: &Xml) -> String {
    let mut text = String::new();
    write_xml(xml, 0, &mut text);
    text
}

/// Returns a payload in its envelope, indented. Without an envelope, returns the payload alone.
fn write_body(envelope: Option<&[EnvelopePart]>, payload: &[Xml]) -> String {
    let mut text = String::new();
    let out = &mut text;
    let mut depth = 0;
    for part in envelope.unwrap_or(&[EnvelopePart::Payload]) {
        match part {
            EnvelopePart::Payload => payload.iter().for_each(|xml| write_xml(xml, depth, out)),
            EnvelopePart::Open(..) => {
                write_line(depth, &part.format("TOKEN"), out);
                depth += 1;
            }
            EnvelopePart::Close(_) => {
                depth -= 1;
                write_line(depth, &part.format("TOKEN"), out);
            }
            EnvelopePart::Empty(..) | EnvelopePart::Token(_) => write_line(depth, &part.format("TOKEN"), out),
        }
    }
    text
}

/// Appends a line, indented by two spaces for each level of `depth`.
fn write_line(depth: usize, text: &str, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

/// Appends an element: on one line if it has no child elements, otherwise with each child on lines of its own.
fn write_xml(xml: &Xml, depth: usize, out: &mut String) {
    let start = start_tag(&xml.name, &xml.attributes);
    if xml.children.is_empty() && xml.text.is_empty() {
        return write_line(depth, &format!("{start}/>"), out);
    }
    if xml.children.is_empty() {
        let text = xml.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        return write_line(depth, &format!("{start}>{text}</{}>", xml.name), out);
    }
    write_line(depth, &format!("{start}>"), out);
    xml.children.iter().for_each(|child| write_xml(child, depth + 1, out));
    write_line(depth, &format!("</{}>", xml.name), out);
}
