//! From the form of an older version to that of this one.

use rusqlite::{Connection, TransactionBehavior, ffi};

/// One step for each version; never changed once released, only added to.
const STEPS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// Brings the file to this version's form, all steps or none; `false` if it is of a newer version.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<bool> {
    migrate_by(connection, STEPS)
}

/// A file that has this form already is only read, so that opening it waits for nobody.
fn migrate_by(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<bool> {
    if version(connection)? == steps.len() {
        return Ok(true);
    }
    // A step that builds a table anew drops the old one, which would take along all that refers to it. The setting
    // cannot be changed inside a transaction.
    connection.pragma_update(None, "foreign_keys", false)?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another program may have been first.
    let Some(left) = steps.get(version(&change)?..) else { return Ok(false) };
    for step in left {
        change.execute_batch(step)?;
    }
    check_references(&change)?;
    change.pragma_update(None, "user_version", steps.len())?;
    change.commit()?;
    Ok(true)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Nothing refers to what is not there.
fn check_references(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_query(None, "foreign_key_check", |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let broken = ffi::Error::new(ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        Err(rusqlite::Error::SqliteFailure(broken, Some(format!("{table} would refer to no row of {parent}"))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE accounts (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE users (account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE) STRICT;
        INSERT INTO accounts VALUES (1), (2);
        INSERT INTO users VALUES (1), (1), (2);";
    const REBUILT: &str = "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '') STRICT;
        INSERT INTO new (id) SELECT id FROM accounts;
        DROP TABLE accounts;
        ALTER TABLE new RENAME TO accounts;";

    fn users(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM users", (), |row| row.get(0)).unwrap()
    }

    fn first() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        assert_eq!(migrate_by(&mut db, &[FIRST]), Ok(true));
        db
    }

    #[test]
    fn a_step_that_builds_a_table_anew_keeps_what_refers_to_it() {
        let mut db = first();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        assert_eq!(migrate_by(&mut db, &[FIRST, REBUILT]), Ok(true));
        assert_eq!(users(&db), 3);
        assert_eq!(db.query_row("SELECT count(name) FROM accounts", (), |row| row.get(0)), Ok(2));
        assert_eq!(migrate_by(&mut db, &[FIRST]), Ok(false), "it is of a newer version");
    }

    #[test]
    fn a_step_that_loses_what_is_referred_to_is_undone() {
        let mut db = first();
        let error = migrate_by(&mut db, &[FIRST, REBUILT, "DELETE FROM accounts WHERE id = 2"]).unwrap_err();
        assert_eq!(error.to_string(), "users would refer to no row of accounts");
        assert_eq!(version(&db), Ok(1));
        assert_eq!(users(&db), 3);
        db.query_row("SELECT name FROM accounts", (), |_| Ok(())).unwrap_err();
    }
}
