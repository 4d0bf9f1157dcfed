//! What the tests and the tour share: the schema as it is on disk, its examples as HTTP, and a server that answers
//! with them.

pub mod documents;
pub mod examples;
pub mod fuzz;
pub mod host;
pub mod schema;
pub mod server;
