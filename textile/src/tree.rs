//! The syntax tree.

use crate::safe::{Attributes, Tag, Url};

/// A text: a sequence of blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks, in order.
    pub blocks: Vec<Block>,
}

/// A part of a document that begins on a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `p. Text`, or text without a signature.
    Paragraph(Attributes, Vec<Inline>),
    /// `h1. Text` to `h6. Text`.
    Heading(u8, Attributes, Vec<Inline>),
    /// `bq. Text`. The attribute `cite` has the URL of `bq.:http://example.com Text`.
    Quotation(Attributes, Vec<Block>),
    /// `bc. Text`, `pre. Text` or `<pre>`.
    Code(Code),
    /// Lines with `*` or `#`.
    List(List),
    /// Lines such as `- term := description`.
    Definitions(Vec<Definition>),
    /// Lines such as `|cell|cell|`.
    Table(Table),
    /// `fn1. Text`: the number of the footnote, and its text.
    Footnote(String, Attributes, Vec<Inline>),
    /// `---`: a line between blocks.
    Rule,
    /// An HTML element, from raw HTML or `div. Text`.
    Element(Tag, Attributes, Vec<Block>),
    /// Text without a paragraph around it: a line that begins with a space, or the content of an HTML element.
    Plain(Vec<Inline>),
    /// `<!-- text -->`. The text contains neither `--` nor `>`.
    Comment(String),
}

/// Preformatted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// `true` if it is the code of a program, and not only preformatted.
    pub is_code: bool,
    /// Attributes of the element `pre`.
    pub attributes: Attributes,
    /// Text, as it was typed.
    pub text: String,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// `true` if the items are numbered. The attribute `start` has the first number, unless it is 1.
    pub is_ordered: bool,
    /// Attributes of the list.
    pub attributes: Attributes,
    /// Items, at least one.
    pub items: Vec<ListItem>,
}

/// An item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListItem {
    /// Attributes of the item.
    pub attributes: Attributes,
    /// Text of the item.
    pub content: Vec<Inline>,
    /// Lists in the item, after its text.
    pub lists: Vec<List>,
}

/// An entry of a definition list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// A term.
    Term(Vec<Inline>),
    /// Description of the terms before it: one [`Block::Plain`], or several blocks.
    Description(Vec<Block>),
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Attributes of the table.
    pub attributes: Attributes,
    /// Rows, at least one.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Attributes of the row.
    pub attributes: Attributes,
    /// Cells, at least one.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// `true` if the cell is the heading of a row or column.
    pub is_heading: bool,
    /// Attributes of the cell, among them `colspan`, `rowspan`, `align` and `valign`.
    pub attributes: Attributes,
    /// Text of the cell.
    pub content: Vec<Inline>,
}

/// A part of the text of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Text, with typographic characters.
    Text(String),
    /// A character reference such as `&eacute;`: the name, or `#` and the number.
    Reference(String),
    /// End of a line within a block.
    LineBreak,
    /// `*strong*`, `_emphasis_` and so on.
    Phrase(PhraseKind, Attributes, Vec<Inline>),
    /// `@code@` or `<code>`: text, as it was typed.
    Code(Attributes, String),
    /// `"label(title)":url`.
    Link(Url, Attributes, Vec<Inline>),
    /// `!url(alternative text)!`.
    Image(Url, Attributes),
    /// `ABC(explanation)`: the explanation, and the capitals as [`Inline::Capitals`] or [`Inline::Text`].
    Acronym(String, Vec<Inline>),
    /// Three or more capitals.
    Capitals(String),
    /// `[1]`: the number of a footnote.
    FootnoteReference(String),
    /// An HTML element, from raw HTML.
    Element(Tag, Attributes, Vec<Inline>),
    /// Preformatted text within a paragraph, from `<pre>`.
    Preformatted(Code),
    /// `<!-- text -->`. The text contains neither `--` nor `>`.
    Comment(String),
}

/// Kind of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhraseKind {
    /// `*text*`
    Strong,
    /// `**text**`
    Bold,
    /// `_text_`
    Emphasis,
    /// `__text__`
    Italic,
    /// `-text-`
    Deleted,
    /// `+text+`
    Inserted,
    /// `^text^`
    Superscript,
    /// `~text~`
    Subscript,
    /// `??text??`
    Citation,
    /// `%text%`
    Span,
}

impl PhraseKind {
    /// Name of the HTML element.
    #[must_use]
    pub fn element(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Bold => "b",
            Self::Emphasis => "em",
            Self::Italic => "i",
            Self::Deleted => "del",
            Self::Inserted => "ins",
            Self::Superscript => "sup",
            Self::Subscript => "sub",
            Self::Citation => "cite",
            Self::Span => "span",
        }
    }
}

impl Inline {
    /// `true` if it is a block, or contains one, from raw HTML.
    pub(crate) fn contains_block(&self) -> bool {
        match self {
            Self::Preformatted(_) => true,
            Self::Element(tag, _, content) => tag.is_block() || content.iter().any(Self::contains_block),
            Self::Phrase(_, _, content) | Self::Link(_, _, content) => content.iter().any(Self::contains_block),
            _ => false,
        }
    }

    /// Phrases within this one.
    fn children_mut(&mut self) -> &mut [Inline] {
        match self {
            Self::Phrase(_, _, content) | Self::Link(_, _, content) | Self::Element(_, _, content) => content,
            _ => &mut [],
        }
    }
}

impl Document {
    /// Replaces the URLs of links: `rewrite` gets each of them, and returns the new one or `None` to keep it. A new URL
    /// that is not allowed is ignored.
    ///
    /// ```
    /// let mut document = backpack_textile::parse("See \"the tides\":/pages/7.");
    /// document.rewrite_links(|url| url.strip_prefix("/pages/").map(|id| format!("{id}.md")));
    /// assert_eq!(document.to_markdown(), "See [the tides](7.md).\n");
    /// ```
    pub fn rewrite_links(&mut self, mut rewrite: impl FnMut(&str) -> Option<String>) {
        rewrite_blocks(&mut self.blocks, &mut rewrite);
    }
}

/// Rewrites the links of blocks.
fn rewrite_blocks(blocks: &mut [Block], rewrite: &mut dyn FnMut(&str) -> Option<String>) {
    for block in blocks {
        match block {
            Block::Paragraph(_, content)
            | Block::Heading(_, _, content)
            | Block::Footnote(_, _, content)
            | Block::Plain(content) => rewrite_phrases(content, rewrite),
            Block::Quotation(_, blocks) | Block::Element(_, _, blocks) => rewrite_blocks(blocks, rewrite),
            Block::List(list) => rewrite_list(list, rewrite),
            Block::Definitions(entries) => {
                for entry in entries {
                    match entry {
                        Definition::Term(content) => rewrite_phrases(content, rewrite),
                        Definition::Description(blocks) => rewrite_blocks(blocks, rewrite),
                    }
                }
            }
            Block::Table(table) => {
                let cells = table.rows.iter_mut().flat_map(|row| &mut row.cells);
                cells.for_each(|cell| rewrite_phrases(&mut cell.content, rewrite));
            }
            Block::Code(_) | Block::Rule | Block::Comment(_) => {}
        }
    }
}

/// Rewrites the links of a list.
fn rewrite_list(list: &mut List, rewrite: &mut dyn FnMut(&str) -> Option<String>) {
    for item in &mut list.items {
        rewrite_phrases(&mut item.content, rewrite);
        item.lists.iter_mut().for_each(|list| rewrite_list(list, rewrite));
    }
}

/// Rewrites the links of phrases.
fn rewrite_phrases(content: &mut [Inline], rewrite: &mut dyn FnMut(&str) -> Option<String>) {
    for inline in content {
        match inline {
            Inline::Link(url, _, _) => {
                if let Some(new) = rewrite(url.as_str()).and_then(|new| Url::new(&new)) {
                    *url = new;
                }
            }
            Inline::Element(_, attributes, _) => {
                if let Some(new) = attributes.get("href").and_then(&mut *rewrite) {
                    attributes.insert("href", &new);
                }
            }
            _ => {}
        }
        rewrite_phrases(inline.children_mut(), rewrite);
    }
}
