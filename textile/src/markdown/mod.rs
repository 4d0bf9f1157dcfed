//! Tree to GitHub-flavoured Markdown.
//!
//! - [`blocks`]: blocks. A block that Markdown lacks, or whose attributes it lacks, is written as HTML.
//! - [`inline`]: phrases. A phrase that Markdown lacks is written as an HTML element around Markdown.
//! - [`escape`]: text, URLs and HTML.

mod blocks;
mod escape;
mod inline;

use crate::tree::Document;

impl Document {
    /// Writes the document as GitHub-flavoured Markdown. Rendered, it has the same elements as [`Document::to_html`],
    /// and in tables also `thead` and `tbody`.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut markdown = String::new();
        blocks::write_blocks(&self.blocks, &mut markdown);
        if !markdown.is_empty() {
            markdown.push('\n');
        }
        markdown
    }
}
