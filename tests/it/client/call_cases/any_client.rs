//! The async or the blocking client.

use std::time::Duration;

use backpack_api::runtime::Endpoint;
use backpack_api::runtime::exchange::{Options, Reply};
use backpack_api::{Caller, Client, Error, blocking};

use super::transport::ScriptedTransport;
use crate::support::tokio_runtime;

#[derive(Clone)]
pub(super) enum AnyClient {
    Async(Client),
    Blocking(blocking::Client),
}

impl AnyClient {
    pub(super) fn new(blocking: bool, config: Caller, transport: ScriptedTransport) -> Self {
        if blocking {
            Self::Blocking(blocking::Client::with_transport(config, transport))
        } else {
            Self::Async(Client::with_transport(config, transport))
        }
    }

    pub(super) fn with_options(&self, change: impl FnOnce(&mut Options)) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.with(change)),
            Self::Blocking(client) => Self::Blocking(client.with(change)),
        }
    }

    pub(super) fn with_deadline(&self, deadline: Duration) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.within(deadline)),
            Self::Blocking(client) => Self::Blocking(client.within(deadline)),
        }
    }

    pub(super) fn without_retries(&self) -> Self {
        match self {
            Self::Async(client) => Self::Async(client.once()),
            Self::Blocking(client) => Self::Blocking(client.once()),
        }
    }

    pub(super) fn call<E: Endpoint>(&self, endpoint: &E) -> Result<Reply<E::Response>, Error> {
        match self {
            Self::Async(client) => tokio_runtime().block_on(client.call_for_reply(endpoint)),
            Self::Blocking(client) => client.call_for_reply(endpoint),
        }
    }
}
