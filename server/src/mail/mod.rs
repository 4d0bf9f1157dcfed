//! Mail: what goes out, and what comes to the address of a page.
//!
//! - `due`: reminders and events become mail when their time comes.
//! - `outgoing`: the postman, who takes the mail away.
//! - `incoming`: mail for a page.

pub(crate) mod config;
mod due;
mod incoming;
mod outgoing;

use backpack_api::AccountId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use crate::ApiError;
pub use config::{MailConfig, MailConfigError};
pub use incoming::{LARGEST, receive};
pub(crate) use outgoing::MailWorkers;

/// Mail that is to go out, with the change that causes it or not at all.
pub(crate) fn post(
    db: &Connection,
    account: AccountId,
    recipient: &str,
    subject: &str,
    body: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    const POST: &str = "INSERT INTO outbox (account_id, recipient, subject, body, created_at, next_attempt_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    db.prepare_cached(POST)?.execute((account.0, recipient, subject, body, now.as_second()))?;
    Ok(())
}

#[cfg(test)]
mod tests;
