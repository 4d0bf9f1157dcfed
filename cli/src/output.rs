//! Results on standard output, the log and errors on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr};
use std::iter::successors;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::error::CommandError;

/// Prints one line of a result.
///
/// # Errors
///
/// If standard output cannot be written: a command whose result is lost has failed.
pub(crate) fn print_line(line: impl Display) -> Result<(), CommandError> {
    writeln!(io::stdout(), "{line}").map_err(|error| StdoutError(error).into())
}

/// Prints an error and its causes to standard error, unless the error is that nobody reads standard output any more.
pub(crate) fn report_error(error: &CommandError) {
    // A reader such as `head` closes its end of the pipe when it has read enough. That is no error to report.
    let is_broken_pipe = |error: &StdoutError| error.0.kind() == io::ErrorKind::BrokenPipe;
    if !error.downcast_ref().is_some_and(is_broken_pipe) {
        let causes = successors(error.source(), |cause| cause.source()).map(|cause| format!(": {cause}"));
        let _ = writeln!(stderr(), "backpack: {error}{}", causes.collect::<String>());
    }
}

/// Sends the log to standard error, in colour on a terminal. `RUST_LOG` overrides the level.
pub(crate) fn init_log(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        // If standard error cannot be written, reporting that there would panic.
        .log_internal_errors(false)
        .init();
}

/// A result that could not be written to standard output.
#[derive(Debug)]
struct StdoutError(io::Error);

impl Display for StdoutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cannot print the result")
    }
}

impl std::error::Error for StdoutError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
