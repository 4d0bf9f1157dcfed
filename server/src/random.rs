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

/// Generates a random mailbox for the mail address of a page: two pronounceable words around a number, 56 random bits
/// in all.
///
/// # Errors
///
/// [`ApiError::Internal`] if the operating system has no random bytes.
pub(crate) fn generate_mailbox() -> Result<String, ApiError> {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
    const VOWELS: &[u8; 4] = b"aeio";
    let bytes: [u8; 9] = generate_bytes()?;
    let syllable = |byte: &u8| {
        let consonant = CONSONANTS[usize::from(byte & 15)];
        let vowel = VOWELS[usize::from(byte >> 4 & 3)];
        [char::from(consonant), char::from(vowel)]
    };
    let word = |bytes: &[u8]| bytes.iter().flat_map(syllable).collect::<String>();
    Ok(format!("{}{}{}", word(&bytes[..4]), 10 + u16::from(bytes[4]), word(&bytes[5..])))
}
