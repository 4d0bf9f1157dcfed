//! Typographic characters: symbols, dimensions, acronyms and capitals.

use super::inline::Phrases;
use super::scan::{Mark, byte_at, ends_word, rest_from, slice};
use crate::tree::Inline;

impl Phrases<'_> {
    /// Reads a trademark, which replaces the space before it.
    pub(super) fn read_trademark(&mut self, at: usize) -> Option<usize> {
        let (symbol, end) = find_symbol(self.text, at)?;
        if symbol == "©" {
            return None;
        }
        self.push_text(symbol);
        Some(end)
    }

    /// Reads `(c)`, `(r)` or `(tm)`.
    pub(super) fn read_symbol(&mut self, at: usize) -> Option<usize> {
        let (symbol, end) = find_symbol(self.text, at)?;
        self.push_text(symbol);
        Some(end)
    }

    /// Reads dimensions such as `10x20`, `3' x 4"` or `10x20x30`.
    pub(super) fn read_dimensions(&mut self, at: usize) -> Option<usize> {
        let width_end = read_measure(self.text, at)?;
        let height_end = read_factor(self.text, width_end)?;
        let end = read_factor(self.text, height_end).unwrap_or(height_end);
        let dimensions = slice(self.text, at, end).replace('x', "×").replace('\'', "′").replace('"', "″");
        self.push_text(&dimensions);
        Some(end)
    }

    /// Reads an acronym with its explanation, or a word of three or more capitals.
    pub(super) fn read_capitals(&mut self, at: usize) -> Option<usize> {
        let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let end = at + rest_from(self.text, at).bytes().take_while(|byte| is_part(byte)).count();
        let word = slice(self.text, at, end);
        if word.len() > 1
            && byte_at(self.text, end) == b'('
            && let Some(close) = self.ends.find(Mark::Text(")"), end + 1).filter(|close| *close > end + 1)
            && close < self.find_limit(at)
        {
            let title = slice(self.text, end + 1, close).to_owned();
            let word = word.to_owned();
            let content = if self.context.marks_capitals { Inline::Capitals(word) } else { Inline::Text(word) };
            return Some(self.push(Inline::Acronym(title, vec![content]), close + 1));
        }
        let is_capitals = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let is_word = ends_word(byte_at(self.text, end));
        (self.context.marks_capitals && is_capitals && is_word)
            .then(|| self.push(Inline::Capitals(word.to_owned()), end))
    }
}

/// Returns the symbol in parentheses or brackets at a position, and the position after it.
fn find_symbol(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let close = if byte_at(text, at) == b'(' { b')' } else { b']' };
    let length = rest_from(text, at + 1).bytes().take(3).position(|byte| byte == close)?;
    let inside = slice(text, at + 1, at + 1 + length);
    let symbol = match inside {
        "c" | "C" => "©",
        "r" | "R" => "®",
        _ if inside.eq_ignore_ascii_case("tm") => "™",
        _ => return None,
    };
    Some((symbol, at + inside.len() + 2))
}

/// Returns the end of an `x` and the measure after it.
fn read_factor(text: &str, at: usize) -> Option<usize> {
    let rest = rest_from(text, at);
    let sign = [" x ", "x"].into_iter().find(|sign| rest.starts_with(sign))?;
    read_measure(text, at + sign.len())
}

/// Returns the end of a number with an optional unit, `'` or `"`.
fn read_measure(text: &str, at: usize) -> Option<usize> {
    /// Maximum number of digits.
    const MAX_DIGITS: usize = 20;
    let digits = rest_from(text, at).bytes().take(MAX_DIGITS + 1);
    let number = digits.take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    if number > MAX_DIGITS {
        return None;
    }
    let has_digit = slice(text, at, at + number).contains(|c: char| c.is_ascii_digit());
    let end = at + number;
    has_digit.then(|| end + usize::from(matches!(byte_at(text, end), b'\'' | b'"')))
}
