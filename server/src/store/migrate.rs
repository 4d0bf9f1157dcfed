//! Which files are ours, and from the form of an older version to that of this one.

use rusqlite::{Connection, TransactionBehavior, ffi};

/// One step for each version; never changed once released, only added to.
const STEPS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// The mark of our files, `application_id`: the letters `Bkpk`.
const MARK: i64 = 0x426b_706b;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing yet.
    Blank,
    /// Ours, of this version or an older one.
    Ours,
    /// Ours, of a newer version.
    Newer,
    /// Anything else.
    Foreign,
}

/// What a file is. Nothing is written.
pub(super) fn form(connection: &Connection) -> rusqlite::Result<Form> {
    // The first files had no mark yet, and are known by their tables.
    const FACTS: &str = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema),
            (SELECT count(*) FROM sqlite_schema WHERE type = 'table'
                AND name IN ('accounts', 'users', 'tokens', 'pages', 'belongings', 'outbox'))
        FROM pragma_application_id, pragma_user_version";
    let facts: (i64, i64, i64, i64) =
        connection.query_row(FACTS, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    Ok(match facts {
        (0, 0, 0, _) => Form::Blank,
        (MARK, version, ..) | (0, version, _, 6) if version > newest => Form::Newer,
        (MARK, version, ..) | (0, version, _, 6) if version > 0 => Form::Ours,
        _ => Form::Foreign,
    })
}

/// Brings the file to this version's form, all steps or none; `false` if it is of a newer version.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<bool> {
    migrate_by(connection, STEPS)
}

/// A file that has this form already is only read, so that opening it waits for nobody.
fn migrate_by(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<bool> {
    if version(connection)? == steps.len() && mark(connection)? == MARK {
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
    change.pragma_update(None, "application_id", MARK)?;
    change.commit()?;
    Ok(true)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn mark(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
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
