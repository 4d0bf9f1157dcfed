//! Random values that nobody can guess, from the operating system's generator.

use std::fmt::Write;

use crate::Refusal;

/// Returns random bytes.
///
/// # Errors
///
/// [`Refusal::Internal`] if the operating system has no random bytes.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::Internal)?;
    Ok(bytes)
}

/// Returns a token of 160 random bits: 40 lower-case hex digits.
///
/// # Errors
///
/// As [`random_bytes`].
pub(crate) fn random_token() -> Result<String, Refusal> {
    let mut token = String::with_capacity(40);
    for byte in random_bytes::<20>()? {
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}
