//! Escapes documentation from the schema, so that its text cannot become a link, HTML, a heading or a code block.

use proc_macro2::TokenStream;
use quote::quote;

/// Emits `/// text` for each line of Markdown.
pub(super) fn emit_doc_lines<'t>(lines: impl IntoIterator<Item = &'t str>) -> TokenStream {
    // **Invariant:** each line has its own attribute, so that text cannot start a Markdown block.
    let lines = lines.into_iter().flat_map(|line| if line.is_empty() { vec![""] } else { line.lines().collect() });
    let lines = lines.map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// Emits `/// text` for a text of the schema.
pub(super) fn emit_outer_doc(text: &str) -> TokenStream {
    emit_doc_lines([escape_markdown(text).as_str()])
}

/// Emits `//! text` for a text of the schema.
pub(super) fn emit_inner_doc(text: &str) -> TokenStream {
    let text = format!(" {}", escape_markdown(text));
    quote!(#![doc = #text])
}

/// Converts a text of the schema to Markdown. Code between single backticks stays code; every other character with a
/// meaning in Markdown is escaped. Line breaks become spaces.
pub(super) fn escape_markdown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, code, after)) = split_code_span(rest) {
        escape_prose(before, &mut out);
        out.push('`');
        out.push_str(code);
        out.push('`');
        rest = after;
    }
    escape_prose(rest, &mut out);
    escape_line_start(out)
}

/// Returns a text of the schema as a Markdown code span on one line. A text with backticks cannot be a code span, so it
/// is escaped like prose.
pub(super) fn code_span(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.contains('`') { escape_markdown(&text) } else { format!("`{text}`") }
}

/// Splits a text at its first code span: the text before it, the code, and the rest. Returns `None` if the first two
/// backticks do not delimit a code span, which has a single backtick on each side and is not blank.
fn split_code_span(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    let is_span = !before.ends_with('`') && !after.starts_with('`') && !code.trim().is_empty();
    is_span.then_some((before, code, after))
}

/// Appends text without code spans. Escapes every character that has a meaning in Markdown anywhere in a line.
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
            // rustdoc warns about bare URLs. An empty HTML comment within the URL prevents that.
            if c == ':' && word.contains("://") {
                out.push_str("<!-- -->");
            }
        }
    }
}

/// Escapes characters that start a list, a heading or a table at the start of a line.
fn escape_line_start(text: String) -> String {
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

/// Returns the lines of a fenced code block. The fence is longer than any run of backticks in the text.
pub(super) fn fence_text(language: &str, text: &str) -> Vec<String> {
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
    fn keeps_code_spans_and_escapes_the_rest() {
        assert_eq!(escape_markdown("Starts with `+30` minutes"), "Starts with `+30` minutes");
        assert_eq!(escape_markdown("a *b* [c](d) <e> _f_"), "a \\*b\\* \\[c\\](d) \\<e\\> \\_f\\_");
        assert_eq!(escape_markdown("one\n   two"), "one two");
        assert_eq!(escape_markdown("- 1"), "\\- 1");
        assert_eq!(escape_markdown("1. x"), "1\\. x");
    }

    #[test]
    fn escapes_fences_and_single_backticks() {
        assert_eq!(escape_markdown("```rust panic!() ```"), "\\`\\`\\`rust panic!() \\`\\`\\`");
        assert_eq!(escape_markdown("a ` b"), "a \\` b");
    }

    #[test]
    fn puts_a_code_span_on_one_line_and_escapes_backticks() {
        assert_eq!(code_span("a\n```\npanic!()"), "a \\`\\`\\` panic!()");
        assert_eq!(code_span("move_to_top"), "`move_to_top`");
        assert_eq!(code_span("a\nb"), "`a b`");
    }

    #[test]
    fn makes_the_fence_longer_than_backticks_in_the_text() {
        assert_eq!(fence_text("text", "a\n````\nb"), ["`````text", "a", "````", "b", "`````"]);
    }
}
