//! Starts the service, and stops it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::Store;
use crate::http::{Service, acceptor, listen};
use crate::mail::{MailConfig, MailConfigError, MailWorkers};

/// How the service works. The defaults are for trying it on this machine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where it listens; any free port of this machine by default.
    pub address: SocketAddr,
    /// The domain under which accounts are: with `example.com`, an account is at `ACCOUNT.example.com` and nowhere else.
    /// By default the first label of any host is the account's name.
    pub domain: Option<String>,
    /// The account at an address that names none, such as `localhost` or an IP address; none by default.
    pub default_account: Option<String>,
    /// Whether the rates of the API are kept to; yes by default.
    pub rate_limits: bool,
    /// The most bytes that the body of a request may have; 2 MiB by default.
    pub max_request: usize,
    /// How long a client may take for the head of a request, and how long a connection may be idle; 15 seconds by
    /// default.
    pub head_timeout: Duration,
    /// How long a client may take to send a body, or to take 64 KiB of an answer; 30 seconds by default.
    pub body_timeout: Duration,
    /// How long clients have, when the service stops, to send the rest of a body and to take an answer; 5 seconds by
    /// default, since what stops a service often waits no longer than 10.
    pub stop_timeout: Duration,
    /// How many connections there may be at a time; for a further one, the one that waits longest for its client goes.
    /// 512 by default: a process has often no more than 1024 files open.
    pub max_connections: usize,
    /// A second address for https; none by default. Where there is one, an account is reached over the scheme that it is
    /// set to, and a request over the other one is sent there.
    pub tls: Option<Tls>,
    /// Whether accounts that do not require https may be reached over it all the same, instead of being sent to http as
    /// the original did; no by default.
    pub both_schemes: bool,
    /// Whether every request comes by way of a proxy, whose `X-Forwarded-For` and `X-Forwarded-Proto` say where from; no
    /// by default. Without such a proxy anybody could say so.
    pub behind_proxy: bool,
    /// Where mail goes out; nowhere by default.
    pub mail: MailConfig,
    /// What time it is for the operations and for mail; the time of this machine by default.
    pub clock: fn() -> Timestamp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            domain: None,
            default_account: None,
            rate_limits: true,
            max_request: 2 * 1024 * 1024,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(5),
            max_connections: 512,
            tls: None,
            both_schemes: false,
            behind_proxy: false,
            mail: MailConfig::default(),
            clock: Timestamp::now,
        }
    }
}

/// How https is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Where it listens.
    pub address: SocketAddr,
    /// The certificate, with those between it and its authority: a PEM file.
    pub certificate: PathBuf,
    /// Its private key: a PEM file.
    pub key: PathBuf,
}

/// Why the service cannot start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot listen at the address: in use, or not this machine's.
    Listen(SocketAddr, std::io::Error),
    /// This file is no certificate, or no key to it.
    Tls(PathBuf, String),
    /// The settings for mail cannot be used.
    Mail(MailConfigError),
    /// The threads cannot be started.
    Runtime(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "cannot listen at {address}: {error}"),
            Self::Tls(path, problem) => write!(f, "{} cannot be used for TLS: {problem}", path.display()),
            Self::Mail(error) => error.fmt(f),
            Self::Runtime(error) => write!(f, "cannot start: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A service that is running; it stops when this is dropped. It has threads of its own, so that programs with and
/// without an async runtime use it alike.
///
/// ```
/// use backpack_server::{Server, Settings, Store};
///
/// let server = Server::start(Store::in_memory()?, Settings::default())?;
/// println!("http://{}", server.address());
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    address: SocketAddr,
    tls_address: Option<SocketAddr>,
    certificate: Option<Certificate>,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
    done: Option<tokio::task::JoinHandle<()>>,
}

/// The certificate in use, and the files that it came from.
struct Certificate {
    files: Tls,
    current: watch::Sender<TlsAcceptor>,
}

impl Server {
    /// Starts a service on a store, and returns when it listens.
    ///
    /// # Errors
    ///
    /// [`StartError`] if it cannot listen where it should, or a certificate or a setting for mail cannot be used.
    pub fn start(store: Store, settings: Settings) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("backpack-server")
            .build()
            .map_err(StartError::Runtime)?;
        let inside = runtime.enter();
        let ready = Ready::new(&settings);
        drop(inside);
        let Ready { listener, address, secure, mail_workers } = match ready {
            Ok(ready) => ready,
            Err(error) => {
                // To drop it would wait for its threads, which is forbidden inside another runtime.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        let tls_address = secure.as_ref().map(|secure| secure.address);
        let (secure, certificate) = secure
            .map(|Secure { listener, certificate, .. }| ((listener, certificate.current.subscribe()), certificate))
            .unzip();
        let (stop, stopped) = watch::channel(false);
        let store = Arc::new(store);
        let post = runtime.spawn(mail_workers.run(Arc::clone(&store), settings.clock, stopped.clone()));
        let service = Arc::new(Service::new(store, settings, address, tls_address));
        let done = runtime.spawn(async {
            listen(listener, secure, service, stopped).await;
            let _ = post.await;
        });
        Ok(Self { address, tls_address, certificate, stop, runtime: Some(runtime), done: Some(done) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for https, if it does.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Reads certificate and key anew, for the connections that come from now on; those that are there go on as they are.
    /// Does nothing without https.
    ///
    /// # Errors
    ///
    /// [`StartError::Tls`] if they cannot be used, as when one of them is not written yet. Those in use stay.
    pub fn reload_certificate(&self) -> Result<(), StartError> {
        if let Some(certificate) = &self.certificate {
            certificate.current.send_replace(acceptor(&certificate.files)?);
        }
        Ok(())
    }

    /// Stops: takes no more connections, answers the requests that it took, and returns when all is written. A request
    /// whose head is not there yet was not taken; the rest of a body has [`Settings::stop_timeout`].
    pub fn stop(self) {
        drop(self);
    }

    /// Works until the process is asked to stop, by Ctrl-C or a termination signal; then stops. Asked again, it ends at
    /// once, whatever it is at. `ready` is called once signals are heard: before, they would end the process at once.
    ///
    /// Where there is https, a hangup signal makes it read the certificate anew, as
    /// [`reload_certificate`](Self::reload_certificate) does. A file that has reached the size that the process is limited
    /// to is as a disk that is full, and does not end the process.
    ///
    /// # Panics
    ///
    /// Inside an async runtime, where nothing may block.
    pub fn run_until_signal(mut self, ready: impl FnOnce(&Self)) {
        let (Some(runtime), Some(mut done)) = (self.runtime.take(), self.done.take()) else { return };
        let stopped = runtime.block_on(async {
            let mut signals = Signals::heard(self.certificate.is_some());
            ready(&self);
            signals.asked_to_stop(|| self.renew()).await;
            let _ = self.stop.send(true);
            tokio::select! {
                _ = &mut done => true,
                () = signals.asked_to_stop(|| {}) => false,
            }
        });
        if !stopped {
            tracing::warn!("ends at once");
            runtime.shutdown_background();
        }
    }

    fn renew(&self) {
        match self.reload_certificate() {
            Ok(()) => tracing::info!("the certificate was read anew"),
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}

/// All that can fail at the start.
struct Ready {
    listener: TcpListener,
    address: SocketAddr,
    secure: Option<Secure>,
    mail_workers: MailWorkers,
}

impl Ready {
    fn new(settings: &Settings) -> Result<Self, StartError> {
        let (listener, address) = bind(settings.address)?;
        let secure = settings.tls.as_ref().map(Secure::new).transpose()?;
        let mail_workers = MailWorkers::new(&settings.mail).map_err(StartError::Mail)?;
        Ok(Self { listener, address, secure, mail_workers })
    }
}

/// What https needs.
struct Secure {
    listener: TcpListener,
    address: SocketAddr,
    certificate: Certificate,
}

impl Secure {
    fn new(tls: &Tls) -> Result<Self, StartError> {
        let (listener, address) = bind(tls.address)?;
        let certificate = Certificate { files: tls.clone(), current: watch::Sender::new(acceptor(tls)?) };
        Ok(Self { listener, address, certificate })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        let Some(runtime) = self.runtime.take() else { return };
        // On a thread of its own, since this may be dropped inside a runtime, where nothing may block.
        let done = self.done.take();
        let ending = std::thread::spawn(move || {
            if let Some(done) = done {
                let _ = runtime.block_on(done);
            }
            drop(runtime);
        });
        let _ = ending.join();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Listens at an address; at a port of its choice, if the address has none.
fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Else the port is taken for a while after a stop. On Windows it would be shared with others.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(LINE)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound().map_err(|error| StartError::Listen(address, error))
}

/// How many connections wait in line until they are taken. What comes when it is full waits for its own system to try
/// again, which takes a second.
const LINE: u32 = 1024;

/// The signals that a process hears, instead of being ended by them.
#[cfg(unix)]
struct Signals {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
    hangup: Option<Signal>,
    /// Nobody waits for it: who hears it sees the write fail.
    _too_large: Option<Signal>,
}

/// `SIGXFSZ`, which nothing has a name for here.
#[cfg(unix)]
const FILE_TOO_LARGE: i32 = 25;

#[cfg(unix)]
impl Signals {
    fn heard(hangup: bool) -> Self {
        let heard = |kind| signal(kind).ok();
        Self {
            terminate: heard(SignalKind::terminate()),
            interrupt: heard(SignalKind::interrupt()),
            hangup: hangup.then(|| heard(SignalKind::hangup())).flatten(),
            _too_large: heard(SignalKind::from_raw(FILE_TOO_LARGE)),
        }
    }

    async fn asked_to_stop(&mut self, mut on_hangup: impl FnMut()) {
        loop {
            tokio::select! {
                () = next(&mut self.terminate) => return,
                () = next(&mut self.interrupt) => return,
                () = next(&mut self.hangup) => on_hangup(),
            }
        }
    }
}

/// Waits for a signal, for ever if it cannot be heard.
#[cfg(unix)]
async fn next(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn heard(_: bool) -> Self {
        Self
    }

    async fn asked_to_stop(&mut self, _: impl FnMut()) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
