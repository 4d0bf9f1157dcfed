//! The state machine of a call: decides when to send, wait, retry or give up.
//!
//! An exchange is deterministic: it does no I/O, reads no clock and derives its random backoff times from a seed. It
//! receives events and the time, and returns the next action. Therefore the async and the blocking client behave alike,
//! and tests need no network and no waiting.
//!
//! In reading order:
//!
//! - [`options`]: settings of calls.
//! - [`retry_budget`]: limits the number of retries while a service is down.
//! - [`rate_limiter`]: keeps calls within the service's rate limits.
//! - `jitter`: random backoff times from a seed.
//! - `shared`: state that all calls of a client share.
//! - `decision`: decides what to do after an attempt; its documentation has the table of retries.
//! - [`full_response`]: result of a successful call, with the raw response and all attempts.
//! - `state_machine`: the state machine of one call.
//! - `token_refresh`: refreshes a token during a call.
//! - `trace`: spans and events for `tracing`.
//!
//! **Invariant:** an operation that is [`RetryClass::NotIdempotent`](crate::service::RetryClass::NotIdempotent) is sent
//! again only if the service certainly did not apply the previous attempt.
//! **Invariant:** requests go to the configured host only, and token refreshes to the issuer.
//! **Invariant:** no error of a call contains the client's token, even if the response repeats it.

mod decision;
pub mod full_response;
mod jitter;
pub mod options;
pub mod rate_limiter;
pub mod retry_budget;
mod shared;
mod state_machine;
mod token_refresh;
mod trace;

#[cfg(test)]
mod tests;

pub use full_response::FullResponse;
pub use options::Options;
pub use shared::Shared;
pub use state_machine::{Action, Event, Exchange};
