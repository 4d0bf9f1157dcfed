//! An HTTP answer to a value, and back.

use std::cell::Cell;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode, Uri};

use crate::decode::{DecodeError, DecodeErrorKind};
use crate::endpoint::{Endpoint, ServeEndpoint};
use crate::error::{Error, ErrorKind, Refusal, Unreadable};
use crate::incoming::{Segment, captures, segments};
use crate::scalar::Scalar;
use crate::service::{Failure, Operation, ResponseEnvelope};
use crate::transport;
use crate::xml::{EncodeError, Reader, Writer};

/// An answer that the HTTP status calls a success.
pub struct Answer<'x> {
    operation: &'static Operation,
    status: StatusCode,
    body: &'x str,
    location: Option<&'x str>,
    /// How much of the body was skipped as unknown.
    unknown: Cell<usize>,
}

/// What came of reading an answer.
pub(crate) struct Value<R> {
    pub(crate) value: R,
    /// How many elements and attributes of the body were skipped as unknown.
    pub(crate) unknown: usize,
}

impl<'x> Answer<'x> {
    /// Reads the payload: the reader stands in the innermost element of the envelope, or before the root.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the envelope is not there, the answer is a failure, or the payload cannot be read.
    pub fn payload<T>(&self, read: impl FnOnce(&mut Reader<'x>) -> Result<T, DecodeError>) -> Result<T, DecodeError> {
        if self.body.trim_ascii_start().is_empty() {
            return Err(DecodeError::new("", DecodeErrorKind::Empty));
        }
        let mut xml = Reader::new(self.body);
        let result = match self.operation.response_envelope() {
            Some(envelope) => self.in_envelope(envelope, &mut xml, read),
            None => read(&mut xml),
        };
        self.unknown.set(xml.unknown_count());
        result.map_err(|error| error.locate_in(self.body))
    }

    /// Goes into the envelope, reads the payload there, and out of it again.
    fn in_envelope<T>(
        &self,
        envelope: &ResponseEnvelope,
        xml: &mut Reader<'x>,
        read: impl FnOnce(&mut Reader<'x>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let (root, inner) = envelope.path.split_first().unwrap_or((&"", &[]));
        match xml.next_child()? {
            Some(name) if name == *root => {}
            _ => return Err(DecodeError::at(xml.start(), DecodeErrorKind::Root { expected: root })),
        }
        let marks = marks(xml, envelope);
        if marks == Marks::Others {
            return Err(DecodeError::at(
                xml.start(),
                DecodeErrorKind::Unexpected("it says that it is no success, but not why"),
            ));
        }
        if marks == Marks::Missing && failure(self.operation, self.body).is_some() {
            return Err(DecodeError::at(xml.start(), DecodeErrorKind::Unexpected("it is a failure")));
        }
        for name in inner {
            loop {
                match xml.next_child()? {
                    Some(child) if child == *name => break,
                    Some(_) => xml.skip_unknown()?,
                    None => return Err(DecodeError::at(xml.start(), DecodeErrorKind::Missing)),
                }
            }
        }
        let value = read(xml)?;
        // `read` has left the innermost element; what is left are those around it, and the document: nothing may follow.
        for _ in envelope.path {
            xml.leave_element()?;
        }
        Ok(value)
    }

    /// Reads an answer that has no value: the envelope if there is one, else nothing. A service that says 204 has sent
    /// no envelope, whatever the operation's answer is.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the envelope is not there, or a web page is.
    pub fn nothing(&self) -> Result<(), DecodeError> {
        match self.operation.response_envelope() {
            Some(_) if self.status != StatusCode::NO_CONTENT => self.payload(|xml| Ok(xml.leave_element()?)),
            // What stands between us and the service, such as a sign-in page of a network, answers so.
            _ if is_html(self.body) => Err(DecodeError::new("", DecodeErrorKind::Unexpected("it is a web page"))),
            _ => Ok(()),
        }
    }

    /// Reads the value in the `Location`, given the template of its path: it stands in the hole without a name.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is no `Location` or it has another form.
    pub fn location<S: Scalar>(&self, template: &[Segment]) -> Result<S::Value, DecodeError> {
        let missing = || DecodeError::new("Location", DecodeErrorKind::Missing);
        let path = path_of(self.location.ok_or_else(missing)?);
        let invalid = |invalid| DecodeError::new("Location", DecodeErrorKind::InvalidValue(invalid));
        let unexpected = || {
            DecodeError::new("Location", DecodeErrorKind::Unexpected("the Location has another form than it should"))
        };
        let same = |one: &str, other: &str| one.replace('-', "_") == other.replace('-', "_");
        let values = captures(template, &segments(path), same).ok_or_else(unexpected)?;
        let (_, value) = values.into_iter().find(|(name, _)| name.is_empty()).ok_or_else(unexpected)?;
        S::read(value).map_err(invalid)?.ok_or_else(missing)
    }
}

/// The path of a `Location`, which may be an absolute URL or an absolute path, without a last extension.
fn path_of(location: &str) -> &str {
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or_default(),
        None => location,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => stem,
        _ => path,
    }
}

/// What the root just entered says about success.
#[derive(PartialEq, Eq)]
enum Marks {
    /// It bears the marks of a success.
    Success,
    /// It bears not all of them, or there are none to bear: it takes a second look.
    Missing,
    /// It has the attribute of a mark, with another text: it is no success, whatever else it holds.
    Others,
}

fn marks(xml: &mut Reader<'_>, envelope: &ResponseEnvelope) -> Marks {
    let mut found = 0;
    while let Some(attribute) = xml.next_attribute() {
        match envelope.marks.iter().find(|(name, _)| *name == attribute.name) {
            Some((_, text)) if attribute.value() != *text => return Marks::Others,
            Some(_) => found += 1,
            None => xml.count_unknown_attribute(attribute.name),
        }
    }
    if found > 0 && found == envelope.marks.len() { Marks::Success } else { Marks::Missing }
}

/// The failure that a body means, if it means one. It may be malformed, as it was in the service's own words.
fn failure(operation: &Operation, body: &str) -> Option<Failure> {
    (operation.style.failure?.read)(&mut Reader::lenient(body)).ok()
}

/// Reads the answer to a request.
pub(crate) fn read<E: Endpoint>(response: &Response<Bytes>) -> Result<Value<E::Response>, Error> {
    let operation = E::OPERATION;
    let status = response.status();
    let body = str::from_utf8(response.body());
    let refused = |failure: Option<Failure>| Error::new(operation, ErrorKind::Refused(refusal(response, failure)));
    let failed = |body: &str| failure(operation, body).map(|failure| refused(Some(failure)));
    if !status.is_success() {
        return Err(body.ok().and_then(failed).unwrap_or_else(|| refused(None)));
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let result = match body {
        Ok(body) => {
            let answer = Answer { operation, status, body, location, unknown: Cell::new(0) };
            let value = E::read_response(&answer).map_err(|error| (error, failed(body)));
            value.map(|value| Value { value, unknown: answer.unknown.get() })
        }
        Err(_) => Err((DecodeError::new("", DecodeErrorKind::NotUtf8), None)),
    };
    result.map_err(|(error, failed)| {
        let html = body.is_ok_and(is_html);
        failed.unwrap_or_else(|| Error::new(operation, ErrorKind::Unreadable(Unreadable { status, html, error })))
    })
}

fn refusal(response: &Response<Bytes>, failure: Option<Failure>) -> Refusal {
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let (code, message) = failure.map(|failure| (failure.code, failure.message)).unzip();
    Refusal {
        status: response.status(),
        reason: transport::reason_phrase(response),
        code,
        message,
        retry_after: retry_after(response),
        login: response.status().is_redirection() && location.is_some_and(|location| path_of(location) == "/login"),
        redirect: location.filter(|_| response.status().is_redirection()).and_then(scheme_and_host),
    }
}

/// Where an address leads, without what may hold a token.
fn scheme_and_host(address: &str) -> Option<String> {
    let address: Uri = address.parse().ok()?;
    Some(format!("{}://{}", address.scheme()?, address.host()?))
}

/// How long to wait, as the service says: seconds, or a date measured against the answer's own.
pub(crate) fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let text = header(RETRY_AFTER)?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let time = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp());
    let wait = time(text)?.duration_since(time(header(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// A success that says nothing.
pub(crate) fn success_of(operation: &Operation) -> Response<Bytes> {
    let body = operation.response_envelope().map(|envelope| [envelope.before, envelope.after].concat());
    let mut response = Response::new(body.unwrap_or_default().into());
    *response.status_mut() = StatusCode::from_u16(operation.status).unwrap_or_default();
    response
}

fn is_html(body: &str) -> bool {
    let start: String = body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// Writes the answer to a request.
pub(crate) fn build<E: ServeEndpoint>(endpoint: &E, response: &E::Response) -> Result<Response<Bytes>, EncodeError> {
    let operation = E::OPERATION;
    let body = Writer::to_string(|xml| E::write_response(response, xml))?;
    let body = match operation.response_envelope() {
        Some(envelope) => [PROLOG, envelope.before, &body, envelope.after].concat(),
        None if body.is_empty() => body,
        None => [PROLOG, &body].concat(),
    };
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::from_u16(operation.status).unwrap_or(StatusCode::OK);
    if !answer.body().is_empty() {
        answer.headers_mut().insert(CONTENT_TYPE, XML);
    }
    let location = Writer::to_string(|out| endpoint.write_location(response, out))?;
    if let Some(location) = HeaderValue::try_from(location).ok().filter(|location| !location.is_empty()) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}

impl Operation {
    /// The HTTP answer that refuses a request: in the style's own document where it has one, with the status as its
    /// code, else in the status line.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] if the message holds a character that XML forbids.
    pub fn refuse(&self, status: StatusCode, message: &str) -> Result<Response<Bytes>, EncodeError> {
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = status;
        if let Some(shape) = self.style.failure {
            let failure = Failure { code: status.as_u16().into(), message: message.to_owned() };
            let body = Writer::to_string(|xml| {
                xml.raw(PROLOG);
                (shape.write)(&failure, xml);
            })?;
            *answer.body_mut() = body.into();
            answer.headers_mut().insert(CONTENT_TYPE, XML);
        } else {
            answer.extensions_mut().insert(transport::ReasonPhrase(message.to_owned()));
        }
        Ok(answer)
    }
}

/// What an answer is written in.
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// How an answer begins.
pub const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
