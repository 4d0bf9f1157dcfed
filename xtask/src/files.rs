//! Lists and names the files of the repository.

use std::path::{Path, PathBuf};

/// Lists all files in a folder and below, sorted. Skips folders named `target` and `.git`: builds and version control.
pub(crate) fn list_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| format!("cannot read {}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_skipped = path.file_name().is_some_and(|name| name == "target" || name == ".git");
            if path.is_dir() && !is_skipped {
                folders.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a file as text. Returns an empty text if the file cannot be read; replaces invalid UTF-8.
pub(crate) fn read_lossy(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Formats a path for messages: relative to the root, with forward slashes.
pub(crate) fn display_path(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// Mark in the first line of every generated file.
const GENERATED_MARK: &str = "@generated";

/// `true` if the first line marks a file as generated.
pub(crate) fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(GENERATED_MARK))
}
