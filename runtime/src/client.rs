//! Drives an exchange over a transport, with and without blocking.

use std::fmt;
use std::future::poll_fn;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exchange::{Event, Exchange, Options, Reply, Shared, Step};
use crate::pages::{AsyncEntries, BlockingEntries, Paged};
use crate::renewal::{Joined, Joining};
use crate::transport::{BlockingTransport, Transport};

/// What both clients have.
macro_rules! client {
    ($client:ident, $transport:ident) => {
        impl $client {
            /// A client for a caller, over a transport.
            pub fn new(caller: Caller, transport: impl $transport + 'static) -> Self {
                Self {
                    shared: Arc::new(Shared::new(caller)),
                    options: Arc::new(Options::default()),
                    transport: Arc::new(transport),
                }
            }

            /// The same client with other options; what clones share is shared with it too.
            #[must_use]
            pub fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
                let mut options = Options::clone(&self.options);
                change(&mut options);
                Self { options: Arc::new(options), ..self.clone() }
            }

            /// How calls are made.
            pub fn options(&self) -> &Options {
                &self.options
            }

            /// Who calls, and where.
            pub fn caller(&self) -> Arc<Caller> {
                self.shared.caller()
            }
        }

        impl fmt::Debug for $client {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = f.debug_struct(stringify!($client));
                text.field("caller", &self.caller()).field("options", &self.options).finish_non_exhaustive()
            }
        }
    };
}

/// Calls endpoints without blocking. Clones share the transport, the rates and the budget for retries.
#[derive(Clone)]
pub struct AsyncClient {
    shared: Arc<Shared>,
    options: Arc<Options>,
    transport: Arc<dyn Transport>,
}

client!(AsyncClient, Transport);

impl AsyncClient {
    /// Calls an endpoint.
    ///
    /// # Errors
    ///
    /// [`Error`], which says what was asked, what came back and where it broke.
    pub async fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        Ok(self.call_for_reply(endpoint).await?.value)
    }

    /// As [`call`](Self::call), with all that came along: the answer as it was, and every attempt.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_for_reply<E: Endpoint>(&self, endpoint: &E) -> Result<Reply<E::Response>, Error> {
        let mut exchange = Exchange::new(&self.shared, &self.options, endpoint, seed());
        let mut event = Event::Begin(self.transport.date());
        loop {
            event = match exchange.next(event, self.transport.now()) {
                Step::Send(request, within) => Event::Sent(self.transport.send(request, within).await),
                Step::Wait(time) => {
                    self.transport.wait(time).await;
                    Event::Waited
                }
                Step::Join(joining, most) => Event::Joined(self.join(joining, most).await),
                Step::Done(result) => return result,
            };
        }
    }

    /// All entries of a listing that comes in pages: [what that means](crate::pages).
    pub fn call_for_all<E: Paged>(&self, first: E) -> AsyncEntries<E> {
        AsyncEntries::new(self.clone(), first)
    }
}

impl AsyncClient {
    /// Waits for a good token or the turn to renew it, no longer than `most`.
    async fn join(&self, mut joining: Joining, most: Duration) -> Option<Joined> {
        let mut end = None;
        poll_fn(|cx| match joining.poll(cx) {
            Poll::Ready(joined) => Poll::Ready(Some(joined)),
            Poll::Pending => end.get_or_insert_with(|| self.transport.timeout(most)).as_mut().poll(cx).map(|()| None),
        })
        .await
    }
}

/// Calls endpoints and blocks until the answer is there. Clones share the transport, the rates and the budget for
/// retries.
#[derive(Clone)]
pub struct BlockingClient {
    shared: Arc<Shared>,
    options: Arc<Options>,
    transport: Arc<dyn BlockingTransport>,
}

client!(BlockingClient, BlockingTransport);

impl BlockingClient {
    /// Calls an endpoint.
    ///
    /// # Errors
    ///
    /// [`Error`], which says what was asked, what came back and where it broke.
    pub fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        Ok(self.call_for_reply(endpoint)?.value)
    }

    /// As [`call`](Self::call), with all that came along: the answer as it was, and every attempt.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_for_reply<E: Endpoint>(&self, endpoint: &E) -> Result<Reply<E::Response>, Error> {
        let mut exchange = Exchange::new(&self.shared, &self.options, endpoint, seed());
        let mut event = Event::Begin(self.transport.date());
        loop {
            event = match exchange.next(event, self.transport.now()) {
                Step::Send(request, within) => Event::Sent(self.transport.send(request, within)),
                Step::Wait(time) => {
                    self.transport.wait(time);
                    Event::Waited
                }
                Step::Join(joining, most) => Event::Joined(joining.wait(most)),
                Step::Done(result) => return result,
            };
        }
    }

    /// All entries of a listing that comes in pages: [what that means](crate::pages).
    pub fn call_for_all<E: Paged>(&self, first: E) -> BlockingEntries<E> {
        BlockingEntries::new(self.clone(), first)
    }
}

/// Another number for every call, so that clients which failed together do not come back together.
fn seed() -> u64 {
    RandomState::new().hash_one(())
}
