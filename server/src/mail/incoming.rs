//! Mail for a page.
//!
//! A page's address is `MAILBOX@` and any domain. Its mail is kept as text: the text of the mail, its HTML after that, and
//! then the mails that it forwards. Files that are attached are not kept; their names are, at the end of the text, or
//! their types where they have none.

use std::borrow::Cow;
use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{PageId, WidgetKind};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Encoding, HeaderForm, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use rusqlite::{Connection, OptionalExtension};

use crate::operations::place;
use crate::{ApiError, Store};

/// The most bytes that a mail may have, with its files.
pub const LARGEST: u64 = 32 * 1024 * 1024;

/// The most parts that a mail may have. Each may be in the one before, and what a parser makes of them is deep then.
const MOST_PARTS: usize = 1_000;

/// How deep mails that are forwarded are in each other; a deeper one is a file.
const DEEPEST: usize = 8;

/// A mail that came, as it is kept.
#[derive(Debug, PartialEq, Eq)]
struct Incoming {
    subject: String,
    /// Who wrote it.
    from: String,
    text: String,
    html: String,
    /// The mails that it forwards, as text.
    forwarded: String,
    /// The names of its files.
    files: Vec<String>,
    message_id: Option<String>,
    /// Whom those who brought it say that it is for.
    delivered_to: Vec<String>,
    /// Whom its writer says that it is for.
    addressed_to: Vec<String>,
}

/// Takes in a mail in the form of RFC 5322, and answers the pages where it is now, each at the bottom.
///
/// It goes to the page of `recipient`, which may stand in `<>` after a name; without one, to the page that `X-Original-To`, `Delivered-To` or `Envelope-To`
/// name; without these, to all pages that `To` and `Cc` name. A subject that begins with `note:` makes a note, too: its
/// title is the rest of the subject. A mail that is brought again, as its `Message-ID` says, is where it is already, and
/// kept once.
///
/// # Errors
///
/// [`ApiError::Invalid`] if it is no mail, is larger than 32 MiB, has more than 1,000 parts, or no page has such an address;
/// [`ApiError::Unavailable`] if it cannot be written just now, so that it should be brought again.
///
/// # Panics
///
/// Inside an async runtime, where nothing may block.
pub fn receive(store: &Store, raw: &[u8], recipient: Option<&str>) -> Result<Vec<PageId>, ApiError> {
    if raw.len() as u64 > LARGEST {
        return Err(ApiError::Invalid("The mail is too large"));
    }
    if parts(raw) > MOST_PARTS {
        return Err(ApiError::Invalid("The mail has too many parts"));
    }
    let mut mail = Incoming::read(raw).ok_or(ApiError::Invalid("This is no mail"))?;
    if let Some(recipient) = recipient {
        mail.delivered_to = vec![bare(recipient).to_owned()];
        mail.addressed_to.clear();
    }
    store.write_blocking(move |db| mail.deliver(db, Timestamp::now()))
}

impl Incoming {
    fn read(raw: &[u8]) -> Option<Self> {
        let raw = with_readable_head(without_envelope(raw))?;
        let message = MessageParser::default().parse(&raw)?;
        Some(Self::of(&message, DEEPEST))
    }

    fn of(message: &Message<'_>, deepest: usize) -> Self {
        let text = message.text_bodies().filter(|part| matches!(part.body, PartType::Text(_)));
        let html = message.html_bodies().filter(|part| matches!(part.body, PartType::Html(_)));
        let mut mail = Self {
            subject: one_line(message.subject().unwrap_or_default()),
            from: writer(message),
            text: text.fold(String::new(), |all, part| below(all, &text_of(message, part))),
            html: html.fold(String::new(), |all, part| below(all, &text_of(message, part))),
            forwarded: String::new(),
            files: Vec::new(),
            message_id: message.message_id().map(one_line).filter(|id| !id.is_empty()),
            delivered_to: addresses(message, &["X-Original-To", "Delivered-To", "Envelope-To"]),
            addressed_to: addresses(message, &["To", "Cc"]),
        };
        for part in message.attachments() {
            match &part.body {
                PartType::Message(forwarded) if deepest > 0 => {
                    mail.forwarded = below(mail.forwarded, &Self::of(forwarded, deepest - 1).as_forwarded());
                }
                _ => mail.files.push(file_name(part)),
            }
        }
        mail
    }

    /// Text, HTML and forwarded mail in one, and the names of the files.
    fn body(&self) -> String {
        let mut body = [&self.html, &self.forwarded].into_iter().fold(self.text.clone(), |all, part| below(all, part));
        for (at, file) in self.files.iter().enumerate() {
            let before = if at == 0 { "\n\n" } else { "\n" };
            body.push_str(&format!("{before}[{file} was attached, and is not kept]"));
        }
        body
    }

    /// The whole mail as a part of another's text.
    fn as_forwarded(&self) -> String {
        let Self { from, subject, .. } = self;
        format!("\n---------- Forwarded message ----------\nFrom: {from}\nSubject: {subject}\n\n{}", self.body())
    }

    fn deliver(&self, db: &Connection, now: Timestamp) -> Result<Vec<PageId>, ApiError> {
        let mut pages = pages(db, &self.delivered_to)?;
        if pages.is_empty() {
            pages = self::pages(db, &self.addressed_to)?;
        }
        if pages.is_empty() {
            return Err(ApiError::Invalid("No page has the address that the mail is for"));
        }
        for page in &pages {
            self.deliver_to(db, PageId(*page), now.as_second())?;
        }
        Ok(pages.into_iter().map(PageId).collect())
    }

    fn deliver_to(&self, db: &Connection, page: PageId, now: i64) -> Result<(), ApiError> {
        const EMAIL: &str =
            "INSERT INTO emails (page_id, subject, body, created_at, message_id) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (page_id, message_id) DO NOTHING";
        const NOTE: &str = "INSERT INTO notes (page_id, title, body, created_at) VALUES (?1, ?2, ?3, ?4)";
        let email = (page.0, &self.subject, self.body(), now, &self.message_id);
        if db.prepare_cached(EMAIL)?.execute(email)? == 0 {
            return Ok(());
        }
        place(db, page, &WidgetKind::Email, db.last_insert_rowid().unsigned_abs())?;
        if let Some(title) = note_title(&self.subject) {
            let parts = [&self.text, &self.html, &self.forwarded];
            let body = parts.into_iter().find(|part| !part.is_empty());
            let note = db.prepare_cached(NOTE)?.insert((page.0, title, body, now))?;
            place(db, page, &WidgetKind::Note, note.unsigned_abs())?;
        }
        Ok(())
    }
}

/// How many parts a mail has at most: each but the first says what it is, or is in one that does.
fn parts(raw: &[u8]) -> usize {
    const NAME: &[u8] = b"content-type";
    let is_named = |line: &&[u8]| line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    raw.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start).filter(is_named).count()
}

/// Without the line in front that some who bring mail write: `From jo@example.com Thu Apr  2 09:45:00 2009`.
fn without_envelope(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
    raw.get(end..).unwrap_or_default()
}

/// With a head in UTF-8: one of bytes beyond ASCII that are none is from an old program. `None` if there is no head, so
/// that this is no mail.
fn with_readable_head(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    let end = |blank: &[u8]| raw.windows(blank.len()).position(|bytes| bytes == blank);
    let end = [&b"\n\n"[..], b"\n\r\n"].into_iter().filter_map(end).min().unwrap_or(raw.len());
    let (head, body) = raw.split_at_checked(end)?;
    let name = head.split(|byte| *byte == b':').next().filter(|name| name.len() < head.len())?;
    if name.is_empty() || !name.trim_ascii_end().iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let readable = str::from_utf8(head).is_ok();
    Some(if readable { raw.into() } else { [in_windows_1252(head).as_bytes(), body].concat().into() })
}

fn in_windows_1252(bytes: &[u8]) -> String {
    let decode = charset_decoder(b"windows-1252");
    decode.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |decode| decode(bytes))
}

/// The text of a part. Where nothing says in which charset it is, and it is not UTF-8, it is from an old program.
fn text_of(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let (PartType::Text(text) | PartType::Html(text)) = &part.body else { return String::new() };
    let says_charset = part.content_type().is_some_and(|kind| kind.has_attribute("charset"));
    if says_charset || !text.contains(char::REPLACEMENT_CHARACTER) {
        return kept(text);
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    match bytes.map(String::from_utf8) {
        Some(Err(error)) => kept(&in_windows_1252(error.as_bytes())),
        _ => kept(text),
    }
}

/// A text with another below it, on a line of its own.
fn below(mut text: String, other: &str) -> String {
    if !text.is_empty() && !text.ends_with('\n') && !other.is_empty() {
        text.push('\n');
    }
    text + other
}

/// The name of a file, or its type.
fn file_name(part: &MessagePart<'_>) -> String {
    let of_type = || {
        let kind = part.content_type()?;
        Some(format!("{}/{}", kind.ctype(), kind.subtype()?))
    };
    let name = part.attachment_name().map(one_line).filter(|name| !name.is_empty());
    name.or_else(|| of_type().as_deref().map(one_line)).unwrap_or_else(|| "a file".to_owned())
}

/// Who wrote a mail: `Jo <jo@example.com>`.
fn writer(message: &Message<'_>) -> String {
    let Some(from) = message.from().and_then(|from| from.first()) else { return String::new() };
    let address = from.address().unwrap_or_default();
    one_line(&from.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>")))
}

/// An address without the name and the brackets around it.
fn bare(recipient: &str) -> &str {
    let inside = recipient.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(recipient, |(address, _)| address).trim()
}

fn addresses(message: &Message<'_>, headers: &[&'static str]) -> Vec<String> {
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

/// The pages that have these addresses, each once.
fn pages(db: &Connection, addresses: &[String]) -> Result<BTreeSet<u64>, ApiError> {
    let mut find = db.prepare_cached("SELECT id FROM pages WHERE mailbox = ?1")?;
    let mut pages = BTreeSet::new();
    for address in addresses {
        let mailbox = address.rsplit_once('@').map_or(address.as_str(), |(mailbox, _)| mailbox).trim();
        pages.extend(find.query_row([mailbox], |row| row.get::<_, u64>(0)).optional()?);
    }
    Ok(pages)
}

/// What is kept of a text: lines that end as everywhere, and nothing that no answer could hold, since XML cannot.
fn kept(text: &str) -> String {
    let mut kept = text.replace("\r\n", "\n").replace('\r', "\n");
    kept.retain(|c| !matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'));
    kept
}

fn one_line(text: &str) -> String {
    kept(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What follows `note:`, with which a subject begins.
fn note_title(subject: &str) -> Option<&str> {
    let (word, title) = subject.split_at_checked("note:".len())?;
    word.eq_ignore_ascii_case("note:").then_some(title.trim())
}
