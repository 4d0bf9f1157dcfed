//! Definition lists.

use super::blocks::parse_blocks;
use super::context::Context;
use super::inline::parse_trimmed;
use super::scan::{byte_at, find_line_end, rest_from, skip_blanks, slice};
use crate::tree::{Block, Definition};

/// Sign between a term and its description.
const SIGN: &str = ":=";

/// Reads the definition list at a position, and returns the position after it. Returns `None` if there is none.
pub(super) fn read_definitions(text: &str, start: usize, context: Context<'_>) -> Option<(Vec<Definition>, usize)> {
    let mut entries = Vec::new();
    let mut at = start;
    while starts_term(text, at) {
        let Some((terms, sign)) = find_sign(text, at) else { break };
        entries.extend(terms.into_iter().map(|term| Definition::Term(parse_trimmed(term, context))));
        let (description, end) = read_description(text, sign + SIGN.len(), context);
        entries.push(Definition::Description(description));
        at = end;
        if byte_at(text, at) != b'\n' {
            break;
        }
        at += 1;
    }
    let end = if at > start && byte_at(text, at - 1) == b'\n' { at - 1 } else { at };
    (!entries.is_empty()).then_some((entries, end))
}

/// `true` if the line at a position begins with a hyphen and a space.
fn starts_term(text: &str, at: usize) -> bool {
    rest_from(text, at).starts_with("- ")
}

/// Finds the terms at a position, and the position of the sign after the last of them.
fn find_sign(text: &str, start: usize) -> Option<(Vec<&str>, usize)> {
    let mut terms = Vec::new();
    let mut term = start + 2;
    let mut at = term;
    loop {
        let line_end = find_line_end(text, at);
        if let Some(length) = slice(text, at, line_end).find(SIGN) {
            terms.push(slice(text, term, at + length));
            return Some((terms, at + length));
        }
        at = line_end + 1;
        if matches!(byte_at(text, skip_blanks(text, at)), b'\n' | 0) {
            return None;
        }
        if starts_term(text, at) {
            terms.push(slice(text, term, line_end));
            term = at + 2;
        }
    }
}

/// Reads the description after a sign, and returns the position after it. With a line end after the sign, it can have
/// several blocks, up to `=:`.
fn read_description(text: &str, start: usize, context: Context<'_>) -> (Vec<Block>, usize) {
    let first = skip_blanks(text, start);
    if byte_at(text, first) == b'\n'
        && context.depth > 0
        && let Some(length) = find_blocks_end(rest_from(text, first))
    {
        let end = find_line_end(text, first + length + 2);
        if slice(text, first + length + 2, end).trim().is_empty() {
            let inner = slice(text, first, first + length).trim_matches('\n');
            return (parse_blocks(inner, context.nested()), end);
        }
    }
    let mut end = find_line_end(text, first);
    while !matches!(byte_at(text, skip_blanks(text, end + 1)), b'\n' | 0) && !starts_term(text, end + 1) {
        end = find_line_end(text, end + 1);
    }
    let content = parse_trimmed(slice(text, start, end), context);
    (if content.is_empty() { Vec::new() } else { vec![Block::Plain(content)] }, end)
}

/// Returns the length of blocks that end with `=:`. A sign before it begins another description.
fn find_blocks_end(text: &str) -> Option<usize> {
    let next = text.find(SIGN).unwrap_or(text.len());
    slice(text, 0, next).find("=:")
}
