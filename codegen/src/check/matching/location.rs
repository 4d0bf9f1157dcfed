//! Matches the `Location` of an example's response.

use super::url::{ExampleUrl, UrlPart, decode, equals_normalized, field_name, report_invalid_encoding};
use super::value::read_value;
use crate::diagnostic::DiagnosticSink;
use crate::model::{Endpoint, ExampleValue, LocationSegment, LocationValue, Scalar, ValueKind};

/// Compares the `Location` in an example's response with the endpoint's location. Returns the response's value if a
/// typed hole of the location has it.
///
/// The scheme, the host and a file extension at the end are ignored, and `-` equals `_`. `request` has the values of
/// the endpoint's fields in the example's request. `body` is the response's value if the body has it. A value that the
/// location repeats from the request or the body must be equal to it.
pub(crate) fn match_location(
    url: ExampleUrl<'_>,
    request: &[ExampleValue],
    body: Option<&ExampleValue>,
    sink: &mut DiagnosticSink,
) -> Option<ExampleValue> {
    let endpoint = url.endpoint;
    let Some(location) = &endpoint.response.location else {
        sink.error(url.span, "the response of the endpoint has no location")
            .help("add `location` to the endpoint's `<response>`");
        return None;
    };
    let segments = url.without_origin().segments();
    let Some(mut segments) = segments.filter(|segments| segments.len() == location.segments.len()) else {
        let route = location.format(|value| value_name(endpoint, value));
        sink.error(url.span, "this is not the endpoint's location").help(format!("the location is `{route}`"));
        return None;
    };
    let last = segments.len().saturating_sub(1);
    if let Some(segment) = segments.last_mut() {
        segment.text = strip_extension(segment.text);
    }
    let mut reader = LocationReader { url, request, body, sink };
    let mut value = None;
    for (index, (expected, segment)) in location.segments.iter().zip(segments).enumerate() {
        value = reader.read_segment(expected, segment, index == last).or(value);
    }
    value
}

/// Reads the `Location` of a response.
struct LocationReader<'r> {
    url: ExampleUrl<'r>,
    request: &'r [ExampleValue],
    body: Option<&'r ExampleValue>,
    sink: &'r mut DiagnosticSink,
}

impl<'r> LocationReader<'r> {
    /// Compares a segment with the expected one, and reports a difference. Returns the value if the segment has a
    /// valid one in a typed hole.
    fn read_segment(
        &mut self,
        expected: &LocationSegment,
        segment: UrlPart<'_>,
        is_last: bool,
    ) -> Option<ExampleValue> {
        // `None` if the segment differs from the expected one. An equal literal returns early: it has no value to read.
        let hole = match expected {
            LocationSegment::Literal(literal) => {
                let literal = if is_last { strip_extension(literal) } else { literal };
                if equals_normalized(literal, segment.text) {
                    return None;
                }
                None
            }
            LocationSegment::Hole { before, value, after } => {
                let after = if is_last { strip_extension(after) } else { after };
                segment.strip_normalized(before, after).map(|part| (value, part))
            }
        };
        let Some((source, part)) = hole else {
            self.sink
                .error(self.url.span_of(segment), "this is not the endpoint's location")
                .label(format!("expected `{}`", expected.format(|value| value_name(self.url.endpoint, value))));
            return None;
        };
        self.read_location_value(source, part)
    }

    /// Reads the value of a hole, and reports a difference from the same value in the body or path. Returns the value
    /// if the hole is typed.
    fn read_location_value(&mut self, source: &LocationValue, part: UrlPart<'_>) -> Option<ExampleValue> {
        let span = self.url.span_of(part);
        let scalar = self.find_scalar(source)?;
        let Some(decoded) = decode(part.text) else {
            report_invalid_encoding(self.sink, span);
            return None;
        };
        let value = read_value(self.url.api, self.url.is_written, scalar, &decoded, span, self.sink)?;
        let (container, other) = match source {
            LocationValue::Response => ("body", self.body),
            LocationValue::ResponseField(field) => match self.body {
                Some(ExampleValue::Data(_, values)) => ("body", values.get(*field)),
                _ => ("body", None),
            },
            LocationValue::Request(field) => ("path", self.request.get(*field)),
        };
        match other {
            Some(ExampleValue::Text(other)) if *other != decoded => {
                self.sink.error(span, format!("this differs from `{other}` in the {container}"));
                None
            }
            _ => (*source == LocationValue::Response).then_some(value),
        }
    }

    /// Returns the scalar type of a value, or `None` if its type is a data type.
    fn find_scalar(&self, source: &LocationValue) -> Option<&'r Scalar> {
        let endpoint = self.url.endpoint;
        let value = endpoint.response.value.as_ref();
        let field = match source {
            LocationValue::Response => value?,
            LocationValue::Request(field) => endpoint.fields.get(*field)?,
            LocationValue::ResponseField(field) => match value?.kind {
                ValueKind::Data(data_type) => self.url.api.types.get(data_type.0)?.fields.get(*field)?,
                ValueKind::Scalar(_) => return None,
            },
        };
        match &field.kind {
            ValueKind::Scalar(scalar) => Some(scalar),
            ValueKind::Data(_) => None,
        }
    }
}

/// Returns a segment without the text after its last dot.
fn strip_extension(segment: &str) -> &str {
    segment.rsplit_once('.').map_or(segment, |(stem, _)| stem)
}

/// Returns the name of a field in the path, or of the response's value.
fn value_name<'e>(endpoint: &'e Endpoint, value: &LocationValue) -> &'e str {
    match value {
        LocationValue::Request(field) => field_name(endpoint, *field),
        LocationValue::Response | LocationValue::ResponseField(_) => {
            endpoint.response.value.as_ref().map_or("id", |value| &value.name)
        }
    }
}
