//! Bound addresses of a server, and its certificate.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::{ListenConfig, TlsConfig};
use crate::http::{TlsError, load_acceptor};

/// Maximum number of connections that wait to be accepted. Beyond it, the operating system of a client retries after a
/// second.
const BACKLOG: i32 = 1024;

/// Error while binding an address or loading a certificate.
pub(crate) enum ListenError {
    /// The address cannot be bound.
    Bind(SocketAddr, io::Error),
    /// The certificate or its key cannot be used.
    Tls(TlsError),
}

/// Bound listeners for HTTP and, if configured, HTTPS. They need no runtime yet.
pub(crate) struct Listeners {
    pub(crate) http: TcpListener,
    /// Address of `http`, with its actual port.
    pub(crate) http_address: SocketAddr,
    /// `None` if HTTPS is not configured.
    pub(crate) https: Option<TlsListener>,
}

/// Bound listener for HTTPS, with its certificate.
pub(crate) struct TlsListener {
    pub(crate) listener: TcpListener,
    /// Address of the listener, with its actual port.
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Certificate,
}

/// Certificate in use, and the files that it was loaded from.
pub(crate) struct Certificate {
    /// Paths of the files.
    config: TlsConfig,
    /// TLS acceptor with the certificate in use.
    current: watch::Sender<TlsAcceptor>,
}

impl Listeners {
    /// Binds the configured addresses and loads the certificate.
    pub(crate) fn bind(config: &ListenConfig) -> Result<Self, ListenError> {
        let (http, http_address) = bind(config.address)?;
        let https = config.tls.as_ref().map(TlsListener::bind).transpose()?;
        Ok(Self { http, http_address, https })
    }
}

impl TlsListener {
    /// Binds the address for HTTPS and loads the certificate.
    fn bind(config: &TlsConfig) -> Result<Self, ListenError> {
        let (listener, address) = bind(config.address)?;
        let certificate = Certificate::load(config).map_err(ListenError::Tls)?;
        Ok(Self { listener, address, certificate })
    }
}

impl Certificate {
    /// Loads the certificate from its files.
    fn load(config: &TlsConfig) -> Result<Self, TlsError> {
        Ok(Self { config: config.clone(), current: watch::Sender::new(load_acceptor(config)?) })
    }

    /// Reads the files again. If that fails, the certificate in use stays.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        self.current.send_replace(load_acceptor(&self.config)?);
        Ok(())
    }

    /// Returns a receiver of the certificate in use, which also receives reloaded ones.
    pub(crate) fn subscribe(&self) -> watch::Receiver<TlsAcceptor> {
        self.current.subscribe()
    }
}

/// Binds an address. Returns the listener, and its address with the actual port.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let try_bind = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // Without this option, a restart fails while old connections are in TIME_WAIT. On Windows, the option would let
        // other processes bind the same port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        // As tokio requires it.
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    try_bind().map_err(|error| ListenError::Bind(address, error))
}
