//! Questions to the user. None is asked without a terminal.

use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin};

use backpack_api::Secret;

use crate::error::{CommandError, Exit, failure};

/// `true` if there is a user to ask: standard input and standard error are a terminal.
fn is_interactive() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Asks for a line of text.
///
/// # Errors
///
/// If there is no terminal: `instead` tells which argument replaces the answer.
pub(crate) fn ask(question: &str, instead: &str) -> Result<String, CommandError> {
    check_interactive(question, instead)?;
    write!(stderr(), "{question}: ")?;
    Ok(read_line()?.trim().to_owned())
}

/// Asks for a secret, which is typed without echo.
///
/// # Errors
///
/// As [`ask`].
pub(crate) fn ask_secret(question: &str, instead: &str) -> Result<Secret, CommandError> {
    check_interactive(question, instead)?;
    let typed = Secret::new(rpassword::prompt_password(format!("{question}: "))?);
    Ok(Secret::new(typed.expose().trim()))
}

/// Asks a question. An empty line is the answer by default, as is the lack of a terminal.
///
/// # Errors
///
/// If the terminal cannot be read.
pub(crate) fn confirm(question: &str, default: bool) -> Result<bool, CommandError> {
    if !is_interactive() {
        return Ok(default);
    }
    write!(stderr(), "{question} {} ", if default { "[Y/n]" } else { "[y/N]" })?;
    Ok(match read_line()?.trim().to_lowercase().as_str() {
        "" => default,
        answer => matches!(answer, "y" | "yes"),
    })
}

/// Reads the first line of standard input as a secret.
///
/// # Errors
///
/// If standard input cannot be read.
pub(crate) fn read_secret() -> Result<Secret, CommandError> {
    let line = Secret::new(read_line()?);
    Ok(Secret::new(line.expose().trim()))
}

/// Checks that there is a user to ask.
///
/// # Errors
///
/// As [`ask`].
pub(crate) fn check_interactive(question: &str, instead: &str) -> Result<(), CommandError> {
    if is_interactive() {
        return Ok(());
    }
    Err(failure(Exit::Usage, format!("there is no terminal to ask for “{question}”: use {instead}")))
}

/// Reads a line of standard input.
fn read_line() -> io::Result<String> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(line)
}
