//! The path and the query of an example, and the `Location` of its answer.

use std::ops::Range;

use super::read::{unknown, value};
use crate::diagnostic::Report;
use crate::model::{
    Api, Endpoint, ExampleValue, Field, Kind, LocationSegment, LocationValue, Presence, Scalar, Segment,
};

/// Reads path and query of an example into `values`, which are those of the endpoint's fields.
///
/// `text` is the decoded value of the attribute that stands at `range`. A path that is written is the endpoint's own;
/// one that is only read may also be one of its `also` routes.
pub(in crate::check) fn path(
    api: &Api,
    endpoint: &Endpoint,
    text: &str,
    range: Range<usize>,
    written: bool,
    report: &mut Report<'_>,
    values: &mut [ExampleValue],
) {
    let url = Url { text, range };
    let (path, query) = Part { text, start: 0 }.split_once('?');
    let mut reader = Reader { api, endpoint, url, written, report, values };
    reader.path(path);
    reader.query(query);
}

/// Holds the `Location` of an example's answer against the endpoint's. Returns the value of a typed hole.
///
/// Scheme, host, a last extension, and `-` for `_` may differ. `request` has the values of the endpoint's fields, and
/// `body` that of the answer, if it is there: what the location repeats of them must be the same.
pub(in crate::check) fn location(
    api: &Api,
    endpoint: &Endpoint,
    text: &str,
    range: Range<usize>,
    request: &[ExampleValue],
    body: Option<&ExampleValue>,
    report: &mut Report<'_>,
) -> Option<ExampleValue> {
    let Some(shape) = &endpoint.response.location else {
        report
            .error(range, "the endpoint's answer has no location")
            .help("write it on the endpoint's `<response>` too");
        return None;
    };
    let url = Url { text, range };
    let after_scheme = text.find("://").map_or(0, |scheme| scheme + 3);
    let path =
        text.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(text.len(), |slash| after_scheme + slash);
    let segments = Part { text, start: 0 }.from(if after_scheme == 0 { 0 } else { path }).segments();
    let Some(mut segments) = segments.filter(|segments| segments.len() == shape.segments.len()) else {
        let route: String =
            shape.segments.iter().map(|segment| format!("/{}", show_location(endpoint, segment))).collect();
        report.error(url.range, "this is not the endpoint's location").help(format!("the location is `{route}`"));
        return None;
    };
    let last = segments.len().saturating_sub(1);
    if let Some(segment) = segments.last_mut() {
        segment.text = without_extension(segment.text);
    }
    let mut locator = Locator { api, endpoint, url, request, body, report };
    let mut found = None;
    for (index, (expected, segment)) in shape.segments.iter().zip(segments).enumerate() {
        found = locator.segment(expected, segment, index == last).or(found);
    }
    found
}

/// A decoded attribute value that is a URL, and where it stands.
struct Url<'t> {
    text: &'t str,
    range: Range<usize>,
}

impl Url<'_> {
    /// Where a part stands. Of the characters in a URL only `&` is longer in the source, as `&amp;`; if anything else
    /// is escaped, the whole value is shown.
    fn at(&self, part: Part<'_>) -> Range<usize> {
        let wide = |text: &str| text.len() + 4 * text.matches('&').count();
        let length: fn(&str) -> usize = if self.text.len() == self.range.len() { str::len } else { wide };
        match self.text.get(..part.start) {
            Some(before) if length(self.text) == self.range.len() => {
                let start = self.range.start + length(before);
                start..start + length(part.text)
            }
            _ => self.range.clone(),
        }
    }
}

/// A part of a URL, and where in it.
#[derive(Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Part<'t> {
    fn from(self, start: usize) -> Self {
        let start = start.min(self.text.len());
        Part { text: self.text.get(start..).unwrap_or_default(), start: self.start + start }
    }

    fn split_once(self, separator: char) -> (Self, Option<Self>) {
        match self.text.split_once(separator) {
            Some((before, _)) => (Part { text: before, ..self }, Some(self.from(before.len() + separator.len_utf8()))),
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

    /// The segments of a path; `None` without a slash in front.
    fn segments(self) -> Option<Vec<Self>> {
        let path = self.text.strip_prefix('/')?;
        Some(if path.is_empty() { Vec::new() } else { self.from(1).split('/') })
    }

    /// What stands in a hole.
    fn inside(self, before: &str, after: &str) -> Option<Self> {
        let text = self.text.strip_prefix(before)?.strip_suffix(after)?;
        Some(Part { text, start: self.start + before.len() })
    }
}

struct Reader<'r, 'd> {
    api: &'r Api,
    endpoint: &'r Endpoint,
    url: Url<'r>,
    written: bool,
    report: &'r mut Report<'d>,
    values: &'r mut [ExampleValue],
}

impl Reader<'_, '_> {
    fn path(&mut self, path: Part<'_>) {
        let endpoint = self.endpoint;
        let Some(segments) = path.segments() else {
            self.report.error(self.url.at(path), "the path of an example begins with `/`");
            return;
        };
        if fits(&endpoint.path, &segments) {
            self.take(&endpoint.path, &segments);
        } else if let Some(also) = endpoint.also.iter().find(|also| fits(&also.path, &segments)) {
            if self.written {
                let error = self.report.error(self.url.at(path), "this route is only read");
                error.help("write the endpoint's own path, or mark the example `written=\"no\"`");
            }
            self.take(&also.path, &segments);
        } else {
            self.differs(path, &segments);
        }
    }

    fn take(&mut self, route: &[Segment], segments: &[Part<'_>]) {
        for (expected, segment) in route.iter().zip(segments) {
            if let Segment::Hole { before, field, after } = expected
                && let Some(inside) = segment.inside(before, after)
            {
                self.value(*field, inside, decode(inside.text));
            }
        }
    }

    /// Points at the first segment that is not the endpoint's.
    fn differs(&mut self, path: Part<'_>, segments: &[Part<'_>]) {
        let endpoint = self.endpoint;
        let route: String = endpoint.path.iter().map(|segment| format!("/{}", show(endpoint, segment))).collect();
        let first = endpoint.path.iter().zip(segments).find(|(expected, segment)| !segment_fits(expected, **segment));
        let (range, label) = match first {
            Some((expected, segment)) => (self.url.at(*segment), format!("should be `{}`", show(endpoint, expected))),
            None => (self.url.at(path), format!("has {} segments, not {}", segments.len(), endpoint.path.len())),
        };
        let error = self.report.error(range, "this is not the endpoint's path").label(label);
        error.help(format!("the path is `{route}`, without the style's prefix"));
    }

    fn query(&mut self, query: Option<Part<'_>>) {
        let endpoint = self.endpoint;
        let mut found = Vec::new();
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            let (name, text) = pair.split_once('=');
            let Some(index) = endpoint.query.iter().position(|(known, _)| known == name.text) else {
                let names = endpoint.query.iter().map(|(name, _)| name.as_str());
                let message = format!("the endpoint has no query parameter `{}`", name.text);
                unknown(self.report, self.url.at(name), message, name.text, names);
                continue;
            };
            if found.contains(&index) {
                self.report.error(self.url.at(name), format!("`{}` occurs twice", name.text));
            } else if self.written && found.last().is_some_and(|last| *last > index) {
                let error = self.report.error(self.url.at(name), format!("`{}` is written earlier", name.text));
                error.help("the parameters come in the order of the endpoint's `<query>`");
            }
            found.push(index);
            let text = text.unwrap_or_else(|| name.from(name.text.len()));
            if let Some((_, hole)) = endpoint.query.get(index) {
                self.value(hole.field, text, decode(&text.text.replace('+', " ")));
            }
        }
        self.miss(&found);
    }

    /// Misses the required parameters that are not among those found.
    fn miss(&mut self, found: &[usize]) {
        let endpoint = self.endpoint;
        for (index, (name, hole)) in endpoint.query.iter().enumerate() {
            let required = endpoint.fields.get(hole.field).filter(|field| field.presence == Presence::Required);
            if let Some(field) = required.filter(|_| !found.contains(&index)) {
                let error =
                    self.report.error(self.url.range.clone(), format!("`{}` is required and not there", field.name));
                error.label(format!("lacks the query parameter `{name}`"));
            }
        }
    }

    fn value(&mut self, field: usize, part: Part<'_>, decoded: Option<String>) {
        let range = self.url.at(part);
        let Some(Field { name, kind: Kind::Scalar(scalar), presence, .. }) = self.endpoint.fields.get(field) else {
            return;
        };
        let Some(decoded) = decoded else { return not_escaped(self.report, range) };
        let before = self.report.diagnostics.len();
        match value(self.api, scalar, &decoded, range.clone(), self.report) {
            Some(found) => {
                if let ExampleValue::Text(text) = &found
                    && self.written
                    && *text != decoded
                {
                    self.report.error(range, format!("this is written as `{text}`"));
                }
                if let Some(place) = self.values.get_mut(field) {
                    *place = found;
                }
            }
            None if self.report.diagnostics.len() > before => {}
            None if *presence == Presence::Required => {
                self.report.error(range, format!("`{name}` is required and empty"));
            }
            None if self.written => {
                self.report.error(range, format!("`{name}` is empty, and not written then")).help("leave it out");
            }
            None => {}
        }
    }
}

struct Locator<'r, 'd> {
    api: &'r Api,
    endpoint: &'r Endpoint,
    url: Url<'r>,
    request: &'r [ExampleValue],
    body: Option<&'r ExampleValue>,
    report: &'r mut Report<'d>,
}

impl<'r> Locator<'r, '_> {
    /// Returns the value of a typed hole.
    fn segment(&mut self, expected: &LocationSegment, segment: Part<'_>, last: bool) -> Option<ExampleValue> {
        let extension = |text: &str| if last { without_extension(text).to_owned() } else { text.to_owned() };
        let inside = match expected {
            LocationSegment::Literal(literal) if same(&extension(literal), segment.text) => return None,
            LocationSegment::Literal(_) => None,
            LocationSegment::Hole { before, after, .. } => inside(segment, before, &extension(after)),
        };
        match (expected, inside) {
            (LocationSegment::Hole { value, .. }, Some(inside)) => self.value(value, inside),
            _ => {
                let error = self.report.error(self.url.at(segment), "this is not the endpoint's location");
                error.label(format!("should be `{}`", show_location(self.endpoint, expected)));
                None
            }
        }
    }

    fn value(&mut self, source: &LocationValue, part: Part<'_>) -> Option<ExampleValue> {
        let range = self.url.at(part);
        let scalar = self.scalar(source)?;
        let Some(decoded) = decode(part.text) else {
            not_escaped(self.report, range);
            return None;
        };
        let found = value(self.api, scalar, &decoded, range.clone(), self.report)?;
        let (place, other) = match source {
            LocationValue::Response => ("body", self.body),
            LocationValue::ResponseField(field) => match self.body {
                Some(ExampleValue::Data(_, values)) => ("body", values.get(*field)),
                _ => ("body", None),
            },
            LocationValue::Request(field) => ("path", self.request.get(*field)),
        };
        match other {
            Some(ExampleValue::Text(other)) if *other != decoded => {
                self.report.error(range, format!("the {place} has `{other}` for this"));
                None
            }
            _ => (*source == LocationValue::Response).then_some(found),
        }
    }

    fn scalar(&self, source: &LocationValue) -> Option<&'r Scalar> {
        let answer = self.endpoint.response.value.as_ref();
        let field = match source {
            LocationValue::Response => answer?,
            LocationValue::Request(field) => self.endpoint.fields.get(*field)?,
            LocationValue::ResponseField(field) => match answer?.kind {
                Kind::Data(kind) => self.api.types.get(kind.0)?.fields.get(*field)?,
                Kind::Scalar(_) => return None,
            },
        };
        match &field.kind {
            Kind::Scalar(scalar) => Some(scalar),
            Kind::Data(_) => None,
        }
    }
}

fn fits(route: &[Segment], segments: &[Part<'_>]) -> bool {
    route.len() == segments.len()
        && route.iter().zip(segments).all(|(expected, segment)| segment_fits(expected, *segment))
}

fn segment_fits(expected: &Segment, segment: Part<'_>) -> bool {
    match expected {
        Segment::Literal(literal) => literal == segment.text,
        Segment::Hole { before, after, .. } => segment.inside(before, after).is_some(),
    }
}

/// As [`Part::inside`], but `-` is `_`.
fn inside<'t>(part: Part<'t>, before: &str, after: &str) -> Option<Part<'t>> {
    let start = part.text.get(..before.len()).filter(|text| same(text, before))?.len();
    let rest = part.text.get(start..)?;
    let end =
        rest.len().checked_sub(after.len()).filter(|end| rest.get(*end..).is_some_and(|text| same(text, after)))?;
    Some(Part { text: rest.get(..end)?, start: part.start + start })
}

fn same(one: &str, other: &str) -> bool {
    one.replace('-', "_") == other.replace('-', "_")
}

fn without_extension(segment: &str) -> &str {
    segment.rsplit_once('.').map_or(segment, |(stem, _)| stem)
}

fn show(endpoint: &Endpoint, segment: &Segment) -> String {
    match segment {
        Segment::Literal(literal) => literal.clone(),
        Segment::Hole { before, field, after } => format!("{before}{{{}}}{after}", name(&endpoint.fields, *field)),
    }
}

fn show_location(endpoint: &Endpoint, segment: &LocationSegment) -> String {
    let answer = || endpoint.response.value.as_ref().map_or("id", |value| &value.name);
    match segment {
        LocationSegment::Literal(literal) => literal.clone(),
        LocationSegment::Hole { before, value: LocationValue::Request(field), after } => {
            format!("{before}{{{}}}{after}", name(&endpoint.fields, *field))
        }
        LocationSegment::Hole { before, after, .. } => format!("{before}{{{}}}{after}", answer()),
    }
}

fn name(fields: &[Field], index: usize) -> &str {
    fields.get(index).map_or("", |field| &field.name)
}

fn not_escaped(report: &mut Report<'_>, range: Range<usize>) {
    report
        .error(range, "this is not escaped as in a URL")
        .help("two hex digits follow a `%`, and all together is UTF-8");
}

/// Takes the `%` escapes out.
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
