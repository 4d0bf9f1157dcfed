//! Values of arguments, which may be in a file or in standard input.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{CommandError, Exit, failure};

/// `true` after standard input was read. A second value would be empty.
static IS_INPUT_READ: AtomicBool = AtomicBool::new(false);

/// Reads the value of an argument: `@FILE` is the text of a file, `-` is standard input, and `@@` at the start stands for
/// `@`. Any other text is the value itself. Nothing is trimmed.
///
/// # Errors
///
/// If the file or standard input cannot be read, or is not UTF-8, or if standard input was read before.
pub(crate) fn read_text(argument: &str) -> Result<String, CommandError> {
    let describe = |name: &str, error: std::io::Error| failure(Exit::Usage, format!("cannot read {name}: {error}"));
    match argument.strip_prefix('@') {
        Some(rest) if rest.starts_with('@') => Ok(rest.to_owned()),
        Some(file) => std::fs::read_to_string(file).map_err(|error| describe(file, error)),
        None if argument == "-" && IS_INPUT_READ.swap(true, Ordering::Relaxed) => {
            Err(failure(Exit::Usage, "standard input can be the value of one argument only"))
        }
        None if argument == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(|error| describe("standard input", error))?;
            Ok(text)
        }
        None => Ok(argument.to_owned()),
    }
}
