//! Detecting the kind of a file, and updating its schema.

use rusqlite::{Connection, TransactionBehavior, ffi};

use super::connection::add_functions;

/// The migrations, one for each schema version. A released migration never changes; new ones are appended.
///
/// They may use the SQL functions of [`add_functions`].
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_constant_cost.sql"),
    include_str!("migrations/0003_page_size.sql"),
    include_str!("migrations/0004_event_uids.sql"),
    include_str!("migrations/0005_imports.sql"),
];

/// SQLite `application_id` of our files: the letters `Bkpk`.
const APPLICATION_ID: i64 = 0x426b_706b;

/// Kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// An empty database.
    Empty,
    /// A data file of this version or an older one.
    Backpack,
    /// A data file of a newer version.
    NewerVersion,
    /// A file of another program.
    Other,
}

/// Detects the kind of a file, without writing to it.
pub(super) fn detect_kind(connection: &Connection) -> rusqlite::Result<FileKind> {
    // The application id, the schema version, and the numbers of all schema objects and of six known tables. The
    // earliest files have no application id, so these tables identify them.
    const FACTS: &str = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema),
            (SELECT count(*) FROM sqlite_schema WHERE type = 'table'
                AND name IN ('accounts', 'users', 'tokens', 'pages', 'belongings', 'outbox'))
        FROM pragma_application_id, pragma_user_version";
    let facts: (i64, i64, i64, i64) =
        connection.query_row(FACTS, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let latest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    Ok(match facts {
        (0, 0, 0, _) => FileKind::Empty,
        (APPLICATION_ID, version, ..) | (0, version, _, 6) if version > latest => FileKind::NewerVersion,
        (APPLICATION_ID, version, ..) | (0, version, _, 6) if version > 0 => FileKind::Backpack,
        _ => FileKind::Other,
    })
}

/// Updates the schema to this version: applies all missing migrations, or none. Returns `false` if the file is of a
/// newer version.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<bool> {
    add_functions(connection)?;
    apply(connection, MIGRATIONS)
}

/// Applies those of the migrations that the file lacks, as [`migrate`] does. Tests pass migrations of their own.
fn apply(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<bool> {
    // An up-to-date file is only read, so that opening it does not wait for a lock.
    if read_version(connection)? == migrations.len() && read_application_id(connection)? == APPLICATION_ID {
        return Ok(true);
    }
    // A migration that rebuilds a table drops the old one, which would delete all rows that refer to it. The setting
    // cannot change inside a transaction, and stays off until `configure` enables it again.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Reads the version again, since another process may have migrated the file in the meantime.
    let Some(missing) = migrations.get(read_version(&transaction)?..) else { return Ok(false) };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    check_references(&transaction)?;
    transaction.pragma_update(None, "user_version", migrations.len())?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    Ok(true)
}

/// Reads the schema version: the number of migrations that were applied.
fn read_version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn read_application_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Checks that no row refers to a missing row, and returns an error for the first one that does.
fn check_references(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_query(None, "foreign_key_check", |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        let broken = ffi::Error::new(ffi::SQLITE_CONSTRAINT_FOREIGNKEY);
        Err(rusqlite::Error::SqliteFailure(broken, Some(format!("{table} would refer to missing rows of {parent}"))))
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::types::FromSql;

    use super::*;

    const FIRST: &str = "CREATE TABLE accounts (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE users (account_id INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE) STRICT;
        INSERT INTO accounts VALUES (1), (2);
        INSERT INTO users VALUES (1), (1), (2);";
    /// Rebuilds a table to which another one refers.
    const REBUILT: &str = "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '') STRICT;
        INSERT INTO new (id) SELECT id FROM accounts;
        DROP TABLE accounts;
        ALTER TABLE new RENAME TO accounts;";

    /// Reads the only column of all rows of a query.
    fn read_column<T: FromSql>(db: &Connection, query: &str) -> Vec<T> {
        db.prepare(query).unwrap().query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn the_second_migration_fills_its_columns_and_keeps_the_order_of_items() {
        const ROWS: &str = "
            INSERT INTO accounts (id, name, created_at) VALUES (1, 'other', 0), (2, 'acme', 0);
            INSERT INTO users (id, account_id, name, email_address, created_at, updated_at) VALUES (7, 2, '', '', 0, 0);
            INSERT INTO pages (id, account_id, title, mailbox, created_at, updated_at) VALUES (1, 2, '', '', 0, 0);
            INSERT INTO lists (id, page_id, name) VALUES (1, 1, ''), (2, 1, '');
            INSERT INTO items (id, list_id, content, completed, position, updated_at) VALUES
                (1, 1, '', 1, 1, 0), (2, 1, '', 0, 2, 0), (3, 1, '', 0, 1, 0), (4, 1, '', 0, 1, 0), (5, 2, '', 0, 9, 0);
            INSERT INTO tags (account_id, name) VALUES (2, 'FÄHREN');
            INSERT INTO reminders (id, creator_id, content, remind_at) VALUES (1, 7, '', 50);
            INSERT INTO remindees VALUES (1, 7);
            INSERT INTO statuses (user_id, message, updated_at) VALUES (7, '', 0);
            INSERT INTO journal_entries (id, user_id, body, created_at, updated_at) VALUES (1, 7, '', 0, 0), (5, 7, '', 0, 0);
            DELETE FROM journal_entries WHERE id = 5;";
        let mut db = Connection::open_in_memory().unwrap();
        assert_eq!(apply(&mut db, &MIGRATIONS[..1]), Ok(true));
        db.execute_batch(ROWS).unwrap();
        assert_eq!(migrate(&mut db), Ok(true));
        let by_position = "SELECT id FROM items ORDER BY list_id, position";
        assert_eq!(read_column::<i64>(&db, by_position), [3, 4, 2, 1, 5]);
        assert_eq!(read_column::<i64>(&db, "SELECT position FROM items ORDER BY list_id, position"), [1, 2, 3, 4, 1]);
        assert_eq!(read_column::<String>(&db, "SELECT folded_name FROM tags"), ["fähren"]);
        assert_eq!(read_column::<i64>(&db, "SELECT remind_at FROM remindees"), [50]);
        assert_eq!(read_column::<i64>(&db, "SELECT account_id FROM statuses"), [2]);
        assert_eq!(read_column::<i64>(&db, "SELECT account_id FROM journal_entries"), [2]);
        let last_ids = "SELECT seq FROM sqlite_sequence WHERE name = 'journal_entries'";
        assert_eq!(read_column::<i64>(&db, last_ids), [5], "ids of deleted entries are not used again");
    }

    fn count_users(db: &Connection) -> i64 {
        db.query_row("SELECT count(*) FROM users", (), |row| row.get(0)).unwrap()
    }

    fn migrate_to_first() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        assert_eq!(apply(&mut db, &[FIRST]), Ok(true));
        db
    }

    #[test]
    fn a_migration_that_rebuilds_a_table_keeps_rows_that_refer_to_it() {
        let mut db = migrate_to_first();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        assert_eq!(apply(&mut db, &[FIRST, REBUILT]), Ok(true));
        assert_eq!(count_users(&db), 3);
        assert_eq!(db.query_row("SELECT count(name) FROM accounts", (), |row| row.get(0)), Ok(2));
        assert_eq!(apply(&mut db, &[FIRST]), Ok(false), "the file is of a newer version");
    }

    #[test]
    fn a_migration_that_breaks_a_reference_is_rolled_back() {
        let mut db = migrate_to_first();
        let error = apply(&mut db, &[FIRST, REBUILT, "DELETE FROM accounts WHERE id = 2"]).unwrap_err();
        assert_eq!(error.to_string(), "users would refer to missing rows of accounts");
        assert_eq!(read_version(&db), Ok(1));
        assert_eq!(count_users(&db), 3);
        db.query_row("SELECT name FROM accounts", (), |_| Ok(())).unwrap_err();
    }
}
