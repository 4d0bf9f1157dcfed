//! Comparison with Python's `email` package.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::read;

/// `server/tests/mail/words.py` finds the words.
#[test]
fn keeps_every_word_that_python_finds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let words: Value = serde_json::from_str(&fs::read_to_string(folder.join("words.json")).unwrap()).unwrap();
    let mut lost = Vec::new();
    for (name, words) in words.as_object().unwrap() {
        let mail = fs::read(folder.join("mails").join(name).with_extension("eml")).unwrap();
        let (subject, body) = read(&mail).unwrap();
        let kept = format!("{subject}\n{body}");
        assert!(!kept.contains('\u{fffd}'), "{name}: {kept}");
        let words = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        lost.extend(words.filter(|word| !kept.contains(word)).map(|word| format!("{name}: {word}")));
    }
    assert_eq!(lost, [""; 0]);
    assert_eq!(fs::read_dir(folder.join("mails")).unwrap().count(), words.as_object().unwrap().len());
}
