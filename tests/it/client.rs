//! The async and the blocking client.
//!
//! - [`config`]: which accounts, addresses, tokens and user agents they accept.
//! - [`loopback`]: every operation over a real connection.
//! - [`call_cases`]: retries, redirects, deadlines and rate limits, as transcripts in XML.
//! - [`transport_faults`]: every operation under every fault of a connection.
//! - [`errors`]: what errors report.
//! - [`pagination`]: listings that come in pages.
//! - [`oauth`]: grants that are refreshed.
//! - [`secrets`] and [`trace_events`]: what is logged, and that it contains no secret.

mod call_cases;
mod config;
mod errors;
mod loopback;
mod oauth;
mod pagination;
mod secrets;
mod trace_events;
mod transport_faults;
