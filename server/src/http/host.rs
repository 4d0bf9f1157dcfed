//! Which account a request is for: the first label of its host, whatever domain follows; and how it came here.

use std::net::IpAddr;

use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::uri::Authority;
use backpack_api::runtime::http::{HeaderMap, header};

use crate::Settings;

/// Where a request went. It cannot be shown, since a token may be in the target.
pub(crate) struct Host {
    /// The account's name.
    pub(crate) account: String,
    /// The host as the client calls it, with its port.
    pub(crate) authority: String,
    /// The path and the query as the client sent them.
    pub(super) target: String,
    /// Whether the client called it over https.
    pub(crate) secure: bool,
    /// The domain under which the accounts are, if the service was told.
    pub(crate) domain: Option<String>,
}

/// Why there is no host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// What should be a host is none.
    Garbage,
    /// The address names no account, and there is no default.
    NoAccount,
}

/// Where a request came from: the other end of the connection, or what a proxy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer {
    /// The client's address.
    pub(super) address: IpAddr,
    /// Whether the client came over https.
    pub(super) secure: bool,
}

const FORWARDED: [&str; 2] = ["x-forwarded-for", "x-forwarded-proto"];

impl Peer {
    /// The header in which a proxy should say something, and does not.
    pub(super) fn unsaid(headers: &HeaderMap) -> Option<&'static str> {
        FORWARDED.into_iter().find(|name| !headers.contains_key(*name))
    }

    /// With what a proxy says, which adds the address that it sees to the end of `X-Forwarded-For`.
    pub(super) fn behind_proxy(self, headers: &HeaderMap) -> Self {
        let last = |name: &str| headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next();
        let [address, scheme] = FORWARDED.map(last);
        let address = address.and_then(|address| address.trim().parse().ok());
        let scheme = scheme.map(|scheme| scheme.trim().eq_ignore_ascii_case("https"));
        Self { address: address.unwrap_or(self.address), secure: scheme.unwrap_or(self.secure) }
    }
}

impl Host {
    /// The account of a request.
    ///
    /// A target in absolute form, as clients send it to proxies, comes before the header.
    pub(super) fn of(parts: &Parts, target: String, settings: &Settings, secure: bool) -> Result<Self, Nowhere> {
        let authority = match (parts.uri.authority(), parts.headers.get(header::HOST)) {
            (Some(authority), _) => authority.as_str(),
            (None, Some(host)) if !host.is_empty() => str::from_utf8(host.as_bytes()).map_err(|_| Nowhere::Garbage)?,
            (None, _) => "localhost",
        };
        let parsed: Authority = authority.parse().map_err(|_| Nowhere::Garbage)?;
        let port = authority.get(parsed.host().len()..).and_then(|rest| rest.strip_prefix(':'));
        let number = port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok());
        if parsed.host().is_empty() || authority.contains('@') || !number {
            return Err(Nowhere::Garbage);
        }
        let account = account(name(authority), settings).ok_or(Nowhere::NoAccount)?;
        Ok(Self {
            account: account.to_ascii_lowercase(),
            authority: authority.to_owned(),
            target,
            secure,
            domain: settings.domain.clone(),
        })
    }

    /// The host's name, without a port.
    pub(crate) fn name(&self) -> &str {
        split(&self.authority).0
    }

    /// The scheme that the client came by.
    pub(super) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The account's address for others: under the service's own domain, if it has one, whatever the client called it.
    pub(crate) fn home(&self) -> String {
        let Some(domain) = &self.domain else { return format!("{}://{}", self.scheme(), self.authority) };
        let port = split(&self.authority).1.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}.{domain}{port}", self.scheme(), self.account)
    }

    /// The domain of the account's mail addresses, whatever the client called the service by.
    pub(crate) fn mail_domain(&self) -> String {
        format!("{}.{}", self.account, self.domain.as_deref().unwrap_or("localhost"))
    }

    /// An account at an address, over http.
    pub(crate) fn plain(account: &str, authority: &str) -> Self {
        let (account, authority) = (account.to_owned(), authority.to_owned());
        Self { account, authority, target: String::new(), secure: false, domain: None }
    }
}

/// The name and the port of an authority.
fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (authority, None),
    }
}

fn account<'h>(name: &'h str, settings: &'h Settings) -> Option<&'h str> {
    let default = settings.default_account.as_deref();
    let (label, domain) = match name.trim_end_matches('.').split_once('.') {
        Some(split) if name.parse::<IpAddr>().is_err() => split,
        _ => return default,
    };
    match &settings.domain {
        Some(own) if own.eq_ignore_ascii_case(name) => default,
        Some(own) if !own.eq_ignore_ascii_case(domain) && domain != "localhost" => None,
        _ => Some(label),
    }
}

/// The name of a host, without a port or the brackets of IPv6.
fn name(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::{HeaderName, HeaderValue, Request};

    fn of(authority: &str, domain: Option<&str>) -> Result<String, Nowhere> {
        let settings = Settings {
            domain: domain.map(str::to_owned),
            default_account: Some("home".to_owned()),
            ..Settings::default()
        };
        let (parts, ()) =
            Request::builder().header("Host", authority).body(()).map_err(|_| Nowhere::Garbage)?.into_parts();
        Host::of(&parts, String::new(), &settings, false).map(|host| host.account)
    }

    #[test]
    fn the_first_label_is_the_account() {
        assert_eq!(of("acme.backpackit.com", None).as_deref(), Ok("acme"));
        assert_eq!(of("Acme.example.org:3000", None).as_deref(), Ok("acme"));
        assert_eq!(of("acme.localhost:3000", Some("example.org")).as_deref(), Ok("acme"));
    }

    #[test]
    fn an_address_without_an_account_has_the_default() {
        for host in ["", "localhost:3000", "127.0.0.1", "[::1]:3000", "backpack", "192.168.1.5:80"] {
            assert_eq!(of(host, None).as_deref(), Ok("home"), "{host}");
        }
        assert_eq!(of("example.org", Some("example.org")).as_deref(), Ok("home"));
    }

    #[test]
    fn another_domain_has_no_accounts() {
        assert_eq!(of("acme.example.net", Some("example.org")), Err(Nowhere::NoAccount));
        assert_eq!(of("acme.deep.example.org", Some("example.org")), Err(Nowhere::NoAccount));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in ["acme.example.com/evil", "jo@acme.example.com", ":80", "acme example", "acme.example.com:port"] {
            assert_eq!(of(host, None), Err(Nowhere::Garbage), "{host}");
        }
    }

    #[test]
    fn a_proxy_says_where_a_client_came_from() {
        let peer = Peer { address: IpAddr::from([127, 0, 0, 1]), secure: false };
        let headers: HeaderMap = [("x-forwarded-for", "6.6.6.6, 10.0.0.7"), ("x-forwarded-proto", "https")]
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        assert_eq!(peer.behind_proxy(&headers), Peer { address: IpAddr::from([10, 0, 0, 7]), secure: true });
        assert_eq!(peer.behind_proxy(&HeaderMap::new()), peer);
    }

    #[test]
    fn a_name_has_no_port() {
        let name = |authority: &str| Host::plain("home", authority).name().to_owned();
        assert_eq!(name("acme.example.com:3000"), "acme.example.com");
        assert_eq!(name("acme.example.com"), "acme.example.com");
        assert_eq!(name("[::1]:3000"), "[::1]");
        assert_eq!(name("[::1]"), "[::1]");
    }

    #[test]
    fn an_account_is_at_the_services_own_domain() {
        let mut host = Host::plain("acme", "evil.example.net:3000");
        assert_eq!((host.home().as_str(), &*host.mail_domain()), ("http://evil.example.net:3000", "acme.localhost"));
        (host.secure, host.domain) = (true, Some("example.org".to_owned()));
        assert_eq!((host.home().as_str(), &*host.mail_domain()), ("https://acme.example.org:3000", "acme.example.org"));
    }
}
