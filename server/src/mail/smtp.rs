//! The client of the mail server.

use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::timeout;

use super::config::MailConfigError;
use super::outbox::DeliveryOutcome;

/// Time limit for delivering one message.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// Time limit for a single command of the protocol.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(20);

/// Client of a mail server.
#[derive(Debug, Clone)]
pub(super) struct SmtpClient(AsyncSmtpTransport<Tokio1Executor>);

impl SmtpClient {
    /// Creates a client; it connects when a message is sent.
    ///
    /// # Errors
    ///
    /// [`MailConfigError::InvalidSmtpUrl`] without a cause: the cause may quote the URL, and with it the password.
    pub(super) fn new(url: &str) -> Result<Self, MailConfigError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        let transport = transport.map_err(|_| MailConfigError::InvalidSmtpUrl)?;
        Ok(Self(transport.timeout(Some(COMMAND_TIMEOUT)).build()))
    }

    /// Sends a message. The outcome is a permanent failure only if the mail server rejects the recipient; after all
    /// other errors and after a timeout, a later attempt may succeed.
    pub(super) async fn send(&self, message: Message, recipient: &str) -> DeliveryOutcome {
        match timeout(SEND_TIMEOUT, self.0.send(message)).await {
            Ok(Ok(_)) => DeliveryOutcome::Sent,
            Ok(Err(error)) if is_recipient_rejected(&error, recipient) => {
                DeliveryOutcome::PermanentFailure(error.into())
            }
            Ok(Err(error)) => DeliveryOutcome::TransientFailure(error.into()),
            Err(elapsed) => DeliveryOutcome::TransientFailure(elapsed.into()),
        }
    }
}

/// `true` if the mail server rejects the recipient permanently. `false` for rejected credentials, senders and clients:
/// these are mistakes in the configuration, which the operator can correct, so the message is kept.
fn is_recipient_rejected(error: &lettre::transport::smtp::Error, recipient: &str) -> bool {
    // Statuses of a mailbox that is unavailable, has moved, or has an invalid name.
    let is_rejection = error.status().is_some_and(|status| matches!(u16::from(status), 550 | 551 | 553));
    is_rejection && concerns_recipient(recipient, &error.to_string())
}

/// `true` if a response is about the recipient, by its enhanced status code (RFC 3463), or if it has none, by the
/// address that it quotes. The status alone is not enough: servers report a rejected sender with the same status, often
/// only in response to the command `RCPT`.
pub(super) fn concerns_recipient(recipient: &str, response: &str) -> bool {
    // Parses `5.1.10` into its subject 1 and its detail 10. The class 5 means a permanent failure.
    let parse_code = |word: &str| {
        let (subject, detail) = word.strip_prefix("5.")?.split_once('.')?;
        Some((subject.parse::<u16>().ok()?, detail.parse::<u16>().ok()?))
    };
    match response.split_whitespace().find_map(parse_code) {
        // Unknown mailbox, host or syntax of the address; moved mailbox; host that accepts no mail; disabled mailbox.
        Some((subject, detail)) => matches!((subject, detail), (1, 1 | 2 | 3 | 6 | 10) | (2, 1)),
        None => response.to_ascii_lowercase().contains(&recipient.to_ascii_lowercase()),
    }
}
