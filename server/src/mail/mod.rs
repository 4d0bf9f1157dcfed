//! Mail in both directions: outgoing reminders, invitations and pages, and incoming mail for pages.
//!
//! Sending:
//!
//! - `config`: the mail server or folder, and the sender.
//! - `outbox`: the table of messages that wait for delivery.
//! - `reminders`: finds due reminders and events and puts their mail into the outbox.
//! - `message`: a row of the outbox in the format of RFC 5322.
//! - `smtp`: the client of the mail server.
//! - `delivery`: hands a message to the mail server or writes it into the folder.
//! - `poll_loop`: the loop that the workers share.
//! - `reminder_worker`, `outbox_worker`: the two background tasks, which `workers` starts together.
//!
//! Receiving:
//!
//! - `mime`: reads a mail into the fields that a page stores.
//! - `incoming`: stores it on the pages that it is addressed to.

pub(crate) mod config;
mod delivery;
mod incoming;
mod message;
mod mime;
mod outbox;
mod outbox_worker;
mod poll_loop;
mod reminder_worker;
mod reminders;
mod smtp;
mod workers;

pub use config::{MailConfig, MailConfigError};
pub(crate) use delivery::validate;
pub use incoming::{MAX_MAIL_SIZE, read, receive};
pub(crate) use outbox::enqueue;
pub(crate) use reminders::EVENT_MAX_DELAY;
pub(crate) use workers::MailWorkers;

#[cfg(test)]
mod tests;
