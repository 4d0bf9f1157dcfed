//! The texts in `tests/texts`.
//!
//! A file has any number of texts. Each begins with a line `=== title`, followed by the source, a line `--- html` and the
//! expected HTML. `INSTA_UPDATE=always` writes the HTML.

use std::fs;
use std::path::{Path, PathBuf};

/// A text of a file.
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) source: String,
    pub(crate) html: String,
}

/// Line before the expected HTML.
const SEPARATOR: &str = "--- html";

/// Paths of the files, in order.
pub(crate) fn list_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Reads the texts of a file.
pub(crate) fn read_file(path: &Path) -> Vec<Text> {
    let content = fs::read_to_string(path).unwrap();
    let mut texts = Vec::new();
    for part in format!("\n{content}").split("\n=== ").skip(1) {
        let (title, rest) = part.split_once('\n').unwrap();
        let (source, html) = rest.split_once(&format!("\n{SEPARATOR}\n")).unwrap_or((rest.trim_end(), ""));
        let html = if html.is_empty() { String::new() } else { format!("{}\n", html.trim_end_matches('\n')) };
        texts.push(Text { title: title.to_owned(), source: source.to_owned(), html });
    }
    texts
}

/// Writes the texts of a file.
pub(crate) fn write_file(path: &Path, texts: &[Text]) {
    let parts = texts.iter().map(|Text { title, source, html }| format!("=== {title}\n{source}\n{SEPARATOR}\n{html}"));
    fs::write(path, parts.collect::<Vec<_>>().join("\n")).unwrap();
}

/// Reads the texts of all files.
pub(crate) fn read_all() -> Vec<Text> {
    list_files().iter().flat_map(|path| read_file(path)).collect()
}

/// Names of the link aliases of a text, which are markup.
pub(crate) fn list_aliases(source: &str) -> Vec<&str> {
    let lines = source.lines().filter_map(|line| line.strip_prefix('[')?.split_once(']'));
    lines.map(|(alias, _)| alias).collect()
}

/// Words of a text: letters and digits in a row.
pub(crate) fn list_words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}
