//! Who calls, and where.

use std::fmt;

use http::HeaderValue;
use http::uri::{Authority, Scheme, Uri};

use crate::renewal::Renewable;
use crate::secret::{Secret, Token};

/// Who calls, and where: the base address of an account, what proves who it is, and the program's name.
#[derive(Clone)]
pub struct Caller {
    base: String,
    credentials: Credentials,
    agent: HeaderValue,
}

/// What proves who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A token, which travels where the operation's style says.
    Token(Token),
    /// An OAuth 2 access token, which travels in one header and replaces the token everywhere.
    Bearer(Token),
    /// As [`Bearer`](Self::Bearer), renewed when it expires or is refused.
    Renewable(Renewable),
}

impl Credentials {
    /// The token for the bearer's header, as it is now.
    pub(crate) fn bearer(&self) -> Option<Token> {
        match self {
            Self::Token(_) => None,
            Self::Bearer(token) => Some(token.clone()),
            Self::Renewable(renewable) => Some(renewable.token()),
        }
    }
}

impl From<Renewable> for Credentials {
    fn from(renewable: Renewable) -> Self {
        Self::Renewable(renewable)
    }
}

impl From<Token> for Credentials {
    fn from(token: Token) -> Self {
        Self::Token(token)
    }
}

/// Why a caller cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The base address is no `http` or `https` address without user, query and fragment.
    Address,
    /// The account's name is no host name.
    Account,
    /// The program's name is empty or cannot stand in a header.
    Agent,
    /// TLS cannot be set up.
    Tls,
    /// The service says nothing of an issuer of tokens, or the issuer's addresses are not `https`.
    Issuer,
    /// The address to which the issuer sends people back is none, or has a fragment.
    Redirect,
}

impl Caller {
    /// Someone with `credentials` who calls at `base`, such as `https://acme.example.com`, with a program that
    /// identifies itself as `agent`: a name, and a link or an e-mail address in parentheses.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the base address or the program's name cannot be used.
    pub fn new(base: &str, credentials: impl Into<Credentials>, agent: &str) -> Result<Self, SetupError> {
        let uri: Uri = base.parse().map_err(|_| SetupError::Address)?;
        let plain =
            uri.authority().is_some_and(|authority| !authority.as_str().contains('@') && !authority.host().is_empty());
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        if !scheme || !plain || uri.query().is_some() || base.contains('#') {
            return Err(SetupError::Address);
        }
        let agent =
            HeaderValue::from_str(agent.trim()).ok().filter(|agent| !agent.is_empty()).ok_or(SetupError::Agent)?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), credentials: credentials.into(), agent })
    }

    /// Someone at an account of a service, whose host has the account's name in braces, such as
    /// `https://{account}.example.com`.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the account's name or the program's name cannot be used.
    pub fn of_account(
        host: &str,
        account: &str,
        credentials: impl Into<Credentials>,
        agent: &str,
    ) -> Result<Self, SetupError> {
        let letters = account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if account.is_empty() || account.starts_with('-') || account.ends_with('-') || !letters {
            return Err(SetupError::Account);
        }
        let base = match (host.split_once('{'), host.split_once('}')) {
            (Some((before, _)), Some((_, after))) => format!("{before}{account}{after}"),
            _ => host.to_owned(),
        };
        Self::new(&base, credentials, agent)
    }

    /// The same caller, who calls at another scheme and authority.
    pub(crate) fn under(&self, scheme: &Scheme, authority: &Authority) -> Self {
        let path = self.base.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        let slash = if path.is_empty() { "" } else { "/" };
        Self { base: format!("{scheme}://{authority}{slash}{path}"), ..self.clone() }
    }

    /// The same caller, with this token for the bearer's header.
    pub(crate) fn with_bearer(&self, token: Token) -> Self {
        Self { credentials: Credentials::Bearer(token), ..self.clone() }
    }

    /// The base address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What proves who calls.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What the program calls itself.
    pub fn agent(&self) -> &HeaderValue {
        &self.agent
    }

    /// The token, for carriers other than the bearer's header.
    pub(crate) fn token(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Token(token) => Some(token.expose()),
            Credentials::Bearer(_) | Credentials::Renewable(_) => None,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("base", &self.base).field("agent", &self.agent).finish_non_exhaustive()
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "the address should be `http://…` or `https://…`, without user, query and fragment",
            Self::Account => "an account's name consists of letters, digits and dashes between them",
            Self::Agent => "the program's name should not be empty, nor hold line breaks or other control characters",
            Self::Tls => "TLS cannot be set up",
            Self::Issuer => "the service should have an issuer of tokens, with addresses that are `https://…`",
            Self::Redirect => "the redirect address should be absolute, and without a fragment",
        })
    }
}

impl std::error::Error for SetupError {}

/// What a request brought to prove who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presented {
    /// A token, in a carrier of the service.
    Token(Secret),
    /// A token in the bearer's header.
    Bearer(Secret),
}

impl Presented {
    /// The token itself.
    pub fn token(&self) -> &str {
        match self {
            Self::Token(token) | Self::Bearer(token) => token.expose(),
        }
    }
}
