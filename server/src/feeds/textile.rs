//! Converts users' text, Textile mixed with HTML, to HTML.
//!
//! It supports the part of Textile that notes use:
//!
//! - **Blocks**, separated by blank lines: `h1.` to `h6.`, `p.`, `bq.` for a quotation, `bc.` and `pre.` for code,
//!   lists of `*` and `#` that nest, and HTML blocks. Line breaks within a block are kept.
//! - **Phrases**: `*strong*`, `**bold**`, `_emphasis_`, `__italic__`, `-deleted-`, `+inserted+`, `^super^`, `~sub~`,
//!   `??citation??`, `@code@`, `"link":url`, `!image!`.
//!
//! Everything else, such as tables and footnotes, stays as it was typed.
//!
//! **Invariant:** the output is safe for any input. Users' text is either escaped, or sanitized after its phrases have
//! been converted, so the conversion need not be trusted. The only other output is the tags of blocks and lists, which
//! are constants in this file.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::LazyLock;

/// Maximum length in bytes of a text that is converted; a longer text is shown as it was typed. The output of an HTML
/// parser can grow with the square of the length of its input.
const MAX_LENGTH: usize = 64 * 1024;

/// Maximum number of `<` and `&` in a text that is converted, for the same reason.
const MAX_TAGS: usize = 1_000;

/// Maximum depth of nested lists and phrases.
const MAX_DEPTH: usize = 6;

/// Converts a text of several blocks to HTML. A text that is too complex is only escaped, and keeps its line breaks.
pub(super) fn render(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if is_too_complex(&text) {
        return format!("<pre>{}</pre>\n", escape(&text));
    }
    let mut html = String::new();
    let mut rest = text.trim_matches('\n');
    while !rest.is_empty() {
        let (block, next) = rest.split_at_checked(find_block_end(rest)).unwrap_or((rest, ""));
        write_block(block.trim_end(), &mut html);
        rest = next.trim_start_matches('\n');
    }
    html
}

/// Converts a text of one line, such as an item, to HTML without blocks. A text that is too complex is only escaped.
pub(super) fn render_line(text: &str) -> String {
    if is_too_complex(text) { escape(text) } else { render_phrases(text.trim()) }
}

/// Escapes a text, so that nothing in it counts as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// `true` if a text exceeds [`MAX_LENGTH`] or [`MAX_TAGS`].
fn is_too_complex(text: &str) -> bool {
    text.len() > MAX_LENGTH || text.matches(['<', '&']).count() > MAX_TAGS
}

/// Removes all elements, attributes and link schemes that are not on the allow list.
fn sanitize(html: &str) -> String {
    static SANITIZER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut sanitizer = ammonia::Builder::default();
        sanitizer.url_schemes(HashSet::from(["ftp", "http", "https", "mailto", "tel", "webcal"]));
        sanitizer
    });
    SANITIZER.clean(html).to_string()
}

/// Returns the end of the first block: the start of a blank line, or for `<pre>`, which may contain blank lines, the
/// end of its closing tag.
fn find_block_end(text: &str) -> usize {
    if parse_tag_name(text) == Some("pre") {
        return text.find("</pre>").map_or(text.len(), |at| at + "</pre>".len());
    }
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    // A text that begins with a line of spaces starts with an empty block.
    if end == 0 { text.find('\n').map_or(text.len(), |at| at + 1) } else { end }
}

/// Elements that cannot be within a paragraph.
const BLOCK_ELEMENTS: &[&str] = &[
    "article", "aside", "blockquote", "caption", "center", "col", "colgroup", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
];

/// `true` if an element cannot be within a paragraph.
fn is_block_element(name: &str) -> bool {
    BLOCK_ELEMENTS.iter().any(|block| name.eq_ignore_ascii_case(block))
}

/// Wraps converted phrases in an element. If they contain blocks, which no paragraph or heading may, it is a `div`.
fn wrap_phrases(tag: &str, phrases: &str) -> String {
    let has_blocks = phrases
        .match_indices('<')
        .any(|(at, _)| phrases.get(at..).and_then(parse_tag_name).is_some_and(is_block_element));
    let tag = if has_blocks { "div" } else { tag };
    format!("<{tag}>{phrases}</{tag}>")
}

/// Writes a block: an HTML block, a block with a signature, or lines without one. An empty block is skipped.
fn write_block(block: &str, html: &mut String) {
    if block.is_empty() {
        return;
    }
    if parse_tag_name(block).is_some_and(is_block_element) {
        let _ = writeln!(html, "{}", sanitize(block));
        return;
    }
    let (tag, text) = parse_signature(block).unwrap_or(("p", block));
    let _ = match tag {
        "bq" => write!(html, "<blockquote>{}</blockquote>", wrap_phrases("p", &render_phrases(text))),
        "bc" | "pre" => write!(html, "<pre><code>{}</code></pre>", escape(text)),
        "p" => return write_lines(text, html),
        _ => write!(html, "{}", wrap_phrases(tag, &render_phrases(text))),
    };
    html.push('\n');
}

/// Parses a block with a signature, such as `h2(class). Text`, into the name in the signature and the text. Classes,
/// styles and alignment are ignored. Returns `None` if there is no signature.
fn parse_signature(block: &str) -> Option<(&'static str, &str)> {
    // `pre` comes before `p`, which is a prefix of it.
    const TAGS: &[&str] = &["bq", "bc", "pre", "p", "h1", "h2", "h3", "h4", "h5", "h6"];
    let (signature, text) = block.split_once(". ")?;
    let tag = TAGS.iter().find(|tag| signature.starts_with(**tag))?;
    let mut rest = signature.strip_prefix(*tag)?;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '<' | '>' | '=' | '-' => rest.strip_prefix(first)?,
            '(' => rest.split_once(')')?.1,
            '{' => rest.split_once('}')?.1,
            '[' => rest.split_once(']')?.1,
            _ => return None,
        };
    }
    Some((tag, text))
}

/// Writes a block without a signature: a paragraph, a list, or a paragraph followed by a list.
fn write_lines(text: &str, html: &mut String) {
    let mut lines = text.lines().peekable();
    let mut paragraph = Vec::new();
    while let Some(line) = lines.next_if(|line| parse_marker(line).is_none()) {
        paragraph.push(line);
    }
    if !paragraph.is_empty() {
        let _ = writeln!(html, "{}", wrap_phrases("p", &render_phrases(&paragraph.join("\n"))));
    }
    // Elements of the lists that are open, from the outermost.
    let mut open = Vec::new();
    while let Some((marks, first)) = lines.next().and_then(parse_marker) {
        let mut item = first.to_owned();
        while let Some(line) = lines.next_if(|line| parse_marker(line).is_none()) {
            item.push('\n');
            item.push_str(line);
        }
        write_item(marks, &item, &mut open, html);
    }
    close_lists(&mut open, 0, html);
}

/// Parses the first line of a list item into its marker, such as `**` or `#`, and its text. The length of the marker is
/// the depth of the item, and its last character is the kind of the list. Returns `None` for other lines.
fn parse_marker(line: &str) -> Option<(&str, &str)> {
    let (marks, text) = line.trim_start().split_once(' ')?;
    (!marks.is_empty() && marks.bytes().all(|mark| matches!(mark, b'*' | b'#'))).then_some((marks, text))
}

/// Writes an item, after closing and opening lists to reach its depth. The item is left open, since it may contain
/// lists.
fn write_item(marks: &str, text: &str, open: &mut Vec<&'static str>, html: &mut String) {
    let list = if marks.ends_with('#') { "ol" } else { "ul" };
    // A list is nested by one level at a time.
    let depth = marks.len().min(open.len() + 1).min(MAX_DEPTH);
    close_lists(open, depth, html);
    if open.len() == depth && open.last() == Some(&list) {
        html.push_str("</li>\n");
    } else {
        // A list of the other kind at this depth ends here.
        close_lists(open, depth - 1, html);
        let _ = writeln!(html, "<{list}>");
        open.push(list);
    }
    let _ = write!(html, "<li>{}", render_phrases(text));
}

/// Closes the lists that are nested deeper than `depth`, with their last items.
fn close_lists(open: &mut Vec<&'static str>, depth: usize, html: &mut String) {
    while open.len() > depth
        && let Some(list) = open.pop()
    {
        let _ = write!(html, "</li>\n</{list}>\n");
    }
}

/// Converts the phrases of a text, and sanitizes the result.
fn render_phrases(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    write_phrases(text, MAX_DEPTH, &mut html);
    // Without these characters there are neither tags nor references to sanitize.
    if html.contains(['<', '&', '\0']) { sanitize(&html) } else { html }
}

/// Writes the phrases of a text, not yet sanitized. Phrases are nested by at most `depth_left` levels.
fn write_phrases(text: &str, depth_left: usize, html: &mut String) {
    let mut phrases = PhraseWriter { depth_left, unclosed: Vec::new(), html };
    // The character before `rest`; `None` at the start and after a phrase.
    let mut before = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts_word = !before.is_some_and(char::is_alphanumeric);
        if let Some(next) = phrases.write_phrase(first, starts_word, rest) {
            // A phrase ends with a mark, after which a word may start.
            (before, rest) = (None, next);
            continue;
        }
        match first {
            '\n' => phrases.html.push_str("<br>\n"),
            '<' => phrases.html.push_str("&lt;"),
            _ => phrases.html.push(first),
        }
        before = Some(first);
        rest = rest.strip_prefix(first).unwrap_or_default();
    }
}

/// Writes the phrases of one text.
struct PhraseWriter<'h> {
    /// Number of levels of phrases that may still be nested.
    depth_left: usize,
    /// Marks that end no phrase in the rest of the text. Searching for each of them again would take quadratic time.
    unclosed: Vec<&'static str>,
    html: &'h mut String,
}

/// Marks of phrases and their elements. A mark comes before the marks that are a prefix of it.
const MARKS: &[(&str, &str)] = &[
    ("**", "b"),
    ("*", "strong"),
    ("__", "i"),
    ("_", "em"),
    ("??", "cite"),
    ("-", "del"),
    ("+", "ins"),
    ("^", "sup"),
    ("~", "sub"),
];

impl PhraseWriter<'_> {
    /// Writes the phrase at the start of `text`, and returns the rest of the text. Returns `None` and writes nothing if
    /// there is no phrase.
    fn write_phrase<'t>(&mut self, first: char, starts_word: bool, text: &'t str) -> Option<&'t str> {
        match first {
            '<' => self.write_tag(text),
            _ if !starts_word => None,
            '@' => self.write_code(text),
            '"' => self.write_link(text),
            '!' => self.write_image(text),
            _ => MARKS.iter().find_map(|(mark, element)| self.write_marked(text.strip_prefix(mark)?, mark, element)),
        }
    }

    /// Writes an HTML tag or comment as it is, so that nothing in it counts as a mark.
    fn write_tag<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if parse_tag_name(text).is_none() && !text.starts_with("<!--") {
            return None;
        }
        let (tag, rest) = self.split_at_mark(text, ">", |_, _| true)?;
        let _ = write!(self.html, "{tag}>");
        Some(rest)
    }

    /// Writes `@code@`, in which nothing else counts as a mark.
    fn write_code<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (code, rest) = self.split_at_mark(text.strip_prefix('@')?, "@", ends_word)?;
        let _ = write!(self.html, "<code>{}</code>", escape(code));
        Some(rest)
    }

    /// Writes `"label":url`. Punctuation at the end of the URL belongs to the text after it.
    fn write_link<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (label, rest) = self.split_at_mark(text.strip_prefix('"')?, "\"", |_, _| true)?;
        let rest = rest.strip_prefix(':')?;
        let end = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
        let url = rest.get(..end)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"']);
        if label.is_empty() || url.is_empty() {
            return None;
        }
        let _ = write!(self.html, "<a href=\"{}\">", escape(url));
        self.write_inner(label);
        self.html.push_str("</a>");
        rest.strip_prefix(url)
    }

    /// Writes `!url!` or, with an alternative text, `!url(text)!`.
    fn write_image<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (source, rest) = self.split_at_mark(text.strip_prefix('!')?, "!", |_, _| true)?;
        let (url, alt) = source.strip_suffix(')').and_then(|source| source.split_once('(')).unwrap_or((source, ""));
        // These characters align the image, which is ignored.
        let url = url.trim_start_matches(['<', '>', '=']);
        // Without a slash or a dot, it is rather text between two exclamation marks.
        if url.contains(char::is_whitespace) || !url.contains(['/', '.']) {
            return None;
        }
        let _ = write!(self.html, "<img src=\"{}\" alt=\"{}\">", escape(url), escape(alt));
        Some(rest)
    }

    /// Writes a phrase such as `*strong*` as an element. `text` begins after the mark.
    fn write_marked<'t>(&mut self, text: &'t str, mark: &'static str, element: &str) -> Option<&'t str> {
        if self.depth_left == 0 || text.starts_with(char::is_whitespace) || text.starts_with(mark) {
            return None;
        }
        let (inside, rest) = self.split_at_mark(text, mark, |inside, rest| {
            ends_word(inside, rest) && !inside.ends_with(mark) && !rest.starts_with(mark)
        })?;
        let _ = write!(self.html, "<{element}>");
        self.write_inner(inside);
        let _ = write!(self.html, "</{element}>");
        Some(rest)
    }

    /// Writes the phrases that are nested in a phrase.
    fn write_inner(&mut self, text: &str) {
        write_phrases(text, self.depth_left.saturating_sub(1), self.html);
    }

    /// Splits a text at the first mark for which `is_end` returns `true`, given the text before and after the mark.
    /// Returns `None` if there is no such mark, and remembers that in `unclosed`.
    fn split_at_mark<'t>(
        &mut self,
        text: &'t str,
        mark: &'static str,
        is_end: impl Fn(&str, &str) -> bool,
    ) -> Option<(&'t str, &'t str)> {
        if self.unclosed.contains(&mark) {
            return None;
        }
        let parts = text.match_indices(mark).find_map(|(at, _)| {
            let (inside, rest) = text.split_at_checked(at)?;
            let rest = rest.strip_prefix(mark)?;
            is_end(inside, rest).then_some((inside, rest))
        });
        if parts.is_none() {
            self.unclosed.push(mark);
        }
        parts
    }
}

/// `true` if a word ends between the two texts, so that a mark between them can end a phrase.
fn ends_word(inside: &str, rest: &str) -> bool {
    !inside.is_empty() && !inside.ends_with(char::is_whitespace) && !rest.starts_with(char::is_alphanumeric)
}

/// Returns the name of the tag at the start of a text, also of `</b>` and `<br/>`. Returns `None` if it starts with no
/// tag, but for example with `<jo@example.com>`.
fn parse_tag_name(text: &str) -> Option<&str> {
    let text = text.strip_prefix('<')?;
    let text = text.strip_prefix('/').unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, rest) = text.split_at_checked(end)?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_name && rest.starts_with(['>', '/', ' ', '\n', '\t'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_blocks_by_their_signatures() {
        assert_eq!(render("Leaves at nine.\nFrom pier 4."), "<p>Leaves at nine.<br>\nFrom pier 4.</p>\n");
        assert_eq!(render("h3(hours). Engine\r\n\r\n2009: 41"), "<h3>Engine</h3>\n<p>2009: 41</p>\n");
        assert_eq!(render("bq. So it is"), "<blockquote><p>So it is</p></blockquote>\n");
        assert_eq!(render("bc. if a < b && *c*"), "<pre><code>if a &lt; b &amp;&amp; *c*</code></pre>\n");
        assert_eq!(render("Mr. Lindqvist"), "<p>Mr. Lindqvist</p>\n");
        assert_eq!(render(" \n\n \nText\n\n"), "<p>Text</p>\n");
        assert_eq!(render(""), "");
    }

    #[test]
    fn lists_can_nest_and_follow_a_paragraph() {
        assert_eq!(render("# one\n# two"), "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n");
        assert_eq!(
            render("To buy:\n* Paint\n** blue\nor green\n* Rope"),
            "<p>To buy:</p>\n<ul>\n<li>Paint<ul>\n<li>blue<br>\nor green</li>\n</ul>\n</li>\n<li>Rope</li>\n</ul>\n"
        );
        assert_eq!(render("* a\n# b"), "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>\n");
        assert_eq!(render("*no* list"), "<p><strong>no</strong> list</p>\n");
    }

    #[test]
    fn phrases_begin_and_end_at_word_boundaries() {
        assert_eq!(
            render_line("*go* _on_ -now- **b** __i__"),
            "<strong>go</strong> <em>on</em> <del>now</del> <b>b</b> <i>i</i>"
        );
        assert_eq!(
            render_line("+new+ x ^2^ ~n~ ??Ulysses??"),
            "<ins>new</ins> x <sup>2</sup> <sub>n</sub> <cite>Ulysses</cite>"
        );
        assert_eq!(render_line("*all _of_ it*"), "<strong>all <em>of</em> it</strong>");
        assert_eq!(render_line("(*here*)"), "(<strong>here</strong>)");
        for plain in
            ["snake_case_name", "2 * 3 * 4", "a - b - c", "well-kept", "*open", "Oh! No!", "* *", "****", "me@work"]
        {
            assert_eq!(render_line(plain), plain);
        }
        assert_eq!(render_line("@a < *b*@"), "<code>a &lt; *b*</code>");
    }

    #[test]
    fn converts_links_and_images() {
        let rel = r#"rel="noopener noreferrer""#;
        assert_eq!(
            render_line(r#"See "the *harbour*":http://example.com/a?b=1&c=2."#),
            format!(r#"See <a href="http://example.com/a?b=1&amp;c=2" {rel}>the <strong>harbour</strong></a>."#)
        );
        assert_eq!(render_line(r#""Home":/pub/1"#), format!(r#"<a href="/pub/1" {rel}>Home</a>"#));
        assert_eq!(render_line(r#"He said "yes": fine"#), r#"He said "yes": fine"#);
        assert_eq!(render_line(r#"a "b" and "c":/d"#), format!(r#"a "b" and <a href="/d" {rel}>c</a>"#));
        assert_eq!(
            render_line("!https://example.com/bay.jpg(The \"bay\")!"),
            r#"<img src="https://example.com/bay.jpg" alt="The &quot;bay&quot;">"#
        );
    }

    #[test]
    fn keeps_harmless_html() {
        assert_eq!(render_line("a <b title=\"_x_\">bold</b> word"), "a <b title=\"_x_\">bold</b> word");
        assert_eq!(render_line("caf&eacute; &rarr; R&B"), "café → R&amp;B");
        assert_eq!(render_line("1 < 2, <jo@example.com>"), "1 &lt; 2, &lt;jo@example.com&gt;");
        assert_eq!(
            render("<table>\n<tr><td>a_b_</td></tr>\n</table>"),
            "<table>\n<tbody><tr><td>a_b_</td></tr>\n</tbody></table>\n"
        );
        assert_eq!(render("<pre>\na\n\nb</pre>\n\nc"), "<pre>a\n\nb</pre>\n<p>c</p>\n");
        assert_eq!(render_line("never <b>closed"), "never <b>closed</b>");
    }

    #[test]
    fn removes_everything_that_could_run() {
        let attacks = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "\"x\":javascript:alert(1)",
            "!javascript:alert(1)/.!",
            "!x.png\"onerror=\"alert(1)!",
            "\"x\":http://example.com/\"onmouseover=\"alert(1)",
            "<style>*{display:none}</style><p style=\"position:fixed\" class=\"c\" id=\"i\">x</p>",
            "<iframe src=//example.com></iframe><form action=/><input></form><base href=//example.com>",
            "<svg/onload=alert(1)><math><mtext><style><img src onerror=alert(1)>",
            "@</code><script>alert(1)</script>@",
            "bc. </code></pre><script>alert(1)</script>",
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
        ];
        for attack in attacks {
            for out in [render(attack), render_line(attack)] {
                for bad in ["<script", "<style", "<iframe", "<form", "<base", "<svg", "style=", "id=", "class="] {
                    assert!(!out.contains(bad), "{attack} gave {out}");
                }
                let unquoted: String = out.split('"').step_by(2).collect();
                assert!(!unquoted.contains(" on"), "{attack} gave {out}");
                assert!(!out.contains("=\"javascript"), "{attack} gave {out}");
            }
        }
    }

    #[test]
    fn no_paragraph_or_heading_contains_a_block() {
        assert_eq!(render("</section>Pier <div>4</div>"), "Pier <div>4</div>\n");
        let table = "<table><tbody><tr><td>9:15</td></tr></tbody></table>";
        for (text, tag) in [
            (format!("<style>b {{}}</style>{table}"), "div"),
            (format!("*At*: {table}"), "div"),
            (format!("<em>At</em> {table}"), "div"),
            (format!("h2. At {table}"), "div"),
            (format!("p. At {table}"), "div"),
            ("h2. At <b>nine</b>".to_owned(), "h2"),
            ("At <b>nine</b>".to_owned(), "p"),
        ] {
            let html = render(&text);
            assert!(html.starts_with(&format!("<{tag}>")) && html.ends_with(&format!("</{tag}>\n")), "{html}");
            assert_eq!(html.contains(table), tag == "div", "{html}");
        }
        assert_eq!(render("bq. <hr>"), "<blockquote><div><hr></div></blockquote>\n");
        // HTML parsers end a paragraph where a block begins, which must not change the output.
        for text in ["a <p>b</p> c", "<b>a<div>b</div></b>", "* a <table><tr><td>b", "h1. <ul><li>a", "<i>\n<h2>a</h2>"]
        {
            assert!(!render(text).contains("<p></p>"), "{}", render(text));
            assert_eq!(sanitize(&render(text)), render(text), "{text}");
        }
    }

    #[test]
    fn does_not_convert_long_text_that_consists_of_tags_or_references() {
        for mark in ["&", "<", "&amp;", "<b>", "&a"] {
            let text = mark.repeat(MAX_LENGTH / mark.len());
            assert_eq!(render(&text), format!("<pre>{}</pre>\n", escape(&text)));
            assert_eq!(render_line(&text), escape(&text));
        }
    }

    #[test]
    fn does_not_convert_text_beyond_the_limits_of_tags_or_length() {
        let text = "<div>".repeat(MAX_TAGS + 1);
        assert_eq!(render_line(&text).matches("&lt;div&gt;").count(), MAX_TAGS + 1);
        let text = "*<b>* ".repeat(MAX_LENGTH);
        assert_eq!(render_line(&text), escape(&text));
        assert_eq!(render(&text), format!("<pre>{}</pre>\n", escape(&text)));
    }
}
