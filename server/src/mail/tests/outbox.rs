//! The outbox: delivery to a mail server or a folder, retries and claims.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use backpack_api::AccountId;

use super::super::MailConfig;
use super::super::outbox::{DeliveryOutcome, enqueue};
use super::super::outbox_worker::{OutboxWorker, join_delivery};
use super::super::smtp::concerns_recipient;
use super::smtp_server::SmtpServer;
use super::{block_on, create_store, sql, timestamp};
use crate::{ApiError, Store};

/// Polls the outbox once, some seconds after the start.
fn poll(worker: &OutboxWorker, store: &Store, second: i64) -> Result<bool, ApiError> {
    block_on(worker.poll(store, || timestamp(second)))
}

/// Creates a worker that sends mail to the server.
fn create_worker(server: &SmtpServer) -> OutboxWorker {
    OutboxWorker::new(&server.config(), Arc::default()).unwrap()
}

/// Enqueues a message at the start.
fn enqueue_mail(store: &Store, recipient: &'static str, subject: &'static str, body: &'static str) {
    store.write_blocking(move |db| enqueue(db, AccountId(1), recipient, subject, body, timestamp(0))).unwrap();
}

/// Lists the messages in the outbox: recipient, attempts, and seconds from the start to the next attempt.
fn list_pending(store: &Store) -> Vec<(String, u32, i64)> {
    let messages = store.write_blocking(|db| {
        let mut all = db.prepare("SELECT recipient, attempts, next_attempt_at FROM outbox ORDER BY id")?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? - super::START));
        Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
    });
    messages.unwrap()
}

#[test]
fn sends_mail_to_the_server_and_deletes_it() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_mail(&store, "jo@example.com", "Fähre", "At nine.\n.\nSee you\n");
    assert_eq!(poll(&create_worker(&server), &store, 60), Ok(false));
    let mail = server.received.try_recv().unwrap();
    assert_eq!((mail.sender.as_str(), mail.recipient.as_str()), ("post@acme.example.com", "jo@example.com"));
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
        assert!(mail.message.contains(&format!("{line}\r\n")), "{line} is not in {}", mail.message);
    }
    assert!(mail.message.ends_with("\r\n\r\nAt nine.\r\n..\r\nSee you\r\n\r\n"), "{}", mail.message);
    assert_eq!(list_pending(&store), []);
    assert_eq!(poll(&create_worker(&server), &store, 61), Ok(false));
    assert!(server.received.try_recv().is_err());
}

#[test]
fn retries_with_increasing_delays_without_blocking_other_mail() {
    let (store, server) = (create_store(), SmtpServer::start());
    for recipient in ["busy@example.com", "cut@example.com", "gone@example.com", "no address", "jo@example.com"] {
        enqueue_mail(&store, recipient, "Ferry", "At nine.");
    }
    let worker = create_worker(&server);
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(server.received.try_recv().unwrap().recipient, "jo@example.com");
    let waiting = |attempts, next| {
        ["busy@example.com", "cut@example.com"].map(|recipient| (recipient.to_owned(), attempts, next))
    };
    assert_eq!(list_pending(&store), waiting(1, 60));
    assert_eq!(poll(&worker, &store, 59), Ok(false));
    assert_eq!(list_pending(&store), waiting(1, 60));
    assert_eq!(poll(&worker, &store, 60), Ok(false));
    assert_eq!(list_pending(&store), waiting(2, 180));
    sql(&store, "UPDATE outbox SET attempts = 20");
    assert_eq!(poll(&worker, &store, 1000), Ok(false));
    assert_eq!(list_pending(&store), waiting(21, 1000 + 256 * 60));
    assert_eq!(poll(&worker, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(list_pending(&store), []);
}

#[test]
fn keeps_mail_whose_sender_is_rejected() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    let from = Some("nobody@localhost".to_owned());
    let worker = OutboxWorker::new(
        &MailConfig { smtp: Some(server.url.clone()), from, ..MailConfig::default() },
        Arc::default(),
    )
    .unwrap();
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(list_pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(poll(&create_worker(&server), &store, 60), Ok(false));
    assert_eq!(server.received.try_recv().unwrap().recipient, "jo@example.com");
}

#[test]
fn distinguishes_rejected_recipients_from_rejected_senders() {
    for (expected, response) in [
        (true, "permanent error (550): 5.1.1 <gone@example.com>: Recipient address rejected: User unknown"),
        (true, "permanent error (550): 5.1.1 The account does not exist.\n5.1.1 Try another"),
        (true, "permanent error (550): <Gone@example.com> is unknown"),
        (false, "permanent error (553): 5.1.8 <backpack@localhost>: Sender address rejected: Domain not found"),
        (false, "permanent error (553): sorry, the sender's domain must exist"),
        (false, "permanent error (550): 5.7.1 <gone@example.com>: Relaying denied"),
        (false, "permanent error (550): not from 10.5.1.1"),
    ] {
        assert_eq!(concerns_recipient("gone@example.com", response), expected, "{response}");
    }
}

#[test]
fn a_full_batch_reports_that_there_may_be_more() {
    let (store, server) = (create_store(), SmtpServer::start());
    // One message more than a batch has.
    for _ in 0..33 {
        enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    }
    assert_eq!(poll(&create_worker(&server), &store, 0), Ok(true));
    assert_eq!(poll(&create_worker(&server), &store, 0), Ok(false));
    assert_eq!(server.received.try_iter().count(), 33);
}

#[test]
fn neither_subject_nor_recipient_can_inject_headers_or_recipients() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_mail(&store, "jo@example.com", "Ferry\r\nBcc: eve@example.com\r\n\r\nBody", "At nine.");
    enqueue_mail(&store, "jo@example.com>\r\nRCPT TO:<eve@example.com", "Ferry", "At nine.");
    enqueue_mail(&store, "jo@example.com, eve@example.com", "Ferry", "At nine.");
    poll(&create_worker(&server), &store, 0).unwrap();
    let received: Vec<_> = server.received.try_iter().collect();
    assert_eq!(received.len(), 1);
    assert!(
        received[0].message.contains("\r\nSubject: Ferry Bcc: eve@example.com Body\r\n"),
        "{}",
        received[0].message
    );
    assert!(!received[0].message.contains("\nBcc"), "{}", received[0].message);
    assert_eq!(list_pending(&store), []);
}

#[test]
fn writes_mail_into_the_folder_without_a_server() {
    let (store, folder) = (create_store(), tempfile::tempdir().unwrap());
    fs::create_dir(folder.path().join("new")).unwrap();
    let config = MailConfig { outbox: Some(folder.path().join("new")), ..MailConfig::default() };
    let worker = OutboxWorker::new(&config, Arc::default()).unwrap();
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    poll(&worker, &store, 0).unwrap();
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
    assert_eq!(list_pending(&store), []);
    fs::remove_dir_all(folder.path()).unwrap();
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    poll(&worker, &store, 0).unwrap();
    assert_eq!(list_pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
}

#[test]
fn a_panic_while_sending_is_a_transient_failure() {
    let outcome = block_on(async { join_delivery(tokio::spawn(async { panic!("a bug in sending") })).await });
    assert!(matches!(outcome, DeliveryOutcome::TransientFailure(_)), "{outcome}");
}

#[test]
fn without_a_destination_mail_waits_and_expires() {
    let store = create_store();
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    let worker = OutboxWorker::new(&MailConfig::default(), Arc::default()).unwrap();
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(list_pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(poll(&worker, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(list_pending(&store), []);
}

#[test]
fn mail_that_was_never_tried_comes_first() {
    let (store, server) = (create_store(), SmtpServer::start());
    // As many messages as a batch has.
    for _ in 0..32 {
        enqueue_mail(&store, "busy@example.com", "Ferry", "At nine.");
    }
    sql(&store, "UPDATE outbox SET attempts = 1, next_attempt_at = next_attempt_at - 60");
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    assert_eq!(poll(&create_worker(&server), &store, 0), Ok(true));
    assert_eq!(server.received.try_recv().unwrap().recipient, "jo@example.com");
}

#[test]
fn drops_mail_to_users_without_an_address() {
    let store = create_store();
    enqueue_mail(&store, "user-7@acme.invalid", "Ferry", "At nine.");
    assert_eq!(list_pending(&store), []);
}

#[test]
fn does_not_send_mail_that_it_cannot_claim() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    poll(&create_worker(&server), &store, 0).unwrap_err();
    assert!(server.received.try_recv().is_err());
    sql(&store, "DROP TRIGGER full");
    assert_eq!(poll(&create_worker(&server), &store, 1), Ok(false));
    assert_eq!(server.received.try_iter().count(), 1);
}

#[test]
fn does_not_send_mail_again_that_it_cannot_delete() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    poll(&create_worker(&server), &store, 0).unwrap_err();
    assert_eq!(poll(&create_worker(&server), &store, 59), Ok(false));
    assert_eq!(server.received.try_iter().count(), 1);
}

#[test]
fn a_claim_lasts_from_the_time_at_which_it_is_made() {
    let (store, server) = (create_store(), SmtpServer::start());
    // One message more than are delivered at a time.
    for _ in 0..5 {
        enqueue_mail(&store, "busy@example.com", "Ferry", "At nine.");
    }
    // Each look at the clock is 100 seconds later.
    let seconds = AtomicI64::new(0);
    let clock = || timestamp(seconds.fetch_add(100, Ordering::Relaxed));
    assert_eq!(block_on(create_worker(&server).poll(&store, clock)), Ok(false));
    let next_attempts: Vec<_> = list_pending(&store).into_iter().map(|(_, _, next)| next).collect();
    assert_eq!(next_attempts, [160, 160, 160, 160, 260]);
}

#[test]
fn two_workers_of_one_file_send_each_mail_once() {
    let (store, server) = (create_store(), SmtpServer::start());
    for _ in 0..8 {
        enqueue_mail(&store, "jo@example.com", "Ferry", "At nine.");
    }
    let (first, second) = (create_worker(&server), create_worker(&server));
    let both =
        block_on(async { tokio::join!(first.poll(&store, || timestamp(0)), second.poll(&store, || timestamp(0))) });
    assert_eq!(both, (Ok(false), Ok(false)));
    assert_eq!(server.received.try_iter().count(), 8);
    assert_eq!(list_pending(&store), []);
}
