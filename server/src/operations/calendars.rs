//! Calendars.

use backpack_api::calendars::List;
use backpack_api::runtime::Serve;
use backpack_api::{Calendar, CalendarId};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// SQL condition for the calendars of account `?1` that user `?2` may see, and therefore change: the user's own and the
/// shared ones. The two conditions have an index each.
pub(super) const IS_VISIBLE: &str = "(owner_id = ?2 OR calendars.account_id = ?1 AND shared)";

impl RequestContext<'_> {
    /// Returns `calendar` if the user may see it, and therefore change it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is no such calendar, or the user may not see it.
    pub(super) fn check_calendar(&self, calendar: CalendarId) -> Result<CalendarId, ApiError> {
        let visible = format!("SELECT 1 FROM calendars WHERE {IS_VISIBLE} AND id = ?3");
        self.query_one(&visible, (self.user.account_id.0, self.user.id.0, calendar.0), |_| Ok(calendar))
    }
}

impl Serve<List> for RequestContext<'_> {
    type Error = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Calendar>, ApiError> {
        let visible = format!("SELECT * FROM calendars WHERE {IS_VISIBLE} ORDER BY id");
        self.query_all(&visible, (self.user.account_id.0, self.user.id.0), read_calendar)
    }
}

/// Reads a calendar. Its subscription URL is absent unless an import has set it: this server does not subscribe to
/// external calendars.
fn read_calendar(row: &Row<'_>) -> rusqlite::Result<Calendar> {
    let text = |column: &str| row.get::<_, String>(column);
    let mut calendar = Calendar::new(
        read_id(row, "account_id")?,
        text("color")?,
        read_time(row, "created_at")?,
        read_id(row, "id")?,
        text("name")?,
        text("token")?,
        read_time(row, "updated_at")?,
    );
    calendar.ical_subscription_url = row.get("ical_subscription_url")?;
    Ok(calendar)
}
