//! State that phrases inherit from the block or phrase around them.

use std::collections::BTreeMap;

/// State that phrases inherit from the block or phrase around them.
#[derive(Clone, Copy)]
pub(super) struct Context<'t> {
    /// Number of levels of phrases that may still be nested.
    pub(super) depth: u8,
    /// `true` within a link, which cannot contain another one.
    pub(super) is_in_link: bool,
    /// `true` if words of capitals are marked.
    pub(super) marks_capitals: bool,
    /// URLs of links, by alias.
    pub(super) aliases: &'t BTreeMap<&'t str, &'t str>,
}

impl Context<'_> {
    /// Returns the context of the phrases within a phrase.
    pub(super) fn nested(&self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..*self }
    }
}
