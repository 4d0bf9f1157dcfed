//! The `Location` of an example's response.

use super::url::{ExampleUrl, UrlPart, decode, field_name, is_same, report_escape};
use super::value::read_value;
use crate::diagnostic::DiagnosticSink;
use crate::model::{Endpoint, ExampleValue, LocationSegment, LocationValue, Scalar, ValueKind};

/// Compares the `Location` of a response with the endpoint's. Returns the value of a typed hole.
///
/// Scheme, host, a file extension at the end, and `-` for `_` may differ. `request` has the values of the endpoint's
/// fields, `body` the value of the response if the body has it. Values that the location repeats must be equal.
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
        let route: String =
            location.segments.iter().map(|segment| format!("/{}", show_location(endpoint, segment))).collect();
        sink.error(url.span, "this is not the endpoint's location").help(format!("the location is `{route}`"));
        return None;
    };
    let last = segments.len().saturating_sub(1);
    if let Some(segment) = segments.last_mut() {
        segment.text = without_extension(segment.text);
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
    /// Reads a segment. Returns the value of a typed hole.
    fn read_segment(
        &mut self,
        expected: &LocationSegment,
        segment: UrlPart<'_>,
        is_last: bool,
    ) -> Option<ExampleValue> {
        let value = match expected {
            LocationSegment::Literal(literal) => {
                let literal = if is_last { without_extension(literal) } else { literal };
                if is_same(literal, segment.text) {
                    return None;
                }
                None
            }
            LocationSegment::Hole { before, value, after } => {
                let after = if is_last { without_extension(after) } else { after };
                segment.strip_normalized(before, after).map(|part| (value, part))
            }
        };
        let Some((source, part)) = value else {
            self.sink
                .error(self.url.span_of(segment), "this is not the endpoint's location")
                .label(format!("expected `{}`", show_location(self.url.endpoint, expected)));
            return None;
        };
        self.read_location_value(source, part)
    }

    fn read_location_value(&mut self, source: &LocationValue, part: UrlPart<'_>) -> Option<ExampleValue> {
        let span = self.url.span_of(part);
        let scalar = self.scalar_of(source)?;
        let Some(decoded) = decode(part.text) else {
            report_escape(self.sink, span);
            return None;
        };
        let value = read_value(self.url.api, scalar, &decoded, span, self.sink)?;
        let (other_part, other) = match source {
            LocationValue::Response => ("body", self.body),
            LocationValue::ResponseField(field) => match self.body {
                Some(ExampleValue::Data(_, values)) => ("body", values.get(*field)),
                _ => ("body", None),
            },
            LocationValue::Request(field) => ("path", self.request.get(*field)),
        };
        match other {
            Some(ExampleValue::Text(other)) if *other != decoded => {
                self.sink.error(span, format!("this differs from `{other}` in the {other_part}"));
                None
            }
            _ => (*source == LocationValue::Response).then_some(value),
        }
    }

    fn scalar_of(&self, source: &LocationValue) -> Option<&'r Scalar> {
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

fn without_extension(segment: &str) -> &str {
    segment.rsplit_once('.').map_or(segment, |(stem, _)| stem)
}

fn show_location(endpoint: &Endpoint, segment: &LocationSegment) -> String {
    match segment {
        LocationSegment::Literal(literal) => literal.clone(),
        LocationSegment::Hole { before, value: LocationValue::Request(field), after } => {
            format!("{before}{{{}}}{after}", field_name(endpoint, *field))
        }
        LocationSegment::Hole { before, after, .. } => {
            let name = endpoint.response.value.as_ref().map_or("id", |value| &value.name);
            format!("{before}{{{name}}}{after}")
        }
    }
}
