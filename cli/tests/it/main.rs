//! The command, as people and scripts run it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod durable;
mod manage;
mod readme;
mod running;
#[cfg(target_os = "linux")]
mod soak;
