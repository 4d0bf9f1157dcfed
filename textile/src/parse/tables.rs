//! Tables.

use super::attributes::{Allowed, ParsedAttributes, read_attributes};
use super::context::Context;
use super::inline::parse_trimmed;
use super::scan::{byte_at, rest_from, skip_blanks, slice};
use crate::safe::Attributes;
use crate::tree::{Cell, Row, Table};

/// `true` if a table begins at a position.
pub(super) fn has_table(text: &str, start: usize) -> bool {
    let rows = read_table_signature(text, start).map_or(start, |signature| signature.end);
    matches!(byte_at(text, rows), b'|' | b'(' | b'{' | b'[' | b'<' | b'>' | b'=' | b'-' | b'^' | b'~')
        && read_row(text, rows).is_some()
}

/// Reads `table(class). ` on a line of its own.
fn read_table_signature(text: &str, start: usize) -> Option<ParsedAttributes> {
    let name = "table";
    if !rest_from(text, start).starts_with(name) {
        return None;
    }
    let mut signature = read_attributes(text, start + name.len(), Allowed::Block);
    let line_end = skip_blanks(text, signature.end + 1);
    let is_signature = byte_at(text, signature.end) == b'.' && byte_at(text, line_end) == b'\n';
    signature.end = line_end + 1;
    is_signature.then_some(signature)
}

/// Reads the table at a position, for which [`has_table`] is `true`. Returns the position after it.
pub(super) fn read_table(text: &str, start: usize, context: Context<'_>) -> (Table, usize) {
    let signature = read_table_signature(text, start);
    let mut at = signature.as_ref().map_or(start, |signature| signature.end);
    let mut table =
        Table { attributes: signature.map(|signature| signature.attributes).unwrap_or_default(), rows: Vec::new() };
    while let Some((attributes, cells, end)) = read_row(text, at) {
        let cells = cells.into_iter().map(|cell| parse_cell(cell, context)).collect();
        table.rows.push(Row { attributes, cells });
        at = end;
        if byte_at(text, end) != b'\n' {
            break;
        }
        at += 1;
    }
    (table, if byte_at(text, at.saturating_sub(1)) == b'\n' { at - 1 } else { at })
}

/// Reads the row at a position: its attributes, the texts of its cells, and the position after it. Cells can contain
/// line ends.
fn read_row(text: &str, start: usize) -> Option<(Attributes, Vec<&str>, usize)> {
    let mut attributes = Attributes::default();
    let mut at = start;
    if byte_at(text, at) != b'|' {
        let signature = read_attributes(text, at, Allowed::Block);
        at = skip_blanks(text, signature.end + 1);
        if byte_at(text, signature.end) != b'.' || signature.end == start || byte_at(text, at) != b'|' {
            return None;
        }
        attributes = signature.attributes;
    }
    let mut cells = Vec::new();
    let mut end = None;
    at += 1;
    loop {
        let stop = find_cell_end(text, at);
        let Some(stop) = stop else { break };
        cells.push(slice(text, at, stop));
        at = stop + 1;
        let next = skip_blanks(text, at);
        end = Some(at);
        if matches!(byte_at(text, next), b'\n' | 0) {
            end = Some(next);
            break;
        }
    }
    end.map(|end| (attributes, cells, end))
}

/// Returns the position of the `|` that ends the cell at a position. Returns `None` if a blank line comes first.
fn find_cell_end(text: &str, start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += rest_from(text, at).find(['|', '\n'])?;
        if byte_at(text, at) == b'|' {
            return Some(at);
        }
        at = skip_blanks(text, at + 1);
        if matches!(byte_at(text, at), b'\n' | b'|' | 0) {
            return None;
        }
    }
}

/// Parses a cell: attributes, a dot, and text.
fn parse_cell(text: &str, context: Context<'_>) -> Cell {
    let signature = read_attributes(text, 0, Allowed::Cell);
    if signature.end > 0 && byte_at(text, signature.end) == b'.' {
        let content = parse_trimmed(rest_from(text, signature.end + 1), context);
        return Cell { is_heading: signature.is_heading, attributes: signature.attributes, content };
    }
    Cell { is_heading: false, attributes: Attributes::default(), content: parse_trimmed(text, context) }
}
