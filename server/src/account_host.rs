//! Maps the host of a request to an account, and builds the account's URLs and mail domain.

use std::net::IpAddr;

use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::uri::Authority;
use backpack_api::runtime::http::{HeaderValue, header};

use crate::config::AccountConfig;

/// Account and host that a request is addressed to. Not `Debug`, since the target may hold a token.
pub(crate) struct AccountHost {
    /// Name of the account, in lower case.
    pub(crate) account: String,
    /// Host and port as the client sent them.
    pub(crate) authority: String,
    /// Path and query as the client sent them.
    pub(crate) target: String,
    /// `true` if the client uses HTTPS.
    pub(crate) is_secure: bool,
    /// Domain of the accounts, if one is configured.
    pub(crate) domain: Option<String>,
}

/// Reason why no account is found for a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HostError {
    /// The host is not a valid host name or address.
    InvalidHost,
    /// The host is of another domain than the configured one, or names no account and there is no default account.
    NoAccount,
}

impl AccountHost {
    /// Finds the account that a request is addressed to. An absolute request target, as clients send to proxies, takes
    /// precedence over the `Host` header. The account may not exist in the database.
    ///
    /// # Errors
    ///
    /// [`HostError`] if the host is invalid or no account belongs to it.
    pub(crate) fn from_request(
        parts: &Parts,
        target: String,
        config: &AccountConfig,
        is_secure: bool,
    ) -> Result<Self, HostError> {
        let authority = match (parts.uri.authority(), parts.headers.get(header::HOST)) {
            (Some(authority), _) => {
                check_authority(authority.as_str())?;
                authority.as_str()
            }
            (None, Some(host)) if !host.is_empty() => check_host(host)?,
            // HTTP/1.0 clients send no `Host`: they reach the default account.
            (None, _) => "localhost",
        };
        let account = find_account(strip_port_and_brackets(authority), config).ok_or(HostError::NoAccount)?;
        Ok(Self {
            account: account.to_ascii_lowercase(),
            authority: authority.to_owned(),
            target,
            is_secure,
            domain: config.domain.clone(),
        })
    }

    /// Builds the host of an account over HTTP, for work without a request, such as creating the demo.
    pub(crate) fn insecure(account: &str, authority: &str) -> Self {
        let (account, authority) = (account.to_owned(), authority.to_owned());
        Self { account, authority, target: String::new(), is_secure: false, domain: None }
    }

    /// Host name without the port. An IPv6 address keeps its brackets.
    pub(crate) fn name(&self) -> &str {
        split_port(&self.authority).0
    }

    /// Scheme that the client uses.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }

    /// Base URL of the account, for links in mail. It is under the configured domain, if there is one, so that a client
    /// cannot direct other users to another host by sending a forged `Host` header.
    pub(crate) fn base_url(&self) -> String {
        let Some(domain) = &self.domain else { return format!("{}://{}", self.scheme(), self.authority) };
        let port = split_port(&self.authority).1.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}.{domain}{port}", self.scheme(), self.account)
    }

    /// Domain of the account's mail addresses. It does not depend on the `Host` header.
    pub(crate) fn mail_domain(&self) -> String {
        format!("{}.{}", self.account, self.domain.as_deref().unwrap_or("localhost"))
    }
}

/// Returns the value of a `Host` header if it is valid.
pub(crate) fn check_host(host: &HeaderValue) -> Result<&str, HostError> {
    let host = str::from_utf8(host.as_bytes()).map_err(|_| HostError::InvalidHost)?;
    check_authority(host).map(|()| host)
}

/// Checks that an authority is a host with an optional numeric port, and no user information.
fn check_authority(authority: &str) -> Result<(), HostError> {
    let parsed: Authority = authority.parse().map_err(|_| HostError::InvalidHost)?;
    let port = authority.get(parsed.host().len()..).and_then(|rest| rest.strip_prefix(':'));
    let is_port_valid = port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok());
    if parsed.host().is_empty() || authority.contains('@') || !is_port_valid {
        return Err(HostError::InvalidHost);
    }
    Ok(())
}

/// Finds the name of the account at a host. With a configured domain, only that domain and `localhost` have accounts.
///
/// Returns `None` for a host of another domain, and for a host that names no account if there is no default account.
fn find_account<'h>(name: &'h str, config: &'h AccountConfig) -> Option<&'h str> {
    let default = config.default_account.as_deref();
    let name = name.strip_suffix('.').unwrap_or(name);
    let (label, domain) = match name.split_once('.') {
        Some(split) if name.parse::<IpAddr>().is_err() => split,
        // An IP address, or a single label such as `localhost`.
        _ => return default,
    };
    match &config.domain {
        Some(configured) if configured.eq_ignore_ascii_case(name) => default,
        Some(configured) if ![configured, "localhost"].iter().any(|known| known.eq_ignore_ascii_case(domain)) => None,
        _ => Some(label),
    }
}

/// Splits an authority into host and port; the port is `None` if the authority has none.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // In `[::1]`, a bracket follows the last colon, so that the address is not split.
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    }
}

/// Returns the host of an authority without the port, and an IPv6 address without its brackets.
fn strip_port_and_brackets(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::Request;

    /// Finds the account at a host. The default account is `home`.
    fn find(authority: &str, domain: Option<&str>) -> Result<String, HostError> {
        let config = AccountConfig { domain: domain.map(str::to_owned), default_account: Some("home".to_owned()) };
        let (parts, ()) =
            Request::builder().header("Host", authority).body(()).map_err(|_| HostError::InvalidHost)?.into_parts();
        AccountHost::from_request(&parts, String::new(), &config, false).map(|host| host.account)
    }

    #[test]
    fn the_first_label_is_the_account() {
        assert_eq!(find("acme.backpackit.com", None).as_deref(), Ok("acme"));
        assert_eq!(find("Acme.example.org:3000", None).as_deref(), Ok("acme"));
        for host in ["acme.localhost:3000", "acme.LocalHost", "acme.localhost.:3000", "acme.example.org."] {
            assert_eq!(find(host, Some("example.org")).as_deref(), Ok("acme"), "{host}");
        }
    }

    #[test]
    fn a_host_without_an_account_is_the_default_account() {
        for host in ["", "localhost:3000", "127.0.0.1", "[::1]:3000", "backpack", "192.168.1.5:80"] {
            assert_eq!(find(host, None).as_deref(), Ok("home"), "{host}");
        }
        for host in ["example.org", "Example.ORG.", "localhost."] {
            assert_eq!(find(host, Some("example.org")).as_deref(), Ok("home"), "{host}");
        }
    }

    #[test]
    fn other_domains_have_no_accounts() {
        assert_eq!(find("acme.example.net", Some("example.org")), Err(HostError::NoAccount));
        assert_eq!(find("acme.deep.example.org", Some("example.org")), Err(HostError::NoAccount));
    }

    #[test]
    fn rejects_invalid_hosts() {
        for host in ["acme.example.com/evil", "jo@acme.example.com", ":80", "acme example", "acme.example.com:port"] {
            assert_eq!(find(host, None), Err(HostError::InvalidHost), "{host}");
        }
    }

    #[test]
    fn the_host_name_has_no_port() {
        let name = |authority: &str| AccountHost::insecure("home", authority).name().to_owned();
        assert_eq!(name("acme.example.com:3000"), "acme.example.com");
        assert_eq!(name("acme.example.com"), "acme.example.com");
        assert_eq!(name("[::1]:3000"), "[::1]");
        assert_eq!(name("[::1]"), "[::1]");
    }

    #[test]
    fn the_base_url_and_the_mail_domain_are_under_the_configured_domain() {
        let mut host = AccountHost::insecure("acme", "evil.example.net:3000");
        let addresses = |host: &AccountHost| (host.base_url(), host.mail_domain());
        assert_eq!(addresses(&host), ("http://evil.example.net:3000".to_owned(), "acme.localhost".to_owned()));
        (host.is_secure, host.domain) = (true, Some("example.org".to_owned()));
        assert_eq!(addresses(&host), ("https://acme.example.org:3000".to_owned(), "acme.example.org".to_owned()));
    }
}
