//! Configuration of outgoing mail.

use std::fmt;
use std::io;
use std::path::PathBuf;

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

/// Error in a [`MailConfig`].
#[derive(Debug)]
#[non_exhaustive]
pub enum MailConfigError {
    /// The URL of the mail server is invalid. The error leaves it out, since it may contain a password.
    InvalidSmtpUrl,
    /// The sender is not a mail address.
    InvalidSender(String),
    /// A mail server is set, but no sender.
    MissingSender,
    /// The folder for messages does not exist and cannot be created.
    OutboxFolder(PathBuf, io::Error),
}

impl fmt::Display for MailConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSmtpUrl => f.write_str(
                "invalid URL of the mail server, expected one like `smtps://user:password@mail.example.com`",
            ),
            Self::InvalidSender(sender) => {
                write!(f, "invalid mail sender `{sender}`, expected one like `Backpack <backpack@example.com>`")
            }
            Self::MissingSender => {
                f.write_str("a mail server needs a mail sender, such as `Backpack <backpack@example.com>`")
            }
            Self::OutboxFolder(folder, _) => write!(f, "cannot create the mail folder {}", folder.display()),
        }
    }
}

impl std::error::Error for MailConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::OutboxFolder(_, error) => Some(error),
            Self::InvalidSmtpUrl | Self::InvalidSender(_) | Self::MissingSender => None,
        }
    }
}
