//! Prints results with several values: aligned under headings on a terminal, separated by tabs elsewhere.

use std::io::{IsTerminal, stdout};

use crate::error::CommandError;
use crate::output::print_line;

/// Prints rows, one a line. On a terminal, they are a table with headings. Elsewhere, for scripts, there are no headings,
/// and tabs separate the values.
///
/// # Errors
///
/// The same as for [`print_line`].
pub(crate) fn print_rows<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<(), CommandError> {
    let rows: Vec<_> = rows.into_iter().map(|row| row.map(remove_controls)).collect();
    let lines = if stdout().is_terminal() { format_table(headings, &rows) } else { format_tabs(&rows) };
    lines.into_iter().try_for_each(print_line)
}

/// Prints a single row like [`print_rows`].
///
/// # Errors
///
/// The same as for [`print_line`].
pub(crate) fn print_row<const N: usize>(headings: [&str; N], row: [String; N]) -> Result<(), CommandError> {
    print_rows(headings, [row])
}

/// Replaces control characters by spaces, since they could end a line or change the terminal.
fn remove_controls(value: String) -> String {
    if value.contains(char::is_control) { value.replace(char::is_control, " ") } else { value }
}

/// Formats rows whose values are separated by tabs.
fn format_tabs<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    rows.iter().map(|row| row.join("\t")).collect()
}

/// Formats rows under headings, in columns as wide as their longest value.
fn format_table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let headings = headings.map(str::to_owned);
    let rows = || [&headings].into_iter().chain(rows);
    let count = |value: Option<&String>| value.map_or(0, |value| value.chars().count());
    let widths: Vec<_> = (0..N).map(|column| rows().map(|row| count(row.get(column))).max().unwrap_or(0)).collect();
    let format_row = |row: &[String; N]| {
        let line: String = row.iter().zip(&widths).map(|(value, width)| format!("{value:width$}  ")).collect();
        line.trim_end().to_owned()
    };
    rows().map(format_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_headings_and_aligned_columns() {
        let rows = [["1", "ines@example.org", "In\u{e8}s"], ["12", "jo@example.org", "Jo"]];
        let rows = rows.map(|row| row.map(str::to_owned));
        assert_eq!(
            format_table(["ID", "E-MAIL", "NAME"], &rows),
            ["ID  E-MAIL            NAME", "1   ines@example.org  In\u{e8}s", "12  jo@example.org    Jo"]
        );
        assert_eq!(format_tabs(&rows), ["1\tines@example.org\tIn\u{e8}s", "12\tjo@example.org\tJo"]);
    }

    #[test]
    fn a_value_stays_on_its_line() {
        assert_eq!(remove_controls("a\tb\nc\u{1b}[31m".to_owned()), "a b c [31m");
    }
}
