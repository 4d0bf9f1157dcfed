use std::fs;
use std::sync::Arc;

use backpack_api::AccountId;

use super::super::MailConfig;
use super::super::outbox::{DeliveryOutcome, enqueue};
use super::super::outbox_worker::{OutboxWorker, join_delivery};
use super::super::smtp::concerns_recipient;
use super::smtp_server::SmtpServer;
use super::{at, block_on, create_store, sql};
use crate::{Refusal, Store};

fn poll(worker: &OutboxWorker, store: &Store, second: i64) -> Result<bool, Refusal> {
    block_on(worker.poll(store, at(second)))
}

fn worker_for(server: &SmtpServer) -> OutboxWorker {
    OutboxWorker::new(&server.config(), Arc::default()).unwrap()
}

fn enqueue_for(store: &Store, recipient: &'static str, subject: &'static str, body: &'static str) {
    store.write_blocking(move |db| enqueue(db, AccountId(1), recipient, subject, body, at(0))).unwrap();
}

/// Recipient, attempts and seconds until the next attempt of each message in the outbox.
fn pending(store: &Store) -> Vec<(String, u32, i64)> {
    let pending = store.write_blocking(|db| {
        let mut all = db.prepare("SELECT recipient, attempts, next_attempt_at FROM outbox ORDER BY id")?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)? - super::START));
        Ok(all.query_map((), row)?.collect::<Result<_, _>>()?)
    });
    pending.unwrap()
}

#[test]
fn sends_mail_to_the_server_and_deletes_it() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_for(&store, "jo@example.com", "Fähre", "At nine.\n.\nSee you\n");
    assert_eq!(poll(&worker_for(&server), &store, 60), Ok(false));
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
    assert_eq!(pending(&store), []);
    assert_eq!(poll(&worker_for(&server), &store, 61), Ok(false));
    assert!(server.received.try_recv().is_err());
}

#[test]
fn retries_with_increasing_delays_without_blocking_other_mail() {
    let (store, server) = (create_store(), SmtpServer::start());
    for recipient in ["busy@example.com", "cut@example.com", "gone@example.com", "no address", "jo@example.com"] {
        enqueue_for(&store, recipient, "Ferry", "At nine.");
    }
    let worker = worker_for(&server);
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(server.received.try_recv().unwrap().recipient, "jo@example.com");
    let wait = |attempts, next| {
        ["busy@example.com", "cut@example.com"].map(|recipient| (recipient.to_owned(), attempts, next))
    };
    assert_eq!(pending(&store), wait(1, 60));
    assert_eq!(poll(&worker, &store, 59), Ok(false));
    assert_eq!(pending(&store), wait(1, 60));
    assert_eq!(poll(&worker, &store, 60), Ok(false));
    assert_eq!(pending(&store), wait(2, 180));
    sql(&store, "UPDATE outbox SET attempts = 20");
    assert_eq!(poll(&worker, &store, 1000), Ok(false));
    assert_eq!(pending(&store), wait(21, 1000 + 256 * 60));
    assert_eq!(poll(&worker, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(pending(&store), []);
}

#[test]
fn keeps_mail_whose_sender_is_rejected() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    let from = Some("nobody@localhost".to_owned());
    let worker = OutboxWorker::new(
        &MailConfig { smtp: Some(server.url.clone()), from, ..MailConfig::default() },
        Arc::default(),
    )
    .unwrap();
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(poll(&worker_for(&server), &store, 60), Ok(false));
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
    for _ in 0..33 {
        enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    }
    assert_eq!(poll(&worker_for(&server), &store, 0), Ok(true));
    assert_eq!(poll(&worker_for(&server), &store, 0), Ok(false));
    assert_eq!(server.received.try_iter().count(), 33);
}

#[test]
fn neither_subject_nor_recipient_can_inject_headers_or_recipients() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_for(&store, "jo@example.com", "Ferry\r\nBcc: eve@example.com\r\n\r\nBody", "At nine.");
    enqueue_for(&store, "jo@example.com>\r\nRCPT TO:<eve@example.com", "Ferry", "At nine.");
    enqueue_for(&store, "jo@example.com, eve@example.com", "Ferry", "At nine.");
    poll(&worker_for(&server), &store, 0).unwrap();
    let received: Vec<_> = server.received.try_iter().collect();
    assert_eq!(received.len(), 1);
    assert!(
        received[0].message.contains("\r\nSubject: Ferry Bcc: eve@example.com Body\r\n"),
        "{}",
        received[0].message
    );
    assert!(!received[0].message.contains("\nBcc"), "{}", received[0].message);
    assert_eq!(pending(&store), []);
}

#[test]
fn writes_mail_into_the_folder_without_a_server() {
    let (store, folder) = (create_store(), tempfile::tempdir().unwrap());
    let config = MailConfig { outbox: Some(folder.path().join("new")), ..MailConfig::default() };
    let worker = OutboxWorker::new(&config, Arc::default()).unwrap();
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
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
    assert_eq!(pending(&store), []);
    fs::remove_dir_all(folder.path()).unwrap();
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    poll(&worker, &store, 0).unwrap();
    assert_eq!(pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
}

#[test]
fn a_panic_while_sending_is_a_transient_failure() {
    let outcome = block_on(async { join_delivery(tokio::spawn(async { panic!("a bug in sending") })).await });
    assert!(matches!(outcome, DeliveryOutcome::TransientFailure(_)), "{outcome}");
}

#[test]
fn without_a_destination_mail_waits_and_expires() {
    let store = create_store();
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    let worker = OutboxWorker::new(&MailConfig::default(), Arc::default()).unwrap();
    assert_eq!(poll(&worker, &store, 0), Ok(false));
    assert_eq!(pending(&store), [("jo@example.com".to_owned(), 1, 60)]);
    assert_eq!(poll(&worker, &store, 5 * 24 * 3600), Ok(false));
    assert_eq!(pending(&store), []);
}

#[test]
fn mail_that_was_never_tried_comes_first() {
    let (store, server) = (create_store(), SmtpServer::start());
    for _ in 0..32 {
        enqueue_for(&store, "busy@example.com", "Ferry", "At nine.");
    }
    sql(&store, "UPDATE outbox SET attempts = 1, next_attempt_at = next_attempt_at - 60");
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    assert_eq!(poll(&worker_for(&server), &store, 0), Ok(true));
    assert_eq!(server.received.try_recv().unwrap().recipient, "jo@example.com");
}

#[test]
fn does_not_send_mail_that_it_cannot_claim() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    poll(&worker_for(&server), &store, 0).unwrap_err();
    assert!(server.received.try_recv().is_err());
    sql(&store, "DROP TRIGGER full");
    assert_eq!(poll(&worker_for(&server), &store, 1), Ok(false));
    assert_eq!(server.received.try_iter().count(), 1);
}

#[test]
fn does_not_send_mail_again_that_it_cannot_delete() {
    let (store, server) = (create_store(), SmtpServer::start());
    enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    sql(&store, "CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    poll(&worker_for(&server), &store, 0).unwrap_err();
    assert_eq!(poll(&worker_for(&server), &store, 59), Ok(false));
    assert_eq!(server.received.try_iter().count(), 1);
}

#[test]
fn two_workers_of_one_file_send_each_mail_once() {
    let (store, server) = (create_store(), SmtpServer::start());
    for _ in 0..8 {
        enqueue_for(&store, "jo@example.com", "Ferry", "At nine.");
    }
    let (one, other) = (worker_for(&server), worker_for(&server));
    let both = block_on(async { tokio::join!(one.poll(&store, at(0)), other.poll(&store, at(0))) });
    assert_eq!(both, (Ok(false), Ok(false)));
    assert_eq!(server.received.try_iter().count(), 8);
    assert_eq!(pending(&store), []);
}
