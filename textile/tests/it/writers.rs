//! The HTML and the Markdown of all texts.

use backpack_textile::parse;

use crate::markup::{list_elements, list_tags, render_markdown};
use crate::texts::{self, list_files, list_words, read_all, read_file, write_file};

#[test]
fn writes_the_expected_html() {
    let is_update = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    let mut found = Vec::new();
    for path in list_files() {
        let mut texts = read_file(&path);
        for text in &mut texts {
            let html = parse(&text.source).to_html();
            if html.trim_end() != text.html.trim_end() {
                found.push(format!("{}\nexpected:\n{}\nfound:\n{html}", text.title, text.html));
                text.html = html;
            }
        }
        if is_update {
            write_file(&path, &texts);
        }
    }
    assert!(is_update || found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_feature_has_at_least_ten_texts() {
    for path in list_files() {
        assert!(read_file(&path).len() >= 10, "{}", path.display());
    }
}

#[test]
fn markdown_has_the_same_elements_as_html() {
    for text in read_all() {
        let document = parse(&text.source);
        let markdown = document.to_markdown();
        let (rendered, html) = (render_markdown(&markdown), document.to_html());
        assert_eq!(list_elements(&rendered), list_elements(&html), "{}\n{markdown}\n{rendered}\n{html}", text.title);
    }
}

#[test]
fn no_word_is_lost() {
    /// Words of signatures, and names of raw HTML.
    const MARKUP: &[&str] = &[
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "bq", "bc", "pre", "div", "table", "notextile", "html", "x", "c", "r",
        "C", "R", "tm", "TM",
    ];
    for text in read_all() {
        let document = parse(&text.source);
        let html = document.to_html().replace('×', "x");
        let markdown = document.to_markdown().replace('×', "x");
        let aliases = texts::list_aliases(&text.source);
        for word in list_words(&remove_tags(&text.source)) {
            let is_note = word.strip_prefix("fn").is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
            if MARKUP.contains(&word) || is_note || aliases.contains(&word) {
                continue;
            }
            assert!(html.contains(word), "{}: {word} is not in\n{html}", text.title);
            assert!(markdown.contains(word), "{}: {word} is not in\n{markdown}", text.title);
        }
    }
}

/// Removes raw HTML from a source.
fn remove_tags(source: &str) -> String {
    let mut text = source.to_owned();
    for tag in list_tags(source) {
        text = text.replace(&format!("<{tag}>"), " ");
    }
    text
}

#[test]
fn line_ends_of_windows_are_equivalent() {
    for text in read_all() {
        assert_eq!(parse(&text.source), parse(&text.source.replace('\n', "\r\n")), "{}", text.title);
    }
}

#[test]
fn links_to_pages_can_be_rewritten_wherever_they_are() {
    let source = "\"a\":/pages/1 <a href=\"/pub/2\">b</a> !c.png!:/pages/3\n\n* \"d\":/pages/4\n** _\"e\":/pages/5_\n\n\
        |\"f\":/pages/6|\n\n- \"g\":/pages/7 := \"h\":/pub/8\n\nbq. \"i\":/pages/9\n\nfn1. \"j\":/pages/10\n\n\
        h2. \"k\":/pages/11\n\n<div>\"l\":/pub/12</div>\n\n\"m\":http://example.com/pages/13";
    let mut document = parse(source);
    let mut count = 0;
    document.rewrite_links(|url| {
        let id = url.strip_prefix("/pages/").or_else(|| url.strip_prefix("/pub/"))?;
        count += 1;
        Some(format!("{id}.md"))
    });
    assert_eq!(count, 12);
    for text in [document.to_html(), document.to_markdown()] {
        assert!(!text.contains("\"/p") && !text.contains("(/p"), "{text}");
        assert_eq!(text.matches(".md").count(), 12, "{text}");
        assert!(text.contains("http://example.com/pages/13"), "{text}");
    }
}

#[test]
fn a_rewritten_url_that_is_not_allowed_is_ignored() {
    let mut document = parse("\"a\":/pages/1");
    document.rewrite_links(|_| Some("javascript:alert(1)".to_owned()));
    assert!(document.to_html().contains("/pages/1") && !document.to_html().contains("javascript"));
}
