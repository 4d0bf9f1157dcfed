//! A response as typed values.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::xml::{self, Reader};
use backpack_api::{
    AccountExport, Bookmark, Calendar, CalendarEvent, Email, EndpointExt, JournalEntry, Member, OldReminder, Page,
    PageId, PageSummary, Reminder, Status, User, bookmarks, calendar_events, calendars, emails, journal, legacy, pages,
    reminders, statuses, users,
};

use crate::request::Request;
use crate::text::{blank_doctype, decode_text};

/// A response as typed values.
pub(crate) enum Document {
    User(Box<User>),
    Members(Vec<Member>),
    Export(Box<Export>),
    PageList(Vec<PageSummary>),
    Page(Box<Page>),
    /// E-mails, and their page; `None` if the file does not name the page.
    Emails(Option<PageId>, Vec<Email>),
    Reminders(Vec<Reminder>),
    Calendars(Vec<Calendar>),
    CalendarEvents(Vec<CalendarEvent>),
    Journal(Vec<JournalEntry>),
    Statuses(Vec<Status>),
    Bookmarks(Vec<Bookmark>),
}

/// Content of an export.
pub(crate) struct Export {
    /// Name of the account; `None` in the oldest exports.
    pub(crate) account: Option<String>,
    /// The user without settings; `None` in the oldest exports.
    pub(crate) user: Option<User>,
    pub(crate) pages: Vec<Page>,
    pub(crate) reminders: Vec<Reminder>,
}

/// An object of a document. Objects on pages belong to their page.
pub(crate) struct Object<'a> {
    /// Name of the kind.
    pub(crate) kind: &'static str,
    /// Number, unique among the objects of the kind.
    pub(crate) number: u64,
    /// The object itself.
    pub(crate) value: &'a dyn DynHash,
}

/// A value that can be hashed, whatever its type.
pub(crate) trait DynHash {
    /// Returns a hash, to recognize changes within one process.
    fn hash_value(&self) -> u64;
}

impl<T: Hash> DynHash for T {
    fn hash_value(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl Document {
    /// Calls `visit` with each object.
    pub(crate) fn visit_objects(&self, mut visit: impl FnMut(Object<'_>)) {
        /// Visits the objects of a kind.
        fn each<T: Hash>(
            kind: &'static str,
            values: &[T],
            number: impl Fn(&T) -> u64,
            visit: &mut impl FnMut(Object<'_>),
        ) {
            values.iter().for_each(|value| visit(Object { kind, number: number(value), value }));
        }
        let visit = &mut visit;
        match self {
            Self::User(user) => each("user", std::slice::from_ref(&**user), |user| user.id.0, visit),
            Self::Members(members) => each("user", members, |member| member.id.0, visit),
            Self::Export(export) => {
                each("page", &export.pages, |page| page.id.0, visit);
                each("reminder", &export.reminders, |reminder| reminder.id.0, visit);
            }
            Self::PageList(pages) => each("page", pages, |page| page.id.0, visit),
            Self::Page(page) => each("page", std::slice::from_ref(&**page), |page| page.id.0, visit),
            Self::Emails(_, emails) => each("email", emails, |email| email.id.0, visit),
            Self::Reminders(reminders) => each("reminder", reminders, |reminder| reminder.id.0, visit),
            Self::Calendars(calendars) => each("calendar", calendars, |calendar| calendar.id.0, visit),
            Self::CalendarEvents(events) => each("event", events, |event| event.id.0, visit),
            Self::Journal(entries) => each("journal entry", entries, |entry| entry.id.0, visit),
            Self::Statuses(statuses) => each("status", statuses, |status| status.id.0, visit),
            Self::Bookmarks(bookmarks) => each("bookmark", bookmarks, |bookmark| bookmark.id.0, visit),
        }
    }
}

/// A document that was read, with what the schema does not know of it.
pub(crate) struct ReadDocument {
    pub(crate) document: Document,
    /// Different paths of unknown elements and attributes.
    pub(crate) unknown: Vec<String>,
}

/// Reads the response to a request of the archive.
///
/// # Errors
///
/// A clause that describes the problem.
pub(crate) fn read_response(request: Request, bytes: &[u8]) -> Result<ReadDocument, String> {
    let text = prepare_text(bytes)?;
    match request {
        Request::Me => read::<users::Me>(&text),
        Request::Users => read::<users::List>(&text),
        Request::Export(_) => read::<users::Export>(&text),
        Request::Pages => read::<pages::List>(&text),
        Request::Page(_) => read::<pages::Show>(&text),
        Request::Emails(page) => {
            let mut read = read::<emails::List>(&text)?;
            if let Document::Emails(of, _) = &mut read.document {
                *of = Some(page);
            }
            Ok(read)
        }
        Request::Reminders => read::<reminders::List>(&text),
        Request::Calendars => read::<calendars::List>(&text),
        Request::CalendarEvents(_) => read::<calendar_events::List>(&text),
        Request::Journal(_) => read::<journal::List>(&text),
        Request::Statuses => read::<statuses::List>(&text),
        Request::Bookmarks(_) => read::<bookmarks::List>(&text),
    }
}

/// Reads a file of unknown origin: an export, a saved response, or the XML of a page. Its elements say what it is.
///
/// # Errors
///
/// A clause that describes the problem.
pub(crate) fn read_any(bytes: &[u8]) -> Result<ReadDocument, String> {
    let text = prepare_text(bytes)?;
    let names = read_first_names(&text).map_err(|error| describe(&text, error))?;
    match (names.root, names.child) {
        ("backpack", _) => read::<legacy::Export>(&text),
        ("user", _) if names.is_export => read::<users::Export>(&text),
        ("user", _) => read::<users::Me>(&text),
        ("users", _) => read::<users::List>(&text),
        ("reminders", _) => read::<reminders::List>(&text),
        ("calendars", _) => read::<calendars::List>(&text),
        ("calendar-events", _) => read::<calendar_events::List>(&text),
        ("journal-entries", _) => read::<journal::List>(&text),
        ("statuses", _) => read::<statuses::List>(&text),
        ("bookmarks", _) => read::<bookmarks::List>(&text),
        ("response", Some("page")) => read::<pages::Show>(&text),
        ("response", Some("pages")) => read::<pages::List>(&text),
        ("response", Some("emails")) => read::<emails::List>(&text),
        ("response", Some("reminders")) => read::<legacy::Reminders>(&text),
        ("page", _) => read::<pages::Show>(&wrap_in_envelope(&text, names.root_start)?),
        ("pages", _) => read::<pages::List>(&wrap_in_envelope(&text, names.root_start)?),
        ("emails", _) => read::<emails::List>(&wrap_in_envelope(&text, names.root_start)?),
        ("response", Some("error")) => Err("this is a failure that the service reported".to_owned()),
        ("response", Some(child)) => Err(format!("a response with <{child}> does not say what page it belongs to")),
        (root, _) => Err(format!("<{root}> is not the root of a document that an archive can have")),
    }
}

/// Reads the text of a file.
fn prepare_text(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let mut text = decode_text(bytes).ok_or("the text is not UTF-8, and names no other encoding that it is in")?;
    blank_doctype(&mut text);
    Ok(text)
}

/// Names at the start of a document.
struct FirstNames<'x> {
    root: &'x str,
    root_start: usize,
    /// First child of the root.
    child: Option<&'x str>,
    /// `true` if the root has the attribute `account` or the child `pages`, as an export does.
    is_export: bool,
}

/// Reads the names at the start of a document.
fn read_first_names(text: &str) -> Result<FirstNames<'_>, xml::Error> {
    let mut xml = Reader::new(text);
    let root = xml.next_child()?.unwrap_or_default();
    let root_start = xml.start();
    let has_account = std::iter::from_fn(|| xml.next_attribute()).any(|attribute| attribute.name == "account");
    let child = xml.next_child()?;
    Ok(FirstNames { root, root_start, child, is_export: has_account || child == Some("pages") })
}

/// Returns a document without envelope, whose root starts at `root_start`, in the envelope of the service.
///
/// # Errors
///
/// A clause with the position in the document as it is, if it is not well-formed.
fn wrap_in_envelope(text: &str, root_start: usize) -> Result<String, String> {
    check_well_formed(text).map_err(|error| describe(text, error))?;
    Ok(["<response success=\"true\">", text.get(root_start..).unwrap_or_default(), "</response>"].concat())
}

/// Reads a document to its end.
fn check_well_formed(text: &str) -> Result<(), xml::Error> {
    let mut xml = Reader::new(text);
    while xml.next_child()?.is_some() {
        xml.skip_element()?;
    }
    Ok(())
}

/// Describes an error of a document, with its position.
fn describe(text: &str, error: xml::Error) -> String {
    match xml::locate(text, error.offset()) {
        path if path.is_empty() => error.to_string(),
        path => format!("{error}, in {path}"),
    }
}

/// Reads the body of an operation's response.
fn read<E: EndpointExt>(text: &str) -> Result<ReadDocument, String>
where
    E::Response: Into<Document>,
{
    match E::from_body(text.as_bytes().to_vec()) {
        Ok(decoded) => Ok(ReadDocument { document: decoded.value.into(), unknown: decoded.unknown_paths }),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidResponse(response) => response.error.to_string(),
            _ => error.to_string(),
        }),
    }
}

/// Implements conversions into a [`Document`].
macro_rules! convert {
    ($($from:ty => |$value:ident| $document:expr,)*) => {
        $(impl From<$from> for Document {
            fn from($value: $from) -> Self {
                $document
            }
        })*
    };
}

convert! {
    User => |user| Self::User(Box::new(user)),
    Vec<Member> => |members| Self::Members(members),
    backpack_api::Export => |export| Self::Export(Box::new(Export {
        account: Some(export.account),
        user: Some(User::new(export.id, export.name)),
        pages: export.pages,
        reminders: export.reminders,
    })),
    AccountExport => |export| Self::Export(Box::new(Export {
        account: None,
        user: None,
        pages: export.pages,
        reminders: export.reminders.into_iter().map(to_reminder).collect(),
    })),
    Vec<PageSummary> => |pages| Self::PageList(pages),
    Page => |page| Self::Page(Box::new(page)),
    Vec<Email> => |emails| Self::Emails(None, emails),
    Vec<Reminder> => |reminders| Self::Reminders(reminders),
    Vec<OldReminder> => |reminders| Self::Reminders(reminders.into_iter().map(to_reminder).collect()),
    Vec<Calendar> => |calendars| Self::Calendars(calendars),
    Vec<CalendarEvent> => |events| Self::CalendarEvents(events),
    Vec<JournalEntry> => |entries| Self::Journal(entries),
    Vec<Status> => |statuses| Self::Statuses(statuses),
    Vec<Bookmark> => |bookmarks| Self::Bookmarks(bookmarks),
}

/// Converts a reminder from the form of the oldest responses.
fn to_reminder(old: OldReminder) -> Reminder {
    Reminder::new(old.id, old.remind_at, old.content)
}
