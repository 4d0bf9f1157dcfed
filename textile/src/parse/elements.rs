//! Blocks that are being collected, with the HTML elements around them.

use super::signature::BlockKind;
use crate::safe::{Attributes, Tag};
use crate::tree::{Block, Inline};

/// Maximum number of elements that are open at the same time. Further ones are not nested.
const MAX_OPEN: usize = 16;

/// Blocks, and the HTML elements that are open.
#[derive(Default)]
pub(super) struct Elements {
    /// Blocks of the innermost element that is open.
    output: Vec<Block>,
    /// Elements that are open, from the outermost, with the blocks before them.
    open: Vec<(Tag, Attributes, Vec<Block>)>,
}

impl Elements {
    /// Number of elements that are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Adds a block.
    pub(super) fn push(&mut self, block: Block) {
        self.output.push(block);
    }

    /// Opens an element.
    pub(super) fn open(&mut self, tag: Tag, attributes: Attributes) {
        if self.open.len() < MAX_OPEN {
            self.open.push((tag, attributes, std::mem::take(&mut self.output)));
        }
    }

    /// Closes an element, and the ones within it. An end tag without a start tag has no effect.
    pub(super) fn close(&mut self, tag: Tag) {
        if let Some(depth) = self.open.iter().rposition(|(open, _, _)| *open == tag) {
            self.close_to(depth);
        }
    }

    /// Closes all elements, and returns the blocks.
    pub(super) fn finish(mut self) -> Vec<Block> {
        self.close_to(0);
        self.output
    }

    /// Closes the elements beyond the first `depth` ones.
    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth
            && let Some((tag, attributes, before)) = self.open.pop()
        {
            let content = std::mem::replace(&mut self.output, before);
            self.output.push(make_element(tag, attributes, content));
        }
    }

    /// Adds phrases as a block of a kind, or without one. Blocks in raw HTML, which no paragraph or heading may
    /// contain, end the paragraph; the text after them is not within one.
    pub(super) fn push_phrases(&mut self, kind: Option<BlockKind<'_>>, attributes: Attributes, content: Vec<Inline>) {
        let Some(first) = content.iter().position(Inline::contains_block) else {
            if kind.is_some() || !content.is_empty() {
                self.output.push(make_block(kind, attributes, content));
            }
            return;
        };
        let mut content = content;
        let rest = content.split_off(first);
        trim_blanks(&mut content);
        if !content.is_empty() {
            self.output.push(make_block(kind, attributes, content));
        }
        self.output.extend(split_blocks(rest));
    }
}

/// `true` for a block that can be within a paragraph.
fn is_phrases(block: &Block) -> bool {
    matches!(block, Block::Plain(content) if !content.iter().any(Inline::contains_block))
}

/// Builds a block from phrases without blocks.
fn make_block(kind: Option<BlockKind<'_>>, attributes: Attributes, content: Vec<Inline>) -> Block {
    match kind {
        Some(BlockKind::Heading(level)) => Block::Heading(level, attributes, content),
        Some(BlockKind::Footnote(number)) => Block::Footnote(number.to_owned(), attributes, content),
        Some(BlockKind::Element(tag)) => Block::Element(tag, attributes, vec![Block::Plain(content)]),
        Some(_) => Block::Paragraph(attributes, content),
        None => Block::Plain(content),
    }
}

/// Converts phrases with blocks among them to blocks.
fn split_blocks(content: Vec<Inline>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut phrases = Vec::new();
    let flush = |phrases: &mut Vec<Inline>, blocks: &mut Vec<Block>| {
        trim_blanks(phrases);
        if !phrases.is_empty() {
            blocks.push(Block::Plain(std::mem::take(phrases)));
        }
    };
    for inline in content {
        match inline {
            Inline::Preformatted(code) => {
                flush(&mut phrases, &mut blocks);
                blocks.push(Block::Code(code));
            }
            Inline::Element(tag, attributes, content) if tag.is_block() => {
                flush(&mut phrases, &mut blocks);
                blocks.push(make_element(tag, attributes, split_blocks(content)));
            }
            inline => phrases.push(inline),
        }
    }
    flush(&mut phrases, &mut blocks);
    blocks
}

/// Removes line breaks and blank text at both ends of phrases.
fn trim_blanks(phrases: &mut Vec<Inline>) {
    let is_blank = |inline: &Inline| match inline {
        Inline::LineBreak => true,
        Inline::Text(text) => text.trim().is_empty(),
        _ => false,
    };
    while phrases.last().is_some_and(is_blank) {
        phrases.pop();
    }
    let start = phrases.iter().take_while(|inline| is_blank(inline)).count();
    phrases.drain(..start);
}

/// Creates an element. A paragraph or heading with blocks would end where the first of them begins, so it becomes a
/// `div`.
fn make_element(tag: Tag, attributes: Attributes, content: Vec<Block>) -> Block {
    let has_blocks = content.iter().any(|block| !is_phrases(block));
    let tag = if tag.has_phrases_only() && has_blocks { Tag::DIV } else { tag };
    Block::Element(tag, attributes, content)
}
