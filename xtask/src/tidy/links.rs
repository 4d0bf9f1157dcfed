//! Finds broken relative links in documents.

use std::path::Path;

/// Finds relative links to missing files. Returns the line number and target of each. Skips code blocks and code spans.
pub(super) fn find_broken(document: &Path, text: &str) -> Vec<(usize, String)> {
    let folder = document.parent().unwrap_or(document);
    let mut broken = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        if !in_code && !is_fence {
            let missing = link_targets(line).into_iter().filter(|target| !folder.join(target).exists());
            broken.extend(missing.map(|target| (index + 1, target)));
        }
    }
    broken
}

/// Returns the targets of the relative links in a line, without their anchors.
fn link_targets(line: &str) -> Vec<String> {
    // Removes code spans: splitting at backticks puts them at the odd indexes.
    let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    // `[name]: target` at the start of a line.
    let reference = text.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target.trim());
    let is_relative = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    let targets = inline.chain(reference).filter(is_relative).filter_map(|target| target.split('#').next());
    targets.filter(|target| !target.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn finds_relative_link_targets_outside_code_spans() {
        assert_eq!(link_targets("[a](b.md) and [c](d/e.md#f), [g](https://example.com), [h](#i)"), ["b.md", "d/e.md"]);
        assert_eq!(link_targets("[a]: b.md"), ["b.md"]);
        assert_eq!(link_targets("`[a](b.md)` [c](d.md)"), ["d.md"]);
    }

    #[test]
    fn reports_broken_links_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("there.md"), "").unwrap();
        let text = "[a](there.md)\n```\n[b](code.md)\n```\n[c](gone.md)\n";
        assert_eq!(find_broken(&folder.path().join("README.md"), text), [(5, "gone.md".to_owned())]);
    }
}
