//! Configuration of a server: listening and TLS, accounts, limits, mail.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;

use crate::mail::{self, MailConfig, MailConfigError};

/// Configuration of a [`Server`](crate::Server). The defaults suit a trial on the local machine.
///
/// ```
/// use backpack_server::ServerConfig;
///
/// let mut config = ServerConfig::default();
/// config.accounts.domain = Some("backpack.example.com".to_owned());
/// config.limits.max_connections = 64;
/// config.validate()?;
/// # Ok::<(), backpack_server::config::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Addresses, TLS and proxy.
    pub listen: ListenConfig,
    /// Mapping of host names to accounts.
    pub accounts: AccountConfig,
    /// Limits on requests and connections.
    pub limits: Limits,
    /// Outgoing mail. By default, mail stays in the outbox.
    pub mail: MailConfig,
    /// `true` if the log has the client's address and the path of each request; `false` by default. In the path, `*`
    /// stands for every word that may be a token.
    pub log_client_and_path: bool,
    /// Clock of the operations and of mail; the system clock by default.
    pub clock: fn() -> Timestamp,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: ListenConfig::default(),
            accounts: AccountConfig::default(),
            limits: Limits::default(),
            mail: MailConfig::default(),
            log_client_and_path: false,
            clock: Timestamp::now,
        }
    }
}

/// Addresses at which the server listens, and the schemes that clients can use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenConfig {
    /// Address for HTTP; any free port of this machine by default.
    pub address: SocketAddr,
    /// Address and certificate for HTTPS; `None` by default. With it, each account is served over its configured
    /// scheme, and requests on the other scheme are redirected.
    pub tls: Option<TlsConfig>,
    /// `true` if accounts that do not require HTTPS are served over both schemes. By default, their HTTPS requests are
    /// redirected to HTTP, as the original service did.
    pub allow_both_schemes: bool,
    /// `true` if the client's address and scheme are taken from `X-Forwarded-For` and `X-Forwarded-Proto`; `false` by
    /// default. Only safe if every request passes through a proxy that sets these headers: otherwise clients can forge
    /// them.
    pub trust_proxy_headers: bool,
}

impl Default for ListenConfig {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            allow_both_schemes: false,
            trust_proxy_headers: false,
        }
    }
}

/// Address and certificate for HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsConfig {
    /// Address for HTTPS.
    pub address: SocketAddr,
    /// PEM file with the certificate, followed by its intermediate certificates.
    pub certificate: PathBuf,
    /// PEM file with the certificate's private key.
    pub key: PathBuf,
}

/// Mapping of host names to accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountConfig {
    /// Domain of the accounts: with `example.com`, an account is served only at `ACCOUNT.example.com` and, for use on
    /// this machine, at `ACCOUNT.localhost`. If `None`, which is the default, the first label of any host name with
    /// several labels is the account's name.
    pub domain: Option<String>,
    /// Account that is served at hosts that name none: `localhost`, an IP address, or the domain itself. If `None`,
    /// which is the default, requests to these hosts are rejected.
    pub default_account: Option<String>,
}

/// Limits on requests and connections.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// `true` if the rate limits of the API are enforced, which is the default.
    pub enforce_rate_limits: bool,
    /// Size limit of a request body in bytes; 2 MiB by default.
    pub max_request_size: usize,
    /// Timeout for a TLS handshake, for receiving the head of a request, and for idle connections; 15 seconds by
    /// default.
    pub head_timeout: Duration,
    /// Timeout for receiving a request body, and for writing each 64 KiB of a response; 30 seconds by default.
    pub body_timeout: Duration,
    /// Time that clients have during a shutdown to send the rest of a request body and to receive the response; 5
    /// seconds by default, since service managers often wait only 10 seconds before they kill a process.
    pub stop_timeout: Duration,
    /// Maximum number of open connections; 512 by default, since a process can often open only 1024 files. At the
    /// limit, a new connection replaces the one that has waited longest.
    pub max_connections: usize,
    /// Maximum number of open connections of one client; 256 by default. A client is an IPv4 address or the /64 network
    /// of an IPv6 address. At the limit, a new connection replaces the client's own that has waited longest, and is
    /// refused if all of them are in use.
    ///
    /// Has no effect with [`ListenConfig::trust_proxy_headers`], since all connections then come from the proxy, which
    /// has to limit its clients itself. A proxy whose headers are not trusted is one client.
    pub max_connections_per_client: usize,
    /// Size limit, in bytes, of all request and response bodies in memory together; 16 MiB by default. A body counts
    /// until it is processed or received; bodies up to 64 KiB do not count. At the limit, the connections with bodies
    /// that have waited longest for their clients are closed. If that does not free enough, the request is rejected
    /// with 503. A body that is larger than the limit is accepted while it is the only one.
    pub max_body_memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            enforce_rate_limits: true,
            max_request_size: 2 * 1024 * 1024,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(5),
            max_connections: 512,
            max_connections_per_client: 256,
            max_body_memory: 16 * 1024 * 1024,
        }
    }
}

/// Invalid value in a [`ServerConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The domain is not a domain name; with its text.
    Domain(String),
    /// The name of the default account is empty.
    DefaultAccount,
    /// A limit is zero, or a timeout is longer than [`MAX_TIMEOUT`]; with the name of its field.
    Limit(&'static str),
    /// HTTP and HTTPS have the same address.
    SameAddress(SocketAddr),
    /// A path for TLS is empty; with the name of its field.
    EmptyPath(&'static str),
    /// A value for mail is invalid.
    Mail(MailConfigError),
}

/// Upper bound of all timeouts: one year, well within the range of tokio's timers.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => write!(f, "`{domain}` is not a domain; use a name such as `backpack.example.com`"),
            Self::DefaultAccount => {
                f.write_str("the default account has an empty name; name an account or leave it out")
            }
            Self::Limit(field) => {
                write!(f, "`{field}` is out of range; use more than zero, and at most 365 days for a timeout")
            }
            Self::SameAddress(address) => write!(
                f,
                "`tls.address` is {address}, at which `address` listens for HTTP already; use another port for HTTPS"
            ),
            Self::EmptyPath(field) => write!(f, "`{field}` is empty; name a PEM file"),
            Self::Mail(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConfigError {}

impl ServerConfig {
    /// Checks all values, without the network and without files. [`Server::start`](crate::Server::start) calls it, and
    /// then finds out whether addresses, certificate and folders can be used. Call it earlier to report mistakes before
    /// anything is created.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for the first invalid value.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.listen.validate()?;
        self.accounts.validate()?;
        self.limits.validate()?;
        mail::validate(&self.mail).map_err(ConfigError::Mail)
    }
}

impl ListenConfig {
    /// Checks that HTTP and HTTPS have different addresses, and that certificate and key have paths.
    fn validate(&self) -> Result<(), ConfigError> {
        let Some(tls) = &self.tls else { return Ok(()) };
        let is_empty = |(_, path): &(&str, &PathBuf)| path.as_os_str().is_empty();
        let paths = [("tls.certificate", &tls.certificate), ("tls.key", &tls.key)];
        if let Some((field, _)) = paths.into_iter().find(is_empty) {
            return Err(ConfigError::EmptyPath(field));
        }
        if is_overlapping(self.address, tls.address) { Err(ConfigError::SameAddress(tls.address)) } else { Ok(()) }
    }
}

/// `true` if two listeners cannot have these addresses: they have the same port, and one address includes the other. The
/// port 0 stands for any free port.
fn is_overlapping(a: SocketAddr, b: SocketAddr) -> bool {
    let includes = |ip: IpAddr, other: IpAddr| ip.is_unspecified() && ip.is_ipv4() == other.is_ipv4();
    let is_same_ip = a.ip() == b.ip() || includes(a.ip(), b.ip()) || includes(b.ip(), a.ip());
    a.port() == b.port() && a.port() != 0 && is_same_ip
}

impl AccountConfig {
    /// Checks that the domain is a domain name, and that the name of the default account is not empty.
    fn validate(&self) -> Result<(), ConfigError> {
        if let Some(domain) = &self.domain {
            check_domain(domain)?;
        }
        if self.default_account.as_deref() == Some("") { Err(ConfigError::DefaultAccount) } else { Ok(()) }
    }
}

impl Limits {
    /// Checks that all limits are in range. The error names one that is not.
    fn validate(&self) -> Result<(), ConfigError> {
        let timeouts = [("head_timeout", self.head_timeout), ("body_timeout", self.body_timeout)];
        let sizes = [
            ("max_request_size", self.max_request_size),
            ("max_connections", self.max_connections),
            ("max_connections_per_client", self.max_connections_per_client),
            ("max_body_memory", self.max_body_memory),
        ];
        for (field, timeout) in timeouts {
            if timeout.is_zero() || timeout > MAX_TIMEOUT {
                return Err(ConfigError::Limit(field));
            }
        }
        for (field, size) in sizes {
            if size == 0 {
                return Err(ConfigError::Limit(field));
            }
        }
        // A `stop_timeout` of zero is valid: a shutdown then drops slow clients at once.
        if self.stop_timeout > MAX_TIMEOUT { Err(ConfigError::Limit("stop_timeout")) } else { Ok(()) }
    }
}

/// Checks that `domain` consists of labels of ASCII letters, digits and dashes, separated by dots.
///
/// # Errors
///
/// [`ConfigError::Domain`] if it does not.
pub fn check_domain(domain: &str) -> Result<(), ConfigError> {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if domain.split('.').all(is_label) { Ok(()) } else { Err(ConfigError::Domain(domain.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Validates the default configuration after a change.
    fn validate(change: impl FnOnce(&mut ServerConfig)) -> Result<(), ConfigError> {
        let mut config = ServerConfig::default();
        change(&mut config);
        config.validate()
    }

    #[test]
    fn accepts_the_defaults() {
        assert_eq!(validate(|_| {}), Ok(()));
    }

    #[test]
    fn rejects_invalid_domains() {
        assert_eq!(validate(|config| config.accounts.domain = Some("backpack.example.com".to_owned())), Ok(()));
        for domain in ["", "https://example.com/", "bad domain!", "example.com:80", ".example.com"] {
            let result = validate(|config| config.accounts.domain = Some(domain.to_owned()));
            assert_eq!(result, Err(ConfigError::Domain(domain.to_owned())));
        }
    }

    #[test]
    fn rejects_an_empty_default_account() {
        let result = validate(|config| config.accounts.default_account = Some(String::new()));
        assert_eq!(result, Err(ConfigError::DefaultAccount));
    }

    #[test]
    fn rejects_tls_without_files_or_at_the_address_of_http() {
        let with_tls = |http: &str, https: &str, certificate: &str, key: &str| {
            validate(|config| {
                config.listen.address = http.parse().unwrap();
                let (certificate, key) = (certificate.into(), key.into());
                config.listen.tls = Some(TlsConfig { address: https.parse().unwrap(), certificate, key });
            })
        };
        assert_eq!(with_tls("[::1]:0", "[::1]:0", "a.pem", "a.pem"), Ok(()));
        assert_eq!(with_tls("0.0.0.0:80", "0.0.0.0:443", "a.pem", "b.pem"), Ok(()));
        assert_eq!(with_tls("127.0.0.1:80", "127.0.0.2:80", "a.pem", "b.pem"), Ok(()));
        assert_eq!(with_tls("[::1]:80", "0.0.0.0:80", "a.pem", "b.pem"), Ok(()));
        for (http, https) in [("[::1]:80", "[::1]:80"), ("0.0.0.0:80", "127.0.0.1:80"), ("[::1]:80", "[::]:80")] {
            let same = Err(ConfigError::SameAddress(https.parse().unwrap()));
            assert_eq!(with_tls(http, https, "a.pem", "b.pem"), same);
        }
        let empty = |field| Err(ConfigError::EmptyPath(field));
        assert_eq!(with_tls("[::1]:0", "[::1]:0", "", "b.pem"), empty("tls.certificate"));
        assert_eq!(with_tls("[::1]:0", "[::1]:0", "a.pem", ""), empty("tls.key"));
    }

    #[test]
    fn rejects_mail_that_cannot_be_sent_and_names_the_option() {
        let with_mail = |smtp: Option<&str>, outbox: Option<&str>, from: Option<&str>| {
            validate(|config| {
                config.mail.smtp = smtp.map(str::to_owned);
                config.mail.outbox = outbox.map(PathBuf::from);
                config.mail.from = from.map(str::to_owned);
            })
        };
        let (server, sender) = (Some("smtps://jo:s3cret@mail.example.com"), Some("backpack@example.com"));
        assert_eq!(with_mail(server, Some("outbox"), sender), Ok(()));
        assert_eq!(with_mail(None, Some("outbox"), None), Ok(()));
        for (option, result) in [
            ("`smtp`", with_mail(Some("jo:s3cret@mail.example.com"), None, sender)),
            ("`from`", with_mail(server, None, None)),
            ("`from`", with_mail(None, None, Some("nobody"))),
            ("`outbox`", with_mail(None, Some(""), None)),
        ] {
            let message = result.unwrap_err().to_string();
            assert!(message.contains(option) && !message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn rejects_limits_out_of_range() {
        for (field, result) in [
            ("max_connections", validate(|config| config.limits.max_connections = 0)),
            ("max_connections_per_client", validate(|config| config.limits.max_connections_per_client = 0)),
            ("max_body_memory", validate(|config| config.limits.max_body_memory = 0)),
            ("max_request_size", validate(|config| config.limits.max_request_size = 0)),
            ("head_timeout", validate(|config| config.limits.head_timeout = Duration::ZERO)),
            ("body_timeout", validate(|config| config.limits.body_timeout = Duration::MAX)),
            ("stop_timeout", validate(|config| config.limits.stop_timeout = Duration::MAX)),
        ] {
            assert_eq!(result, Err(ConfigError::Limit(field)));
        }
        assert_eq!(validate(|config| config.limits.stop_timeout = Duration::ZERO), Ok(()));
    }
}
