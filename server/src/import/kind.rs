//! Kinds of objects in an archive, each with numbers of its own.

/// Kind of an object in an archive. Widgets are in the order in which those without a position follow the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A user of the account.
    User,
    /// The settings of the user whose archive it is.
    Settings,
    /// A page.
    Page,
    /// A note.
    Note,
    /// A list.
    List,
    /// The list of a page of the oldest accounts, whose items have no list. Its number is that of the page.
    FirstList,
    /// A gallery.
    Gallery,
    /// An attached file.
    Attachment,
    /// A separator.
    Separator,
    /// A mail.
    Email,
    /// A position of a widget on a page.
    Belonging,
    /// An item of a list.
    Item,
    /// An image of a gallery.
    Image,
    /// A tag.
    Tag,
    /// A reminder.
    Reminder,
    /// A status.
    Status,
    /// A journal entry.
    JournalEntry,
    /// A bookmark.
    Bookmark,
    /// A calendar.
    Calendar,
    /// An event of a calendar.
    Event,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 20] = [
        Self::User,
        Self::Settings,
        Self::Page,
        Self::Belonging,
        Self::Note,
        Self::List,
        Self::FirstList,
        Self::Item,
        Self::Separator,
        Self::Email,
        Self::Gallery,
        Self::Image,
        Self::Attachment,
        Self::Tag,
        Self::Reminder,
        Self::Calendar,
        Self::Event,
        Self::JournalEntry,
        Self::Status,
        Self::Bookmark,
    ];

    /// Name of the kind in the table `imports`, and in reports for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::FirstList => "first_lists",
            _ => self.table(),
        }
    }

    /// Name of the kind in a text: `journal entries`.
    pub fn label(self) -> String {
        self.name().replace('_', " ")
    }

    /// Table with the objects of the kind.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::User | Self::Settings => "users",
            Self::Page => "pages",
            Self::List | Self::FirstList => "lists",
            Self::Item => "items",
            Self::Note => "notes",
            Self::Separator => "separators",
            Self::Email => "emails",
            Self::Gallery => "galleries",
            Self::Image => "images",
            Self::Attachment => "attachments",
            Self::Belonging => "belongings",
            Self::Tag => "tags",
            Self::Reminder => "reminders",
            Self::Status => "statuses",
            Self::JournalEntry => "journal_entries",
            Self::Bookmark => "bookmarks",
            Self::Calendar => "calendars",
            Self::Event => "events",
        }
    }

    /// `true` if listings of the kind are in the order of the numbers, and nothing outside of the service refers to
    /// them. The order of the numbers is then kept.
    pub(super) fn is_ordered(self) -> bool {
        matches!(self, Self::JournalEntry | Self::Note | Self::Image)
    }
}
