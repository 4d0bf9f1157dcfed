//! Errors of API requests.

use backpack_api::runtime::http::StatusCode;
use backpack_api::runtime::routing::RouteError;
use backpack_api::runtime::scalar::InvalidValue;
use backpack_api::runtime::xml::EncodeError;
use backpack_api::runtime::{DecodeError, DecodeErrorKind};

use crate::store::page_size;

/// Error of an API request. Its transaction is rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// The resource does not exist, or the user may not see it.
    NotFound,
    /// The user may not do this.
    Forbidden(&'static str),
    /// A value was decoded, but is not acceptable; the message says why.
    InvalidValue(&'static str),
    /// A field is missing or cannot be decoded; the message names the field.
    InvalidField(String),
    /// The host names no account of this service.
    NoAccount,
    /// The database is busy, full, failing or read-only at the moment. Nothing was written.
    Unavailable,
    /// The bodies of other requests and responses leave too little memory at the moment. Nothing was written.
    Overloaded,
    /// The service failed; the log has the cause.
    Internal,
}

impl ApiError {
    /// Converts the error for a value that is missing or invalid.
    pub(crate) fn from_decode_error(error: &DecodeError) -> Self {
        match error.kind() {
            // No resource has an id beyond 64 bits.
            DecodeErrorKind::InvalidValue(InvalidValue::TOO_LARGE) => Self::NotFound,
            _ => Self::InvalidField(error.to_string()),
        }
    }

    /// HTTP status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoAccount => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::InvalidValue(_) | Self::InvalidField(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Message for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::NotFound => "Record not found",
            Self::Forbidden(message) | Self::InvalidValue(message) => message,
            Self::InvalidField(message) => message,
            Self::NoAccount => "There is no account at this address",
            Self::Unavailable => "The storage is not available at the moment",
            Self::Overloaded => "The server is busy at the moment",
            Self::Internal => "Internal error",
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for ApiError {}

/// A missing row is [`ApiError::NotFound`], and so is an id that is too large for SQLite. A full page is an invalid
/// value. Other errors are logged, since the client does not learn their cause.
impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::ToSqlConversionFailure(_) => return Self::NotFound,
            _ => {}
        }
        if page_size::is_page_full(&error) {
            return Self::InvalidValue(page_size::FULL);
        }
        tracing::error!(%error, "database error");
        if is_transient(&error) { Self::Unavailable } else { Self::Internal }
    }
}

/// `true` if the same statement may succeed later: another program locks the file, or the disk is full, failing or
/// read-only.
pub(crate) fn is_transient(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure};
    let code = error.sqlite_error_code();
    matches!(code, Some(DatabaseBusy | DatabaseLocked | DiskFull | ReadOnly | SystemIoFailure))
}

impl From<RouteError> for ApiError {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::InvalidRequest { error, .. } => Self::from_decode_error(&error),
            _ => Self::NotFound,
        }
    }
}

impl From<EncodeError> for ApiError {
    fn from(error: EncodeError) -> Self {
        tracing::error!(%error, "failed to encode a response");
        Self::Internal
    }
}
