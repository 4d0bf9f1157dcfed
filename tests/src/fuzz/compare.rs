//! Equality of a value with the result of encoding and decoding it.

use std::fmt::Debug;

/// Asserts that a value is the same after it was encoded and decoded again. Fractions of a second may be missing: they
/// are decoded, but not encoded.
pub(super) fn assert_same<T: PartialEq + Debug>(name: &str, after: &T, before: &T) {
    if after != before {
        let text = format!("{before:?}");
        let without_fractions = remove_fractions(&text);
        // A text without fractions must not differ at all.
        let is_same = without_fractions != text && format!("{after:?}") == without_fractions;
        assert!(is_same, "{name}\nbefore: {text}\n after: {after:?}");
    }
}

/// Removes fractions of a second from the times in a `Debug` text: `06:41:12.5Z` becomes `06:41:12Z`.
fn remove_fractions(text: &str) -> String {
    let mut whole = String::new();
    let mut pieces = text.split('.');
    whole.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_fraction = rest.len() < piece.len() && rest.starts_with('Z');
        whole.extend(if is_fraction { [rest, ""] } else { [".", piece] });
    }
    whole
}
