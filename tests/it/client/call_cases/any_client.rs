//! The async or the blocking client, so that a case is played in the same way with both.

use std::time::Duration;

use backpack_api::runtime::Endpoint;
use backpack_api::runtime::exchange::{FullResponse, Options};
use backpack_api::{Client, ClientConfig, Error, blocking};

use super::transport::ScriptedTransport;
use crate::support::tokio_runtime;

/// One of the two clients. Unless it says otherwise, a method calls the client's method of the same name.
#[derive(Clone)]
pub(super) enum AnyClient {
    Async(Client),
    Blocking(blocking::Client),
}

impl AnyClient {
    /// Creates the blocking client if `is_blocking`, otherwise the async one.
    pub(super) fn new(is_blocking: bool, config: ClientConfig, transport: ScriptedTransport) -> Self {
        if is_blocking {
            Self::Blocking(blocking::Client::with_transport(config, transport))
        } else {
            Self::Async(Client::with_transport(config, transport))
        }
    }

    pub(super) fn with_options(&self, change: impl FnOnce(&mut Options)) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.with_options(change)),
            Self::Blocking(client) => Self::Blocking(client.with_options(change)),
        }
    }

    pub(super) fn with_deadline(&self, deadline: Duration) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.with_deadline(deadline)),
            Self::Blocking(client) => Self::Blocking(client.with_deadline(deadline)),
        }
    }

    pub(super) fn without_retries(&self) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.without_retries()),
            Self::Blocking(client) => Self::Blocking(client.without_retries()),
        }
    }

    /// Calls an operation with `call_with_response`, and blocks until the call has finished.
    pub(super) fn call<E: Endpoint>(&self, endpoint: &E) -> Result<FullResponse<E::Response>, Error> {
        match self {
            Self::Async(client) => tokio_runtime().block_on(client.call_with_response(endpoint)),
            Self::Blocking(client) => client.call_with_response(endpoint),
        }
    }
}
