//! What the command says: results on standard output, the log and everything else on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::Failure;

/// Prints one line of a result.
///
/// # Errors
///
/// If it cannot be written: what nobody got was not said.
pub(crate) fn line(line: impl Display) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| Unsaid(error).into())
}

/// Says what went wrong, if anybody is there to hear it.
pub(crate) fn complain(failure: &Failure) {
    let gone = |unsaid: &Unsaid| unsaid.0.kind() == io::ErrorKind::BrokenPipe;
    // Who closes the other end of a pipe has seen enough, as `head` does, and wants no comment.
    if !failure.downcast_ref().is_some_and(gone) {
        let mut message = failure.to_string();
        let mut source = failure.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        let _ = writeln!(stderr(), "backpack: {message}");
    }
}

/// Logs to standard error, in colour only where somebody looks; `RUST_LOG` says how much, by default `level`.
pub(crate) fn log(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        // Where the log cannot be written, saying so would panic.
        .log_internal_errors(false)
        .init();
}

/// A result that could not be printed.
#[derive(Debug)]
struct Unsaid(io::Error);

impl Display for Unsaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the result cannot be printed: {}", self.0)
    }
}

impl std::error::Error for Unsaid {}
