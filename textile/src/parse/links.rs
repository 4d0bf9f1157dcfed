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
        let ends_label = |at: usize| byte_at(text, at + 1) == b':' && byte_at(text, at) == b'"';
        let limit = self.find_limit(start);
        // `""Label"":url`
        let is_quoted = byte_at(text, start + 1) == b'"';
        let mut in_quotes = false;
        let mut at = start + 1 + usize::from(is_quoted);
        loop {
            at += slice(text, at, limit).find(['"', '<'])?;
            if byte_at(text, at) == b'<' {
                at = read_tag(text, at).map_or(at + 1, |tag| tag.end);
                continue;
            }
            let before = byte_before(text, at);
            let is_first = at == start + 1 + usize::from(is_quoted);
            if is_quoted {
                return (!is_space(before) && !is_first && ends_label(at + 1)).then_some(at + 1);
            }
            match (in_quotes, is_space(before)) {
                // An empty label, or a quote that only opens.
                _ if is_first => return None,
                // A quote after a word ends the label, or there is no link.
                (false, false) => return ends_label(at).then_some(at),
                // A quote after a space begins quoted words.
                (false, true) => in_quotes = !ends_label(at),
                (true, true) => return None,
                // Two quotes end the quoted words and the label: `"See "map"":url`.
                (true, false) if ends_label(at + 1) => return Some(at + 1),
                (true, false) if is_space(byte_at(text, at + 1)) => in_quotes = false,
                (true, false) => return None,
            }
            if !in_quotes && ends_label(at) {
                return None;
            }
            at += 1;
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
        let text = self.text;
        let in_brackets = byte_at(text, start) == b'[';
        let mark = start + usize::from(in_brackets);
        let mut attributes = Attributes::default();
        let mut at = mark + 1;
        let align = match byte_at(text, at) {
            b'<' => Some("left"),
            b'>' => Some("right"),
            b'=' => Some("center"),
            _ => None,
        };
        if let Some(align) = align {
            attributes.insert("align", align);
            at += 1;
        }
        let parsed = read_attributes(text, at, Allowed::Names);
        attributes.extend(parsed.attributes);
        at = parsed.end;
        if slice(text, at, at + 2) == ". " {
            at += 2;
        }
        let (source_end, title) = self.find_source_end(at)?;
        let (source, title) = match title {
            Some(title) => (slice(text, at, source_end), Some(title)),
            None => split_title(slice(text, at, source_end)),
        };
        // Without a slash or a dot, it is rather text between two exclamation marks.
        if !source.contains(['/', '.']) && !self.context.aliases.contains_key(source) {
            return None;
        }
        let url = self.resolve(source)?;
        let mut end =
            source_end + title.filter(|_| byte_at(text, source_end) == b'(').map_or(0, |title| title.len() + 2) + 1;
        if let Some(title) = title {
            attributes.insert("title", title);
        }
        attributes.insert("alt", title.unwrap_or_default());
        let image = Inline::Image(url, attributes);
        let link_end = (byte_at(text, end) == b':').then(|| find_url_end(text, end + 1)).flatten();
        let link = link_end.and_then(|link_end| {
            let link = slice(text, end + 1, link_end);
            let link = if in_brackets { link.get(..link.find(']')?)? } else { trim_url(link) };
            Some((end + 1 + link.len(), self.resolve(link)?))
        });
        let image = match link {
            Some((link_end, url)) if !self.context.is_in_link => {
                end = link_end;
                Inline::Link(url, Attributes::default(), vec![image])
            }
            _ => image,
        };
        if in_brackets && byte_at(text, end) != b']' {
            return None;
        }
        Some((end + usize::from(in_brackets), image))
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
