//! Tests of the exact bytes of requests and responses.
//!
//! - [`clients`]: historical clients, and the parts of responses that they rely on.
//! - [`requests`]: each way to pass a token and each body format, on operations of each style.
//! - [`responses`]: the exact bytes of responses.
//! - [`feeds`]: calendar feeds and public pages.
//! - [`errors`]: requests that fail or cannot be decoded.
//! - [`malformed`]: request heads that HTTP forbids, as raw bytes.
//! - [`misplaced_values`]: requests with values that are missing or misplaced.
//! - [`times`]: times in the notations of old clients.
//! - [`slow_clients`]: clients that are slow, silent or half closed.
//! - [`rate_limits`]: the rate limits, as a client measures them.
//! - [`tls`]: HTTPS, and accounts that require it.
//! - [`lifecycle`]: start, health check, log, shutdown.

// Helpers panic to fail the test.
#![allow(clippy::expect_used, clippy::panic)]

mod clients;
mod errors;
mod feeds;
mod lifecycle;
mod malformed;
mod misplaced_values;
mod rate_limits;
mod requests;
mod responses;
mod slow_clients;
mod support;
mod times;
mod tls;
