//! Blocks.

use std::collections::BTreeMap;

use super::context::Context;
use super::definitions::read_definitions;
use super::elements::Elements;
use super::html_phrases::parse_verbatim;
use super::inline::parse_trimmed;
use super::links::find_url_end;
use super::lists::{Numbering, is_item, read_list};
use super::raw_html::is_block_end;
use super::scan::{EndFinder, Mark, byte_at, byte_before, find_line_end, rest_from, skip_blanks, slice};
use super::signature::{BlockKind, Signature, read_signature};
use super::tables::{has_table, read_table};
use crate::safe::Attributes;
use crate::tree::{Block, Code};

/// Parses a text into blocks.
pub(super) fn parse_blocks(text: &str, context: Context<'_>) -> Vec<Block> {
    let mut parser = Blocks {
        text,
        context,
        ends: EndFinder::new(text),
        output: Elements::default(),
        numbering: Numbering::default(),
    };
    let mut at = 0;
    while at < text.len() {
        at = parser.read_block(at).max(at + 1);
    }
    parser.output.finish()
}

/// Finds lines such as `[map]http://example.com/harbour`, and returns the URLs by alias.
pub(super) fn find_aliases(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.split('\n').filter_map(|line| read_alias(line, 0));
    lines.map(|(alias, url, _)| (alias, url)).collect()
}

/// Reads the definition of an alias at a position, and returns the alias, its URL and the end of the line.
fn read_alias(text: &str, start: usize) -> Option<(&str, &str, usize)> {
    if byte_at(text, start) != b'[' {
        return None;
    }
    let line_end = find_line_end(text, start);
    let (alias, url) = slice(text, start + 1, line_end).split_once(']')?;
    let url = url.trim_end();
    let is_url = find_url_end(url, 0) == Some(url.len())
        && (url.contains("://") && !url.starts_with('(') || url.starts_with(['/', '#']));
    (is_url && !alias.is_empty() && !alias.contains(char::is_whitespace)).then_some((alias, url, line_end))
}

/// Parser of the blocks of one text.
pub(super) struct Blocks<'t> {
    pub(super) text: &'t str,
    pub(super) context: Context<'t>,
    pub(super) ends: EndFinder<'t>,
    pub(super) output: Elements,
    numbering: Numbering,
}

impl<'t> Blocks<'t> {
    /// Reads the block at a position, and returns the position after it.
    fn read_block(&mut self, at: usize) -> usize {
        let text = self.text;
        let first = skip_blanks(text, at);
        match byte_at(text, first) {
            b'\n' => return first + 1,
            0 => return text.len(),
            b'<' => {
                if let Some(end) = self.read_html(first) {
                    return end;
                }
            }
            b'*' | b'#' | b'(' | b'{' | b'[' | b'=' | b'>' if is_item(text, at) => {
                let (list, end) = read_list(text, at, self.context, &mut self.numbering);
                self.output.push(Block::List(list));
                return end;
            }
            b'-' | b'*' | b'_' => {
                if let Some(end) = find_rule_end(text, first) {
                    self.output.push(Block::Rule);
                    return end;
                }
            }
            _ => {}
        }
        if byte_at(text, at) == b' ' {
            // A line that begins with a space is not within a paragraph.
            let end = find_line_end(text, first);
            self.push_plain(slice(text, first, end));
            return end + 1;
        }
        self.read_unindented(at)
    }

    /// Reads a block that does not begin with a space.
    fn read_unindented(&mut self, at: usize) -> usize {
        let text = self.text;
        match byte_at(text, at) {
            b'-' => {
                if let Some((definitions, end)) = read_definitions(text, at, self.context) {
                    self.output.push(Block::Definitions(definitions));
                    return end;
                }
            }
            b'[' => {
                if let Some((_, _, end)) = read_alias(text, at) {
                    return end + 1;
                }
            }
            _ => {}
        }
        if has_table(text, at) {
            let (table, end) = read_table(text, at, self.context);
            self.output.push(Block::Table(table));
            // What follows in the same block is not within a paragraph.
            let block_end = self.find_paragraph_end(end);
            self.push_plain(slice(text, end, block_end));
            return block_end;
        }
        match read_signature(text, at) {
            Some(signature) => self.read_signed(signature),
            None => {
                let end = self.find_paragraph_end(at);
                self.push_text(BlockKind::Paragraph, Attributes::default(), slice(text, at, end));
                end
            }
        }
    }

    /// Returns the end of a block: the start of a blank line, or the end of the text.
    pub(super) fn find_block_end(&mut self, start: usize) -> usize {
        self.ends.find(Mark::BlankLine, start).unwrap_or(self.text.len())
    }

    /// Returns the end of a paragraph, which also ends before a list and before the end tag of an element around it.
    fn find_paragraph_end(&self, start: usize) -> usize {
        let text = self.text;
        let mut at = start;
        loop {
            let line_end = find_line_end(text, at);
            let next = skip_blanks(text, line_end + 1);
            let ends = match byte_at(text, next) {
                b'\n' | 0 => true,
                b'<' => is_block_end(text, next),
                _ => is_item(text, line_end + 1),
            };
            if ends || line_end >= text.len() {
                return line_end.min(text.len());
            }
            at = line_end + 1;
        }
    }

    /// Reads the text after a signature. An extended block continues up to the next signature.
    fn read_signed(&mut self, signature: Signature<'t>) -> usize {
        let Signature { kind, attributes, is_extended, end: start } = signature;
        match kind {
            BlockKind::Code | BlockKind::Preformatted | BlockKind::Verbatim => {
                let end = if is_extended { self.find_extended_end(start) } else { self.find_block_end(start) };
                let text = slice(self.text, start, end).trim_end().trim_start_matches('\n');
                if kind == BlockKind::Verbatim {
                    let content = parse_verbatim(text.trim(), self.context);
                    self.output.push_phrases(None, Attributes::default(), content);
                } else {
                    let is_code = kind == BlockKind::Code;
                    self.output.push(Block::Code(Code { is_code, attributes, text: text.to_owned() }));
                }
                end
            }
            BlockKind::Quotation => {
                let mut quotation = Elements::default();
                let mut at = start;
                let end = loop {
                    let end = self.read_quoted(at, &attributes, &mut quotation);
                    match self.find_next(end) {
                        Some(next) if is_extended => at = next,
                        _ => break end,
                    }
                };
                self.output.push(Block::Quotation(attributes, quotation.finish()));
                end
            }
            _ => {
                let mut at = start;
                loop {
                    let end = if matches!(kind, BlockKind::Footnote(_)) {
                        self.find_block_end(at)
                    } else {
                        self.find_paragraph_end(at)
                    };
                    self.push_text(kind, attributes.clone(), slice(self.text, at, end));
                    match self.find_next(end) {
                        Some(next) if is_extended && !is_item(self.text, next) => at = next,
                        _ => return end,
                    }
                }
            }
        }
    }

    /// Reads a list of a quotation, or a paragraph and the list directly after it, and returns the position after them.
    fn read_quoted(&mut self, start: usize, attributes: &Attributes, quotation: &mut Elements) -> usize {
        if byte_before(self.text, start) == b'\n' && is_item(self.text, start) {
            let (list, end) = read_list(self.text, start, self.context, &mut self.numbering);
            quotation.push(Block::List(list));
            return end;
        }
        let end = self.find_paragraph_end(start);
        let mut own = Attributes::default();
        for (name, value) in attributes.iter().filter(|(name, _)| !matches!(*name, "cite" | "id")) {
            own.insert(name, value);
        }
        let text = slice(self.text, start, end);
        quotation.push_phrases(Some(BlockKind::Paragraph), own, parse_trimmed(text, self.context));
        if !is_item(self.text, end + 1) || end >= self.text.len() {
            return end;
        }
        let (list, end) = read_list(self.text, end + 1, self.context, &mut self.numbering);
        quotation.push(Block::List(list));
        end
    }

    /// Returns the start of the next paragraph of an extended block that ends at a position. Returns `None` if a
    /// signature, an end tag or the end of the text follows.
    fn find_next(&self, end: usize) -> Option<usize> {
        let mut at = end;
        loop {
            let next = skip_blanks(self.text, at);
            match byte_at(self.text, next) {
                b'\n' => at = next + 1,
                0 => return None,
                b'<' if byte_at(self.text, next + 1) == b'/' => return None,
                _ => break,
            }
        }
        let starts_block = read_signature(self.text, at).is_some() || has_table(self.text, at);
        (!starts_block).then_some(at)
    }

    /// Returns the end of an extended block whose text is not formatted.
    fn find_extended_end(&mut self, start: usize) -> usize {
        let mut end = self.find_block_end(start);
        while end < self.text.len() {
            let next = rest_from(self.text, end).trim_start_matches(['\n', ' ', '\t']);
            let next = self.text.len() - next.len();
            // Spaces before the text belong to it.
            if next >= self.text.len() || read_signature(self.text, next).is_some() || has_table(self.text, next) {
                return end;
            }
            end = self.find_block_end(next);
        }
        end
    }

    /// Adds text with a signature.
    fn push_text(&mut self, kind: BlockKind<'_>, attributes: Attributes, text: &str) {
        let content = parse_trimmed(text, self.context);
        self.output.push_phrases(Some(kind), attributes, content);
    }

    /// Adds text without a paragraph around it.
    pub(super) fn push_plain(&mut self, text: &str) {
        let content = parse_trimmed(text, self.context);
        self.output.push_phrases(None, Attributes::default(), content);
    }
}

/// Returns the end of a line of at least three `-`, `*` or `_`, and nothing else.
fn find_rule_end(text: &str, start: usize) -> Option<usize> {
    let end = find_line_end(text, start);
    let line = slice(text, start, end).trim_end();
    let mark = line.bytes().next()?;
    (line.len() > 2 && line.bytes().all(|byte| byte == mark)).then_some(end)
}
