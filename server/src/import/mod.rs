//! Imports the archive of an account.
//!
//! An import adds what the file lacks, and neither changes nor deletes a row that exists, except for the settings of a
//! user whose archive is imported for the first time, and for calendars that turn out to be shared. The table `imports`
//! has each object that was imported, so importing the same archive again has no effect, and importing a later archive
//! of the same account adds what is new in it.
//!
//! In reading order:
//!
//! - `kind`: the kinds of objects.
//! - `numbers`: numbers of the archive, and the ids of their rows.
//! - `importer`: writes each object once.
//! - `people`, `pages`, `calendars`: the objects, by topic.
//! - `links`: rewrites links to pages whose number has changed.
//! - `defaults`: values that the archive does not have.
//! - `report`: the report.

mod calendars;
mod defaults;
mod importer;
mod kind;
mod links;
mod numbers;
mod pages;
mod people;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{AccountId, User, UserId};
use backpack_archive::model;
use rusqlite::{Connection, OptionalExtension};

use self::importer::Importer;
use self::numbers::Numbers;
use crate::store::page_size;
use crate::store::rows::execute;
use crate::{ApiError, accounts, tokens};

pub use self::kind::Kind;
pub use self::report::{Counts, ImportReport, Renumbered, Skipped};

/// Imports the archive of an account into the account `name`, or by default into the account of an earlier import, or
/// else into a new account with the archive's name. Limits on pages do not apply. `now` is the time of the import.
///
/// Run it in one write, so that either all of it is stored or nothing.
///
/// # Errors
///
/// [`ApiError::InvalidValue`] if the archive has no name and `name` is `None`, or the name cannot be a host label, or an
/// account with this name exists that is not from this archive, or the user of the archive was deleted after an earlier
/// import.
pub fn import(
    db: &Connection,
    archive: &model::Account,
    name: Option<&str>,
    now: Timestamp,
) -> Result<ImportReport, ApiError> {
    page_size::without_limit(db, |db| import_without_limit(db, archive, name, now))
}

fn import_without_limit(
    db: &Connection,
    archive: &model::Account,
    name: Option<&str>,
    now: Timestamp,
) -> Result<ImportReport, ApiError> {
    const DELETED: ApiError = ApiError::InvalidValue(
        "The user of this archive was deleted after an earlier import; to import it again, use another name of the account",
    );
    const NO_USER: ApiError = ApiError::InvalidValue("The number of the user of this archive is out of range");
    let archive_name = archive.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let existing = find_target_account(db, &archive_name, name)?;
    let me = find_importing_user(archive);
    let users = people::list_users(archive, &me);
    let mut numbers = Numbers::default();
    for (kind, of_kind) in list_numbers(archive, &users, me.id) {
        numbers.plan(db, existing.as_ref().map(|account| account.id.0), kind, &of_kind)?;
    }
    let is_new_account = existing.is_none();
    let account = match existing {
        Some(account) => account,
        None => {
            let of_calendar = archive.calendars.first().map(|archived| archived.calendar.account_id);
            create_account(db, name.unwrap_or(&archive_name), &archive_name, me.account_id.or(of_calendar))?
        }
    };
    let user = UserId(numbers.planned(Kind::User, me.id.0).ok_or(NO_USER)?);
    let report = ImportReport {
        account: account.name,
        is_new_account,
        user,
        user_name: me.name.clone(),
        token: None,
        counts: Default::default(),
        renumbered: Vec::new(),
        rewritten_texts: 0,
        skipped: Vec::new(),
        changed: Vec::new(),
        defaults: Vec::new(),
    };
    let mut importer =
        Importer { db, account: account.id, archive_name, user, now, numbers, seen_tags: BTreeSet::new(), report };
    importer.import_users(&users, &archive.members, &me)?;
    if importer.numbers.find(Kind::User, me.id.0).is_none() {
        return Err(DELETED);
    }
    importer.import_pages(&archive.pages)?;
    let is_first_of_user = importer.import_settings(&me)?;
    importer.import_reminders(&archive.reminders, &me)?;
    importer.import_calendars(&archive.calendars, is_first_of_user)?;
    importer.import_journal(&archive.journal)?;
    importer.import_statuses(&archive.statuses)?;
    importer.import_bookmarks(&archive.bookmarks)?;
    importer.report_defaults(archive);
    let mut report = importer.report;
    if is_first_of_user {
        report.token = Some(tokens::create(db, user)?);
    }
    Ok(report)
}

/// Finds the account that an archive is imported into: the one with a given name, or else the one of an earlier import
/// of the account. Returns `None` if a new account is needed.
fn find_target_account(
    db: &Connection,
    archive_name: &str,
    name: Option<&str>,
) -> Result<Option<accounts::Account>, ApiError> {
    const SOURCE: &str = "SELECT imported_from FROM accounts WHERE id = ?1";
    const BY_SOURCE: &str = "SELECT name FROM accounts WHERE imported_from = ?1 ORDER BY id LIMIT 1";
    const NO_NAME: ApiError =
        ApiError::InvalidValue("the archive does not name its account: choose a name with `--account`");
    const OTHER: ApiError = ApiError::InvalidValue(
        "An account with this name exists already, and is not from this archive: choose another name with `--account`",
    );
    let name = match name {
        Some(name) => name.to_owned(),
        None if archive_name.is_empty() => return Err(NO_NAME),
        None => {
            let earlier = db.prepare_cached(BY_SOURCE)?.query_row([archive_name], |row| row.get(0)).optional()?;
            earlier.unwrap_or_else(|| archive_name.to_owned())
        }
    };
    let account = match accounts::find(db, &name) {
        Err(ApiError::NotFound) => return Ok(None),
        account => account?,
    };
    let source: Option<String> = db.prepare_cached(SOURCE)?.query_row([account.id.0], |row| row.get(0))?;
    if source.as_deref() == Some(archive_name) { Ok(Some(account)) } else { Err(OTHER) }
}

/// Creates the account, with its number in the archive if that is known and free.
fn create_account(
    db: &Connection,
    name: &str,
    archive_name: &str,
    number: Option<AccountId>,
) -> Result<accounts::Account, ApiError> {
    const SET: &str = "UPDATE accounts SET imported_from = ?2 WHERE id = ?1";
    const IS_TAKEN: &str = "SELECT 1 FROM accounts WHERE id = ?1";
    // The account is new, so no other row refers to its id yet.
    const MOVE: &str = "UPDATE accounts SET id = ?2 WHERE id = ?1";
    let mut account = accounts::create(db, name, None)?;
    if let Some(number) = number.filter(|number| (1..=numbers::MAX_KEPT).contains(&number.0))
        && !db.prepare_cached(IS_TAKEN)?.exists([number.0])?
    {
        execute(db, MOVE, (account.id.0, number.0))?;
        account.id = number;
    }
    execute(db, SET, (account.id.0, archive_name))?;
    Ok(account)
}

/// Returns the user whose archive it is. Saved responses may not say who that is: then it is the first user of the
/// account, or a new one with the name of the account.
fn find_importing_user(archive: &model::Account) -> User {
    let first = archive.members.iter().min_by_key(|member| member.id);
    match (&archive.user, first) {
        (Some(user), _) => user.clone(),
        (None, Some(member)) => User::new(member.id, &member.name),
        (None, None) => User::new(UserId(1), archive.name.as_deref().unwrap_or("User")),
    }
}

/// Lists the numbers of all objects by kind. The list of an old page comes after the others, since its id must be new.
fn list_numbers(archive: &model::Account, users: &BTreeMap<u64, String>, me: UserId) -> Vec<(Kind, BTreeSet<u64>)> {
    let pages = || archive.pages.iter().map(|archived| &archived.page);
    let lists = || pages().flat_map(|page| &page.lists);
    let galleries = || pages().flat_map(|page| &page.galleries);
    let old_pages = pages().filter(|page| !pages::list_loose_items(page).is_empty());
    vec![
        (Kind::User, users.keys().copied().collect()),
        (Kind::Settings, BTreeSet::from([me.0])),
        (Kind::Page, pages().map(|page| page.id.0).collect()),
        (Kind::List, lists().map(|list| list.id.0).collect()),
        (Kind::FirstList, old_pages.map(|page| page.id.0).collect()),
        (Kind::Item, pages().flat_map(pages::list_items).map(|item| item.id.0).collect()),
        (Kind::Note, pages().flat_map(|page| &page.notes).map(|note| note.id.0).collect()),
        (Kind::Separator, pages().flat_map(|page| &page.separators).map(|separator| separator.id.0).collect()),
        (Kind::Email, pages().flat_map(|page| &page.emails).map(|email| email.id.0).collect()),
        (Kind::Gallery, galleries().map(|gallery| gallery.id.0).collect()),
        (Kind::Image, galleries().flat_map(|gallery| &gallery.images).map(|image| image.id.0).collect()),
        (Kind::Attachment, pages().flat_map(|page| &page.attachments).map(|file| file.id.0).collect()),
        (Kind::Belonging, pages().flat_map(|page| &page.belongings).map(|belonging| belonging.id.0).collect()),
        (Kind::Tag, pages().flat_map(|page| &page.tags).map(|tag| tag.id.0).collect()),
        (Kind::Reminder, archive.reminders.iter().map(|reminder| reminder.id.0).collect()),
        (Kind::Status, archive.statuses.iter().map(|status| status.id.0).collect()),
        (Kind::JournalEntry, archive.journal.iter().map(|entry| entry.id.0).collect()),
        (Kind::Bookmark, archive.bookmarks.iter().map(|bookmark| bookmark.id.0).collect()),
        (Kind::Calendar, archive.calendars.iter().map(|archived| archived.calendar.id.0).collect()),
        (Kind::Event, archive.calendars.iter().flat_map(|archived| &archived.events).map(|event| event.id.0).collect()),
    ]
}
