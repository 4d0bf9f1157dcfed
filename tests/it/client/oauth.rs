//! OAuth: grants that calls share. A grant is refreshed when it expires or the service rejects it, once for all calls.
//!
//! The issuer and the service are one transport in memory, which can delay a refresh for as long as a test
//! needs. No test waits for real time.
//!
//! - [`test_servers`]: the issuer and the service, grants and clients.
//! - [`concurrent_calls`]: async calls that a test polls itself.
//! - [`authorize`]: the URLs and requests of the flow, and the carrier of the token.
//! - [`accounts`]: the user and the accounts of a grant.
//! - [`exchange`]: exchanging a code and refreshing a grant over HTTP.
//! - [`refresh`]: concurrent calls share one refresh.
//! - [`refresh_errors`]: refreshes that fail.
//! - [`expiry`]: expiry of tokens, and calls without time for a refresh.
//! - [`on_refresh`]: calls during a refresh, such as those of the hook that a program sets.

mod accounts;
mod authorize;
mod concurrent_calls;
mod exchange;
mod expiry;
mod on_refresh;
mod refresh;
mod refresh_errors;
mod test_servers;
