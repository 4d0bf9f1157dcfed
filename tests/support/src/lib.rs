//! Helpers for the tests of every crate of this workspace. This crate depends on no other crate of the workspace, so
//! each of them can have it as a dev-dependency.
//!
//! - [`FaultServer`]: an HTTP server on the loopback interface that follows a script of faults.
//! - [`http1`]: HTTP/1.1 messages as bytes, read and written without an HTTP library.

mod fault_server;
pub mod http1;

pub use fault_server::{Action, FaultServer, ReceivedRequest};
