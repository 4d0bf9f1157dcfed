//! Numbers of an archive, and the ids of their rows in the file.
//!
//! Ids are unique in the whole file, across accounts. A number of the archive is kept if no row has it. Otherwise, the
//! row gets an id above all numbers of the archive and all ids that the table ever had.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension};

use super::kind::Kind;
use crate::ApiError;
use crate::store::rows::query_all;

/// Largest number that is kept. Above it, few ids might be left for new rows.
pub(super) const MAX_KEPT: u64 = 1 << 53;

/// The ids of all objects of an archive.
#[derive(Default)]
pub(super) struct Numbers {
    entries: BTreeMap<(Kind, u64), Entry>,
    /// For each table, the first id that is above all others.
    next: BTreeMap<&'static str, u64>,
}

/// Id of an object, and its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) state: State,
}

/// State of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The row is not written yet.
    Planned,
    /// This import has written the row.
    Written,
    /// An earlier import has written the row, with values of this fingerprint.
    Present(i64),
    /// As for `Present`, but the row was deleted since.
    Deleted(i64),
}

impl Numbers {
    /// Plans the ids of the objects of a kind. `account` is the account of an earlier import.
    pub(super) fn plan(
        &mut self,
        db: &Connection,
        account: Option<u64>,
        kind: Kind,
        numbers: &BTreeSet<u64>,
    ) -> Result<(), ApiError> {
        if let Some(account) = account {
            self.load(db, account, kind)?;
        }
        let mut find_row = db.prepare(&format!("SELECT 1 FROM {} WHERE id = ?1", kind.table()))?;
        let (mut kept, mut mapped) = (BTreeSet::new(), Vec::new());
        // SQLite has ids up to 2⁶³ - 1.
        let valid = numbers.iter().filter(|number| (1..=i64::MAX as u64).contains(*number));
        for number in valid.filter(|number| !self.entries.contains_key(&(kind, **number))) {
            let order_is_broken = kind.is_ordered() && !mapped.is_empty();
            // The list of an old page has the number of its page, which is none of a list.
            let may_keep = kind != Kind::FirstList && !order_is_broken && *number <= MAX_KEPT;
            // Settings are in the row of their user.
            let has_own_row = kind != Kind::Settings;
            if !has_own_row || may_keep && !find_row.exists([number])? {
                kept.insert(*number);
            } else {
                mapped.push(*number);
            }
        }
        self.reserve(db, kind, kept.last().copied())?;
        for number in kept {
            self.set(kind, number, Entry { id: number, state: State::Planned });
        }
        for number in mapped {
            let id = self.allocate(kind);
            self.set(kind, number, Entry { id, state: State::Planned });
        }
        Ok(())
    }

    /// Loads the objects that earlier imports have written.
    fn load(&mut self, db: &Connection, account: u64, kind: Kind) -> Result<(), ApiError> {
        let query = format!(
            "SELECT number, row_id, fingerprint, EXISTS (SELECT 1 FROM {} WHERE id = row_id)
             FROM imports WHERE account_id = ?1 AND kind = ?2",
            kind.table()
        );
        let read = |row: &rusqlite::Row<'_>| {
            let fingerprint = row.get(2)?;
            let state = if row.get(3)? { State::Present(fingerprint) } else { State::Deleted(fingerprint) };
            Ok(((kind, row.get(0)?), Entry { id: row.get(1)?, state }))
        };
        self.entries.extend(query_all(db, &query, (account, kind.name()), read)?);
        Ok(())
    }

    /// Makes sure that new ids of a kind are above `kept`, and above all ids that its table ever had.
    fn reserve(&mut self, db: &Connection, kind: Kind, kept: Option<u64>) -> Result<(), ApiError> {
        const LAST: &str = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
        let last: Option<u64> = db.prepare_cached(LAST)?.query_row([kind.table()], |row| row.get(0)).optional()?;
        let next = self.next.entry(kind.table()).or_insert(1);
        *next = (*next).max(last.unwrap_or(0).saturating_add(1)).max(kept.unwrap_or(0) + 1);
        Ok(())
    }

    /// Returns a new id for an object of a kind that is planned.
    pub(super) fn allocate(&mut self, kind: Kind) -> u64 {
        let next = self.next.entry(kind.table()).or_insert(1);
        *next += 1;
        *next - 1
    }

    /// Returns the entry of an object; `None` if the archive has no such number, or one that cannot be an id.
    pub(super) fn get(&self, kind: Kind, number: u64) -> Option<Entry> {
        self.entries.get(&(kind, number)).copied()
    }

    /// Sets the id and the state of an object.
    pub(super) fn set(&mut self, kind: Kind, number: u64, entry: Entry) {
        self.entries.insert((kind, number), entry);
    }

    /// Returns the id of an object that has a row; `None` if it has none.
    pub(super) fn find(&self, kind: Kind, number: u64) -> Option<u64> {
        self.get(kind, number)
            .filter(|entry| matches!(entry.state, State::Written | State::Present(_)))
            .map(|entry| entry.id)
    }

    /// Returns the id that an object has or will have.
    pub(super) fn planned(&self, kind: Kind, number: u64) -> Option<u64> {
        self.get(kind, number).map(|entry| entry.id)
    }

    /// `true` if an object is to be written, and was not written yet.
    pub(super) fn is_planned(&self, kind: Kind, number: u64) -> bool {
        self.get(kind, number).is_some_and(|entry| entry.state == State::Planned)
    }
}
