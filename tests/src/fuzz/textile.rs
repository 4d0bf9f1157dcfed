//! Any text, as HTML and as Markdown.

use backpack_textile::{Tag, parse};

#[path = "../../../textile/tests/it/markup.rs"]
mod markup;

/// Parses a text: its HTML must consist of allowed elements and well-nested tags, and its Markdown must have the same
/// elements.
pub fn check_textile(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let document = parse(text);
    let html = document.to_html();
    let mut open = Vec::new();
    for tag in markup::list_tags(&html) {
        let (name, is_end) = tag.strip_prefix('/').map_or((tag, false), |name| (name, true));
        let element = name.split(' ').next().and_then(Tag::new);
        let element = element.unwrap_or_else(|| panic!("<{tag}> is not allowed:\n{html}"));
        if is_end {
            assert_eq!(open.pop(), Some(element), "{html}");
        } else if !element.is_void() {
            open.push(element);
        }
        let unquoted: String = tag.split('"').step_by(2).collect();
        assert!(!unquoted.contains(" on"), "<{tag}> has a handler:\n{html}");
    }
    assert!(open.is_empty(), "{open:?} are not closed:\n{html}");
    let markdown = document.to_markdown();
    let rendered = markup::render_markdown(&markdown);
    assert_eq!(markup::list_elements(&rendered), markup::list_elements(&html), "{text:?}\n{markdown}");
}
