//! Unpredictable random values, from the operating system's generator.

use crate::ApiError;
use crate::text::to_hex;

/// Returns random bytes.
///
/// # Errors
///
/// [`ApiError::Internal`] if the operating system has no random bytes.
pub(crate) fn generate_bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ApiError::Internal)?;
    Ok(bytes)
}

/// Returns a token of 160 random bits: 40 lower-case hex digits.
///
/// # Errors
///
/// [`ApiError::Internal`] if the operating system has no random bytes.
pub(crate) fn generate_token() -> Result<String, ApiError> {
    Ok(to_hex(&generate_bytes::<20>()?))
}
