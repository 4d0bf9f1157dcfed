//! The error type of all commands, and its exit code.

use std::error::Error;
use std::fmt;
use std::iter::successors;
use std::process::ExitCode;

use backpack_api::Error as CallError;
use backpack_api::runtime::error::ErrorKind;
use backpack_archive::backup::BackupError;
use backpack_archive::writer::WriteError;
use backpack_server::ApiError;
use backpack_server::store::OpenError;

/// Error that ends a command.
pub(crate) type CommandError = Box<dyn Error>;

/// Exit code of a failed command. Scripts rely on the numbers. A command that is interrupted ends by the signal, which
/// shells report as 130.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command failed.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The result is incomplete: something is missing, damaged or unknown.
    Incomplete = 3,
    /// The service rejected the token, or forbids the operation.
    NotPermitted = 4,
    /// The command names something that does not exist.
    NotFound = 5,
    /// The same command may succeed later. Mail servers know the number as `EX_TEMPFAIL`.
    TryAgain = 75,
}

/// Error with an exit code of its own.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

/// Creates an error with an exit code of its own.
pub(crate) fn failure(exit: Exit, message: impl Into<String>) -> CommandError {
    Failure { exit, message: message.into() }.into()
}

/// Returns the exit code for an error.
pub(crate) fn exit_code(error: &CommandError) -> ExitCode {
    ExitCode::from(find_exit(error) as u8)
}

/// Finds the exit code for an error by its type.
fn find_exit(error: &CommandError) -> Exit {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.exit;
    }
    if let Some(error) = error.downcast_ref::<CallError>() {
        return exit_of_call(error);
    }
    if is_transient(error) { Exit::TryAgain } else { Exit::Failed }
}

/// Returns the exit code for a failed call of an operation.
pub(crate) fn exit_of_call(error: &CallError) -> Exit {
    let status = error.status().map_or(0, |status| status.as_u16());
    if matches!(error.kind(), ErrorKind::InvalidRequest(_)) {
        Exit::Usage
    } else if error.is_unauthorized() || error.is_forbidden() {
        Exit::NotPermitted
    } else if error.is_not_found() {
        Exit::NotFound
    } else if error.is_connect() || error.is_timeout() || error.is_rate_limited() || matches!(status, 502..=504) {
        Exit::TryAgain
    } else {
        Exit::Failed
    }
}

/// `true` if the same command may succeed later: the data file or the archive cannot be opened or written at the moment.
fn is_transient(error: &CommandError) -> bool {
    let write_error = match error.downcast_ref() {
        Some(BackupError::Write(error)) => Some(error),
        _ => error.downcast_ref(),
    };
    error.downcast_ref::<ApiError>() == Some(&ApiError::Unavailable)
        || error.downcast_ref::<OpenError>().is_some_and(OpenError::is_transient)
        || matches!(write_error, Some(WriteError::Locked(_)))
}

/// Returns the message of an error with its causes.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = successors(Some(error), |cause| (*cause).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_temporary_failures_are_transient() {
        let folder = std::env::temp_dir();
        let error: CommandError = backpack_server::Store::open(&folder).map(drop).unwrap_err().into();
        assert!(!is_transient(&error), "{error}");
        assert!(is_transient(&ApiError::Unavailable.into()));
        assert!(!is_transient(&ApiError::Internal.into()));
        assert!(is_transient(&WriteError::Locked(folder.clone()).into()));
        assert!(is_transient(&BackupError::from(WriteError::Locked(folder.clone())).into()));
        assert!(!is_transient(&WriteError::NoArchive(folder).into()));
    }
}
