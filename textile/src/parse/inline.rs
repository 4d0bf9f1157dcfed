//! Phrases: the text within a block.
//!
//! At each position, the parser tries the phrases that its character can begin. A phrase cannot end within a word:
//! `*bar*x` stays as it was typed.

use super::attributes::{Allowed, read_attributes};
use super::context::Context;
use super::html_phrases::parse_verbatim;
use super::scan::{EndFinder, Mark, byte_at, byte_before, ends_word, find_word_end, is_space, rest_from, slice};
use crate::safe::{Attributes, Tag};
use crate::tree::{Code, Inline, PhraseKind};

/// Parses the text of a block.
pub(super) fn parse_inline<'t>(text: &'t str, context: Context<'t>) -> Vec<Inline> {
    let mut phrases = Phrases::new(text, context);
    phrases.read_all();
    phrases.finish()
}

/// Parser of one text.
pub(super) struct Phrases<'t> {
    pub(super) text: &'t str,
    pub(super) context: Context<'t>,
    pub(super) ends: EndFinder<'t>,
    /// Start and end of the last word found, so that the end of each word is searched once.
    word: (usize, usize),
    /// Start and end of the last row of underscores found.
    row: (usize, usize),
    /// Phrases of the innermost element that is open.
    pub(super) output: Vec<Inline>,
    /// Raw HTML elements that are open, from the outermost, with the phrases before them.
    pub(super) open: Vec<(Tag, Attributes, Vec<Inline>)>,
}

impl<'t> Phrases<'t> {
    /// Creates a parser.
    pub(super) fn new(text: &'t str, context: Context<'t>) -> Self {
        let ends = EndFinder::new(text);
        Self { text, context, ends, word: (0, 0), row: (0, 0), output: Vec::new(), open: Vec::new() }
    }

    /// Parses the whole text.
    fn read_all(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            at = match self.read_phrase(at) {
                Some(end) => end.max(at + 1),
                None => self.push_word(at),
            };
        }
    }

    /// Closes the elements that are still open, and returns the phrases.
    pub(super) fn finish(mut self) -> Vec<Inline> {
        self.close_elements(0);
        self.output
    }

    /// Adds text to the output.
    pub(super) fn push_text(&mut self, text: &str) {
        match self.output.last_mut() {
            _ if text.is_empty() => {}
            Some(Inline::Text(last)) => last.push_str(text),
            _ => self.output.push(Inline::Text(text.to_owned())),
        }
    }

    /// Adds the character at a position, and returns the position after it.
    pub(super) fn push_char(&mut self, at: usize) -> usize {
        let end = at + rest_from(self.text, at).chars().next().map_or(1, char::len_utf8);
        self.push_text(slice(self.text, at, end));
        end
    }

    /// Adds the word at a position, or a single character that is not part of a word, and returns the position after
    /// it.
    fn push_word(&mut self, at: usize) -> usize {
        if ends_word(byte_at(self.text, at)) {
            return self.push_char(at);
        }
        let mut end = self.find_word_end(at);
        let word = slice(self.text, at, end);
        // Splits `a3x4` after the `x`, so that a dimension can begin at the `4`.
        if let Some(sign) = word.find('x').filter(|sign| *sign > 1)
            && byte_at(word, sign - 1).is_ascii_digit()
            && byte_at(word, sign + 1).is_ascii_digit()
        {
            end = at + sign + 1;
        }
        let word = slice(self.text, at, end);
        if word.contains('\'') {
            self.push_text(&word.replace('\'', "’"));
        } else {
            self.push_text(word);
        }
        end
    }

    /// Returns the end of the word at a position.
    pub(super) fn find_word_end(&mut self, at: usize) -> usize {
        if !(self.word.0..self.word.1).contains(&at) {
            self.word = (at, find_word_end(self.text, at));
        }
        self.word.1
    }

    /// Adds a phrase, and returns `end`.
    pub(super) fn push(&mut self, inline: Inline, end: usize) -> usize {
        self.output.push(inline);
        end
    }

    /// Returns the position before which a phrase from `start` has to end: the next blank line, or the end of the text.
    pub(super) fn find_limit(&mut self, start: usize) -> usize {
        self.ends.find(Mark::BlankLine, start).unwrap_or(self.text.len())
    }

    /// Reads the phrase at a position, adds it, and returns the position after it. Returns `None` if there is none.
    fn read_phrase(&mut self, at: usize) -> Option<usize> {
        let next = byte_at(self.text, at + 1);
        match byte_at(self.text, at) {
            b'\n' => Some(self.push(Inline::LineBreak, at + 1)),
            b' ' => self.read_after_space(at, next),
            b'*' if next == b'*' => {
                let bold = self.read_marked(at, "**", Mark::Bold, PhraseKind::Bold);
                bold.or_else(|| self.read_marked(at, "*", Mark::Strong, PhraseKind::Strong))
            }
            b'*' => self.read_marked(at, "*", Mark::Strong, PhraseKind::Strong),
            b'_' if next == b'_' => self.read_marked(at, "__", Mark::Italic, PhraseKind::Italic),
            b'_' => self.read_marked(at, "_", Mark::Emphasis, PhraseKind::Emphasis),
            b'+' => self.read_marked(at, "+", Mark::Inserted, PhraseKind::Inserted),
            b'?' if next == b'?' => self.read_marked(at, "??", Mark::Citation, PhraseKind::Citation),
            b'^' if self.starts_phrase(at) => self.read_marked(at, "^", Mark::Superscript, PhraseKind::Superscript),
            b'~' if self.starts_phrase(at) => self.read_marked(at, "~", Mark::Subscript, PhraseKind::Subscript),
            b'%' if self.starts_phrase(at) => self.read_marked(at, "%", Mark::Span, PhraseKind::Span),
            b'-' => self.read_dash(at, next),
            b'@' => self.read_code(at, "@", Mark::Code),
            b'"' => self.read_quote(at, next),
            b'\'' => self.read_single_quote(at),
            b'!' => {
                let (end, image) = self.read_image(at)?;
                Some(self.push(image, end))
            }
            b'=' if next == b'=' => self.read_verbatim(at, "==", Mark::Verbatim),
            b'`' => self.read_snippet(at),
            b'[' => self.read_bracket(at, next),
            b'(' => self.read_symbol(at),
            b'.' if rest_from(self.text, at).starts_with("...") => {
                self.push_text("…");
                Some(at + 3)
            }
            b'<' | b'&' => self.read_markup(at),
            b'0'..=b'9' => self.read_dimensions(at),
            b'A'..=b'Z' => self.read_capitals(at),
            _ => None,
        }
    }

    /// `true` if a phrase such as `^this^` can start at a position: at the start of a line, or after a space.
    fn starts_phrase(&self, at: usize) -> bool {
        matches!(byte_before(self.text, at), 0 | b'\n' | b' ')
    }

    /// Finds the end of a phrase whose text begins at `start`, and returns the position of its mark.
    fn find_end(&mut self, mark: Mark, start: usize) -> Option<usize> {
        if self.context.depth == 0 || is_space(byte_at(self.text, start)) {
            return None;
        }
        let end = self.ends.find(mark, start + 1)?;
        (end <= self.find_limit(start)).then_some(end)
    }

    /// Reads a phrase between two marks.
    pub(super) fn read_marked(&mut self, at: usize, open: &str, mark: Mark, kind: PhraseKind) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let end = inner_end + mark.text().len();
        let is_in_word = !ends_word(byte_at(self.text, at)) && end < self.find_word_end(at);
        // In `_a_b _c_`, only `c` is emphasized.
        let is_interrupted = mark == Mark::Emphasis
            && self.ends.find(Mark::OpeningEmphasis, start).is_some_and(|opening| opening < inner_end);
        if is_in_word || is_interrupted || self.is_blank_to_fill(start) {
            return None;
        }
        let phrase = self.parse_phrase(kind, start, inner_end);
        Some(self.push(phrase, end))
    }

    /// `true` if an underscore is part of a blank to fill in, as in `[___]`: a row that no word follows. `start` is the
    /// position after the mark.
    fn is_blank_to_fill(&mut self, start: usize) -> bool {
        if byte_at(self.text, start) != b'_' || byte_before(self.text, start) != b'_' {
            return false;
        }
        if !(self.row.0..self.row.1).contains(&start) {
            let length = rest_from(self.text, start).bytes().take_while(|byte| *byte == b'_').count();
            self.row = (start, start + length);
        }
        !rest_from(self.text, self.row.1).starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '@' | '('))
    }

    /// Parses the attributes and the text of a phrase.
    fn parse_phrase(&self, kind: PhraseKind, start: usize, end: usize) -> Inline {
        let text = slice(self.text, start, end);
        let parsed = read_attributes(text, 0, Allowed::Names);
        let rest = rest_from(text, parsed.end);
        let has_text = !rest.is_empty() && !rest.starts_with([' ', '\n', '\t']);
        let (attributes, text) = if has_text { (parsed.attributes, rest) } else { (Attributes::default(), text) };
        Inline::Phrase(kind, attributes, parse_inline(text, self.context.nested()))
    }

    /// Parses the label of a link.
    pub(super) fn parse_label(&self, label: &'t str) -> Vec<Inline> {
        parse_inline(label, Context { is_in_link: true, ..self.context.nested() })
    }

    /// Reads what begins with a space: a dash, an ellipsis, a trademark, or deleted text.
    fn read_after_space(&mut self, at: usize, next: u8) -> Option<usize> {
        let rest = rest_from(self.text, at);
        if next == b'.' && rest.starts_with(" ...") {
            self.push_text(" …");
            return Some(at + 4);
        }
        if next == b'(' || next == b'[' {
            return self.read_trademark(at + 1);
        }
        if next != b'-' {
            return None;
        }
        if byte_at(self.text, at + 2) == b' ' {
            self.push_text(" – ");
            return Some(at + 3);
        }
        if let Some((end, deleted)) = self.find_deleted(at + 1) {
            self.push_text(" ");
            return Some(self.push(deleted, end));
        }
        None
    }

    /// Reads what begins with a hyphen: a dash, an arrow, or deleted text at the start of a line.
    fn read_dash(&mut self, at: usize, next: u8) -> Option<usize> {
        if matches!(byte_before(self.text, at), 0 | b'\n')
            && let Some((end, deleted)) = self.find_deleted(at)
        {
            return Some(self.push(deleted, end));
        }
        let row = rest_from(self.text, at).bytes().take_while(|byte| *byte == b'-').count();
        match next {
            // A row of hyphens is not a dash.
            b'-' if row > 2 => {
                self.push_text(slice(self.text, at, at + row));
                return Some(at + row);
            }
            b'-' => self.push_text("—"),
            b'>' => self.push_text("→"),
            _ => return None,
        }
        Some(at + 2)
    }

    /// Parses `-deleted-`, and returns the position after it.
    fn find_deleted(&mut self, at: usize) -> Option<(usize, Inline)> {
        if matches!(byte_at(self.text, at + 1), b'-' | b'>') {
            return None;
        }
        let end = self.find_end(Mark::Deleted, at + 1)?;
        Some((end + 1, self.parse_phrase(PhraseKind::Deleted, at + 1, end)))
    }

    /// Reads code, whose text is not parsed. `open` is the mark before it.
    pub(super) fn read_code(&mut self, at: usize, open: &str, mark: Mark) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let end = inner_end + mark.text().len();
        if open == "@" && end < self.find_word_end(at) {
            return None;
        }
        let code = Inline::Code(Attributes::default(), slice(self.text, start, inner_end).to_owned());
        Some(self.push(code, end))
    }

    /// Reads text in which only HTML is parsed.
    pub(super) fn read_verbatim(&mut self, at: usize, open: &str, mark: Mark) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let content = parse_verbatim(slice(self.text, start, inner_end), self.context.nested());
        self.output.extend(content);
        Some(inner_end + mark.text().len())
    }

    /// Reads a block of code within a line, between pairs of three backquotes.
    fn read_snippet(&mut self, at: usize) -> Option<usize> {
        if !rest_from(self.text, at).starts_with("```") {
            return None;
        }
        let end = self.find_end(Mark::Snippet, at + 3)?;
        let text = slice(self.text, at + 3, end).to_owned();
        let code = Code { is_code: true, attributes: Attributes::default(), text };
        Some(self.push(Inline::Preformatted(code), end + 3))
    }

    /// Reads what begins with a quote: a link, or a quotation.
    fn read_quote(&mut self, at: usize, next: u8) -> Option<usize> {
        if let Some((end, link)) = self.read_link(at) {
            return Some(self.push(link, end));
        }
        if let Some(end) = self.find_quotation_end(at)
            && end + 1 >= self.find_word_end(at)
            && self.context.depth > 0
        {
            self.push_text("“");
            let content = parse_inline(slice(self.text, at + 1, end), self.context.nested());
            self.extend(content);
            self.push_text("”");
            return Some(end + 1);
        }
        // The start of a quotation of several paragraphs. Only its last paragraph has a closing quote.
        if matches!(byte_before(self.text, at), 0 | b'\n') && !is_space(next) && next != 0 && next != b'"' {
            self.push_text("“");
            return Some(at + 1);
        }
        None
    }

    /// Returns the position of the quote that ends a quotation. The quotes of links in it are skipped.
    fn find_quotation_end(&mut self, start: usize) -> Option<usize> {
        let limit = self.find_limit(start);
        if is_space(byte_at(self.text, start + 1)) {
            return None;
        }
        let mut at = start + 1;
        loop {
            at += slice(self.text, at, limit).find('"')?;
            if at > start + 1 && !is_space(byte_before(self.text, at)) {
                return Some(at);
            }
            at = self.find_link_end(at)?;
        }
    }

    /// Reads a quotation in single quotes.
    fn read_single_quote(&mut self, at: usize) -> Option<usize> {
        let end = self.find_end(Mark::Apostrophe, at + 1)?;
        if end + 1 < self.find_word_end(at) {
            return None;
        }
        self.push_text("‘");
        let content = parse_inline(slice(self.text, at + 1, end), self.context.nested());
        self.extend(content);
        self.push_text("’");
        Some(end + 1)
    }

    /// Adds phrases. Texts next to each other become one.
    pub(super) fn extend(&mut self, content: Vec<Inline>) {
        for inline in content {
            match inline {
                Inline::Text(text) => self.push_text(&text),
                inline => self.output.push(inline),
            }
        }
    }
}

/// Returns the phrases of a line without the spaces around it.
pub(super) fn parse_trimmed<'t>(text: &'t str, context: Context<'t>) -> Vec<Inline> {
    parse_inline(text.trim_matches([' ', '\t', '\n']), context)
}
