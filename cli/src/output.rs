//! Writes results to standard output, and the log and errors to standard error.

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
/// If the line cannot be written. The command must then fail, because its result is lost.
pub(crate) fn print_line(line: impl Display) -> Result<(), CommandError> {
    writeln!(io::stdout(), "{line}").map_err(|error| StdoutError(error).into())
}

/// Prints an error and its causes to standard error. A broken pipe of standard output is not reported.
pub(crate) fn report_error(error: &CommandError) {
    // A reader such as `head` closes its end of the pipe when it has read enough, which is not a failure.
    let stdout_error = error.downcast_ref::<StdoutError>();
    if stdout_error.is_none_or(|StdoutError(error)| error.kind() != io::ErrorKind::BrokenPipe) {
        let causes = successors(error.source(), |cause| cause.source()).map(|cause| format!(": {cause}"));
        let _ = writeln!(stderr(), "backpack: {error}{}", causes.collect::<String>());
    }
}

/// Sends events of at least this level to standard error, in colour on a terminal. `RUST_LOG` overrides the level.
pub(crate) fn init_log(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        // The subscriber reports a failed write with `eprintln!`, which panics if standard error cannot be written.
        .log_internal_errors(false)
        .init();
}

/// Error while writing a result to standard output.
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
