//! Notation of times in exports.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::tz::TimeZone;

use crate::model::ArchivedPage;

/// Formats a time for people, in UTC: `2009-03-14 08:05 UTC`.
pub(crate) fn format_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Formats the date of a time in UTC: `2009-03-14`.
pub(crate) fn format_date(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).date().to_string()
}

/// Returns the times of the oldest and of the newest change on a page, as far as its contents have them. The API gives
/// no times of the page itself.
pub(crate) fn find_page_times(archived: &ArchivedPage) -> Option<(Timestamp, Timestamp)> {
    let page = &archived.page;
    let items = page.lists.iter().flat_map(|list| &list.items).chain(&page.items);
    let notes = page.notes.iter().map(|note| note.created_at);
    let emails = page.emails.iter().map(|email| email.created_at);
    let times = || notes.clone().chain(emails.clone()).chain(items.clone().filter_map(|item| item.updated_at));
    Some((times().min()?, times().max()?))
}
