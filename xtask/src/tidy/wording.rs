//! Checks that names and doc comments are in plain technical English.

use crate::files::is_generated;

/// First words that a doc comment must not have: it opens with a verb in the third person or with a noun phrase.
const UNWANTED_FIRST_WORDS: &[&str] =
    &["What", "Who", "Whom", "Whose", "Whether", "How", "Where", "Why", "That", "Nothing", "When", "Which"];

/// Names that no item of this workspace has, because the field has a standard term.
const UNWANTED_NAMES: &[&str] = &[
    "Caller", "Chance", "Circumstances", "Drivers", "Joined", "Joining", "Keeper", "Letter", "Nowhere", "Pacer",
    "Patience", "Places", "Postman", "Presented", "Refusal", "Renewable", "Sure", "Surroundings", "Taken",
    "Unreadable", "Unroutable", "Unsaid", "Unusable", "Verdict", "Way", "Which", "Whose", "Woken",
];

/// Keywords before the name of a defined item.
const ITEM_KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "union", "mod", "const", "static", "macro_rules!"];

/// Checks a source file. Returns line number and message of each violation.
pub(super) fn check(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_doc = false;
    // Names in generated code come from the schema, which uses the service's vocabulary.
    let has_own_names = !is_generated(text);
    for (index, line) in text.lines().map(str::trim_start).enumerate() {
        let doc = ["/// ", "//! "].iter().find_map(|start| line.strip_prefix(start));
        let word = doc.and_then(first_word).filter(|word| !in_doc && UNWANTED_FIRST_WORDS.contains(word));
        found.extend(word.map(|word| (index + 1, format!("a doc comment opens with a noun or verb, not `{word}`"))));
        in_doc = line.starts_with("///") || line.starts_with("//!");
        let name = find_shadowed_function(line);
        found.extend(name.map(|name| (index + 1, format!("the local `{name}` has the name of the function it calls"))));
        let name = find_defined_name(line).filter(|name| has_own_names && UNWANTED_NAMES.contains(name));
        found.extend(name.map(|name| (index + 1, format!("`{name}` is not a term of the field"))));
    }
    found
}

/// Returns the letters and digits at the start of a text, which may be none.
fn first_word(text: &str) -> Option<&str> {
    text.split(|char: char| !char.is_alphanumeric()).next()
}

/// Returns `x` for `let x = x(…)` and `let x = Self::x(…)`, and `None` for other lines. Calls of methods and of
/// functions in other modules are allowed, because these may be getters.
fn find_shadowed_function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("let ")?;
    let line = line.strip_prefix("mut ").unwrap_or(line);
    let (pattern, value) = line.split_once(" = ")?;
    let (name, _) = pattern.split_once(':').unwrap_or((pattern, ""));
    let (function, _) = value.split_once('(')?;
    (function.strip_prefix("Self::").unwrap_or(function) == name).then_some(name)
}

/// Returns the name of the item that a line defines. Returns `None` for other lines, and for functions.
fn find_defined_name(line: &str) -> Option<&str> {
    let mut words = line.split(' ').skip_while(|word| word.starts_with("pub") || *word == "unsafe");
    let keyword = words.next()?;
    if ITEM_KEYWORDS.contains(&keyword) { first_word(words.next()?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        check(text).into_iter().map(|(line, message)| format!("{line}: {message}")).collect()
    }

    #[test]
    fn a_doc_comment_opens_with_a_noun_or_a_verb() {
        let text = "//! What it does.\n\n/// Returns it.\n/// How, nobody knows.\nfn it() {}\n/// Whatever.\n// Why";
        assert_eq!(messages(text), ["1: a doc comment opens with a noun or verb, not `What`"]);
    }

    #[test]
    fn a_local_has_another_name_than_its_function() {
        let text = "let a = a(b);\nlet mut a: A = Self::a();\nlet a = self.a();\nlet a = path::a();\nlet a = ab(a);";
        let message = "the local `a` has the name of the function it calls";
        assert_eq!(messages(text), [format!("1: {message}"), format!("2: {message}")]);
    }

    #[test]
    fn an_item_has_a_name_of_the_field() {
        assert_eq!(messages("pub(crate) struct Whose<T> {"), ["1: `Whose` is not a term of the field"]);
        assert_eq!(messages("enum Way {\n    Whose,\n}"), ["1: `Way` is not a term of the field"]);
        assert_eq!(messages("// @generated\npub struct Whose;\nstruct Ways;"), Vec::<String>::new());
    }
}
