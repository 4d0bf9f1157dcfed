//! Patterns of path segments: the texts that a segment of a route matches, and how two patterns overlap.

use crate::model::{Field, Segment, TokenSegment};

/// The texts that a segment of a route matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SegmentPattern<'a> {
    /// This text.
    Literal(&'a str),
    /// A value with literal text around it.
    Hole(HolePattern<'a>),
}

/// The texts that a segment with a hole matches. Values are not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HolePattern<'a> {
    before: &'a str,
    after: &'a str,
    /// `true` if values have only digits.
    is_numeric: bool,
}

/// Relation of the paths that one pattern matches to those of another. Patterns without a common path have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlap {
    /// Both match the same paths, apart from the types of the values in them.
    Equal,
    /// All paths of the first match the second too.
    Narrower,
    /// All paths of the second match the first too.
    Wider,
    /// Some paths match both, but each also matches others.
    Partial,
}

impl Overlap {
    /// Combines the overlaps of two segments to that of both together.
    pub(super) fn and(self, other: Overlap) -> Overlap {
        match (self, other) {
            (Overlap::Equal, overlap) | (overlap, Overlap::Equal) => overlap,
            (one, other) if one == other => one,
            _ => Overlap::Partial,
        }
    }
}

impl<'a> SegmentPattern<'a> {
    /// Returns the pattern of a segment, whose hole has one of these fields.
    pub(super) fn new(segment: &'a Segment, fields: &[Field]) -> Self {
        match segment {
            Segment::Literal(text) => SegmentPattern::Literal(text),
            Segment::Hole { before, field, after } => {
                let is_numeric = fields.get(*field).is_some_and(Field::is_numeric);
                SegmentPattern::Hole(HolePattern { before, after, is_numeric })
            }
        }
    }

    /// Returns the pattern of a segment in a style's prefix. The token is a hole without text around it.
    pub(super) fn of_prefix(segment: &'a TokenSegment) -> Self {
        match segment {
            TokenSegment::Literal(text) => SegmentPattern::Literal(text),
            TokenSegment::Token => SegmentPattern::Hole(HolePattern { before: "", after: "", is_numeric: false }),
        }
    }

    /// Returns a text that both patterns match, if they overlap.
    pub(super) fn find_common_text(self, other: Self) -> String {
        match (self, other) {
            (SegmentPattern::Literal(text), _) | (_, SegmentPattern::Literal(text)) => text.to_owned(),
            (SegmentPattern::Hole(one), SegmentPattern::Hole(other)) => {
                let longer = |one: &'a str, other: &'a str| if one.len() > other.len() { one } else { other };
                let value = if one.is_numeric || other.is_numeric { "1" } else { "x" };
                format!("{}{value}{}", longer(one.before, other.before), longer(one.after, other.after))
            }
        }
    }
}

impl HolePattern<'_> {
    /// `true` if the hole matches a segment, as servers match it.
    pub(super) fn matches(self, segment: &str) -> bool {
        let value = segment.strip_prefix(self.before).and_then(|rest| rest.strip_suffix(self.after));
        value.is_some_and(|value| !value.is_empty() && (!self.is_numeric || has_only_digits(value)))
    }

    /// Returns the overlap with another hole; `None` if no text matches both.
    pub(super) fn find_overlap(self, other: Self) -> Option<Overlap> {
        // The parts of the literal texts that are in the value of the other hole. Values can have any length, so the
        // texts before and after are independent.
        let (before, other_before) = find_excess(self.before, other.before, |text, start| text.strip_prefix(start))?;
        let (after, other_after) = find_excess(self.after, other.after, |text, end| text.strip_suffix(end))?;
        let is_in_value = |hole: Self, text: &str| !hole.is_numeric || has_only_digits(text);
        if ![before, after].into_iter().all(|text| is_in_value(other, text))
            || ![other_before, other_after].into_iter().all(|text| is_in_value(self, text))
        {
            return None;
        }
        let is_longer = !before.is_empty() || !after.is_empty();
        let is_shorter = !other_before.is_empty() || !other_after.is_empty();
        Some(match (is_longer, is_shorter) {
            (false, false) => Overlap::Equal,
            (true, false) if !other.is_numeric || self.is_numeric => Overlap::Narrower,
            (false, true) if !self.is_numeric || other.is_numeric => Overlap::Wider,
            _ => Overlap::Partial,
        })
    }
}

/// Compares the texts on one side of two holes. Returns the part of each that the other does not have; one of them is
/// empty. Returns `None` if no text starts, or ends, with both.
fn find_excess<'t>(
    one: &'t str,
    other: &'t str,
    strip: impl Fn(&'t str, &'t str) -> Option<&'t str>,
) -> Option<(&'t str, &'t str)> {
    strip(one, other).map(|excess| (excess, "")).or_else(|| strip(other, one).map(|excess| ("", excess)))
}

/// `true` if the text has no characters besides ASCII digits.
fn has_only_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hole(before: &'static str, after: &'static str, is_numeric: bool) -> HolePattern<'static> {
        HolePattern { before, after, is_numeric }
    }

    #[test]
    fn holes_overlap_if_some_text_matches_both() {
        let any = hole("", "", false);
        for (one, other, expected) in [
            (any, any, Some(Overlap::Equal)),
            (any, hole("", "", true), Some(Overlap::Equal)),
            (hole("", ".xml", false), any, Some(Overlap::Narrower)),
            (any, hole("a-", "", true), Some(Overlap::Wider)),
            (hole("a", "", false), hole("", "b", false), Some(Overlap::Partial)),
            (hole("a", "", false), hole("b", "", false), None),
            (hole("", ".xml", false), hole("", ".json", false), None),
            (hole("", ".xml", false), hole("", "", true), None),
            (hole("7", "", false), hole("", "", true), Some(Overlap::Partial)),
        ] {
            assert_eq!(one.find_overlap(other), expected, "{one:?} {other:?}");
            let mirrored = expected.map(|overlap| match overlap {
                Overlap::Narrower => Overlap::Wider,
                Overlap::Wider => Overlap::Narrower,
                same => same,
            });
            assert_eq!(other.find_overlap(one), mirrored, "{other:?} {one:?}");
        }
    }

    #[test]
    fn ids_match_only_digits_and_no_hole_matches_an_empty_text() {
        assert!(hole("", ".xml", true).matches("12.xml") && hole("a", "", false).matches("ab"));
        assert!(!hole("", ".xml", true).matches("x.xml") && !hole("a", "", false).matches("a"));
    }
}
