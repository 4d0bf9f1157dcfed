//! Blocks in Markdown.

use super::escape::write_html;
use super::inline::{PhraseContext, count_longest_run, write_phrases};
use crate::html;
use crate::safe::Tag;
use crate::tree::{Block, Document, Inline, List, Row, Table};

impl Document {
    /// Writes the document as GitHub-flavoured Markdown. Rendered, it has the same elements as [`Document::to_html`],
    /// and in tables also `thead` and `tbody`.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut markdown = String::new();
        write_blocks(&self.blocks, &mut markdown);
        if !markdown.is_empty() {
            markdown.push('\n');
        }
        markdown
    }

    /// Writes the document as one line of Markdown, which can follow other text on its line: as a heading, or as the item
    /// of a task list.
    ///
    /// ```
    /// let document = backpack_textile::Parser::new().parse_line("Pay the *berth*\n# 7");
    /// assert_eq!(document.to_markdown_line(), "Pay the **berth**<br># 7");
    /// ```
    #[must_use]
    pub fn to_markdown_line(&self) -> String {
        // The line feed shows that the text begins a line, where more characters have a meaning.
        let mut line = String::from("\n");
        for (index, block) in self.blocks.iter().enumerate() {
            if index > 0 {
                line.push_str("<br>");
            }
            match block {
                Block::Plain(content) | Block::Paragraph(_, content) => {
                    write_phrases(content, PhraseContext::ONE_LINE, &mut line);
                }
                _ => {
                    let mut text = String::new();
                    html::write_block(block, &mut text);
                    line.push_str(&text.replace('\n', "&#10;"));
                }
            }
        }
        line.trim().replace('\n', " ")
    }
}

/// Writes blocks, with a blank line between them.
fn write_blocks(blocks: &[Block], out: &mut String) {
    let mut is_alternate = false;
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            out.push_str("\n\n");
        }
        // Two lists in a row have different marks, or they would be one.
        let follows_list = matches!(index.checked_sub(1).and_then(|before| blocks.get(before)), Some(Block::List(_)));
        is_alternate = follows_list && !is_alternate;
        if !write_block(block, is_alternate, out) {
            let mut text = String::new();
            html::write_block(block, &mut text);
            write_html(&text, out);
        }
    }
}

/// Writes a block. A list has the other marks if `is_alternate`. Returns `false` and writes nothing if the block must be
/// written as HTML.
fn write_block(block: &Block, is_alternate: bool, out: &mut String) -> bool {
    match block {
        Block::Paragraph(attributes, content) if attributes.is_empty() => match render_lines(content) {
            Some(text) => out.push_str(&text),
            None => return false,
        },
        Block::Heading(level, attributes, content) if attributes.is_empty() && !has_blocks(content) => {
            let mut text = String::from("\n");
            write_phrases(content, PhraseContext::ONE_LINE, &mut text);
            let text = text.trim();
            if text.is_empty() {
                return false;
            }
            let marks = "#".repeat(usize::from((*level).clamp(1, 6)));
            out.push_str(&format!("{marks} {text}"));
        }
        Block::Quotation(attributes, blocks) if attributes.is_empty() && !blocks.is_empty() => {
            let mut text = String::new();
            write_blocks(blocks, &mut text);
            write_with_prefix(&text, "> ", "> ", out);
        }
        Block::Code(code) if code.is_code && code.attributes.is_empty() => {
            let fence = "`".repeat((count_longest_run(&code.text, '`') + 1).max(3));
            out.push_str(&format!("{fence}\n{}\n{fence}", code.text));
        }
        Block::Code(_) => {
            // An element `pre` ends at its end tag, and not at a blank line.
            html::write_block(block, out);
        }
        Block::List(list) => match render_list(list, is_alternate) {
            Some(text) => out.push_str(&text),
            None => return false,
        },
        Block::Table(table) => match render_table(table) {
            Some(text) => out.push_str(&text),
            None => return false,
        },
        Block::Rule => out.push_str("---"),
        Block::Element(tag, attributes, blocks) if can_contain_markdown(*tag, blocks) => {
            html::open(tag.name(), attributes, out);
            out.push_str("\n\n");
            write_blocks(blocks, out);
            out.push_str("\n\n");
            html::close(tag.name(), out);
        }
        Block::Plain(content) => write_plain(content, out),
        Block::Comment(_) => html::write_block(block, out),
        _ => return false,
    }
    true
}

/// `true` if phrases contain blocks, from raw HTML.
fn has_blocks(content: &[Inline]) -> bool {
    content.iter().any(Inline::contains_block)
}

/// `true` if an element can contain blocks in Markdown.
fn can_contain_markdown(tag: Tag, blocks: &[Block]) -> bool {
    /// Elements for any blocks.
    const CONTAINERS: &[&str] = &[
        "address", "article", "aside", "blockquote", "center", "details", "div", "figure", "footer", "header", "main",
        "nav", "section",
    ];
    CONTAINERS.contains(&tag.name())
        && !blocks.is_empty()
        && !blocks.iter().any(|block| matches!(block, Block::Plain(_) | Block::Comment(_)))
}

/// Renders the phrases of a paragraph or item. Returns `None` if they would be read as HTML, or as nothing.
fn render_lines(content: &[Inline]) -> Option<String> {
    if has_blocks(content) {
        return None;
    }
    // The line feed shows that the text begins a line.
    let mut text = String::from("\n");
    write_phrases(content, PhraseContext::default(), &mut text);
    let text = text.trim_matches([' ', '\n', '\t']);
    let first = text.split('\n').next().unwrap_or_default();
    let is_tag = first.starts_with('<') && first.trim_end().ends_with('>');
    let has_comment = text.split('\n').any(|line| line.trim_start().starts_with("<!"));
    (!text.is_empty() && !is_tag && !has_comment).then(|| text.to_owned())
}

/// Writes text without a paragraph: an HTML block that ends with its line. Markdown begins such a block with a comment.
fn write_plain(content: &[Inline], out: &mut String) {
    let mut text = String::new();
    html::write_phrases(content, &mut text);
    out.push_str("<!-- -->");
    out.push_str(&text.replace("<br>\n", "<br>").replace('\n', "&#10;"));
}

/// Writes lines with a prefix: `first` for the first one and `rest` for the others.
fn write_with_prefix(text: &str, first: &str, rest: &str, out: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let prefix = if index == 0 { first } else { rest };
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
}

/// Renders a list. Returns `None` if an item has attributes, blocks or no text.
fn render_list(list: &List, is_alternate: bool) -> Option<String> {
    let start = list.attributes.get("start");
    let has_attributes = list.attributes.iter().any(|(name, _)| name != "start" || !list.is_ordered);
    if has_attributes || list.items.is_empty() {
        return None;
    }
    let mut number: u32 = start.unwrap_or("1").parse().ok()?;
    let mut out = String::new();
    for (index, item) in list.items.iter().enumerate() {
        if !item.attributes.is_empty() {
            return None;
        }
        let mut body = render_lines(&item.content)?;
        let mut is_nested_alternate = false;
        for nested in &item.lists {
            // A list with another first number would be read as text.
            if nested.attributes.get("start").is_some() {
                return None;
            }
            body.push('\n');
            body.push_str(&render_list(nested, is_nested_alternate)?);
            is_nested_alternate = !is_nested_alternate;
        }
        let marker = match (list.is_ordered, is_alternate) {
            (true, false) => format!("{number}. "),
            (true, true) => format!("{number}) "),
            (false, false) => "- ".to_owned(),
            (false, true) => "* ".to_owned(),
        };
        if index > 0 {
            out.push('\n');
        }
        write_with_prefix(&body, &marker, &" ".repeat(marker.len()), &mut out);
        number = number.saturating_add(1);
    }
    Some(out)
}

/// Renders a table whose first row has headings, and whose columns have one alignment each. Returns `None` for other
/// tables, which Markdown lacks.
fn render_table(table: &Table) -> Option<String> {
    let (headings, rows) = table.rows.split_first()?;
    let alignments: Vec<Option<&str>> = headings.cells.iter().map(|cell| cell.attributes.get("align")).collect();
    let is_plain = |row: &Row, is_heading: bool| {
        row.attributes.is_empty()
            && row.cells.len() == alignments.len()
            && row.cells.iter().zip(&alignments).all(|(cell, align)| {
                cell.is_heading == is_heading
                    && cell.attributes.get("align") == *align
                    && cell.attributes.iter().all(|(name, value)| name == "align" && value != "justify")
                    && !has_blocks(&cell.content)
            })
    };
    if !table.attributes.is_empty() || !is_plain(headings, true) || !rows.iter().all(|row| is_plain(row, false)) {
        return None;
    }
    let mut out = String::new();
    write_row(headings, &mut out);
    out.push_str("\n|");
    for alignment in &alignments {
        out.push_str(match alignment {
            Some("left") => " :-- |",
            Some("center") => " :-: |",
            Some("right") => " --: |",
            _ => " --- |",
        });
    }
    for row in rows {
        out.push('\n');
        write_row(row, &mut out);
    }
    Some(out)
}

/// Writes a row.
fn write_row(row: &Row, out: &mut String) {
    out.push('|');
    for cell in &row.cells {
        let mut text = String::from("\n");
        write_phrases(&cell.content, PhraseContext::ONE_LINE, &mut text);
        out.push(' ');
        out.push_str(&text.trim().replace('\n', " "));
        out.push_str(" |");
    }
}
