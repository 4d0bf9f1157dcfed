//! Configuration of outgoing mail.

use std::fmt;
use std::path::{Path, PathBuf};

/// Configuration of outgoing mail. With neither a mail server nor a folder, messages wait in the outbox and are deleted
/// after five days.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct MailConfig {
    /// URL of the mail server: `smtps://user:password@mail.example.com`, `smtp://…?tls=required` for STARTTLS, or
    /// `smtp://localhost:25` without encryption. `None` by default.
    pub smtp: Option<String>,
    /// Folder in which each message is stored as an `.eml` file if there is no mail server. `None` by default.
    pub outbox: Option<PathBuf>,
    /// Sender of all messages, such as `Backpack <backpack@example.com>`. Required with a mail server, since mail
    /// servers reject senders from unknown domains. Otherwise, `None` means `Backpack <backpack@localhost>`.
    pub from: Option<String>,
}

/// Leaves out the URL of the mail server, which may contain a password.
impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig")
            .field("smtp", &self.smtp.as_ref().map(|_| "[redacted]"))
            .field("outbox", &self.outbox)
            .field("from", &self.from)
            .finish()
    }
}

impl MailConfig {
    /// Folder in which messages are stored; `None` if they are sent, or stay in the outbox.
    pub fn folder(&self) -> Option<&Path> {
        if self.smtp.is_none() { self.outbox.as_deref() } else { None }
    }
}

/// Error in a [`MailConfig`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailConfigError {
    /// The URL of the mail server is invalid. The error leaves it out, since it may contain a password.
    InvalidSmtpUrl,
    /// The sender is not a mail address.
    InvalidSender(String),
    /// A mail server is set, but no sender.
    MissingSender,
    /// The path of the folder for messages is empty.
    EmptyOutbox,
}

impl fmt::Display for MailConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSmtpUrl => f.write_str(
                "`smtp` is not the URL of a mail server; use one such as `smtps://user:password@mail.example.com`",
            ),
            Self::InvalidSender(sender) => {
                write!(f, "`from` is not a mail sender: `{sender}`; use one such as `Backpack <backpack@example.com>`")
            }
            Self::MissingSender => {
                f.write_str("`smtp` needs a sender; set `from`, for example to `Backpack <backpack@example.com>`")
            }
            Self::EmptyOutbox => f.write_str("`outbox` is empty; name a folder or leave it out"),
        }
    }
}

impl std::error::Error for MailConfigError {}
