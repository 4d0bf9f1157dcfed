//! Integration tests across crates: the schema, the generator, the generated bindings, the runtime and the server have
//! to agree.
//!
//! To run the tests of one module: `cargo test --package backpack-tests --test it client::oauth`.

// The schema and what is generated from it.
mod bad_schemas;
mod docs;
mod generator;
mod operations;
mod schema_readme;

// Requests and responses.
mod snapshots;
mod wire;

// The two sides of a connection.
mod client;
mod server;

/// Names that `generated/` defines by hand, so that a schema cannot use them.
#[path = "../../xtask/src/reserved.rs"]
mod reserved;
mod support;
