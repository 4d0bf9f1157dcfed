//! The background tasks, alone and together.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use backpack_api::AccountId;
use backpack_api::runtime::jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::super::outbox::enqueue;
use super::super::outbox_worker::OutboxWorker;
use super::super::reminder_worker::ReminderWorker;
use super::super::workers::MailWorkers;
use super::smtp_server::SmtpServer;
use super::{block_on, create_store, list_outbox, run_sql, timestamp};

/// Statements that add a reminder of Jo for Al, due at the start.
const DUE_REMINDER: &str = "INSERT INTO reminders (creator_id, content, remind_at) VALUES (1, 'Call back', 1283342400);
     INSERT INTO remindees (reminder_id, user_id) VALUES (1, 2)";

#[test]
fn a_due_reminder_is_enqueued_and_sent() {
    let (store, server) = (create_store(), SmtpServer::start());
    let wake = Arc::new(Notify::new());
    let reminder_worker = ReminderWorker::new(Arc::clone(&wake));
    let outbox_worker = OutboxWorker::new(&server.config(), wake).unwrap();
    run_sql(&store, DUE_REMINDER);
    assert_eq!(block_on(reminder_worker.poll(&store, timestamp(0))), Ok(false));
    assert_eq!(block_on(outbox_worker.poll(&store, || timestamp(0))), Ok(false));
    assert_eq!(server.received.try_recv().unwrap().recipient, "al@example.com");
    assert_eq!(store.write_blocking(list_outbox).unwrap(), []);
}

#[test]
fn the_reminder_worker_wakes_the_outbox_worker_only_for_new_mail() {
    let store = create_store();
    let wake = Arc::new(Notify::new());
    let reminder_worker = ReminderWorker::new(Arc::clone(&wake));
    let is_woken = || block_on(async { tokio::time::timeout(Duration::ZERO, wake.notified()).await.is_ok() });
    assert_eq!(block_on(reminder_worker.poll(&store, timestamp(0))), Ok(false));
    assert!(!is_woken());
    run_sql(&store, DUE_REMINDER);
    assert_eq!(block_on(reminder_worker.poll(&store, timestamp(0))), Ok(false));
    assert!(is_woken());
}

#[test]
fn workers_send_due_reminders() {
    let (store, server) = (create_store(), SmtpServer::start());
    run_sql(&store, DUE_REMINDER);
    run_until_received(store, &server, || timestamp(0), "al@example.com");
}

#[test]
fn workers_use_the_clock_of_the_server() {
    const IN_A_CENTURY: i64 = 100 * 365 * 24 * 3600;
    let (store, server) = (create_store(), SmtpServer::start());
    let enqueued =
        store.write_blocking(|db| enqueue(db, AccountId(1), "jo@example.com", "", "At nine.", timestamp(IN_A_CENTURY)));
    enqueued.unwrap();
    run_until_received(store, &server, || timestamp(IN_A_CENTURY), "jo@example.com");
}

#[test]
fn workers_stop_at_shutdown() {
    let (store, server) = (Arc::new(create_store()), SmtpServer::start());
    let (stop, shutdown) = watch::channel(false);
    stop.send(true).unwrap();
    block_on(MailWorkers::new(&server.config()).unwrap().run(store, || timestamp(0), shutdown));
}

/// Runs the workers until the mail server has received a mail, and checks its recipient.
fn run_until_received(store: crate::Store, server: &SmtpServer, clock: fn() -> Timestamp, recipient: &str) {
    let (stop, shutdown) = watch::channel(false);
    let workers = MailWorkers::new(&server.config()).unwrap();
    let running = thread::spawn(move || block_on(workers.run(Arc::new(store), clock, shutdown)));
    let mail = server.received.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(mail.recipient, recipient);
    stop.send(true).unwrap();
    running.join().unwrap();
}
