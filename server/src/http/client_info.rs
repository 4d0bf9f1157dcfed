//! Address and scheme of the client, from the connection or from a proxy's headers.

use std::net::{IpAddr, Ipv6Addr};

use backpack_api::runtime::http::HeaderMap;

/// Headers in which a reverse proxy reports the client's address and scheme.
const FORWARDING_HEADERS: [&str; 2] = ["x-forwarded-for", "x-forwarded-proto"];

/// Mask of the upper 64 bits of an IPv6 address. A provider assigns them to a customer, who chooses the others freely.
const IPV6_NETWORK: u128 = !0 << 64;

/// Network address that all limits count as one client: an IPv4 address, or the /64 network of an IPv6 address. An
/// IPv4-mapped IPv6 address is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClientNetwork(IpAddr);

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// Address and scheme of the client that sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientInfo {
    /// Address of the client.
    pub(super) address: IpAddr,
    /// `true` if the client uses HTTPS.
    pub(super) is_secure: bool,
}

impl ClientInfo {
    /// Network of the client.
    pub(super) fn network(&self) -> ClientNetwork {
        self.address.into()
    }

    /// Returns the name of the first forwarding header that is missing; `None` if the request has all of them.
    pub(super) fn find_missing_header(headers: &HeaderMap) -> Option<&'static str> {
        FORWARDING_HEADERS.into_iter().find(|name| !headers.contains_key(*name))
    }

    /// Replaces the address and scheme by those in the forwarding headers. A missing header, or an invalid address,
    /// leaves the value unchanged. A proxy appends the address that it sees to `X-Forwarded-For`, so only the last
    /// entry can be trusted.
    pub(super) fn with_forwarding_headers(self, headers: &HeaderMap) -> Self {
        let last_entry = |name: &str| headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next();
        let [address, scheme] = FORWARDING_HEADERS.map(last_entry);
        let address = address.and_then(|address| address.trim().parse().ok());
        let is_secure = scheme.map(|scheme| scheme.trim().eq_ignore_ascii_case("https"));
        Self { address: address.unwrap_or(self.address), is_secure: is_secure.unwrap_or(self.is_secure) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::{HeaderName, HeaderValue};

    /// Returns the client at an address, over HTTP.
    fn client_at(address: &str) -> ClientInfo {
        ClientInfo { address: address.parse().unwrap(), is_secure: false }
    }

    /// Builds headers from names and values.
    fn build_headers(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        headers.iter().map(header).collect()
    }

    #[test]
    fn counts_ipv6_clients_by_their_64_bit_network_and_mapped_addresses_as_ipv4() {
        for (address, same, other) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1"),
            ("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("::1", "::2", "127.0.0.1"),
        ] {
            let network = client_at(address).network();
            assert_eq!(network, client_at(same).network(), "{address} {same}");
            assert_ne!(network, client_at(other).network(), "{address} {other}");
            let forwarded = |address| {
                client_at("10.0.0.1").with_forwarding_headers(&build_headers(&[(FORWARDING_HEADERS[0], address)]))
            };
            assert_eq!(forwarded(same), client_at(same), "{same}");
            assert_eq!(forwarded(other), client_at(other), "{other}");
        }
    }

    #[test]
    fn takes_the_last_forwarded_address_and_scheme() {
        let client = client_at("127.0.0.1");
        let headers = build_headers(&[("x-forwarded-for", "6.6.6.6, 10.0.0.7"), ("x-forwarded-proto", "https")]);
        let forwarded = ClientInfo { is_secure: true, ..client_at("10.0.0.7") };
        assert_eq!(client.with_forwarding_headers(&headers), forwarded);
        assert_eq!(client.with_forwarding_headers(&HeaderMap::new()), client);
    }
}
