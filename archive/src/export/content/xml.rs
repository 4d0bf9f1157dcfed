//! XML of exports: escaping, and HTML as XML.

use std::fmt::Write;

/// Escapes a text for XML, in an element or in an attribute with double quotes. Characters that XML forbids are left out.
pub(crate) fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_allowed(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A reader would replace them by spaces in an attribute.
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// `true` if XML documents can contain a character.
fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Elements that notes of Evernote can contain. Others become `div` or `span`.
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "area", "b", "bdo", "big", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "img", "ins", "kbd", "li", "map", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
];

/// Elements of HTML that are blocks, and that notes of Evernote cannot contain.
const OTHER_BLOCKS: &[&str] =
    &["article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "nav", "section", "summary"];

/// Elements without content.
const VOID: &[&str] = &["area", "br", "col", "hr", "img"];

/// Attributes that notes of Evernote can have.
const ATTRIBUTES: &[&str] = &[
    "align", "alt", "border", "cellpadding", "cellspacing", "cite", "color", "colspan", "dir", "height", "href",
    "lang", "rowspan", "size", "span", "src", "start", "title", "valign", "width",
];

/// Converts HTML of this crate to the XML of Evernote's notes. The HTML is well nested, its attributes are quoted, and its
/// only named references are `&amp;`, `&lt;`, `&gt;`, `&quot;` and `&nbsp;`.
pub(crate) fn to_enml(html: &str) -> String {
    let html: String = html.replace("&nbsp;", "&#160;").chars().filter(|c| is_allowed(*c)).collect();
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let end = find_tag_end(after);
        let (tag, after) = after.split_at_checked(end).unwrap_or((after, ""));
        rest = after.strip_prefix('>').unwrap_or(after);
        let (is_end, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        if name == "wbr" || name.starts_with('!') || (is_end && VOID.contains(&name)) {
            continue;
        }
        let other = if OTHER_BLOCKS.contains(&name) { "div" } else { "span" };
        let name = if ELEMENTS.contains(&name) { name } else { other };
        out.push_str(if is_end { "</" } else { "<" });
        out.push_str(name);
        if !is_end {
            write_attributes(attributes, &mut out);
        }
        out.push_str(if VOID.contains(&name) { "/>" } else { ">" });
    }
    out.push_str(rest);
    out
}

/// Finds the `>` that ends a tag, outside of quotes.
fn find_tag_end(tag: &str) -> usize {
    let mut is_quoted = false;
    for (index, c) in tag.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return index,
            _ => {}
        }
    }
    tag.len()
}

/// Writes the attributes of a tag that notes of Evernote can have.
fn write_attributes(attributes: &str, out: &mut String) {
    let mut parts = attributes.split('"');
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let name = name.trim().trim_end_matches('=');
        if ATTRIBUTES.contains(&name) {
            let value = value.replace('<', "&lt;").replace('>', "&gt;");
            let _ = write!(out, " {name}=\"{value}\"");
        }
    }
}
