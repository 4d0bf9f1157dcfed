//! Searches in a text that take linear time in total.

/// Returns the part of a text between two positions. It is empty if they are not positions of characters in order.
pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// Returns the text from a position on.
pub(super) fn rest_from(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or_default()
}

/// Returns the position of the first character that starts at or after a position.
fn find_char_start(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Returns the byte at a position, or 0 after the end. Texts contain no byte 0.
pub(super) fn byte_at(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// Returns the byte before a position, or 0 at the start.
pub(super) fn byte_before(text: &str, at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte_at(text, at))
}

/// `true` for white space.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// `true` if a word ends before this byte. Quotes, brackets of styles and the marks `*`, `_`, `+` and `@` can be within
/// words.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        0 | b' '
            | b'\t'
            | b'\n'
            | b'!'
            | b'#'
            | b'$'
            | b'%'
            | b'&'
            | b','
            | b'-'
            | b'.'
            | b'/'
            | b':'
            | b';'
            | b'='
            | b'?'
            | b'\\'
            | b'^'
            | b'`'
            | b'|'
            | b'~'
            | b'['
            | b']'
            | b'('
            | b')'
            | b'<'
    )
}

/// `true` if a phrase such as `-this-` can end before this byte.
pub(super) fn ends_phrase(byte: u8) -> bool {
    ends_word(byte) && byte != b'\t' || matches!(byte, b'"' | b'\'')
}

/// Returns the end of the word at a position.
pub(super) fn find_word_end(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    rest.iter().position(|byte| ends_word(*byte)).map_or(text.len(), |length| start + length)
}

/// Returns the end of the spaces and tabs at a position.
pub(super) fn skip_blanks(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| matches!(**byte, b' ' | b'\t')).count()
}

/// Returns the end of the line at a position: the position of its line feed.
pub(super) fn find_line_end(text: &str, start: usize) -> usize {
    rest_from(text, start).find('\n').map_or(text.len(), |length| start + length)
}

/// A mark that ends a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Strong,
    Bold,
    Emphasis,
    /// The start of another emphasis.
    OpeningEmphasis,
    Italic,
    Inserted,
    Deleted,
    Superscript,
    Subscript,
    Span,
    Citation,
    Code,
    Verbatim,
    Snippet,
    Apostrophe,
    InBrackets(&'static str),
    /// Any other text, such as an end tag, wherever it is.
    Text(&'static str),
    /// A blank line, which no phrase contains.
    BlankLine,
}

impl Mark {
    /// Text of the mark.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Strong => "*",
            Self::Bold => "**",
            Self::Emphasis | Self::OpeningEmphasis => "_",
            Self::Italic => "__",
            Self::Inserted => "+",
            Self::Deleted => "-",
            Self::Superscript => "^",
            Self::Subscript => "~",
            Self::Span => "%",
            Self::Citation => "??",
            Self::Code => "@",
            Self::Verbatim => "==",
            Self::Snippet => "```",
            Self::Apostrophe => "'",
            Self::InBrackets(text) | Self::Text(text) => text,
            Self::BlankLine => "\n\n",
        }
    }

    /// `true` if the mark, whose text is at this position, can end a phrase.
    fn is_end(self, text: &str, at: usize) -> bool {
        let before = byte_before(text, at);
        let after = byte_at(text, at + self.text().len());
        if matches!(self, Self::Text(_) | Self::BlankLine) {
            return true;
        }
        if self == Self::OpeningEmphasis {
            return is_space(before) && !is_space(after) && after != b'_';
        }
        if is_space(before) {
            return false;
        }
        let starts_word = || rest_from(text, at + self.text().len()).starts_with(char::is_alphanumeric);
        match self {
            // Of three marks in a row, the last ones end the outer phrase.
            Self::Strong => after != b'*' && (before != b'*' || byte_before(text, at - 1) == b'*'),
            Self::Bold => after != b'*',
            Self::Citation => after != b'?',
            Self::Emphasis => after != b'_' && !starts_word() && (before != b'_' || byte_before(text, at - 1) == b'_'),
            Self::Italic => after != b'_',
            Self::Inserted => after != b'+' && before != b'+',
            Self::Deleted => ends_phrase(after) && after != b'-' && before != b'-',
            Self::Superscript | Self::Subscript | Self::Span => ends_phrase(after),
            Self::Apostrophe => !starts_word(),
            _ => true,
        }
    }
}

/// Finds the ends of phrases in a text.
///
/// It keeps the last result for each mark. Each search starts after the previous one, or a few bytes before it. So the
/// searches for a mark read each byte about once, and their total time is linear.
pub(super) struct EndFinder<'t> {
    text: &'t str,
    /// Last search for each mark: the mark, the start of the search, and the position that it found.
    found: Vec<(Mark, usize, Option<usize>)>,
}

impl<'t> EndFinder<'t> {
    /// Creates a finder for a text.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Returns the position of the first mark at or after `start` that can end a phrase.
    pub(super) fn find(&mut self, mark: Mark, start: usize) -> Option<usize> {
        let text = self.text;
        let Some((_, last_start, at)) = self.found.iter_mut().find(|(known, _, _)| *known == mark) else {
            let at = search(text, mark, start, text.len());
            self.found.push((mark, start, at));
            return at;
        };
        if start < *last_start {
            // Searches only the few bytes before the last start.
            *at = search(text, mark, start, *last_start).or(*at);
        } else if at.is_some_and(|at| at < start) {
            *at = search(text, mark, start, text.len());
        }
        *last_start = start;
        *at
    }
}

/// Returns the position of the first mark between `start` and `end` that can end a phrase.
fn search(text: &str, mark: Mark, start: usize, end: usize) -> Option<usize> {
    let mut start = start;
    loop {
        // Searches begin and end one byte after a mark or a phrase, which can be within a character.
        start = find_char_start(text, start);
        let limit = find_char_start(text, end + mark.text().len());
        let at = start + slice(text, start, limit).find(mark.text())?;
        if mark.is_end(text, at) {
            return Some(at).filter(|at| *at < end);
        }
        // Marks can overlap, as in `***`.
        start = at + 1;
    }
}
