//! Users of an archive, and what they wrote outside of pages.

use std::collections::{BTreeMap, BTreeSet};

use backpack_api::{Bookmark, Bookmarkable, JournalEntry, Member, Reminder, Status, User};
use backpack_archive::model;
use rusqlite::{Connection, params};
use serde_json::json;

use super::importer::{Importer, Object};
use super::kind::Kind;
use crate::ApiError;
use crate::store::rows::execute;
use crate::time_zones::{rails_name, zone_or_utc};

/// Lists the users whom an archive names, with their names: the importing user, the users of the account, and those
/// who wrote or receive something but are no longer users of the account.
pub(super) fn list_users(archive: &model::Account, me: &User) -> BTreeMap<u64, String> {
    let mut users = BTreeMap::from([(me.id.0, me.name.clone())]);
    users.extend(archive.members.iter().map(|member| (member.id.0, member.name.clone())));
    let people = archive.reminders.iter().flat_map(|reminder| reminder.creator.iter().chain(&reminder.remindees));
    let named = people.map(|person| (person.id.0, Some(person.name.clone())));
    let authors = archive.journal.iter().map(|entry| (entry.user_id, entry.user.as_ref()));
    let others = archive.statuses.iter().map(|status| (Some(status.user_id), status.user.as_ref()));
    let written = authors.chain(others).filter_map(|(id, user)| {
        let id = user.map(|user| user.id).or(id)?;
        Some((id.0, user.map(|user| user.name.clone())))
    });
    for (number, name) in named.chain(written) {
        let known = users.entry(number).or_default();
        if known.is_empty() {
            *known = name.unwrap_or_default();
        }
    }
    for (number, name) in &mut users {
        if name.is_empty() {
            *name = format!("User {number}");
        }
    }
    users
}

impl Importer<'_> {
    /// Writes the users of [`list_users`]. `members` are those that the account still has.
    pub(super) fn import_users(
        &mut self,
        users: &BTreeMap<u64, String>,
        members: &[Member],
        me: &User,
    ) -> Result<(), ApiError> {
        const INSERT: &str = "INSERT INTO users (id, account_id, name, email_address, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
        let members: BTreeSet<u64> = members.iter().map(|member| member.id.0).collect();
        for (&number, name) in users {
            let object = Object { kind: Kind::User, number, parent: None, values: json!([name]) };
            let is_written = self.write(object, |importer, row| {
                let (account, now) = (importer.account.0, importer.now.as_second());
                let address = placeholder_address(row.id, &importer.report.account);
                execute(importer.db, INSERT, (row.id, account, name, address, now))
            })?;
            if is_written && number != me.id.0 {
                let id = self.numbers.find(Kind::User, number).unwrap_or(number);
                let is_member = members.is_empty() || members.contains(&number);
                let remark = if is_member { "" } else { " (no longer a user of the account)" };
                self.report_placeholder_address(id, name, remark);
            }
        }
        Ok(())
    }

    /// Reports that a user has a placeholder as e-mail address. `remark` follows the name.
    fn report_placeholder_address(&mut self, id: u64, name: &str, remark: &str) {
        let account = &self.report.account;
        let address = placeholder_address(id, account);
        self.report.defaults.push(format!(
            "user {id} ({name}){remark}: e-mail address {address}, gets no mail; \
             set it with `backpack host user set {account} {id} --email ADDRESS`"
        ));
    }

    /// Writes the settings of the importing user. The start page has to be written already.
    pub(super) fn import_settings(&mut self, me: &User) -> Result<bool, ApiError> {
        const UPDATE: &str = "UPDATE users SET email_address = coalesce(?2, email_address), admin = ?3, time_zone = ?4,
            use_24h_clock = ?5, remind_via_email = ?6, remind_via_mobile = ?7, mobile_phone_host = ?8,
            mobile_phone_number = ?9, identity_url = ?10, start_page_id = ?11, created_at = ?12, updated_at = ?13
            WHERE id = ?1";
        let time_zone = me.time_zone_id.as_deref().unwrap_or("UTC");
        let start_page = me.start_page_id.and_then(|page| self.numbers.find(Kind::Page, page.0));
        let (created_at, updated_at) = (self.time_or_now(me.created_at), self.time_or_now(me.updated_at));
        let email_address = me.email_address.as_deref().filter(|address| !address.is_empty());
        let settings = (&me.mobile_phone_host, &me.mobile_phone_number, &me.identity_url);
        let values = json!([
            email_address,
            me.admin,
            time_zone,
            me.use_24h_clock,
            (me.remind_via_email, me.remind_via_mobile),
            settings,
            me.start_page_id.map(|page| page.0),
        ]);
        let object = Object { kind: Kind::Settings, number: me.id.0, parent: Some((Kind::User, me.id.0)), values };
        let is_written = self.write(object, |importer, row| {
            let (host, number, identity_url) = settings;
            let values = params![
                row.parent,
                email_address,
                me.admin.unwrap_or_default(),
                time_zone,
                me.use_24h_clock.unwrap_or(true),
                me.remind_via_email.unwrap_or(true),
                me.remind_via_mobile.unwrap_or_default(),
                host,
                number,
                identity_url,
                start_page,
                created_at,
                updated_at,
            ];
            execute(importer.db, UPDATE, values)
        })?;
        if is_written {
            self.report_settings(me, start_page.is_none());
        }
        Ok(is_written)
    }

    /// Reports the settings of the importing user that were not taken as they are.
    fn report_settings(&mut self, me: &User, start_page_is_missing: bool) {
        if me.email_address.as_deref().unwrap_or_default().is_empty() {
            self.report_placeholder_address(self.user.0, &me.name, "");
        }
        let (id, name) = (self.user, &me.name);
        let mut defaults = Vec::new();
        let reminder_address = me.reminder_address.as_deref().filter(|address| !address.is_empty());
        if reminder_address.is_some() && reminder_address != me.email_address.as_deref() {
            defaults
                .push(format!("user {id} ({name}): reminders go to the e-mail address, not to the reminder address"));
        }
        match me.time_zone_id.as_deref() {
            None => defaults.push(format!("user {id} ({name}): time zone UTC")),
            Some(zone) if rails_name(zone).is_none() => {
                defaults.push(format!("user {id} ({name}): the time zone {zone} is unknown and treated as UTC"));
            }
            Some(_) => {}
        }
        if let Some(page) = me.start_page_id.filter(|_| start_page_is_missing) {
            defaults.push(format!("user {id} ({name}): no start page, since the archive lacks page {page}"));
        }
        self.report.defaults.append(&mut defaults);
    }

    /// Writes the reminders. Those whose time is past are marked as sent.
    pub(super) fn import_reminders(&mut self, reminders: &[Reminder], me: &User) -> Result<(), ApiError> {
        const INSERT: &str =
            "INSERT INTO reminders (id, creator_id, content, remind_at, sent_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        const ADD_REMINDEE: &str = "INSERT OR IGNORE INTO remindees (reminder_id, user_id) VALUES (?1, ?2)";
        let time_zone = zone_or_utc(me.time_zone_id.as_deref().unwrap_or("UTC"));
        let mut past = 0;
        for reminder in reminders {
            let number = reminder.id.0;
            let Ok(at) = time_zone.to_timestamp(reminder.remind_at) else {
                self.skip(Kind::Reminder, number, "its time is out of range");
                continue;
            };
            let remindees: Vec<u64> = reminder.remindees.iter().map(|person| person.id.0).collect();
            let creator = reminder.creator.as_ref().map(|person| person.id.0);
            // The archives of other users have the same reminder with the time of another time zone.
            let values = json!([at.as_second(), reminder.content, creator, remindees]);
            let creator = self.user_or_self(creator);
            let mut remindees: Vec<u64> =
                remindees.iter().filter_map(|number| self.numbers.find(Kind::User, *number)).collect();
            if remindees.is_empty() {
                remindees.push(creator);
            }
            let (at, is_past) = (at.as_second(), at < self.now);
            let object = Object { kind: Kind::Reminder, number, parent: None, values };
            let is_written = self.write(object, |importer, row| {
                let content = importer.rewrite(&reminder.content);
                execute(importer.db, INSERT, (row.id, creator, &content, at, is_past.then_some(at)))?;
                for user in remindees {
                    execute(importer.db, ADD_REMINDEE, (row.id, user))?;
                }
                Ok(())
            })?;
            past += usize::from(is_written && is_past);
        }
        if past > 0 {
            self.report.defaults.push(format!("{past} reminders whose time is past: kept as done, not sent"));
        }
        Ok(())
    }

    /// Writes the journal.
    pub(super) fn import_journal(&mut self, entries: &[JournalEntry]) -> Result<(), ApiError> {
        const INSERT: &str =
            "INSERT INTO journal_entries (id, user_id, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        for entry in entries {
            let author = entry.user.as_ref().map(|user| user.id).or(entry.user_id).map(|user| user.0);
            let (created_at, updated_at) = (entry.created_at.as_second(), entry.updated_at.as_second());
            let values = json!([author, entry.body, created_at, updated_at]);
            let object = Object { kind: Kind::JournalEntry, number: entry.id.0, parent: None, values };
            self.write(object, |importer, row| {
                let (user, body) = (importer.user_or_self(author), importer.rewrite(&entry.body));
                execute(importer.db, INSERT, (row.id, user, &body, created_at, updated_at))
            })?;
        }
        Ok(())
    }

    /// Writes the statuses.
    pub(super) fn import_statuses(&mut self, statuses: &[Status]) -> Result<(), ApiError> {
        const HAS_STATUS: &str = "SELECT 1 FROM statuses WHERE user_id = ?1";
        const INSERT: &str = "INSERT INTO statuses (id, user_id, message, updated_at) VALUES (?1, ?2, ?3, ?4)";
        for status in statuses {
            let (number, owner) = (status.id.0, status.user_id.0);
            let updated_at = status.updated_at.as_second();
            let user = self.numbers.find(Kind::User, owner).filter(|_| self.numbers.is_planned(Kind::Status, number));
            if let Some(user) = user
                && self.db.prepare_cached(HAS_STATUS)?.exists([user])?
            {
                self.skip(Kind::Status, number, "its user has a status already");
                continue;
            }
            let values = json!([owner, status.message, updated_at]);
            let object = Object { kind: Kind::Status, number, parent: Some((Kind::User, owner)), values };
            self.write(object, |importer, row| {
                let message = importer.rewrite(&status.message);
                execute(importer.db, INSERT, (row.id, row.parent, &message, updated_at))
            })?;
        }
        Ok(())
    }

    /// Writes the bookmarks of the importing user.
    pub(super) fn import_bookmarks(&mut self, bookmarks: &[Bookmark]) -> Result<(), ApiError> {
        const INSERT: &str =
            "INSERT INTO bookmarks (id, user_id, kind, target_id, position) VALUES (?1, ?2, ?3, ?4, ?5)";
        for bookmark in bookmarks {
            let (number, target, position) = (bookmark.id.0, bookmark.target_id, bookmark.position);
            let kind = bookmark.kind.as_str();
            let values = json!([kind, target, position]);
            let target = self.find_bookmark_target(&bookmark.kind, target)?;
            if target.is_none() && self.numbers.is_planned(Kind::Bookmark, number) {
                self.skip(Kind::Bookmark, number, "its target was not written");
                continue;
            }
            let object = Object { kind: Kind::Bookmark, number, parent: None, values };
            self.write(object, |importer, row| {
                execute(importer.db, INSERT, (row.id, importer.user.0, kind, target, position))
            })?;
        }
        Ok(())
    }

    /// Finds the id of a bookmark's target. A target that the archive lacks keeps its number, unless a row of the file
    /// has that number: the bookmark would then lead to something else. Returns `None` in this case.
    fn find_bookmark_target(&self, kind: &Bookmarkable, number: i64) -> Result<Option<i64>, ApiError> {
        let kind = match kind {
            Bookmarkable::Page => Kind::Page,
            Bookmarkable::Tag => Kind::Tag,
            _ => return Ok(Some(number)),
        };
        if let Some(known) = u64::try_from(number).ok().filter(|number| self.numbers.get(kind, *number).is_some()) {
            return Ok(self.numbers.find(kind, known).and_then(|id| i64::try_from(id).ok()));
        }
        Ok(if has_row(self.db, kind, number)? { None } else { Some(number) })
    }
}

/// `true` if a table has a row with an id.
fn has_row(db: &Connection, kind: Kind, id: i64) -> Result<bool, ApiError> {
    let query = format!("SELECT 1 FROM {} WHERE id = ?1", kind.table());
    Ok(db.prepare_cached(&query)?.exists([id])?)
}

/// Returns the e-mail address of a user whose own the archive lacks. No mail reaches the domain `invalid`.
fn placeholder_address(id: u64, account: &str) -> String {
    format!("user-{id}@{account}.invalid")
}
