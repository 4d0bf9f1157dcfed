//! The cost of the polls, and of incoming mail.

use super::super::mime::ParsedMail;
use super::super::{incoming, outbox, reminders};
use super::timestamp;
use crate::store::tests::load::{Call, assert_constant_cost};

#[test]
fn the_cost_of_mail_does_not_depend_on_unrelated_rows() {
    let mail = ParsedMail::parse(b"To: crowded@acme.example.com\r\nSubject: note: Ferry\r\n\r\nAt nine").unwrap();
    let calls: Vec<Call<'_>> = vec![
        ("find due reminders", Box::new(|db| reminders::find_due(db, timestamp(0)).map(drop))),
        ("enqueue due reminders", Box::new(|db| reminders::enqueue_due(db, timestamp(3600)).map(drop))),
        (
            "find reminders of a backlog",
            Box::new(|db| {
                assert_eq!(reminders::find_due(db, timestamp(6 * 3600))?.len(), reminders::BATCH_SIZE);
                Ok(())
            }),
        ),
        (
            "find messages of a backlog",
            Box::new(|db| {
                assert_eq!(outbox::find_ready(db, timestamp(24 * 3600))?.len(), outbox::BATCH_SIZE);
                Ok(())
            }),
        ),
        ("find messages", Box::new(|db| outbox::find_ready(db, timestamp(0)).map(drop))),
        (
            "claim a message",
            Box::new(|db| {
                let ready = outbox::find_ready(db, timestamp(0))?;
                assert_eq!(ready.len(), 1);
                assert_eq!(outbox::claim(db, ready, timestamp(0))?.len(), 1);
                Ok(())
            }),
        ),
        ("store a mail", Box::new(|db| incoming::store_mail(db, &mail, timestamp(0)).map(drop))),
    ];
    assert_constant_cost(&calls);
}
