//! Text that is never shown.

use std::fmt;

use zeroize::Zeroize;

/// Text that no `Debug`, no `Display` and no log shows; wiped when dropped.
///
/// What is wiped is this text and its clones. To travel, it is copied into an address, a header or a body, and on into the
/// buffers of HTTP and TLS, which are let go without being wiped; a memory dump may show those.
///
/// [`Secret::expose`] is the one way to the text. `Serialize` (feature `serde`) writes the text: who serialises an
/// answer wants all of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
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

/// An API token or access token: a secret of letters, digits and the few signs that RFC 6750 knows, so that it fits into
/// a header, a path, a query and XML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token(Secret);

/// A text that cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidToken;

impl Token {
    /// Takes a token.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is empty or holds anything but letters, digits and `-._~+/=`.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        Self::try_from(Secret::new(text))
    }

    /// The token itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl TryFrom<Secret> for Token {
    type Error = InvalidToken;

    fn try_from(secret: Secret) -> Result<Self, InvalidToken> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if secret.expose().is_empty() || matches!(secret.expose(), "." | "..") || !secret.expose().bytes().all(fits) {
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
        f.write_str("a token consists of letters, digits and `-._~+/=`; this text does not, or is empty")
    }
}

impl std::error::Error for InvalidToken {}
