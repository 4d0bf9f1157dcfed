//! Converts users' text, Textile mixed with HTML, to HTML.
//!
//! `backpack-textile` writes only allowed elements, attributes and URL schemes, and escapes everything else. Its output
//! is sanitized once more, which also removes what could disturb the page around it: classes, ids and styles.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use backpack_textile::{Document, Parser, URL_SCHEMES};

/// Maximum length in bytes of the HTML of a text. A longer text is shown as it was typed.
const MAX_LENGTH: usize = 256 * 1024;

/// Maximum number of `<` and `&` in the HTML of a text, for which the sanitizer can take quadratic time.
const MAX_TAGS: usize = 10_000;

/// Converts a text of several blocks to HTML. A text that is too complex is only escaped, and keeps its line breaks.
/// `rewrite` gets the URL of each link, and returns the new one or `None` to keep it.
pub fn render(text: &str, rewrite: &dyn Fn(&str) -> Option<String>) -> String {
    sanitize(text, Parser::parse, rewrite).unwrap_or_else(|| format!("<pre>{}</pre>\n", escape(text)))
}

/// Converts a text of one line, such as an item, to HTML without blocks. A text that is too complex is only escaped.
/// `rewrite` is that of [`render`].
pub fn render_line(text: &str, rewrite: &dyn Fn(&str) -> Option<String>) -> String {
    let html = sanitize(text, Parser::parse_line, rewrite);
    html.map_or_else(|| escape(text), |html| html.trim_end().to_owned())
}

/// Keeps the URLs of all links.
pub fn keep_links(_: &str) -> Option<String> {
    None
}

/// Escapes a text, so that nothing in it counts as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Converts a text with a function of the parser, and removes all elements, attributes and link schemes that are not on
/// the allow list. Returns `None` if the text is too complex.
fn sanitize(
    text: &str,
    parse: fn(&Parser, &str) -> Document,
    rewrite: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    static SANITIZER: LazyLock<(ammonia::Builder<'static>, HashSet<&'static str>)> = LazyLock::new(|| {
        let mut sanitizer = ammonia::Builder::default();
        sanitizer.url_schemes(URL_SCHEMES.iter().copied().collect::<HashSet<_>>());
        for tag in ["p", "h1", "h2", "h3", "h4", "h5", "h6", "div"] {
            sanitizer.add_tag_attributes(tag, &["align"]);
        }
        for tag in ["p", "sup"] {
            sanitizer.add_tag_attributes(tag, &["id"]);
        }
        sanitizer.attribute_filter(|_, name, value| {
            let is_kept = name != "id" || is_footnote(value);
            is_kept.then_some(Cow::Borrowed(value))
        });
        let tags = sanitizer.clone_tags();
        (sanitizer, tags)
    });
    if text.len() > MAX_LENGTH {
        return None;
    }
    // The stylesheet has no small capitals.
    let mut document = parse(&Parser::new().marks_capitals(false), text);
    document.rewrite_links(rewrite);
    let html = document.to_html();
    let is_simple = html.len() <= MAX_LENGTH && html.matches(['<', '&']).count() <= MAX_TAGS;
    let (sanitizer, tags) = &*SANITIZER;
    if is_simple && has_bare_tags(&html, tags) && has_basic_references(&html) {
        return Some(html);
    }
    is_simple.then(|| sanitizer.clean(&html).to_string())
}

/// `true` if HTML has no tags other than allowed ones without attributes. There is nothing in it to remove, and most
/// texts are of this kind.
fn has_bare_tags(html: &str, allowed: &HashSet<&str>) -> bool {
    html.split('<').skip(1).all(|tag| {
        let name = tag.split_once('>').map_or("", |(name, _)| name);
        allowed.contains(name.strip_prefix('/').unwrap_or(name))
    })
}

/// `true` if HTML has no references but those that the writer needs. The sanitizer replaces others by their characters.
fn has_basic_references(html: &str) -> bool {
    let mut references = html.split('&').skip(1);
    references.all(|rest| ["amp;", "lt;", "gt;", "quot;"].iter().any(|name| rest.starts_with(name)))
}

/// `true` for the ids of footnotes and of references to them, which their links lead to.
fn is_footnote(id: &str) -> bool {
    let number = id.strip_prefix("fnr").or_else(|| id.strip_prefix("fn"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        super::render(text, &keep_links)
    }

    fn render_line(text: &str) -> String {
        super::render_line(text, &keep_links)
    }

    #[test]
    fn renders_blocks_and_phrases() {
        assert_eq!(render("Leaves at nine.\nFrom pier 4."), "<p>Leaves at nine.<br>\nFrom pier 4.</p>\n");
        assert_eq!(render("h3(hours). Engine\r\n\r\n2009: 41"), "<h3>Engine</h3>\n<p>2009: 41</p>\n");
        assert_eq!(
            render("|_. Day|Mon|\n\np>. Jo"),
            "<table>\n<tbody><tr>\n<th>Day</th>\n<td>Mon</td>\n</tr>\n</tbody></table>\n<p align=\"right\">Jo</p>\n"
        );
        assert_eq!(
            render_line(" *go* \"now\":/pub/1 "),
            format!("<strong>go</strong> <a href=\"/pub/1\" {REL}>now</a>")
        );
        assert_eq!(render_line("h1. BBC"), "h1. BBC");
        assert_eq!(render(""), "");
    }

    /// Attribute of all links.
    const REL: &str = r#"rel="noopener noreferrer""#;

    #[test]
    fn footnotes_link_to_each_other() {
        assert_eq!(
            render("Tide[1]\n\nfn1. Low"),
            format!(
                "<p>Tide<sup id=\"fnr1\"><a href=\"#fn1\" {REL}>1</a></sup></p>\n\
                 <p id=\"fn1\"><a href=\"#fnr1\" {REL}><sup>1</sup></a> Low</p>\n"
            )
        );
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
            "p(c#i){position:fixed}. x",
            "!{x}(c)/a.png(\" onerror=\"x)!",
            "\"(c)x(\"onclick=\"y)\":/a",
            "==<script>alert(1)</script>==",
            "<notextile><img src=x onerror=alert(1)></notextile>",
            "table{background:url(javascript:x)}. \n|{x:expression(y)}. a|",
            "[x]javascript:alert(1)\n\n\"x\":x",
            "<!--><script>alert(1)</script>-->",
            "ABC(\"><script>x</script>)",
        ];
        for attack in attacks {
            for out in [render(attack), render_line(attack)] {
                for bad in ["<script", "<style", "<iframe", "<form", "<base", "<svg"] {
                    assert!(!out.contains(bad), "{attack} gave {out}");
                }
                // What was typed remains as text; only tags can have attributes.
                for tag in out.split('<').skip(1).filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag) {
                    for bad in ["style=", "id=", "class=", "=\"javascript"] {
                        assert!(!tag.contains(bad), "{attack} gave {out}");
                    }
                    let unquoted: String = tag.split('"').step_by(2).collect();
                    assert!(!unquoted.contains(" on"), "{attack} gave {out}");
                }
            }
        }
    }

    #[test]
    fn no_paragraph_or_heading_contains_a_block() {
        let table = "<table><tbody><tr><td>9:15</td></tr></tbody></table>";
        for text in [
            format!("*At*: {table}"),
            format!("<em>At</em> {table}"),
            format!("h2. At {table}"),
            format!("p. At {table}"),
            "a <p>b</p> c".to_owned(),
            "<b>a<div>b</div></b>".to_owned(),
            "* a <table><tr><td>b".to_owned(),
            "h1. <ul><li>a".to_owned(),
            "<i>\n<h2>a</h2>".to_owned(),
            "bq. <hr>".to_owned(),
            "</section>Pier <div>4</div>".to_owned(),
        ] {
            let html = render(&text);
            assert!(!html.contains("<p></p>"), "{text} gave {html}");
            // HTML parsers end a paragraph where a block begins, which must not change the output.
            let parsed = ammonia::clean(&html).replace("<tbody>", "").replace("</tbody>", "");
            assert_eq!(parsed, html.replace("<tbody>", "").replace("</tbody>", ""), "{text}");
        }
    }

    #[test]
    fn does_not_convert_text_that_is_too_complex() {
        for mark in ["&", "<", "&amp;", "<b>", "*a* ", "|a|b|\n", "* *a*\n"] {
            let text = mark.repeat((256 << 10) / mark.len());
            assert_eq!(render(&text), format!("<pre>{}</pre>\n", escape(&text)));
            assert_eq!(render_line(&text), escape(&text));
        }
        let text = "R&B ".repeat(100);
        assert_eq!(render(&text), format!("<p>{}</p>\n", escape(text.trim())));
    }
}
