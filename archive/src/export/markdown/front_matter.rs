//! Front matter: a block of YAML with the properties of a page.

use std::fmt::Write;

use backpack_api::Page;

use crate::export::content::dates::find_page_times;
use crate::export::content::links::PageLinks;
use crate::export::content::text::to_one_line;
use crate::model::ArchivedPage;

/// Writes the properties of a page.
pub(super) fn write_front_matter(archived: &ArchivedPage, links: &PageLinks, out: &mut String) {
    let page = &archived.page;
    let _ = write!(out, "---\ntitle: {}\n", quote(&to_one_line(&page.title)));
    if let Some((created, updated)) = find_page_times(archived) {
        let _ = write!(out, "created: {created}\nupdated: {updated}\n");
    }
    let tags = list_tags(page);
    if !tags.is_empty() {
        out.push_str("tags:\n");
        tags.iter().for_each(|tag| {
            let _ = writeln!(out, "  - {}", quote(tag));
        });
    }
    if let Some(source) = links.source(page.id) {
        let _ = writeln!(out, "source: {}", quote(&source));
    }
    out.push_str("---\n\n");
}

/// Tags of a page, each once, as Obsidian accepts them: without spaces, and with a character that is not a digit.
fn list_tags(page: &Page) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in &page.tags {
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
        let mut name: String = tag.name.trim().chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        if name.chars().all(|c| c.is_numeric()) {
            name.push('_');
        }
        if !tags.contains(&name) {
            tags.push(name);
        }
    }
    tags
}

/// Writes a text as a scalar of YAML in double quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        let is_printable = matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if is_printable => quoted.push(c),
            _ => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr_parser::{Event, Parser};

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_a_scalar_of_yaml(text in any::<String>()) {
            let yaml = format!("title: {}\n", quote(&text));
            let scalars: Vec<String> = Parser::new_from_str(&yaml)
                .filter_map(|event| match event.unwrap().0 {
                    Event::Scalar(value, ..) => Some(value.into_owned()),
                    _ => None,
                })
                .collect();
            prop_assert_eq!(scalars, ["title".to_owned(), text]);
        }
    }

    #[test]
    fn tags_have_the_characters_that_obsidian_accepts() {
        let tag = |name: &str| backpack_api::Tag::new(name, backpack_api::TagId(1));
        let names = ["Travel", "Summer plans", "2009", "R&B", "Été/côte", "Summer-plans"];
        let page = Page::new("Coast", backpack_api::PageId(1)).tags(names.map(tag));
        assert_eq!(list_tags(&page), ["Travel", "Summer-plans", "2009_", "R-B", "Été/côte"]);
    }
}
