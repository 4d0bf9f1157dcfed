//! Backpack's API tokens, validated so that a mistyped token is rejected before it is sent.

use std::fmt;

use crate::runtime::Token;
use crate::{Credentials, Secret};

/// Number of hex digits of a token, which is a SHA-1.
const DIGITS: usize = 40;

/// API token of a user: 40 hex digits, which Backpack writes in lower case. It is equivalent to a password, and is
/// never shown.
///
/// OAuth access tokens are [`AccessToken`](crate::AccessToken)s.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiToken(Token);

/// Reason why a text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidToken {
    /// The text has this number of characters instead of 40.
    Length(usize),
    /// The text has 40 characters, but not all are hex digits.
    NotHex,
    /// For [`ApiToken::any`]: the text is empty, `.` or `..`, or has characters other than letters, digits and
    /// `-._~+/=`.
    Characters,
}

impl ApiToken {
    /// Parses a token as Backpack issues them: exactly 40 hex digits, in either case, without white space around them.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] for any other text.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        // A secret is wiped from memory when it is dropped, also if it is not a valid token.
        let secret = Secret::new(text);
        match secret.expose().chars().count() {
            DIGITS if secret.expose().bytes().all(|byte| byte.is_ascii_hexdigit()) => Self::any(secret.expose()),
            DIGITS => Err(InvalidToken::NotHex),
            length => Err(InvalidToken::Length(length)),
        }
    }

    /// Parses the token of another service with this API, which may have another format. It consists of letters, digits
    /// and `-._~+/=`, which are valid in a header, a path, a query and XML.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if the text is empty, `.` or `..`, or has other characters.
    pub fn any(text: impl Into<String>) -> Result<Self, InvalidToken> {
        Token::new(text).map(Self).map_err(|_| InvalidToken::Characters)
    }

    /// Returns the text of the token, which is a password: see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl std::str::FromStr for ApiToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        token.0
    }
}

impl From<ApiToken> for Credentials {
    fn from(token: ApiToken) -> Self {
        Self::Token(token.0)
    }
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(1) => write!(f, "a token has {DIGITS} hex digits, but this text has 1 character"),
            Self::Length(length) => write!(f, "a token has {DIGITS} hex digits, but this text has {length} characters"),
            Self::NotHex => write!(f, "a token has {DIGITS} hex digits, but this text has other characters"),
            Self::Characters => f.write_str("a token has letters, digits and `-._~+/=` only, and is not empty"),
        }
    }
}

impl std::error::Error for InvalidToken {}
