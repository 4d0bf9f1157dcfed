//! Credentials that a client sends, and credentials that a server receives.

use crate::refresh::RefreshableToken;
use crate::secret::{Secret, Token};

/// Credentials of a client.
///
/// **Invariant:** a bare [`Token`] never converts into credentials. The same type holds API tokens and OAuth access
/// tokens, which are sent in different carriers, so the program has to choose the variant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// An API token, sent in the carriers of the operation's style: header, path, query or body.
    Token(Token),
    /// An OAuth 2 access token, sent in the bearer header of the operation's style instead of an API token.
    Bearer(Token),
    /// An OAuth 2 access token, sent like [`Bearer`](Self::Bearer), that is refreshed when it expires or is rejected.
    Refreshable(RefreshableToken),
}

impl Credentials {
    /// Returns the current token, whichever kind it is.
    pub(crate) fn token(&self) -> Token {
        match self {
            Self::Token(token) | Self::Bearer(token) => token.clone(),
            Self::Refreshable(refreshable) => refreshable.token(),
        }
    }

    /// Returns the API token; `None` for bearer tokens.
    pub(crate) fn api_token(&self) -> Option<&Token> {
        match self {
            Self::Token(token) => Some(token),
            Self::Bearer(_) | Self::Refreshable(_) => None,
        }
    }
}

impl From<RefreshableToken> for Credentials {
    fn from(refreshable: RefreshableToken) -> Self {
        Self::Refreshable(refreshable)
    }
}

/// Credentials found in an incoming request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresentedCredentials {
    /// An API token, from one of the service's carriers.
    Token(Secret),
    /// A token from the bearer header.
    Bearer(Secret),
}

impl PresentedCredentials {
    /// Returns the text of the token, whichever kind it is.
    pub fn token(&self) -> &str {
        match self {
            Self::Token(token) | Self::Bearer(token) => token.expose(),
        }
    }
}
