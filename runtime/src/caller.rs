//! Who calls, and where.

use std::fmt;
use std::net::IpAddr;

use http::HeaderValue;
use http::uri::{Authority, Parts, Scheme, Uri};

use crate::renewal::Renewable;
use crate::secret::{Secret, Token};

/// Who calls, and where: the base address of an account, what proves who it is, and the program's name.
#[derive(Clone)]
pub struct Caller {
    /// The base address as it was given, without a slash at its end.
    base: String,
    /// The same, read.
    address: Uri,
    credentials: Credentials,
    agent: HeaderValue,
    plain: bool,
}

/// What proves who calls.
///
/// **Invariant:** no bare [`Token`] becomes credentials by itself, since the same type carries a service's tokens and
/// OAuth's, and each travels in its own way: whoever has one says which it is.
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
    /// The token, whatever carries it, as it is now.
    pub(crate) fn token(&self) -> Token {
        match self {
            Self::Token(token) | Self::Bearer(token) => token.clone(),
            Self::Renewable(renewable) => renewable.token(),
        }
    }

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

/// Why a caller cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The base address is no `http` or `https` address without user, query and fragment.
    Address,
    /// The account's name is no host name.
    Account,
    /// The address is by `http`, on another machine, and that was not allowed.
    Plain,
    /// The program does not say its name, and a link or an e-mail address in parentheses.
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
    /// identifies itself as `agent`: a name, and a link or an e-mail address in parentheses, such as
    /// `Trip planner (jo@example.com)`. On this machine (`localhost`, `127.0.0.1`, `[::1]`) http will do too.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the base address or the program's name cannot be used; [`SetupError::Plain`] for `http` on
    /// another machine, which [`new_plain`](Self::new_plain) allows.
    pub fn new(base: &str, credentials: impl Into<Credentials>, agent: &str) -> Result<Self, SetupError> {
        Self::of(base, credentials.into(), agent, false)
    }

    /// As [`new`](Self::new), for someone who may call by http, though everyone on the way can read the token then; and
    /// be led there from https by a redirect.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if the base address or the program's name cannot be used.
    pub fn new_plain(base: &str, credentials: impl Into<Credentials>, agent: &str) -> Result<Self, SetupError> {
        Self::of(base, credentials.into(), agent, true)
    }

    fn of(base: &str, credentials: Credentials, agent: &str, plain: bool) -> Result<Self, SetupError> {
        let address = address(base).ok_or(SetupError::Address)?;
        let agent = program(agent)?;
        let base = base.trim_end_matches('/').to_owned();
        let caller = Self { base, address, credentials, agent, plain };
        if caller.may_call(&caller.address) { Ok(caller) } else { Err(SetupError::Plain) }
    }

    /// Whether the token may travel to such an address: by https, within this machine, or where that was allowed.
    pub(crate) fn may_call(&self, address: &Uri) -> bool {
        self.plain || keeps_secrets(address)
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

    /// The same caller, who calls at another scheme and authority; `None` if there is no such address.
    pub(crate) fn under(&self, scheme: &Scheme, authority: &Authority) -> Option<Self> {
        let base = format!("{scheme}://{authority}{}", self.path());
        Some(Self { address: base.parse().ok()?, base, ..self.clone() })
    }

    /// The same caller, with this token for the bearer's header.
    pub(crate) fn with_bearer(&self, token: Token) -> Self {
        Self { credentials: Credentials::Bearer(token), ..self.clone() }
    }

    /// The base address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path of the base address, without a slash at its end.
    pub(crate) fn path(&self) -> &str {
        self.address.path().trim_end_matches('/')
    }

    /// The address at the base's scheme and host with this path and query.
    pub(crate) fn at(&self, path_and_query: String) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = self.address.scheme().cloned();
        parts.authority = self.address.authority().cloned();
        parts.path_and_query = Some(path_and_query.try_into().ok()?);
        Uri::from_parts(parts).ok()
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

/// What a program calls itself, to the service and to the issuer of its tokens.
pub(crate) fn program(agent: &str) -> Result<HeaderValue, SetupError> {
    HeaderValue::from_str(agent.trim()).ok().filter(|_| names_someone(agent)).ok_or(SetupError::Agent)
}

/// Whether a program says its name and, in parentheses, a link or an e-mail address.
fn names_someone(agent: &str) -> bool {
    let mut parts = agent.split('(');
    let named = parts.next().is_some_and(|name| !name.trim().is_empty());
    let mut said = parts.filter_map(|part| part.split_once(')')).flat_map(|(said, _)| said.split_whitespace());
    agent.is_ascii() && named && said.any(is_contact)
}

fn is_contact(word: &str) -> bool {
    let link = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    let email = word.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    email.is_some() || link.is_some_and(|link| !link.is_empty())
}

/// An address by http or https, without user, query and fragment.
pub(crate) fn address(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    // What is no port would be as none, and the token would go to the scheme's own.
    let port = |authority: &Authority| {
        let rest = authority.as_str().get(authority.host().len()..).unwrap_or_default();
        rest.is_empty() || authority.port_u16().is_some_and(|port| rest == format!(":{port}"))
    };
    let bare =
        |authority: &Authority| !authority.as_str().contains('@') && !authority.host().is_empty() && port(authority);
    let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let fits = scheme && uri.authority().is_some_and(bare) && uri.query().is_none() && !text.contains('#');
    fits.then_some(uri)
}

/// Whether nobody on the way to an address reads along: by https, or within this machine.
pub(crate) fn keeps_secrets(address: &Uri) -> bool {
    address.scheme() == Some(&Scheme::HTTPS) || address.host().is_some_and(is_loopback)
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
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
            Self::Account => {
                "an account's name is the first label of its host, such as `acme`: letters, digits and dashes between them"
            }
            Self::Plain => {
                "by http everyone on the way could read the token: use https, or allow it with `at_plain` or `new_plain`"
            }
            Self::Agent => {
                "the program should say its name, and a link or an e-mail address in parentheses, in ASCII: \
                 `Trip planner (jo@example.com)`"
            }
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
