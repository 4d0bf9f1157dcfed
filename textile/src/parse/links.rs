//! Links and images.

use super::attributes::{Allowed, read_attributes};
use super::inline::Phrases;
use super::raw_html::read_tag;
use super::scan::{Mark, byte_at, byte_before, is_space, rest_from, slice};
use crate::safe::{Attributes, Url};
use crate::tree::Inline;

/// Maximum length in bytes of a URL. A longer one stays as it was typed.
const MAX_URL: usize = 2_000;

/// Returns the end of the longest URL at a position, with the punctuation after it. Returns `None` if there is none.
pub(super) fn find_url_end(text: &str, start: usize) -> Option<usize> {
    let rest = rest_from(text, start);
    let bytes = rest.as_bytes();
    let mut end = rest.len();
    for (at, byte) in rest.bytes().take(MAX_URL + 1).enumerate() {
        let is_escape = || bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let is_allowed = match byte {
            b'"' | b'<' | b'>' | b' ' | 127 | 0..=31 => false,
            b'%' => is_escape(),
            _ => true,
        };
        if !is_allowed {
            end = at;
            break;
        }
    }
    if end > MAX_URL {
        return None;
    }
    let has_content = rest.get(..end)?.starts_with(['/', '#'])
        || rest.get(..end)?.chars().any(|c| c.is_alphanumeric() || matches!(c, '$' | '-' | '_' | '.'));
    has_content.then_some(start + end)
}

/// Removes punctuation from the end of a URL. A closing parenthesis is kept if it has an opening one.
pub(super) fn trim_url(url: &str) -> &str {
    let count = |c: u8| url.bytes().filter(|byte| *byte == c).count();
    let mut unmatched = count(b')').saturating_sub(count(b'('));
    let mut url = url;
    while let Some(last) = url.chars().next_back() {
        match last {
            ')' if unmatched > 0 => unmatched -= 1,
            '!' | '"' | '#' | '$' | '%' | ']' | '[' | '&' | '\'' | '*' | '+' | ',' | '-' | '.' | '(' | ':' | ';'
            | '=' | '?' | '@' | '\\' | '^' | '_' | '`' | '|' | '~' => {}
            _ => break,
        }
        url = url.strip_suffix(last).unwrap_or_default();
    }
    url
}

/// Splits a title in parentheses off the end of a label or of the source of an image.
fn split_title(text: &str) -> (&str, Option<&str>) {
    if !text.ends_with(')') {
        return (text, None);
    }
    let mut level = 0_usize;
    let open = text.bytes().rposition(|byte| {
        match byte {
            b')' => level += 1,
            b'(' => level = level.saturating_sub(1),
            _ => {}
        }
        byte == b'(' && level == 0
    });
    match open {
        Some(open) if open > 0 => {
            let label = slice(text, 0, open);
            (label.strip_suffix(' ').unwrap_or(label), Some(slice(text, open + 1, text.len() - 1)))
        }
        _ => (text, None),
    }
}

/// Returns the position of the next quote before `limit` that is not in a tag.
fn find_quote(text: &str, start: usize, limit: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += slice(text, at, limit).find(['"', '<'])?;
        if byte_at(text, at) == b'"' {
            return Some(at);
        }
        at = read_tag(text, at).map_or(at + 1, |tag| tag.end);
    }
}

impl<'t> Phrases<'t> {
    /// Reads the link at a position, after an optional bracket, and returns the end of it.
    pub(super) fn read_link(&mut self, start: usize) -> Option<(usize, Inline)> {
        if self.context.is_in_link || self.context.depth == 0 {
            return None;
        }
        let in_brackets = byte_at(self.text, start) == b'[';
        let quote = start + usize::from(in_brackets);
        let label_end = self.find_label_end(quote)?;
        let url_start = label_end + 2;
        let longest = find_url_end(self.text, url_start)?;
        let (url, end) = if in_brackets {
            let length = slice(self.text, url_start, longest).find(']')?;
            (slice(self.text, url_start, url_start + length), url_start + length + 1)
        } else {
            let url = trim_url(slice(self.text, url_start, longest));
            (url, url_start + url.len())
        };
        let url = self.resolve(url)?;
        let label = slice(self.text, quote + 1, label_end);
        let parsed = read_attributes(label, 0, Allowed::Names);
        let mut rest = rest_from(label, parsed.end).trim_start_matches('.').trim_start_matches(' ');
        let mut attributes = parsed.attributes;
        if rest.is_empty() || parsed.end == 0 {
            (rest, attributes) = (label.trim_start_matches(' '), Attributes::default());
        }
        let (label, title) = split_title(rest);
        if let Some(title) = title {
            attributes.insert("title", title);
        }
        let content = self.parse_label(label);
        Some((end, Inline::Link(url, attributes, content)))
    }

    /// Returns the position of the quote that ends the label of a link. `start` is the position of its first quote. A
    /// label can contain tags and quoted words.
    fn find_label_end(&mut self, start: usize) -> Option<usize> {
        let text = self.text;
        if byte_at(text, start) != b'"' {
            return None;
        }
        let limit = self.find_limit(start);
        let ends_label = |at: usize| byte_at(text, at + 1) == b':' && byte_at(text, at) == b'"';
        let is_after_space = |at: usize| is_space(byte_before(text, at));
        // `""Label"":url`
        if byte_at(text, start + 1) == b'"' {
            let quote = find_quote(text, start + 2, limit)?;
            let is_end = quote > start + 2 && !is_after_space(quote) && ends_label(quote + 1);
            return is_end.then_some(quote + 1);
        }
        let mut at = start + 1;
        loop {
            let open = find_quote(text, at, limit)?;
            // A quote after a word ends the label, or there is no link.
            if !is_after_space(open) {
                return ends_label(open).then_some(open);
            }
            if ends_label(open) {
                return None;
            }
            // A quote after a space begins quoted words.
            let close = find_quote(text, open + 1, limit)?;
            if is_after_space(close) {
                return None;
            }
            // Two quotes end the quoted words and the label: `"See "map"":url`.
            if ends_label(close + 1) {
                return Some(close + 1);
            }
            if !is_space(byte_at(text, close + 1)) {
                return None;
            }
            at = close + 1;
        }
    }

    /// Returns the position after a link without attributes, as it can be in a quotation.
    pub(super) fn find_link_end(&mut self, start: usize) -> Option<usize> {
        find_url_end(self.text, self.find_label_end(start)? + 2)
    }

    /// Checks a URL, after replacing an alias.
    fn resolve(&self, url: &str) -> Option<Url> {
        Url::new(self.context.aliases.get(url).copied().unwrap_or(url))
    }

    /// Reads the image at a position, after an optional bracket, and returns the end of it.
    pub(super) fn read_image(&mut self, start: usize) -> Option<(usize, Inline)> {
        let in_brackets = byte_at(self.text, start) == b'[';
        let mark = start + usize::from(in_brackets);
        let (mut attributes, source_start) = read_image_attributes(self.text, mark + 1);
        let ImageSource { source, title, end } = self.read_image_source(source_start)?;
        // Without a slash or a dot, it is rather text between two exclamation marks.
        if !source.contains(['/', '.']) && !self.context.aliases.contains_key(source) {
            return None;
        }
        let url = self.resolve(source)?;
        if let Some(title) = title {
            attributes.insert("title", title);
        }
        attributes.insert("alt", title.unwrap_or_default());
        let image = Inline::Image(url, attributes);
        let (end, image) = match self.read_image_link(end, in_brackets) {
            Some((link_end, url)) if !self.context.is_in_link => {
                (link_end, Inline::Link(url, Attributes::default(), vec![image]))
            }
            _ => (end, image),
        };
        match byte_at(self.text, end) {
            _ if !in_brackets => Some((end, image)),
            b']' => Some((end + 1, image)),
            _ => None,
        }
    }

    /// Reads the source of an image, its title, and the `!` at its end.
    fn read_image_source(&mut self, start: usize) -> Option<ImageSource<'t>> {
        let (source_end, title) = self.find_source_end(start)?;
        let source = slice(self.text, start, source_end);
        if let Some(title) = title {
            return Some(ImageSource {
                source,
                title: Some(title),
                end: source_end + "(".len() + title.len() + ")!".len(),
            });
        }
        let (source, title) = split_title(source);
        Some(ImageSource { source, title, end: source_end + "!".len() })
    }

    /// Reads the link of an image: `:` and a URL. Returns the end of the link and its URL. In brackets, the link ends at
    /// the closing bracket.
    fn read_image_link(&self, start: usize, in_brackets: bool) -> Option<(usize, Url)> {
        if byte_at(self.text, start) != b':' {
            return None;
        }
        let link = slice(self.text, start + 1, find_url_end(self.text, start + 1)?);
        let link = if in_brackets { link.get(..link.find(']')?)? } else { trim_url(link) };
        Some((start + 1 + link.len(), self.resolve(link)?))
    }

    /// Returns the end of the source of an image, and its title if that contains spaces: `!map.png(The bay)!`. A title
    /// without spaces is before that end.
    fn find_source_end(&mut self, start: usize) -> Option<(usize, Option<&'t str>)> {
        let text = self.text;
        let rest = rest_from(text, start);
        let stop = rest.find(['!', ' ', '"', '<', '>', '\n', '\t'])?;
        if stop == 0 {
            return None;
        }
        if byte_at(rest, stop) == b'!' {
            return Some((start + stop, None));
        }
        let open = slice(rest, 0, stop).find('(').filter(|open| *open > 0)?;
        let close = self.ends.find(Mark::Text(")!"), start + open)?;
        (close < self.find_limit(start)).then(|| (start + open, Some(slice(text, start + open + 1, close))))
    }
}

/// Source of an image: a URL or an alias.
struct ImageSource<'t> {
    source: &'t str,
    title: Option<&'t str>,
    /// Position after the `!`.
    end: usize,
}

/// Reads the alignment and the attributes of an image. Returns them and the start of its source.
fn read_image_attributes(text: &str, start: usize) -> (Attributes, usize) {
    let align = match byte_at(text, start) {
        b'<' => Some("left"),
        b'>' => Some("right"),
        b'=' => Some("center"),
        _ => None,
    };
    let mut attributes = Attributes::default();
    if let Some(align) = align {
        attributes.insert("align", align);
    }
    let parsed = read_attributes(text, start + usize::from(align.is_some()), Allowed::Names);
    attributes.extend(parsed.attributes);
    let has_dot = slice(text, parsed.end, parsed.end + 2) == ". ";
    (attributes, parsed.end + if has_dot { 2 } else { 0 })
}
