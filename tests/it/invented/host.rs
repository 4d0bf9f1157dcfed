//! A crate around the bindings of an invented service: what has to be written by hand, and no more.
#![deny(missing_docs, warnings)]

#[rustfmt::skip]
mod api;

use crate::runtime::Caller;
use crate::runtime::client::AsyncClient;
use crate::runtime::pages::{AsyncEntries, Paged};
use crate::runtime::transport::Transport;

pub use api::*;
pub use xmlwire as runtime;
pub use xmlwire::{Endpoint, Error};

/// A client that does not block.
#[derive(Debug, Clone)]
pub struct Client(AsyncClient);

impl Client {
    /// A client over a transport.
    pub fn new(caller: Caller, transport: impl Transport + 'static) -> Self {
        Self(AsyncClient::new(caller, transport))
    }

    /// Calls an operation.
    ///
    /// # Errors
    ///
    /// [`Error`], which says what was asked, what came back and where it broke.
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.0.call(request).await
    }

    /// All that an operation answers a page at a time.
    pub fn call_for_all<E: Paged>(&self, first: E) -> AsyncEntries<E> {
        self.0.call_for_all(first)
    }
}

/// A client that blocks.
pub mod blocking {
    use crate::runtime::Caller;
    use crate::runtime::client::BlockingClient;
    use crate::runtime::pages::{BlockingEntries, Paged};
    use crate::runtime::transport::BlockingTransport;
    use crate::{Endpoint, Error};

    /// A client that blocks until the answer is there.
    #[derive(Debug, Clone)]
    pub struct Client(BlockingClient);

    impl Client {
        /// A client over a transport.
        pub fn new(caller: Caller, transport: impl BlockingTransport + 'static) -> Self {
            Self(BlockingClient::new(caller, transport))
        }

        /// Calls an operation.
        ///
        /// # Errors
        ///
        /// [`Error`], which says what was asked, what came back and where it broke.
        pub fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
            self.0.call(request)
        }

        /// All that an operation answers a page at a time.
        pub fn call_for_all<E: Paged>(&self, first: E) -> BlockingEntries<E> {
            self.0.call_for_all(first)
        }
    }
}
