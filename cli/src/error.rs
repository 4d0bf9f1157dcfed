//! The error type of all commands, and its exit code.

use std::process::ExitCode;

use backpack_server::ApiError;
use backpack_server::store::OpenError;

/// Error that ends a command.
pub(crate) type CommandError = Box<dyn std::error::Error>;

/// Exit code that tells mail servers and scripts to try again later: `EX_TEMPFAIL` of `sysexits.h`.
const TEMPORARY_FAILURE: u8 = 75;

/// Returns the exit code for an error: 75 if the same command may succeed later, else 1.
pub(crate) fn exit_code(error: &CommandError) -> ExitCode {
    if is_transient(error) { ExitCode::from(TEMPORARY_FAILURE) } else { ExitCode::FAILURE }
}

/// `true` if the same command may succeed later: the data file cannot be opened or written at the moment.
fn is_transient(error: &CommandError) -> bool {
    error.downcast_ref::<ApiError>() == Some(&ApiError::Unavailable)
        || error.downcast_ref::<OpenError>().is_some_and(OpenError::is_transient)
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
    }
}
