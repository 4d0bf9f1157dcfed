//! A crate around the bindings of an example service, with as little handwritten code as possible: two clients that
//! wrap the generic clients of the runtime.
#![deny(missing_docs, warnings)]

#[rustfmt::skip]
mod api;

use crate::runtime::ClientConfig;
use crate::runtime::client::AsyncClient;
use crate::runtime::pagination::{AsyncItems, Paginated};
use crate::runtime::transport::Transport;

pub use api::*;
pub use xmlwire as runtime;
pub use xmlwire::{Endpoint, Error};

/// The async client.
#[derive(Debug, Clone)]
pub struct Client(AsyncClient);

impl Client {
    /// Creates a client over a transport.
    pub fn new(config: ClientConfig, transport: impl Transport + 'static) -> Self {
        Self(AsyncClient::new(config, transport))
    }

    /// Calls an operation.
    ///
    /// # Errors
    ///
    /// [`Error`] if the call fails.
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.0.call(request).await
    }

    /// Lists all items of a paginated operation.
    pub fn paginate<E: Paginated>(&self, first: E) -> AsyncItems<E> {
        self.0.paginate(first)
    }
}

/// The blocking client.
pub mod blocking {
    use crate::runtime::ClientConfig;
    use crate::runtime::client::BlockingClient;
    use crate::runtime::pagination::{BlockingItems, Paginated};
    use crate::runtime::transport::BlockingTransport;
    use crate::{Endpoint, Error};

    /// The blocking client.
    #[derive(Debug, Clone)]
    pub struct Client(BlockingClient);

    impl Client {
        /// Creates a client over a transport.
        pub fn new(config: ClientConfig, transport: impl BlockingTransport + 'static) -> Self {
            Self(BlockingClient::new(config, transport))
        }

        /// Calls an operation.
        ///
        /// # Errors
        ///
        /// [`Error`] if the call fails.
        pub fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
            self.0.call(request)
        }

        /// Lists all items of a paginated operation.
        pub fn paginate<E: Paginated>(&self, first: E) -> BlockingItems<E> {
            self.0.paginate(first)
        }
    }
}
