//! The fault server of `test-support`, addressed by a URL with a secret in it.

use std::net::SocketAddr;
use std::ops::Deref;

use test_support::FaultServer;
pub(super) use test_support::{Action, ReceivedRequest};

use super::SECRET;

/// A server on a port of its own. Each request takes the next action of the script, on any connection.
pub(super) struct RawServer {
    pub(super) address: SocketAddr,
    server: FaultServer,
}

impl RawServer {
    /// Starts a server with a script.
    pub(super) fn new(script: impl IntoIterator<Item = Action>) -> Self {
        let server = FaultServer::start(script);
        Self { address: server.address(), server }
    }

    /// Starts a server that sends one response.
    pub(super) fn responding(response: &str) -> Self {
        Self::new([Action::Respond(response.into())])
    }

    /// Reserves an address at which connections are refused.
    pub(super) fn refusing() -> Self {
        let server = FaultServer::bind([]);
        Self { address: server.address(), server }
    }

    /// Returns a URL of the server with the secret in its path and its query.
    pub(super) fn uri(&self) -> String {
        format!("http://{}/{SECRET}/notes.xml?token={SECRET}", self.address)
    }

    /// Returns the URL of [`uri`](Self::uri) for https.
    pub(super) fn https_uri(&self) -> String {
        format!("https://{}/{SECRET}/notes.xml?token={SECRET}", self.address)
    }

    /// Returns the request that was received; panics unless there was exactly one.
    pub(super) fn only_request(&self) -> ReceivedRequest {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }
}

impl Deref for RawServer {
    type Target = FaultServer;

    fn deref(&self) -> &FaultServer {
        &self.server
    }
}
