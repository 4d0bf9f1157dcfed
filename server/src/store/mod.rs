//! The storage: one SQLite file, or memory.
//!
//! In reading order:
//!
//! - `database`: [`Store`], which opens a file and runs reads and writes.
//! - `read_pool`: connections for reading.
//! - `writer`: the thread that writes, with several writes in one commit.
//! - `backup`, `restore`: copies of the file.
//! - `check`: the integrity check.
//! - `migrate`: detects the kind of a file, and updates its schema.
//! - `connection`: opens and configures connections.
//! - `page_size`: the maximum size of a user's page.
//! - `paths`: names of the files next to a data file.
//! - `error`: [`OpenError`] and [`SqliteError`].
//! - `rows`: runs statements and reads rows.

mod backup;
mod check;
mod connection;
mod database;
mod error;
mod migrate;
pub(crate) mod page_size;
mod paths;
mod read_pool;
mod restore;
pub(crate) mod rows;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

pub use backup::BackupError;
pub use check::CheckError;
pub use database::Store;
pub use error::{OpenError, SqliteError};
pub use restore::RestoreError;
