//! The account as typed values, put together from all responses of an archive.
//!
//! Exports and the import work from these values alone. Lists are sorted by number, unless a field says otherwise.

use backpack_api::{
    Attachment, Belonging, Bookmark, Calendar, CalendarEvent, Email, Gallery, JournalEntry, Member, Note, Page,
    PageList, PageScope, PageSeparator, Reminder, Status, User, WidgetKind,
};

/// Everything that the archive of one user has.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Account {
    /// Name of the account, as in its host name; `None` if no response names it.
    pub name: Option<String>,
    /// Base URL of the account's service; `None` if the archive is a bare export.
    pub url: Option<String>,
    /// The user whose token made the archive. A bare export has the number and the name only; `None` if no response names
    /// the user.
    pub user: Option<User>,
    /// Users of the account.
    pub members: Vec<Member>,
    /// Pages with their contents.
    pub pages: Vec<ArchivedPage>,
    /// Reminders.
    pub reminders: Vec<Reminder>,
    /// Calendars with their events.
    pub calendars: Vec<ArchivedCalendar>,
    /// Journal, oldest entry first.
    pub journal: Vec<JournalEntry>,
    /// Statuses of the users.
    pub statuses: Vec<Status>,
    /// Bookmarks, in their order.
    pub bookmarks: Vec<Bookmark>,
}

/// A page, and how the account lists it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ArchivedPage {
    /// The page.
    pub page: Page,
    /// Origin of the page, from the list of all pages; `None` if that list lacks the page.
    pub scope: Option<PageScope>,
}

/// A calendar and its events.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ArchivedCalendar {
    /// The calendar.
    pub calendar: Calendar,
    /// Events of the calendar.
    pub events: Vec<CalendarEvent>,
}

/// A widget at its place on a page.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Widget<'a> {
    /// A note.
    Note(&'a Note),
    /// A list with its items.
    List(&'a PageList),
    /// A gallery of images.
    Gallery(&'a Gallery),
    /// An attached file.
    Attachment(&'a Attachment),
    /// A separator.
    Separator(&'a PageSeparator),
    /// An e-mail.
    Email(&'a Email),
    /// A widget that the page names without its contents: a writeboard, or one of an unknown kind.
    Missing(&'a Belonging),
}

impl ArchivedCalendar {
    /// Creates a calendar with its events.
    pub fn new(calendar: Calendar, events: Vec<CalendarEvent>) -> Self {
        Self { calendar, events }
    }
}

impl ArchivedPage {
    /// Creates a page with its origin.
    pub fn new(page: Page, scope: Option<PageScope>) -> Self {
        Self { page, scope }
    }

    /// Returns the widgets in their order on the page. Widgets without a position follow, by kind and number.
    pub fn widgets(&self) -> Vec<Widget<'_>> {
        let page = &self.page;
        let notes = page.notes.iter().map(Widget::Note);
        let lists = page.lists.iter().map(Widget::List);
        let galleries = page.galleries.iter().map(Widget::Gallery);
        let attachments = page.attachments.iter().map(Widget::Attachment);
        let separators = page.separators.iter().map(Widget::Separator);
        let emails = page.emails.iter().map(Widget::Email);
        let mut unplaced: Vec<Widget<'_>> =
            notes.chain(lists).chain(galleries).chain(attachments).chain(separators).chain(emails).collect();
        let mut belongings: Vec<&Belonging> = page.belongings.iter().collect();
        belongings.sort_by_key(|belonging| (belonging.position, belonging.id));
        let mut widgets = Vec::new();
        for belonging in belongings {
            let number = u64::try_from(belonging.widget_id).ok();
            let is_meant = |widget: &Widget<'_>| widget.kind() == belonging.kind && widget.number() == number;
            let index = unplaced.iter().position(is_meant);
            widgets.push(index.map_or(Widget::Missing(belonging), |index| unplaced.remove(index)));
        }
        widgets.append(&mut unplaced);
        widgets
    }
}

impl Widget<'_> {
    /// Kind of the widget, as the page names it.
    pub fn kind(&self) -> WidgetKind {
        match self {
            Self::Note(_) => WidgetKind::Note,
            Self::List(_) => WidgetKind::List,
            Self::Gallery(_) => WidgetKind::Gallery,
            Self::Attachment(_) => WidgetKind::Attachment,
            Self::Separator(_) => WidgetKind::Separator,
            Self::Email(_) => WidgetKind::Email,
            Self::Missing(belonging) => belonging.kind.clone(),
        }
    }

    /// Number of the widget, unique among the widgets of its kind; `None` if the page has no such widget.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Note(note) => Some(note.id.0),
            Self::List(list) => Some(list.id.0),
            Self::Gallery(gallery) => Some(gallery.id.0),
            Self::Attachment(attachment) => Some(attachment.id.0),
            Self::Separator(separator) => Some(separator.id.0),
            Self::Email(email) => Some(email.id.0),
            Self::Missing(_) => None,
        }
    }
}
