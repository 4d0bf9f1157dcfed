//! The objects of an account. An export accounts for each of them.

use serde::Serialize;

use crate::model::{Account, ArchivedPage, Widget};

/// Kind of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A page.
    Page,
    /// A note.
    Note,
    /// A list.
    List,
    /// An item of a list.
    Item,
    /// A gallery.
    Gallery,
    /// An image of a gallery.
    Image,
    /// An attached file.
    Attachment,
    /// A separator.
    Separator,
    /// An e-mail on a page.
    Email,
    /// A widget whose content the API does not give, such as a writeboard.
    UnavailableWidget,
    /// A reminder.
    Reminder,
    /// A calendar.
    Calendar,
    /// An event of a calendar.
    Event,
    /// An entry of the journal.
    JournalEntry,
    /// A status.
    Status,
    /// A bookmark.
    Bookmark,
    /// A user of the account.
    Member,
    /// Settings of the user whose archive this is.
    Settings,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: &[Self] = &[
        Self::Page,
        Self::Note,
        Self::List,
        Self::Item,
        Self::Gallery,
        Self::Image,
        Self::Attachment,
        Self::Separator,
        Self::Email,
        Self::UnavailableWidget,
        Self::Reminder,
        Self::Calendar,
        Self::Event,
        Self::JournalEntry,
        Self::Status,
        Self::Bookmark,
        Self::Member,
        Self::Settings,
    ];

    /// Name of the kind, for several objects.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Page => "pages",
            Self::Note => "notes",
            Self::List => "lists",
            Self::Item => "items",
            Self::Gallery => "galleries",
            Self::Image => "images",
            Self::Attachment => "attachments",
            Self::Separator => "separators",
            Self::Email => "e-mails",
            Self::UnavailableWidget => "unavailable widgets",
            Self::Reminder => "reminders",
            Self::Calendar => "calendars",
            Self::Event => "events",
            Self::JournalEntry => "journal entries",
            Self::Status => "statuses",
            Self::Bookmark => "bookmarks",
            Self::Member => "users",
            Self::Settings => "settings",
        }
    }
}

/// An object of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Object {
    /// Kind of the object.
    pub kind: Kind,
    /// Number of the object, among those of its kind.
    pub number: u64,
}

impl Object {
    /// Creates a value from all of its fields.
    pub(crate) fn new(kind: Kind, number: impl Into<u64>) -> Self {
        Self { kind, number: number.into() }
    }
}

/// Lists all objects of an account. A number that is not unique is listed more than once.
pub(crate) fn list_objects(account: &Account) -> Vec<Object> {
    let mut objects: Vec<Object> = account.pages.iter().flat_map(list_page_objects).collect();
    objects.extend(account.reminders.iter().map(|reminder| Object::new(Kind::Reminder, reminder.id)));
    for archived in &account.calendars {
        objects.push(Object::new(Kind::Calendar, archived.calendar.id));
        objects.extend(archived.events.iter().map(|event| Object::new(Kind::Event, event.id)));
    }
    objects.extend(account.journal.iter().map(|entry| Object::new(Kind::JournalEntry, entry.id)));
    objects.extend(account.statuses.iter().map(|status| Object::new(Kind::Status, status.id)));
    objects.extend(list_bookmarks(account));
    objects.extend(account.members.iter().map(|member| Object::new(Kind::Member, member.id)));
    objects.extend(account.user.iter().map(|user| Object::new(Kind::Settings, user.id)));
    objects
}

/// Lists the bookmarks of an account.
pub(crate) fn list_bookmarks(account: &Account) -> Vec<Object> {
    account.bookmarks.iter().map(|bookmark| Object::new(Kind::Bookmark, bookmark.id)).collect()
}

/// Lists a page and all objects on it.
pub(crate) fn list_page_objects(archived: &ArchivedPage) -> Vec<Object> {
    let page = &archived.page;
    let mut objects = vec![Object::new(Kind::Page, page.id)];
    objects.extend(page.notes.iter().map(|note| Object::new(Kind::Note, note.id)));
    for list in &page.lists {
        objects.push(Object::new(Kind::List, list.id));
        objects.extend(list.items.iter().map(|item| Object::new(Kind::Item, item.id)));
    }
    objects.extend(page.items.iter().map(|item| Object::new(Kind::Item, item.id)));
    for gallery in &page.galleries {
        objects.push(Object::new(Kind::Gallery, gallery.id));
        objects.extend(gallery.images.iter().map(|image| Object::new(Kind::Image, image.id)));
    }
    objects.extend(page.attachments.iter().map(|attachment| Object::new(Kind::Attachment, attachment.id)));
    objects.extend(page.separators.iter().map(|separator| Object::new(Kind::Separator, separator.id)));
    objects.extend(page.emails.iter().map(|email| Object::new(Kind::Email, email.id)));
    let unavailable = archived.widgets().into_iter().filter_map(|widget| match widget {
        Widget::Missing(belonging) => Some(Object::new(Kind::UnavailableWidget, belonging.id)),
        _ => None,
    });
    objects.extend(unavailable);
    objects
}
