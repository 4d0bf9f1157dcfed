//! Tests of the command `backpack`, each of which runs it as a process.
//!
//! - [`serve`], [`account`], [`user`], [`token`], [`calendar`], [`mail`], [`import`], [`db`]: one file
//!   for each noun of the command.
//! - [`login`]: accounts and their tokens; [`doctor`]: its checks; [`terminal`]: questions and tables on a terminal.
//! - [`backup`], [`backup_kills`], [`random_accounts`]: archives, kills of a backup, and random accounts in archives.
//! - [`call`]: every operation; [`content`]: the short commands; [`secrets`]: the token is in no output.
//! - [`errors`], [`headings`]: error messages and exit codes, and headings of results on a terminal.
//! - [`export`]: exports and the viewer.
//! - [`data_file`], [`kills`], [`fsync`]: guarantees of the data file: whole writes, durability, syncs.
//! - [`tls`], [`soak`], [`memory`], [`documents`]: HTTPS, load, slow clients, and the commands in the documents.
//! - [`support`], [`syscalls`]: helpers that run the command and the service, and trace its system calls.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod account;
mod backup;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod backup_kills;
mod calendar;
mod call;
mod content;
#[cfg(unix)]
mod data_file;
mod db;
mod doctor;
mod documents;
mod errors;
mod export;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod fsync;
#[cfg(unix)]
mod headings;
mod import;
mod kills;
mod login;
mod mail;
#[cfg(target_os = "linux")]
mod memory;
mod random_accounts;
mod secrets;
mod serve;
#[cfg(target_os = "linux")]
mod soak;
mod support;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod syscalls;
#[cfg(target_os = "linux")]
mod terminal;
#[cfg(unix)]
mod tls;
mod token;
mod user;
