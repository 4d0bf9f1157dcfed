//! Any input: no panic, linear time, bounded depth, safe HTML.

use backpack_textile::{Tag, parse};

use crate::markup::{list_elements, list_tags, render_markdown};

/// Pieces that have a meaning.
const PIECES: &[&str] = &[
    "a", "b c", " ", "  ", "\n", "\n\n", "*", "**", "_", "__", "-", "--", "+", "^", "~", "%", "??", "@", "==", "\"",
    "'", "!", "!a.png!", "!a.png(b c)!", "\"a\":/b", ":", "[", "]", "(", ")", "{", "}", "{color:red}", "(c)", "(tm)",
    "[1]", "[hob]http://a.b/c\n", "h1. ", "h2(c#d). ", "p>. ", "bq. ", "bq.. ", "bc. ", "bc.. ", "pre. ", "fn1. ",
    "table. \n", "notextile. ", "|", "|_. a|", "|\\2. b|\n", "* ", "** ", "# ", "## ", "#_ ", "#5 ", "- ", " := ",
    "=:", "<b>", "</b>", "<div>", "</div>", "<pre>", "</pre>", "<code>", "</code>", "<p class=\"c\">", "</p>", "<br>",
    "<td>", "<ul><li>", "</ul>", "<a href=\"/x\">", "</a>", "<!-- ", " -->", "<notextile>", "</notextile>", "<script>",
    "</script>", "<foo>", "<img src=x onerror=y>", "&amp;", "&", "<", ">", "ABC", "ABC(d e)", "3x4", "...", "->", "é",
    "”", "`", "```", "\\", "#", "1.", "=", "---\n", "***\n", "http://a.b/(c)_d", ".", ",", "\t", "~~", "$",
];

/// Builds a text from random pieces.
fn build_text(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize
    };
    let length = 1 + next() % 24;
    (0..length).map(|_| PIECES[next() % PIECES.len()]).collect()
}

#[test]
fn random_texts_have_the_same_elements_in_markdown() {
    let count = std::env::var("TEXTILE_SEEDS").map_or(1_000, |count| count.parse().unwrap());
    for seed in 0..count {
        let text = build_text(seed);
        let document = parse(&text);
        let (html, markdown) = (document.to_html(), document.to_markdown());
        let rendered = render_markdown(&markdown);
        assert_eq!(
            list_elements(&rendered),
            list_elements(&html),
            "{seed}: {text:?}\n{markdown}\n--- rendered\n{rendered}\n--- html\n{html}\n{:?}",
            document
        );
    }
}

#[test]
fn html_has_only_allowed_elements_and_attributes() {
    for seed in 0..1_000 {
        let text = build_text(seed);
        let html = parse(&text).to_html();
        for tag in list_tags(&html) {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap();
            assert!(Tag::new(name).is_some(), "{text:?}\n{html}");
            let unquoted: String = tag.split('"').step_by(2).collect();
            assert!(!unquoted.contains(" on"), "{text:?}\n{html}");
        }
        assert_eq!(html.matches("<!--").count(), html.matches("-->").count(), "{text:?}\n{html}");
    }
}

/// Parses and writes a text that repeats a unit.
fn convert_repeated(unit: &str, length: usize) {
    let document = parse(&unit.repeat(length / unit.len()));
    let (html, markdown) = (document.to_html(), document.to_markdown());
    assert_eq!(html.is_empty(), markdown.is_empty(), "{unit:?}");
}

#[test]
fn repeated_marks_do_not_overflow_the_stack() {
    for piece in PIECES {
        convert_repeated(piece, 20 << 10);
    }
}

/// In quadratic time, a text of this length would take hours.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_megabyte_of_every_mark_takes_linear_time() {
    for first in PIECES {
        convert_repeated(first, 1 << 20);
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn pairs_of_marks_take_linear_time() {
    for first in PIECES {
        for second in PIECES {
            convert_repeated(&format!("{first}{second}"), 4 << 10);
        }
    }
}
