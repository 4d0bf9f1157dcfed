//! An account with sample content, to try the server and its clients.

use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::{Timestamp, ToSpan};
use backpack_api::{
    AttachmentId, EmailId, GalleryId, ImageId, NewCalendarEvent, NewItem, NewNote, NewReminder, PageId, Secret, UserId,
    WidgetKind, calendar_events, items, journal, lists, notes, pages, reminders, separators, statuses, tags,
};
use rusqlite::Connection;

use crate::account_host::AccountHost;
use crate::context::RequestContext;
use crate::store::rows::read_id;
use crate::users::NewUser;
use crate::{ApiError, Store, accounts, calendars, tokens, users};

/// Name of the demo account.
pub const ACCOUNT: &str = "demo";

/// A user of the demo account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DemoUser {
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub name: String,
    /// The user's only token.
    pub token: Secret,
}

/// Creates the account `demo` in an empty store, and returns its users. Its content was written in the nine days before
/// `now`, most of it by the first user; its reminders and events are in the days after `now`.
///
/// # Errors
///
/// If the storage cannot be written, or the account exists already.
///
/// # Panics
///
/// Inside an async runtime, since it blocks.
pub fn fill(store: &Store, now: Timestamp) -> Result<Vec<DemoUser>, ApiError> {
    store.write_blocking(move |db| {
        accounts::create(db, ACCOUNT, None)?;
        let users = [("Ines Moreau", true), ("Tom Okafor", false), ("Jo Lindqvist", false)];
        let users: Vec<DemoUser> =
            users.iter().map(|(name, admin)| create_demo_user(db, name, *admin)).collect::<Result<_, _>>()?;
        create_content(db, &users, now)?;
        Ok(users)
    })
}

/// Creates a user in the time zone `London`, with a token. The first name is the mailbox of the user's mail address.
fn create_demo_user(db: &Connection, name: &str, admin: bool) -> Result<DemoUser, ApiError> {
    let first_name = name.split(' ').next().unwrap_or(name).to_lowercase();
    let user = NewUser {
        name: name.to_owned(),
        email_address: format!("{first_name}@example.com"),
        admin,
        time_zone: "London".to_owned(),
    };
    let id = users::create(db, ACCOUNT, &user)?;
    Ok(DemoUser { id, name: name.to_owned(), token: tokens::create(db, id)? })
}

/// Creates the content of the account. `users` are the three users, in the order of their creation.
fn create_content(db: &Connection, users: &[DemoUser], now: Timestamp) -> Result<(), ApiError> {
    let [ines, tom, jo] = users else { return Err(ApiError::Internal) };
    run_as(db, ines, now - (9 * 24).hours(), |context| {
        let page = create_weekend_page(context)?;
        create_boat_page(context)?;
        create_recipes_page(context)?;
        context.execute(
            "INSERT INTO bookmarks (user_id, kind, target_id, position) VALUES (?1, 'Page', ?2, 1)",
            (ines.id.0, page.0),
        )?;
        Ok(())
    })?;
    run_as(db, ines, now, |context| {
        create_reminders(context, tom)?;
        create_events(context)
    })?;
    let journal_entries = [
        (ines, 50, "Painted & varnished the hull"),
        (tom, 26, "Dug over the bean bed"),
        (jo, 5, "Called three marinas about a berth"),
        (tom, 1, "Fetched the sails from the loft"),
    ];
    for (user, hours_ago, body) in journal_entries {
        run_as(db, user, now - hours_ago.hours(), |context| {
            context.serve(&journal::Create::new(user.id, body))?;
            Ok(())
        })?;
    }
    for (user, message) in [(ines, "At the boat until four"), (jo, "out (dentist)")] {
        run_as(db, user, now, |context| context.serve(&statuses::Update::new(user.id, message)))?;
    }
    Ok(())
}

/// Creates the page with id 1, which the examples in the documentation use. It has widgets of all kinds except links to
/// writeboards.
fn create_weekend_page(context: &RequestContext<'_>) -> Result<PageId, ApiError> {
    let page = context.serve(&pages::Create::new("Weekend on the coast"))?.id;
    let list = context.serve(&lists::Create::new(page, "To pack"))?.id;
    for (content, done) in [("Boots", false), ("Tent & pegs", false), ("Map of the path", true), ("Torch", false)] {
        context.serve(&items::Create::new(page, list, NewItem::new(content).completed(done)))?;
    }
    let ferry =
        "Leaves at nine from pier 4.\n\n* Tickets: \"harbour office\":http://example.com/ferry\n* Bikes go *free*\n";
    context.serve(&notes::Create::new(page, NewNote::new().title("Ferry").body(ferry)))?;
    context.serve(&separators::Create::new(page, "Later"))?;
    context.serve(&notes::Create::new(page, NewNote::new().body("Ask Tom about the _lighthouse_.")))?;
    create_attachment(context, page, "tickets.pdf")?;
    let gallery: GalleryId =
        context.insert("INSERT INTO galleries (page_id, name) VALUES (?1, ?2)", (page.0, "Last time"))?;
    let insert_image = "INSERT INTO images (gallery_id, file_name, description) VALUES (?1, ?2, ?3)";
    let _: ImageId = context.insert(insert_image, (gallery.0, "bay.jpg", "The bay from the lighthouse"))?;
    context.append_widget(page, WidgetKind::Gallery, gallery.0)?;
    create_email(context, page, "Timetable", "The 9:15 runs daily from May on.\nSee you aboard!\n")?;
    context.serve(&tags::Set::new(page, ["Travel", "Summer plans"]))?;
    context.serve(&pages::Share::new(page).public(true))?;
    Ok(page)
}

/// Creates a page with two lists and a note.
fn create_boat_page(context: &RequestContext<'_>) -> Result<(), ApiError> {
    let page = context.serve(&pages::Create::new("The boat"))?.id;
    for (name, contents) in [
        ("Before the launch", &["Antifouling", "New anodes", "Check the bilge pump"][..]),
        ("To buy", &["Sandpaper, grain 240", "Two shackles, 8 mm"][..]),
    ] {
        let list = context.serve(&lists::Create::new(page, name))?.id;
        for content in contents {
            context.serve(&items::Create::new(page, list, NewItem::new(*content)))?;
        }
    }
    context.serve(&notes::Create::new(page, NewNote::new().title("Engine").body("h3. Hours\n\n2009: 41\n2010: 57")))?;
    context.serve(&tags::Set::new(page, ["Boat"]))
}

/// Creates a page with a note.
fn create_recipes_page(context: &RequestContext<'_>) -> Result<(), ApiError> {
    let page = context.serve(&pages::Create::new("Recipes"))?.id;
    let soup = "Leeks, potatoes, a little cream – 30 minutes.\n\nThe café in town puts nutmeg in it.";
    context.serve(&notes::Create::new(page, NewNote::new().title("Leek soup").body(soup)))?;
    context.serve(&tags::Set::new(page, ["Kitchen", "Slow Food"]))
}

/// Creates a reminder of the user and `other`, and one of the user alone.
fn create_reminders(context: &RequestContext<'_>, other: &DemoUser) -> Result<(), ApiError> {
    let shared = NewReminder::new("+2880 Pay the berth").remindees([context.user.id, other.id]);
    context.serve(&reminders::Create::new(shared))?;
    context.serve(&reminders::Create::new(NewReminder::new("+4320 Water the tomatoes")))?;
    Ok(())
}

/// Creates a shared calendar, and events on it and on the user's own calendar.
fn create_events(context: &RequestContext<'_>) -> Result<(), ApiError> {
    let own = context
        .query_one("SELECT id FROM calendars WHERE owner_id = ?1", [context.user.id.0], |row| read_id(row, "id"))?;
    let family = calendars::create(context.db, context.user.id, "Family", "b5651d", true)?;
    let days_from_now = |days: i64| (context.now + (24 * days).hours()).strftime("%-m/%-d").to_string();
    for (calendar, title, remind) in [
        (family, format!("{} Ferry to the coast", days_from_now(12)), true),
        (family, format!("{} 6:30pm Film", days_from_now(14)), true),
        (own, format!("{} 9:00am Dentist", days_from_now(20)), false),
    ] {
        context.serve(&calendar_events::Create::new(NewCalendarEvent::new(calendar, title).remind(remind)))?;
    }
    Ok(())
}

/// Creates an attachment without contents. The API has no operation for it.
fn create_attachment(context: &RequestContext<'_>, page: PageId, name: &str) -> Result<(), ApiError> {
    let insert = "INSERT INTO attachments (page_id, file_name) VALUES (?1, ?2)";
    let attachment: AttachmentId = context.insert(insert, (page.0, name))?;
    context.append_widget(page, WidgetKind::Attachment, attachment.0)
}

/// Creates a mail on a page, as if it had been received.
fn create_email(context: &RequestContext<'_>, page: PageId, subject: &str, body: &str) -> Result<(), ApiError> {
    let insert = "INSERT INTO emails (page_id, subject, body, created_at) VALUES (?1, ?2, ?3, ?4)";
    let email: EmailId = context.insert(insert, (page.0, subject, body, context.unix_now()))?;
    context.append_widget(page, WidgetKind::Email, email.0)
}

/// Runs operations as a user, at a given time.
fn run_as<T>(
    db: &Connection,
    user: &DemoUser,
    now: Timestamp,
    operations: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let user = tokens::authenticate(db, ACCOUNT, Some(user.token.expose()))?;
    operations(&RequestContext { db, user: &user, host: &AccountHost::insecure(ACCOUNT, "demo.localhost"), now })
}
