//! Secrets and tokens: text that is never shown.

use std::fmt;

use zeroize::Zeroize;

/// Text that is never in `Debug` output or a log, and is wiped from memory when dropped.
///
/// Only this text and its clones are wiped. A request copies the secret into a URL, a header or a body, and from there
/// into the buffers of HTTP and TLS, which are freed without wiping. A memory dump may show those copies.
///
/// [`Secret::expose`] returns the text. `Serialize` (feature `serde`) also writes the text, because code that
/// serializes a response needs the whole response.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Secret(String);

impl Secret {
    /// Creates a secret from text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text. It is a password: anyone who sees it can use it. Do not print or log it; store it encrypted, and
    /// pass it on only where it is needed, such as in a request or a link that a user asked for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    /// Shows that there is a secret, but neither its text nor its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// An API token or access token: a secret that consists of the characters that RFC 6750 allows in a token, so it can be
/// sent in a header, a path, a query and XML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token(Secret);

/// Error for a text that is not a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidToken;

impl Token {
    /// Creates a token from text.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if the text is empty, `.` or `..`, or has characters other than letters, digits and `-._~+/=`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        Self::try_from(Secret::new(text))
    }

    /// Returns the text of the token, which is a password: see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl TryFrom<Secret> for Token {
    type Error = InvalidToken;

    fn try_from(secret: Secret) -> Result<Self, InvalidToken> {
        // `.` and `..` consist of allowed characters, but as segments of a path they have a meaning of their own.
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if secret.expose().is_empty()
            || matches!(secret.expose(), "." | "..")
            || !secret.expose().bytes().all(is_allowed)
        {
            return Err(InvalidToken);
        }
        Ok(Self(secret))
    }
}

impl std::str::FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token must not be empty and must consist of letters, digits and `-._~+/=`")
    }
}

impl std::error::Error for InvalidToken {}
