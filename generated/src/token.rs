//! Backpack's tokens: what they look like, so that a wrong one is found before it is sent.

use std::fmt;

use crate::runtime::Token as AnyToken;
use crate::{Credentials, Secret};

/// How many hex digits a token has: it is a SHA-1.
const DIGITS: usize = 40;

/// The API token of one user: 40 hex digits, which Backpack writes in lower case. It is as good as a password, and is
/// never shown.
///
/// OAuth's access tokens are [`AccessToken`](crate::AccessToken)s.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token(AnyToken);

/// A text that cannot be a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidToken {
    /// It has so many characters, and not 40.
    Length(usize),
    /// It has 40 characters, and some are no hex digits.
    Digits,
    /// For [`Token::any`]: it is empty, or holds something else than letters, digits and `-._~+/=`.
    Signs,
}

impl Token {
    /// Takes a token as Backpack issues them: exactly 40 hex digits, in either case, without white space around them.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        // Wiped when dropped, right or wrong.
        let secret = Secret::new(text);
        match secret.expose().chars().count() {
            DIGITS if secret.expose().bytes().all(|byte| byte.is_ascii_hexdigit()) => Self::any(secret.expose()),
            DIGITS => Err(InvalidToken::Digits),
            length => Err(InvalidToken::Length(length)),
        }
    }

    /// Takes the token of another service that speaks this API, which may look otherwise: letters, digits and
    /// `-._~+/=`, so that it fits into a header, a path, a query and XML.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] if it is empty, `.`, `..`, or holds anything else.
    pub fn any(text: impl Into<String>) -> Result<Self, InvalidToken> {
        AnyToken::new(text).map(Self).map_err(|_| InvalidToken::Signs)
    }

    /// The token itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl std::str::FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

impl From<Token> for AnyToken {
    fn from(token: Token) -> Self {
        token.0
    }
}

impl From<Token> for Credentials {
    fn from(token: Token) -> Self {
        Self::Token(token.0)
    }
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(1) => write!(f, "a token has {DIGITS} hex digits; this text has 1 character"),
            Self::Length(length) => write!(f, "a token has {DIGITS} hex digits; this text has {length} characters"),
            Self::Digits => write!(f, "a token has {DIGITS} hex digits; this text holds something else"),
            Self::Signs => f.write_str("a token consists of letters, digits and `-._~+/=`; this text does not"),
        }
    }
}

impl std::error::Error for InvalidToken {}
