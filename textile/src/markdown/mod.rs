//! Tree to GitHub-flavoured Markdown.
//!
//! - [`blocks`]: blocks. A block that Markdown lacks, or whose attributes it lacks, is written as HTML.
//! - [`inline`]: phrases. A phrase that Markdown lacks is written as an HTML element around Markdown.
//! - [`escape`]: text, URLs and HTML.

mod blocks;
mod escape;
mod inline;
