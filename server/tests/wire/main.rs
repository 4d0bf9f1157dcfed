//! The wire, byte for byte: requests as clients send them, and the responses that they receive.
//!
//! - [`clients`]: each client that people used, and what it needs.
//! - [`requests`]: each way to pass a token, each body format, on operations of each style.
//! - [`responses`]: the exact bytes of responses.
//! - [`errors`]: requests that fail or cannot be decoded.
//! - [`slow_clients`]: clients that are slow, silent or half closed.
//! - [`rate_limits`]: the rate limits, measured from outside.
//! - [`tls`]: HTTPS, and accounts that require it.
//! - [`lifecycle`]: start, health check, log, shutdown.

// Helpers of tests fail the test where something is not as expected.
#![allow(clippy::expect_used, clippy::panic)]

mod clients;
mod errors;
mod lifecycle;
mod rate_limits;
mod requests;
mod responses;
mod slow_clients;
mod support;
mod tls;
