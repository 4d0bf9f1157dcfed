//! A row of the outbox in the format of RFC 5322.

use std::fmt;
use std::time::{Duration, SystemTime};

use email_encoding::headers::rfc2047;
use email_encoding::headers::writer::EmailWriter;
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
        .raw_header(encode_subject(collapse_whitespace(&message.subject))?)
        .date(created_at)
        .message_id(Some(id))
        // RFC 2045: without this header, clients ignore the content type and the encoding.
        .header(MIME_VERSION_1_0)
        .raw_header(HeaderValue::new(auto_submitted, "auto-generated".to_owned()))
        .header(ContentType::TEXT_PLAIN)
        .body(normalize_body(&message.body))?;
    Ok(message)
}

/// Maximum length of a word in a header that is not encoded. Lines are broken only between words, and RFC 5322
/// recommends at most 78 bytes a line.
const MAX_WORD_LENGTH: usize = 60;

/// Encodes a subject. One that cannot be written as it is becomes encoded words (RFC 2047) as a whole: it has characters
/// other than ASCII, a word that is too long for a line, or text that looks like an encoded word.
fn encode_subject(subject: String) -> Result<HeaderValue, fmt::Error> {
    let name = HeaderName::new_from_ascii_str("Subject");
    let is_long = |word: &str| word.len() > MAX_WORD_LENGTH;
    if subject.is_ascii() && !subject.contains("=?") && !subject.split(' ').any(is_long) {
        return Ok(HeaderValue::new(name, subject));
    }
    let mut encoded = String::new();
    rfc2047::encode(&subject, &mut EmailWriter::new(&mut encoded, "Subject: ".len(), 0, false))?;
    Ok(HeaderValue::dangerous_new_pre_encoded(name, subject, encoded))
}

/// Replaces all line breaks by `\n`, and removes other control characters except tabs. Mail servers reject messages with
/// a carriage return that is not part of a line break.
fn normalize_body(body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    body.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Replaces each sequence of white space and control characters by one space. With a line break, a subject could inject
/// headers.
fn collapse_whitespace(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
