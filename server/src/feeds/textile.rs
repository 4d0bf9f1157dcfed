//! What people wrote, as HTML: Textile, with HTML in between.
//!
//! Of Textile it knows what notes are made of:
//!
//! - **Blocks**, which blank lines part: `h1.` to `h6.`, `p.`, `bq.` for a quotation, `bc.` and `pre.` for code, lists of
//!   `*` and `#` that nest, and HTML that begins with a block of its own. Line breaks within a block stay.
//! - **Phrases**: `*strong*`, `**bold**`, `_emphasis_`, `__italic__`, `-deleted-`, `+inserted+`, `^super^`, `~sub~`,
//!   `??citation??`, `@code@`, `"link":url`, `!image!`.
//!
//! Everything else, tables and footnotes among it, stays as it was typed.
//!
//! **Invariant:** what comes out is safe whatever goes in: all that people wrote is either escaped or has gone through a
//! sanitiser together with the phrases made of it, so that no code before that has to be trusted. Around it are only
//! blocks and lists that are written here.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::LazyLock;

/// The longest text, in bytes, whose marks and HTML count; a longer one is shown as it was typed. What a parser of HTML
/// makes of a text can grow with the square of its length.
const LONGEST: usize = 64 * 1024;

/// The most `<` and `&` of such a text, for the same reason.
const MOST_TAGS: usize = 1_000;

/// The deepest that lists and phrases nest.
const DEEPEST: usize = 6;

/// A text of several blocks.
pub(super) fn html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if is_too_much(&text) {
        return format!("<pre>{}</pre>\n", escaped(&text));
    }
    let mut html = String::new();
    let mut rest = text.trim_matches('\n');
    while !rest.is_empty() {
        let (block, next) = rest.split_at_checked(block_end(rest)).unwrap_or((rest, ""));
        write_block(block.trim_end(), &mut html);
        rest = next.trim_start_matches('\n');
    }
    html
}

/// A text of one line, such as an item.
pub(super) fn line(text: &str) -> String {
    if is_too_much(text) { escaped(text) } else { phrases(text.trim()) }
}

/// Text in which nothing counts as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn is_too_much(text: &str) -> bool {
    text.len() > LONGEST || text.matches(['<', '&']).count() > MOST_TAGS
}

/// Leaves elements, attributes and schemes of links that can do no harm.
fn safe(html: &str) -> String {
    static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
        let mut sanitiser = ammonia::Builder::default();
        sanitiser.url_schemes(HashSet::from(["ftp", "http", "https", "mailto", "tel", "webcal"]));
        sanitiser
    });
    SANITISER.clean(html).to_string()
}

/// Where the first block ends: at a blank line, but for HTML that keeps its line breaks, which ends where it says.
fn block_end(text: &str) -> usize {
    if tag_name(text) == Some("pre") {
        return text.find("</pre>").map_or(text.len(), |at| at + "</pre>".len());
    }
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    // A text that begins with a line of spaces has a block without anything in it.
    if end == 0 { text.find('\n').map_or(text.len(), |at| at + 1) } else { end }
}

/// What a paragraph cannot hold.
const BLOCKS: &[&str] = &[
    "article", "aside", "blockquote", "caption", "center", "col", "colgroup", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "nav", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
];

fn is_block(name: &str) -> bool {
    BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block))
}

/// An element around phrases. Where people wrote blocks among them, no paragraph or heading can hold them.
fn element(tag: &str, phrases: &str) -> String {
    let blocks = phrases.match_indices('<').any(|(at, _)| phrases.get(at..).and_then(tag_name).is_some_and(is_block));
    let tag = if blocks { "div" } else { tag };
    format!("<{tag}>{phrases}</{tag}>")
}

fn write_block(block: &str, html: &mut String) {
    if block.is_empty() {
        return;
    }
    if tag_name(block).is_some_and(is_block) {
        let _ = writeln!(html, "{}", safe(block));
        return;
    }
    let (tag, text) = signature(block).unwrap_or(("p", block));
    let _ = match tag {
        "bq" => write!(html, "<blockquote>{}</blockquote>", element("p", &phrases(text))),
        "bc" | "pre" => write!(html, "<pre><code>{}</code></pre>", escaped(text)),
        "p" => return write_lines(text, html),
        _ => write!(html, "{}", element(tag, &phrases(text))),
    };
    html.push('\n');
}

/// What a block says it is, and what follows: `h2(class). Text`. Classes, styles and alignment are passed over.
fn signature(block: &str) -> Option<(&'static str, &str)> {
    const TAGS: &[&str] = &["bq", "bc", "pre", "p", "h1", "h2", "h3", "h4", "h5", "h6"];
    let (said, text) = block.split_once(". ")?;
    let tag = TAGS.iter().find(|tag| said.starts_with(**tag))?;
    let mut rest = said.strip_prefix(*tag)?;
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

/// Lines that say nothing of themselves: a paragraph, a list, or one and the other.
fn write_lines(text: &str, html: &mut String) {
    let mut lines = text.lines().peekable();
    let mut paragraph = Vec::new();
    while let Some(line) = lines.next_if(|line| marker(line).is_none()) {
        paragraph.push(line);
    }
    if !paragraph.is_empty() {
        let _ = writeln!(html, "{}", element("p", &phrases(&paragraph.join("\n"))));
    }
    let mut open = Vec::new();
    while let Some((marks, first)) = lines.next().and_then(marker) {
        let mut item = first.to_owned();
        while let Some(line) = lines.next_if(|line| marker(line).is_none()) {
            item.push('\n');
            item.push_str(line);
        }
        write_item(marks, &item, &mut open, html);
    }
    close(&mut open, 0, html);
}

/// How deep an item of a list is and of what kind, `**` or `#`, and its text.
fn marker(line: &str) -> Option<(&str, &str)> {
    let (marks, text) = line.trim_start().split_once(' ')?;
    (!marks.is_empty() && marks.bytes().all(|mark| matches!(mark, b'*' | b'#'))).then_some((marks, text))
}

fn write_item(marks: &str, text: &str, open: &mut Vec<&'static str>, html: &mut String) {
    let list = if marks.ends_with('#') { "ol" } else { "ul" };
    let depth = marks.len().min(open.len() + 1).min(DEEPEST);
    close(open, depth, html);
    if open.len() == depth && open.last() == Some(&list) {
        html.push_str("</li>\n");
    } else {
        close(open, depth - 1, html);
        let _ = writeln!(html, "<{list}>");
        open.push(list);
    }
    let _ = write!(html, "<li>{}", phrases(text));
}

/// Ends the lists that are deeper than this.
fn close(open: &mut Vec<&'static str>, depth: usize, html: &mut String) {
    while open.len() > depth
        && let Some(list) = open.pop()
    {
        let _ = write!(html, "</li>\n</{list}>\n");
    }
}

/// A text's phrases.
fn phrases(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    write_phrases(text, DEEPEST, &mut html);
    // Without these there is neither a tag nor a reference in it, and nothing to tidy.
    if html.contains(['<', '&', '\0']) { safe(&html) } else { html }
}

/// Writes a text's phrases, not yet safe.
fn write_phrases(text: &str, deepest: usize, html: &mut String) {
    let mut phrases = Phrases { deepest, hopeless: Vec::new(), html };
    let mut before = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts_word = !before.is_some_and(char::is_alphanumeric);
        if let Some(next) = phrases.phrase(first, starts_word, rest) {
            // What ended is a mark of some kind, after which a word may start.
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

/// What there is to say of a text while it is read from its start to its end.
struct Phrases<'h> {
    deepest: usize,
    /// Marks that do not end a phrase any more, wherever it begins. So nothing is looked for twice over the whole text.
    hopeless: Vec<&'static str>,
    html: &'h mut String,
}

/// Marks of phrases and their elements; of those that begin alike, the longer first.
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

impl Phrases<'_> {
    /// Writes the phrase that begins here, if one does, and answers what follows it.
    fn phrase<'t>(&mut self, first: char, starts_word: bool, text: &'t str) -> Option<&'t str> {
        match first {
            '<' => self.tag(text),
            _ if !starts_word => None,
            '@' => self.code(text),
            '"' => self.link(text),
            '!' => self.image(text),
            _ => MARKS.iter().find_map(|(mark, element)| self.marked(text.strip_prefix(mark)?, mark, element)),
        }
    }

    /// A tag of HTML stays as it is, so that nothing in it is taken for a mark.
    fn tag<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if tag_name(text).is_none() && !text.starts_with("<!--") {
            return None;
        }
        let (tag, rest) = self.until(text, ">", |_, _| true)?;
        let _ = write!(self.html, "{tag}>");
        Some(rest)
    }

    fn code<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (code, rest) = self.until(text.strip_prefix('@')?, "@", ends_word)?;
        let _ = write!(self.html, "<code>{}</code>", escaped(code));
        Some(rest)
    }

    fn link<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (label, rest) = self.until(text.strip_prefix('"')?, "\"", |_, _| true)?;
        let rest = rest.strip_prefix(':')?;
        let end = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
        let url = rest.get(..end)?.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"']);
        if label.is_empty() || url.is_empty() {
            return None;
        }
        let _ = write!(self.html, "<a href=\"{}\">", escaped(url));
        self.inside(label);
        self.html.push_str("</a>");
        rest.strip_prefix(url)
    }

    /// `!url!`, or with words for those who do not see it, `!url(words)!`.
    fn image<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (said, rest) = self.until(text.strip_prefix('!')?, "!", |_, _| true)?;
        let (url, words) = said.strip_suffix(')').and_then(|said| said.split_once('(')).unwrap_or((said, ""));
        let url = url.trim_start_matches(['<', '>', '=']);
        if url.contains(char::is_whitespace) || !url.contains(['/', '.']) {
            return None;
        }
        let _ = write!(self.html, "<img src=\"{}\" alt=\"{}\">", escaped(url), escaped(words));
        Some(rest)
    }

    fn marked<'t>(&mut self, text: &'t str, mark: &'static str, element: &str) -> Option<&'t str> {
        if self.deepest == 0 || text.starts_with(char::is_whitespace) || text.starts_with(mark) {
            return None;
        }
        let (inside, rest) = self.until(text, mark, |inside, rest| {
            ends_word(inside, rest) && !inside.ends_with(mark) && !rest.starts_with(mark)
        })?;
        let _ = write!(self.html, "<{element}>");
        self.inside(inside);
        let _ = write!(self.html, "</{element}>");
        Some(rest)
    }

    fn inside(&mut self, text: &str) {
        write_phrases(text, self.deepest.saturating_sub(1), self.html);
    }

    /// What stands before the next mark that fits, and what follows it.
    fn until<'t>(
        &mut self,
        text: &'t str,
        mark: &'static str,
        fits: impl Fn(&str, &str) -> bool,
    ) -> Option<(&'t str, &'t str)> {
        if self.hopeless.contains(&mark) {
            return None;
        }
        let parted = text.match_indices(mark).find_map(|(at, _)| {
            let (inside, rest) = text.split_at_checked(at)?;
            let rest = rest.strip_prefix(mark)?;
            fits(inside, rest).then_some((inside, rest))
        });
        if parted.is_none() {
            self.hopeless.push(mark);
        }
        parted
    }
}

/// Whether a word ends between the two, so that a mark between them can end a phrase.
fn ends_word(inside: &str, rest: &str) -> bool {
    !inside.is_empty() && !inside.ends_with(char::is_whitespace) && !rest.starts_with(char::is_alphanumeric)
}

/// The name of the tag with which a text begins, `</b>` and `<br/>` too. `<jo@example.com>` is no tag.
fn tag_name(text: &str) -> Option<&str> {
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
    fn blocks_are_what_they_say() {
        assert_eq!(html("Leaves at nine.\nFrom pier 4."), "<p>Leaves at nine.<br>\nFrom pier 4.</p>\n");
        assert_eq!(html("h3(hours). Engine\r\n\r\n2009: 41"), "<h3>Engine</h3>\n<p>2009: 41</p>\n");
        assert_eq!(html("bq. So it is"), "<blockquote><p>So it is</p></blockquote>\n");
        assert_eq!(html("bc. if a < b && *c*"), "<pre><code>if a &lt; b &amp;&amp; *c*</code></pre>\n");
        assert_eq!(html("Mr. Lindqvist"), "<p>Mr. Lindqvist</p>\n");
        assert_eq!(html(" \n\n \nText\n\n"), "<p>Text</p>\n");
        assert_eq!(html(""), "");
    }

    #[test]
    fn lists_nest_and_may_follow_a_line() {
        assert_eq!(html("# one\n# two"), "<ol>\n<li>one</li>\n<li>two</li>\n</ol>\n");
        assert_eq!(
            html("To buy:\n* Paint\n** blue\nor green\n* Rope"),
            "<p>To buy:</p>\n<ul>\n<li>Paint<ul>\n<li>blue<br>\nor green</li>\n</ul>\n</li>\n<li>Rope</li>\n</ul>\n"
        );
        assert_eq!(html("* a\n# b"), "<ul>\n<li>a</li>\n</ul>\n<ol>\n<li>b</li>\n</ol>\n");
        assert_eq!(html("*no* list"), "<p><strong>no</strong> list</p>\n");
    }

    #[test]
    fn phrases_are_marked_at_the_ends_of_words_only() {
        assert_eq!(
            line("*go* _on_ -now- **b** __i__"),
            "<strong>go</strong> <em>on</em> <del>now</del> <b>b</b> <i>i</i>"
        );
        assert_eq!(
            line("+new+ x ^2^ ~n~ ??Ulysses??"),
            "<ins>new</ins> x <sup>2</sup> <sub>n</sub> <cite>Ulysses</cite>"
        );
        assert_eq!(line("*all _of_ it*"), "<strong>all <em>of</em> it</strong>");
        assert_eq!(line("(*here*)"), "(<strong>here</strong>)");
        for plain in
            ["snake_case_name", "2 * 3 * 4", "a - b - c", "well-kept", "*open", "Oh! No!", "* *", "****", "me@work"]
        {
            assert_eq!(line(plain), plain);
        }
        assert_eq!(line("@a < *b*@"), "<code>a &lt; *b*</code>");
    }

    #[test]
    fn links_and_images_go_where_they_say() {
        let rel = r#"rel="noopener noreferrer""#;
        assert_eq!(
            line(r#"See "the *harbour*":http://example.com/a?b=1&c=2."#),
            format!(r#"See <a href="http://example.com/a?b=1&amp;c=2" {rel}>the <strong>harbour</strong></a>."#)
        );
        assert_eq!(line(r#""Home":/pub/1"#), format!(r#"<a href="/pub/1" {rel}>Home</a>"#));
        assert_eq!(line(r#"He said "yes": fine"#), r#"He said "yes": fine"#);
        assert_eq!(line(r#"a "b" and "c":/d"#), format!(r#"a "b" and <a href="/d" {rel}>c</a>"#));
        assert_eq!(
            line("!https://example.com/bay.jpg(The \"bay\")!"),
            r#"<img src="https://example.com/bay.jpg" alt="The &quot;bay&quot;">"#
        );
    }

    #[test]
    fn html_stays_as_far_as_it_is_harmless() {
        assert_eq!(line("a <b title=\"_x_\">bold</b> word"), "a <b title=\"_x_\">bold</b> word");
        assert_eq!(line("caf&eacute; &rarr; R&B"), "café → R&amp;B");
        assert_eq!(line("1 < 2, <jo@example.com>"), "1 &lt; 2, &lt;jo@example.com&gt;");
        assert_eq!(
            html("<table>\n<tr><td>a_b_</td></tr>\n</table>"),
            "<table>\n<tbody><tr><td>a_b_</td></tr>\n</tbody></table>\n"
        );
        assert_eq!(html("<pre>\na\n\nb</pre>\n\nc"), "<pre>a\n\nb</pre>\n<p>c</p>\n");
        assert_eq!(line("never <b>closed"), "never <b>closed</b>");
    }

    #[test]
    fn nothing_that_acts_comes_through() {
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
            for out in [html(attack), line(attack)] {
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
    fn no_paragraph_or_heading_holds_a_block() {
        assert_eq!(html("</section>Pier <div>4</div>"), "Pier <div>4</div>\n");
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
            let html = html(&text);
            assert!(html.starts_with(&format!("<{tag}>")) && html.ends_with(&format!("</{tag}>\n")), "{html}");
            assert_eq!(html.contains(table), tag == "div", "{html}");
        }
        assert_eq!(html("bq. <hr>"), "<blockquote><div><hr></div></blockquote>\n");
        // The same for a parser, which ends a paragraph where a block begins.
        for text in ["a <p>b</p> c", "<b>a<div>b</div></b>", "* a <table><tr><td>b", "h1. <ul><li>a", "<i>\n<h2>a</h2>"]
        {
            assert!(!html(text).contains("<p></p>"), "{}", html(text));
            assert_eq!(safe(&html(text)), html(text), "{text}");
        }
    }

    /// What a parser takes for each of them grows with what follows.
    #[test]
    fn a_text_with_too_many_marks_is_text() {
        for mark in ["&", "<", "&amp;", "<b>", "&a"] {
            let text = mark.repeat(LONGEST / mark.len());
            assert_eq!(html(&text), format!("<pre>{}</pre>\n", escaped(&text)));
            assert_eq!(line(&text), escaped(&text));
        }
    }

    #[test]
    fn a_text_with_too_much_html_is_text() {
        let text = "<div>".repeat(MOST_TAGS + 1);
        assert_eq!(line(&text).matches("&lt;div&gt;").count(), MOST_TAGS + 1);
        let text = "*<b>* ".repeat(LONGEST);
        assert_eq!(line(&text), escaped(&text));
        assert_eq!(html(&text), format!("<pre>{}</pre>\n", escaped(&text)));
    }
}
