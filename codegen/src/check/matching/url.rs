//! The path and the query of an example, and the `Location` of its response.

use super::value::{read_value, report_unknown};
use crate::diagnostic::DiagnosticSink;
use crate::model::{
    Api, Endpoint, ExampleValue, Field, LocationSegment, LocationValue, Presence, Scalar, Segment, ValueKind,
};
use crate::source::Span;

/// A decoded attribute of an example that is a URL, with its position.
#[derive(Clone, Copy)]
pub(crate) struct ExampleUrl<'t> {
    pub(crate) api: &'t Api,
    /// The endpoint of the example.
    pub(crate) endpoint: &'t Endpoint,
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

impl<'t> ExampleUrl<'t> {
    /// Reads the path and the query of a request into `values`, which are those of the endpoint's fields.
    ///
    /// A path that is written is the endpoint's own. One that is only read may also be one of its `also` routes.
    pub(crate) fn match_path(self, is_written: bool, values: &mut [ExampleValue], sink: &mut DiagnosticSink) {
        let (path, query) = self.whole().split_once('?');
        let mut reader = UrlReader { url: self, is_written, values, sink };
        reader.read_path(path);
        reader.read_query(query);
    }

    /// Compares the `Location` of a response with the endpoint's. Returns the value of a typed hole.
    ///
    /// Scheme, host, a file extension at the end, and `-` for `_` may differ. `request` has the values of the endpoint's
    /// fields, `body` the value of the response if the body has it. Values that the location repeats must be equal.
    pub(crate) fn match_location(
        self,
        request: &[ExampleValue],
        body: Option<&ExampleValue>,
        sink: &mut DiagnosticSink,
    ) -> Option<ExampleValue> {
        let endpoint = self.endpoint;
        let Some(location) = &endpoint.response.location else {
            sink.error(self.span, "the response of the endpoint has no location")
                .help("add `location` to the endpoint's `<response>`");
            return None;
        };
        let segments = self.without_origin().segments();
        let Some(mut segments) = segments.filter(|segments| segments.len() == location.segments.len()) else {
            let route: String =
                location.segments.iter().map(|segment| format!("/{}", show_location(endpoint, segment))).collect();
            sink.error(self.span, "this is not the endpoint's location").help(format!("the location is `{route}`"));
            return None;
        };
        let last = segments.len().saturating_sub(1);
        if let Some(segment) = segments.last_mut() {
            segment.text = without_extension(segment.text);
        }
        let mut reader = LocationReader { url: self, request, body, sink };
        let mut value = None;
        for (index, (expected, segment)) in location.segments.iter().zip(segments).enumerate() {
            value = reader.read_segment(expected, segment, index == last).or(value);
        }
        value
    }

    fn whole(self) -> UrlPart<'t> {
        UrlPart { text: self.text, start: 0 }
    }

    /// Returns the URL without scheme and host, if it has them.
    fn without_origin(self) -> UrlPart<'t> {
        let Some(scheme) = self.text.find("://") else { return self.whole() };
        let host = scheme + 3;
        let path = self.text.get(host..).and_then(|rest| rest.find('/')).map_or(self.text.len(), |slash| host + slash);
        self.whole().skip(path)
    }

    /// Returns the position of a part in the source. Of the characters in a URL, only `&` is longer in the source, as
    /// `&amp;`. If another character is escaped, returns the position of the whole URL.
    fn span_of(self, part: UrlPart<'_>) -> Span {
        let escaped_length = |text: &str| text.len() + 4 * text.matches('&').count();
        let length_of: fn(&str) -> usize = if self.text.len() == self.span.len() { str::len } else { escaped_length };
        match self.text.get(..part.start) {
            Some(before) if length_of(self.text) == self.span.len() => {
                let start = self.span.start + length_of(before);
                Span::new(self.span.file, start..start + length_of(part.text))
            }
            _ => self.span,
        }
    }
}

/// A part of a URL, with its position in the URL.
#[derive(Clone, Copy)]
struct UrlPart<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> UrlPart<'t> {
    /// Returns the part without its first bytes.
    fn skip(self, bytes: usize) -> Self {
        let bytes = bytes.min(self.text.len());
        UrlPart { text: self.text.get(bytes..).unwrap_or_default(), start: self.start + bytes }
    }

    fn split_once(self, separator: char) -> (Self, Option<Self>) {
        match self.text.split_once(separator) {
            Some((before, _)) => {
                (UrlPart { text: before, ..self }, Some(self.skip(before.len() + separator.len_utf8())))
            }
            None => (self, None),
        }
    }

    fn split(self, separator: char) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut rest = Some(self);
        while let Some(part) = rest {
            let (first, after) = part.split_once(separator);
            parts.push(first);
            rest = after;
        }
        parts
    }

    /// Returns the segments of a path, or `None` if it does not start with a slash.
    fn segments(self) -> Option<Vec<Self>> {
        let path = self.text.strip_prefix('/')?;
        Some(if path.is_empty() { Vec::new() } else { self.skip(1).split('/') })
    }

    /// Returns the text in a hole that has `before` and `after` around it.
    fn strip(self, before: &str, after: &str) -> Option<Self> {
        let text = self.text.strip_prefix(before)?.strip_suffix(after)?;
        Some(UrlPart { text, start: self.start + before.len() })
    }

    /// As [`UrlPart::strip`], but `-` equals `_`.
    fn strip_normalized(self, before: &str, after: &str) -> Option<Self> {
        let start = self.text.get(..before.len()).filter(|text| is_same(text, before))?.len();
        let rest = self.text.get(start..)?;
        let end = rest.len().checked_sub(after.len())?;
        rest.get(end..).filter(|text| is_same(text, after))?;
        Some(UrlPart { text: rest.get(..end)?, start: self.start + start })
    }
}

/// Reads the path and the query of a request.
struct UrlReader<'r> {
    url: ExampleUrl<'r>,
    is_written: bool,
    values: &'r mut [ExampleValue],
    sink: &'r mut DiagnosticSink,
}

impl UrlReader<'_> {
    fn read_path(&mut self, path: UrlPart<'_>) {
        let endpoint = self.url.endpoint;
        let Some(segments) = path.segments() else {
            self.sink.error(self.url.span_of(path), "the path of an example starts with `/`");
            return;
        };
        if is_route(&endpoint.path, &segments) {
            self.read_segments(&endpoint.path, &segments);
        } else if let Some(also) = endpoint.also.iter().find(|also| is_route(&also.path, &segments)) {
            if self.is_written {
                self.sink
                    .error(self.url.span_of(path), "an alternative route is only read")
                    .help("write the path of the endpoint, or mark the example `written=\"no\"`");
            }
            self.read_segments(&also.path, &segments);
        } else {
            self.report_wrong_path(path, &segments);
        }
    }

    fn read_segments(&mut self, route: &[Segment], segments: &[UrlPart<'_>]) {
        for (expected, segment) in route.iter().zip(segments) {
            if let Segment::Hole { before, field, after } = expected
                && let Some(value) = segment.strip(before, after)
            {
                self.read_field(*field, value, decode(value.text));
            }
        }
    }

    /// Reports the first segment that differs from the endpoint's path.
    fn report_wrong_path(&mut self, path: UrlPart<'_>, segments: &[UrlPart<'_>]) {
        let endpoint = self.url.endpoint;
        let route: String = endpoint.path.iter().map(|segment| format!("/{}", show(endpoint, segment))).collect();
        let first = endpoint.path.iter().zip(segments).find(|(expected, segment)| !is_segment(expected, **segment));
        let (span, label) = match first {
            Some((expected, segment)) => {
                (self.url.span_of(*segment), format!("expected `{}`", show(endpoint, expected)))
            }
            None => {
                let (found, expected) = (segments.len(), endpoint.path.len());
                (self.url.span_of(path), format!("expected {expected} segments, found {found}"))
            }
        };
        let error = self.sink.error(span, "this is not the endpoint's path").label(label);
        error.help(format!("the path is `{route}`, without the style's prefix"));
    }

    fn read_query(&mut self, query: Option<UrlPart<'_>>) {
        let endpoint = self.url.endpoint;
        let mut found = Vec::new();
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (name, text) = pair.split_once('=');
            let span = self.url.span_of(name);
            let Some(index) = endpoint.query.iter().position(|(known, _)| known == name.text) else {
                let known = endpoint.query.iter().map(|(name, _)| name.as_str());
                let message = format!("the endpoint has no query parameter `{}`", name.text);
                report_unknown(self.sink, span, message, name.text, known);
                continue;
            };
            if found.contains(&index) {
                self.sink.error(span, format!("duplicate query parameter `{}`", name.text));
            } else if self.is_written && found.last().is_some_and(|last| *last > index) {
                self.sink
                    .error(span, format!("wrong order: `{}` is written earlier", name.text))
                    .help("the order is that of the endpoint's `<query>`");
            }
            found.push(index);
            let text = text.unwrap_or_else(|| name.skip(name.text.len()));
            if let Some((_, hole)) = endpoint.query.get(index) {
                self.read_field(hole.field, text, decode(&text.text.replace('+', " ")));
            }
        }
        self.report_missing(&found);
    }

    /// Reports required parameters that are not among those found.
    fn report_missing(&mut self, found: &[usize]) {
        let endpoint = self.url.endpoint;
        for (index, (name, hole)) in endpoint.query.iter().enumerate() {
            let required = endpoint.fields.get(hole.field).filter(|field| field.presence == Presence::Required);
            if let Some(field) = required.filter(|_| !found.contains(&index)) {
                self.sink
                    .error(self.url.span, format!("the required value `{}` is missing", field.name))
                    .label(format!("expected the query parameter `{name}`"));
            }
        }
    }

    /// Reads the value of a field. `decoded` is `None` if its escapes are invalid.
    fn read_field(&mut self, field: usize, part: UrlPart<'_>, decoded: Option<String>) {
        let span = self.url.span_of(part);
        let Some(Field { name, kind: ValueKind::Scalar(scalar), presence, .. }) = self.url.endpoint.fields.get(field)
        else {
            return;
        };
        let Some(decoded) = decoded else { return report_escape(self.sink, span) };
        let before = self.sink.len();
        match read_value(self.url.api, scalar, &decoded, span, self.sink) {
            Some(value) => {
                if let ExampleValue::Text(text) = &value
                    && self.is_written
                    && *text != decoded
                {
                    self.sink.error(span, format!("this is written as `{text}`"));
                }
                if let Some(slot) = self.values.get_mut(field) {
                    *slot = value;
                }
            }
            None if self.sink.len() > before => {}
            None if *presence == Presence::Required => {
                self.sink.error(span, format!("the required value `{name}` is empty"));
            }
            None if self.is_written => {
                self.sink.error(span, format!("an empty `{name}` is not written")).help("leave the parameter out");
            }
            None => {}
        }
    }
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

fn is_route(route: &[Segment], segments: &[UrlPart<'_>]) -> bool {
    route.len() == segments.len()
        && route.iter().zip(segments).all(|(expected, segment)| is_segment(expected, *segment))
}

fn is_segment(expected: &Segment, segment: UrlPart<'_>) -> bool {
    match expected {
        Segment::Literal(literal) => literal == segment.text,
        Segment::Hole { before, after, .. } => segment.strip(before, after).is_some(),
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

fn without_extension(segment: &str) -> &str {
    segment.rsplit_once('.').map_or(segment, |(stem, _)| stem)
}

fn show(endpoint: &Endpoint, segment: &Segment) -> String {
    match segment {
        Segment::Literal(literal) => literal.clone(),
        Segment::Hole { before, field, after } => format!("{before}{{{}}}{after}", field_name(endpoint, *field)),
    }
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

fn field_name(endpoint: &Endpoint, index: usize) -> &str {
    endpoint.fields.get(index).map_or("", |field| &field.name)
}

fn report_escape(sink: &mut DiagnosticSink, span: Span) {
    sink.error(span, "invalid percent-encoding")
        .help("a `%` is followed by two hexadecimal digits, and the decoded bytes are UTF-8");
}

/// Decodes `%` escapes. Returns `None` if they are invalid.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}
