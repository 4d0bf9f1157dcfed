//! The account that a command calls, and a client for it.

use std::fmt;
use std::path::PathBuf;

use backpack_api::blocking::Client;
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::{ApiToken, ClientConfig, ConfigError, SERVICE, Secret};
use clap::Args;

use crate::credentials::Credentials;
use crate::error::{CommandError, Exit, failure};

/// Account that a command calls.
#[derive(Args, Debug)]
pub(crate) struct AccountArgs {
    /// Account that `backpack login` stored, by default the last one. With a token in `BACKPACK_TOKEN`, also any account
    /// at backpackit.com.
    #[arg(long, value_name = "NAME", env = "BACKPACK_ACCOUNT", help_heading = ACCOUNT)]
    account: Option<String>,
    /// Base URL of another service, such as `http://localhost:3000`, whose token is in `BACKPACK_TOKEN`.
    #[arg(long, env = "BACKPACK_URL", help_heading = ACCOUNT)]
    url: Option<String>,
}

/// Heading of the options that select the account, in the help.
const ACCOUNT: &str = "Account";

/// Environment variable with a token, which replaces the stored one.
const TOKEN_VARIABLE: &str = "BACKPACK_TOKEN";

/// User-Agent of the command.
const USER_AGENT: &str = concat!("backpack-cli/", env!("CARGO_PKG_VERSION"), " (", env!("CARGO_PKG_REPOSITORY"), ")");

/// Account that the arguments, the environment and the stored credentials select.
pub(crate) struct SelectedAccount {
    /// Name of the account; for a service at a URL without a stored account, its host.
    pub(crate) name: String,
    /// Base URL, without a slash at its end.
    pub(crate) url: String,
    /// Token and its source; `None` if there is none for this account.
    token: Option<(Secret, TokenSource)>,
}

/// Place from which the token was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenSource {
    /// The variable `BACKPACK_TOKEN`.
    Environment,
    /// The file with the stored accounts.
    File(PathBuf),
}

/// A client, and the account that it calls.
pub(crate) struct Connection {
    /// Client with retries, which keeps to the rate limits.
    pub(crate) client: Client,
    /// Account that the client calls.
    pub(crate) account: SelectedAccount,
}

impl AccountArgs {
    /// Selects the account.
    ///
    /// A stored token is used only for the URL with which it was stored.
    ///
    /// # Errors
    ///
    /// If no account is named or stored, its name or URL is not valid, or the credentials cannot be read.
    pub(crate) fn select(&self) -> Result<SelectedAccount, CommandError> {
        let credentials = Credentials::load()?;
        let (name, url) = (non_empty(self.account.clone()), non_empty(self.url.clone()));
        let stored = match (&name, &url) {
            (Some(name), _) => credentials.find(name),
            (None, None) => credentials.last(),
            (None, Some(_)) => None,
        };
        let url = match (url, stored, &name) {
            (Some(url), ..) => check_url(&url)?,
            (None, Some(stored), _) => check_url(&stored.url)?,
            (None, None, Some(name)) => account_url(name)?,
            (None, None, None) => {
                return Err(failure(
                    Exit::NotPermitted,
                    "no account is logged in: run `backpack login ACCOUNT`, or set `BACKPACK_ACCOUNT` and `BACKPACK_TOKEN`",
                ));
            }
        };
        let name = name.or(stored.map(|stored| stored.name.clone())).unwrap_or_else(|| find_host(&url).to_owned());
        let token = token_from_environment().map(|token| (token, TokenSource::Environment)).or_else(|| {
            let stored = stored.filter(|stored| stored.url == url)?;
            Some((stored.token.clone(), TokenSource::File(credentials.path()?.to_owned())))
        });
        Ok(SelectedAccount { name, url, token })
    }

    /// Creates a client for the selected account. No request is sent.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select), and if there is no valid token for the account.
    pub(crate) fn connect(&self) -> Result<Connection, CommandError> {
        let account = self.select()?;
        let client = create_client(account.config()?)?;
        Ok(Connection { client, account })
    }
}

impl SelectedAccount {
    /// Returns the configuration of a client for the account.
    ///
    /// # Errors
    ///
    /// If there is no valid token for the account.
    pub(crate) fn config(&self) -> Result<ClientConfig, CommandError> {
        let (token, source) = self.token()?;
        let token = ApiToken::any(token.expose())
            .map_err(|error| failure(Exit::NotPermitted, format!("the token from {source} is not valid: {error}")))?;
        build_config(&self.url, token)
    }

    /// Source of the token.
    ///
    /// # Errors
    ///
    /// If there is no token for the account.
    pub(crate) fn token_source(&self) -> Result<&TokenSource, CommandError> {
        Ok(&self.token()?.1)
    }

    /// Token and its source.
    fn token(&self) -> Result<&(Secret, TokenSource), CommandError> {
        let name = &self.name;
        self.token.as_ref().ok_or_else(|| {
            let message = format!("no token for {name}: run `backpack login {name}`, or set `{TOKEN_VARIABLE}`");
            failure(Exit::NotPermitted, message)
        })
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str(TOKEN_VARIABLE),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Returns an argument; `None` if it is empty, as an empty variable of the environment is.
pub(crate) fn non_empty(argument: Option<String>) -> Option<String> {
    argument.filter(|text| !text.is_empty())
}

/// Returns the token in the environment; `None` if the variable is missing or empty.
pub(crate) fn token_from_environment() -> Option<Secret> {
    let value = Secret::new(std::env::var(TOKEN_VARIABLE).ok()?);
    let token = value.expose().trim();
    (!token.is_empty()).then(|| Secret::new(token))
}

/// Builds the configuration of a client for a service at a URL.
///
/// # Errors
///
/// If the URL is not valid, or is http to another machine.
pub(crate) fn build_config(url: &str, token: ApiToken) -> Result<ClientConfig, CommandError> {
    ClientConfig::new(&SERVICE, url, token, USER_AGENT).map_err(|error| match error {
        ConfigError::InsecureBaseUrl => {
            failure(Exit::Usage, format!("refusing to send the token to {} over plain http: use https", find_host(url)))
        }
        error => failure(Exit::Usage, error.to_string()),
    })
}

/// Creates a client with the default limits.
///
/// # Errors
///
/// If TLS cannot be set up.
pub(crate) fn create_client(config: ClientConfig) -> Result<Client, CommandError> {
    Ok(Client::with_transport(config, HyperTransport::new(&TransportConfig::default())?))
}

/// Returns the base URL of an account at backpackit.com.
///
/// # Errors
///
/// If the name is not valid.
pub(crate) fn account_url(name: &str) -> Result<String, CommandError> {
    let config = ClientConfig::for_account(&SERVICE, name, placeholder_token()?, USER_AGENT);
    Ok(config.map_err(|error| failure(Exit::Usage, error.to_string()))?.base_url().to_owned())
}

/// Checks a base URL. Returns it without a slash at its end.
///
/// # Errors
///
/// As [`build_config`].
pub(crate) fn check_url(url: &str) -> Result<String, CommandError> {
    Ok(build_config(url, placeholder_token()?)?.base_url().to_owned())
}

/// Returns the token that stands for the real one where no request is sent.
pub(crate) fn placeholder_token() -> Result<ApiToken, CommandError> {
    Ok(ApiToken::any("TOKEN")?)
}

/// Returns the host of a URL, without its port.
pub(crate) fn find_host(url: &str) -> &str {
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    let authority = address.split('/').next().unwrap_or(address);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}
