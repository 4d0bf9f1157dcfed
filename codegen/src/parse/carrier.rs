//! Carriers and envelopes. The carrier of a style is the part of a request that has the token: a path segment, a
//! header, a query parameter, or an element of the envelope.

use std::ops::Range;

use super::xml::{self, XmlNode};
use crate::diagnostic::SourceSink;
use crate::notation::{EnvelopePart, TokenHeader, TokenSegment, find_token_element};
use crate::syntax::Text;

/// Placeholder of the token in a style.
const TOKEN: &str = "{token}";
/// Headers that a client or its connection sets, sorted. None of them can carry a token.
const OTHER_HEADERS: &[&str] = &[
    "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "date", "expect",
    "host", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    "user-agent", "via",
];
/// Placeholder of the payload in an envelope.
const PAYLOAD: &str = "{payload}";

/// Parses the envelope in `<request>` or `<response>` of a style.
pub(super) fn parse_envelope(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Vec<EnvelopePart> {
    xml::reject_unknown_attributes(node, &[], sink);
    let roots = xml::child_elements(node, sink);
    let before = sink.len();
    let mut envelope = EnvelopeParser { allow_token: node.has_tag_name("request"), parts: Vec::new(), sink };
    roots.iter().for_each(|root| envelope.parse_element(*root));
    let parts = envelope.parts;
    if roots.len() != 1 {
        sink.error(xml::tag_range(node, sink), "an envelope has exactly one root")
            .help(format!("write `<{0}><{0}>{PAYLOAD}</{0}></{0}>`", node.tag_name().name()));
    } else if !parts.contains(&EnvelopePart::Payload) && sink.len() == before {
        // Not reported after another error, which may be the reason, such as a misspelled placeholder.
        sink.error(xml::tag_range(node, sink), format!("this envelope has no `{PAYLOAD}`"))
            .help(format!("write `{PAYLOAD}` where the elements of an endpoint go"));
    }
    parts
}

/// Parses the elements of an envelope into a flat list of parts.
struct EnvelopeParser<'p, 's> {
    /// `true` in the envelope of requests. Responses have no token.
    allow_token: bool,
    /// Parts parsed so far.
    parts: Vec<EnvelopePart>,
    sink: &'p mut SourceSink<'s>,
}

impl EnvelopeParser<'_, '_> {
    /// Adds the parts of an element and of its content.
    fn parse_element(&mut self, node: XmlNode<'_>) {
        let name = node.tag_name().name().to_owned();
        let attributes: Vec<(String, String)> =
            node.attributes().map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned())).collect();
        for attribute in node.attributes().filter(|attribute| attribute.value().contains(['{', '}'])) {
            self.sink
                .error(attribute.range_value(), "an attribute of an envelope cannot have a hole")
                .help(format!("`{TOKEN}` is the whole content of an element"));
        }
        if self.allow_token && is_token(node) {
            return self.parse_token(node, name);
        }
        if !node.has_children() {
            return self.parts.push(EnvelopePart::Empty(name, attributes));
        }
        self.parts.push(EnvelopePart::Open(name.clone(), attributes));
        for child in node.children() {
            if child.is_element() {
                self.parse_element(child);
            } else if child.is_text() {
                self.parse_text(child);
            }
        }
        self.parts.push(EnvelopePart::Close(name));
    }

    /// Adds the element that contains the token. Reports a second token, and attributes.
    fn parse_token(&mut self, node: XmlNode<'_>, name: String) {
        if find_token_element(&self.parts).is_some() {
            self.sink.error(xml::tag_range(node, self.sink), format!("duplicate `{TOKEN}`"));
        }
        if let Some(attribute) = node.attributes().next() {
            self.sink.error(attribute.range(), "the element of the token cannot have attributes");
        }
        self.parts.push(EnvelopePart::Token(name));
    }

    /// Adds the payload if the text contains its placeholder. Reports a second placeholder and all other text.
    fn parse_text(&mut self, node: XmlNode<'_>) {
        // Start of the text that has not been checked yet.
        let mut start = node.range().start;
        let source = self.sink.slice(&node.range());
        for (at, _) in source.match_indices(PAYLOAD) {
            let payload = node.range().start + at..node.range().start + at + PAYLOAD.len();
            self.reject_text(start..payload.start);
            start = payload.end;
            if self.parts.contains(&EnvelopePart::Payload) {
                self.sink.error(payload, format!("duplicate `{PAYLOAD}`")).help("remove one");
            } else {
                self.parts.push(EnvelopePart::Payload);
            }
        }
        self.reject_text(start..node.range().end);
    }

    /// Reports text that is not white space.
    fn reject_text(&mut self, range: Range<usize>) {
        let range = xml::trim(self.sink, range);
        let text = self.sink.slice(&range);
        if text.is_empty() {
            return;
        }
        let error = self.sink.error(range, format!("unexpected `{text}` in an envelope"));
        if text == TOKEN && self.allow_token {
            error.help(format!("`{TOKEN}` is the whole content of an element"));
        } else if text == TOKEN {
            error.help("responses have no token");
        } else {
            error.suggest(text, [PAYLOAD]);
        }
    }
}

/// `true` if the token is the whole content of the element.
fn is_token(node: XmlNode<'_>) -> bool {
    !node.children().any(|child| child.is_element()) && node.text().is_some_and(|text| text.trim() == TOKEN)
}

/// Parses `<header name="X">before {token} after</header>`. Returns `None` after reporting an error if the value is
/// invalid.
pub(super) fn parse_header(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<TokenHeader> {
    xml::reject_unknown_attributes(node, &["name"], sink);
    let name = xml::read_required_attribute(node, "name", sink);
    let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.text.chars().all(is_token_char) {
        sink.error(name.span.range(), format!("`{}` is not a valid header name", name.text));
    } else if OTHER_HEADERS.binary_search(&name.text.to_ascii_lowercase().as_str()).is_ok() {
        sink.error(name.span.range(), format!("`{}` cannot carry a token", name.text))
            .help("HTTP gives this header another meaning; write the header that the service reads the token from");
    }
    let value = node.text().unwrap_or_default();
    let Some((before, after)) = value.split_once(TOKEN) else {
        sink.error(xml::tag_range(node, sink), format!("this header has no `{TOKEN}`"))
            .help(format!("write `<header name=\"…\">{TOKEN}</header>`"));
        return None;
    };
    let is_literal = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b)) && !text.contains(['{', '}']);
    if node.children().count() != 1 || !is_literal(before) || !is_literal(after) {
        let at = node.first_child().map_or_else(|| node.range(), |child| child.range());
        sink.error(at, format!("a header value is `{TOKEN}`, optionally with ASCII text around it"));
        return None;
    }
    let header = TokenHeader { name: name.text, before: before.to_owned(), after: after.to_owned() };
    if header.basic_scheme_length().is_some() && !value.contains(':') {
        let at = node.first_child().map_or_else(|| node.range(), |child| child.range());
        sink.error(at, "HTTP Basic needs a user name, `:` and a password")
            .help(format!("write `Basic {TOKEN}:X` if the token is the user name; clients encode it in base64"));
    }
    if header.name.eq_ignore_ascii_case("cookie") && !(is_cookie_start(before) && after.is_empty()) {
        let at = node.first_child().map_or_else(|| node.range(), |child| child.range());
        sink.error(at, "the value of a cookie is the token")
            .help(format!("write `<header name=\"Cookie\">name={TOKEN}</header>`"));
    }
    Some(header)
}

/// `true` for the name of a cookie with `=` after it.
fn is_cookie_start(text: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && !name.contains([' ', ';', ',', '=', '"']);
    text.strip_suffix('=').is_some_and(is_name)
}

/// Parses `<query name="{token}"/>`. Returns the name of the parameter, or `None` after reporting an error.
pub(super) fn parse_query(node: XmlNode<'_>, sink: &mut SourceSink<'_>) -> Option<String> {
    xml::reject_children(node, sink);
    let mut attributes = node.attributes();
    match (attributes.next(), attributes.next()) {
        (Some(attribute), None) if attribute.value() == TOKEN => Some(attribute.name().to_owned()),
        (Some(attribute), None) => {
            sink.error(attribute.range_value(), format!("the query parameter of a style is `{TOKEN}`"));
            None
        }
        _ => {
            sink.error(xml::tag_range(node, sink), "the query of a style has exactly one parameter")
                .help(format!("write `<query name=\"{TOKEN}\"/>`"));
            None
        }
    }
}

/// Parses the path prefix of a style, such as `/{token}`. Returns an empty prefix after reporting an error.
pub(super) fn parse_prefix(path: &Text, sink: &mut SourceSink<'_>) -> Vec<TokenSegment> {
    let help = format!("write `/{TOKEN}`");
    let Some(rest) = path.text.strip_prefix('/') else {
        sink.error(path.span.range(), "the path of a style starts with `/`").help(help);
        return Vec::new();
    };
    let is_literal =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let token_count = rest.split('/').filter(|segment| *segment == TOKEN).count();
    if token_count != 1 || !rest.split('/').all(|segment| segment == TOKEN || is_literal(segment)) {
        sink.error(
            path.span.range(),
            format!("exactly one segment in the path of a style is `{TOKEN}`, and the others are literal text"),
        )
        .help(help);
        return Vec::new();
    }
    rest.split('/')
        .map(|segment| if segment == TOKEN { TokenSegment::Token } else { TokenSegment::Literal(segment.to_owned()) })
        .collect()
}
