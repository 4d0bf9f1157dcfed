//! A row of the outbox in the format of RFC 5322.

use std::time::{Duration, SystemTime};

use lettre::Message;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};

use super::outbox::{DeliveryError, OutboundMessage};
use crate::text::parse_mail_address;

/// Builds the message to send. Date and `Message-ID` come from the row, so that each attempt sends the same message.
///
/// # Errors
///
/// If the recipient is not a mail address, or the row has a time before 1970.
pub(super) fn build_message(sender: &Mailbox, message: &OutboundMessage) -> Result<Message, DeliveryError> {
    let recipient = parse_mail_address(&message.recipient).ok_or("the recipient is not a mail address")?;
    let id = format!("<{}.{}@{}>", message.created_at, message.id, sender.email.domain());
    let created_at = SystemTime::UNIX_EPOCH + Duration::from_secs(message.created_at.try_into()?);
    // RFC 3834: keeps autoresponders from replying.
    let auto_submitted = HeaderName::new_from_ascii_str("Auto-Submitted");
    let message = Message::builder()
        .from(sender.clone())
        .to(Mailbox::new(None, recipient))
        .subject(collapse_whitespace(&message.subject))
        .date(created_at)
        .message_id(Some(id))
        // RFC 2045: without this header, clients ignore the content type and the encoding.
        .header(MIME_VERSION_1_0)
        .raw_header(HeaderValue::new(auto_submitted, "auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN)
        .body(message.body.clone())?;
    Ok(message)
}

/// Replaces each sequence of white space and control characters by one space. With a line break, a subject could inject
/// headers.
fn collapse_whitespace(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
