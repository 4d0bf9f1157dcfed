//! The command, as people and scripts run it.

mod durable;
mod manage;
mod running;
