//! Phrases: the text within a block.
//!
//! At each position the parser tries the phrases that its character can begin. A phrase that ends within a word is
//! none, so that `*bar*x` stays as it was typed.

use super::Context;
use super::attributes::{Allowed, read_attributes, read_digits};
use super::raw_html::{TagKind, read_tag};
use super::scan::{Ends, Mark, byte_at, byte_before, ends_run, find_run_end, from, is_space, skip_blanks, slice};
use crate::safe::{Attributes, Tag};
use crate::tree::{Code, Inline, PhraseKind};

/// Maximum number of raw HTML elements that are open at the same time. Further tags stay as they were typed.
const MAX_OPEN: usize = 12;

/// Parses the text of a block.
pub(super) fn parse_inline<'t>(text: &'t str, context: Context<'t>) -> Vec<Inline> {
    let mut phrases = Phrases::new(text, context);
    phrases.run();
    phrases.finish()
}

/// Parses text in which only HTML has a meaning, such as the content of `<notextile>`.
pub(super) fn parse_verbatim(text: &str, context: Context<'_>) -> Vec<Inline> {
    let mut phrases = Phrases::new(text, context);
    let mut at = 0;
    while at < text.len() {
        let next = from(text, at).find(['<', '&']).map_or(text.len(), |length| at + length);
        phrases.push_text(slice(text, at, next));
        let end = if next < text.len() { phrases.read_markup(next) } else { None };
        at = end.unwrap_or_else(|| phrases.push_char(next));
    }
    phrases.finish()
}

/// Parser of one text.
pub(super) struct Phrases<'t> {
    pub(super) text: &'t str,
    pub(super) context: Context<'t>,
    pub(super) ends: Ends<'t>,
    /// The last word that was searched for.
    run: (usize, usize),
    /// Phrases of the innermost element that is open.
    output: Vec<Inline>,
    /// Raw HTML elements that are open, from the outermost, with the phrases before them.
    open: Vec<(Tag, Attributes, Vec<Inline>)>,
}

impl<'t> Phrases<'t> {
    /// Creates a parser.
    fn new(text: &'t str, context: Context<'t>) -> Self {
        Self { text, context, ends: Ends::new(text), run: (0, 0), output: Vec::new(), open: Vec::new() }
    }

    /// Parses the whole text.
    fn run(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            at = match self.read_phrase(at) {
                Some(end) => end.max(at + 1),
                None => self.push_run(at),
            };
        }
    }

    /// Closes the elements that are still open, and returns the phrases.
    fn finish(mut self) -> Vec<Inline> {
        self.close_elements(0);
        self.output
    }

    /// Adds text to the output.
    fn push_text(&mut self, text: &str) {
        match self.output.last_mut() {
            _ if text.is_empty() => {}
            Some(Inline::Text(last)) => last.push_str(text),
            _ => self.output.push(Inline::Text(text.to_owned())),
        }
    }

    /// Adds the character at a position, and returns the position after it.
    fn push_char(&mut self, at: usize) -> usize {
        let end = at + from(self.text, at).chars().next().map_or(1, char::len_utf8);
        self.push_text(slice(self.text, at, end));
        end
    }

    /// Adds the word at a position, or a single character that is not part of a word, and returns the position after
    /// it. A dimension begins a word of its own.
    fn push_run(&mut self, at: usize) -> usize {
        if ends_run(byte_at(self.text, at)) {
            return self.push_char(at);
        }
        let mut end = self.find_run_end(at);
        let run = slice(self.text, at, end);
        // In `a3x4`, the second number follows a sign; in `3x4`, the whole is a dimension.
        if let Some(sign) = run.find('x').filter(|sign| *sign > 1)
            && byte_at(run, sign - 1).is_ascii_digit()
            && byte_at(run, sign + 1).is_ascii_digit()
        {
            end = at + sign + 1;
        }
        let run = slice(self.text, at, end);
        if run.contains('\'') {
            self.push_text(&run.replace('\'', "’"));
        } else {
            self.push_text(run);
        }
        end
    }

    /// Returns the end of the word at a position.
    fn find_run_end(&mut self, at: usize) -> usize {
        if !(self.run.0..self.run.1).contains(&at) {
            self.run = (at, find_run_end(self.text, at));
        }
        self.run.1
    }

    /// Adds a phrase, and returns `end`.
    fn push(&mut self, inline: Inline, end: usize) -> usize {
        self.output.push(inline);
        end
    }

    /// Returns the end of the text that a phrase at `start` can contain.
    pub(super) fn limit(&mut self, start: usize) -> usize {
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
            b'.' if from(self.text, at).starts_with("...") => {
                self.push_text("…");
                Some(at + 3)
            }
            b'<' | b'&' => self.read_markup(at),
            b'0'..=b'9' => self.read_dimension(at),
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
        (end <= self.limit(start)).then_some(end)
    }

    /// Reads a phrase between two marks.
    fn read_marked(&mut self, at: usize, open: &str, mark: Mark, kind: PhraseKind) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let end = inner_end + mark.text().len();
        let is_in_word = !ends_run(byte_at(self.text, at)) && end < self.find_run_end(at);
        // `_a_b _c_` has one phrase at its end.
        let is_interrupted = mark == Mark::Emphasis
            && self.ends.find(Mark::OpeningEmphasis, start).is_some_and(|opening| opening < inner_end);
        if is_in_word || is_interrupted {
            return None;
        }
        let phrase = self.parse_phrase(kind, start, inner_end);
        Some(self.push(phrase, end))
    }

    /// Parses the attributes and the text of a phrase.
    fn parse_phrase(&self, kind: PhraseKind, start: usize, end: usize) -> Inline {
        let text = slice(self.text, start, end);
        let signature = read_attributes(text, 0, Allowed::Names);
        let rest = from(text, signature.end);
        let has_text = !rest.is_empty() && !rest.starts_with([' ', '\n', '\t']);
        let (attributes, text) = if has_text { (signature.attributes, rest) } else { (Attributes::default(), text) };
        Inline::Phrase(kind, attributes, parse_inline(text, self.context.nested()))
    }

    /// Parses the label of a link.
    pub(super) fn parse_label(&self, label: &'t str) -> Vec<Inline> {
        parse_inline(label, Context { is_in_link: true, ..self.context.nested() })
    }

    /// Reads what begins with a space: a dash, an ellipsis, a trademark, or deleted text.
    fn read_after_space(&mut self, at: usize, next: u8) -> Option<usize> {
        let rest = from(self.text, at);
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
        match next {
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

    /// Reads code, in which nothing has a meaning. `open` is the mark before it.
    fn read_code(&mut self, at: usize, open: &str, mark: Mark) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let end = inner_end + mark.text().len();
        if open == "@" && end < self.find_run_end(at) {
            return None;
        }
        let code = Inline::Code(Attributes::default(), slice(self.text, start, inner_end).to_owned());
        Some(self.push(code, end))
    }

    /// Reads text in which only HTML has a meaning.
    fn read_verbatim(&mut self, at: usize, open: &str, mark: Mark) -> Option<usize> {
        let start = at + open.len();
        let inner_end = self.find_end(mark, start)?;
        let content = parse_verbatim(slice(self.text, start, inner_end), self.context.nested());
        self.output.extend(content);
        Some(inner_end + mark.text().len())
    }

    /// Reads a block of code within a line, between pairs of three backquotes.
    fn read_snippet(&mut self, at: usize) -> Option<usize> {
        if !from(self.text, at).starts_with("```") {
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
            && end + 1 >= self.find_run_end(at)
            && self.context.depth > 0
        {
            self.push_text("“");
            let content = parse_inline(slice(self.text, at + 1, end), self.context.nested());
            self.extend(content);
            self.push_text("”");
            return Some(end + 1);
        }
        // A quotation of several paragraphs.
        if matches!(byte_before(self.text, at), 0 | b'\n') && !is_space(next) && next != 0 && next != b'"' {
            self.push_text("“");
            return Some(at + 1);
        }
        None
    }

    /// Returns the position of the quote that ends a quotation. Links in it have quotes of their own.
    fn find_quotation_end(&mut self, start: usize) -> Option<usize> {
        let limit = self.limit(start);
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
        if end + 1 < self.find_run_end(at) {
            return None;
        }
        self.push_text("‘");
        let content = parse_inline(slice(self.text, at + 1, end), self.context.nested());
        self.extend(content);
        self.push_text("’");
        Some(end + 1)
    }

    /// Adds phrases. Texts next to each other become one.
    fn extend(&mut self, content: Vec<Inline>) {
        for inline in content {
            match inline {
                Inline::Text(text) => self.push_text(&text),
                inline => self.output.push(inline),
            }
        }
    }

    /// Reads what begins with a bracket: a phrase in brackets, which can be within a word, or a footnote.
    fn read_bracket(&mut self, at: usize, next: u8) -> Option<usize> {
        /// Marks of phrases in brackets.
        const MARKS: &[(&str, &str, PhraseKind)] = &[
            ("[**", "**]", PhraseKind::Bold),
            ("[*", "*]", PhraseKind::Strong),
            ("[__", "__]", PhraseKind::Italic),
            ("[_", "_]", PhraseKind::Emphasis),
            ("[-", "-]", PhraseKind::Deleted),
            ("[+", "+]", PhraseKind::Inserted),
            ("[^", "^]", PhraseKind::Superscript),
            ("[~", "~]", PhraseKind::Subscript),
            ("[%", "%]", PhraseKind::Span),
            ("[??", "??]", PhraseKind::Citation),
        ];
        match next {
            b'"' => {
                let (end, link) = self.read_link(at)?;
                return Some(self.push(link, end));
            }
            b'!' => {
                let (end, image) = self.read_image(at)?;
                return Some(self.push(image, end));
            }
            b'@' => return self.read_code(at, "[@", Mark::InBrackets("@]")),
            b'=' => return self.read_verbatim(at, "[==", Mark::InBrackets("==]")),
            b'0'..=b'9' => {
                let digits = read_digits(self.text, at + 1)?;
                let end = at + digits.len() + 2;
                let is_note = byte_at(self.text, end - 1) == b']';
                return is_note.then(|| self.push(Inline::FootnoteReference(digits.to_owned()), end));
            }
            _ => {}
        }
        let rest = from(self.text, at);
        let phrase = MARKS
            .iter()
            .filter(|(open, _, _)| rest.starts_with(open))
            .find_map(|(open, close, kind)| self.read_marked(at, open, Mark::InBrackets(close), *kind));
        phrase.or_else(|| self.read_symbol(at))
    }

    /// Reads a trademark, which replaces the space before it.
    fn read_trademark(&mut self, at: usize) -> Option<usize> {
        let (symbol, end) = find_symbol(self.text, at)?;
        if symbol == "©" {
            return None;
        }
        self.push_text(symbol);
        Some(end)
    }

    /// Reads `(c)`, `(r)` or `(tm)`.
    fn read_symbol(&mut self, at: usize) -> Option<usize> {
        let (symbol, end) = find_symbol(self.text, at)?;
        self.push_text(symbol);
        Some(end)
    }

    /// Reads a dimension such as `10x20` or `3' x 4"`.
    fn read_dimension(&mut self, at: usize) -> Option<usize> {
        let mut end = read_measure(self.text, at)?;
        let mut result = None;
        for _ in 0..2 {
            let rest = from(self.text, end);
            let sign = if rest.starts_with(" x ") { 3 } else { usize::from(rest.starts_with('x')) };
            let Some(next) = read_measure(self.text, end + sign).filter(|_| sign > 0) else { break };
            end = next;
            result = Some(end);
        }
        let end = result?;
        let dimension = slice(self.text, at, end).replace('x', "×").replace('\'', "′").replace('"', "″");
        self.push_text(&dimension);
        Some(end)
    }

    /// Reads an acronym with its explanation, or a word of three or more capitals.
    fn read_capitals(&mut self, at: usize) -> Option<usize> {
        let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let end = at + from(self.text, at).bytes().take_while(|byte| is_part(byte)).count();
        let word = slice(self.text, at, end);
        if word.len() > 1
            && byte_at(self.text, end) == b'('
            && let Some(close) = self.ends.find(Mark::Text(")"), end + 1).filter(|close| *close > end + 1)
            && close < self.limit(at)
        {
            let title = slice(self.text, end + 1, close).to_owned();
            let word = word.to_owned();
            let content = if self.context.marks_capitals { Inline::Capitals(word) } else { Inline::Text(word) };
            return Some(self.push(Inline::Acronym(title, vec![content]), close + 1));
        }
        let is_capitals = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_word = ends_run(byte_at(self.text, end));
        (self.context.marks_capitals && is_capitals && is_word)
            .then(|| self.push(Inline::Capitals(word.to_owned()), end))
    }

    /// Reads a tag, a comment or a character reference.
    fn read_markup(&mut self, at: usize) -> Option<usize> {
        let rest = from(self.text, at);
        if byte_at(rest, 0) == b'&' {
            let end = find_reference_end(rest)?;
            return Some(self.push(Inline::Reference(slice(rest, 1, end - 1).to_owned()), at + end));
        }
        if rest.starts_with("<!--") {
            let end = self.ends.find(Mark::Text("-->"), at + 4)?;
            let comment = clean_comment(slice(self.text, at + 4, end))?;
            return Some(self.push(Inline::Comment(comment), end + 3));
        }
        let tag = read_tag(self.text, at)?;
        if tag.kind == TagKind::Start {
            if let Some(end) = self.read_verbatim_element(tag.name, tag.attributes(), at, tag.end) {
                return Some(end);
            }
        }
        let Some(element) = Tag::new(tag.name) else {
            self.push_text(slice(self.text, at, tag.end));
            return Some(tag.end);
        };
        let is_nested_link = element.name() == "a" && self.context.is_in_link;
        match tag.kind {
            _ if is_nested_link => {}
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

    /// Reads an element in which nothing has a meaning: `<notextile>`, `<code>`, `<pre>` or a script, which is shown as
    /// it was typed. `start` is the position after its tag. Returns `None` if it is another element, or has no end.
    fn read_verbatim_element(&mut self, name: &str, attributes: Attributes, at: usize, start: usize) -> Option<usize> {
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
    fn close_elements(&mut self, depth: usize) {
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

/// Removes `<code>` around the content of `<pre>`, and returns `true` if it was there.
pub(super) fn strip_code(text: &str) -> (bool, &str) {
    let start = text.trim_start();
    let inside = start.strip_prefix("<code").and_then(|rest| rest.split_once('>'));
    let inside = inside.filter(|(attributes, _)| attributes.is_empty() || attributes.starts_with(' '));
    let inside = inside.and_then(|(_, rest)| rest.trim_end().strip_suffix("</code>"));
    inside.map_or((false, text), |inside| (true, inside))
}

/// Returns the text of a comment, without what would end it. Returns `None` if it is not a comment for all readers.
pub(super) fn clean_comment(text: &str) -> Option<String> {
    let is_safe = !text.contains("--") && !text.contains(['<', '>']) && !text.ends_with('-');
    is_safe.then(|| text.to_owned())
}

/// Returns the symbol in parentheses or brackets at a position, and the position after it.
fn find_symbol(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let close = if byte_at(text, at) == b'(' { b')' } else { b']' };
    let length = from(text, at + 1).bytes().take(3).position(|byte| byte == close)?;
    let inside = slice(text, at + 1, at + 1 + length);
    let symbol = match inside {
        "c" | "C" => "©",
        "r" | "R" => "®",
        _ if inside.eq_ignore_ascii_case("tm") => "™",
        _ => return None,
    };
    Some((symbol, at + inside.len() + 2))
}

/// Returns the end of a number with an optional unit, `'` or `"`.
fn read_measure(text: &str, at: usize) -> Option<usize> {
    /// Maximum number of digits.
    const MAX_DIGITS: usize = 20;
    let digits = from(text, at).bytes().take(MAX_DIGITS + 1);
    let number = digits.take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    if number > MAX_DIGITS {
        return None;
    }
    let has_digit = slice(text, at, at + number).contains(|c: char| c.is_ascii_digit());
    let end = at + number;
    has_digit.then(|| end + usize::from(matches!(byte_at(text, end), b'\'' | b'"')))
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

/// Returns the phrases of a line without the spaces around it.
pub(super) fn parse_trimmed<'t>(text: &'t str, context: Context<'t>) -> Vec<Inline> {
    let text = text.trim_matches([' ', '\t', '\n']);
    parse_inline(slice(text, skip_blanks(text, 0), text.len()), context)
}
