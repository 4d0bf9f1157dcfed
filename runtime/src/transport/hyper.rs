//! Transport over hyper, with rustls and the certificate authorities of browsers.
//!
//! hyper's connections do not follow redirects or decode bodies, and they return the request if no part of it was sent.
//! So each failure tells whether the service may have seen the request. This transport adds a pool of idle connections,
//! and moves a request to another connection if the first one closed before sending began. hyper logs sizes and causes,
//! its connector logs hosts, and neither logs a path, a header or a body.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::sleep;

use super::config::TransportConfig;
use super::error::TransportError;
use super::runtime_pool::RuntimePool;
use super::sender::Sender;
use super::traits::{BlockingTransport, Transport, TransportFuture, WaitFuture};

/// Sends requests over hyper, with a pool of connections.
///
/// As a [`Transport`], it works on the tokio runtime that polls it; the runtime needs its I/O and time drivers. As a
/// [`BlockingTransport`], it needs no runtime, and also works inside one. Clones share their connections.
///
/// Both traits have methods of the same names. Where both are in scope, name the trait, as in
/// `Transport::send(&transport, request, timeout)`.
#[derive(Clone, Debug)]
pub struct HyperTransport {
    sender: Sender,
    runtimes: Arc<RuntimePool>,
}

impl HyperTransport {
    /// Creates a transport with these limits.
    ///
    /// # Errors
    ///
    /// [`TransportError`] if TLS cannot be set up.
    pub fn new(config: &TransportConfig) -> Result<Self, TransportError> {
        Ok(Self { sender: Sender::new(config)?, runtimes: Arc::default() })
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        Box::pin(self.sender.send(request, timeout))
    }

    fn wait(&self, duration: Duration) -> WaitFuture<'_> {
        Box::pin(sleep(duration))
    }
}

impl BlockingTransport for HyperTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        self.runtimes.send(&self.sender, request, timeout)
    }
}
