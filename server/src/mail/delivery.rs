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

impl Delivery {
    /// Checks the configuration, and creates the folder if it does not exist.
    ///
    /// # Errors
    ///
    /// [`MailConfigError`] if the URL of the mail server or the sender is invalid, a mail server has no sender, or the
    /// folder cannot be created.
    pub(super) fn new(config: &MailConfig) -> Result<Self, MailConfigError> {
        let destination = match config {
            MailConfig { smtp: Some(url), .. } => Destination::Server(SmtpClient::new(url)?),
            MailConfig { outbox: Some(folder), .. } => {
                fs::create_dir_all(folder).map_err(|error| MailConfigError::OutboxFolder(folder.clone(), error))?;
                Destination::Folder(folder.clone())
            }
            _ => Destination::None,
        };
        let sender = match (&config.from, &destination) {
            (Some(sender), _) => sender,
            (None, Destination::Server(_)) => return Err(MailConfigError::MissingSender),
            (None, _) => "Backpack <backpack@localhost>",
        };
        let parsed = sender.parse().ok().filter(|parsed: &Mailbox| is_mail_address(parsed.email.as_ref()));
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
                let (folder, name) = (folder.clone(), format!("{}-{}.eml", outbound.created_at, outbound.id));
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
