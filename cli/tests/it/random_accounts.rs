//! The archive of a random account has every object of the service's store.

use std::collections::BTreeSet;
use std::path::Path;

use backpack_api::blocking::Client;
use backpack_api::runtime::jiff::tz::TimeZone;
use backpack_api::{CalendarId, NewCalendarEvent, NewItem, NewNote, NewReminder, PageId, UserId};
use backpack_archive::Archive;
use backpack_archive::model::{Account, Widget};
use backpack_server::users::NewUser;
use backpack_server::{Store, calendars, tokens, users};
use rusqlite::{Connection, Params};

use crate::support::{Home, ServiceProcess, temp_data};

/// Number of random accounts.
const ACCOUNTS: u64 = 8;

/// Random numbers of a seed, by xorshift.
struct Random(u64);

impl Random {
    /// Returns a number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("a small number")
    }

    /// Returns a text of a few pieces, which are awkward in XML, on disks or in lines.
    fn text(&mut self) -> String {
        const PIECES: [&str; 20] = [
            "Ferry", " ", "\n", "&", "<b>", "]]>", "\"", "'", "é", "e\u{301}", "🛶", "../x", "CON", "???", "\t",
            "&amp;", "&#8217;", "h2. ", "* one", "|",
        ];
        (0..self.below(6)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }

    /// Returns a text that is not blank.
    fn title(&mut self) -> String {
        format!("T{}", self.text().replace(['\n', '\t'], " "))
    }
}

/// Adds random content with the client of a user, and what the API cannot add with SQL.
fn fill(random: &mut Random, client: &Client, store: &Store, ines: UserId, tom: UserId) {
    let mut pages = Vec::new();
    for _ in 0..random.below(8) {
        let page = client.pages().create(random.title()).expect("a page").id;
        pages.push(page);
        fill_page(random, client, page);
        add_rows(random, store, page);
        let tags: Vec<_> = (0..random.below(3)).map(|n| format!("tag {n}{}", random.below(3))).collect();
        client.tags().set(page, tags).expect("tags");
    }
    if let [first, .., last] = pages[..] {
        client.pages().destroy(first).expect("a deletion");
        let (id, position) = (last.0.cast_signed(), 1);
        let insert = "INSERT INTO bookmarks (user_id, kind, target_id, position) VALUES (?1, 'Page', ?2, ?3)";
        execute(store, insert, (ines.0.cast_signed(), id, position));
    }
    for _ in 0..random.below(4) {
        let reminder = NewReminder::new(format!("+{} {}", 1000 + random.below(5000), random.title()));
        let remindees = if random.below(2) == 0 { vec![ines, tom] } else { vec![] };
        client.reminders().create(reminder.remindees(remindees)).expect("a reminder");
    }
    for _ in 0..random.below(3) {
        let (name, is_shared) = (random.title(), random.below(2) == 0);
        let create = move |db: &_| calendars::create(db, ines, &name, "336699", is_shared);
        let calendar = store.write_blocking(create).expect("a calendar");
        fill_calendar(random, client, calendar);
    }
    if random.below(2) == 0 {
        client.statuses().update(ines, random.title()).expect("a status");
    }
}

/// Adds notes, lists, items and separators to a page.
fn fill_page(random: &mut Random, client: &Client, page: PageId) {
    for _ in 0..random.below(4) {
        client.notes(page).create(NewNote::new().title(random.text()).body(random.title())).expect("a note");
    }
    for _ in 0..random.below(3) {
        let list = client.lists(page).create(random.title()).expect("a list").id;
        for _ in 0..random.below(4) {
            let item = NewItem::new(random.title()).completed(random.below(2) == 0);
            client.items(page, list).create(item).expect("an item");
        }
    }
    for _ in 0..random.below(2) {
        client.separators(page).create(random.title()).expect("a separator");
    }
}

/// Adds events to a calendar.
fn fill_calendar(random: &mut Random, client: &Client, calendar: CalendarId) {
    for n in 0..random.below(4) {
        let event = NewCalendarEvent::new(calendar, format!("{}/{} {}", 1 + n, 2 + n, random.title()));
        client.calendar_events().create(event.remind(random.below(2) == 0)).expect("an event");
    }
}

/// Adds widgets to a page that the API cannot add: e-mails, files, images and writeboards.
fn add_rows(random: &mut Random, store: &Store, page: PageId) {
    let id = page.0.cast_signed();
    let belong = "INSERT INTO belongings (page_id, position, kind, widget_id) \
                  SELECT ?1, 1 + coalesce(max(position), 0), ?2, ?3 FROM belongings WHERE page_id = ?1";
    if random.below(2) == 0 {
        let insert = "INSERT INTO emails (page_id, subject, body, created_at) VALUES (?1, ?2, ?3, 1237000000)";
        let email = execute(store, insert, (id, random.title(), random.text()));
        execute(store, belong, (id, "Email", email));
    }
    if random.below(2) == 0 {
        let file = execute(store, "INSERT INTO attachments (page_id, file_name) VALUES (?1, ?2)", (id, random.title()));
        execute(store, belong, (id, "Asset", file));
        let gallery = execute(store, "INSERT INTO galleries (page_id, name) VALUES (?1, ?2)", (id, random.text()));
        execute(store, belong, (id, "Gallery", gallery));
        let insert = "INSERT INTO images (gallery_id, file_name, description) VALUES (?1, ?2, ?3)";
        execute(store, insert, (gallery, random.title(), random.title()));
    }
    if random.below(3) == 0 {
        execute(store, belong, (id, "WriteboardLink", id));
    }
}

/// Executes a statement, and returns the id of the inserted row.
fn execute(store: &Store, statement: &'static str, parameters: impl Params + Send + 'static) -> i64 {
    let insert = move |db: &Connection| {
        db.execute(statement, parameters).expect("a row");
        Ok(db.last_insert_rowid())
    };
    store.write_blocking(insert).expect("the store")
}

/// Returns the rows of a query with one column of text.
fn rows(store: &Store, query: &'static str) -> BTreeSet<String> {
    let read = move |db: &Connection| {
        let mut statement = db.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        Ok(rows.collect::<Result<BTreeSet<String>, _>>().expect("text"))
    };
    store.read_blocking(read).expect("the store")
}

/// Returns each object of the store as a line, as a user of a time zone without offset sees it.
fn lines_of_store(store: &Store) -> BTreeSet<String> {
    const QUERIES: [&str; 17] = [
        "SELECT 'user|' || id || '|' || name FROM users",
        "SELECT 'page|' || id || '|' || title FROM pages",
        "SELECT 'note|' || id || '|' || page_id || '|' || title || '|' || body || '|' || created_at FROM notes",
        "SELECT 'list|' || id || '|' || page_id || '|' || name FROM lists",
        "SELECT 'item|' || id || '|' || list_id || '|' || content || '|' || completed || '|' || updated_at FROM items",
        "SELECT 'separator|' || id || '|' || page_id || '|' || name FROM separators",
        "SELECT 'email|' || id || '|' || page_id || '|' || subject || '|' || body || '|' || created_at FROM emails",
        "SELECT 'gallery|' || id || '|' || page_id || '|' || name FROM galleries",
        "SELECT 'image|' || id || '|' || gallery_id || '|' || file_name || '|' || description FROM images",
        "SELECT 'file|' || id || '|' || page_id || '|' || file_name FROM attachments",
        "SELECT 'place|' || page_id || '|' || kind || '|' || widget_id || '|' || \
         row_number() OVER (PARTITION BY page_id ORDER BY position) FROM belongings",
        "SELECT 'tag|' || page_id || '|' || name FROM page_tags JOIN tags ON tags.id = tag_id",
        "SELECT 'reminder|' || id || '|' || content || '|' || remind_at || '|' || creator_id || '|' || \
         (SELECT group_concat(user_id) FROM (SELECT user_id FROM remindees WHERE reminder_id = id ORDER BY user_id)) \
         FROM reminders",
        "SELECT 'status|' || id || '|' || user_id || '|' || message FROM statuses",
        "SELECT 'entry|' || id || '|' || user_id || '|' || body || '|' || created_at FROM journal_entries",
        "SELECT 'calendar|' || id || '|' || name || '|' || color || '|' || token FROM calendars",
        "SELECT 'event|' || id || '|' || calendar_id || '|' || title || '|' || coalesce(occurs_at, '') || '|' || remind \
         FROM events",
    ];
    let bookmarks = "SELECT 'bookmark|' || id || '|' || target_id FROM bookmarks";
    QUERIES.into_iter().chain([bookmarks]).flat_map(|query| rows(store, query)).collect()
}

/// Returns each object of an account as a line.
fn lines_of_account(account: &Account) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let mut add = |line: String| assert!(lines.insert(line.clone()), "{line}");
    account.members.iter().for_each(|user| add(format!("user|{}|{}", user.id, user.name)));
    for archived in &account.pages {
        let page = &archived.page;
        let id = page.id;
        add(format!("page|{id}|{}", page.title));
        for note in &page.notes {
            let time = note.created_at.as_second();
            add(format!("note|{}|{id}|{}|{}|{time}", note.id, note.title, note.body));
        }
        for list in &page.lists {
            add(format!("list|{}|{id}|{}", list.id, list.name));
            for item in &list.items {
                let (done, time) = (u8::from(item.completed), item.updated_at.expect("a time").as_second());
                add(format!("item|{}|{}|{}|{done}|{time}", item.id, list.id, item.content));
            }
        }
        page.separators.iter().for_each(|one| add(format!("separator|{}|{id}|{}", one.id, one.name)));
        for email in &page.emails {
            let time = email.created_at.as_second();
            add(format!("email|{}|{id}|{}|{}|{time}", email.id, email.subject, email.body));
        }
        for gallery in &page.galleries {
            add(format!("gallery|{}|{id}|{}", gallery.id, gallery.name));
            for image in &gallery.images {
                let description = image.description.as_deref().unwrap_or_default();
                add(format!("image|{}|{}|{}|{description}", image.id, gallery.id, image.file_name));
            }
        }
        page.attachments.iter().for_each(|file| add(format!("file|{}|{id}|{}", file.id, file.file_name)));
        for (place, widget) in archived.widgets().iter().enumerate() {
            let number = match widget {
                Widget::Missing(belonging) => belonging.widget_id.to_string(),
                widget => widget.number().expect("a number").to_string(),
            };
            add(format!("place|{id}|{}|{number}|{}", widget.kind().as_str(), place + 1));
        }
        page.tags.iter().for_each(|tag| add(format!("tag|{id}|{}", tag.name)));
    }
    for reminder in &account.reminders {
        let time = TimeZone::UTC.to_timestamp(reminder.remind_at).expect("a time").as_second();
        let mut remindees: Vec<_> = reminder.remindees.iter().map(|user| user.id.0).collect();
        remindees.sort_unstable();
        let remindees = remindees.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        let creator = reminder.creator.as_ref().expect("a creator").id;
        add(format!("reminder|{}|{}|{time}|{creator}|{remindees}", reminder.id, reminder.content));
    }
    account.statuses.iter().for_each(|one| add(format!("status|{}|{}|{}", one.id, one.user_id, one.message)));
    for entry in &account.journal {
        let user = entry.user_id.or(entry.user.as_ref().map(|user| user.id)).expect("a user");
        add(format!("entry|{}|{user}|{}|{}", entry.id, entry.body, entry.created_at.as_second()));
    }
    for archived in &account.calendars {
        let calendar = &archived.calendar;
        let token = calendar.token.expose();
        add(format!("calendar|{}|{}|{}|{token}", calendar.id, calendar.name, calendar.color));
        for event in &archived.events {
            let time = event.occurs_at.map(|time| time.as_second().to_string()).unwrap_or_default();
            let remind = u8::from(event.remind.unwrap_or_default());
            add(format!("event|{}|{}|{}|{time}|{remind}", event.id, calendar.id, event.title));
        }
    }
    account.bookmarks.iter().for_each(|one| add(format!("bookmark|{}|{}", one.id, one.target_id)));
    lines
}

/// Fills an account, backs it up, and compares the archive with the store.
fn check_account(seed: u64, data: &Path) {
    let service = ServiceProcess::serve(data);
    let token = service.token.clone().expect("a first start shows a token");
    let client = service.client(&token);
    let store = Store::open_existing(data).expect("the data file");
    let ines = client.users().me().expect("me").id;
    let create_tom = |db: &_| {
        let name = "Tom".to_owned();
        let tom = NewUser { name, email_address: "t@example.com".into(), admin: false, time_zone: "UTC".into() };
        let tom = users::create(db, "home", &tom)?;
        Ok((tom, tokens::create(db, tom)?))
    };
    let (tom, of_tom) = store.write_blocking(create_tom).expect("a user");
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ seed.wrapping_mul(0x0100_0193));
    fill(&mut random, &client, &store, ines, tom);
    let of_tom = service.client(of_tom.expose());
    // More entries than one response has.
    for n in 0..random.below(130) {
        let (client, user) = if n % 2 == 0 { (&client, ines) } else { (&of_tom, tom) };
        client.journal().create(user, random.title()).expect("an entry");
    }
    let home = Home::new();
    home.log_in("home", &service, &token);
    home.stdout(&["backup"]);
    let verified = home.run(&["verify", "home.backpack", "--online"]);
    assert_eq!(verified.code, Some(0), "seed {seed}: {}", verified.out);
    let archive = Archive::open(&home.path().join("home.backpack")).expect("an archive");
    let (expected, found) = (lines_of_store(&store), lines_of_account(archive.account()));
    // Tom's own calendar is private.
    let is_toms = |line: &&String| line.starts_with("calendar|") && !found.contains(*line);
    let missing: Vec<_> = expected.difference(&found).filter(|line| !is_toms(line)).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && extra.is_empty(), "seed {seed}: missing {missing:#?}, extra {extra:#?}");
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn what_an_account_has_is_in_its_archive() {
    for seed in 1..=ACCOUNTS {
        let (_folder, data) = temp_data();
        check_account(seed, &data);
    }
}
