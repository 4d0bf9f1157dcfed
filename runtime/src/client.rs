//! Drives an exchange over a transport, with and without waiting.

use std::fmt;
use std::sync::Arc;

use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exchange::{Event, Exchange, Step};
use crate::transport::{BlockingTransport, Transport};

/// Calls endpoints without blocking. Clones share the transport.
#[derive(Clone)]
pub struct AsyncClient {
    caller: Arc<Caller>,
    transport: Arc<dyn Transport>,
}

impl AsyncClient {
    /// A client for a caller, over a transport.
    pub fn new(caller: Caller, transport: impl Transport + 'static) -> Self {
        Self { caller: Arc::new(caller), transport: Arc::new(transport) }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Calls an endpoint.
    ///
    /// # Errors
    ///
    /// [`Error`], which says what was asked, what came back and where it broke.
    pub async fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        let mut exchange = Exchange::new(&self.caller, endpoint);
        let mut event = Event::Begin;
        loop {
            match exchange.next(event) {
                Step::Send(request) => event = Event::Sent(self.transport.send(request).await),
                Step::Done(result) => return result,
            }
        }
    }
}

impl fmt::Debug for AsyncClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncClient").field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// Calls endpoints and blocks until the answer is there. Clones share the transport.
#[derive(Clone)]
pub struct BlockingClient {
    caller: Arc<Caller>,
    transport: Arc<dyn BlockingTransport>,
}

impl BlockingClient {
    /// A client for a caller, over a transport.
    pub fn new(caller: Caller, transport: impl BlockingTransport + 'static) -> Self {
        Self { caller: Arc::new(caller), transport: Arc::new(transport) }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Calls an endpoint.
    ///
    /// # Errors
    ///
    /// [`Error`], which says what was asked, what came back and where it broke.
    pub fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        let mut exchange = Exchange::new(&self.caller, endpoint);
        let mut event = Event::Begin;
        loop {
            match exchange.next(event) {
                Step::Send(request) => event = Event::Sent(self.transport.send(request)),
                Step::Done(result) => return result,
            }
        }
    }
}

impl fmt::Debug for BlockingClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingClient").field("caller", &self.caller).finish_non_exhaustive()
    }
}
