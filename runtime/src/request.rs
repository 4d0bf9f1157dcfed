//! A value to an HTTP request: the target, the token in its carrier, the envelope.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};

use crate::caller::{Caller, Credentials};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::query::QueryWriter;
use crate::service::{Header, Part};
use crate::xml::{EncodeError, Writer};

/// The request of an endpoint, by a caller.
pub(crate) fn build<E: Endpoint>(endpoint: &E, caller: &Caller) -> Result<http::Request<Bytes>, Error> {
    let operation = E::OPERATION;
    let refused = |error| Error::invalid(operation, error);
    let target = Writer::to_string(|out| write_target(endpoint, caller, out)).map_err(refused)?;
    let uri = caller.at(target).ok_or_else(|| refused(EncodeError::new("the address would be no valid one")))?;
    let body = body(endpoint, caller).map_err(refused)?;
    let mut request = http::Request::new(body);
    *request.method_mut() = operation.method.clone();
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, caller.agent().clone());
    if E::OPERATION.payload || operation.style.token_in_body() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    let carrier = match caller.credentials() {
        Credentials::Token(token) => operation.style.header.map(|header| (header, token.clone())),
        bearer => {
            let unknown = || refused(EncodeError::new("the service takes no bearer token"));
            let header = operation.style.bearer.ok_or_else(unknown)?;
            bearer.bearer().map(|token| (header, token))
        }
    };
    if let Some((header, token)) = carrier {
        headers.insert(HeaderName::from_static(header.name), carry(header, token.expose()));
    }
    Ok(request)
}

/// A header's value with a token in it, which HTTP libraries do not log.
fn carry(header: Header, token: &str) -> HeaderValue {
    let text = zeroize::Zeroizing::new(format!("{}{token}{}", header.before, header.after));
    // A token consists of characters that any header takes.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Writes the path and the query.
fn write_target<E: Endpoint>(endpoint: &E, caller: &Caller, out: &mut Writer) {
    let style = E::OPERATION.style;
    out.raw(caller.path());
    for segment in style.prefix {
        match (segment, caller.token()) {
            (Some(literal), _) => {
                out.raw("/");
                out.raw(literal);
            }
            (None, Some(token)) => {
                out.raw("/");
                out.path_segment(token);
            }
            (None, None) => {}
        }
    }
    endpoint.write_path(out);
    let mut query = QueryWriter::new(out);
    endpoint.write_query(&mut query);
    if let (Some(name), Some(token)) = (style.query, caller.token()) {
        query.text_pair(name, token);
    }
}

fn body<E: Endpoint>(endpoint: &E, caller: &Caller) -> Result<Bytes, EncodeError> {
    let operation = E::OPERATION;
    if !operation.payload && !operation.style.token_in_body() {
        return Ok(Bytes::new());
    }
    let parts = operation.style.request.map_or(&[Part::Payload][..], |envelope| envelope.parts);
    let body = Writer::to_string(|xml| {
        for part in parts {
            match (part, caller.token()) {
                (Part::Xml(text), _) => xml.raw(text),
                (Part::Payload, _) => endpoint.write_payload(xml),
                (Part::Token(name), Some(token)) => write_token(name, token, xml),
                (Part::Token(_), None) => {}
            }
        }
    })?;
    Ok(body.into())
}

fn write_token(name: &str, token: &str, xml: &mut Writer) {
    xml.raw("<");
    xml.raw(name);
    xml.raw(">");
    xml.text(token);
    xml.raw("</");
    xml.raw(name);
    xml.raw(">");
}
