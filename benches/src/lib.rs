//! Helpers that the benchmarks share:
//!
//! - [`samples`]: reads the measurements that criterion stores.
//! - [`bare_client`]: the HTTP library's own client.
//! - [`bare_server`]: an HTTP server that sends the same response to every request.

pub mod bare_client;
pub mod bare_server;
pub mod samples;
