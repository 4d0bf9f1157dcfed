//! Mail for a page.
//!
//! A page's address is `MAILBOX@` and any domain. Its mail is kept as text: the text of the mail, and its HTML after that.
//! Files that are attached are not kept; their names are, at the end of the text.

use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{PageId, WidgetKind};
use mail_parser::{HeaderForm, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use rusqlite::{Connection, OptionalExtension};

use crate::operations::place;
use crate::{Refusal, Store};

/// The most bytes that a mail may have, with its files.
pub const LARGEST: u64 = 32 * 1024 * 1024;

/// A mail that came, as it is kept.
#[derive(Debug, PartialEq, Eq)]
struct Incoming {
    subject: String,
    text: String,
    html: String,
    files: Vec<String>,
    message_id: Option<String>,
    /// Whom those who brought it say that it is for.
    delivered_to: Vec<String>,
    /// Whom its writer says that it is for.
    addressed_to: Vec<String>,
}

/// Takes in a mail in the form of RFC 5322, and answers the pages where it is now, each at the bottom.
///
/// It goes to the page of `recipient`; without one, to the page that `X-Original-To`, `Delivered-To` or `Envelope-To`
/// name; without these, to all pages that `To` and `Cc` name. A subject that begins with `note:` makes a note, too: its
/// title is the rest of the subject. A mail that is brought again, as its `Message-ID` says, is where it is already, and
/// kept once.
///
/// # Errors
///
/// [`Refusal::Invalid`] if it is no mail, is larger than 32 MiB, or no page has such an address;
/// [`Refusal::Unavailable`] if it cannot be written just now, so that it should be brought again.
///
/// # Panics
///
/// Inside an async runtime, where nothing may block.
pub fn receive(store: &Store, raw: &[u8], recipient: Option<&str>) -> Result<Vec<PageId>, Refusal> {
    if raw.len() as u64 > LARGEST {
        return Err(Refusal::Invalid("The mail is too large"));
    }
    let mut mail = Incoming::read(raw).ok_or(Refusal::Invalid("This is no mail"))?;
    if let Some(recipient) = recipient {
        mail.delivered_to = vec![recipient.to_owned()];
        mail.addressed_to.clear();
    }
    store.write_blocking(move |db| mail.deliver(db, Timestamp::now()))
}

impl Incoming {
    fn read(raw: &[u8]) -> Option<Self> {
        let message = MessageParser::default().parse(without_envelope(raw))?;
        let text = |part: &MessagePart<'_>| match &part.body {
            PartType::Text(text) => Some(kept(text)),
            _ => None,
        };
        let html = |part: &MessagePart<'_>| match &part.body {
            PartType::Html(html) => Some(kept(html)),
            _ => None,
        };
        let file = |part: &MessagePart<'_>| part.attachment_name().map(one_line);
        Some(Self {
            subject: one_line(message.subject().unwrap_or_default()),
            text: message.text_bodies().filter_map(text).collect(),
            html: message.html_bodies().filter_map(html).collect(),
            files: message.attachments().filter_map(file).collect(),
            message_id: message.message_id().map(one_line).filter(|id| !id.is_empty()),
            delivered_to: addresses(&message, &["X-Original-To", "Delivered-To", "Envelope-To"]),
            addressed_to: addresses(&message, &["To", "Cc"]),
        })
    }

    /// Text and HTML in one, and the names of the files.
    fn body(&self) -> String {
        let mut body = self.text.clone();
        if !body.is_empty() && !body.ends_with('\n') && !self.html.is_empty() {
            body.push('\n');
        }
        body.push_str(&self.html);
        for (at, file) in self.files.iter().enumerate() {
            let before = if at == 0 { "\n\n" } else { "\n" };
            body.push_str(&format!("{before}[{file} was attached, and is not kept]"));
        }
        body
    }

    fn deliver(&self, db: &Connection, now: Timestamp) -> Result<Vec<PageId>, Refusal> {
        let mut pages = pages(db, &self.delivered_to)?;
        if pages.is_empty() {
            pages = self::pages(db, &self.addressed_to)?;
        }
        if pages.is_empty() {
            return Err(Refusal::Invalid("No page has the address that the mail is for"));
        }
        for page in &pages {
            self.deliver_to(db, PageId(*page), now.as_second())?;
        }
        Ok(pages.into_iter().map(PageId).collect())
    }

    fn deliver_to(&self, db: &Connection, page: PageId, now: i64) -> Result<(), Refusal> {
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
            let body = if self.text.is_empty() { &self.html } else { &self.text };
            let note = db.prepare_cached(NOTE)?.insert((page.0, title, body, now))?;
            place(db, page, &WidgetKind::Note, note.unsigned_abs())?;
        }
        Ok(())
    }
}

/// Without the line in front that some who bring mail write: `From jo@example.com Thu Apr  2 09:45:00 2009`.
fn without_envelope(raw: &[u8]) -> &[u8] {
    if !raw.starts_with(b"From ") {
        return raw;
    }
    let end = raw.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |at| at + 1);
    raw.get(end..).unwrap_or_default()
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
fn pages(db: &Connection, addresses: &[String]) -> Result<BTreeSet<u64>, Refusal> {
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
