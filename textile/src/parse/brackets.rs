//! Phrases in brackets, which can be within a word, and footnotes.

use super::attributes::read_digits;
use super::inline::Phrases;
use super::scan::{Mark, byte_at, rest_from};
use crate::tree::{Inline, PhraseKind};

impl Phrases<'_> {
    /// Reads what begins with a bracket: a phrase in brackets, which can be within a word, or a footnote.
    pub(super) fn read_bracket(&mut self, at: usize, next: u8) -> Option<usize> {
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
        let rest = rest_from(self.text, at);
        let phrase = MARKS
            .iter()
            .filter(|(open, _, _)| rest.starts_with(open))
            .find_map(|(open, close, kind)| self.read_marked(at, open, Mark::InBrackets(close), *kind));
        phrase.or_else(|| self.read_symbol(at))
    }
}
