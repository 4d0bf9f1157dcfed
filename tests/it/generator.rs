//! The generator: its output depends on the schema alone, the schema is the only place to edit, and it works for
//! other services too.
//!
//! Schemas that it rejects are in `bad_schemas`.

mod determinism;
mod example_scalars;
mod schema_growth;
mod second_service;
