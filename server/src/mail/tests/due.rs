use backpack_api::runtime::Serve;
use backpack_api::{
    CalendarEventChanges, CalendarEventId, NewCalendarEvent, NewReminder, UserId, calendar_events, reminders,
};

use super::super::due::{due, post_due};
use super::{act, at, outbox, sql, store};
use crate::Store;

fn post_at(store: &Store, second: i64) -> Vec<(String, String, String)> {
    let posted = store.write_blocking(move |db| {
        assert_eq!(due(db, at(second))?.len(), post_due(db, at(second))?);
        let posted = outbox(db)?;
        db.execute_batch("DELETE FROM outbox")?;
        Ok(posted)
    });
    posted.unwrap()
}

fn recipients(store: &Store, second: i64) -> Vec<String> {
    post_at(store, second).into_iter().map(|(recipient, ..)| recipient).collect()
}

/// An event of Jo's.
fn event(store: &Store, title: &'static str) {
    sql(
        store,
        "INSERT INTO calendars (account_id, owner_id, name, color, token, created_at, updated_at)
         VALUES (1, 1, 'Home', '3c7a89', hex(randomblob(20)), 0, 0)",
    );
    act(store, 0, move |context| {
        let event = NewCalendarEvent::new(backpack_api::CalendarId(1), title).remind(true);
        context.serve(&calendar_events::Create::new(event))
    });
}

#[test]
fn a_reminder_goes_out_once_when_its_time_has_come() {
    let store = store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back\nabout the boat"))));
    assert_eq!(post_at(&store, 1799), []);
    let body = "Call back\nabout the boat\n\nWednesday, 1 September 2010, 13:30\n";
    assert_eq!(
        post_at(&store, 1800),
        [("jo@example.com".to_owned(), "Reminder: Call back".to_owned(), body.to_owned())]
    );
    assert_eq!(post_at(&store, 1801), []);
    assert_eq!(
        act(&store, 1801, |context| context.query_one("SELECT sent_at FROM reminders", (), |row| row.get::<_, i64>(0))),
        1_283_344_200
    );
}

#[test]
fn a_reminder_that_fell_due_while_nobody_was_there_goes_out_late() {
    let store = store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back"))));
    assert_eq!(recipients(&store, 30 * 24 * 3600), ["jo@example.com"]);
}

#[test]
fn everybody_is_reminded_in_the_way_and_the_time_zone_that_they_set() {
    let store = store();
    sql(
        &store,
        "UPDATE users SET use_24h_clock = 0, remind_via_mobile = 1, mobile_phone_number = '+44 7700-900123',
             mobile_phone_host = 'sms.example.com' WHERE name = 'Al';
         UPDATE users SET remind_via_email = 0 WHERE name = 'Jo'",
    );
    act(&store, 0, |context| {
        let reminder = NewReminder::new("+0:30 Regatta").remindees([UserId(1), UserId(2)]);
        context.serve(&reminders::Create::new(reminder))
    });
    let time = "Wednesday, 1 September 2010, 2:30 AM";
    assert_eq!(
        post_at(&store, 1800),
        [
            ("al@example.com", "Reminder: Regatta", format!("Regatta\n\n{time}\nSet by Jo\n")),
            ("447700900123@sms.example.com", "Reminder", format!("Regatta\n{time}\n")),
        ]
        .map(|(to, subject, body)| (to.to_owned(), subject.to_owned(), body))
    );
}

#[test]
fn an_event_is_reminded_of_once_30_minutes_ahead() {
    let store = store();
    event(&store, "9/2 6:30pm Film");
    // 18:00 in London, which is at UTC+1.
    let due = (24 + 5) * 3600;
    assert_eq!(recipients(&store, due - 1), [""; 0]);
    let posted = post_at(&store, due);
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].1, "Reminder: Film");
    assert_eq!(posted[0].2, "Film\n\nThursday, 2 September 2010, 18:30\n");
    assert_eq!(recipients(&store, due + 1), [""; 0]);
}

#[test]
fn an_event_that_moves_is_reminded_of_again_with_what_else_there_is_to_say() {
    let store = store();
    event(&store, "9/2 6:30pm Film");
    let due = (24 + 5) * 3600;
    assert_eq!(recipients(&store, due), ["jo@example.com"]);
    act(&store, due, |context| {
        let changes = CalendarEventChanges::new().occurs_at(at((24 + 5) * 3600 + 7200)).message("Row 7");
        context.serve(&calendar_events::Update::new(CalendarEventId(1), changes))
    });
    assert_eq!(recipients(&store, due + 5399), [""; 0]);
    let posted = post_at(&store, due + 5400);
    assert_eq!(posted[0].2, "Film\n\nThursday, 2 September 2010, 20:00\n\nRow 7\n");
}

#[test]
fn a_whole_day_begins_where_its_writer_is() {
    for (zone, offset) in [("London", 1), ("Hawaii", -10), ("Auckland", 12)] {
        let store = store();
        store.write_blocking(move |db| Ok(db.execute("UPDATE users SET time_zone = ?1", [zone])?)).unwrap();
        event(&store, "9/4 Trip");
        let due = (2 * 24 + 12 - offset) * 3600 - 1800;
        assert_eq!(recipients(&store, due - 1), [""; 0], "{zone}");
        let posted = post_at(&store, due);
        assert_eq!(posted.len(), 1, "{zone}");
        assert_eq!(posted[0].2, "Trip\n\nSaturday, 4 September 2010\n", "{zone}");
    }
}

#[test]
fn what_was_past_when_it_was_written_or_long_ago_is_not_reminded_of() {
    let store = store();
    event(&store, "9/2 6:30pm Film");
    let begins = (24 + 5) * 3600 + 1800;
    assert_eq!(recipients(&store, begins + 25 * 3600), [""; 0]);
    sql(&store, "UPDATE events SET updated_at = occurs_at");
    assert_eq!(recipients(&store, begins), [""; 0]);
    sql(&store, "UPDATE events SET updated_at = occurs_at - 1");
    assert_eq!(recipients(&store, begins), ["jo@example.com"]);
}

#[test]
fn an_event_without_remind_is_not_reminded_of() {
    let store = store();
    event(&store, "9/2 6:30pm Film");
    sql(&store, "UPDATE events SET remind = 0");
    assert_eq!(recipients(&store, (24 + 5) * 3600), [""; 0]);
}

#[test]
fn what_breaks_off_is_neither_lost_nor_doubled() {
    let store = store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back"))));
    let broken = store.write_blocking(|db| {
        assert_eq!(post_due(db, at(1800))?, 1);
        Err::<(), _>(crate::ApiError::Internal)
    });
    assert_eq!(broken, Err(crate::ApiError::Internal));
    assert_eq!(recipients(&store, 1801), ["jo@example.com"]);
    assert_eq!(recipients(&store, 1802), [""; 0]);
}
