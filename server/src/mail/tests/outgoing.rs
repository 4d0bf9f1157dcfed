use std::fs;

use backpack_api::AccountId;

use super::super::outgoing::{Outcome, is_about, outcome};
use super::super::{MailConfig, MailConfigError, MailWorkers, post};
use super::smtp::Server;
use super::{at, outbox, sql, store};
use crate::{ApiError, Store};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn round(postman: &MailWorkers, store: &Store, second: i64) -> Result<bool, ApiError> {
    block_on(postman.round(store, at(second)))
}

fn to(server: &Server) -> MailWorkers {
    let from = Some("Backpack <post@acme.example.com>".to_owned());
    MailWorkers::new(&MailConfig { smtp: Some(server.url.clone()), from, ..MailConfig::default() }).unwrap()
}

fn posted(store: &Store, recipient: &'static str, subject: &'static str, body: &'static str) {
    store.write_blocking(move |db| post(db, AccountId(1), recipient, subject, body, at(0))).unwrap();
}

/// Whose mail is still to go out, after how many attempts, and in how many seconds.
fn waiting(store: &Store) -> Vec<(String, u32, i64)> {
    let waiting = store.write_blocking(|db| {
        let mut all = db.prepare("SELECT recipient, attempts, next_attempt_at FROM outbox ORDER BY id")?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? - super::START));
        Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
    });
    waiting.unwrap()
}

#[test]
fn mail_goes_to_the_server_and_is_struck_off() {
    let (store, server) = (store(), Server::start());
    posted(&store, "jo@example.com", "Fähre", "At nine.\n.\nSee you\n");
    assert_eq!(round(&to(&server), &store, 60), Ok(false));
    let taken = server.taken.try_recv().unwrap();
    assert_eq!((taken.sender.as_str(), taken.recipient.as_str()), ("post@acme.example.com", "jo@example.com"));
    for line in [
        "From: Backpack <post@acme.example.com>",
        "To: jo@example.com",
        "Subject: =?utf-8?b?RsOkaHJl?=",
        "Date: Wed, 01 Sep 2010 12:00:00 +0000",
        "Message-ID: <1283342400.1@acme.example.com>",
        "MIME-Version: 1.0",
        "Auto-Submitted: auto-generated",
        "Content-Type: text/plain; charset=utf-8",
    ] {
        assert!(taken.message.contains(&format!("{line}\r\n")), "{line} is not in {}", taken.message);
    }
    assert!(taken.message.ends_with("\r\n\r\nAt nine.\r\n..\r\nSee you\r\n\r\n"), "{}", taken.message);
    assert_eq!(waiting(&store), []);
    assert_eq!(round(&to(&server), &store, 61), Ok(false));
    assert!(server.taken.try_recv().is_err());
}

#[test]
fn mail_that_fails_waits_longer_each_time_and_blocks_no_other() {
    let (store, server) = (store(), Server::start());
    for recipient in ["busy@example.com", "cut@example.com", "gone@example.com", "no address", "jo@example.com"] {
        posted(&store, recipient, "Ferry", "At nine.");
    }
    let postman = to(&server);
    assert_eq!(round(&postman, &store, 0), Ok(false));
    assert_eq!(server.taken.try_recv().unwrap().recipient, "jo@example.com");
    let wait = |attempts, next| {
        ["busy@example.com", "cut@example.com"].map(|recipient| (recipient.to_owned(), attempts, next))
    };
    assert_eq!(waiting(&store), wait(1, 60));
    assert_eq!(round(&postman, &store, 59), Ok(false));
    assert_eq!(waiting(&store), wait(1, 60));
    assert_eq!(round(&postman, &store, 60), Ok(false));
    assert_eq!(waiting(&store), wait(2, 180));
    sql(&store, "UPDATE outbox SET attempts = 20");
    assert_eq!(round(&postman, &store, 1000), Ok(false));
    assert_eq!(waiting(&store), wait(21, 1000 + 256 * 60));
    assert_eq!(round(&postman, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(waiting(&store), []);
}

#[test]
fn a_refused_sender_loses_no_mail() {
    let (store, server) = (store(), Server::start());
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    let from = Some("nobody@localhost".to_owned());
    let postman =
        MailWorkers::new(&MailConfig { smtp: Some(server.url.clone()), from, ..MailConfig::default() }).unwrap();
    assert_eq!(round(&postman, &store, 0), Ok(false));
    assert_eq!(waiting(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(round(&to(&server), &store, 60), Ok(false));
    assert_eq!(server.taken.try_recv().unwrap().recipient, "jo@example.com");
}

#[test]
fn what_is_said_of_a_recipient_is_told_from_what_is_said_of_a_sender() {
    for (about, answer) in [
        (true, "permanent error (550): 5.1.1 <gone@example.com>: Recipient address rejected: User unknown"),
        (true, "permanent error (550): 5.1.1 The account does not exist.\n5.1.1 Try another"),
        (true, "permanent error (550): <Gone@example.com> is unknown"),
        (false, "permanent error (553): 5.1.8 <backpack@localhost>: Sender address rejected: Domain not found"),
        (false, "permanent error (553): sorry, the sender's domain must exist"),
        (false, "permanent error (550): 5.7.1 <gone@example.com>: Relaying denied"),
        (false, "permanent error (550): not from 10.5.1.1"),
    ] {
        assert_eq!(is_about("gone@example.com", answer), about, "{answer}");
    }
}

#[test]
fn a_round_ends_with_more_to_do_when_there_is_more() {
    let (store, server) = (store(), Server::start());
    for _ in 0..33 {
        posted(&store, "jo@example.com", "Ferry", "At nine.");
    }
    assert_eq!(round(&to(&server), &store, 0), Ok(true));
    assert_eq!(round(&to(&server), &store, 0), Ok(false));
    assert_eq!(server.taken.try_iter().count(), 33);
}

#[test]
fn no_text_makes_a_header_or_a_recipient() {
    let (store, server) = (store(), Server::start());
    posted(&store, "jo@example.com", "Ferry\r\nBcc: eve@example.com\r\n\r\nBody", "At nine.");
    posted(&store, "jo@example.com>\r\nRCPT TO:<eve@example.com", "Ferry", "At nine.");
    posted(&store, "jo@example.com, eve@example.com", "Ferry", "At nine.");
    round(&to(&server), &store, 0).unwrap();
    let taken: Vec<_> = server.taken.try_iter().collect();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].message.contains("\r\nSubject: Ferry Bcc: eve@example.com Body\r\n"), "{}", taken[0].message);
    assert!(!taken[0].message.contains("\nBcc"), "{}", taken[0].message);
    assert_eq!(waiting(&store), []);
}

#[test]
fn without_a_server_mail_goes_into_the_folder() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let settings = MailConfig { outbox: Some(folder.path().join("new")), ..MailConfig::default() };
    let postman = MailWorkers::new(&settings).unwrap();
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    round(&postman, &store, 0).unwrap();
    let names: Vec<_> =
        fs::read_dir(folder.path().join("new")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["1283342400-1.eml"]);
    let message = fs::read_to_string(folder.path().join("new/1283342400-1.eml")).unwrap();
    assert!(message.starts_with("From: Backpack <backpack@localhost>\r\nTo: jo@example.com\r\n"), "{message}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("new/1283342400-1.eml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(waiting(&store), []);
    fs::remove_dir_all(folder.path()).unwrap();
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    round(&postman, &store, 0).unwrap();
    assert_eq!(waiting(&store), [("jo@example.com".to_owned(), 1, 60)]);
}

#[test]
fn what_falls_due_goes_out_in_the_same_round() {
    let (store, server) = (store(), Server::start());
    sql(
        &store,
        "INSERT INTO reminders (creator_id, content, remind_at) VALUES (1, 'Call back', 1283342400);
         INSERT INTO remindees VALUES (1, 2)",
    );
    round(&to(&server), &store, 0).unwrap();
    assert_eq!(server.taken.try_recv().unwrap().recipient, "al@example.com");
    assert_eq!(store.write_blocking(outbox).unwrap(), []);
}

#[test]
fn the_postman_stops_when_told() {
    let (store, server) = (std::sync::Arc::new(store()), Server::start());
    let (stop, stopped) = tokio::sync::watch::channel(false);
    stop.send(true).unwrap();
    block_on(to(&server).run(store, || at(0), stopped));
}

#[test]
fn the_postman_goes_by_the_clock_of_the_service() {
    const IN_A_CENTURY: i64 = 100 * 365 * 24 * 3600;
    let (store, server) = (std::sync::Arc::new(store()), Server::start());
    let content = "At nine.";
    let posted =
        store.write_blocking(move |db| post(db, AccountId(1), "jo@example.com", "", content, at(IN_A_CENTURY)));
    posted.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let postman = to(&server);
    let running = std::thread::spawn(move || block_on(postman.run(store, || at(IN_A_CENTURY), stopped)));
    let taken = server.taken.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(taken.recipient, "jo@example.com");
    stop.send(true).unwrap();
    running.join().unwrap();
}

#[test]
fn sending_that_panics_is_a_mail_for_later() {
    let outcome = block_on(async { outcome(tokio::spawn(async { panic!("a mistake in sending") })).await });
    assert!(matches!(outcome, Outcome::Later(_)), "{outcome}");
}

#[test]
fn mail_without_a_way_waits_and_is_given_up_at_last() {
    let store = store();
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    let postman = MailWorkers::new(&MailConfig::default()).unwrap();
    assert_eq!(round(&postman, &store, 0), Ok(false));
    assert_eq!(waiting(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(round(&postman, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(waiting(&store), []);
}

#[test]
fn settings_that_are_wrong_are_told_without_the_password() {
    let smtp = |url: &str| MailConfig { smtp: Some(url.to_owned()), ..MailConfig::default() };
    for url in ["", "mail.example.com", "http://jo:s3cret@example.com", "smtps://jo:s3cret@"] {
        let error = MailWorkers::new(&smtp(url)).unwrap_err();
        assert!(matches!(error, MailConfigError::InvalidSmtpUrl), "{url}");
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
    let mut right = smtp("smtps://jo:s3cret@mail.example.com");
    assert!(matches!(MailWorkers::new(&right), Err(MailConfigError::MissingSender)));
    right.from = Some("backpack@example.com".to_owned());
    let postman = MailWorkers::new(&right).unwrap();
    assert!(!format!("{right:?} {postman:?}").contains("s3cret"));
    let from = MailConfig { from: Some("nobody".to_owned()), ..MailConfig::default() };
    assert!(matches!(MailWorkers::new(&from), Err(MailConfigError::InvalidSender(_))));
}

#[test]
fn mail_that_was_not_tried_yet_comes_first() {
    let (store, server) = (store(), Server::start());
    for _ in 0..32 {
        posted(&store, "busy@example.com", "Ferry", "At nine.");
    }
    sql(&store, "UPDATE outbox SET attempts = 1, next_attempt_at = next_attempt_at - 60");
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    assert_eq!(round(&to(&server), &store, 0), Ok(true));
    assert_eq!(server.taken.try_recv().unwrap().recipient, "jo@example.com");
}

#[test]
fn mail_that_cannot_be_put_off_is_not_sent() {
    let (store, server) = (store(), Server::start());
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    round(&to(&server), &store, 0).unwrap_err();
    assert!(server.taken.try_recv().is_err());
    sql(&store, "DROP TRIGGER full");
    assert_eq!(round(&to(&server), &store, 1), Ok(false));
    assert_eq!(server.taken.try_iter().count(), 1);
}

#[test]
fn mail_that_cannot_be_struck_off_is_not_sent_in_each_round() {
    let (store, server) = (store(), Server::start());
    posted(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    round(&to(&server), &store, 0).unwrap_err();
    assert_eq!(round(&to(&server), &store, 59), Ok(false));
    assert_eq!(server.taken.try_iter().count(), 1);
}

#[test]
fn two_postmen_of_one_file_send_a_mail_once() {
    let (store, server) = (store(), Server::start());
    for _ in 0..8 {
        posted(&store, "jo@example.com", "Ferry", "At nine.");
    }
    let (one, other) = (to(&server), to(&server));
    let both = block_on(async { tokio::join!(one.round(&store, at(0)), other.round(&store, at(0))) });
    assert_eq!(both, (Ok(false), Ok(false)));
    assert_eq!(server.taken.try_iter().count(), 8);
    assert_eq!(waiting(&store), []);
}
