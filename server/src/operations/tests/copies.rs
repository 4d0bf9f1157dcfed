//! Columns that repeat a value of another table, since an index needs it: they change with the original.

use backpack_api::runtime::Serve;
use backpack_api::runtime::jiff::civil::{DateTime, date};
use backpack_api::{NewReminder, UserId, pages, reminders, tags};

use super::run_as_jo;
use crate::context::RequestContext;
use crate::users::tests::new_user;
use crate::{ApiError, tokens, users};

/// Lists the times of the reminders that are upcoming for a user.
fn list_upcoming(context: &RequestContext<'_>, user: UserId) -> Result<Vec<DateTime>, ApiError> {
    let user = tokens::authenticate(context.db, "acme", Some(tokens::create(context.db, user)?.expose()))?;
    let upcoming = RequestContext { user: &user, ..*context }.serve(&reminders::List::new())?;
    Ok(upcoming.into_iter().map(|reminder| reminder.remind_at).collect())
}

#[test]
fn a_reminder_that_moves_is_upcoming_at_its_new_time_for_everyone_who_sees_it() {
    run_as_jo(|context| {
        let al = users::create(context.db, "acme", &new_user("Al", "al@example.com"))?;
        let [soon, later] = [1970, 1971].map(|year| date(year, 2, 1).at(9, 0, 0, 0));
        let new = NewReminder::new("Call back").remind_at(soon).remindees([al]);
        let id = context.serve(&reminders::Create::new(new))?.id;
        for user in [context.user.id, al] {
            assert_eq!(list_upcoming(context, user)?, [soon]);
        }
        context.serve(&reminders::Update::new(id, NewReminder::new("Call back").remind_at(later)))?;
        for user in [context.user.id, al] {
            assert_eq!(list_upcoming(context, user)?, [later]);
        }
        context.execute("UPDATE reminders SET remind_at = -1", ())?;
        for user in [context.user.id, al] {
            assert_eq!(list_upcoming(context, user)?, [], "the reminder is past");
        }
        Ok(())
    });
}

#[test]
fn a_tag_is_the_same_in_any_case_of_any_letters() {
    run_as_jo(|context| {
        for (title, names) in
            [("Trip", ["Fähren", "FÄHREN"]), ("Boat", ["fähren", "Travel"]), ("Bikes", ["TRAVEL", "Fähren "])]
        {
            let page = context.serve(&pages::Create::new(title))?.id;
            context.serve(&tags::Set::new(page, names))?;
        }
        let tags = context.query_all("SELECT name FROM tags ORDER BY id", (), |row| row.get::<_, String>(0))?;
        assert_eq!(tags, ["Fähren", "Travel"]);
        Ok(())
    });
}
