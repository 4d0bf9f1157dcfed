//! The HTTP library's own client, with the settings of ours: the upper bound for a client on the same library.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Client that collects the bytes of a response, and does not read them. Clones share their connections.
#[derive(Clone, Debug)]
pub struct BareClient(Client<HttpConnector, Full<Bytes>>);

impl BareClient {
    /// Creates a client without connections.
    #[expect(clippy::new_without_default, reason = "nothing needs a default client")]
    pub fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(15))
            .build(tcp);
        Self(client)
    }

    /// Sends a request and returns the body of the response.
    ///
    /// # Panics
    ///
    /// If the exchange fails.
    pub async fn send(&self, request: &Request<Bytes>) -> Bytes {
        let response = self.0.request(request.clone().map(Full::new)).await.expect("the server should respond");
        response.into_body().collect().await.expect("the response should be complete").to_bytes()
    }
}
