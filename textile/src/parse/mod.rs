//! Text to tree.
//!
//! - [`parser`]: the parser, and its settings.
//! - [`blocks`]: paragraphs, headings and quotations; it calls the parsers of the other blocks.
//! - [`signature`]: `h2(class).` and other signatures.
//! - [`lists`], [`definitions`], [`tables`]: blocks of several lines.
//! - [`html_blocks`]: raw HTML outside of paragraphs. [`elements`] collects the blocks within it.
//! - [`inline`], with [`brackets`], [`links`], [`glyphs`] and [`html_phrases`]: the text within a block.
//!
//! Shared by them: [`context`], [`attributes`], [`raw_html`], [`scan`].

mod attributes;
mod blocks;
mod brackets;
mod context;
mod definitions;
mod elements;
mod glyphs;
mod html_blocks;
mod html_phrases;
mod inline;
mod links;
mod lists;
mod parser;
mod raw_html;
mod scan;
mod signature;
mod tables;

pub use parser::{Parser, parse};
