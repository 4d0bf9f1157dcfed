//! Items that generated code uses. Generated code imports this module and no other of the runtime.
//!
//! The module has no stability guarantee: generated code and runtime of the same version belong together.
//!
//! - [`declare`]: macros that implement the traits of a generated id or enum.
//! - [`read`]: functions that decoders call.
//! - [`write`](mod@write): functions that encoders call.
//!
//! The rest are re-exports, so that the versions of these crates and modules agree.

pub mod declare;
pub mod read;
pub mod write;

pub use bytes;
pub use http;
pub use jiff;
#[cfg(feature = "serde")]
pub use serde;

pub use crate::endpoint::{Endpoint, Serve, ServeEndpoint, Visitor};
pub use crate::secret::Secret;
pub use crate::{answer, endpoint, incoming, pages, params, query, scalar, service, xml};
pub use crate::{declare_enum, declare_id};
