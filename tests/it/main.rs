//! What holds the schema, the generator and the bindings against each other.

mod bad_schemas;
mod docs;
mod examples;
mod growing;
mod invented;
mod round_trips;
mod schema_readme;
mod snapshots;
mod support;
