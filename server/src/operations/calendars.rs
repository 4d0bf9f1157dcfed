//! Calendars.

use backpack_api::calendars::List;
use backpack_api::runtime::Serve;
use backpack_api::{Calendar, CalendarId};
use rusqlite::Row;

use crate::Refusal;
use crate::call::{Call, id, time};

/// Which calendars somebody may see, and so may change: of the account `?1`, those of the user `?2` and those that are
/// shared.
pub(super) const VISIBLE: &str = "calendars.account_id = ?1 AND (owner_id = ?2 OR shared)";

impl Call<'_> {
    /// A calendar that the caller may see, and so may change.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if there is none.
    pub(super) fn calendar(&self, calendar: CalendarId) -> Result<CalendarId, Refusal> {
        let visible = format!("SELECT 1 FROM calendars WHERE {VISIBLE} AND id = ?3");
        self.row(&visible, (self.me.account_id.0, self.me.id.0, calendar.0), |_| Ok(calendar))
    }
}

impl Serve<List> for Call<'_> {
    type Refusal = Refusal;

    fn serve(&self, _: &List) -> Result<Vec<Calendar>, Refusal> {
        let visible = format!("SELECT * FROM calendars WHERE {VISIBLE} ORDER BY id");
        self.rows(&visible, (self.me.account_id.0, self.me.id.0), calendar)
    }
}

/// The address of a calendar elsewhere, to which nothing here subscribes, is absent.
fn calendar(row: &Row<'_>) -> rusqlite::Result<Calendar> {
    let text = |column: &str| row.get::<_, String>(column);
    Ok(Calendar::new(
        id(row, "account_id")?,
        text("color")?,
        time(row, "created_at")?,
        id(row, "id")?,
        text("name")?,
        text("token")?,
        time(row, "updated_at")?,
    ))
}
