//! Reads a mail in the format of RFC 5322 into the fields that a page keeps.
//!
//! A mail is stored as one text: its text parts, then its HTML parts, then the mails that it forwards. Attachments are
//! not stored; the text ends with their names, or their media types if they have no names.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Encoding, HeaderForm, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};

use crate::text::is_xml_char;

/// Maximum depth of nested forwarded mails. Deeper ones are treated as attachments.
const MAX_FORWARDED_DEPTH: usize = 8;

/// The fields of a received mail. An absent text is empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ParsedMail {
    pub(super) subject: String,
    /// The first sender: `Jo <jo@example.com>`.
    from: String,
    /// The plain text parts, each on a new line.
    pub(super) text: String,
    /// The HTML parts, each on a new line.
    pub(super) html: String,
    /// The forwarded mails, as text.
    pub(super) forwarded: String,
    /// Names of the attachments, or their media types.
    attachments: Vec<String>,
    /// Value of the header `Message-ID`, if the mail has one.
    pub(super) message_id: Option<String>,
    /// Recipients according to the mail server that delivered it.
    pub(super) delivered_to: Vec<String>,
    /// Recipients according to its sender.
    pub(super) addressed_to: Vec<String>,
}

impl ParsedMail {
    /// Counts the lines that begin with `Content-Type`, without parsing. A part that contains other parts has such a
    /// line, so the count limits the depth of nested parts.
    pub(super) fn count_parts(raw: &[u8]) -> usize {
        const NAME: &[u8] = b"content-type";
        let is_content_type = |line: &&[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
        raw.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start).filter(is_content_type).count()
    }

    /// Parses a mail. Returns `None` if the bytes do not begin with a header, or with an mbox line and a header.
    pub(super) fn parse(raw: &[u8]) -> Option<Self> {
        let raw = decode_headers(skip_mbox_line(raw))?;
        let message = MessageParser::default().parse(&raw)?;
        Some(Self::from_message(&message, MAX_FORWARDED_DEPTH))
    }

    /// Reads the fields of a parsed mail. `depth_left` is the number of levels of forwarded mails that are still read.
    fn from_message(message: &Message<'_>, depth_left: usize) -> Self {
        // The parser lists HTML without an alternative as a text body, too, and plain text as an HTML body.
        let text = message.text_bodies().filter(|part| matches!(part.body, PartType::Text(_)));
        let html = message.html_bodies().filter(|part| matches!(part.body, PartType::Html(_)));
        let mut mail = Self {
            subject: to_one_line(message.subject().unwrap_or_default()),
            from: format_sender(message),
            text: text.fold(String::new(), |all, part| append_line(all, &decode_text(message, part))),
            html: html.fold(String::new(), |all, part| append_line(all, &decode_text(message, part))),
            forwarded: String::new(),
            attachments: Vec::new(),
            message_id: message.message_id().map(to_one_line).filter(|id| !id.is_empty()),
            delivered_to: read_addresses(message, &["X-Original-To", "Delivered-To", "Envelope-To"]),
            addressed_to: read_addresses(message, &["To", "Cc"]),
        };
        for part in message.attachments() {
            match &part.body {
                PartType::Message(forwarded) if depth_left > 0 => {
                    let forwarded = Self::from_message(forwarded, depth_left - 1).to_forwarded_text();
                    mail.forwarded = append_line(mail.forwarded, &forwarded);
                }
                _ => mail.attachments.push(describe_attachment(part)),
            }
        }
        mail
    }

    /// Joins the text, the HTML, the forwarded mails and the names of the attachments.
    pub(super) fn to_body(&self) -> String {
        let parts = [&self.html, &self.forwarded];
        let mut body = parts.into_iter().fold(self.text.clone(), |all, part| append_line(all, part));
        for (index, attachment) in self.attachments.iter().enumerate() {
            let separator = if index == 0 { "\n\n" } else { "\n" };
            body.push_str(&format!("{separator}[{attachment} was attached, and is not kept]"));
        }
        body
    }

    /// Formats the mail as a part of the text of the mail that forwards it.
    fn to_forwarded_text(&self) -> String {
        let Self { from, subject, .. } = self;
        format!("\n---------- Forwarded message ----------\nFrom: {from}\nSubject: {subject}\n\n{}", self.to_body())
    }
}

/// Skips the line `From jo@example.com Thu Apr  2 09:45:00 2009` that programs with mbox files put before a mail.
fn skip_mbox_line(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
    raw.get(end..).unwrap_or_default()
}

/// Converts headers that are not UTF-8 from Windows-1252, which old programs sent. Returns `None` if the first line is
/// not a header.
fn decode_headers(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    let find_blank_line = |blank_line: &[u8]| raw.windows(blank_line.len()).position(|bytes| bytes == blank_line);
    let end = [&b"\n\n"[..], b"\n\r\n"].into_iter().filter_map(find_blank_line).min().unwrap_or(raw.len());
    let (headers, body) = raw.split_at_checked(end)?;
    // The name is the part before the first colon. Without a colon, it would be as long as all headers.
    let name = headers.split(|byte| *byte == b':').next().filter(|name| name.len() < headers.len())?;
    if name.is_empty() || !name.trim_ascii_end().iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let is_utf8 = str::from_utf8(headers).is_ok();
    Some(if is_utf8 { raw.into() } else { [decode_windows_1252(headers).as_bytes(), body].concat().into() })
}

/// Decodes Windows-1252, or UTF-8 if the parser does not support Windows-1252.
fn decode_windows_1252(bytes: &[u8]) -> String {
    let decode = charset_decoder(b"windows-1252");
    decode.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

/// Returns the text of a part. A text without a charset is read as UTF-8 if it is valid, and otherwise as Windows-1252,
/// which old programs sent.
fn decode_text(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let (PartType::Text(text) | PartType::Html(text)) = &part.body else { return String::new() };
    // The parser decodes text without a charset as UTF-8, and replaces invalid bytes.
    let has_charset = part.content_type().is_some_and(|content_type| content_type.has_attribute("charset"));
    if has_charset || !text.contains(char::REPLACEMENT_CHARACTER) {
        return clean_text(text);
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    match bytes.map(String::from_utf8) {
        Some(Err(error)) => clean_text(&decode_windows_1252(error.as_bytes())),
        _ => clean_text(text),
    }
}

/// Appends a text on a new line. An empty text adds no line.
fn append_line(mut text: String, other: &str) -> String {
    if !text.is_empty() && !text.ends_with('\n') && !other.is_empty() {
        text.push('\n');
    }
    text + other
}

/// Returns the name of an attachment; without one, its media type; without both, `a file`.
fn describe_attachment(part: &MessagePart<'_>) -> String {
    let media_type = || {
        let content_type = part.content_type()?;
        Some(format!("{}/{}", content_type.ctype(), content_type.subtype()?))
    };
    let name = part.attachment_name().map(to_one_line).filter(|name| !name.is_empty());
    name.or_else(|| media_type().as_deref().map(to_one_line)).unwrap_or_else(|| "a file".to_owned())
}

/// Formats the first sender: `Jo <jo@example.com>`, or only the address if there is no name.
fn format_sender(message: &Message<'_>) -> String {
    let Some(from) = message.from().and_then(|from| from.first()) else { return String::new() };
    let address = from.address().unwrap_or_default();
    to_one_line(&from.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>")))
}

/// Reads the mail addresses in all headers with these names.
fn read_addresses(message: &Message<'_>, headers: &[&'static str]) -> Vec<String> {
    let mut addresses = Vec::new();
    for header in headers {
        let name = HeaderName::parse(*header).unwrap_or(HeaderName::Other((*header).into()));
        for value in message.header_as(name, HeaderForm::Addresses) {
            if let HeaderValue::Address(list) = value {
                addresses.extend(list.iter().filter_map(|address| address.address().map(str::to_owned)));
            }
        }
    }
    addresses
}

/// Normalizes line ends, and removes the characters that XML forbids, since responses contain the text.
fn clean_text(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(is_xml_char);
    text
}

/// Cleans a text, and replaces each sequence of white space by one space.
fn to_one_line(text: &str) -> String {
    clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
