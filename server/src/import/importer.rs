//! Writing the objects of an archive, each once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{AccountId, UserId};
use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::kind::Kind;
use super::links::rewrite_links;
use super::numbers::{Entry, Numbers, State};
use super::report::{ImportReport, Renumbered, Skipped};
use crate::ApiError;
use crate::store::rows::execute;

/// State of an import.
pub(super) struct Importer<'i> {
    pub(super) db: &'i Connection,
    /// Account that the archive is imported into.
    pub(super) account: AccountId,
    /// Name of the account in the archive; empty if it has none.
    pub(super) archive_name: String,
    /// The user whose archive it is, by the id in the file.
    pub(super) user: UserId,
    pub(super) now: Timestamp,
    pub(super) numbers: Numbers,
    /// Tags that were counted. A tag occurs on several pages, but is one object.
    pub(super) seen_tags: BTreeSet<u64>,
    pub(super) report: ImportReport,
}

/// An object to write.
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) number: u64,
    /// Object that this one belongs to, if it is not the account.
    pub(super) parent: Option<(Kind, u64)>,
    /// Values in the archive, to see whether they have changed since an earlier import.
    pub(super) values: Value,
}

/// Ids of the row to write.
#[derive(Clone, Copy)]
pub(super) struct RowIds {
    pub(super) id: u64,
    /// Id of the parent's row; 0 if the object has no parent.
    pub(super) parent: u64,
}

impl Importer<'_> {
    /// Writes the row of an object with `insert`, unless an earlier import has written it. Returns `true` if it was
    /// written now. Counts the object in any case.
    pub(super) fn write<T>(
        &mut self,
        object: Object,
        insert: impl FnOnce(&mut Self, RowIds) -> Result<T, ApiError>,
    ) -> Result<bool, ApiError> {
        let Object { kind, number, parent, values } = object;
        let Some(entry) = self.numbers.get(kind, number) else {
            self.skip(kind, number, "its number is out of range");
            return Ok(false);
        };
        let fingerprint = hash_values(&values);
        match entry.state {
            State::Planned => {}
            State::Written => {
                self.skip(kind, number, "the archive has another one with this number");
                return Ok(false);
            }
            State::Present(earlier) | State::Deleted(earlier) => {
                self.report.counts.entry(kind).or_default().present += 1;
                if earlier != fingerprint {
                    self.report.changed.push((kind, number));
                }
                return Ok(false);
            }
        }
        let parent = match parent {
            Some((kind, number)) => self.numbers.find(kind, number),
            None => Some(0),
        };
        let Some(parent) = parent else {
            self.skip(kind, number, "what it belongs to was not written, or was deleted after an earlier import");
            return Ok(false);
        };
        insert(self, RowIds { id: entry.id, parent })?;
        self.record(kind, number, entry.id, fingerprint)?;
        self.report.counts.entry(kind).or_default().written += 1;
        if entry.id != number && !matches!(kind, Kind::FirstList | Kind::Settings) {
            self.report.renumbered.push(Renumbered { kind, number, id: entry.id });
        }
        Ok(true)
    }

    /// Records that an object has a row, so that later imports do not write it again.
    fn record(&mut self, kind: Kind, number: u64, id: u64, fingerprint: i64) -> Result<(), ApiError> {
        const RECORD: &str =
            "INSERT INTO imports (account_id, kind, number, row_id, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.numbers.set(kind, number, Entry { id, state: State::Written });
        execute(self.db, RECORD, (self.account.0, kind.name(), number, id, fingerprint))?;
        Ok(())
    }

    /// Counts an object as not written.
    pub(super) fn skip(&mut self, kind: Kind, number: u64, reason: &'static str) {
        self.report.counts.entry(kind).or_default().skipped += 1;
        self.report.skipped.push(Skipped { kind, number, reason });
    }

    /// Records that an object is represented by the row `id`, which exists already, and counts it as not written.
    pub(super) fn merge(&mut self, object: &Object, id: u64, reason: &'static str) -> Result<(), ApiError> {
        self.record(object.kind, object.number, id, hash_values(&object.values))?;
        self.skip(object.kind, object.number, reason);
        Ok(())
    }

    /// Rewrites the links in a text, which is about to be written, to pages that have another number in the file.
    pub(super) fn rewrite<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let find_id = |number| self.numbers.planned(Kind::Page, number).filter(|id| *id != number);
        match rewrite_links(text, &self.archive_name, find_id) {
            Some(rewritten) => {
                self.report.rewritten_texts += 1;
                Cow::Owned(rewritten)
            }
            None => Cow::Borrowed(text),
        }
    }

    /// Returns the id of a user, or that of the importing user if the archive names none or their row was deleted.
    pub(super) fn user_or_self(&self, number: Option<u64>) -> u64 {
        number.and_then(|number| self.numbers.find(Kind::User, number)).unwrap_or(self.user.0)
    }

    /// Returns a time as the database stores it; the time of the import if there is none.
    pub(super) fn time_or_now(&self, at: Option<Timestamp>) -> i64 {
        at.unwrap_or(self.now).as_second()
    }

    /// Number of objects of a kind that this import has written.
    pub(super) fn count_written(&self, kind: Kind) -> usize {
        self.report.counts.get(&kind).map_or(0, |counts| counts.written)
    }
}

/// Hashes values, so that a change of one of them changes the result.
fn hash_values(values: &Value) -> i64 {
    let hash = Sha256::digest(values.to_string());
    hash.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}
