//! Address and scheme of the client, from the connection or from a proxy's headers.

use std::net::IpAddr;

use backpack_api::runtime::http::HeaderMap;

/// Headers in which a reverse proxy reports the client's address and scheme.
const FORWARDED: [&str; 2] = ["x-forwarded-for", "x-forwarded-proto"];

/// Address and scheme of the client that sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientInfo {
    /// IP address of the client.
    pub(super) address: IpAddr,
    /// `true` if the client uses HTTPS.
    pub(super) is_secure: bool,
}

impl ClientInfo {
    /// Returns the name of the first forwarding header that is missing; `None` if the request has all of them.
    pub(super) fn find_missing_header(headers: &HeaderMap) -> Option<&'static str> {
        FORWARDED.into_iter().find(|name| !headers.contains_key(*name))
    }

    /// Replaces the address and scheme by those in the forwarding headers. A missing header, or an invalid address,
    /// leaves the value unchanged. A proxy appends the address that it sees to `X-Forwarded-For`, so only the last
    /// entry can be trusted.
    pub(super) fn with_forwarding_headers(self, headers: &HeaderMap) -> Self {
        let last_entry = |name: &str| headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next();
        let [address, scheme] = FORWARDED.map(last_entry);
        let address = address.and_then(|address| address.trim().parse().ok());
        let is_secure = scheme.map(|scheme| scheme.trim().eq_ignore_ascii_case("https"));
        Self { address: address.unwrap_or(self.address), is_secure: is_secure.unwrap_or(self.is_secure) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use backpack_api::runtime::http::{HeaderName, HeaderValue};

    #[test]
    fn takes_the_last_forwarded_address_and_scheme() {
        let client = ClientInfo { address: IpAddr::from([127, 0, 0, 1]), is_secure: false };
        let headers: HeaderMap = [("x-forwarded-for", "6.6.6.6, 10.0.0.7"), ("x-forwarded-proto", "https")]
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let forwarded = ClientInfo { address: IpAddr::from([10, 0, 0, 7]), is_secure: true };
        assert_eq!(client.with_forwarding_headers(&headers), forwarded);
        assert_eq!(client.with_forwarding_headers(&HeaderMap::new()), client);
    }
}
