//! The server: starts, runs until a signal, and shuts down gracefully.

use std::fmt;
use std::fs;
use std::io;
use std::net::{self, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{ConfigError, ServerConfig};
use crate::http::{self, Service};
use crate::listeners::{Certificate, ListenError, Listeners};
use crate::mail::MailWorkers;
use crate::signals::Signals;
use crate::store::Store;

pub use crate::http::TlsError;

/// Error that prevents a server from starting.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// A value of the configuration is invalid.
    Config(ConfigError),
    /// The address cannot be bound: it is in use, or does not belong to this machine.
    Listen(SocketAddr, io::Error),
    /// The certificate or its key cannot be used.
    Tls(TlsError),
    /// The folder for mail does not exist and cannot be created.
    OutboxFolder(PathBuf, io::Error),
    /// The server's threads cannot be started, or cannot use the bound addresses.
    Runtime(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Listen(address, _) => write!(f, "cannot listen on {address}"),
            Self::Tls(error) => error.fmt(f),
            Self::OutboxFolder(folder, _) => write!(f, "cannot create the mail folder {}", folder.display()),
            Self::Runtime(_) => f.write_str("cannot start the server's threads"),
        }
    }
}

/// Variants that display their inner error return the source of that error, so that no message is repeated.
impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => error.source(),
            Self::Listen(_, error) | Self::OutboxFolder(_, error) | Self::Runtime(error) => Some(error),
            Self::Tls(error) => error.source(),
        }
    }
}

impl From<ListenError> for StartError {
    fn from(error: ListenError) -> Self {
        match error {
            ListenError::Bind(address, error) => Self::Listen(address, error),
            ListenError::Tls(error) => Self::Tls(error),
        }
    }
}

/// A server that has bound its addresses and read its certificate, and is not started yet. Connections wait until it is.
///
/// Most reasons why a start fails are known at this point. A program can therefore bind the server before it creates
/// anything in the store.
///
/// ```
/// use backpack_server::server::BoundServer;
/// use backpack_server::{ServerConfig, Store};
///
/// let bound = BoundServer::bind(ServerConfig::default())?;
/// let server = bound.start(Store::in_memory()?)?;
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BoundServer {
    config: ServerConfig,
    listeners: Listeners,
    mail: MailWorkers,
}

impl BoundServer {
    /// Binds the addresses and reads the certificate.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the configuration is invalid, an address cannot be bound, or the certificate cannot be used.
    pub fn bind(config: ServerConfig) -> Result<Self, StartError> {
        config.validate().map_err(StartError::Config)?;
        let listeners = Listeners::bind(&config.listen)?;
        let mail = MailWorkers::new(&config.mail).map_err(|error| StartError::Config(ConfigError::Mail(error)))?;
        Ok(Self { config, listeners, mail })
    }

    /// Changes the default account, which may depend on the store.
    pub fn set_default_account(&mut self, name: Option<String>) {
        self.config.accounts.default_account = name;
    }

    /// Starts the server on a store.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the mail folder or the threads cannot be created.
    pub fn start(self, store: Store) -> Result<Server, StartError> {
        let Self { config, listeners, mail } = self;
        if let Some(folder) = config.mail.folder() {
            fs::create_dir_all(folder).map_err(|error| StartError::OutboxFolder(folder.to_owned(), error))?;
        }
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.enable_all().thread_name("backpack-server").build().map_err(StartError::Runtime)?;
        let Listeners { http, http_address: address, https } = listeners;
        let tls_address = https.as_ref().map(|https| https.address);
        let (https, certificate) = https.map(|https| (https.listener, https.certificate)).unzip();
        let (http, https) = match register(&runtime, http, https) {
            Ok(listeners) => listeners,
            Err(error) => {
                // Dropping the runtime would wait for its threads, which panics inside another runtime.
                runtime.shutdown_background();
                return Err(StartError::Runtime(error));
            }
        };
        // The listener keeps a subscription, through which it receives reloaded certificates.
        let https = https.zip(certificate.as_ref().map(Certificate::subscribe));
        let (shutdown, stopped) = watch::channel(false);
        let store = Arc::new(store);
        let mail = runtime.spawn(mail.run(Arc::clone(&store), config.clock, stopped.clone()));
        let service = Arc::new(Service::new(store, config, address, tls_address));
        let task = runtime.spawn(async {
            http::serve(http, https, service, stopped).await;
            let _ = mail.await;
        });
        Ok(Server { address, tls_address, certificate, shutdown, runtime: Some(runtime), task: Some(task) })
    }
}

impl fmt::Debug for BoundServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").field("address", &self.listeners.http_address).finish_non_exhaustive()
    }
}

/// A running server. Dropping it shuts it down, as [`stop`](Self::stop) does. It runs on its own threads, so it can be
/// used with and without an async runtime.
///
/// ```
/// use backpack_server::{Server, ServerConfig, Store};
///
/// let server = Server::start(Store::in_memory()?, ServerConfig::default())?;
/// println!("http://{}", server.address());
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    address: SocketAddr,
    tls_address: Option<SocketAddr>,
    certificate: Option<Certificate>,
    /// Set to `true` to shut down.
    shutdown: watch::Sender<bool>,
    /// Threads of the server; `None` once [`run_until_signal`](Self::run_until_signal) or `drop` has taken them.
    runtime: Option<Runtime>,
    /// Serves HTTP and sends mail, and ends when the shutdown is complete. Taken together with the runtime.
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a store, and returns once it listens.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the configuration is invalid, an address cannot be bound, the certificate cannot be used, or the
    /// mail folder or the threads cannot be created.
    pub fn start(store: Store, config: ServerConfig) -> Result<Self, StartError> {
        BoundServer::bind(config)?.start(store)
    }

    /// Address for HTTP, with its actual port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Address for HTTPS, with its actual port; `None` without TLS.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Reloads the certificate and its key from their files. New connections use them; open connections keep the old
    /// certificate. Has no effect without TLS.
    ///
    /// # Errors
    ///
    /// [`StartError::Tls`] if they cannot be used, for example because only one of the files has been replaced. The
    /// server then continues to use the current certificate.
    pub fn reload_certificate(&self) -> Result<(), StartError> {
        match &self.certificate {
            Some(certificate) => certificate.reload().map_err(StartError::Tls),
            None => Ok(()),
        }
    }

    /// Shuts down gracefully: accepts no more connections, completes the requests in flight, and returns when their
    /// connections are closed. A request is in flight once its head has arrived. A client that has not sent the whole
    /// body and received the response within [`Limits::stop_timeout`](crate::config::Limits::stop_timeout) is
    /// disconnected, unless the server is still processing its request.
    pub fn stop(self) {
        drop(self);
    }

    /// Runs until the process receives Ctrl-C or a termination signal, then shuts down gracefully. A second signal ends
    /// the server at once and aborts the requests in flight. `ready` is called once the signal handlers are registered;
    /// until then, signals terminate the process.
    ///
    /// On Unix, a hangup signal reloads the certificate if the server has one; the log shows whether that succeeded.
    /// Exceeding the file size limit of the process (`SIGXFSZ`) fails the write, as a full disk does, and does not
    /// terminate the process.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, since it blocks.
    pub fn run_until_signal(mut self, ready: impl FnOnce(&Self)) {
        // Both are present: only this method and `drop` take them, and both consume the server.
        let (Some(runtime), Some(mut task)) = (self.runtime.take(), self.task.take()) else { return };
        let is_drained = runtime.block_on(async {
            let mut signals = Signals::register(self.certificate.is_some());
            ready(&self);
            signals.wait_for_shutdown(|| self.reload_and_log()).await;
            let _ = self.shutdown.send(true);
            tokio::select! {
                _ = &mut task => true,
                () = signals.wait_for_shutdown(|| {}) => false,
            }
        });
        if !is_drained {
            tracing::warn!("shutting down immediately");
            runtime.shutdown_background();
        }
    }

    /// Reloads the certificate and logs the result, since a signal has no caller that could receive it.
    fn reload_and_log(&self) {
        match self.reload_certificate() {
            Ok(()) => tracing::info!("certificate reloaded"),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "failed to reload the certificate, keeping the current one");
            }
        }
    }
}

/// Registers the listeners for HTTP and HTTPS with a runtime.
fn register(
    runtime: &Runtime,
    http: net::TcpListener,
    https: Option<net::TcpListener>,
) -> io::Result<(TcpListener, Option<TcpListener>)> {
    // Tokio uses the runtime whose context is entered.
    let _guard = runtime.enter();
    Ok((TcpListener::from_std(http)?, https.map(TcpListener::from_std).transpose()?))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.shutdown.send(true);
        let Some(runtime) = self.runtime.take() else { return };
        let task = self.task.take();
        // Blocks on a separate thread, since a server may be dropped inside a runtime, where blocking panics.
        let waiter = std::thread::spawn(move || {
            if let Some(task) = task {
                let _ = runtime.block_on(task);
            }
            drop(runtime);
        });
        let _ = waiter.join();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
