//! The table `outbox`: messages that wait for delivery.
//!
//! **Invariant:** a message is sent only by the task that [claimed](claim) it, and a claim is on disk before the
//! message is sent. So two servers with the same file send it once, unless the delivery lasts until the next attempt is
//! due, and a full disk does not make a server send it repeatedly. If the server stops between sending a message and
//! deleting its row, the message is sent again with the same `Message-ID`, by which mail clients recognize the
//! duplicate.
//!
//! Failed messages are retried with increasing delays. They are deleted after five days, or immediately if the mail
//! server rejects the recipient. Messages that were never tried come first, so that failing ones do not hold them up.

use std::error::Error;
use std::fmt;

use backpack_api::AccountId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::{Connection, Row};

use crate::ApiError;
use crate::store::rows::query_all;

/// Maximum number of messages that [`find_ready`] returns.
pub(super) const BATCH_SIZE: usize = 32;

/// Age in seconds after which an undelivered message is deleted: five days, as mail servers do.
const MAX_AGE: i64 = 5 * 24 * 60 * 60;

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutboundMessage {
    pub(super) id: u64,
    pub(super) recipient: String,
    pub(super) subject: String,
    pub(super) body: String,
    /// Unix time.
    pub(super) created_at: i64,
    /// Number of attempts before the one that it is claimed for.
    pub(super) attempts: u32,
}

/// Result of one attempt to deliver a message.
#[derive(Debug)]
pub(super) enum DeliveryOutcome {
    Sent,
    /// Neither a mail server nor a folder is configured. Logged once at the start, not for each message.
    NotConfigured,
    /// The attempt failed; a later one may succeed.
    TransientFailure(DeliveryError),
    /// No attempt can succeed.
    PermanentFailure(DeliveryError),
}

/// Reason why an attempt failed: an error of SMTP, of the file system or in an address.
pub(super) type DeliveryError = Box<dyn Error + Send + Sync>;

impl fmt::Display for DeliveryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent => f.write_str("sent"),
            Self::NotConfigured => f.write_str("neither a mail server nor a folder is configured"),
            Self::TransientFailure(error) | Self::PermanentFailure(error) => write!(f, "{error}"),
        }
    }
}

/// Adds a message to the outbox, in the transaction of the change that causes it. A message to the domain `.invalid`,
/// which never exists, is dropped: imported users have such addresses until the operator sets their own.
pub(crate) fn enqueue(
    db: &Connection,
    account: AccountId,
    recipient: &str,
    subject: &str,
    body: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    const INSERT: &str = "INSERT INTO outbox (account_id, recipient, subject, body, created_at, next_attempt_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    if recipient.ends_with(".invalid") {
        return Ok(());
    }
    db.prepare_cached(INSERT)?.execute((account.0, recipient, subject, body, now.as_second()))?;
    Ok(())
}

/// Finds the messages whose next attempt is due. Messages that were never tried come first.
pub(super) fn find_ready(db: &Connection, now: Timestamp) -> Result<Vec<OutboundMessage>, ApiError> {
    const READY: &str = "SELECT * FROM outbox WHERE (attempts > 0) = ?1 AND next_attempt_at <= ?2
        ORDER BY next_attempt_at, id LIMIT ?3";
    let mut ready = query_all(db, READY, (false, now.as_second(), BATCH_SIZE), read_message)?;
    let rest = BATCH_SIZE - ready.len();
    ready.extend(query_all(db, READY, (true, now.as_second(), rest), read_message)?);
    Ok(ready)
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<OutboundMessage> {
    Ok(OutboundMessage {
        id: row.get("id")?,
        recipient: row.get("recipient")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
        created_at: row.get("created_at")?,
        attempts: row.get("attempts")?,
    })
}

/// Claims messages before they are sent, by scheduling the attempt after this one: in a minute, then twice as long each
/// time, up to about four hours. Returns only the messages that no other server has claimed in the meantime: a claim
/// increases `attempts`.
pub(super) fn claim(
    db: &Connection,
    messages: Vec<OutboundMessage>,
    now: Timestamp,
) -> Result<Vec<OutboundMessage>, ApiError> {
    const CLAIM: &str =
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?3 WHERE id = ?1 AND attempts = ?2";
    let mut claimed = Vec::new();
    for message in messages {
        let next_attempt_at = now.as_second() + (60 << message.attempts.min(8));
        if db.prepare_cached(CLAIM)?.execute((message.id, message.attempts, next_attempt_at))? == 1 {
            claimed.push(message);
        }
    }
    Ok(claimed)
}

/// Logs the outcome of an attempt, and deletes the message. A message that failed and is not expired is kept: the next
/// attempt is at the time that [`claim`] has scheduled.
pub(super) fn record_outcome(
    db: &Connection,
    message: &OutboundMessage,
    outcome: &DeliveryOutcome,
    now: Timestamp,
) -> Result<(), ApiError> {
    let is_expired = now.as_second() - message.created_at >= MAX_AGE;
    match outcome {
        DeliveryOutcome::Sent => tracing::info!(mail = message.id, to = message.recipient, "mail sent"),
        DeliveryOutcome::NotConfigured if !is_expired => return Ok(()),
        DeliveryOutcome::TransientFailure(_) if !is_expired => {
            let attempts = message.attempts + 1;
            tracing::warn!(mail = message.id, to = message.recipient, attempts, %outcome, "mail delivery failed, will retry");
            return Ok(());
        }
        _ => tracing::error!(mail = message.id, to = message.recipient, %outcome, "mail delivery failed, giving up"),
    }
    db.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([message.id])?;
    Ok(())
}
