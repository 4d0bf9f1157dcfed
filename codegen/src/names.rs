//! The one place that knows what makes a good Rust name, and turns the schema's names into Rust's.
//!
//! Knows no schema: what a name stands for is decided by the caller.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Strict and reserved keywords of all editions. The weak ones (`union`, `raw`, `safe`) are good names everywhere.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What generated modules take from the prelude, and what the bindings call their own things.
const TAKEN_TYPES: &[&str] = &[
    "AccessToken", "AsMut", "AsRef", "Box", "Builder", "Caller", "Client", "Clone", "Copy", "Credentials", "Debug",
    "Default", "Deserialize", "Display", "DoubleEndedIterator", "Drop", "Endpoint", "Eq", "Err", "Error",
    "ExactSizeIterator", "Extend", "Fn", "FnMut", "FnOnce", "From", "FromIterator", "FromStr", "Future", "Hash",
    "Into", "IntoFuture", "IntoIterator", "InvalidToken", "Iterator", "None", "Ok", "Option", "Options", "Ord",
    "PartialEq", "PartialOrd", "Reply", "Request", "Response", "Result", "SERVICE", "Secret", "Self", "Send",
    "Serialize", "ServeEndpoint", "SetupError", "Sized", "Some", "String", "Sync", "ToOwned", "ToString", "Token",
    "TryFrom", "TryInto", "Unpin", "Vec",
];

/// What the module of a section names as it is in the prelude.
const TAKEN_OPERATIONS: &[&str] = &[
    "Box", "Default", "Err", "From", "Into", "IntoIterator", "Iterator", "None", "Ok", "Option", "Result", "Self",
    "Some", "String", "Vec",
];

/// Modules that stand beside the sections, and methods that clients have of their own.
const TAKEN_SECTIONS: &[&str] = &[
    "api", "at", "at_plain", "blocking", "call", "call_for_all", "call_for_reply", "client", "limits", "new", "oauth",
    "of", "once", "readme", "routes", "runtime", "styles", "token", "types", "webcal", "with", "with_transport",
    "within",
];

/// Whether Rust has the word for itself.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.binary_search(&name).is_ok()
}

/// Whether a data type, an id or an enum of this name would hide something of Rust or of the bindings.
pub(crate) fn is_taken_type(name: &str) -> bool {
    TAKEN_TYPES.binary_search(&name).is_ok()
}

/// Whether an operation whose struct has this name would hide what the code around it uses.
pub(crate) fn is_taken_operation(name: &str) -> bool {
    TAKEN_OPERATIONS.binary_search(&name).is_ok()
}

/// Whether the bindings have a module or method of this name beside the sections.
pub(crate) fn is_taken_section(name: &str) -> bool {
    TAKEN_SECTIONS.binary_search(&name).is_ok()
}

/// Whether the name is lower case, with `_` between its words: `page_id`.
pub(crate) fn is_snake(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(word)
}

/// Whether each word of the name has a capital, with nothing between them: `PageId`.
pub(crate) fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `PageId`, from `page_id`.
pub(crate) fn camel(name: &str) -> String {
    name.to_upper_camel_case()
}

/// `page_id`, from `PageId`.
pub(crate) fn snake(name: &str) -> String {
    name.to_snake_case()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_can_be_searched() {
        for table in [KEYWORDS, TAKEN_TYPES, TAKEN_OPERATIONS, TAKEN_SECTIONS] {
            assert!(table.is_sorted(), "{table:?}");
        }
    }

    #[test]
    fn keywords_are_what_syn_refuses() {
        // syn does not know this one, of edition 2024.
        for word in KEYWORDS.iter().filter(|word| **word != "gen") {
            assert!(syn::parse_str::<syn::Ident>(word).is_err(), "{word}");
        }
    }

    #[test]
    fn cases() {
        assert!(is_snake("use_24h_clock") && is_snake("n"));
        assert!(
            !is_snake("Page")
                && !is_snake("page-id")
                && !is_snake("_a")
                && !is_snake("a__b")
                && !is_snake("a_")
                && !is_snake("")
        );
        assert!(is_camel("PageId") && is_camel("H1"));
        assert!(!is_camel("pageId") && !is_camel("Page_Id") && !is_camel("Größe") && !is_camel(""));
        assert_eq!(camel("page_id"), "PageId");
        assert_eq!(snake("PageId"), "page_id");
    }
}
