//! Fills a file with a random account, by SQL: the API can neither choose numbers and times, nor create everything.

use std::collections::BTreeSet;

use backpack_api::UserId;
use backpack_server::{ApiError, accounts};
use rusqlite::{Connection, ToSql, params_from_iter};

use crate::service::{NOW, TestFile};

/// Name of the account that is moved.
pub(crate) const ACCOUNT: &str = "acme";

/// Parts of the texts.
const PARTS: [&str; 20] = [
    "",
    " ",
    "  ",
    "\n",
    "ferry",
    "Ines",
    "é",
    "e\u{301}",
    "🏔",
    "<b>",
    "&amp;",
    "\"",
    "'",
    "h1. ",
    "* ",
    "\"tides\":/pub/3",
    "/pages/5",
    "http://acme.localhost/pub/7",
    "http://example.com/pub/3",
    "ÄÖ\u{a0}ß",
];

/// Generates numbers that depend on the seed only.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below `limit`, by the algorithm SplitMix64.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % limit
    }

    fn is_lucky(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        let index = usize::try_from(self.below(values.len() as u64)).expect("an index");
        values[index]
    }

    /// Returns a text, which may be empty: parts with spaces between them.
    fn text(&mut self) -> String {
        (0..self.below(6)).map(|_| self.pick(&PARTS)).collect::<Vec<_>>().join(" ")
    }

    /// Returns a text that is not blank.
    fn name(&mut self) -> String {
        format!("{}{}", self.pick(&["Kayak", "Tom", "Café", "\"x\""]), self.below(1000))
    }

    /// Returns a Unix time of the years 2005 to 2035, at least a month before or after the time of the import.
    fn time(&mut self) -> i64 {
        let time = 1_104_537_600 + i64::try_from(self.below(946_000_000)).expect("a time");
        if (time - NOW).abs() < 2_592_000 { time - 5_184_000 } else { time }
    }

    fn optional_time(&mut self) -> Option<i64> {
        if self.is_lucky(3) { None } else { Some(self.time()) }
    }

    /// Returns different numbers between 1 and 60, at most `most`, in random order.
    fn ids(&mut self, taken: &mut BTreeSet<u64>, most: u64) -> Vec<u64> {
        let count = self.below(most + 1);
        (0..count).map(|_| 1 + self.below(60)).filter(|id| taken.insert(*id)).collect()
    }
}

/// Inserts a row.
fn insert(db: &Connection, table: &str, columns: &str, values: &[&dyn ToSql]) {
    let holes = vec!["?"; values.len()].join(", ");
    let statement = format!("INSERT INTO {table} ({columns}) VALUES ({holes})");
    db.prepare_cached(&statement).expect("a statement").execute(params_from_iter(values)).expect("a row");
}

/// Creates an account with random content in a new file. Returns the user who sees all of its calendars.
pub(crate) fn fill(file: &TestFile, account: &'static str, seed: u64) -> UserId {
    file.write(move |db| {
        let account = accounts::create(db, account, None)?.id.0;
        let mut random = Random::new(seed);
        let users = fill_users(db, &mut random, account);
        let (pages, tags) = fill_pages(db, &mut random, account);
        fill_rest(db, &mut random, account, &users, &pages, &tags);
        Ok::<_, ApiError>(UserId(users[0]))
    })
}

/// Returns the ids of the users. The archive is made by the first one.
fn fill_users(db: &Connection, random: &mut Random, account: u64) -> Vec<u64> {
    const COLUMNS: &str = "id, account_id, name, email_address, admin, time_zone, use_24h_clock, remind_via_email,
        remind_via_mobile, mobile_phone_host, mobile_phone_number, created_at, updated_at";
    let mut users = random.ids(&mut BTreeSet::new(), 5);
    if users.is_empty() {
        users.push(77);
    }
    for user in &users {
        let mobile = random.is_lucky(2).then(|| ("sms.example.com".to_owned(), "5550100".to_owned()));
        let (host, number) = mobile.unzip();
        let zone = random.pick(&["UTC", "Lisbon", "Pacific Time (US & Canada)", "Kathmandu", "Atlantis"]);
        let (address, has_mobile) = (format!("user{user}@example.com"), host.is_some());
        let (admin, clock, by_mail) = (random.is_lucky(2), random.is_lucky(2), random.is_lucky(2));
        let (name, created_at, updated_at) = (random.name(), random.time(), random.time());
        let values: [&dyn ToSql; 13] = [
            user, &account, &name, &address, &admin, &zone, &clock, &by_mail, &has_mobile, &host, &number, &created_at,
            &updated_at,
        ];
        insert(db, "users", COLUMNS, &values);
    }
    users
}

/// Returns the ids of the pages and of the tags.
fn fill_pages(db: &Connection, random: &mut Random, account: u64) -> (Vec<u64>, Vec<u64>) {
    // Links in texts lead to the first three pages.
    let mut taken = BTreeSet::from([3, 5, 7]);
    let pages = [vec![3, 5, 7], random.ids(&mut taken, 9)].concat();
    let tags = random.ids(&mut BTreeSet::new(), 4);
    for tag in &tags {
        insert(
            db,
            "tags",
            "id, account_id, name",
            &[tag, &account, &format!("{} {tag}", random.pick(&["Reise", "ÄRA"]))],
        );
    }
    // Ids of all pages together: notes, lists, separators, galleries, attachments, emails, items, images, belongings.
    let mut taken: [BTreeSet<u64>; 9] = Default::default();
    for page in &pages {
        let (title, mailbox, time) = (random.text(), format!("mailbox{page}"), random.time());
        let description = random.is_lucky(3).then(|| random.text());
        let columns = "id, account_id, title, description, mailbox, created_at, updated_at";
        insert(db, "pages", columns, &[page, &account, &title, &description, &mailbox, &time, &time]);
        fill_page(db, random, *page, &mut taken);
    }
    for page in &pages {
        for (position, tag) in tags.iter().enumerate() {
            if random.is_lucky(2) {
                insert(db, "page_tags", "page_id, tag_id, position", &[page, tag, &position]);
            }
        }
        if random.is_lucky(3) {
            insert(db, "links", "page_id, linked_page_id", &[page, &random.pick(&pages)]);
        }
    }
    let used =
        |tag: &u64| db.query_row("SELECT count(*) FROM page_tags WHERE tag_id = ?1", [tag], |row| row.get::<_, u64>(0));
    // The archive has only tags of pages.
    let tags = tags.iter().filter(|tag| used(tag).expect("a number") > 0).copied().collect();
    (pages, tags)
}

/// Fills a page with widgets in random order. `taken` has the ids of all pages.
fn fill_page(db: &Connection, random: &mut Random, page: u64, taken: &mut [BTreeSet<u64>; 9]) {
    let [notes, lists, separators, galleries, attachments, emails, items, images, belongings] = taken;
    let mut widgets: Vec<(&str, u64)> = Vec::new();
    for id in random.ids(notes, 4) {
        let columns = "id, page_id, title, body, created_at";
        insert(db, "notes", columns, &[&id, &page, &random.text(), &random.text(), &random.time()]);
        widgets.push(("Note", id));
    }
    for list in random.ids(lists, 3) {
        insert(db, "lists", "id, page_id, name", &[&list, &page, &random.text()]);
        widgets.push(("List", list));
        for (position, id) in random.ids(items, 5).into_iter().enumerate() {
            let columns = "id, list_id, content, completed, position, updated_at";
            let values: [&dyn ToSql; 6] =
                [&id, &list, &random.text(), &random.is_lucky(2), &(3 * position), &random.time()];
            insert(db, "items", columns, &values);
        }
    }
    for id in random.ids(separators, 2) {
        insert(db, "separators", "id, page_id, name", &[&id, &page, &random.text()]);
        widgets.push(("Separator", id));
    }
    for gallery in random.ids(galleries, 2) {
        insert(db, "galleries", "id, page_id, name", &[&gallery, &page, &random.text()]);
        widgets.push(("Gallery", gallery));
        for id in random.ids(images, 3) {
            let description = random.is_lucky(2).then(|| random.text());
            let columns = "id, gallery_id, file_name, description";
            insert(db, "images", columns, &[&id, &gallery, &format!("{id}.jpg"), &description]);
        }
    }
    for id in random.ids(attachments, 2) {
        insert(db, "attachments", "id, page_id, file_name", &[&id, &page, &format!("{id}.pdf")]);
        widgets.push(("Asset", id));
    }
    for id in random.ids(emails, 2) {
        let columns = "id, page_id, subject, body, created_at";
        insert(db, "emails", columns, &[&id, &page, &random.text(), &random.text(), &random.time()]);
        widgets.push(("Email", id));
    }
    if random.is_lucky(2) {
        widgets.push(("WriteboardLink", page));
    }
    while !widgets.is_empty() {
        let index = usize::try_from(random.below(widgets.len() as u64)).expect("an index");
        let (kind, widget) = widgets.swap_remove(index);
        let (position, mut id) = (2 * widgets.len(), 1 + random.below(600));
        while !belongings.insert(id) {
            id += 1;
        }
        insert(db, "belongings", "id, page_id, position, kind, widget_id", &[&id, &page, &position, &kind, &widget]);
    }
}

/// Fills everything outside of pages.
fn fill_rest(db: &Connection, random: &mut Random, account: u64, users: &[u64], pages: &[u64], tags: &[u64]) {
    for id in random.ids(&mut BTreeSet::new(), 8) {
        let (creator, at) = (random.pick(users), random.time());
        let columns = "id, creator_id, content, remind_at, sent_at";
        insert(db, "reminders", columns, &[&id, &creator, &random.text(), &at, &(at < NOW).then_some(at)]);
        for user in users {
            if *user == creator || random.is_lucky(2) {
                insert(db, "remindees", "reminder_id, user_id", &[&id, user]);
            }
        }
    }
    for user in users {
        if random.is_lucky(2) {
            let columns = "id, user_id, message, updated_at";
            insert(db, "statuses", columns, &[&(100 - user), user, &random.text(), &random.time()]);
        }
    }
    for id in random.ids(&mut BTreeSet::new(), 50) {
        let columns = "id, user_id, body, created_at, updated_at";
        let values: [&dyn ToSql; 5] = [&id, &random.pick(users), &random.text(), &random.time(), &random.time()];
        insert(db, "journal_entries", columns, &values);
    }
    for (kind, targets) in [("Page", pages), ("Tag", tags)] {
        for target in targets.iter().take(2) {
            let id = if kind == "Page" { *target } else { 60 + target };
            let columns = "id, user_id, kind, target_id, position";
            insert(db, "bookmarks", columns, &[&id, &users[0], &kind, target, &random.below(9)]);
        }
    }
    let mut events = BTreeSet::new();
    for calendar in random.ids(&mut BTreeSet::new(), 4) {
        // The first user owns the calendar, or it is shared.
        let is_shared = random.is_lucky(2);
        let owner = if is_shared { random.pick(users) } else { users[0] };
        let columns = "id, account_id, owner_id, shared, name, color, token, created_at, updated_at";
        let (name, token) = (random.text(), format!("token{calendar}"));
        let (created_at, updated_at) = (random.time(), random.time());
        let values: [&dyn ToSql; 9] =
            [&calendar, &account, &owner, &is_shared, &name, &"3c7a89", &token, &created_at, &updated_at];
        insert(db, "calendars", columns, &values);
        for id in random.ids(&mut events, 12) {
            let columns = "id, calendar_id, creator_id, title, message, occurs_at, occurs_until, all_day, remind,
                reminded_at, created_at, updated_at, uid";
            let occurs_at = random.optional_time();
            let until = occurs_at.filter(|_| random.is_lucky(2)).map(|at| at + 3600);
            let (title, message, uid) = (random.name(), random.text(), format!("uid{id}"));
            let (all_day, remind, reminded_at) = (random.is_lucky(3), random.is_lucky(2), random.optional_time());
            let (created_at, updated_at) = (random.time(), random.time());
            let values: [&dyn ToSql; 13] = [
                &id,
                &calendar,
                &random.pick(users),
                &title,
                &message,
                &occurs_at,
                &until,
                &all_day,
                &remind,
                &reminded_at,
                &created_at,
                &updated_at,
                &uid,
            ];
            insert(db, "events", columns, &values);
        }
    }
}
