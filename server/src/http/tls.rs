//! TLS acceptor with the configured certificate.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig as RustlsConfig, version};

use crate::config::TlsConfig;

/// Certificate or key file that cannot be used.
#[derive(Debug)]
pub struct TlsError {
    path: PathBuf,
    cause: Box<dyn Error + Send + Sync>,
}

impl TlsError {
    fn new(path: &Path, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { path: path.to_owned(), cause: cause.into() }
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be used for TLS", self.path.display())
    }
}

impl Error for TlsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

/// Reads certificate and key and builds an acceptor for TLS 1.2 and 1.3 from them.
///
/// # Errors
///
/// [`TlsError`] if a file cannot be read or parsed, or the key does not belong to the certificate.
pub(crate) fn load_acceptor(tls: &TlsConfig) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| TlsError::new(&tls.certificate, error))?;
    if chain.is_empty() {
        return Err(TlsError::new(&tls.certificate, "it contains no certificate"));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| TlsError::new(&tls.key, error))?;
    let mut config = RustlsConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map(|config| config.with_no_client_auth())
        .and_then(|config| config.with_single_cert(chain, key))
        .map_err(|error| TlsError::new(&tls.key, error))?;
    // The server does not support HTTP/2.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
