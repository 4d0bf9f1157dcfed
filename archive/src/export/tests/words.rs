//! No word of a source is lost, in texts of all formats that convert Textile.

use std::fs;
use std::path::Path;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::{Email, EmailId, Item, ItemId, ListId, Page, PageId, PageList, PageSeparator, SeparatorId};
use pulldown_cmark::{Event, Options, Parser};

use super::sample::{archive_page, page_with_note};
use crate::export::{Format, render};
use crate::model::{Account, ArchivedPage};

/// Formats whose texts are converted.
const FORMATS: &[Format] = &[Format::Markdown, Format::Html, Format::Enex];

/// Words of a text: letters and digits in a row.
fn list_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Renders a page, without the index of all words.
fn render_page(page: ArchivedPage, format: Format) -> String {
    let account = Account { pages: vec![page], ..Account::default() };
    let rendering = render(&account, format).unwrap();
    let file = rendering.files.into_iter().find(|file| file.path.starts_with(['1', 'n'])).unwrap();
    String::from_utf8(file.content).unwrap()
}

/// Reads the sources of all texts of the crate `backpack-textile`.
fn read_texts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../textile/tests/texts");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let mut texts = Vec::new();
    for file in files {
        for part in format!("\n{file}").split("\n=== ").skip(1) {
            let source = part.split_once('\n').unwrap().1.split("\n--- html\n").next().unwrap();
            texts.push(source.to_owned());
        }
    }
    assert!(texts.len() > 100);
    texts
}

/// Removes raw HTML, whose names and attributes are no words of the user.
fn remove_tags(source: &str) -> String {
    let mut parts = source.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    text
}

/// Words of a text in Textile, as its tree has them. `backpack-textile` tests that the tree has all words of the source.
fn list_text_words(source: &str) -> Vec<String> {
    let html = backpack_textile::Parser::new().marks_capitals(false).parse(source).to_html();
    let mut text = remove_tags(&html).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
    // The exports have the characters instead of references such as `&eacute;`.
    while let Some((before, after)) = text.split_once('&') {
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(after.len());
        text = format!("{before} {}", after.get(end..).unwrap_or_default());
    }
    list_words(&text).map(str::to_owned).collect()
}

#[test]
fn no_word_of_the_texts_of_textile_is_lost() {
    for source in read_texts() {
        for format in FORMATS {
            let page = render_page(page_with_note(1, "", &source), *format);
            for word in list_text_words(&source) {
                assert!(page.contains(&word), "{word} is not in\n{page}\n{source}");
            }
        }
    }
}

/// Pieces that have a meaning, in Textile or in Markdown.
const PIECES: &[&str] = &[
    " ", " ", "\n", "\n\n", "*", "**", "_", "-", "+", "^", "~", "%", "??", "@", "\"", "'", "!", ":", "(", ")", "h1. ",
    "h2. ", "bq. ", "bc. ", "pre. ", "|", "|_. ", "|\n", "* ", "** ", "# ", "- ", "<b>", "</b>", "<div>", "</div>",
    "<pre>", "</pre>", "<!-- ", " -->", "&", "<", ">", "`", "```", "\\", "#", "1. ", "=", "---", "***", "> ", "\t",
    "    ", "~~", "$", "\"x\":/pages/1 ", "[ ] ", "- [x] ", "&amp;", "\r\n", "]]>", "</main>",
];

/// Builds a text from random pieces and words of its own.
fn build_text(seed: u64) -> (String, Vec<String>) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap()
    };
    let mut text = String::new();
    let mut words = Vec::new();
    for index in 0..1 + next() % 20 {
        if next() % 2 == 0 {
            let word = format!("word{seed}x{index}y");
            text.push_str(&word);
            words.push(word);
        } else {
            text.push_str(PIECES[next() % PIECES.len()]);
        }
    }
    (text, words)
}

#[test]
fn no_word_of_random_texts_is_lost() {
    for seed in 0..500 {
        let (text, words) = build_text(seed);
        let comments = text.contains("<!--");
        for format in FORMATS {
            let page = render_page(page_with_note(1, "", &text), *format);
            let words = if comments { list_text_words(&text) } else { words.clone() };
            for word in words {
                assert!(page.contains(&word), "{word} is not in\n{page}\n{text:?}");
            }
        }
    }
}

/// Text of Markdown as a reader sees it, with the HTML in it as it is.
fn read_markdown(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            Event::TaskListMarker(done) => text.push_str(if done { "DONE " } else { "OPEN " }),
            Event::Html(part) | Event::InlineHtml(part) if part.starts_with("<br") => text.push('\n'),
            Event::Html(part) | Event::InlineHtml(part) => text.push_str(&part),
            Event::End(_) => text.push('\n'),
            _ => {}
        }
    }
    text
}

#[test]
fn plain_texts_are_shown_as_they_were_typed() {
    let plain = "1. *a* _b_ [c](d) <e> `f` # g > h | i \\ j ~~k~~ &amp; l - m + n ![o](p) https://x.y/z_q \"r\":/s";
    for prefix in ["", "# ", "- ", "> ", "1) ", "=== ", "--- ", "    ", "+ ", "[x] ", "| ", "~~~ ", "``` "] {
        let text = format!("{prefix}{plain}");
        let trimmed = text.trim();
        let email = Email::new(EmailId(1), &text, Timestamp::UNIX_EPOCH, format!("{text}\n{text}\n\n{text}"));
        let page = Page::new(&text, PageId(1)).emails([email]).separators([PageSeparator::new(SeparatorId(1), &text)]);
        let page = read_markdown(&render_page(archive_page(page), Format::Markdown));
        let lines = page.lines().filter(|line| line.trim() == trimmed).count();
        // Title, subject, three lines of the mail, and the separator.
        assert_eq!(lines, 6, "{text}\n{page}");
    }
}

#[test]
fn items_are_tasks_of_one_line_each() {
    let contents =
        ["Boots", "*go* \"now\":http://x.y", "", "# no heading", "a\nb", "- [x] trick", "1. one", "<b>x</b>"];
    let items = contents.iter().zip(1..).map(|(content, number)| Item::new(number % 2 == 0, ItemId(number), *content));
    let page = Page::new("x", PageId(1)).lists([PageList::new("To pack", ListId(1)).items(items)]);
    let text = render_page(archive_page(page), Format::Markdown);
    let list: Vec<&str> = text.split_once("## To pack\n\n").unwrap().1.lines().collect();
    assert_eq!(
        list,
        [
            "- [ ] Boots",
            "- [x] **go** [now](http://x.y)",
            "- [ ] ",
            "- [x] \\# no heading",
            "- [ ] a<br>b",
            "- [x] \\- \\[x\\] trick",
            "- [ ] 1\\. one",
            "- [x] <b>x</b>",
        ]
    );
}
