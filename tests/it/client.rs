//! The async and the blocking client.
//!
//! - [`config`]: accounts, base URLs, tokens and user agents that they accept.
//! - [`loopback`]: every operation over a real connection.
//! - [`call_cases`]: retries, redirects, deadlines and rate limits, as transcripts in XML.
//! - [`transport_faults`]: every operation under every fault of a connection.
//! - [`errors`]: information that errors contain.
//! - [`pagination`]: paginated listings.
//! - [`oauth`]: OAuth grants, which calls share and refresh.
//! - [`secrets`] and [`trace_events`]: logs and traces, which contain no secret.

mod call_cases;
mod config;
mod errors;
mod loopback;
mod oauth;
mod pagination;
mod secrets;
mod trace_events;
mod transport_faults;
