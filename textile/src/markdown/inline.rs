//! Phrases in Markdown.

use super::escape::{write_text, write_title, write_url};
use crate::html;
use crate::safe::{Attributes, Url};
use crate::tree::{Inline, PhraseKind};

/// Context of phrases, which decides how they can be written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PhraseContext {
    /// `true` in headings and cells, which have one line.
    pub(super) is_one_line: bool,
    /// Marks that are open: `true` within `**`, within `_` and within `~~`.
    open: [bool; 3],
    /// `true` for the first phrase after such a mark.
    is_after_mark: bool,
}

impl PhraseContext {
    /// A heading or cell.
    pub(super) const ONE_LINE: Self = Self { is_one_line: true, open: [false; 3], is_after_mark: false };
}

/// Writes phrases.
pub(super) fn write_phrases(content: &[Inline], context: PhraseContext, out: &mut String) {
    for (index, inline) in content.iter().enumerate() {
        let context = PhraseContext { is_after_mark: context.is_after_mark && index == 0, ..context };
        let next = content.get(index + 1);
        match inline {
            Inline::Text(text) => write_text(text, out),
            Inline::LineBreak => write_break(next, context, out),
            Inline::Phrase(kind, attributes, content) => write_phrase(*kind, attributes, content, next, context, out),
            Inline::Code(attributes, text) => write_code(attributes, text, context, out),
            Inline::Link(url, attributes, content) => write_link(url, attributes, content, context, out),
            Inline::Image(url, attributes) => write_image(inline, url, attributes, out),
            Inline::Acronym(title, content) => {
                let mut attributes = Attributes::default();
                attributes.insert("title", title);
                write_element("acronym", &attributes, content, context, out);
            }
            Inline::Element(tag, attributes, _) if tag.is_void() => write_tag(tag.name(), attributes, out),
            Inline::Element(tag, attributes, content) => write_element(tag.name(), attributes, content, context, out),
            Inline::Reference(_)
            | Inline::Capitals(_)
            | Inline::FootnoteReference(_)
            | Inline::Preformatted(_)
            | Inline::Comment(_) => write_as_html(inline, out),
        }
    }
}

/// Writes a line break. Markdown has no mark for one at the end of a block, nor for two in a row.
fn write_break(next: Option<&Inline>, context: PhraseContext, out: &mut String) {
    let is_alone = out.is_empty() || out.ends_with(['\n', ' ']);
    if context.is_one_line {
        out.push_str("<br>");
    } else if is_alone || !matches!(next, Some(Inline::Text(text)) if !text.trim().is_empty()) {
        out.push_str("<br>\n");
    } else {
        out.push_str("\\\n");
    }
}

/// Writes a phrase as HTML.
fn write_as_html(inline: &Inline, out: &mut String) {
    let mut text = String::new();
    html::write_phrase(inline, &mut text);
    // A line of a comment could begin a block.
    out.push_str(&text.replace('|', "&#124;").replace('\n', " "));
}

/// Writes a start tag.
fn write_tag(name: &str, attributes: &Attributes, out: &mut String) {
    let mut tag = String::new();
    html::open(name, attributes, &mut tag);
    push_tag(&tag, out);
}

/// Appends a tag. Line feeds and bars in its attributes are escaped, since they could end a block or a cell.
fn push_tag(tag: &str, out: &mut String) {
    out.push_str(&tag.replace('\n', "&#10;").replace('|', "&#124;"));
}

/// Writes an HTML element around Markdown.
fn write_element(name: &str, attributes: &Attributes, content: &[Inline], context: PhraseContext, out: &mut String) {
    write_tag(name, attributes, out);
    write_phrases(content, PhraseContext { is_after_mark: false, ..context }, out);
    html::close(name, out);
}

/// Writes a phrase between marks if that is certain to be read as one, and otherwise as an HTML element.
fn write_phrase(
    kind: PhraseKind,
    attributes: &Attributes,
    content: &[Inline],
    next: Option<&Inline>,
    context: PhraseContext,
    out: &mut String,
) {
    let mark = match kind {
        PhraseKind::Strong => Some((0, "**")),
        PhraseKind::Emphasis => Some((1, "_")),
        PhraseKind::Deleted => Some((2, "~~")),
        _ => None,
    };
    let is_open = |index: usize| context.open.get(index).copied().unwrap_or(true);
    let before = out.chars().next_back().unwrap_or('\n');
    let has_words = content.first().is_some_and(|first| !is_space(get_edge(first, false)))
        && content.last().is_some_and(|last| !is_space(get_edge(last, true)));
    let is_apart = (context.is_after_mark || is_edge(before)) && next.is_none_or(|next| is_edge(get_edge(next, false)));
    match mark {
        Some((index, mark)) if !is_open(index) && attributes.is_empty() && has_words && is_apart => {
            let mut inner = PhraseContext { is_after_mark: true, ..context };
            if let Some(open) = inner.open.get_mut(index) {
                *open = true;
            }
            out.push_str(mark);
            write_phrases(content, inner, out);
            out.push_str(mark);
        }
        _ => write_element(kind.element(), attributes, content, context, out),
    }
}

/// Returns the first or last character of a phrase, as far as it matters to a mark beside it.
fn get_edge(inline: &Inline, is_last: bool) -> char {
    match inline {
        Inline::Text(text) if is_last => text.chars().next_back().unwrap_or(' '),
        Inline::Text(text) => text.chars().next().unwrap_or(' '),
        Inline::LineBreak => '\n',
        Inline::Phrase(..) => '*',
        _ => '<',
    }
}

/// `true` for white space.
fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// `true` if a mark can be beside this character: white space, or punctuation that is no mark.
fn is_edge(c: char) -> bool {
    let is_mark = matches!(c, '*' | '_' | '~' | '`' | '\\');
    c.is_whitespace() || c.is_ascii_punctuation() && !is_mark || "“”‘’–—…".contains(c)
}

/// Writes code between backquotes, more of them than the code has in a row.
fn write_code(attributes: &Attributes, text: &str, context: PhraseContext, out: &mut String) {
    let is_plain = attributes.is_empty() && !text.trim().is_empty() && !(context.is_one_line && text.contains('|'));
    if !is_plain || out.ends_with('`') {
        write_tag("code", attributes, out);
        let mut code = String::new();
        html::escape(text, &mut code);
        // Markdown is parsed within the element.
        for c in code.chars() {
            match c {
                '\n' => out.push(' '),
                '|' => out.push_str("&#124;"),
                '*' | '_' | '`' | '[' | ']' | '~' | '\\' | '!' | ':' | '$' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
        return html::close("code", out);
    }
    let mark = "`".repeat(count_longest_run(text, '`') + 1);
    let padding = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    for part in [&mark, padding, &text.replace('\n', " "), padding, &mark] {
        out.push_str(part);
    }
}

/// Returns the length of the longest run of a character.
pub(super) fn count_longest_run(text: &str, c: char) -> usize {
    text.split(|other| other != c).map(str::len).max().unwrap_or(0)
}

/// Writes a link.
fn write_link(url: &Url, attributes: &Attributes, content: &[Inline], context: PhraseContext, out: &mut String) {
    let context = PhraseContext { is_after_mark: false, ..context };
    if attributes.iter().any(|(name, _)| name != "title") || content.iter().any(contains_link) {
        let mut all = Attributes::default();
        all.insert("href", url.as_str());
        all.extend(attributes.clone());
        return write_element("a", &all, content, context, out);
    }
    out.push('[');
    write_phrases(content, context, out);
    out.push_str("](");
    write_url(url.as_str(), out);
    if let Some(title) = attributes.get("title") {
        write_title(title, out);
    }
    out.push(')');
}

/// `true` if a phrase is a link, or contains one.
fn contains_link(inline: &Inline) -> bool {
    match inline {
        Inline::Link(..) | Inline::FootnoteReference(_) => true,
        Inline::Phrase(_, _, content) | Inline::Element(_, _, content) | Inline::Acronym(_, content) => {
            content.iter().any(contains_link)
        }
        _ => false,
    }
}

/// Writes an image.
fn write_image(inline: &Inline, url: &Url, attributes: &Attributes, out: &mut String) {
    if attributes.iter().any(|(name, _)| !matches!(name, "alt" | "title")) {
        let mut tag = String::new();
        html::write_phrase(inline, &mut tag);
        return push_tag(&tag, out);
    }
    out.push_str("![");
    let alt = attributes.get("alt").unwrap_or_default();
    write_text(&alt.split_whitespace().collect::<Vec<_>>().join(" "), out);
    out.push_str("](");
    write_url(url.as_str(), out);
    if let Some(title) = attributes.get("title") {
        write_title(title, out);
    }
    out.push(')');
}
