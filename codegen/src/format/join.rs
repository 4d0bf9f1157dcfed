//! Joins lines that prettyplease has broken too early.
//!
//! prettyplease has a fixed width of 89 columns and never puts a struct literal with values on one line. Generated code
//! follows the repository's own style instead:
//!
//! - A list (arguments, parameters, an array or a struct literal) that fits into [`WIDTH`] columns is on one line.
//! - So is a match arm.
//! - The only method call on a variable is on the line of the variable.

/// Width of a line, as in the repository's `rustfmt.toml`.
const WIDTH: usize = 120;

/// An opening bracket at the end of a line. Its closing bracket has not been reached.
struct OpenBracket {
    /// Index of its line in the output.
    line: usize,
    /// `true` within a macro call. Its lines are not joined, because only the macro knows the meaning of its tokens.
    in_macro: bool,
}

/// Joins the lines of a file. Inner lists are joined before outer ones.
pub(super) fn join_lines(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Vec<OpenBracket> = Vec::new();
    for line in join_receivers(text) {
        lines.push(line.clone());
        let line = line.as_str();
        if is_comment(line) {
            continue;
        }
        // Joins the lines from the matching opening bracket to this closing bracket, if they fit on one line.
        if line.trim_start().starts_with([')', ']', '}'])
            && let Some(bracket) = open.pop()
            && !bracket.in_macro
            && let Some(joined) = join_list(&lines[bracket.line..]).or_else(|| join_arm(&lines[bracket.line..]))
        {
            lines.truncate(bracket.line);
            lines.push(joined);
        }
        // A joined line may end with the next opening bracket, as in `fn create(&self, note: Note) {`.
        let last = lines.len() - 1;
        if lines[last].ends_with(['(', '[', '{']) {
            let in_macro = open.last().is_some_and(|outer| outer.in_macro) || is_macro_call(&lines[last]);
            open.push(OpenBracket { line: last, in_macro });
        }
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// Joins the lines of a list. The first line ends with the opening bracket, the last one starts with the closing
/// bracket. Returns `None` if the lines are not a list, or do not fit on one line.
fn join_list(lines: &[String]) -> Option<String> {
    let [first, items @ .., last] = lines else { return None };
    let indent = indent_of(first);
    if !is_list(first) || items.is_empty() || indent_of(last) != indent {
        return None;
    }
    let mut parts = Vec::new();
    for (index, item) in items.iter().enumerate() {
        // The last item in an attribute has no trailing comma.
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

/// Joins the lines of a match arm whose block is one expression or assignment. Returns `None` if the lines are not such
/// an arm, or do not fit on one line.
fn join_arm(lines: &[String]) -> Option<String> {
    let [first, statement, last] = lines else { return None };
    let pattern = first.strip_suffix(" => {")?;
    let statement = statement.trim_start();
    // prettyplease puts every assignment into a block.
    let is_assignment = statement.split_once(" = ").is_some_and(|(name, _)| is_variable(name));
    let expression = if is_assignment { statement.trim_end_matches(';') } else { statement };
    let is_expression = !expression.ends_with([';', ',', '{']) && !is_comment(expression);
    let joined = format!("{pattern} => {expression},");
    (last.trim_start() == "}" && is_expression && joined.chars().count() <= WIDTH).then_some(joined)
}

/// Puts the only method call on a variable on the line of that variable, and reduces the indentation of the lines
/// within the call:
///
/// ```text
/// reader                         reader.read_payload(|xml| {
///     .read_payload(|xml| {          xml.leave()
///         xml.leave()       →    })
///     })
/// ```
fn join_receivers(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut joined = Vec::new();
    let mut next = 0;
    while let Some(line) = lines.get(next) {
        next += 1;
        match find_lone_call(line, &lines[next..]) {
            Some([call, rest @ ..]) => {
                joined.push(format!("{line}{}", call.trim_start()));
                joined.extend(rest.iter().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()));
                next += 1 + rest.len();
            }
            _ => joined.push((*line).to_owned()),
        }
    }
    joined
}

/// Finds the lines of the only method call on a receiver: the first of the following lines, and those within the call.
/// Returns `None` if the receiver is not a variable on a line of its own, or if there are several calls.
fn find_lone_call<'a>(receiver: &str, following: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let starts_call = |line: &&&str| indent_of(line) == indent_of(receiver) + 4 && line.trim_start().starts_with('.');
    if !is_variable(receiver.trim_start()) || !following.first().is_some_and(|line| starts_call(&line)) {
        return None;
    }
    let is_inner = |line: &&&str| line.is_empty() || indent_of(line) > indent_of(receiver);
    let inner = &following[..following.iter().take_while(is_inner).count()];
    (inner.iter().filter(starts_call).count() == 1).then_some(inner)
}

/// `true` if the bracket at the end of the line opens arguments, parameters, an array or a struct literal. A tuple is
/// not a list, because `(a,)` and `(a)` differ.
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
    let words_of_definitions = ["struct ", "enum ", "trait ", "impl ", "impl<", "mod ", "fn ", "-> "];
    name.starts_with(char::is_uppercase) && !words_of_definitions.iter().any(|word| before.contains(word))
}

/// `true` if the line opens a macro call.
fn is_macro_call(line: &str) -> bool {
    line.trim_end_matches(['(', '[', '{', ' ']).ends_with('!')
}

/// `true` if the text is a word in lower case, such as the name of a variable.
fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// `true` if the line is a comment or a line of documentation.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Returns the number of bytes of white space at the start of a line.
fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::join_lines;

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
        assert_eq!(join_lines(text), expected);
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
        assert_eq!(join_lines(text), text);
    }

    #[test]
    fn joins_match_arms_and_receivers() {
        let text = "\
match child {
    \"id\" if seen.first(0) => {
        id = xml.scalar()?
    }
    \"name\" => {
        name = xml.scalar()?;
    }
    \"text\" => {
        xml.leave();
    }
}
reader
    .read_payload(|xml| {
        xml.leave()
    })
reader
    .first()
    .second()
";
        let expected = "\
match child {
    \"id\" if seen.first(0) => id = xml.scalar()?,
    \"name\" => name = xml.scalar()?,
    \"text\" => {
        xml.leave();
    }
}
reader.read_payload(|xml| {
    xml.leave()
})
reader
    .first()
    .second()
";
        assert_eq!(join_lines(text), expected);
    }

    #[test]
    fn keeps_lists_that_are_too_wide_or_have_comments() {
        let wide = format!("call(\n    {},\n    {},\n)\n", "a".repeat(60), "b".repeat(60));
        assert_eq!(join_lines(&wide), wide);
        let comment = "call(\n    // The reason.\n    a,\n)\n";
        assert_eq!(join_lines(comment), comment);
    }
}
