//! Finds one user or calendar by its id or a name, as given in arguments of the command line.

use std::fmt::Display;

use crate::{ApiError, text};

/// `true` if a text is the id or, ignoring case, one of the names.
///
/// A text that consists of digits is always an id, so that its meaning does not depend on the names in use.
pub(crate) fn is_match(text: &str, id: &impl Display, names: &[&str]) -> bool {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return id.to_string() == text;
    }
    names.iter().any(|name| text::fold_case(name) == text::fold_case(text))
}

/// Returns the only value of an iterator.
///
/// # Errors
///
/// [`ApiError::NotFound`] if there is none; `ambiguous` if there are several.
pub(crate) fn exactly_one<T>(mut values: impl Iterator<Item = T>, ambiguous: ApiError) -> Result<T, ApiError> {
    let value = values.next().ok_or(ApiError::NotFound)?;
    if values.next().is_none() { Ok(value) } else { Err(ambiguous) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_of_any_letters() {
        for text in ["Zoë", "ZOË", "zoë"] {
            assert!(is_match(text, &1, &["zoe@example.com", "Zoë"]), "{text}");
        }
        assert!(is_match("ZOE@example.com", &1, &["zoe@example.com", "Zoë"]));
        assert!(!is_match("Zoe", &1, &["Zoë"]));
    }
}
