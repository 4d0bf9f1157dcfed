//! Due reminders and events, and the mail that they put into the outbox.

use backpack_api::runtime::Serve;
use backpack_api::{
    CalendarEventChanges, CalendarEventId, NewCalendarEvent, NewReminder, UserId, calendar_events, reminders,
};

use super::super::reminders::{enqueue_due, find_due};
use super::{act, create_store, list_outbox, run_sql, timestamp};
use crate::Store;

/// Event of Jo in London, on the day after the start of the tests.
const FILM: &str = "9/2 6:30pm Film";

/// Start of [`FILM`], in seconds after the start of the tests: 18:30 in London is 17:30 in UTC, 29.5 hours later.
const FILM_BEGINS: i64 = 29 * 3600 + 1800;

/// Enqueues due mail some seconds after the start, and empties the outbox. Returns recipient, subject and body of each
/// message.
fn enqueue_at(store: &Store, second: i64) -> Vec<(String, String, String)> {
    let enqueued = store.write_blocking(move |db| {
        assert_eq!(find_due(db, timestamp(second))?.len(), enqueue_due(db, timestamp(second))?);
        let messages = list_outbox(db)?;
        db.execute_batch("DELETE FROM outbox")?;
        Ok(messages)
    });
    enqueued.unwrap()
}

/// Enqueues due mail, and returns the recipient of each message.
fn enqueue_and_list_recipients(store: &Store, second: i64) -> Vec<String> {
    enqueue_at(store, second).into_iter().map(|(recipient, ..)| recipient).collect()
}

/// Creates an event of Jo with a reminder, in a new calendar.
fn create_event(store: &Store, title: &'static str) {
    run_sql(
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
fn enqueues_a_due_reminder_once() {
    let store = create_store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back\nabout the boat"))));
    assert_eq!(enqueue_at(&store, 1799), []);
    let body = "Call back\nabout the boat\n\nWednesday, 1 September 2010, 13:30\n";
    assert_eq!(
        enqueue_at(&store, 1800),
        [("jo@example.com".to_owned(), "Reminder: Call back".to_owned(), body.to_owned())]
    );
    assert_eq!(enqueue_at(&store, 1801), []);
    assert_eq!(
        act(&store, 1801, |context| context.query_one("SELECT sent_at FROM reminders", (), |row| row.get::<_, i64>(0))),
        timestamp(1800).as_second()
    );
}

#[test]
fn enqueues_reminders_that_became_due_while_the_server_was_down() {
    let store = create_store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back"))));
    assert_eq!(enqueue_and_list_recipients(&store, 30 * 24 * 3600), ["jo@example.com"]);
}

#[test]
fn respects_the_addresses_and_the_time_zone_of_each_remindee() {
    let store = create_store();
    run_sql(
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
        enqueue_at(&store, 1800),
        [
            ("al@example.com", "Reminder: Regatta", format!("Regatta\n\n{time}\nSet by Jo\n")),
            ("447700900123@sms.example.com", "Reminder", format!("Regatta\n{time}\n")),
        ]
        .map(|(to, subject, body)| (to.to_owned(), subject.to_owned(), body))
    );
}

#[test]
fn enqueues_the_mail_of_an_event_once_30_minutes_ahead() {
    let store = create_store();
    create_event(&store, FILM);
    let due = FILM_BEGINS - 1800;
    assert_eq!(enqueue_and_list_recipients(&store, due - 1), [""; 0]);
    let enqueued = enqueue_at(&store, due);
    assert_eq!(enqueued.len(), 1);
    assert_eq!(enqueued[0].1, "Reminder: Film");
    assert_eq!(enqueued[0].2, "Film\n\nThursday, 2 September 2010, 18:30\n");
    assert_eq!(enqueue_and_list_recipients(&store, due + 1), [""; 0]);
}

#[test]
fn enqueues_a_moved_event_again_with_its_message() {
    let store = create_store();
    create_event(&store, FILM);
    let due = FILM_BEGINS - 1800;
    assert_eq!(enqueue_and_list_recipients(&store, due), ["jo@example.com"]);
    act(&store, due, |context| {
        let changes = CalendarEventChanges::new().occurs_at(timestamp(FILM_BEGINS + 5400)).message("Row 7");
        context.serve(&calendar_events::Update::new(CalendarEventId(1), changes))
    });
    assert_eq!(enqueue_and_list_recipients(&store, due + 5399), [""; 0]);
    let enqueued = enqueue_at(&store, due + 5400);
    assert_eq!(enqueued[0].2, "Film\n\nThursday, 2 September 2010, 20:00\n\nRow 7\n");
}

#[test]
fn an_all_day_event_begins_in_the_time_zone_of_its_creator() {
    for (zone, offset) in [("London", 1), ("Hawaii", -10), ("Auckland", 12)] {
        let store = create_store();
        store.write_blocking(move |db| Ok(db.execute("UPDATE users SET time_zone = ?1", [zone])?)).unwrap();
        create_event(&store, "9/4 Trip");
        // 4 September begins 2.5 days after the start in UTC, and `offset` hours earlier in the time zone.
        let due = (2 * 24 + 12 - offset) * 3600 - 1800;
        assert_eq!(enqueue_and_list_recipients(&store, due - 1), [""; 0], "{zone}");
        let enqueued = enqueue_at(&store, due);
        assert_eq!(enqueued.len(), 1, "{zone}");
        assert_eq!(enqueued[0].2, "Trip\n\nSaturday, 4 September 2010\n", "{zone}");
    }
}

#[test]
fn skips_events_that_were_past_when_written_or_began_long_ago() {
    let store = create_store();
    create_event(&store, FILM);
    assert_eq!(enqueue_and_list_recipients(&store, FILM_BEGINS + 25 * 3600), [""; 0]);
    run_sql(&store, "UPDATE events SET updated_at = occurs_at");
    assert_eq!(enqueue_and_list_recipients(&store, FILM_BEGINS), [""; 0]);
    run_sql(&store, "UPDATE events SET updated_at = occurs_at - 1");
    assert_eq!(enqueue_and_list_recipients(&store, FILM_BEGINS), ["jo@example.com"]);
}

#[test]
fn skips_events_without_remind() {
    let store = create_store();
    create_event(&store, FILM);
    run_sql(&store, "UPDATE events SET remind = 0");
    assert_eq!(enqueue_and_list_recipients(&store, FILM_BEGINS - 1800), [""; 0]);
}

#[test]
fn a_rolled_back_transaction_neither_loses_nor_duplicates_mail() {
    let store = create_store();
    act(&store, 0, |context| context.serve(&reminders::Create::new(NewReminder::new("+30 Call back"))));
    let rolled_back = store.write_blocking(|db| {
        assert_eq!(enqueue_due(db, timestamp(1800))?, 1);
        Err::<(), _>(crate::ApiError::Internal)
    });
    assert_eq!(rolled_back, Err(crate::ApiError::Internal));
    assert_eq!(enqueue_and_list_recipients(&store, 1801), ["jo@example.com"]);
    assert_eq!(enqueue_and_list_recipients(&store, 1802), [""; 0]);
}
