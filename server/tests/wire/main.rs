//! The wire, byte for byte: requests as clients send them, and the answers that come back.
//!
//! - [`clients`]: each client that people used, and what it needs.
//! - [`requests`]: every carrier of a token, every format of a body, on operations of every style.
//! - [`answers`]: the exact bytes of answers.
//! - [`failures`]: what cannot be done, or not read.
//! - [`slow`]: clients that are slow, silent or half gone.
//! - [`limits`]: rates, measured from outside.
//! - [`secure`]: TLS, and accounts that require it.
//! - [`operation`]: stopping, health, the log.

// A test fails where something is not as it should be, its helpers too.
#![allow(clippy::expect_used, clippy::panic)]

mod answers;
mod clients;
mod failures;
mod limits;
mod operation;
mod requests;
mod secure;
mod slow;
mod support;
