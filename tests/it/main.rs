//! What holds the schema, the generator and the bindings against each other.

mod bad_schemas;
mod determinism;
mod docs;
mod examples;
mod faults;
mod growing;
mod heap;
mod invented;
mod round_trips;
mod routes;
mod schema_readme;
mod snapshots;
mod support;
