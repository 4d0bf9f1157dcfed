//! Listeners: everything that can fail when a server starts.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::{ListenConfig, TlsConfig};
use crate::http::{TlsError, load_acceptor};

/// Length of the queue of connections that are not accepted yet. Beyond it, the operating system of a client retries after
/// a second.
const BACKLOG: u32 = 1024;

/// Error while binding an address or loading a certificate.
pub(crate) enum ListenError {
    Bind(SocketAddr, io::Error),
    Tls(TlsError),
}

/// Bound listeners for HTTP and, if configured, HTTPS.
pub(crate) struct Listeners {
    pub(crate) http: TcpListener,
    pub(crate) http_address: SocketAddr,
    pub(crate) https: Option<TlsListener>,
}

/// Bound listener for HTTPS, with its certificate.
pub(crate) struct TlsListener {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Certificate,
}

/// Certificate in use, and the files that it was loaded from.
pub(crate) struct Certificate {
    config: TlsConfig,
    current: watch::Sender<TlsAcceptor>,
}

impl Listeners {
    pub(crate) fn bind(config: &ListenConfig) -> Result<Self, ListenError> {
        let (http, http_address) = bind(config.address)?;
        let https = config.tls.as_ref().map(TlsListener::bind).transpose()?;
        Ok(Self { http, http_address, https })
    }
}

impl TlsListener {
    fn bind(config: &TlsConfig) -> Result<Self, ListenError> {
        let (listener, address) = bind(config.address)?;
        let certificate = Certificate::load(config).map_err(ListenError::Tls)?;
        Ok(Self { listener, address, certificate })
    }
}

impl Certificate {
    fn load(config: &TlsConfig) -> Result<Self, TlsError> {
        Ok(Self { config: config.clone(), current: watch::Sender::new(load_acceptor(config)?) })
    }

    /// Reads the files again. If that fails, the certificate in use stays.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        self.current.send_replace(load_acceptor(&self.config)?);
        Ok(())
    }

    /// Returns a receiver of the current certificate.
    pub(crate) fn subscribe(&self) -> watch::Receiver<TlsAcceptor> {
        self.current.subscribe()
    }
}

/// Binds an address and returns it with its actual port.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let try_bind = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Without it, a restart fails while old connections are in TIME_WAIT. On Windows, it would let other processes
        // bind the same port.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    try_bind().map_err(|error| ListenError::Bind(address, error))
}
