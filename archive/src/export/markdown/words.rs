//! Texts as Markdown. Users wrote Textile in notes and items; titles, mails, the journal and all other texts are plain.

use backpack_textile::{Block, Document, Inline, Parser};

use crate::export::content::links::PageLinks;
use crate::export::content::text::{to_one_line, unify_line_ends};

/// Converts a text in Textile to blocks. Its headings are below those of the page and of the note.
pub(super) fn to_blocks(text: &str, links: &PageLinks) -> String {
    let mut document = Parser::new().marks_capitals(false).parse(text);
    document.rewrite_links(|url| links.rewrite(url));
    lower_headings(&mut document.blocks);
    document.to_markdown()
}

/// Number of levels of headings above a text: the title of the page, and that of the note.
const LEVELS_ABOVE: u8 = 2;

/// Lowers the headings among blocks. There are six levels.
fn lower_headings(blocks: &mut [Block]) {
    for block in blocks {
        match block {
            Block::Heading(level, _, _) => *level = level.saturating_add(LEVELS_ABOVE).min(6),
            Block::Quotation(_, blocks) | Block::Element(_, _, blocks) => lower_headings(blocks),
            _ => {}
        }
    }
}

/// Converts a text in Textile without blocks, such as an item, to a line.
pub(super) fn to_line(text: &str, links: &PageLinks) -> String {
    let mut document = Parser::new().marks_capitals(false).parse_line(text);
    document.rewrite_links(|url| links.rewrite(url));
    document.to_markdown_line()
}

/// Escapes a plain text as a line.
pub(super) fn escape_line(text: &str) -> String {
    Document { blocks: vec![Block::Plain(vec![Inline::Text(to_one_line(text))])] }.to_markdown_line()
}

/// Escapes a plain text of several lines as one line of Markdown.
pub(super) fn escape_lines(text: &str) -> String {
    Document { blocks: vec![Block::Plain(break_lines(unify_line_ends(text).trim_matches('\n')))] }.to_markdown_line()
}

/// Escapes a plain text as a quotation with the paragraphs of the text, below a first line.
pub(super) fn quote(first_line: &str, text: &str) -> String {
    let text = unify_line_ends(text);
    let mut paragraphs = vec![Block::Paragraph(Default::default(), vec![Inline::Text(first_line.to_owned())])];
    let mut lines: Vec<&str> = Vec::new();
    for line in text.split('\n').chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            paragraphs.push(Block::Paragraph(Default::default(), break_lines(&lines.join("\n"))));
            lines.clear();
        }
    }
    Document { blocks: vec![Block::Quotation(Default::default(), paragraphs)] }.to_markdown()
}

/// Splits a text into lines with breaks between them.
fn break_lines(text: &str) -> Vec<Inline> {
    let mut content = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            content.push(Inline::LineBreak);
        }
        if !line.trim().is_empty() {
            content.push(Inline::Text(line.trim().to_owned()));
        }
    }
    content
}
