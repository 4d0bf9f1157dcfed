//! Mail: what goes out, and what comes to the address of a page.
//!
//! - `due`: reminders and events become mail when their time comes.
//! - `outgoing`: the postman, who takes the mail away.
//! - `incoming`: mail for a page.

mod due;
mod incoming;
mod outgoing;

use std::fmt;
use std::path::PathBuf;

use backpack_api::AccountId;
use backpack_api::runtime::jiff::Timestamp;
use rusqlite::Connection;

use crate::Refusal;
pub use incoming::{LARGEST, receive};
pub(crate) use outgoing::Postman;

/// Where mail goes out. Without a server and a folder it waits, and is given up after some days.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct MailSettings {
    /// The server that takes mail: `smtps://user:password@mail.example.com`, `smtp://…?tls=required` for STARTTLS, or
    /// `smtp://localhost:25` without encryption. None by default.
    pub smtp: Option<String>,
    /// The folder into which mail is written if there is no server, each as one file `.eml`. None by default.
    pub outbox: Option<PathBuf>,
    /// From whom mail comes, `Backpack <backpack@example.com>`. A server needs one, since it takes no mail from an address
    /// that is nowhere; otherwise `Backpack <backpack@localhost>` by default.
    pub from: Option<String>,
}

/// Shows all but the server, whose address may have a password in it.
impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings")
            .field("smtp", &self.smtp.as_ref().map(|_| "[redacted]"))
            .field("outbox", &self.outbox)
            .field("from", &self.from)
            .finish()
    }
}

/// What is wrong with the settings for mail.
#[derive(Debug)]
#[non_exhaustive]
pub enum MailError {
    /// The server's address is none.
    Smtp,
    /// The sender's address is none.
    From(String),
    /// There is a server, and no sender.
    NoSender,
    /// The folder is not there and cannot be created.
    Outbox(PathBuf, std::io::Error),
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp => f.write_str("the mail server should be like `smtps://user:password@mail.example.com`"),
            Self::From(from) => write!(f, "the sender should be like `Backpack <backpack@example.com>`, not `{from}`"),
            Self::NoSender => f.write_str("mail to a server needs a sender such as `Backpack <backpack@example.com>`"),
            Self::Outbox(folder, error) => write!(f, "mail cannot be written to {}: {error}", folder.display()),
        }
    }
}

impl std::error::Error for MailError {}

/// Mail that is to go out, with the change that causes it or not at all.
pub(crate) fn enqueue(
    db: &Connection,
    account: AccountId,
    recipient: &str,
    subject: &str,
    body: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    const ENQUEUE: &str = "INSERT INTO outbox (account_id, recipient, subject, body, created_at, next_attempt_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    db.prepare_cached(ENQUEUE)?.execute((account.0, recipient, subject, body, now.as_second()))?;
    Ok(())
}

#[cfg(test)]
mod tests;
