//! Finding one thing by its id or one of its names, as the command line names things.

use std::fmt::Display;

use crate::Refusal;

/// `true` if a text refers to the thing with this id and these names, in any case of the letters.
///
/// A text that consists of digits is always an id, so that its meaning does not depend on the names in use.
pub(crate) fn is_match(text: &str, id: &impl Display, names: &[&str]) -> bool {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return id.to_string() == text;
    }
    names.iter().any(|name| name.eq_ignore_ascii_case(text))
}

/// Returns the only value of an iterator.
///
/// # Errors
///
/// [`Refusal::NotFound`] if there is none; `ambiguous` if there are several.
pub(crate) fn exactly_one<T>(mut values: impl Iterator<Item = T>, ambiguous: Refusal) -> Result<T, Refusal> {
    let value = values.next().ok_or(Refusal::NotFound)?;
    if values.next().is_none() { Ok(value) } else { Err(ambiguous) }
}
