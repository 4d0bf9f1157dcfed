//! Each format, as its readers see it.

use std::collections::BTreeSet;

use icalendar::{Calendar, Component, Event as IcalEvent};
use pulldown_cmark::{Event, Options, Parser, Tag};
use roxmltree::{Document, ParsingOptions};

use super::sample::{build_account, page_with_note};
use crate::export::{ExportedFile, Format, Rendering, render};
use crate::model::Account;

/// Renders the sample.
fn render_sample(format: Format) -> Rendering {
    render(&build_account(), format).unwrap()
}

/// Content of a file.
fn text_of(rendering: &Rendering, path: &str) -> String {
    let names: Vec<&str> = rendering.files.iter().map(|file| file.path.as_str()).collect();
    let file = rendering.files.iter().find(|file| file.path == path);
    let file = file.unwrap_or_else(|| panic!("{path} is not in {names:?}"));
    String::from_utf8(file.content.clone()).unwrap()
}

#[test]
fn a_page_in_markdown() {
    let rendering = render_sample(Format::Markdown);
    let expected = "---\n\
        title: \"Weekend \\\"on\\\" the coast: <1>\"\n\
        created: 2009-03-15T21:12:09Z\n\
        updated: 2010-05-01T10:00:00Z\n\
        tags:\n  - \"Travel\"\n  - \"Summer-plans\"\n\
        source: \"https://acme.backpackit.com/pages/12\"\n\
        ---\n\n\
        # Weekend \"on\" the coast: \\<1\\>\n\n\
        ## To pack\n\n\
        - [ ] Boots & [socks](13-the-boat.md)\n\
        - [x] Map of the path\n\n\
        ## Ferry\n\n\
        *2009-03-15 21:12 UTC*\n\n\
        Leaves at **nine**, see [the boat](13-the-boat.md) and [help](https://acme.backpackit.com/help).\n\n\
        <table>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n<tr>\n<td>c</td>\n<td>d</td>\n</tr>\n</table>\n\n\
        ~~1~~ <ins>2</ins>\n\n\
        ---\n\n\
        ## Later\n\n\
        ## Time\\*table\\*\n\n\
        > 2009-03-15 21:12 UTC\n>\n\
        > \\# The 9:15 runs daily.\\\n> See \\<you\\> aboard\\!\n>\n\
        > \\<p\\>x\\</p\\>\n\n\
        ## Last time\n\n\
        - bay.jpg: The bay\\_\n\n\
        File: tickets.pdf\n\n\
        *Writeboard 9: not in the archive*\n\n\
        ## Note\n\n\
        *2009-03-15 21:12 UTC*\n\n\
        Without a place\n";
    assert_eq!(text_of(&rendering, "12-weekend-on-the-coast-1.md"), expected);
    assert_eq!(
        text_of(&rendering, "kept-as-html.md").lines().last(),
        Some(
            "- [Weekend \"on\" the coast: \\<1\\>](12-weekend-on-the-coast-1.md): 1 × `ins`, 1 × `table`, 4 × `td`, 2 × `tr`"
        )
    );
    assert_eq!(rendering.pages_with_html, 1);
}

#[test]
fn everything_that_is_on_no_page_is_in_markdown() {
    let rendering = render_sample(Format::Markdown);
    let texts = [
        (
            "reminders.md",
            "# Reminders\n\n## In the time zone London\n\n\
             - [ ] 2010-09-29 09:45 Pay the \\*berth\\*, today (for Tom) (by Ines)\n",
        ),
        (
            "calendars/301-home-etc.md",
            "# Calendar: Home; etc.\n\n- Without a date: Some day\n- 2010-09-27: Ferry, two of us\n\
             - 2010-09-28 17:30 UTC: Film (with a reminder)\n  - Bring tea;<br>and cups\n",
        ),
        (
            "journal/2009-03.md",
            "# Journal, 2009-03\n\n## 2009-03-15\n\n- 21:12 UTC, Ines: Painted & \\_varnished\\_<br>the hull\n",
        ),
        ("journal/2009-04.md", "# Journal, 2009-04\n\n## 2009-04-01\n\n- 08:00 UTC, Tom: Dug\n"),
        (
            "people.md",
            "# People\n\n## Users\n\n- Ines\n- Tom\n\n## Statuses\n\n- Ines: At the boat (2009-03-15 21:12 UTC)\n",
        ),
        (
            "13-the-boat.md",
            "---\ntitle: \"The boat\"\nsource: \"https://acme.backpackit.com/pages/13\"\n---\n\n# The boat\n\n\
             ### Hull\n\nBuilt in **1971**.\n\n- [ ] Antifouling\n- [x] \\=1+1\n\n## Linked pages\n\n\
             - [Weekend](12-weekend-on-the-coast-1.md)\n- Gone\n",
        ),
    ];
    for (path, expected) in texts {
        assert_eq!(text_of(&rendering, path), expected, "{path}");
    }
    let index = text_of(&rendering, "index.md");
    for line in [
        "# Backpack of Acme",
        "## Bookmarks",
        "- [Weekend \"on\" the coast: \\<1\\>](12-weekend-on-the-coast-1.md)",
        "- Tag: Summer plans",
        "- [Untitled](14.md)",
        "- Travel: [Weekend \"on\" the coast: \\<1\\>](12-weekend-on-the-coast-1.md)",
        "- [Calendar: Home; etc.](calendars/301-home-etc.md)",
    ] {
        assert!(index.lines().any(|found| found == line), "{line}\n{index}");
    }
}

/// Links of Markdown.
pub(super) fn list_markdown_links(text: &str) -> Vec<String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS);
    let mut links = Vec::new();
    for event in events {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url.into_string()),
            Event::Html(html) | Event::InlineHtml(html) => links.extend(list_html_links(&html)),
            _ => {}
        }
    }
    links
}

/// Links of HTML.
pub(super) fn list_html_links(text: &str) -> Vec<String> {
    let links = text.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    links.map(|(link, _)| link.replace("&amp;", "&")).collect()
}

/// Checks that links without a scheme lead to files of the export, relative to the file. Returns their number.
pub(super) fn check_links(files: &[ExportedFile], list_links: fn(&str) -> Vec<String>) -> usize {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut count = 0;
    for file in files {
        let text = String::from_utf8(file.content.clone()).unwrap();
        for link in list_links(&text) {
            if link.contains(':') || link.starts_with('#') {
                continue;
            }
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let target = match link.strip_prefix("../") {
                Some(rest) if !folder.is_empty() => rest.to_owned(),
                _ if folder.is_empty() => link.clone(),
                _ => format!("{folder}/{link}"),
            };
            assert!(paths.contains(target.as_str()), "{}: {link} leads to no file", file.path);
            count += 1;
        }
    }
    count
}

#[test]
fn links_between_pages_lead_to_files_that_exist() {
    let mut account = build_account();
    let body = "\"a\":/pages/12 \"b\":/pub/13 \"c\":http://acme.backpackit.com/page/20 \"d\":/pages/99\n\n\
        |\"e\":/pages/20|\n\n* \"f\":/pages/20#x\n\nh1(x). \"g\":/pages/21 <a href=\"/pages/12\">h</a>";
    account.pages.push(page_with_note(20, "Été (à) [b] *c*", body));
    account.pages.push(page_with_note(21, "日本語", body));
    let files = render(&account, Format::Markdown).unwrap().files;
    assert!(check_links(&files, list_markdown_links) > 30);
    let files = render(&account, Format::Html).unwrap().files;
    assert!(check_links(&files, list_html_links) > 30);
}

#[test]
fn html_is_safe_for_hostile_content() {
    let attack = "<script>alert(1)</script> <img src=x onerror=alert(1)> \"x\":javascript:alert(1) </main></html>";
    let mut account = build_account();
    let mut page = page_with_note(20, attack, attack).page;
    page.notes[0].title = attack.to_owned();
    account.pages[1].page = page;
    account.journal[0].body = attack.to_owned();
    account.reminders[0].content = attack.to_owned();
    account.calendars[0].calendar.name = attack.to_owned();
    account.bookmarks[0].kind = backpack_api::Bookmarkable::Other(attack.to_owned());
    account.name = Some(attack.to_owned());
    for file in render(&account, Format::Html).unwrap().files {
        let html = String::from_utf8(file.content).unwrap();
        let scripts = usize::from(file.path == "index.html");
        assert_eq!(html.matches("<script").count(), scripts, "{}", file.path);
        assert_eq!(html.matches("</main>").count(), 1, "{}", file.path);
        assert!(html.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "));
        for tag in html.split('<').skip(1).filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag) {
            let unquoted: String = tag.split('"').step_by(2).collect();
            assert!(!unquoted.contains(" on") && !tag.contains("=\"javascript"), "{}: {tag}", file.path);
        }
    }
}

#[test]
fn the_search_has_all_words_of_a_page() {
    let index = text_of(&render_sample(Format::Html), "index.html");
    let entry =
        index.lines().find(|line| line.contains("12-weekend-on-the-coast-1.html\"") && line.contains("data-text"));
    let entry = entry.expect("an entry of the page");
    for word in ["weekend", "boots", "nine", "later", "time*table*", "9:15", "bay.jpg", "tickets.pdf", "travel"] {
        assert!(entry.contains(word), "{word}\n{entry}");
    }
}

#[test]
fn json_has_the_typed_values() {
    let text = text_of(&render_sample(Format::Json), "account.json");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let page: backpack_api::Page = serde_json::from_value(value["pages"][0]["page"].clone()).unwrap();
    let mut expected = build_account().pages[0].page.clone();
    expected.email_address = None;
    assert_eq!(page, expected);
    assert_eq!(value["pages"][0]["scope"], "personal");
    assert_eq!(value["calendars"][0]["calendar"]["token"], "");
    assert_eq!(value["journal"][1]["user_id"], 78);
}

#[test]
fn calendars_are_read_by_another_library() {
    let rendering = render_sample(Format::Ics);
    let calendar: Calendar = text_of(&rendering, "301-home-etc.ics").parse().unwrap();
    assert_eq!(calendar.get_name(), Some("Home; etc."));
    let events: Vec<&IcalEvent> = calendar.components.iter().filter_map(|component| component.as_event()).collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].get_summary(), Some("Ferry, two of us"));
    assert_eq!(events[0].get_uid(), Some("event-1-1237151529@acme.backpack"));
    assert_eq!(events[0].property_value("DTSTART"), Some("20100927"));
    assert_eq!(events[1].get_description(), Some("Bring tea;\nand cups"));
    assert_eq!(rendering.skipped.iter().filter(|(object, _)| object.kind == crate::export::Kind::Event).count(), 1);
    let text = text_of(&rendering, "reminders.ics");
    let reminders: Calendar = text.parse().unwrap();
    let reminder = reminders.components[0].as_event().unwrap();
    assert_eq!(reminder.get_summary(), Some("Pay the *berth*, today"));
    assert_eq!(reminder.property_value("DTSTART"), Some("20100929T094500"));
    assert!(text.contains("BEGIN:VALARM\r\nACTION:DISPLAY\r\n") && text.contains("TRIGGER:PT0S\r\n"), "{text}");
}

#[test]
fn tables_have_quoted_cells_and_no_formulas() {
    let rendering = render_sample(Format::Csv);
    let items = text_of(&rendering, "items.csv");
    assert_eq!(
        items,
        "page_id,page,list_id,list,item_id,completed,updated_at,content\r\n\
         12,\"Weekend \"\"on\"\" the coast: <1>\",3,To pack,1,false,2010-05-01T10:00:00Z,\"Boots & \"\"socks\"\":/pub/13\"\r\n\
         12,\"Weekend \"\"on\"\" the coast: <1>\",3,To pack,2,true,2010-05-01T10:00:00Z,Map of the path\r\n\
         13,The boat,,,9,false,,Antifouling\r\n\
         13,The boat,,,10,true,,'=1+1\r\n"
    );
    let journal = text_of(&rendering, "journal.csv");
    assert!(journal.contains(",Ines,\"Painted & _varnished_\nthe hull\"\r\n"), "{journal}");
    let events = text_of(&rendering, "events.csv");
    assert!(events.ends_with("301,Home; etc.,3,,,,,Some day,\r\n"), "{events}");
}

/// Parses XML with the document type of Evernote's files.
fn parse_evernote(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn notes_of_evernote_are_xml_in_xml() {
    let mut account = build_account();
    let hostile =
        "a]]>b &nbsp; &eacute; &#1; <mark>m</mark> <br> !http://x.y/a.png(t <u>)! <details>x</details>\n\n---\n\n|a|";
    account.pages.push(page_with_note(20, &"x ".repeat(300), hostile));
    account.pages.push(page_with_note(21, "Complex", &"*a* ".repeat(20_000)));
    let text = text_of(&render(&account, Format::Enex).unwrap(), "notes.enex");
    let document = parse_evernote(&text);
    let notes: Vec<_> = document.root_element().children().filter(|node| node.has_tag_name("note")).collect();
    // Five pages, reminders, a calendar, two months, people.
    assert_eq!(notes.len(), 10);
    let child = |node: &roxmltree::Node<'_, '_>, name: &str| {
        node.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text()).unwrap_or("").to_owned()
    };
    for note in &notes {
        let content: String = note
            .children()
            .find(|child| child.has_tag_name("content"))
            .unwrap()
            .children()
            .filter_map(|node| node.text())
            .collect();
        let enml = parse_evernote(&content);
        assert_eq!(enml.root_element().tag_name().name(), "en-note");
        let forbidden = ["id", "class", "style", "onclick", "rel"];
        for node in enml.descendants().filter(|node| node.is_element()) {
            assert!(node.attributes().all(|attribute| !forbidden.contains(&attribute.name())), "{content}");
            assert!(!["section", "time", "mark", "details", "script"].contains(&node.tag_name().name()), "{content}");
        }
        let title = child(note, "title");
        assert!(!title.is_empty() && title.chars().count() <= 255);
    }
    assert_eq!(child(&notes[0], "created"), "20090315T211209Z");
    assert_eq!(child(&notes[0], "tag"), "Travel");
}

#[test]
fn the_outline_has_everything() {
    let text = text_of(&render_sample(Format::Opml), "pages.opml");
    let document = Document::parse(&text).unwrap();
    let outlines: Vec<_> = document.descendants().filter(|node| node.has_tag_name("outline")).collect();
    let find = |name: &str| {
        outlines.iter().find(|node| node.attribute("text") == Some(name)).unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(find("Map of the path").attribute("_complete"), Some("true"));
    assert_eq!(find("Map of the path").parent().unwrap().attribute("text"), Some("To pack"));
    assert!(find("Ferry").attribute("_note").unwrap().contains("at *nine*, see"));
    assert!(find("Time*table*").attribute("_note").unwrap().contains("daily.\r\nSee <you> aboard!"));
    assert_eq!(find("Weekend \"on\" the coast: <1>").attribute("created"), Some("Sun, 15 Mar 2009 21:12:09 GMT"));
}

#[test]
fn an_export_depends_on_the_account_only() {
    for format in Format::ALL {
        let (one, two) = (render_sample(*format), render_sample(*format));
        let bytes = |rendering: &Rendering| -> Vec<_> {
            rendering.files.iter().map(|file| (file.path.clone(), file.content.clone())).collect()
        };
        assert_eq!(bytes(&one), bytes(&two));
    }
}

#[test]
fn texts_with_very_many_marks_are_exported() {
    let account = Account { pages: vec![page_with_note(1, "", &"<b>&".repeat(30_000))], ..Account::default() };
    for format in Format::ALL {
        render(&account, *format).unwrap();
    }
}
