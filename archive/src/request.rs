//! The requests whose responses an archive keeps, and the file of each.

use std::fmt;
use std::str::FromStr;

use backpack_api::runtime::service::Operation;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{
    CalendarId, EndpointExt, PageId, UserId, bookmarks, calendar_events, calendars, emails, journal, pages, reminders,
    statuses, users,
};
use serde::{Deserialize, Serialize};

/// A request whose response an archive keeps. All of them are read-only.
///
/// Each request has one file, and each file one request, so a manifest cannot name a file outside of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Request {
    /// The user of the token.
    Me,
    /// Users of the account.
    Users,
    /// Pages and reminders of a user.
    Export(UserId),
    /// List of all pages.
    Pages,
    /// A page.
    Page(PageId),
    /// E-mails of a page.
    Emails(PageId),
    /// Upcoming reminders.
    Reminders,
    /// Calendars.
    Calendars,
    /// Events of a calendar.
    CalendarEvents(CalendarId),
    /// Page of the journal, from 0.
    Journal(u32),
    /// Statuses of the users.
    Statuses,
    /// Bookmarks of a user.
    Bookmarks(UserId),
}

/// Kind of content that a backup can include or leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Bookmarks.
    Bookmarks,
    /// Calendars with their events.
    Calendars,
    /// Journal.
    Journal,
    /// Pages with their contents.
    Pages,
    /// Reminders.
    Reminders,
    /// Statuses.
    Statuses,
    /// Users of the account. The user of the token is always included.
    Users,
}

/// Folder of all responses.
pub(crate) const RAW: &str = "raw";

impl Request {
    /// Returns the file of the response, relative to the archive, with `/` between folders.
    pub fn file(self) -> String {
        match self {
            Self::Me => "raw/me.xml".to_owned(),
            Self::Users => "raw/users.xml".to_owned(),
            Self::Export(user) => format!("raw/users/{user}/export.xml"),
            Self::Pages => "raw/pages.xml".to_owned(),
            Self::Page(page) => format!("raw/pages/{page}.xml"),
            Self::Emails(page) => format!("raw/pages/{page}/emails.xml"),
            Self::Reminders => "raw/reminders.xml".to_owned(),
            Self::Calendars => "raw/calendars.xml".to_owned(),
            Self::CalendarEvents(calendar) => format!("raw/calendars/{calendar}/events.xml"),
            Self::Journal(page) => format!("raw/journal/{page}.xml"),
            Self::Statuses => "raw/statuses.xml".to_owned(),
            Self::Bookmarks(user) => format!("raw/users/{user}/bookmarks.xml"),
        }
    }

    /// Returns the request of a file; `None` if no request has it.
    pub fn from_file(file: &str) -> Option<Self> {
        let name = file.strip_prefix("raw/")?.strip_suffix(".xml")?;
        let request = match *name.split('/').collect::<Vec<_>>().as_slice() {
            ["me"] => Self::Me,
            ["users"] => Self::Users,
            ["users", user, "export"] => Self::Export(user.parse().ok()?),
            ["users", user, "bookmarks"] => Self::Bookmarks(user.parse().ok()?),
            ["pages"] => Self::Pages,
            ["pages", page] => Self::Page(page.parse().ok()?),
            ["pages", page, "emails"] => Self::Emails(page.parse().ok()?),
            ["reminders"] => Self::Reminders,
            ["calendars"] => Self::Calendars,
            ["calendars", calendar, "events"] => Self::CalendarEvents(calendar.parse().ok()?),
            ["journal", page] => Self::Journal(page.parse().ok()?),
            ["statuses"] => Self::Statuses,
            _ => return None,
        };
        // Numbers have one notation each: not `007` and not `+7`.
        (request.file() == file).then_some(request)
    }

    /// Kind of the response's content. `None` for the user of the token, which every backup includes.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Me => None,
            Self::Users => Some(Kind::Users),
            Self::Export(_) | Self::Pages | Self::Page(_) | Self::Emails(_) => Some(Kind::Pages),
            Self::Reminders => Some(Kind::Reminders),
            Self::Calendars | Self::CalendarEvents(_) => Some(Kind::Calendars),
            Self::Journal(_) => Some(Kind::Journal),
            Self::Statuses => Some(Kind::Statuses),
            Self::Bookmarks(_) => Some(Kind::Bookmarks),
        }
    }

    /// Returns the section of a backup's summary that has the response.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Self::Me | Self::Users => "users",
            Self::Export(_) => "export",
            Self::Pages => "list",
            Self::Page(_) => "pages",
            Self::Emails(_) => "emails",
            Self::Reminders => "reminders",
            Self::Calendars | Self::CalendarEvents(_) => "calendars",
            Self::Journal(_) => "journal",
            Self::Statuses => "statuses",
            Self::Bookmarks(_) => "bookmarks",
        }
    }

    /// Calls `visitor` with the endpoint of the request.
    pub fn visit<V: Visitor>(self, visitor: V) -> V::Output {
        match self {
            Self::Me => visitor.visit(users::Me::new()),
            Self::Users => visitor.visit(users::List::new()),
            Self::Export(user) => visitor.visit(users::Export::new(user)),
            Self::Pages => visitor.visit(pages::List::new()),
            Self::Page(page) => visitor.visit(pages::Show::new(page)),
            Self::Emails(page) => visitor.visit(emails::List::new(page)),
            Self::Reminders => visitor.visit(reminders::List::new()),
            Self::Calendars => visitor.visit(calendars::List::new()),
            Self::CalendarEvents(calendar) => visitor.visit(calendar_events::List::new(calendar)),
            Self::Journal(page) => visitor.visit(journal::List::new().page(i64::from(page))),
            Self::Statuses => visitor.visit(statuses::List::new()),
            Self::Bookmarks(user) => visitor.visit(bookmarks::List::new(user)),
        }
    }

    /// Operation of the request.
    pub fn operation(self) -> &'static Operation {
        struct GetOperation;
        impl Visitor for GetOperation {
            type Output = &'static Operation;
            fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
                E::OPERATION
            }
        }
        self.visit(GetOperation)
    }

    /// Returns path and query, without the token.
    pub fn path(self) -> String {
        struct GetPath;
        impl Visitor for GetPath {
            type Output = String;
            fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
                // Numbers can always be written.
                endpoint.path_and_query().unwrap_or_default()
            }
        }
        self.visit(GetPath)
    }
}

impl Kind {
    /// All kinds, sorted by name.
    pub const ALL: [Self; 7] =
        [Self::Bookmarks, Self::Calendars, Self::Journal, Self::Pages, Self::Reminders, Self::Statuses, Self::Users];

    /// Name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bookmarks => "bookmarks",
            Self::Calendars => "calendars",
            Self::Journal => "journal",
            Self::Pages => "pages",
            Self::Reminders => "reminders",
            Self::Statuses => "statuses",
            Self::Users => "users",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

/// Error for a text that is not the name of a [`Kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownKind;

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        write!(f, "the kinds are {}", names.join(", "))
    }
}

impl std::error::Error for UnknownKind {}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Request> {
        vec![
            Request::Me,
            Request::Users,
            Request::Export(UserId(77)),
            Request::Pages,
            Request::Page(PageId(2208)),
            Request::Emails(PageId(2208)),
            Request::Reminders,
            Request::Calendars,
            Request::CalendarEvents(CalendarId(301)),
            Request::Journal(3),
            Request::Statuses,
            Request::Bookmarks(UserId(77)),
        ]
    }

    #[test]
    fn each_file_has_one_request() {
        for request in one_of_each() {
            assert_eq!(Request::from_file(&request.file()), Some(request));
        }
        for file in [
            "", "raw", "raw/", "raw/me", "raw/.xml", "raw/../me.xml", "raw/pages/../../x.xml", "raw/pages/007.xml",
            "raw/pages/+7.xml", "raw/pages/7/../8.xml", "/etc/passwd", "raw\\me.xml", "old/me.xml",
            "raw/journal/-1.xml",
        ] {
            assert_eq!(Request::from_file(file), None, "{file}");
        }
    }

    #[test]
    fn every_request_is_read_only() {
        for request in one_of_each() {
            assert_eq!(request.operation().retry, backpack_api::runtime::service::RetryClass::ReadOnly, "{request:?}");
        }
    }

    #[test]
    fn paths_have_no_token() {
        assert_eq!(Request::Export(UserId(77)).path(), "/users/77/export.xml");
        assert_eq!(Request::Page(PageId(2208)).path(), "/ws/page/2208");
        assert_eq!(Request::Journal(3).path(), "/journal_entries.xml?n=3");
    }
}
