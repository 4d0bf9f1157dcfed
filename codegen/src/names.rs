//! Converts the schema's names into Rust names, and lists the names that a schema cannot use.
//!
//! No other module converts names.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Strict and reserved keywords of all editions. Weak keywords (`union`, `raw`, `safe`) are valid identifiers. Like the
/// other tables, this one is sorted for binary search.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that no id, enum or data type can have: types, traits and variants of Rust, and names that every host crate
/// has. The host crate is the crate that contains the generated code.
const RESERVED_TYPES: &[&str] = &[
    "AsMut", "AsRef", "Box", "Builder", "Client", "Clone", "Copy", "Debug", "Default", "Deserialize", "Display",
    "DoubleEndedIterator", "Drop", "Endpoint", "Eq", "Err", "Error", "ExactSizeIterator", "Extend", "Fn", "FnMut",
    "FnOnce", "From", "FromIterator", "FromStr", "Future", "Hash", "Into", "IntoFuture", "IntoIterator", "Iterator",
    "None", "Ok", "Option", "Ord", "PartialEq", "PartialOrd", "Request", "Response", "Result", "SERVICE", "Secret",
    "Self", "Send", "Serialize", "ServeEndpoint", "Sized", "Some", "String", "Sync", "ToOwned", "ToString", "TryFrom",
    "TryInto", "Unpin", "Vec",
];

/// Names of the prelude that the module of a section uses unqualified. No operation can have such a name.
const RESERVED_OPERATIONS: &[&str] = &[
    "Box", "Default", "Err", "From", "Into", "IntoIterator", "Iterator", "None", "Ok", "Option", "Result", "Self",
    "Some", "String", "Vec",
];

/// Generated modules beside those of the sections, and modules that every host crate has. No section can have such a
/// name.
const RESERVED_SECTIONS: &[&str] = &["api", "blocking", "catalog", "limits", "routes", "runtime", "styles", "types"];

/// Hand-written names in the crate that contains the generated code. The schema cannot use them.
#[derive(Debug, Clone, Default)]
pub struct ReservedNames {
    /// Modules at the root of the crate: no section can have such a name.
    pub modules: Vec<String>,
    /// Methods of its clients: no section can have such a name.
    pub methods: Vec<String>,
    /// Types at the root of the crate: no id, enum or data type can have such a name.
    pub types: Vec<String>,
}

impl ReservedNames {
    /// `true` if a data type, an id or an enum of this name would hide a name of Rust or of the host crate.
    pub(crate) fn has_type(&self, name: &str) -> bool {
        RESERVED_TYPES.binary_search(&name).is_ok() || self.types.iter().any(|reserved| reserved == name)
    }

    /// `true` if a section of this name would collide with a module of the host crate or a method of its clients.
    pub(crate) fn has_section(&self, name: &str) -> bool {
        let mut hand_written = self.modules.iter().chain(&self.methods);
        RESERVED_SECTIONS.binary_search(&name).is_ok() || hand_written.any(|reserved| reserved == name)
    }
}

/// `true` for a strict or reserved keyword of any Rust edition.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.binary_search(&name).is_ok()
}

/// `true` if an operation whose struct has this name would hide a name that the generated module uses.
pub(crate) fn is_reserved_operation(name: &str) -> bool {
    RESERVED_OPERATIONS.binary_search(&name).is_ok()
}

/// `true` if the name is lower-case ASCII words with `_` between them, such as `page_id`. Words may contain digits, but
/// the name starts with a letter.
pub(crate) fn is_snake(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(is_word)
}

/// `true` if the name starts with an ASCII capital and has only ASCII letters and digits: `PageId`.
pub(crate) fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Converts a name to camel case: `PageId` for `page_id`.
pub(crate) fn to_camel(name: &str) -> String {
    name.to_upper_camel_case()
}

/// Converts a name to snake case: `page_id` for `PageId`.
pub(crate) fn to_snake(name: &str) -> String {
    name.to_snake_case()
}

/// Returns a wire name in the form in which servers compare it: with `_` instead of `-`, because clients write either.
pub(crate) fn normalize_name(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [KEYWORDS, RESERVED_TYPES, RESERVED_OPERATIONS, RESERVED_SECTIONS] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn syn_rejects_each_keyword_but_gen_as_an_identifier() {
        // syn does not know `gen`, a keyword since edition 2024.
        for word in KEYWORDS.iter().filter(|word| **word != "gen") {
            assert!(syn::parse_str::<syn::Ident>(word).is_err(), "{word}");
        }
    }

    #[test]
    fn recognizes_snake_case_and_camel_case() {
        for name in ["use_24h_clock", "n"] {
            assert!(is_snake(name), "{name}");
        }
        for name in ["Page", "page-id", "_a", "a__b", "a_", ""] {
            assert!(!is_snake(name), "{name}");
        }
        for name in ["PageId", "H1"] {
            assert!(is_camel(name), "{name}");
        }
        for name in ["pageId", "Page_Id", "Größe", ""] {
            assert!(!is_camel(name), "{name}");
        }
    }

    #[test]
    fn converts_between_snake_case_and_camel_case() {
        assert_eq!(to_camel("page_id"), "PageId");
        assert_eq!(to_snake("PageId"), "page_id");
    }
}
