//! The command `backpack`, run as people and scripts run it.
//!
//! - [`serve`], [`account`], [`user`], [`token`], [`calendar`], [`db`]: one file for each noun of the command.
//! - [`errors`]: error messages and exit codes.
//! - [`data_file`], [`kills`], [`fsync`]: what the data file guarantees.
//! - [`tls`], [`soak`], [`readme`]: HTTPS, load, and the README's curl lines.
//! - [`support`], [`syscalls`]: a running service, and its system calls.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod account;
mod calendar;
#[cfg(unix)]
mod data_file;
mod db;
mod errors;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod fsync;
mod kills;
mod readme;
mod serve;
#[cfg(target_os = "linux")]
mod soak;
mod support;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod syscalls;
#[cfg(unix)]
mod tls;
mod token;
mod user;
