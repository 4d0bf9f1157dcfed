//! From the form of an older version to that of this one.

use rusqlite::Connection;

/// One step for each version; never changed once released, only added to.
const STEPS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// Brings the file to this version's form, all steps or none; `false` if it is of a newer version.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<bool> {
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let Some(steps) = STEPS.get(version..) else { return Ok(false) };
    for step in steps {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "user_version", STEPS.len())?;
    change.commit()?;
    Ok(true)
}
