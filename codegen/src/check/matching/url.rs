//! URLs in examples, and the positions of their parts.

use crate::diagnostic::DiagnosticSink;
use crate::model::{Api, Endpoint};
use crate::names::normalize_name;
use crate::source::Span;

/// A URL in an attribute of an example, with its position. XML escapes are decoded.
#[derive(Clone, Copy)]
pub(crate) struct ExampleUrl<'t> {
    pub(crate) api: &'t Api,
    /// The endpoint of the example.
    pub(crate) endpoint: &'t Endpoint,
    pub(crate) text: &'t str,
    pub(crate) span: Span,
    /// `true` if the example is also written.
    pub(crate) is_written: bool,
}

impl<'t> ExampleUrl<'t> {
    /// Returns the whole URL as a part.
    pub(super) fn whole(self) -> UrlPart<'t> {
        UrlPart { text: self.text, start: 0 }
    }

    /// Returns the path and the query: the URL without scheme and host, if it has them.
    pub(super) fn without_origin(self) -> UrlPart<'t> {
        let Some(scheme) = self.text.find("://") else { return self.whole() };
        let host = scheme + 3;
        let path = self.text.get(host..).and_then(|rest| rest.find('/')).map_or(self.text.len(), |slash| host + slash);
        self.whole().skip(path)
    }

    /// Returns the position of a part in the source. In the source, `&` is written as `&amp;`. If other characters are
    /// escaped too, returns the position of the whole URL.
    pub(super) fn span_of(self, part: UrlPart<'_>) -> Span {
        let has_escapes = self.text.len() != self.span.len();
        let length_in_source =
            |text: &str| if has_escapes { text.len() + 4 * text.matches('&').count() } else { text.len() };
        match self.text.get(..part.start) {
            Some(before) if length_in_source(self.text) == self.span.len() => {
                let start = self.span.start + length_in_source(before);
                Span::new(self.span.file, start..start + length_in_source(part.text))
            }
            _ => self.span,
        }
    }
}

/// A part of a URL, with its position in the URL.
#[derive(Clone, Copy)]
pub(super) struct UrlPart<'t> {
    pub(super) text: &'t str,
    pub(super) start: usize,
}

impl<'t> UrlPart<'t> {
    /// Returns the part without its first bytes.
    pub(super) fn skip(self, bytes: usize) -> Self {
        let bytes = bytes.min(self.text.len());
        UrlPart { text: self.text.get(bytes..).unwrap_or_default(), start: self.start + bytes }
    }

    /// Returns the parts before and after the first separator. Without a separator, the second is `None`.
    pub(super) fn split_once(self, separator: char) -> (Self, Option<Self>) {
        match self.text.split_once(separator) {
            Some((before, _)) => {
                (UrlPart { text: before, ..self }, Some(self.skip(before.len() + separator.len_utf8())))
            }
            None => (self, None),
        }
    }

    /// Returns the parts between separators; at least one.
    pub(super) fn split(self, separator: char) -> Vec<Self> {
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
    pub(super) fn segments(self) -> Option<Vec<Self>> {
        let path = self.text.strip_prefix('/')?;
        Some(if path.is_empty() { Vec::new() } else { self.skip(1).split('/') })
    }

    /// Returns the part between `before` and `after`, or `None` if it does not start and end with them.
    pub(super) fn strip(self, before: &str, after: &str) -> Option<Self> {
        let text = self.text.strip_prefix(before)?.strip_suffix(after)?;
        Some(UrlPart { text, start: self.start + before.len() })
    }

    /// Returns the part between `before` and `after`. Unlike in [`UrlPart::strip`], `-` equals `_` in both.
    pub(super) fn strip_normalized(self, before: &str, after: &str) -> Option<Self> {
        let (start, rest) = self.text.split_at_checked(before.len())?;
        let (text, end) = rest.split_at_checked(rest.len().checked_sub(after.len())?)?;
        let is_match = equals_normalized(start, before) && equals_normalized(end, after);
        is_match.then(|| UrlPart { text, start: self.start + start.len() })
    }
}

/// `true` if the texts are equal when `-` equals `_`.
pub(super) fn equals_normalized(one: &str, other: &str) -> bool {
    normalize_name(one) == normalize_name(other)
}

/// Returns the name of a field of an endpoint.
pub(super) fn field_name(endpoint: &Endpoint, index: usize) -> &str {
    endpoint.fields.get(index).map_or("", |field| &field.name)
}

/// Reports invalid percent-encoding.
pub(super) fn report_invalid_encoding(sink: &mut DiagnosticSink, span: Span) {
    sink.error(span, "invalid percent-encoding")
        .help("a `%` is followed by two hexadecimal digits, and the decoded bytes are UTF-8");
}

/// Decodes percent-encoding. Returns `None` if it is invalid, or if the decoded bytes are not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
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
