//! An import into a file whose other accounts have some of the numbers.

use std::collections::{BTreeMap, BTreeSet};

use backpack_archive::model::Account;
use backpack_server::import::{ImportReport, Kind};

use crate::random_account::{ACCOUNT, fill};
use crate::service::TestFile;

/// Name of the account that the file has before.
const OTHER: &str = "other";

/// Numbers of the archive, and the ids of the rows that have other ones.
struct Numbering(BTreeMap<(Kind, u64), u64>);

impl Numbering {
    fn of_report(report: &ImportReport) -> Self {
        Self(report.renumbered.iter().map(|one| ((one.kind, one.number), one.id)).collect())
    }

    /// Numbers of an account that was read from the file.
    fn unchanged() -> Self {
        Self(BTreeMap::new())
    }

    fn id(&self, kind: Kind, number: u64) -> u64 {
        self.0.get(&(kind, number)).copied().unwrap_or(number)
    }

    fn signed_id(&self, kind: Kind, number: i64) -> u64 {
        self.id(kind, u64::try_from(number).expect("a number"))
    }

    /// Returns a text of the archive with its links to renumbered pages rewritten.
    fn text(&self, text: &str) -> String {
        let id = |number| self.0.get(&(Kind::Page, number));
        let rewrite = |part: &str| match (part, id(3), id(5), id(7)) {
            ("\"tides\":/pub/3", Some(id), ..) => format!("\"tides\":/pub/{id}"),
            ("/pages/5", _, Some(id), _) => format!("/pages/{id}"),
            ("http://acme.localhost/pub/7", .., Some(id)) => format!("/pub/{id}"),
            _ => part.to_owned(),
        };
        text.split(' ').map(rewrite).collect::<Vec<_>>().join(" ")
    }
}

/// Describes an account with the numbers of its rows, one line for each object, sorted where the order has no meaning.
fn describe(account: &Account, ids: &Numbering) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for member in &account.members {
        lines.insert(format!("user {} {}", ids.id(Kind::User, member.id.0), member.name));
    }
    let me = account.user.as_ref().expect("a user");
    let mut settings = me.clone();
    settings.id.0 = ids.id(Kind::User, me.id.0);
    settings.account_id = None;
    lines.insert(format!("{settings:?}"));
    for reminder in &account.reminders {
        let people: BTreeSet<_> = reminder.remindees.iter().map(|user| ids.id(Kind::User, user.id.0)).collect();
        let creator = reminder.creator.as_ref().map(|user| ids.id(Kind::User, user.id.0));
        let (id, content) = (ids.id(Kind::Reminder, reminder.id.0), ids.text(&reminder.content));
        lines.insert(format!("reminder {id} {} {content} {creator:?} {people:?}", reminder.remind_at));
    }
    for status in &account.statuses {
        let (id, user) = (ids.id(Kind::Status, status.id.0), ids.id(Kind::User, status.user_id.0));
        lines.insert(format!("status {id} {user} {} {}", ids.text(&status.message), status.updated_at));
    }
    for bookmark in &account.bookmarks {
        let kind = if bookmark.kind.as_str() == "Page" { Kind::Page } else { Kind::Tag };
        let (id, target) = (ids.id(Kind::Bookmark, bookmark.id.0), ids.signed_id(kind, bookmark.target_id));
        lines.insert(format!("bookmark {id} {kind:?} {target} {}", bookmark.position));
    }
    for archived in &account.calendars {
        let calendar = ids.id(Kind::Calendar, archived.calendar.id.0);
        lines.insert(format!("calendar {calendar} {} {}", archived.calendar.name, archived.calendar.color));
        for event in &archived.events {
            let mut moved = event.clone();
            moved.id.0 = ids.id(Kind::Event, event.id.0);
            moved.calendar_id.0 = calendar;
            moved.message = event.message.as_deref().map(|text| ids.text(text));
            lines.insert(format!("{moved:?}"));
        }
    }
    for archived in &account.pages {
        lines.extend(describe_page(&archived.page, ids));
    }
    let journal = account.journal.iter().map(|entry| {
        let author = entry.user.as_ref().map(|user| ids.id(Kind::User, user.id.0));
        let (id, body) = (ids.id(Kind::JournalEntry, entry.id.0), ids.text(&entry.body));
        format!("entry {id} {body} {author:?} {} {}", entry.created_at, entry.updated_at)
    });
    lines.into_iter().chain(journal).collect()
}

/// Describes a page: one line for the page with everything that has an order on it, and one for each list.
fn describe_page(page: &backpack_api::Page, ids: &Numbering) -> Vec<String> {
    let id = ids.id(Kind::Page, page.id.0);
    let notes = page.notes.iter().map(|note| {
        let (id, body) = (ids.id(Kind::Note, note.id.0), ids.text(&note.body));
        format!("note {id} {} {body} {}", note.title, note.created_at)
    });
    let tags = page.tags.iter().map(|tag| format!("tag {} {}", ids.id(Kind::Tag, tag.id.0), tag.name));
    let positions = page.belongings.iter().map(|belonging| {
        let kind = match belonging.kind.as_str() {
            "Note" => Kind::Note,
            "List" => Kind::List,
            "Separator" => Kind::Separator,
            "Gallery" => Kind::Gallery,
            "Asset" => Kind::Attachment,
            "Email" => Kind::Email,
            // A writeboard gets another number if another page of the file has the same one.
            _ => return format!("position {} writeboard", ids.id(Kind::Belonging, belonging.id.0)),
        };
        let (id, widget) = (ids.id(Kind::Belonging, belonging.id.0), ids.signed_id(kind, belonging.widget_id));
        format!("position {id} {kind:?} {widget}")
    });
    let emails = page.emails.iter().map(|email| {
        format!("email {} {} {} {}", ids.id(Kind::Email, email.id.0), email.subject, email.body, email.created_at)
    });
    let ordered: Vec<String> = notes.chain(tags).chain(positions).chain(emails).collect();
    let links: BTreeSet<u64> = page.linked_pages.iter().map(|linked| ids.id(Kind::Page, linked.id.0)).collect();
    let description = page.description.as_deref().map(|text| ids.text(text));
    let mut lines = vec![format!("page {id} {} {description:?} {ordered:#?} {links:?}", page.title)];
    for list in &page.lists {
        let items: Vec<String> = list
            .items
            .iter()
            .map(|item| {
                let (id, content) = (ids.id(Kind::Item, item.id.0), ids.text(&item.content));
                format!("item {id} {content} {} {:?}", item.completed, item.updated_at)
            })
            .collect();
        lines.push(format!("list {} {} of {id}: {items:#?}", ids.id(Kind::List, list.id.0), list.name));
    }
    for gallery in &page.galleries {
        let images: Vec<String> = gallery
            .images
            .iter()
            .map(|image| {
                format!("image {} {} {:?}", ids.id(Kind::Image, image.id.0), image.file_name, image.description)
            })
            .collect();
        lines.push(format!("gallery {} {} of {id}: {images:#?}", ids.id(Kind::Gallery, gallery.id.0), gallery.name));
    }
    for file in &page.attachments {
        lines.push(format!("attachment {} {} of {id}", ids.id(Kind::Attachment, file.id.0), file.file_name));
    }
    for separator in &page.separators {
        lines.push(format!("separator {} {} of {id}", ids.id(Kind::Separator, separator.id.0), separator.name));
    }
    lines
}

/// Moves a random account into a file with another one. Returns the number of texts whose links were rewritten.
fn assert_renumbered(seed: u64) -> usize {
    let (original, file) = (TestFile::new(), TestFile::new());
    let user = fill(&original, ACCOUNT, seed);
    let archive = original.read(ACCOUNT, user).account;
    let other_user = fill(&file, OTHER, seed + 1_000_000);
    let other = file.read(OTHER, other_user);
    let ids_before = file.ids();

    let report = file.import(&archive, None).expect("an import");
    assert!(report.skipped.is_empty(), "seed {seed}: {report:?}");
    let ids = Numbering::of_report(&report);
    let moved = file.read(ACCOUNT, report.user).account;
    assert_eq!(describe(&moved, &Numbering::unchanged()), describe(&archive, &ids), "seed {seed}");
    assert_eq!(file.read(OTHER, other_user).bodies, other.bodies, "seed {seed}: the other account");
    // Only numbers that are not free are replaced, except for kinds whose order is that of their numbers.
    let ordered = ["notes", "images", "journal_entries"];
    for one in report.renumbered.iter().filter(|one| !ordered.contains(&one.kind.name())) {
        assert!(ids_before.contains(&(one.kind.name().to_owned(), one.number)), "seed {seed}: {one:?}");
    }
    let before = file.dump();
    let second = file.import(&archive, None).expect("a second import");
    assert_eq!(file.dump(), before, "seed {seed}: a second import");
    assert_eq!(second.rewritten_texts, 0, "seed {seed}: a second import writes no text");
    report.rewritten_texts
}

#[test]
fn an_account_keeps_its_content_in_a_file_with_clashing_numbers() {
    assert_ne!((0..3).map(assert_renumbered).sum::<usize>(), 0, "no text has a link");
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn random_accounts_keep_their_content_in_a_file_with_clashing_numbers() {
    for seed in 100..200 {
        assert_renumbered(seed);
    }
}

#[test]
fn new_rows_get_ids_above_the_imported_ones() {
    let (original, file) = (TestFile::new(), TestFile::new());
    let user = fill(&original, ACCOUNT, 5);
    let archive = original.read(ACCOUNT, user).account;
    file.import(&archive, None).expect("an import");
    let highest = archive.pages.iter().map(|archived| archived.page.id.0).max().expect("a page");
    let created: u64 = file.write(move |db| {
        Ok(db.query_row(
            "INSERT INTO pages (account_id, title, mailbox, created_at, updated_at)
             SELECT id, '', 'new', 0, 0 FROM accounts RETURNING id",
            (),
            |row| row.get(0),
        )?)
    });
    assert_eq!(created, highest + 1);
}
