//! Tests of the import: an account is read by the API, imported into a file, and read by the API again.
//!
//! - [`round_trip`]: an import into an empty file gives the same responses.
//! - [`renumbering`]: an import into a file with other accounts.
//! - [`repetition`]: an import after an earlier one of the same account.
//! - [`values`]: values that the API does not give, or that the file cannot take as they are.
//! - [`random_account`]: fills a file with a random account.
//! - [`service`]: serves a file, and reads an account by the API.

// Helpers panic to fail the test.
#![allow(clippy::expect_used, clippy::panic)]

mod random_account;
mod renumbering;
mod repetition;
mod round_trip;
mod service;
mod values;
