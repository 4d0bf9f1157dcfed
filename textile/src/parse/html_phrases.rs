//! Raw HTML within a block: tags, comments, character references, and elements whose content is not formatted.

use super::context::Context;
use super::inline::Phrases;
use super::raw_html::{TagKind, check_comment, read_tag, strip_code};
use super::scan::{Mark, byte_at, rest_from, slice};
use crate::safe::{Attributes, Tag};
use crate::tree::{Code, Inline};

/// Maximum number of raw HTML elements that are open at the same time. Further tags stay as they were typed.
const MAX_OPEN: usize = 12;

/// Parses text in which only HTML is parsed, such as the content of `<notextile>`.
pub(super) fn parse_verbatim(text: &str, context: Context<'_>) -> Vec<Inline> {
    let mut phrases = Phrases::new(text, context);
    let mut at = 0;
    while at < text.len() {
        let next = rest_from(text, at).find(['<', '&']).map_or(text.len(), |length| at + length);
        phrases.push_text(slice(text, at, next));
        let end = if next < text.len() { phrases.read_markup(next) } else { None };
        at = end.unwrap_or_else(|| phrases.push_char(next));
    }
    phrases.finish()
}

impl Phrases<'_> {
    /// Reads a tag, a comment or a character reference.
    pub(super) fn read_markup(&mut self, at: usize) -> Option<usize> {
        let rest = rest_from(self.text, at);
        if byte_at(rest, 0) == b'&' {
            let end = find_reference_end(rest)?;
            return Some(self.push(Inline::Reference(slice(rest, 1, end - 1).to_owned()), at + end));
        }
        if rest.starts_with("<!--") {
            let end = self.ends.find(Mark::Text("-->"), at + 4)?;
            let comment = check_comment(slice(self.text, at + 4, end))?;
            return Some(self.push(Inline::Comment(comment), end + 3));
        }
        let tag = read_tag(self.text, at)?;
        if tag.kind == TagKind::Start
            && let Some(end) = self.read_verbatim_element(tag.name, tag.attributes(), at, tag.end)
        {
            return Some(end);
        }
        let Some(element) = Tag::new(tag.name) else {
            self.push_text(slice(self.text, at, tag.end));
            return Some(tag.end);
        };
        let is_nested_link = element.name() == "a" && self.context.is_in_link;
        match tag.kind {
            TagKind::Start | TagKind::Empty if is_nested_link => {}
            TagKind::End => {
                if let Some(depth) = self.open.iter().rposition(|(open, _, _)| *open == element) {
                    self.close_elements(depth);
                }
            }
            _ if element.is_void() || tag.kind == TagKind::Empty => {
                self.output.push(Inline::Element(element, tag.attributes(), Vec::new()));
                // The tag stands for the end of the line.
                if element.name() == "br" && byte_at(self.text, tag.end) == b'\n' {
                    return Some(tag.end + 1);
                }
            }
            _ if self.open.len() < MAX_OPEN => {
                self.open.push((element, tag.attributes(), std::mem::take(&mut self.output)));
                self.context.is_in_link |= element.name() == "a";
            }
            _ => self.push_text(slice(self.text, at, tag.end)),
        }
        Some(tag.end)
    }

    /// Reads an element in which no Textile is parsed: `<notextile>`, `<code>` or `<pre>`. A script or stylesheet is
    /// shown as it was typed. `at` is the position of its start tag, and `start` the one after it. Returns `None` if it
    /// is another element, or has no end tag.
    pub(super) fn read_verbatim_element(
        &mut self,
        name: &str,
        attributes: Attributes,
        at: usize,
        start: usize,
    ) -> Option<usize> {
        let end_tag = match name {
            "notextile" => "</notextile>",
            "code" => "</code>",
            "pre" => "</pre>",
            "script" => "</script>",
            "style" => "</style>",
            _ => return None,
        };
        let end = self.ends.find(Mark::Text(end_tag), start)?;
        let text = slice(self.text, start, end);
        match name {
            "notextile" => {
                let content = parse_verbatim(text, self.context.nested());
                self.extend(content);
            }
            "code" => self.output.push(Inline::Code(attributes, text.to_owned())),
            "pre" => {
                let (is_code, text) = strip_code(text);
                self.output.push(Inline::Preformatted(Code { is_code, attributes, text: text.to_owned() }));
            }
            _ => self.push_text(slice(self.text, at, end + end_tag.len())),
        }
        Some(end + end_tag.len())
    }

    /// Closes the elements beyond the first `depth` ones.
    pub(super) fn close_elements(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some((tag, attributes, before)) = self.open.pop()
        {
            let content = std::mem::replace(&mut self.output, before);
            self.output.push(Inline::Element(tag, attributes, content));
            if tag.name() == "a" {
                self.context.is_in_link = false;
            }
        }
    }
}

/// Returns the end of the character reference at the start of a text.
fn find_reference_end(text: &str) -> Option<usize> {
    let name = text.strip_prefix('&')?;
    let length = name.bytes().take(32).position(|byte| byte == b';').filter(|length| *length > 0)?;
    let name = slice(name, 0, length);
    let is_name = match name.strip_prefix('#') {
        Some(number) => is_printable(number),
        None => name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    is_name.then_some(length + 2)
}

/// `true` for the number of a character that is not a control character.
fn is_printable(number: &str) -> bool {
    let number = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    number.ok().and_then(char::from_u32).is_some_and(|c| !c.is_control())
}
