//! The parser, and its settings.

use std::collections::BTreeMap;

use super::blocks::{find_aliases, parse_blocks};
use super::context::Context;
use super::inline::parse_trimmed;
use crate::tree::{Block, Document};

/// Maximum depth of nested phrases. Deeper ones stay as they were typed.
const MAX_DEPTH: u8 = 10;

/// Parses a text, with the settings of RedCloth.
#[must_use]
pub fn parse(text: &str) -> Document {
    Parser::new().parse(text)
}

/// Parser of texts, with settings.
///
/// ```
/// let document = backpack_textile::Parser::new().marks_capitals(false).parse("To: HQ, NASA");
/// assert_eq!(document.to_html(), "<p>To: HQ, NASA</p>\n");
/// ```
#[derive(Clone, Debug)]
pub struct Parser {
    marks_capitals: bool,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new()
    }
}

impl Parser {
    /// Creates a parser with the settings of RedCloth.
    #[must_use]
    pub fn new() -> Self {
        Self { marks_capitals: true }
    }

    /// Sets whether a word of three or more capitals becomes a `span` of the class `caps`, which a stylesheet can print
    /// in small capitals. The default is `true`.
    #[must_use]
    pub fn marks_capitals(mut self, marks_capitals: bool) -> Self {
        self.marks_capitals = marks_capitals;
        self
    }

    /// Parses a text.
    #[must_use]
    pub fn parse(&self, text: &str) -> Document {
        let text = normalize(text);
        let aliases = find_aliases(&text);
        Document { blocks: parse_blocks(&text, self.build_context(&aliases)) }
    }

    /// Parses a text of one line, such as the item of a list, in which blocks have no meaning.
    #[must_use]
    pub fn parse_line(&self, text: &str) -> Document {
        let text = normalize(text);
        let aliases = BTreeMap::new();
        let content = parse_trimmed(&text, self.build_context(&aliases));
        Document { blocks: if content.is_empty() { Vec::new() } else { vec![Block::Plain(content)] } }
    }

    /// Builds the context of the phrases of a block.
    fn build_context<'t>(&self, aliases: &'t BTreeMap<&'t str, &'t str>) -> Context<'t> {
        Context { depth: MAX_DEPTH, is_in_link: false, marks_capitals: self.marks_capitals, aliases }
    }
}

/// Unifies line ends, empties blank lines, and replaces the byte 0, which the parser uses for the end of a text.
fn normalize(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    if text.contains(['\r', '\0', '\u{b}', '\u{c}']) {
        text = text.replace(['\r', '\u{b}', '\u{c}'], "\n").replace('\0', "\u{fffd}");
    }
    let is_blank = |line: &str| !line.is_empty() && line.trim_matches([' ', '\t']).is_empty();
    if text.split('\n').any(is_blank) {
        let lines: Vec<&str> = text.split('\n').map(|line| if is_blank(line) { "" } else { line }).collect();
        text = lines.join("\n");
    }
    text
}
