//! Writes results to standard output, and the log and errors to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use tabwriter::TabWriter;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::error::{CommandError, with_causes};

/// Prints one line of a result.
///
/// # Errors
///
/// If the line cannot be written. The command must then fail, because its result is lost.
pub(crate) fn print_line(line: impl Display) -> Result<(), CommandError> {
    writeln!(stdout(), "{line}").map_err(|error| StdoutError(error).into())
}

/// Format of a result.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct OutputArgs {
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl OutputArgs {
    /// Creates the arguments of a group of commands that has one option for all of them.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result: the value as JSON, or else the table.
    ///
    /// # Errors
    ///
    /// As [`print_line`].
    pub(crate) fn print(self, value: &impl Serialize, table: &Table) -> Result<(), CommandError> {
        if self.json { print_json(value) } else { table.print() }
    }

    /// Prints rows with these headings: a JSON array of objects, or else a [`Table`].
    ///
    /// # Errors
    ///
    /// As [`print_line`].
    pub(crate) fn print_rows<const N: usize>(
        self,
        headings: &'static [&'static str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> Result<(), CommandError> {
        let rows: Vec<_> = rows.into_iter().collect();
        let mut table = Table::new(headings);
        rows.iter().for_each(|row| table.add_values(row));
        let objects: Vec<_> = rows.iter().map(|row| to_object(headings, row)).collect();
        self.print(&objects, &table)
    }

    /// Prints a single row with these headings: a JSON object, or else a [`Table`].
    ///
    /// # Errors
    ///
    /// As [`print_line`].
    pub(crate) fn print_row<const N: usize>(
        self,
        headings: &'static [&'static str; N],
        row: [Value; N],
    ) -> Result<(), CommandError> {
        let mut table = Table::new(headings);
        table.add_values(&row);
        self.print(&to_object(headings, &row), &table)
    }

    /// Prints the result of a command that added or changed something: the value as JSON, or else its number.
    ///
    /// # Errors
    ///
    /// As [`print_line`].
    pub(crate) fn print_number(self, value: &impl Serialize, number: impl Display) -> Result<(), CommandError> {
        if self.json { print_json(value) } else { print_line(number) }
    }

    /// `true` if the result is printed as JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }
}

/// Prints a value as JSON.
///
/// # Errors
///
/// As [`print_line`].
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), CommandError> {
    print_line(serde_json::to_string_pretty(value)?)
}

/// Rows of a result.
///
/// On a terminal, the columns are aligned under their headings. Elsewhere, the cells of a row are separated by tabs, and
/// there are no headings.
pub(crate) struct Table {
    /// Headings of the columns; empty for rows of a name and a value.
    headings: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Creates a table without rows.
    pub(crate) fn new(headings: &'static [&'static str]) -> Self {
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row. Control characters of its cells are replaced.
    pub(crate) fn add<const N: usize>(&mut self, cells: [&dyn Display; N]) {
        self.rows.push(cells.iter().map(|cell| clean_cell(&cell.to_string())).collect());
    }

    /// Adds a row of values, as [`format_value`] formats them.
    fn add_values<const N: usize>(&mut self, values: &[Value; N]) {
        let cells = self.headings.iter().zip(values).map(|(heading, value)| format_value(heading, value));
        self.rows.push(cells.map(|cell| clean_cell(&cell)).collect());
    }

    /// Prints the table.
    ///
    /// # Errors
    ///
    /// As [`print_line`].
    pub(crate) fn print(&self) -> Result<(), CommandError> {
        let lines = |rows: &[Vec<String>]| rows.iter().map(|row| row.join("\t") + "\n").collect::<String>();
        if self.rows.is_empty() {
            return Ok(());
        }
        if !stdout().is_terminal() {
            return write_stdout(lines(&self.rows).as_bytes());
        }
        let headings: Vec<_> = self.headings.iter().map(|heading| paint(heading, Style::new().bold())).collect();
        let rows = if headings.is_empty() { self.rows.clone() } else { [&[headings][..], &self.rows].concat() };
        let mut aligned = TabWriter::new(Vec::new()).padding(2).ansi(true);
        aligned.write_all(lines(&rows).as_bytes())?;
        write_stdout(&aligned.into_inner().map_err(|error| error.to_string())?)
    }
}

/// Returns the cell of a value in a table. `true` is the heading in lower case; `false` and `null` are a `-`.
fn format_value(heading: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => heading.to_lowercase(),
        Value::Bool(false) | Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// Returns a row as a JSON object, whose keys are the headings in snake case, without hyphens.
fn to_object<const N: usize>(headings: &[&str; N], row: &[Value; N]) -> Value {
    let key = |heading: &str| heading.to_lowercase().replace(' ', "_").replace('-', "");
    headings.iter().zip(row).map(|(heading, value)| (key(heading), value.clone())).collect()
}

/// Writes bytes to standard output.
///
/// # Errors
///
/// As [`print_line`].
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<(), CommandError> {
    let mut out = stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| StdoutError(error).into())
}

/// Prints a line for people to standard error. A closed standard error is not an error of the command.
pub(crate) fn print_note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// Returns a text in a style for standard output, or unchanged if there is no terminal or colours are turned off.
pub(crate) fn paint(text: &str, style: Style) -> String {
    if AutoStream::choice(&stdout()) == ColorChoice::Never {
        text.to_owned()
    } else {
        format!("{style}{text}{style:#}")
    }
}

/// Prints a text of several lines. On a terminal, control characters other than line breaks and tabs are replaced.
///
/// # Errors
///
/// As [`print_line`].
pub(crate) fn print_text(text: &str) -> Result<(), CommandError> {
    if !stdout().is_terminal() {
        return print_line(text);
    }
    let is_safe = |char: char| matches!(char, '\n' | '\t') || !char.is_control();
    let clean = |char| if is_safe(char) { char } else { char::REPLACEMENT_CHARACTER };
    print_line(text.replace("\r\n", "\n").chars().map(clean).collect::<String>())
}

/// Replaces the control characters of a cell, which would break the table or control the terminal. A text of the
/// service may contain any.
fn clean_cell(text: &str) -> String {
    let clean = |char: char| match char {
        '\t' | '\n' | '\r' => ' ',
        char if char.is_control() => char::REPLACEMENT_CHARACTER,
        char => char,
    };
    text.chars().map(clean).collect()
}

/// Prints an error and its causes to standard error. A broken pipe of standard output is not reported.
pub(crate) fn report_error(error: &CommandError) {
    // A reader such as `head` closes its end of the pipe when it has read enough, which is not a failure.
    let stdout_error = error.downcast_ref::<StdoutError>();
    if stdout_error.is_none_or(|StdoutError(error)| error.kind() != io::ErrorKind::BrokenPipe) {
        print_note(format_args!("backpack: {}", with_causes(&**error)));
    }
}

/// Sends events of at least this level to standard error, in colour on a terminal. `RUST_LOG` overrides the level.
pub(crate) fn init_log(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(AutoStream::choice(&stderr()) != ColorChoice::Never)
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
