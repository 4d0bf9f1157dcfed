//! Sends the requests of a backup, and shows how long the service lets it wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use backpack_api::blocking::Client;
use backpack_api::runtime::bytes::Bytes;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{BlockingTransport, HyperTransport, TransportConfig, TransportError};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{ClientConfig, Error as CallError};
use backpack_archive::request::Request;
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::CommandError;

/// Longest wait that the service may ask for. A backup can wait, so this is more than a program would.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// Maximum size of a response: the export of a large account is one response.
const MAX_RESPONSE: u64 = 1 << 30;

/// Wait from which on it is shown.
const SHOWN_WAIT: Duration = Duration::from_secs(1);

/// Client that records what it sends. It calls read-only operations only.
pub(crate) struct Recorder {
    client: Client,
    record: Arc<Record>,
}

/// Requests and waits so far, and the line that shows them on a terminal.
pub(crate) struct Record {
    requests: AtomicU64,
    waited_ms: AtomicU64,
    progress: ProgressBar,
}

/// Transport that notes requests and waits.
struct NotingTransport<T> {
    inner: T,
    record: Arc<Record>,
}

impl Recorder {
    /// Creates the client over HTTP.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up.
    pub(crate) fn connect(config: ClientConfig) -> Result<Self, CommandError> {
        let mut limits = TransportConfig::default();
        limits.max_response_size = MAX_RESPONSE;
        // An export takes as long as it takes; a service that sends nothing is still noticed.
        limits.timeout = MAX_WAIT;
        Ok(Self::new(config, HyperTransport::new(&limits)?))
    }

    /// Creates the client over a transport.
    pub(crate) fn new(config: ClientConfig, transport: impl BlockingTransport + 'static) -> Self {
        // Without a terminal, the line is not shown.
        let progress = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            progress.set_style(style);
        }
        let record = Arc::new(Record { requests: AtomicU64::new(0), waited_ms: AtomicU64::new(0), progress });
        let transport = NotingTransport { inner: transport, record: Arc::clone(&record) };
        let client = Client::with_transport(config, transport).with_options(|options| {
            options.max_wait = MAX_WAIT;
            options.deadline = MAX_WAIT.saturating_mul(2);
        });
        Self { client, record }
    }

    /// Sends a request. Returns the body of the response, as it was received.
    pub(crate) fn fetch(&self, request: Request) -> Result<Bytes, CallError> {
        self.record.progress.set_message(request.path());
        self.record.progress.tick();
        request.visit(Fetch(&self.client))
    }

    /// Requests and waits so far.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }
}

impl Record {
    /// Number of requests that were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Time that the calls waited for the service.
    pub(crate) fn waited(&self) -> Duration {
        Duration::from_millis(self.waited_ms.load(Ordering::Relaxed))
    }

    /// Removes the line from the terminal.
    pub(crate) fn clear(&self) {
        self.progress.finish_and_clear();
    }
}

/// Calls an endpoint, and returns the body.
struct Fetch<'a>(&'a Client);

impl Visitor for Fetch<'_> {
    type Output = Result<Bytes, CallError>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        Ok(self.0.call_with_response(&endpoint)?.response.into_body())
    }
}

impl<T: BlockingTransport> BlockingTransport for NotingTransport<T> {
    fn send(&self, request: http::Request<Bytes>, timeout: Duration) -> Result<http::Response<Bytes>, TransportError> {
        self.record.requests.fetch_add(1, Ordering::Relaxed);
        self.inner.send(request, timeout)
    }

    fn wait(&self, duration: Duration) {
        if duration >= SHOWN_WAIT {
            let message = format!("waiting {} s, as the service demands", duration.as_secs());
            self.record.progress.set_message(message);
            self.record.progress.tick();
        }
        self.inner.wait(duration);
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.record.waited_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn wall_time(&self) -> Timestamp {
        self.inner.wall_time()
    }
}

/// Describes an error without the number of attempts: an account that fails in the same way has the same manifest.
pub(crate) fn describe(error: &CallError) -> String {
    match error.kind() {
        ErrorKind::Service(error) => error.to_string(),
        ErrorKind::InvalidResponse(error) => error.to_string(),
        ErrorKind::Transport(error) => error.to_string(),
        _ => error.to_string(),
    }
}
