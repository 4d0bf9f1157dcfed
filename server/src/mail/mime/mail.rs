//! The fields of a mail that a page keeps, collected from its parts.
//!
//! A mail is stored as one text: its text parts, then its HTML parts, then the mails that it forwards. Attachments are
//! not stored; the text ends with their names, or their media types if they have no names.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::charset::{decode_charset, is_ascii_compatible};
use super::entity::{Entity, Section, skip_before_header, split_sections};
use super::fields::read_addresses;
use super::lines::split_line;
use super::transfer_encoding::{Piece, decode_body, is_text};
use crate::ApiError;
use crate::text::is_xml_char;

/// Maximum number of parts and forwarded mails.
const MAX_PARTS: usize = 1_000;

/// Maximum depth of nested parts and forwarded mails. Deeper ones are kept as text, as they were sent.
const MAX_DEPTH: usize = 20;

/// Number of bytes at the start of an HTML document that are searched for the name of its charset.
const MAX_HTML_HEAD: usize = 1024;

/// The fields of a received mail. An absent text is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ParsedMail {
    pub(crate) subject: String,
    /// Value of the header `From`: `Jo <jo@example.com>`.
    from: String,
    /// The plain text parts, each on a new line.
    pub(crate) text: String,
    /// The HTML parts, each on a new line.
    pub(crate) html: String,
    /// The forwarded mails, as text.
    pub(crate) forwarded: String,
    /// Names of the attachments, or their media types.
    attachments: Vec<String>,
    /// Value of the header `Message-ID`, if the mail has one.
    pub(crate) message_id: Option<String>,
    /// Addresses that the delivering mail server reports, in headers such as `Delivered-To`.
    pub(crate) delivered_to: Vec<String>,
    /// Addresses that the sender wrote, in `To` and `Cc`.
    pub(crate) addressed_to: Vec<String>,
}

/// Number of parts and levels that can still be read.
#[derive(Debug)]
struct Limits {
    parts: usize,
    depth: usize,
}

impl Limits {
    /// Counts a part, and enters its level.
    fn enter(&mut self) -> Result<(), ApiError> {
        self.parts = self.parts.checked_sub(1).ok_or(ApiError::InvalidValue("The mail has too many parts"))?;
        self.depth -= 1;
        Ok(())
    }

    /// Leaves a level.
    fn leave(&mut self) {
        self.depth += 1;
    }
}

impl ParsedMail {
    /// Parses a mail.
    ///
    /// # Errors
    ///
    /// [`ApiError::InvalidValue`] if the bytes do not begin with a header, or there are too many parts. A byte order
    /// mark, blank or indented lines, and the separator line of an mbox file (`From jo@example.com …`) can precede the
    /// header.
    pub(crate) fn parse(raw: &[u8]) -> Result<Self, ApiError> {
        let raw = decode_utf16(raw);
        let entity = Entity::read(skip_before_header(&raw));
        if entity.has_no_header() {
            return Err(ApiError::InvalidValue("The input is not a mail"));
        }
        Self::read(&entity, &mut Limits { parts: MAX_PARTS, depth: MAX_DEPTH })
    }

    /// Reads the header and the parts of a mail.
    fn read(entity: &Entity<'_>, limits: &mut Limits) -> Result<Self, ApiError> {
        let collect_addresses = |names: &[&str]| {
            let fields = names.iter().flat_map(|name| entity.fields(name));
            fields.flat_map(read_addresses).collect()
        };
        let mut mail = Self {
            subject: to_one_line(&entity.text("Subject")),
            from: to_one_line(&entity.text("From")),
            message_id: read_message_id(entity),
            delivered_to: collect_addresses(&["X-Original-To", "Delivered-To", "Envelope-To"]),
            addressed_to: collect_addresses(&["To", "Cc"]),
            ..Self::default()
        };
        mail.add_entity(entity, limits)?;
        Ok(mail)
    }

    /// Adds the content of an entity, which is an attachment, other entities or text.
    fn add_entity(&mut self, entity: &Entity<'_>, limits: &mut Limits) -> Result<(), ApiError> {
        let media_type = entity.keyword("Content-Type");
        let (main_type, subtype) = media_type.split_once('/').unwrap_or((&media_type, ""));
        match (main_type, subtype) {
            ("multipart", _) => self.add_multipart(entity, limits)?,
            ("message", "rfc822" | "global" | "news") => self.add_forwarded(entity, limits)?,
            _ if is_attachment(entity) => self.attachments.push(describe_attachment(entity, &media_type)),
            // RFC 2045: an entity without a valid type is text.
            ("text" | "message", _) | (_, "") => self.add_content(entity, subtype),
            _ if is_unnamed_text(entity) => self.add_content(entity, subtype),
            _ => self.attachments.push(describe_attachment(entity, &media_type)),
        }
        Ok(())
    }

    /// Adds the parts of a multipart body. The text outside them is added, too, if it is not a notice to programs
    /// without MIME. Without a delimiter line, the body is text.
    fn add_multipart(&mut self, entity: &Entity<'_>, limits: &mut Limits) -> Result<(), ApiError> {
        let boundary = entity.parameter("Content-Type", "boundary").unwrap_or_default();
        let boundary = boundary.trim_ascii_end();
        let body = decode_multipart(entity, boundary);
        if limits.depth == 0 || !has_delimiter(&body, boundary) {
            self.add_text(&body);
            return Ok(());
        }
        let is_digest = entity.keyword("Content-Type") == "multipart/digest";
        let has_parts = split_sections(&body, boundary).any(|section| matches!(section, Section::Part(_)));
        for section in split_sections(&body, boundary) {
            if matches!(section, Section::Outside(bytes) if bytes.trim_ascii().is_empty()) {
                continue;
            }
            limits.enter()?;
            match section {
                Section::Part(bytes) => {
                    let part = Entity::read_part(bytes);
                    // RFC 2046: the parts of a digest are mails by default.
                    let is_mail = is_digest && part.fields("Content-Type").next().is_none();
                    if is_mail { self.add_forwarded(&part, limits)? } else { self.add_entity(&part, limits)? }
                }
                Section::Outside(bytes) if has_parts => self.add_text(skip_notice(bytes)),
                Section::Outside(bytes) => self.add_text(bytes),
            }
            limits.leave();
        }
        Ok(())
    }

    /// Adds a forwarded mail. A body without a header is text.
    fn add_forwarded(&mut self, entity: &Entity<'_>, limits: &mut Limits) -> Result<(), ApiError> {
        let pieces = decode_entity(entity);
        let body = join_pieces(&pieces);
        let forwarded = Entity::read(&body);
        if limits.depth == 0 || forwarded.has_no_header() {
            self.add_text(&body);
            return Ok(());
        }
        limits.enter()?;
        let mail = Self::read(&forwarded, limits)?;
        limits.leave();
        append_line(&mut self.forwarded, &mail.to_forwarded_text());
        Ok(())
    }

    /// Adds the decoded body of an entity as text or as HTML.
    fn add_content(&mut self, entity: &Entity<'_>, subtype: &str) {
        let is_html = subtype == "html";
        let label = entity.parameter("Content-Type", "charset");
        let label = label.as_deref().and_then(|label| label.split_whitespace().next());
        for piece in decode_entity(entity) {
            let label = match piece {
                Piece::Content(_) if is_html => label.or_else(|| find_html_charset(piece.bytes())),
                Piece::Content(_) => label,
                // Text that a mailing list added cannot be in a charset such as UTF-16.
                Piece::Added(_) => label.filter(|label| is_ascii_compatible(label)),
            };
            let text = clean_text(&decode_charset(piece.bytes(), label));
            append_line(if is_html { &mut self.html } else { &mut self.text }, &text);
        }
    }

    /// Adds bytes as text, if they are not blank.
    fn add_text(&mut self, bytes: &[u8]) {
        if !bytes.trim_ascii().is_empty() {
            append_line(&mut self.text, &clean_text(&decode_charset(bytes, None)));
        }
    }

    /// Joins the text, the HTML, the forwarded mails and the names of the attachments.
    pub(crate) fn to_body(&self) -> String {
        let mut body = self.text.clone();
        append_line(&mut body, &self.html);
        append_line(&mut body, &self.forwarded);
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

/// Converts a mail in UTF-16 with a byte order mark, which Windows writes when it saves text, to UTF-8.
fn decode_utf16(raw: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::for_bom(raw) {
        Some((encoding, _)) if encoding != UTF_8 => decode_charset(raw, None).into_bytes().into(),
        _ => raw.into(),
    }
}

/// Returns the body of a multipart entity. RFC 2045 forbids encoding it, but some programs do.
fn decode_multipart<'a>(entity: &Entity<'a>, boundary: &str) -> Cow<'a, [u8]> {
    if has_delimiter(entity.body, boundary) {
        return entity.body.into();
    }
    let decoded = join_pieces(&decode_entity(entity)).into_owned();
    if has_delimiter(&decoded, boundary) { decoded.into() } else { entity.body.into() }
}

/// `true` if a multipart body has a delimiter line.
fn has_delimiter(body: &[u8], boundary: &str) -> bool {
    !boundary.is_empty() && split_sections(body, boundary).nth(1).is_some()
}

/// Joins the pieces of a decoded body.
fn join_pieces<'a>(pieces: &'a [Piece<'_>]) -> Cow<'a, [u8]> {
    match pieces {
        [piece] => piece.bytes().into(),
        _ => pieces.iter().flat_map(Piece::bytes).copied().collect(),
    }
}

/// Skips the first paragraph of the text outside the parts if it tells readers that their programs do not know MIME.
fn skip_notice(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.trim_ascii_start();
    let mut is_notice = false;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if line.trim_ascii().is_empty() {
            break;
        }
        is_notice |= line.windows(4).any(|word| word == b"MIME");
        rest = after;
    }
    if is_notice { rest } else { bytes }
}

/// `true` if the sender marked an entity as an attachment.
fn is_attachment(entity: &Entity<'_>) -> bool {
    entity.keyword("Content-Disposition") == "attachment"
}

/// Returns the file name of an entity.
fn read_file_name(entity: &Entity<'_>) -> Option<String> {
    let name = entity.parameter("Content-Disposition", "filename").or_else(|| entity.parameter("Content-Type", "name"));
    name.as_deref().map(to_one_line).filter(|name| !name.is_empty())
}

/// Decodes the body of an entity by its transfer encoding.
fn decode_entity<'a>(entity: &Entity<'a>) -> Vec<Piece<'a>> {
    decode_body(entity.body, &entity.keyword("Content-Transfer-Encoding"))
}

/// `true` if an entity has no file name and its content can be read as text, whatever its media type.
fn is_unnamed_text(entity: &Entity<'_>) -> bool {
    let pieces = || decode_entity(entity);
    read_file_name(entity).is_none() && !entity.body.trim_ascii().is_empty() && is_text(&join_pieces(&pieces()))
}

/// Returns the name of an attachment; without one, its media type; without both, `a file`.
fn describe_attachment(entity: &Entity<'_>, media_type: &str) -> String {
    let media_type = || Some(to_one_line(media_type)).filter(|media_type| !media_type.is_empty());
    read_file_name(entity).or_else(media_type).unwrap_or_else(|| "a file".to_owned())
}

/// Returns the value of the header `Message-ID`, without the brackets.
fn read_message_id(entity: &Entity<'_>) -> Option<String> {
    let id = to_one_line(&entity.text("Message-ID"));
    let id = id.trim_start_matches('<').trim_end_matches('>');
    (!id.is_empty()).then(|| id.to_owned())
}

/// Finds the charset that an HTML document names: `<meta charset="utf-8">`.
fn find_html_charset(html: &[u8]) -> Option<&str> {
    const NAME: &[u8] = b"charset=";
    let head = html.get(..MAX_HTML_HEAD).unwrap_or(html);
    let at = head.windows(NAME.len()).position(|window| window.eq_ignore_ascii_case(NAME))?;
    let value = head.get(at + NAME.len()..)?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let is_label_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    str::from_utf8(value.split(|byte| !is_label_byte(byte)).next()?).ok()
}

/// Appends a text on a new line. An empty text adds no line.
fn append_line(text: &mut String, other: &str) {
    if !text.is_empty() && !text.ends_with('\n') && !other.is_empty() {
        text.push('\n');
    }
    text.push_str(other);
}

/// Normalizes line ends, and removes the characters that XML forbids, since responses contain the text.
fn clean_text(text: &str) -> String {
    let mut text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace('\r', "\n");
    text.retain(is_xml_char);
    text
}

/// Cleans a text, and replaces each sequence of white space by one space.
fn to_one_line(text: &str) -> String {
    clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
