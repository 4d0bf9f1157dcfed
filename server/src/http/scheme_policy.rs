//! Scheme policy: decides whether an account is served over HTTP or HTTPS, and redirects requests that used the other.

use std::net::SocketAddr;

use backpack_api::runtime::http::Response;
use bytes::Bytes;
use rusqlite::Connection;

use super::response::redirect_to;
use crate::account_host::AccountHost;
use crate::accounts;
use crate::api_error::ApiError;
use crate::config::ListenConfig;

/// Parts of the configuration that decide about schemes.
#[derive(Debug, Clone, Copy)]
pub(super) struct SchemePolicy {
    http_address: SocketAddr,
    /// `None` if this server does not listen for HTTPS.
    https_address: Option<SocketAddr>,
    /// `true` if a trusted proxy is in front of the server, which may accept HTTPS.
    has_proxy: bool,
    /// `true` if accounts that do not require HTTPS are served over both schemes.
    allow_both: bool,
}

impl SchemePolicy {
    /// Creates the policy of a server that listens at these addresses.
    pub(super) fn new(config: &ListenConfig, http_address: SocketAddr, https_address: Option<SocketAddr>) -> Self {
        let (has_proxy, allow_both) = (config.trust_proxy_headers, config.allow_both_schemes);
        Self { http_address, https_address, has_proxy, allow_both }
    }

    /// Returns the redirect for a request that used the wrong scheme for its account; `None` if the scheme is right.
    ///
    /// HTTPS requests for an account without required SSL are redirected only if this server itself listens for HTTPS.
    /// They are served if all accounts are served over both schemes. If a proxy has accepted them, redirecting is its
    /// decision.
    ///
    /// # Errors
    ///
    /// [`ApiError::NoAccount`] if the account does not exist; [`ApiError::Forbidden`] if it requires HTTPS, and neither
    /// this server nor a proxy accepts HTTPS.
    pub(super) fn redirect_to_scheme(
        self,
        db: &Connection,
        host: &AccountHost,
    ) -> Result<Option<Response<Bytes>>, ApiError> {
        let account = match accounts::find(db, &host.account) {
            Err(ApiError::NotFound) => return Err(ApiError::NoAccount),
            account => account?,
        };
        if account.ssl == host.is_secure {
            return Ok(None);
        }
        if account.ssl {
            if self.https_address.is_none() && !self.has_proxy {
                return Err(ApiError::Forbidden("This account requires HTTPS"));
            }
            return Ok(Some(redirect_to(build_url(host, "https", self.https_address, 443))));
        }
        if self.https_address.is_none() || self.allow_both {
            return Ok(None);
        }
        Ok(Some(redirect_to(build_url(host, "http", Some(self.http_address), 80))))
    }
}

/// Builds the URL of the same request on another scheme. `listener` is `None` if a proxy serves that scheme; the URL
/// then has no port.
fn build_url(host: &AccountHost, scheme: &str, listener: Option<SocketAddr>, default_port: u16) -> String {
    let port = listener.map(|address| address.port()).filter(|port| *port != default_port);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{}{port}{}", host.name(), host.target)
}
