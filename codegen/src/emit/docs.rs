//! Documentation from the schema, made harmless: text can never become code, a link, HTML or a heading.

use proc_macro2::TokenStream;
use quote::quote;

/// `/// text`, one attribute a line. The text is Markdown that we wrote ourselves.
pub(super) fn lines<'t>(lines: impl IntoIterator<Item = &'t str>) -> TokenStream {
    // **Invariant:** one attribute is one line, so that nothing can begin a block of its own.
    let lines = lines.into_iter().flat_map(|line| if line.is_empty() { vec![""] } else { line.lines().collect() });
    let lines = lines.map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// `/// text` for a text of the schema.
pub(super) fn outer(text: &str) -> TokenStream {
    lines([escape(text).as_str()])
}

/// `//! text` for a text of the schema.
pub(super) fn inner(text: &str) -> TokenStream {
    let text = format!(" {}", escape(text));
    quote!(#![doc = #text])
}

/// A text of the schema as Markdown that says just that text. Code between single backticks stays code; every other
/// character that Markdown might take for its own is escaped. Line breaks become blanks.
pub(super) fn escape(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, code, after)) = split_code(rest) {
        escape_prose(before, &mut out);
        out.push('`');
        out.push_str(code);
        out.push('`');
        rest = after;
    }
    escape_prose(rest, &mut out);
    escape_start(out)
}

/// A text of the schema as code, whatever stands in it.
pub(super) fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.contains('`') { escape(&text) } else { format!("`{text}`") }
}

/// Text before a span of code, the code, and what follows. A span has one backtick on each side and some text in it.
fn split_code(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    let single = !before.ends_with('`') && !after.starts_with('`') && !code.trim().is_empty();
    single.then_some((before, code, after))
}

fn escape_prose(text: &str, out: &mut String) {
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        for c in word.chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '#' | '|' | '&' | '$' | '{' | '}') {
                out.push('\\');
            }
            out.push(c);
            // An address would become a link, and a warning of rustdoc's: a character that is not seen keeps it text.
            if c == ':' && word.contains("://") {
                out.push_str("<!-- -->");
            }
        }
    }
}

/// What makes a list, a heading or a table only at the start of a line.
fn escape_start(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => {
            let (number, rest) = text.split_at(digits);
            format!("{number}\\{rest}")
        }
        Some(b'-' | b'+' | b'=' | b':') if digits == 0 => format!("\\{text}"),
        _ => text,
    }
}

/// A block of text that is shown as it is, whatever stands in it: the fence is longer than any run of backticks there.
pub(super) fn fenced(language: &str, text: &str) -> Vec<String> {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    let lines = text.lines().map(str::to_owned);
    [format!("{fence}{language}")].into_iter().chain(lines).chain([fence.clone()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_stay_and_everything_else_is_text() {
        assert_eq!(escape("Starts with `+30` minutes"), "Starts with `+30` minutes");
        assert_eq!(escape("a *b* [c](d) <e> _f_"), "a \\*b\\* \\[c\\](d) \\<e\\> \\_f\\_");
        assert_eq!(escape("one\n   two"), "one two");
        assert_eq!(escape("- 1"), "\\- 1");
        assert_eq!(escape("1. x"), "1\\. x");
    }

    #[test]
    fn a_fence_is_no_fence() {
        assert_eq!(escape("```rust panic!() ```"), "\\`\\`\\`rust panic!() \\`\\`\\`");
        assert_eq!(escape("a ` b"), "a \\` b");
    }

    #[test]
    fn code_is_one_line_of_code() {
        assert_eq!(code("a\n```\npanic!()"), "a \\`\\`\\` panic!()");
        assert_eq!(code("move_to_top"), "`move_to_top`");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn a_block_cannot_be_left_from_within() {
        assert_eq!(fenced("text", "a\n````\nb"), ["`````text", "a", "````", "b", "`````"]);
    }
}
