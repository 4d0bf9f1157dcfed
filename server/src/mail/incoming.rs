//! Mail that users send to the address of a page: `MAILBOX@` at any domain.

use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{PageId, WidgetKind};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::mime::ParsedMail;
use crate::text::to_hex;
use crate::widgets::append_to_page;
use crate::{ApiError, Store};

/// Maximum size of a mail in bytes, with its attachments.
pub const MAX_MAIL_SIZE: u64 = 32 * 1024 * 1024;

/// Stores a mail in the format of RFC 5322 at the bottom of each page that it is addressed to, and returns these pages.
///
/// The recipient is `recipient`, which may be of the form `Name <address>`. If it is `None`, the headers
/// `X-Original-To`, `Delivered-To` and `Envelope-To` are used; if these name no page, `To` and `Cc`. If the subject
/// begins with `note:`, a note is created too, with the rest of the subject as its title. A mail that is delivered
/// again, with the same `Message-ID` and content, is stored once on each page.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if the bytes are not a mail, it is larger than 32 MiB or has more than 1,000 parts, or no
/// page has its address; [`ApiError::Unavailable`] if it cannot be written now and should be delivered again later.
///
/// # Panics
///
/// Inside an async runtime, since it blocks.
pub fn receive(store: &Store, raw: &[u8], recipient: Option<&str>) -> Result<Vec<PageId>, ApiError> {
    let mut mail = parse(raw)?;
    if let Some(recipient) = recipient {
        mail.delivered_to = vec![strip_display_name(recipient).to_owned()];
        mail.addressed_to.clear();
    }
    store.write_blocking(move |db| store_mail(db, &mail, Timestamp::now()))
}

/// Reads a mail without storing it. Returns the subject and the body that a page would store.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if the bytes are not a mail, it is larger than 32 MiB or has more than 1,000 parts.
pub fn read(raw: &[u8]) -> Result<(String, String), ApiError> {
    let mail = parse(raw)?;
    let body = mail.to_body();
    Ok((mail.subject, body))
}

/// Parses a mail that is not too large.
fn parse(raw: &[u8]) -> Result<ParsedMail, ApiError> {
    if raw.len() as u64 > MAX_MAIL_SIZE {
        return Err(ApiError::InvalidValue("The mail is too large"));
    }
    ParsedMail::parse(raw)
}

/// Stores a mail on the pages of its recipients, and returns these pages.
pub(super) fn store_mail(db: &Connection, mail: &ParsedMail, now: Timestamp) -> Result<Vec<PageId>, ApiError> {
    let mut pages = find_pages(db, &mail.delivered_to)?;
    if pages.is_empty() {
        pages = find_pages(db, &mail.addressed_to)?;
    }
    if pages.is_empty() {
        return Err(ApiError::InvalidValue("No page has the recipient's address"));
    }
    for page in &pages {
        store_on_page(db, mail, PageId(*page), now.as_second())?;
    }
    Ok(pages.into_iter().map(PageId).collect())
}

/// Stores a mail on one page, with its note. A mail that the page has already is skipped.
fn store_on_page(db: &Connection, mail: &ParsedMail, page: PageId, now: i64) -> Result<(), ApiError> {
    const INSERT_EMAIL: &str =
        "INSERT INTO emails (page_id, subject, body, created_at, message_id) VALUES (?1, ?2, ?3, ?4, ?5)";
    const INSERT_NOTE: &str = "INSERT INTO notes (page_id, title, body, created_at) VALUES (?1, ?2, ?3, ?4)";
    let body = mail.to_body();
    let message_id = match &mail.message_id {
        Some(id) => match find_unused_id(db, page, id, &mail.subject, &body)? {
            Some(unused) => Some(unused),
            None => return Ok(()),
        },
        None => None,
    };
    let email = db.prepare_cached(INSERT_EMAIL)?.insert((page.0, &mail.subject, &body, now, message_id))?;
    append_to_page(db, None, page, &WidgetKind::Email, email)?;
    if let Some(title) = parse_note_title(&mail.subject) {
        let parts = [&mail.text, &mail.html, &mail.forwarded];
        let body = parts.into_iter().find(|part| !part.is_empty()).map_or("", String::as_str);
        let note = db.prepare_cached(INSERT_NOTE)?.insert((page.0, title, body, now))?;
        append_to_page(db, None, page, &WidgetKind::Note, note)?;
    }
    Ok(())
}

/// Returns the id under which a page stores a mail, or `None` if the page has the mail already.
///
/// Some programs use a `Message-ID` for different mails. The first one is stored with the `Message-ID`, and the others
/// with a hash of their content after it. Only the content that a page keeps is compared: each delivery of a mail has
/// header fields of its own, and can be encoded differently.
fn find_unused_id(
    db: &Connection,
    page: PageId,
    message_id: &str,
    subject: &str,
    body: &str,
) -> Result<Option<String>, ApiError> {
    const FIND: &str = "SELECT message_id = ?2, subject = ?4 AND body = ?5 FROM emails
        WHERE page_id = ?1 AND message_id IN (?2, ?3)";
    let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(body).finalize();
    let with_hash = format!("{message_id} {}", to_hex(&hash));
    let mut find = db.prepare_cached(FIND)?;
    let mut rows = find.query((page.0, message_id, &with_hash, subject, body))?;
    let mut unused = message_id.to_owned();
    while let Some(row) = rows.next()? {
        let (is_first, is_same): (bool, bool) = (row.get(0)?, row.get(1)?);
        if is_same {
            return Ok(None);
        }
        if is_first {
            unused.clone_from(&with_hash);
        }
    }
    Ok(Some(unused))
}

/// Returns the ids of the pages that have one of these addresses, each once. The domains of the addresses are ignored.
fn find_pages(db: &Connection, addresses: &[String]) -> Result<BTreeSet<u64>, ApiError> {
    let mut find = db.prepare_cached("SELECT id FROM pages WHERE mailbox = ?1")?;
    let mut pages = BTreeSet::new();
    for address in addresses {
        let mailbox = address.rsplit_once('@').map_or(address.as_str(), |(mailbox, _)| mailbox).trim();
        pages.extend(find.query_row([mailbox], |row| row.get::<_, u64>(0)).optional()?);
    }
    Ok(pages)
}

/// Returns the address in `Name <address>`. A text without angle brackets is the address itself.
fn strip_display_name(recipient: &str) -> &str {
    let inside = recipient.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or(recipient, |(address, _)| address).trim()
}

/// Returns the rest of a subject that begins with `note:`, ignoring case; `None` for other subjects.
fn parse_note_title(subject: &str) -> Option<&str> {
    let (prefix, title) = subject.split_at_checked("note:".len())?;
    prefix.eq_ignore_ascii_case("note:").then_some(title.trim())
}
