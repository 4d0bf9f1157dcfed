//! Base URLs: parsing, and the check that a token may be sent to a URL.

use std::net::IpAddr;

use http::uri::{Authority, Scheme, Uri};

/// Parses an `http` or `https` URL without user, query and fragment; `None` for any other text.
pub(crate) fn parse_base_url(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let is_bare = |authority: &Authority| {
        !authority.as_str().contains('@') && !authority.host().is_empty() && has_valid_port(authority)
    };
    let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_valid = has_scheme && uri.authority().is_some_and(is_bare) && uri.query().is_none() && !text.contains('#');
    is_valid.then_some(uri)
}

/// `true` if the authority has no port or a valid one. `http` ignores an invalid port, and the token would be sent to
/// the scheme's default port.
fn has_valid_port(authority: &Authority) -> bool {
    let rest = authority.as_str().get(authority.host().len()..).unwrap_or_default();
    rest.is_empty() || authority.port_u16().is_some_and(|port| rest == format!(":{port}"))
}

/// `true` if requests to this URL cannot be read on the network: the scheme is https, or the host is this machine.
pub(crate) fn is_confidential(url: &Uri) -> bool {
    url.scheme() == Some(&Scheme::HTTPS) || url.host().is_some_and(is_loopback)
}

/// `true` if a host is this machine: a name of this machine or a loopback address.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    is_localhost(host) || address.is_ok_and(|address| address.is_loopback())
}

/// `true` for `localhost` and the names under it, such as `acme.localhost`, which are names of this machine (RFC 6761,
/// section 6.3). Case and a dot at the end do not matter. The transports connect to loopback addresses for them.
pub(crate) fn is_localhost(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let last_label = name.rsplit('.').next().unwrap_or_default();
    last_label.eq_ignore_ascii_case("localhost") && !name.split('.').any(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_names_and_loopback_addresses_are_this_machine() {
        let is_this_machine = |host: &str| is_confidential(&format!("http://{host}:3000/").parse().unwrap());
        for host in [
            "localhost", "LocalHost", "localhost.", "acme.localhost", "Acme.LOCALHOST.", "a.b.localhost", "127.0.0.1",
            "127.1.2.3", "[::1]",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "notlocalhost",
            "localhost.example.com",
            "acme.localhost.example.com",
            "localhost..",
            "acme..localhost",
            ".localhost",
            "local",
            "128.0.0.1",
            "[::2]",
            "127.0.0.1.example.com",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
        assert!(is_confidential(&"https://example.com/".parse().unwrap()));
    }
}
