//! Establishes connections, with or without TLS.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;

use super::error::{TransportError, TransportErrorKind};
use super::resolver::Resolver;

/// Connects over TCP, with TLS for https.
pub(super) type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// Creates a connector that trusts the certificate authorities of browsers.
///
/// `timeout` limits the TCP connection, not the TLS handshake. It is divided among the addresses of a host, so that the
/// first one does not take all of it.
pub(super) fn create_connector(timeout: Duration) -> Result<Connector, TransportError> {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new());
    // Otherwise it would reject https URLs, because TLS is added around it.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(timeout));
    // The provider is explicit because rustls has no default, and panics, if a program contains two providers.
    let provider = rustls::crypto::ring::default_provider();
    let https = HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .map_err(|error| TransportError::new(TransportErrorKind::Tls).with_source(error))?;
    Ok(https.https_or_http().enable_http1().wrap_connector(tcp))
}

/// `true` if the error, or one of its sources, is from rustls.
pub(super) fn is_tls_error(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // The source of an I/O error is the source of the error that it wraps, which skips one level.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}
