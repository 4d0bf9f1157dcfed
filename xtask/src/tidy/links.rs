//! Finds broken relative links in documents.

use std::path::Path;

use crate::files::read_lossy;

/// Finds relative links to missing files or headings. Returns the line number and target of each. Skips code blocks and
/// code spans.
pub(super) fn find_broken(document: &Path, text: &str) -> Vec<(usize, String)> {
    let lines = lines_outside_code(text);
    let broken = lines.flat_map(|(number, line)| link_targets(line).into_iter().map(move |target| (number, target)));
    broken.filter(|(_, target)| !has_target(document, text, target)).collect()
}

/// `true` if the file of a link from a document exists, and has the heading after `#`.
fn has_target(document: &Path, text: &str, target: &str) -> bool {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = document.parent().unwrap_or(document).join(path);
    let has_heading = |text: &str| lines_outside_code(text).any(|(_, line)| to_anchor(line).as_deref() == Some(anchor));
    match (path, anchor) {
        (_, "") => file.exists(),
        ("", _) => has_heading(text),
        _ => has_heading(&read_lossy(&file)),
    }
}

/// Returns the lines of a document outside of code blocks, with their numbers.
fn lines_outside_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        (!in_code && !is_fence).then_some((index + 1, line))
    })
}

/// Returns the targets of the relative links in a line.
fn link_targets(line: &str) -> Vec<String> {
    // Removes code spans: splitting at backticks puts them at the odd indexes.
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    // `[name]: target` at the start of a line.
    let reference = text.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    let is_relative = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    inline.chain(reference).filter(is_relative).filter(|target| !target.is_empty()).map(str::to_owned).collect()
}

/// Returns the anchor of a heading, as code hosts form it: in lower case, with dashes for spaces and without
/// punctuation. Returns `None` for other lines.
fn to_anchor(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase();
    let to_char = |c: char| match c {
        ' ' => Some('-'),
        _ if c.is_alphanumeric() || "-_".contains(c) => Some(c),
        _ => None,
    };
    Some(heading.chars().filter_map(to_char).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn finds_relative_link_targets_outside_code_spans() {
        let line = "[a](b.md) and [c](d/e.md#f), [g](https://example.com), [h](#i)";
        assert_eq!(link_targets(line), ["b.md", "d/e.md#f", "#i"]);
        assert_eq!(link_targets("[a]: b.md"), ["b.md"]);
        assert_eq!(link_targets("`[a](b.md)` [`c`](d.md)"), ["d.md"]);
    }

    #[test]
    fn reports_broken_links_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("there.md"), "# A *heading*, `x_y`\n```\n# code\n```\n").unwrap();
        let text = "[a](there.md)\n```\n[b](code.md)\n```\n[c](gone.md)\n# Here\n\
            [d](#here) [e](#gone)\n[f](there.md#a-heading-x_y) [g](there.md#code)\n";
        let broken =
            [(5, "gone.md"), (7, "#gone"), (8, "there.md#code")].map(|(line, target)| (line, target.to_owned()));
        assert_eq!(find_broken(&folder.path().join("README.md"), text), broken);
    }
}
