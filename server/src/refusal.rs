//! Why a request was not done.

use backpack_api::runtime::http::StatusCode;
use backpack_api::runtime::xml::EncodeError;

/// Why a request was not done. Whatever was begun for it is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// What is named is not there, or not the caller's.
    NotFound,
    /// The caller may not do that.
    Forbidden(&'static str),
    /// A value cannot be taken.
    Invalid(&'static str),
    /// A value cannot be read, or is missing; with its place.
    Unreadable(String),
    /// The address is no account's.
    NoAccount,
    /// The storage cannot be written or read just now. Nothing was done.
    Unavailable,
    /// Something broke on this side.
    Internal,
}

impl Refusal {
    /// The HTTP status that says so.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoAccount => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Invalid(_) | Self::Unreadable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence that goes along.
    pub fn message(&self) -> &str {
        match self {
            Self::NotFound => "Record not found",
            Self::Forbidden(message) | Self::Invalid(message) => message,
            Self::Unreadable(message) => message,
            Self::NoAccount => "There is no account at this address",
            Self::Unavailable => "The storage is not available at the moment",
            Self::Internal => "Internal error",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Refusal {}

/// A row that is not there is a record that was not found; a number too large for the file is one too.
impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::ToSqlConversionFailure(_) => return Self::NotFound,
            _ => {}
        }
        tracing::error!(%error, "the database refused");
        if may_pass(&error) { Self::Unavailable } else { Self::Internal }
    }
}

/// Whether the storage may be available again without anything being mended in this program.
pub(crate) fn may_pass(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure};
    let code = error.sqlite_error_code();
    matches!(code, Some(DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly | SystemIoFailure))
}

impl From<EncodeError> for Refusal {
    fn from(error: EncodeError) -> Self {
        tracing::error!(%error, "an answer cannot be written");
        Self::Internal
    }
}
