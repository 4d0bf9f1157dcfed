//! Random accounts.

use backpack_api::{
    Belonging, BelongingId, CalendarEvent, CalendarEventId, Email, EmailId, EntryId, Item, ItemId, JournalEntry,
    ListId, Note, NoteId, Page, PageId, PageList, PageSeparator, SeparatorId, Tag, TagId, WidgetKind,
};

use super::folders::list_titles;
use super::formats::{check_links, list_html_links, list_markdown_links};
use super::sample::{archive_page, at, build_account};
use crate::export::content::object::list_objects;
use crate::export::{Format, render};
use crate::model::Account;

/// Random numbers, the same in each run.
struct Random(u64);

impl Random {
    /// Returns a number below a limit.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    /// Chooses one of several values.
    fn choose<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }
}

/// Parts of texts.
const PARTS: &[&str] = &[
    "\"a\":/pages/",
    "\"b\":/pub/",
    "\"c\":http://acme.backpackit.com/page/",
    "\"d\":/pages/99",
    "word ",
    "\n\n",
    "\n",
    "* ",
    "|",
    "*",
    "_",
    "<b>",
    "</b>",
    "<div>",
    "</div>",
    "[1]",
    "fn1. ",
    "bc. ",
    "#",
    "<a href=\"/pages/2\">e</a>",
    "!/a.png!",
    "\"g\":#x ",
    "[h]/pages/3\n",
];

/// Builds a text, some of whose links lead to pages.
fn build_text(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(12) {
        text.push_str(random.choose::<&str>(PARTS));
        if text.ends_with('/') {
            text.push_str(&format!("{} ", random.below(8)));
        }
    }
    text
}

/// Builds an account.
fn build_random_account(seed: u64) -> Account {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let titles = list_titles();
    let mut account = build_account();
    let created = at("2009-03-15T21:12:09Z");
    account.pages.clear();
    for number in 0..random.below(8) {
        let mut page = Page::new(random.choose(&titles), PageId(number));
        for id in 0..random.below(4) {
            let widget = 10 * number + id;
            let (title, text) = (random.choose(&titles).clone(), build_text(&mut random));
            match random.below(5) {
                0 => page.notes.push(Note::new(title, NoteId(widget), created, text)),
                1 => page.emails.push(Email::new(EmailId(widget), title, created, text)),
                2 => page.separators.push(PageSeparator::new(SeparatorId(widget), title)),
                3 => page.description = Some(text),
                _ => {
                    let items = [Item::new(random.below(2) == 0, ItemId(widget), text)];
                    page.lists.push(PageList::new(title, ListId(widget)).items(items));
                }
            }
            let kinds = [WidgetKind::Note, WidgetKind::List, WidgetKind::Email, WidgetKind::Other("Chart".to_owned())];
            let position = i64::try_from(random.below(4)).unwrap();
            let kind = random.choose(&kinds).clone();
            page.belongings.push(Belonging::new(BelongingId(widget), position, kind, i64::try_from(widget).unwrap()));
        }
        page.tags = (0..random.below(3)).map(|id| Tag::new(random.choose(&titles), TagId(id))).collect();
        account.pages.push(archive_page(page));
    }
    let event = |id: u64, random: &mut Random| {
        CalendarEvent::new(account.calendars[0].calendar.id, CalendarEventId(id), random.choose(&titles))
            .message(build_text(random))
    };
    let events = (0..random.below(4)).map(|id| event(id, &mut random)).collect();
    account.calendars[0].events = events;
    account.journal = (0..random.below(4))
        .map(|id| JournalEntry::new(build_text(&mut random), created, EntryId(id), created))
        .collect();
    account
}

#[test]
fn links_of_random_accounts_lead_to_files_that_exist() {
    let mut count = 0;
    for seed in 0..200 {
        let account = build_random_account(seed);
        count += check_links(&render(&account, Format::Markdown).unwrap().files, list_markdown_links);
        count += check_links(&render(&account, Format::Html).unwrap().files, list_html_links);
    }
    assert!(count > 1_000, "{count}");
}

#[test]
fn every_object_of_random_accounts_has_exactly_one_fate() {
    for seed in 0..200 {
        let account = build_random_account(seed);
        let mut expected = list_objects(&account);
        expected.sort();
        for format in Format::ALL {
            let rendering = render(&account, *format).unwrap();
            let files = rendering.files.iter().flat_map(|file| &file.objects);
            let mut found: Vec<_> = files.chain(rendering.skipped.iter().map(|(object, _)| object)).copied().collect();
            found.sort();
            assert_eq!(found, expected, "{seed} {}", format.name());
        }
    }
}
