//! Matches the path and the query of an example.

use super::url::{ExampleUrl, UrlPart, decode, field_name, report_invalid_encoding};
use super::value::{read_value, report_unknown};
use crate::diagnostic::DiagnosticSink;
use crate::model::{ExampleValue, Field, Presence, Segment, ValueKind, format_path};

/// Reads the path and the query of a request into `values`, the values of the endpoint's fields.
///
/// A path that is written must be the endpoint's own path. A path that is only read may also be an alternative route.
pub(crate) fn match_path(url: ExampleUrl<'_>, values: &mut [ExampleValue], sink: &mut DiagnosticSink) {
    let (path, query) = url.whole().split_once('?');
    let mut reader = UrlReader { url, values, sink };
    reader.read_path(path);
    reader.read_query(query);
}

/// Reads the path and the query of a request.
struct UrlReader<'r> {
    url: ExampleUrl<'r>,
    values: &'r mut [ExampleValue],
    sink: &'r mut DiagnosticSink,
}

impl UrlReader<'_> {
    /// Finds the route of a path, and reads the values in it. Reports a path of no route.
    fn read_path(&mut self, path: UrlPart<'_>) {
        let endpoint = self.url.endpoint;
        let Some(segments) = path.segments() else {
            self.sink.error(self.url.span_of(path), "the path of an example starts with `/`");
            return;
        };
        if is_route(&endpoint.path, &segments) {
            self.read_segments(&endpoint.path, &segments);
        } else if let Some(also) = endpoint.also.iter().find(|also| is_route(&also.path, &segments)) {
            if self.url.is_written {
                self.sink
                    .error(self.url.span_of(path), "an alternative route is only read")
                    .help("write the path of the endpoint, or mark the example `written=\"no\"`");
            }
            self.read_segments(&also.path, &segments);
        } else {
            self.report_wrong_path(path, &segments);
        }
    }

    /// Reads the values in the segments of a matching route.
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
        let route = format_path(&endpoint.path, |field| field_name(endpoint, field));
        let first = endpoint.path.iter().zip(segments).find(|(expected, segment)| !is_segment(expected, **segment));
        let (span, label) = match first {
            Some((expected, segment)) => {
                let expected = expected.format(|field| field_name(endpoint, field));
                (self.url.span_of(*segment), format!("expected `{expected}`"))
            }
            None => {
                let (found, expected) = (segments.len(), endpoint.path.len());
                (self.url.span_of(path), format!("expected {expected} segments, found {found}"))
            }
        };
        let error = self.sink.error(span, "this is not the endpoint's path").label(label);
        error.help(format!("the path is `{route}`, without the style's prefix"));
    }

    /// Reads the values in a query, and reports unknown, duplicate and missing parameters. `None` is an empty query.
    fn read_query(&mut self, query: Option<UrlPart<'_>>) {
        let endpoint = self.url.endpoint;
        let literals = &endpoint.query_literals;
        // Indices of the parameters in the order of the example. Literal ones are written before the others.
        let mut found = Vec::new();
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (name, text) = pair.split_once('=');
            let span = self.url.span_of(name);
            let names = || literals.iter().map(|(name, _)| name).chain(endpoint.query.iter().map(|(name, _)| name));
            let decoded_name = decode(name.text).unwrap_or_default();
            let Some(index) = names().position(|known| *known == decoded_name) else {
                let known = names().map(String::as_str);
                let message = format!("the endpoint has no query parameter `{}`", name.text);
                report_unknown(self.sink, span, message, name.text, known);
                continue;
            };
            let hole = index.checked_sub(literals.len()).and_then(|index| endpoint.query.get(index));
            let field = hole.and_then(|(_, hole)| endpoint.fields.get(hole.field));
            let repeats = field.is_some_and(|field| field.presence.is_many());
            if found.contains(&index) && !(repeats && found.last() == Some(&index)) {
                self.sink.error(span, format!("duplicate query parameter `{}`", name.text));
            } else if self.url.is_written && found.last().is_some_and(|last| *last > index) {
                self.sink
                    .error(span, format!("wrong order: `{}` is written earlier", name.text))
                    .help("the order is that of the endpoint's `<query>`");
            }
            found.push(index);
            // A parameter without `=` has an empty value, after its name.
            let text = text.unwrap_or_else(|| name.skip(name.text.len()));
            let decoded = decode(&text.text.replace('+', " "));
            match (hole, literals.get(index)) {
                (Some((_, hole)), _) => self.read_field(hole.field, text, decoded),
                (None, Some((_, value))) if decoded.as_ref() != Some(value) => {
                    self.sink.error(self.url.span_of(text), format!("this is written as `{value}`"));
                }
                (None, _) => {}
            }
        }
        self.report_missing(&found);
    }

    /// Reports required parameters that are not among those found.
    fn report_missing(&mut self, found: &[usize]) {
        let endpoint = self.url.endpoint;
        let literals = endpoint.query_literals.iter().enumerate();
        for (_, (name, value)) in literals.filter(|(index, _)| self.url.is_written && !found.contains(index)) {
            self.sink
                .error(self.url.span, format!("the query parameter `{name}` is missing"))
                .label(format!("expected `{name}={value}`"));
        }
        for (index, (name, hole)) in endpoint.query.iter().enumerate() {
            let index = index + endpoint.query_literals.len();
            if let Some(field) = endpoint.fields.get(hole.field)
                && field.presence == Presence::Required
                && !found.contains(&index)
            {
                self.sink
                    .error(self.url.span, format!("the required value `{}` is missing", field.name))
                    .label(format!("expected the query parameter `{name}`"));
            }
        }
    }

    /// Reads the value of a field. `decoded` is `None` if the percent-encoding is invalid.
    fn read_field(&mut self, field: usize, part: UrlPart<'_>, decoded: Option<String>) {
        let span = self.url.span_of(part);
        let Some(Field { name, kind: ValueKind::Scalar(scalar), presence, .. }) = self.url.endpoint.fields.get(field)
        else {
            return;
        };
        let Some(decoded) = decoded else { return report_invalid_encoding(self.sink, span) };
        let errors_before = self.sink.len();
        match read_value(self.url.api, self.url.is_written, scalar, &decoded, span, self.sink) {
            Some(value) => {
                if let ExampleValue::Text(text) = &value
                    && self.url.is_written
                    && *text != decoded
                {
                    self.sink.error(span, format!("this is written as `{text}`"));
                }
                match self.values.get_mut(field) {
                    Some(ExampleValue::Many(items)) => items.push(value),
                    Some(slot) => *slot = value,
                    None => {}
                }
            }
            // An invalid value has been reported.
            None if self.sink.len() > errors_before => {}
            None if *presence == Presence::Required => {
                self.sink.error(span, format!("the required value `{name}` is empty"));
            }
            None if self.url.is_written => {
                self.sink.error(span, format!("an empty `{name}` is not written")).help("leave the parameter out");
            }
            None => {}
        }
    }
}

/// `true` if the segments match a route. The values in its holes are not checked.
fn is_route(route: &[Segment], segments: &[UrlPart<'_>]) -> bool {
    route.len() == segments.len()
        && route.iter().zip(segments).all(|(expected, segment)| is_segment(expected, *segment))
}

/// `true` if a segment is the expected literal, or has the literal text around the expected hole.
fn is_segment(expected: &Segment, segment: UrlPart<'_>) -> bool {
    match expected {
        Segment::Literal(literal) => literal == segment.text,
        Segment::Hole { before, after, .. } => segment.strip(before, after).is_some(),
    }
}
