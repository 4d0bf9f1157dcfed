//! Calendars.

use backpack_api::calendars::List;
use backpack_api::runtime::Serve;
use backpack_api::{Calendar, CalendarId};
use rusqlite::Row;

use crate::ApiError;
use crate::context::RequestContext;
use crate::store::rows::{read_id, read_time};

/// Which calendars somebody may see, and so may change: of the account `?1`, those of the user `?2` and those that are
/// shared.
pub(super) const VISIBLE: &str = "calendars.account_id = ?1 AND (owner_id = ?2 OR shared)";

impl RequestContext<'_> {
    /// A calendar that the caller may see, and so may change.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`] if there is none.
    pub(super) fn calendar(&self, calendar: CalendarId) -> Result<CalendarId, ApiError> {
        let visible = format!("SELECT 1 FROM calendars WHERE {VISIBLE} AND id = ?3");
        self.query_one(&visible, (self.user.account_id.0, self.user.id.0, calendar.0), |_| Ok(calendar))
    }
}

impl Serve<List> for RequestContext<'_> {
    type Refusal = ApiError;

    fn serve(&self, _: &List) -> Result<Vec<Calendar>, ApiError> {
        let visible = format!("SELECT * FROM calendars WHERE {VISIBLE} ORDER BY id");
        self.query_all(&visible, (self.user.account_id.0, self.user.id.0), calendar)
    }
}

/// The address of a calendar elsewhere, to which nothing here subscribes, is absent.
fn calendar(row: &Row<'_>) -> rusqlite::Result<Calendar> {
    let text = |column: &str| row.get::<_, String>(column);
    Ok(Calendar::new(
        read_id(row, "account_id")?,
        text("color")?,
        read_time(row, "created_at")?,
        read_id(row, "id")?,
        text("name")?,
        text("token")?,
        read_time(row, "updated_at")?,
    ))
}
