//! The command, as people and scripts run it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod durable;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod kernel;
mod manage;
mod readme;
#[cfg(unix)]
mod renewed;
mod running;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(unix)]
mod storage;
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "x86_64")))]
mod synced;
