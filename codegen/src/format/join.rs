//! Joins short lists that prettyplease has broken into lines.
//!
//! prettyplease has a fixed width of 89 columns and never puts a struct literal with values on one line. Generated code
//! follows the repository's own style instead: a list that fits into [`WIDTH`] columns is on one line.

/// Width of a line, as in the repository's `rustfmt.toml`.
const WIDTH: usize = 120;

/// A bracket that ends a line, and whose closing bracket has not been reached.
struct OpenBracket {
    /// Index of its line in the output.
    line: usize,
    /// `true` within a macro call, whose tokens have a meaning that only the macro knows.
    in_macro: bool,
}

/// Joins the lists in the text of a file: arguments, parameters, arrays and struct literals, the inner ones first.
pub(super) fn join_lists(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Vec<OpenBracket> = Vec::new();
    for line in text.lines() {
        lines.push(line.to_owned());
        if is_comment(line) {
            continue;
        }
        if line.trim_start().starts_with([')', ']', '}'])
            && let Some(bracket) = open.pop()
            && !bracket.in_macro
            && let Some(joined) = join_list(&lines[bracket.line..])
        {
            lines.truncate(bracket.line);
            lines.push(joined);
        }
        let last = lines.len() - 1;
        if lines[last].ends_with(['(', '[', '{']) {
            let in_macro = open.last().is_some_and(|outer| outer.in_macro) || is_macro_call(&lines[last]);
            open.push(OpenBracket { line: last, in_macro });
        }
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// One line for a list, from the line with the opening bracket to the one with the closing bracket. `None` if the lines
/// are not a list, or do not fit.
fn join_list(lines: &[String]) -> Option<String> {
    let [first, items @ .., last] = lines else { return None };
    let indent = indent_of(first);
    if !is_list(first) || items.is_empty() || indent_of(last) != indent {
        return None;
    }
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let is_last_of_attribute = first.trim_start().starts_with("#[") && index + 1 == items.len();
        let is_item = indent_of(item) == indent + 4 && !is_comment(item) && !item.trim_start().starts_with('#');
        match item.trim_start().strip_suffix(',') {
            Some(part) if is_item => parts.push(part),
            None if is_item && is_last_of_attribute => parts.push(item.trim_start()),
            _ => return None,
        }
    }
    let space = if first.ends_with('{') { " " } else { "" };
    let joined = format!("{first}{space}{}{space}{}", parts.join(", "), last.trim_start());
    (joined.chars().count() <= WIDTH).then_some(joined)
}

/// `true` if the bracket at the end of the line opens arguments, parameters, an array or a struct literal. A tuple is
/// no list: `(a,)` and `(a)` differ.
fn is_list(line: &str) -> bool {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    if let Some(before) = line.strip_suffix('(') {
        return before.ends_with(is_part_of_name) || before.ends_with('>');
    }
    if line.ends_with('[') {
        return true;
    }
    let Some(before) = line.strip_suffix(" {") else { return false };
    let name = before.rsplit(|c: char| !is_part_of_name(c)).next().unwrap_or_default();
    let is_definition = ["struct ", "enum ", "trait ", "impl ", "impl<", "mod ", "fn ", "-> "];
    name.starts_with(char::is_uppercase) && !is_definition.iter().any(|word| before.contains(word))
}

/// `true` if the line opens a macro call.
fn is_macro_call(line: &str) -> bool {
    line.trim_end_matches(['(', '[', '{', ' ']).ends_with('!')
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::join_lists;

    #[test]
    fn joins_parameters_arguments_arrays_and_struct_literals() {
        let text = "\
fn create(
    &self,
    note: Note,
) -> Result<Note, Error> {
    let point = Point {
        x: 1,
        y: [
            1,
            2,
        ],
    };
    call(
        point,
        note,
    )
}
";
        let expected = "\
fn create(&self, note: Note) -> Result<Note, Error> {
    let point = Point { x: 1, y: [1, 2] };
    call(point, note)
}
";
        assert_eq!(join_lists(text), expected);
    }

    #[test]
    fn keeps_blocks_definitions_macros_and_tuples() {
        let text = "\
pub struct Note {
    title: String,
}

pub enum Kind {
    Note,
}

declare!(
    Kind { Note = \"note\", List = \"list\",
    }
);

fn kind(self) -> Kind {
    match kind {
        1 => Kind::Note,
    }
}

type One = (
    u8,
);
";
        assert_eq!(join_lists(text), text);
    }

    #[test]
    fn keeps_lists_that_are_too_wide_or_have_comments() {
        let wide = format!("call(\n    {},\n    {},\n)\n", "a".repeat(60), "b".repeat(60));
        assert_eq!(join_lists(&wide), wide);
        let comment = "call(\n    // The reason.\n    a,\n)\n";
        assert_eq!(join_lists(comment), comment);
    }
}
