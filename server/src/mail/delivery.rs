//! Delivery of a message to the mail server or into a folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;

use super::config::{MailConfig, MailConfigError};
use super::message::build_message;
use super::outbox::{DeliveryOutcome, OutboundMessage};
use super::smtp::SmtpClient;
use crate::private_files;
use crate::text::is_mail_address;

/// Maximum length of the sender in bytes. A header line has at most 998 (RFC 5322), and escapes take up to twice as many.
const MAX_SENDER_LENGTH: usize = 400;

/// Sender and destination of all messages.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    sender: Mailbox,
    destination: Destination,
}

/// Destination of all messages. With `None`, they stay in the outbox.
#[derive(Debug, Clone)]
enum Destination {
    Server(SmtpClient),
    Folder(PathBuf),
    None,
}

/// Checks a configuration, without the network and without files.
///
/// # Errors
///
/// [`MailConfigError`] for the first invalid value.
pub(crate) fn validate(config: &MailConfig) -> Result<(), MailConfigError> {
    Delivery::new(config).map(drop)
}

impl Delivery {
    /// Checks the configuration. The folder has to exist once a message is delivered.
    ///
    /// # Errors
    ///
    /// [`MailConfigError`] if the URL of the mail server, the sender or the path of the folder is invalid, or a mail
    /// server has no sender.
    pub(super) fn new(config: &MailConfig) -> Result<Self, MailConfigError> {
        if config.outbox.as_ref().is_some_and(|folder| folder.as_os_str().is_empty()) {
            return Err(MailConfigError::EmptyOutbox);
        }
        let destination = match (&config.smtp, config.folder()) {
            (Some(url), _) => Destination::Server(SmtpClient::new(url)?),
            (None, Some(folder)) => Destination::Folder(folder.to_owned()),
            (None, None) => Destination::None,
        };
        let sender = match (&config.from, &destination) {
            (Some(sender), _) => sender,
            (None, Destination::Server(_)) => return Err(MailConfigError::MissingSender),
            (None, _) => "Backpack <backpack@localhost>",
        };
        let is_valid = |parsed: &Mailbox| sender.len() <= MAX_SENDER_LENGTH && is_mail_address(parsed.email.as_ref());
        let parsed = sender.parse().ok().filter(is_valid);
        let sender = parsed.ok_or_else(|| MailConfigError::InvalidSender(sender.to_owned()))?;
        Ok(Self { sender, destination })
    }

    /// `true` if there is a mail server or a folder.
    pub(super) fn is_configured(&self) -> bool {
        !matches!(self.destination, Destination::None)
    }

    /// Attempts to deliver a message once. A message whose recipient is not a mail address is a permanent failure.
    pub(super) async fn deliver(&self, outbound: &OutboundMessage) -> DeliveryOutcome {
        let message = match build_message(&self.sender, outbound) {
            Ok(message) => message,
            Err(error) => return DeliveryOutcome::PermanentFailure(error),
        };
        match &self.destination {
            Destination::Server(client) => client.send(message, &outbound.recipient).await,
            Destination::Folder(folder) => {
                let folder = folder.clone();
                let name = format!("{}-{}.eml", outbound.created_at, outbound.id);
                let write = tokio::task::spawn_blocking(move || write_file(&folder, &name, &message.formatted()));
                // A panic while writing counts as an I/O error.
                match write.await.map_err(io::Error::other).flatten() {
                    Ok(()) => DeliveryOutcome::Sent,
                    Err(error) => DeliveryOutcome::TransientFailure(error.into()),
                }
            }
            Destination::None => DeliveryOutcome::NotConfigured,
        }
    }
}

/// Writes a file atomically, so that programs that watch the folder never see an incomplete file.
fn write_file(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let temporary = folder.join(format!(".{name}.part"));
    let mut file = private_files::replace(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(temporary, folder.join(name))
}
