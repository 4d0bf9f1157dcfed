//! An import after an earlier one of the same account.

use std::collections::BTreeSet;

use backpack_api::{NoteId, UserId};
use backpack_archive::model::Account;
use backpack_server::import::Kind;
use backpack_server::users::{self, UserChanges};
use backpack_server::{ApiError, accounts, demo};

use crate::service::{TestFile, now};

/// Returns the demo account as its first user sees it.
pub(crate) fn read_demo() -> Account {
    let file = TestFile::new();
    demo::fill(&file.open(), now()).expect("the demo");
    file.read(demo::ACCOUNT, UserId(1)).account
}

#[test]
fn a_later_archive_adds_what_is_new_and_reports_what_has_changed() {
    let (file, mut archive) = (TestFile::new(), read_demo());
    let first = file.import(&archive, None).expect("an import");
    assert!(first.token.is_some() && first.is_new_account);
    let page = &mut archive.pages[0].page;
    let changed = page.notes[0].id;
    page.notes[0].body.push_str(" Changed.");
    let mut added = page.notes[0].clone();
    added.id = NoteId(900);
    page.notes.push(added);

    let second = file.import(&archive, None).expect("a second import");
    assert_eq!((second.total().written, second.total().skipped), (1, 0), "{second:?}");
    assert_eq!(second.total().present, first.total().written);
    assert_eq!(second.changed, [(Kind::Note, changed.0)]);
    assert!(second.token.is_none() && !second.is_new_account);
    let notes = file.read(demo::ACCOUNT, first.user).account.pages.swap_remove(0).page.notes;
    assert!(!notes[0].body.ends_with("Changed."), "a row that exists is not changed");
    assert!(notes.iter().any(|note| note.id == NoteId(900)));
}

#[test]
fn rows_that_were_deleted_since_stay_deleted() {
    let (file, mut archive) = (TestFile::new(), read_demo());
    let first = file.import(&archive, None).expect("an import");
    let page = archive.pages[0].page.id;
    file.write(move |db| Ok(db.execute("DELETE FROM pages WHERE id = ?1", [page.0])?));
    let before = file.dump();
    let second = file.import(&archive, None).expect("a second import");
    assert_eq!((second.total().written, second.total().present), (0, first.total().written));
    assert_eq!(file.dump(), before);
    // What is new on the deleted page has no place.
    let mut added = archive.pages[0].page.notes[0].clone();
    added.id = NoteId(900);
    archive.pages[0].page.notes.push(added);
    let third = file.import(&archive, None).expect("a third import");
    assert_eq!((third.total().written, third.total().skipped), (0, 1));
    assert_eq!((third.skipped[0].kind, third.skipped[0].number), (Kind::Note, 900));
}

#[test]
fn a_deleted_user_or_account_is_not_imported_by_surprise() {
    let (file, archive) = (TestFile::new(), read_demo());
    let user = file.import(&archive, None).expect("an import").user;
    file.write(move |db| users::delete(db, user));
    assert!(matches!(file.import(&archive, None), Err(ApiError::InvalidValue(_))), "the user was deleted");
    file.write(|db| accounts::delete(db, demo::ACCOUNT));
    let again = file.import(&archive, None).expect("an import of a deleted account");
    assert!(again.is_new_account && again.total().present == 0);
}

#[test]
fn the_archive_of_another_user_completes_the_account() {
    let source = TestFile::new();
    demo::fill(&source.open(), now()).expect("the demo");
    let kathmandu = UserChanges { time_zone: Some("Kathmandu".to_owned()), ..Default::default() };
    source.write(move |db| users::update(db, UserId(2), &kathmandu));
    let [ines, tom] = [1, 2].map(|user| source.read(demo::ACCOUNT, UserId(user)).account);
    let calendars = |account: &Account| account.calendars.iter().map(|one| one.calendar.id).collect::<BTreeSet<_>>();
    let shared: BTreeSet<_> = calendars(&ines).intersection(&calendars(&tom)).copied().collect();
    assert!(!shared.is_empty() && shared.len() < calendars(&ines).len());
    let file = TestFile::new();
    let first = file.import(&ines, None).expect("an import");
    assert!(first.defaults.iter().any(|text| text.contains("user-2@demo.invalid")), "{:#?}", first.defaults);
    let second = file.import(&tom, None).expect("an import of the other user");
    assert_eq!((second.user, second.token.is_some(), second.is_new_account), (UserId(2), true, false));
    assert_eq!(second.counts[&Kind::Page].written, 0);
    assert!(second.changed.is_empty(), "{second:?}");
    for (user, archive) in [(1, &ines), (2, &tom)] {
        let read = file.read(demo::ACCOUNT, UserId(user)).account;
        assert_eq!(calendars(&read), calendars(archive), "user {user}");
        assert_eq!(read.user, archive.user);
        assert_eq!(read.reminders, archive.reminders);
    }
    file.write(|db| Ok(db.execute("UPDATE calendars SET shared = 0", ())?));
    let before = file.dump();
    file.import(&tom, None).expect("a second import of the other user");
    assert_eq!(file.dump(), before, "what was changed since stays");
}

#[test]
fn an_import_finds_its_account_by_the_archive_and_leaves_others_alone() {
    let (file, archive) = (TestFile::new(), read_demo());
    file.write(|db| accounts::create(db, "home", None));
    assert!(
        matches!(file.import(&archive, Some("home")), Err(ApiError::InvalidValue(_))),
        "it is not from the archive"
    );
    assert!(matches!(file.import(&archive, Some("not a label")), Err(ApiError::InvalidValue(_))));
    let first = file.import(&archive, Some("Moved")).expect("an import");
    assert_eq!((first.account.as_str(), first.is_new_account), ("moved", true));
    file.write(|db| accounts::rename(db, "moved", "renamed"));
    let second = file.import(&archive, None).expect("a second import");
    assert_eq!((second.account.as_str(), second.total().written), ("renamed", 0));
    let third = file.import(&archive, Some("twice")).expect("an import into a second account");
    assert_eq!((third.is_new_account, third.total().written), (true, first.total().written));
    let mut nameless = archive.clone();
    nameless.name = None;
    assert!(matches!(file.import(&nameless, None), Err(ApiError::InvalidValue(_))), "there is no name");
}
