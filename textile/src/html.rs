//! Tree to HTML.

use crate::safe::Attributes;
use crate::tree::{Block, Code, Definition, Document, Inline, List, Table};

impl Document {
    /// Writes the document as HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        write_blocks(&self.blocks, &mut html);
        html
    }
}

/// Writes blocks, each of them on lines of its own.
pub(crate) fn write_blocks(blocks: &[Block], html: &mut String) {
    for block in blocks {
        write_block(block, html);
        html.push('\n');
    }
}

/// Writes a block, without the line feed after it.
pub(crate) fn write_block(block: &Block, html: &mut String) {
    match block {
        Block::Paragraph(attributes, content) => write_element("p", attributes, content, html),
        Block::Heading(level, attributes, content) => {
            let names = ["h1", "h2", "h3", "h4", "h5", "h6"];
            let name = names.get(usize::from(level.saturating_sub(1))).unwrap_or(&"h6");
            write_element(name, attributes, content, html);
        }
        Block::Quotation(attributes, blocks) => write_container("blockquote", attributes, blocks, html),
        Block::Code(code) => write_code(code, html),
        Block::List(list) => write_list(list, html),
        Block::Definitions(entries) => write_definitions(entries, html),
        Block::Table(table) => write_table(table, html),
        Block::Footnote(number, attributes, content) => {
            let mut all = Attributes::default();
            let class = attributes.get("class").map_or("footnote".to_owned(), |class| format!("footnote {class}"));
            all.extend(attributes.clone());
            all.insert("class", &class);
            all.insert("id", &format!("fn{number}"));
            open("p", &all, html);
            html.push_str("<a href=\"#fnr");
            escape(number, html);
            html.push_str("\"><sup>");
            escape(number, html);
            html.push_str("</sup></a> ");
            write_phrases(content, html);
            close("p", html);
        }
        Block::Rule => html.push_str("<hr>"),
        Block::Element(tag, attributes, _) if tag.is_void() => open(tag.name(), attributes, html),
        Block::Element(tag, attributes, blocks) => match blocks.as_slice() {
            [] => write_element(tag.name(), attributes, &[], html),
            [Block::Plain(content)] => write_element(tag.name(), attributes, content, html),
            blocks => write_container(tag.name(), attributes, blocks, html),
        },
        Block::Plain(content) => write_phrases(content, html),
        Block::Comment(text) => write_comment(text, html),
    }
}

/// Writes an element with phrases.
fn write_element(name: &str, attributes: &Attributes, content: &[Inline], html: &mut String) {
    open(name, attributes, html);
    write_phrases(content, html);
    close(name, html);
}

/// Writes an element with blocks.
fn write_container(name: &str, attributes: &Attributes, blocks: &[Block], html: &mut String) {
    open(name, attributes, html);
    html.push('\n');
    write_blocks(blocks, html);
    close(name, html);
}

/// Writes preformatted text.
fn write_code(code: &Code, html: &mut String) {
    open("pre", &code.attributes, html);
    // A line feed after the tag is not part of the text.
    if code.text.starts_with('\n') {
        html.push('\n');
    }
    if code.is_code {
        html.push_str("<code>");
    }
    escape(&code.text, html);
    if code.is_code {
        html.push_str("</code>");
    }
    close("pre", html);
}

/// Writes a list.
fn write_list(list: &List, html: &mut String) {
    let name = if list.is_ordered { "ol" } else { "ul" };
    open(name, &list.attributes, html);
    html.push('\n');
    for item in &list.items {
        open("li", &item.attributes, html);
        write_phrases(&item.content, html);
        for list in &item.lists {
            html.push('\n');
            write_list(list, html);
        }
        close("li", html);
        html.push('\n');
    }
    close(name, html);
}

/// Writes a definition list.
fn write_definitions(entries: &[Definition], html: &mut String) {
    html.push_str("<dl>\n");
    for entry in entries {
        match entry {
            Definition::Term(content) => write_element("dt", &Attributes::default(), content, html),
            Definition::Description(blocks) => match blocks.as_slice() {
                [Block::Plain(content)] => write_element("dd", &Attributes::default(), content, html),
                blocks => write_container("dd", &Attributes::default(), blocks, html),
            },
        }
        html.push('\n');
    }
    html.push_str("</dl>");
}

/// Writes a table.
fn write_table(table: &Table, html: &mut String) {
    open("table", &table.attributes, html);
    html.push('\n');
    for row in &table.rows {
        open("tr", &row.attributes, html);
        html.push('\n');
        for cell in &row.cells {
            write_element(if cell.is_heading { "th" } else { "td" }, &cell.attributes, &cell.content, html);
            html.push('\n');
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>");
}

/// Writes phrases.
pub(crate) fn write_phrases(content: &[Inline], html: &mut String) {
    for inline in content {
        write_phrase(inline, html);
    }
}

/// Writes a phrase.
pub(crate) fn write_phrase(inline: &Inline, html: &mut String) {
    match inline {
        Inline::Text(text) => escape(text, html),
        Inline::Reference(name) => {
            html.push('&');
            escape(name, html);
            html.push(';');
        }
        Inline::LineBreak => html.push_str("<br>\n"),
        Inline::Phrase(kind, attributes, content) => write_element(kind.element(), attributes, content, html),
        Inline::Code(attributes, text) => {
            open("code", attributes, html);
            escape(text, html);
            close("code", html);
        }
        Inline::Link(url, attributes, content) => {
            html.push_str("<a href=\"");
            escape(url.as_str(), html);
            html.push('"');
            write_attributes(attributes, html);
            html.push('>');
            write_phrases(content, html);
            close("a", html);
        }
        Inline::Image(url, attributes) => {
            html.push_str("<img src=\"");
            escape(url.as_str(), html);
            html.push('"');
            write_attributes(attributes, html);
            html.push('>');
        }
        Inline::Acronym(title, content) => {
            html.push_str("<acronym title=\"");
            escape(title, html);
            html.push_str("\">");
            write_phrases(content, html);
            close("acronym", html);
        }
        Inline::Capitals(text) => {
            html.push_str("<span class=\"caps\">");
            escape(text, html);
            close("span", html);
        }
        Inline::FootnoteReference(number) => {
            html.push_str("<sup class=\"footnote\" id=\"fnr");
            escape(number, html);
            html.push_str("\"><a href=\"#fn");
            escape(number, html);
            html.push_str("\">");
            escape(number, html);
            html.push_str("</a></sup>");
        }
        Inline::Element(tag, attributes, _) if tag.is_void() => open(tag.name(), attributes, html),
        Inline::Element(tag, attributes, content) => write_element(tag.name(), attributes, content, html),
        Inline::Preformatted(code) => write_code(code, html),
        Inline::Comment(text) => write_comment(text, html),
    }
}

/// Writes a comment.
fn write_comment(text: &str, html: &mut String) {
    html.push_str("<!--");
    html.push_str(&text.replace("--", "").replace(['<', '>'], ""));
    html.push_str("-->");
}

/// Writes a start tag.
pub(crate) fn open(name: &str, attributes: &Attributes, html: &mut String) {
    html.push('<');
    html.push_str(name);
    write_attributes(attributes, html);
    html.push('>');
}

/// Writes an end tag.
pub(crate) fn close(name: &str, html: &mut String) {
    html.push_str("</");
    html.push_str(name);
    html.push('>');
}

/// Writes attributes, each after a space.
fn write_attributes(attributes: &Attributes, html: &mut String) {
    for (name, value) in attributes.iter() {
        html.push(' ');
        html.push_str(name);
        html.push_str("=\"");
        escape(value, html);
        html.push('"');
    }
}

/// Writes text, with `&`, `<`, `>` and `"` escaped.
pub(crate) fn escape(text: &str, html: &mut String) {
    let mut rest = text;
    while let Some((before, special)) =
        rest.find(['&', '<', '>', '"']).and_then(|at| Some((rest.get(..at)?, rest.get(at..)?)))
    {
        html.push_str(before);
        let mut chars = special.chars();
        html.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            _ => "&quot;",
        });
        rest = chars.as_str();
    }
    html.push_str(rest);
}
