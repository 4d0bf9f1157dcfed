//! Signatures of blocks: `h2(class). `, `bq.. ` and so on.

use super::attributes::{Allowed, read_attributes, read_digits};
use super::links::find_url_end;
use super::scan::{byte_at, rest_from, slice};
use crate::safe::{Attributes, Tag};

/// Kind of a block with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind<'t> {
    Paragraph,
    Heading(u8),
    Quotation,
    /// `bc.`
    Code,
    /// `pre.`
    Preformatted,
    Verbatim,
    Footnote(&'t str),
    Element(Tag),
}

/// Signature of a block.
#[derive(Debug)]
pub(super) struct Signature<'t> {
    pub(super) kind: BlockKind<'t>,
    pub(super) attributes: Attributes,
    /// `true` for two dots: the block continues up to the next signature.
    pub(super) is_extended: bool,
    /// Position after the signature.
    pub(super) end: usize,
}

/// Names of signatures. A name comes before the names that are a prefix of it.
const NAMES: &[(&str, BlockKind<'_>)] = &[
    ("notextile", BlockKind::Verbatim),
    ("pre", BlockKind::Preformatted),
    ("p", BlockKind::Paragraph),
    ("h1", BlockKind::Heading(1)),
    ("h2", BlockKind::Heading(2)),
    ("h3", BlockKind::Heading(3)),
    ("h4", BlockKind::Heading(4)),
    ("h5", BlockKind::Heading(5)),
    ("h6", BlockKind::Heading(6)),
    ("bq", BlockKind::Quotation),
    ("bc", BlockKind::Code),
    ("div", BlockKind::Element(Tag::DIV)),
];

/// Reads the signature at a position. Returns `None` if there is none.
pub(super) fn read_signature(text: &str, start: usize) -> Option<Signature<'_>> {
    let rest = rest_from(text, start);
    let (kind, name_end) = if rest.starts_with("fn")
        && let Some(number) = read_digits(text, start + 2)
    {
        (BlockKind::Footnote(number), start + 2 + number.len())
    } else {
        let (name, kind) = NAMES.iter().find(|(name, _)| rest.starts_with(name))?;
        (*kind, start + name.len())
    };
    let read = read_attributes(text, name_end, Allowed::Block);
    let mut attributes = read.attributes;
    let mut at = read.end;
    if byte_at(text, at) != b'.' {
        return None;
    }
    at += 1;
    let is_extended = byte_at(text, at) == b'.';
    at += usize::from(is_extended);
    if kind == BlockKind::Quotation && byte_at(text, at) == b':' {
        let end = find_url_end(text, at + 1)?;
        attributes.insert("cite", slice(text, at + 1, end));
        at = end;
    }
    let may_begin_on_next_line =
        is_extended || matches!(kind, BlockKind::Code | BlockKind::Preformatted | BlockKind::Verbatim);
    let end = match byte_at(text, at) {
        b' ' => at + 1,
        // The text of a footnote may follow the dot directly.
        _ if matches!(kind, BlockKind::Footnote(_)) => at,
        b'\n' if may_begin_on_next_line => at + 1,
        _ => return None,
    };
    Some(Signature { kind, attributes, is_extended, end })
}
