//! An account with lifelike content, to try things on.

use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::{Timestamp, ToSpan};
use backpack_api::{
    AttachmentId, EmailId, GalleryId, ImageId, NewCalendarEvent, NewItem, NewNote, NewReminder, PageId, Secret, UserId,
    WidgetKind, calendar_events, items, journal, lists, notes, pages, reminders, separators, statuses, tags,
};
use rusqlite::Connection;

use crate::account_host::AccountHost;
use crate::context::RequestContext;
use crate::people::{Account, NewUser, User, create_calendar, create_token, create_user};
use crate::store::rows::read_id;
use crate::{ApiError, Store};

/// The account's name.
pub const ACCOUNT: &str = "demo";

/// A user of the demo, with a token.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Person {
    /// Their number.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their token.
    pub token: Secret,
}

/// Fills an empty store with the account `demo`, as if it were used until now, and answers its users; the first one wrote
/// most of it.
///
/// # Errors
///
/// If it cannot be written, or there is such an account already.
///
/// # Panics
///
/// Inside an async runtime, where nothing may block.
pub fn fill(store: &Store, now: Timestamp) -> Result<Vec<Person>, ApiError> {
    store.write_blocking(move |db| {
        Account::create(db, ACCOUNT, None)?;
        let people = [("Ines Moreau", true), ("Tom Okafor", false), ("Jo Lindqvist", false)];
        let people: Vec<Person> =
            people.iter().map(|(name, admin)| person(db, name, *admin)).collect::<Result<_, _>>()?;
        content(db, &people, now)?;
        Ok(people)
    })
}

fn person(db: &Connection, name: &str, admin: bool) -> Result<Person, ApiError> {
    let first = name.split(' ').next().unwrap_or(name).to_lowercase();
    let user = NewUser {
        name: name.to_owned(),
        email_address: format!("{first}@example.com"),
        admin,
        time_zone: "London".to_owned(),
    };
    let id = create_user(db, ACCOUNT, &user)?;
    Ok(Person { id, name: name.to_owned(), token: create_token(db, id)? })
}

fn content(db: &Connection, people: &[Person], now: Timestamp) -> Result<(), ApiError> {
    let [ines, tom, jo] = people else { return Err(ApiError::Internal) };
    as_user(db, ines, now - (9 * 24).hours(), |context| {
        let page = weekend(context)?;
        boat(context)?;
        recipes(context)?;
        context.execute(
            "INSERT INTO bookmarks (user_id, kind, target_id, position) VALUES (?1, 'Page', ?2, 1)",
            (ines.id.0, page.0),
        )?;
        Ok(())
    })?;
    as_user(db, ines, now, |context| {
        reminders_of(context, tom)?;
        calendars(context)
    })?;
    let done = [
        (ines, 50, "Painted & varnished the hull"),
        (tom, 26, "Dug over the bean bed"),
        (jo, 5, "Called three marinas about a berth"),
        (tom, 1, "Fetched the sails from the loft"),
    ];
    for (who, hours, body) in done {
        as_user(db, who, now - hours.hours(), |context| {
            context.serve(&journal::Create::new(who.id, body))?;
            Ok(())
        })?;
    }
    for (who, message) in [(ines, "At the boat until four"), (jo, "out (dentist)")] {
        as_user(db, who, now, |context| context.serve(&statuses::Update::new(who.id, message)))?;
    }
    Ok(())
}

/// The page that examples name: number 1.
fn weekend(context: &RequestContext<'_>) -> Result<PageId, ApiError> {
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
    file(context, page, "tickets.pdf")?;
    let gallery: GalleryId =
        context.insert("INSERT INTO galleries (page_id, name) VALUES (?1, ?2)", (page.0, "Last time"))?;
    let image = "INSERT INTO images (gallery_id, file_name, description) VALUES (?1, ?2, ?3)";
    let _: ImageId = context.insert(image, (gallery.0, "bay.jpg", "The bay from the lighthouse"))?;
    context.place(page, WidgetKind::Gallery, gallery.0)?;
    mail(context, page, "Timetable", "The 9:15 runs daily from May on.\nSee you aboard!\n")?;
    context.serve(&tags::Set::new(page, ["Travel", "Summer plans"]))?;
    context.serve(&pages::Share::new(page).public(true))?;
    Ok(page)
}

fn boat(context: &RequestContext<'_>) -> Result<(), ApiError> {
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

fn recipes(context: &RequestContext<'_>) -> Result<(), ApiError> {
    let page = context.serve(&pages::Create::new("Recipes"))?.id;
    let soup = "Leeks, potatoes, a little cream – 30 minutes.\n\nThe café in town puts nutmeg in it.";
    context.serve(&notes::Create::new(page, NewNote::new().title("Leek soup").body(soup)))?;
    context.serve(&tags::Set::new(page, ["Kitchen", "Slow Food"]))
}

fn reminders_of(context: &RequestContext<'_>, other: &Person) -> Result<(), ApiError> {
    let later = "+2880 Pay the berth";
    context.serve(&reminders::Create::new(NewReminder::new(later).remindees([context.user.id, other.id])))?;
    context.serve(&reminders::Create::new(NewReminder::new("+4320 Water the tomatoes")))?;
    Ok(())
}

fn calendars(context: &RequestContext<'_>) -> Result<(), ApiError> {
    let own = context
        .query_one("SELECT id FROM calendars WHERE owner_id = ?1", [context.user.id.0], |row| read_id(row, "id"))?;
    let family = create_calendar(context.db, context.user.id, "Family", "b5651d", true)?;
    let day = |days: i64| (context.now + (24 * days).hours()).strftime("%-m/%-d").to_string();
    for (calendar, title, remind) in [
        (family, format!("{} Ferry to the coast", day(12)), true),
        (family, format!("{} 6:30pm Film", day(14)), true),
        (own, format!("{} 9:00am Dentist", day(20)), false),
    ] {
        context.serve(&calendar_events::Create::new(NewCalendarEvent::new(calendar, title).remind(remind)))?;
    }
    Ok(())
}

fn file(context: &RequestContext<'_>, page: PageId, name: &str) -> Result<(), ApiError> {
    let insert = "INSERT INTO attachments (page_id, file_name) VALUES (?1, ?2)";
    let file: AttachmentId = context.insert(insert, (page.0, name))?;
    context.place(page, WidgetKind::Attachment, file.0)
}

fn mail(context: &RequestContext<'_>, page: PageId, subject: &str, body: &str) -> Result<(), ApiError> {
    let insert = "INSERT INTO emails (page_id, subject, body, created_at) VALUES (?1, ?2, ?3, ?4)";
    let email: EmailId = context.insert(insert, (page.0, subject, body, context.unix_now()))?;
    context.place(page, WidgetKind::Email, email.0)
}

/// Does something as one of the users.
fn as_user<T>(
    db: &Connection,
    person: &Person,
    now: Timestamp,
    act: impl FnOnce(&RequestContext<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let me = User::of_token(db, ACCOUNT, Some(person.token.expose()))?;
    act(&RequestContext { db, user: &me, host: &AccountHost::insecure(ACCOUNT, "demo.localhost"), now })
}
