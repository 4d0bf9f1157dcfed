//! Which account a request is for: the first label of its host, whatever domain follows.

use std::net::IpAddr;

use backpack_api::runtime::http::{Request, header};

use crate::Settings;

/// Where a request went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// The account's name.
    pub(crate) account: String,
    /// The host as the client calls it, with its port.
    pub(crate) authority: String,
}

impl Host {
    /// The account of a request; none if the address names none and there is no default.
    ///
    /// A target in absolute form, as proxies send it, comes before the header.
    pub(crate) fn of<B>(request: &Request<B>, settings: &Settings) -> Option<Self> {
        let in_target = request.uri().authority().map(|authority| authority.as_str());
        let in_header = || request.headers().get(header::HOST)?.to_str().ok();
        let authority = in_target.or_else(in_header).unwrap_or("localhost");
        let account = account(name(authority), settings)?;
        Some(Self { account: account.to_ascii_lowercase(), authority: authority.to_owned() })
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

    fn of(authority: &str, domain: Option<&str>) -> Option<String> {
        let settings = Settings {
            domain: domain.map(str::to_owned),
            default_account: Some("home".to_owned()),
            ..Settings::default()
        };
        let request = Request::builder().header("Host", authority).body(()).ok()?;
        Host::of(&request, &settings).map(|host| host.account)
    }

    #[test]
    fn the_first_label_is_the_account() {
        assert_eq!(of("acme.backpackit.com", None).as_deref(), Some("acme"));
        assert_eq!(of("Acme.example.org:3000", None).as_deref(), Some("acme"));
        assert_eq!(of("acme.localhost:3000", Some("example.org")).as_deref(), Some("acme"));
    }

    #[test]
    fn an_address_without_an_account_has_the_default() {
        for host in ["localhost:3000", "127.0.0.1", "[::1]:3000", "backpack", "192.168.1.5:80"] {
            assert_eq!(of(host, None).as_deref(), Some("home"), "{host}");
        }
        assert_eq!(of("example.org", Some("example.org")).as_deref(), Some("home"));
    }

    #[test]
    fn another_domain_has_no_accounts() {
        assert_eq!(of("acme.example.net", Some("example.org")), None);
        assert_eq!(of("acme.deep.example.org", Some("example.org")), None);
    }
}
