//! Clients, which drive an exchange over a transport, async or blocking.

use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::config::ClientConfig;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exchange::{Action, Event, Exchange, FullResponse, Options, Shared};
use crate::refresh::{RefreshOutcome, RefreshWait};
use crate::transport::{BlockingTransport, Transport};

/// Client that calls endpoints over a transport. Clones share the transport, the configuration, the rate limiter and
/// the retry budget, but not the options.
///
/// `T` is the kind of transport: see [`AsyncClient`] and [`BlockingClient`].
pub struct Client<T: ?Sized> {
    shared: Arc<Shared>,
    options: Arc<Options>,
    transport: Arc<T>,
}

/// Client that does not block the thread.
pub type AsyncClient = Client<dyn Transport>;

/// Client that blocks the thread until a call ends.
pub type BlockingClient = Client<dyn BlockingTransport>;

/// Conversion of a transport into the kind that a [`Client`] uses.
///
/// Every [`Transport`] converts for [`AsyncClient`], and every [`BlockingTransport`] for [`BlockingClient`].
pub trait IntoTransport<T: ?Sized> {
    /// Converts the transport.
    fn into_transport(self) -> Arc<T>;
}

impl<T: Transport + 'static> IntoTransport<dyn Transport> for T {
    fn into_transport(self) -> Arc<dyn Transport> {
        Arc::new(self)
    }
}

impl<T: BlockingTransport + 'static> IntoTransport<dyn BlockingTransport> for T {
    fn into_transport(self) -> Arc<dyn BlockingTransport> {
        Arc::new(self)
    }
}

impl<T: ?Sized> Client<T> {
    /// Creates a client with a configuration and a transport.
    pub fn new(config: ClientConfig, transport: impl IntoTransport<T>) -> Self {
        Self {
            shared: Arc::new(Shared::new(config)),
            options: Arc::new(Options::default()),
            transport: transport.into_transport(),
        }
    }

    /// Returns a clone of the client whose options `change` has modified. This client keeps its options.
    #[must_use]
    pub fn with_options(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::clone(&self.options);
        change(&mut options);
        Self { options: Arc::new(options), ..self.clone() }
    }

    /// Returns a clone of the client with a time limit for each call, which covers all attempts and waits.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with_options(|options| options.deadline = deadline)
    }

    /// Returns a clone of the client without retries: see [`Options::max_attempts`].
    #[must_use]
    pub fn without_retries(&self) -> Self {
        self.with_options(|options| options.max_attempts = 1)
    }

    /// Returns the options of this client's calls.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Returns the current configuration. Its base URL changes when a call follows a redirect from http to https or
    /// back.
    pub fn config(&self) -> Arc<ClientConfig> {
        self.shared.config()
    }
}

impl<T: ?Sized> Clone for Client<T> {
    fn clone(&self) -> Self {
        let Self { shared, options, transport } = self;
        Self { shared: Arc::clone(shared), options: Arc::clone(options), transport: Arc::clone(transport) }
    }
}

impl<T: ?Sized> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Client");
        debug.field("config", &self.config()).field("options", &self.options).finish_non_exhaustive()
    }
}

impl AsyncClient {
    /// Calls an endpoint, and returns the value of its response.
    ///
    /// # Errors
    ///
    /// [`Error`] if the request cannot be written or sent, the service reports an error, the response cannot be read,
    /// or the access token cannot be refreshed.
    pub async fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        Ok(self.call_with_response(endpoint).await?.value)
    }

    /// Calls an endpoint, and returns the raw response and all attempts with the value.
    ///
    /// # Errors
    ///
    /// [`Error`], as for [`call`](Self::call).
    pub async fn call_with_response<E: Endpoint>(&self, endpoint: &E) -> Result<FullResponse<E::Response>, Error> {
        let mut exchange = Exchange::new(&self.shared, &self.options, endpoint, generate_seed());
        let mut event = Event::Begin(self.transport.wall_time());
        loop {
            event = match exchange.next(event, self.transport.now()) {
                Action::Send(request, timeout) => Event::Sent(self.transport.send(request, timeout).await),
                Action::Wait(time) => {
                    self.transport.wait(time).await;
                    Event::Waited
                }
                Action::WaitForRefresh(wait, timeout) => {
                    Event::RefreshWaited(self.wait_for_refresh(wait, timeout).await)
                }
                Action::Done(result) => return result,
            };
        }
    }

    /// Waits for a valid token, the guard to refresh it, or the error of a refresh; `None` after `timeout`.
    async fn wait_for_refresh(&self, mut wait: RefreshWait, timeout: Duration) -> Option<RefreshOutcome> {
        // The timer is created only when a poll has to wait, because the first poll may already have an outcome.
        let mut timer = None;
        poll_fn(|cx| match wait.poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => {
                timer.get_or_insert_with(|| self.transport.timeout(timeout)).as_mut().poll(cx).map(|()| None)
            }
        })
        .await
    }
}

impl BlockingClient {
    /// Calls an endpoint, and returns the value of its response.
    ///
    /// # Errors
    ///
    /// [`Error`] if the request cannot be written or sent, the service reports an error, the response cannot be read,
    /// or the access token cannot be refreshed.
    pub fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        Ok(self.call_with_response(endpoint)?.value)
    }

    /// Calls an endpoint, and returns the raw response and all attempts with the value.
    ///
    /// # Errors
    ///
    /// [`Error`], as for [`call`](Self::call).
    pub fn call_with_response<E: Endpoint>(&self, endpoint: &E) -> Result<FullResponse<E::Response>, Error> {
        let mut exchange = Exchange::new(&self.shared, &self.options, endpoint, generate_seed());
        let mut event = Event::Begin(self.transport.wall_time());
        loop {
            event = match exchange.next(event, self.transport.now()) {
                Action::Send(request, timeout) => Event::Sent(self.transport.send(request, timeout)),
                Action::Wait(time) => {
                    self.transport.wait(time);
                    Event::Waited
                }
                Action::WaitForRefresh(wait, timeout) => Event::RefreshWaited(wait.wait(timeout)),
                Action::Done(result) => return result,
            };
        }
    }
}

/// Returns a random seed for the backoff of a call, so that calls that failed together do not retry together.
fn generate_seed() -> u64 {
    RandomState::new().hash_one(())
}
