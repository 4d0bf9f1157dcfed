//! Reads responses on a client: functions that generated code calls, and functions that inspect a response.

use std::cell::{Cell, RefCell};

use http::StatusCode;

use crate::decode_error::{DecodeError, DecodeErrorKind};
use crate::path_template::{Segment, match_path, split_path};
use crate::scalar::{Scalar, trim};
use crate::service::{FailureDetails, Operation, ResponseEnvelope};
use crate::xml::Reader;

/// Reader of a response whose HTTP status is a success.
pub struct ResponseReader<'x> {
    operation: &'static Operation,
    status: StatusCode,
    body: &'x str,
    /// `Location` header; `None` if it is missing or not ASCII.
    location: Option<&'x str>,
    /// Number of elements and attributes of the body that were skipped as unknown.
    unknown_elements: Cell<usize>,
    /// Different paths of these elements and attributes.
    unknown_paths: RefCell<Vec<String>>,
}

impl<'x> ResponseReader<'x> {
    /// Creates a reader of a response from its parts.
    pub(crate) fn new(
        operation: &'static Operation,
        status: StatusCode,
        body: &'x str,
        location: Option<&'x str>,
    ) -> Self {
        Self { operation, status, body, location, unknown_elements: Cell::new(0), unknown_paths: RefCell::default() }
    }

    /// Returns the number of elements and attributes that were skipped as unknown.
    pub(crate) fn unknown_elements(&self) -> usize {
        self.unknown_elements.get()
    }

    /// Takes the different paths of elements and attributes that were skipped as unknown.
    pub(crate) fn take_unknown_paths(&self) -> Vec<String> {
        self.unknown_paths.take()
    }

    /// Reads the payload with `read`. The XML reader is then in the innermost element of the envelope. If there is no
    /// envelope, it is before the root.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is empty, the envelope is missing, the response reports a failure, or the payload
    /// cannot be read.
    pub fn read_payload<T>(
        &self,
        read: impl FnOnce(&mut Reader<'x>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if trim(self.body).is_empty() {
            return Err(DecodeError::new("", DecodeErrorKind::Empty));
        }
        let mut xml = Reader::new(self.body);
        let result = match self.operation.response_envelope() {
            Some(envelope) => self.read_payload_in_envelope(envelope, &mut xml, read),
            None => read(&mut xml),
        };
        self.unknown_elements.set(xml.unknown_count());
        self.unknown_paths.replace(xml.unknown_paths());
        result.map_err(|error| error.locate_in(self.body))
    }

    /// Reads an optional payload as [`read_payload`](Self::read_payload) does. If the response needs no envelope, a
    /// body without a root element has no value. No envelope is needed if the operation has none, or the status is 204.
    ///
    /// # Errors
    ///
    /// As [`read_payload`](Self::read_payload), except that the body may be empty.
    pub fn read_optional_payload<T: Default>(
        &self,
        read: impl FnOnce(&mut Reader<'x>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let needs_envelope = self.operation.response_envelope().is_some() && self.status != StatusCode::NO_CONTENT;
        if !needs_envelope && !has_root(self.body) { Ok(T::default()) } else { self.read_payload(read) }
    }

    /// Enters the envelope, reads the payload, and leaves the envelope.
    fn read_payload_in_envelope<T>(
        &self,
        envelope: &ResponseEnvelope,
        xml: &mut Reader<'x>,
        read: impl FnOnce(&mut Reader<'x>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let (root, inner) = envelope.path.split_first().unwrap_or((&"", &[]));
        match xml.next_child()? {
            Some(name) if name == *root => {}
            _ => return Err(DecodeError::at_offset(xml.start(), DecodeErrorKind::Root { expected: root })),
        }
        let status = read_envelope_status(xml, envelope);
        if status == EnvelopeStatus::Failure {
            let kind = DecodeErrorKind::Unexpected("the envelope reports a failure without a reason");
            return Err(DecodeError::at_offset(xml.start(), kind));
        }
        // A failure document may have the same root as the envelope, without its success attributes.
        if status == EnvelopeStatus::Unmarked && read_failure(self.operation, self.body).is_some() {
            return Err(DecodeError::at_offset(
                xml.start(),
                DecodeErrorKind::Unexpected("the envelope reports a failure"),
            ));
        }
        for name in inner {
            loop {
                match xml.next_child()? {
                    Some(child) if child == *name => break,
                    Some(_) => xml.skip_unknown()?,
                    None => return Err(DecodeError::at_offset(xml.start(), DecodeErrorKind::Missing)),
                }
            }
        }
        let value = read(xml)?;
        // `read` has left the innermost element. The elements around it and the end of the document remain.
        for _ in envelope.path {
            xml.leave_element()?;
        }
        Ok(value)
    }

    /// Reads a response without a value: the envelope, if there is one. With status 204 there is no envelope, whatever
    /// the operation declares.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the envelope is missing, or the body is an HTML page.
    pub fn read_empty(&self) -> Result<(), DecodeError> {
        match self.operation.response_envelope() {
            Some(_) if self.status != StatusCode::NO_CONTENT => self.read_payload(|xml| Ok(xml.leave_element()?)),
            // Intermediaries, such as the sign-in page of a network, respond with HTML and a success status.
            _ if is_html(self.body) => {
                Err(DecodeError::new("", DecodeErrorKind::Unexpected("the response is an HTML page")))
            }
            _ => Ok(()),
        }
    }

    /// Reads a value from the path of the `Location` header. The path matches `template`, and the value is in the hole
    /// whose name is empty.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is no `Location`, its path does not match the template, or the value is not valid.
    pub fn read_location<S: Scalar>(&self, template: &[Segment]) -> Result<S::Value, DecodeError> {
        let missing = || DecodeError::new("Location", DecodeErrorKind::Missing);
        let path = location_path(self.location.ok_or_else(missing)?);
        let invalid = |error| DecodeError::new("Location", DecodeErrorKind::InvalidValue(error));
        let unexpected = || {
            DecodeError::new(
                "Location",
                DecodeErrorKind::Unexpected("the Location header does not have the expected form"),
            )
        };
        // The service may write a dash where the template has an underscore, as in `/journal-entries/5`.
        let eq_except_dashes = |one: &str, other: &str| one.replace('-', "_") == other.replace('-', "_");
        let values = match_path(template, &split_path(path), eq_except_dashes).ok_or_else(unexpected)?;
        let (_, value) = values.into_iter().find(|(name, _)| name.is_empty()).ok_or_else(unexpected)?;
        S::read(value).map_err(invalid)?.ok_or_else(missing)
    }
}

/// `true` if a body has a root element, or markup that is not well-formed. `false` if it is empty, or has only white
/// space, an XML declaration and comments.
fn has_root(body: &str) -> bool {
    // Most bodies end with the end tag of their root.
    let end = body.trim_ascii_end();
    if !end.is_empty() && !["\u{FEFF}", "?>", "-->"].iter().any(|last| end.ends_with(last)) {
        return true;
    }
    // If the body has no root, the element after it is the root, and starts at the end of the body.
    let document = [body, "<root/>"].concat();
    let mut xml = Reader::new(&document);
    !(xml.next_child().is_ok() && xml.start() == body.len())
}

/// Returns the path of a `Location`, which may be an absolute URL or an absolute path. Query, fragment and the last
/// extension are removed.
pub(crate) fn location_path(location: &str) -> &str {
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

/// Status that the attributes of an envelope's root report.
#[derive(PartialEq, Eq)]
enum EnvelopeStatus {
    /// All success attributes are present.
    Success,
    /// Not all success attributes are present, or the envelope has none: the body may report a failure.
    Unmarked,
    /// A success attribute has another value: the response reports a failure, whatever else it contains.
    Failure,
}

/// Reads the attributes of an envelope's root. Those that are not success attributes are counted as unknown.
fn read_envelope_status(xml: &mut Reader<'_>, envelope: &ResponseEnvelope) -> EnvelopeStatus {
    let mut found = 0;
    while let Some(attribute) = xml.next_attribute() {
        match envelope.success_attributes.iter().find(|(name, _)| *name == attribute.name) {
            Some((_, text)) if attribute.value() != *text => return EnvelopeStatus::Failure,
            Some(_) => found += 1,
            None => xml.count_unknown_attribute(attribute.name),
        }
    }
    if found > 0 && found == envelope.success_attributes.len() {
        EnvelopeStatus::Success
    } else {
        EnvelopeStatus::Unmarked
    }
}

/// Reads the failure that a body reports; `None` if it reports none, or the style has no failure document. End tags may
/// have wrong names, because services are known to send such failure documents.
pub(crate) fn read_failure(operation: &Operation, body: &str) -> Option<FailureDetails> {
    (operation.style.failure?.read)(&mut Reader::lenient(body)).ok()
}

/// `true` if a body is an HTML page.
pub(crate) fn is_html(body: &str) -> bool {
    // 14 characters are enough for the longer of the two prefixes.
    let start: String = body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Integer;
    use crate::service::{RetryClass, Style};

    /// Creates an operation whose response is in an envelope, if it has one.
    const fn new_operation(style: &'static Style) -> Operation {
        Operation {
            name: "numbers.show",
            method: http::Method::GET,
            path: "/number.xml",
            style,
            rate_limit: None,
            retry: RetryClass::ReadOnly,
            has_payload: false,
            status: 200,
            has_envelope: true,
            errors: &[],
            is_legacy: false,
        }
    }

    /// Creates a style with this envelope of responses.
    const fn new_style(response: Option<ResponseEnvelope>) -> Style {
        Style {
            name: "plain",
            prefix: &[],
            header: None,
            query: None,
            request: None,
            response,
            bearer: None,
            failure: None,
            sign_in_path: None,
        }
    }

    static PLAIN: Style = new_style(None);
    static WRAPPED: Style = new_style(Some(ResponseEnvelope {
        before: "<response ok=\"1\">",
        after: "</response>",
        path: &["response"],
        success_attributes: &[("ok", "1")],
    }));
    static IN_PLAIN: Operation = new_operation(&PLAIN);
    static IN_ENVELOPE: Operation = new_operation(&WRAPPED);

    /// Reads an optional number in an element `number`, which is the root if there is no envelope.
    fn read_number(operation: &'static Operation, status: u16, body: &str) -> Result<Option<i64>, DecodeError> {
        let status = StatusCode::from_u16(status).unwrap();
        ResponseReader::new(operation, status, body, None).read_optional_payload(|xml| {
            let mut number = None;
            while let Some(child) = xml.next_child()? {
                match child {
                    "number" => number = xml.read_scalar::<Integer>()?,
                    _ => return Err(DecodeError::at_offset(xml.start(), DecodeErrorKind::Root { expected: "number" })),
                }
            }
            Ok(number)
        })
    }

    #[test]
    fn an_optional_value_without_an_envelope_may_have_no_document() {
        for body in [
            "",
            " \r\n",
            "\u{FEFF}",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\"?>\n\n",
            "\u{FEFF}<?xml version=\"1.0\"?>\n<!-- none -->",
        ] {
            assert_eq!(read_number(&IN_PLAIN, 200, body), Ok(None), "{body:?}");
            assert_eq!(read_number(&IN_PLAIN, 204, body), Ok(None), "{body:?}");
        }
        for body in ["<number/>", "<number></number>", "<number nil=\"true\"/>", "<number></number><!-- none -->"] {
            assert_eq!(read_number(&IN_PLAIN, 200, body), Ok(None), "{body}");
        }
        assert_eq!(
            read_number(&IN_PLAIN, 200, "<?xml version=\"1.0\"?><number>7</number> <!-- seven -->\n"),
            Ok(Some(7))
        );
    }

    #[test]
    fn a_document_that_is_cut_off_or_another_one_is_not_an_absent_value() {
        for body in [
            "<", "<number", "<number>", "<?xml version=\"1.0\"", "<?xml?>", "<!-- none", "<!-- none --> none", "none",
            "<root/>", "<root/><!-- none -->", "<html></html>", "<!DOCTYPE html>",
        ] {
            assert!(read_number(&IN_PLAIN, 200, body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_envelope_may_be_missing_only_with_status_204() {
        for body in ["", "\n", "<?xml version=\"1.0\"?>"] {
            assert!(read_number(&IN_ENVELOPE, 200, body).is_err(), "{body:?}");
            assert_eq!(read_number(&IN_ENVELOPE, 204, body), Ok(None), "{body:?}");
        }
        assert_eq!(read_number(&IN_ENVELOPE, 200, "<response ok=\"1\"></response>"), Ok(None));
        assert_eq!(read_number(&IN_ENVELOPE, 200, "<response ok=\"1\"><number>7</number></response>"), Ok(Some(7)));
    }
}
