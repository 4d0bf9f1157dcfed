//! HTTP: connections, and each request from its bytes to its response.
//!
//! - [`connection`]: accepts connections, serves HTTP/1.1 on them, drops slow clients.
//! - [`connection_limit`]: replaces the longest-waiting connection when there are too many.
//! - [`write_timeout`], [`chunked_body`]: close connections whose clients do not receive responses in time.
//! - [`tls`]: the TLS acceptor with the configured certificate.
//! - [`service`]: handles a request, from its head to its response.
//! - [`feed_queue`]: renders feeds one at a time, in turns for the clients.
//! - [`access_log`]: one event for each request.
//! - [`normalize`]: converts the request heads of old clients to the documented form.
//! - [`head_check`]: rejects request heads on which two servers could disagree.
//! - [`body`], [`formats`]: receive a request body, and read XML, YAML, JSON and forms.
//! - [`received_request`]: finds the operation of a request and reads its values.
//! - [`client_info`]: address and scheme of the client, also behind a proxy.
//! - [`scheme_policy`]: serves an account over HTTP or HTTPS, and redirects from the other.
//! - [`rate_limiter`]: the rate limits of the API.
//! - [`home_page`]: the page at `/`.
//! - [`conditional`]: omits a body that the client already has.
//! - [`error_format`], [`response`]: error responses, and the headers of all responses.

mod access_log;
mod body;
mod chunked_body;
mod client_info;
mod conditional;
mod connection;
mod connection_limit;
mod error_format;
mod feed_queue;
mod formats;
mod head_check;
mod home_page;
mod normalize;
mod rate_limiter;
mod received_request;
mod response;
mod scheme_policy;
mod service;
#[cfg(test)]
mod tests;
mod tls;
mod write_timeout;

pub(crate) use connection::serve;
pub(crate) use service::Service;
pub use tls::TlsError;
pub(crate) use tls::load_acceptor;
