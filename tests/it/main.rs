//! What holds the schema, the generator and the bindings against each other.

mod bad_schemas;
mod by_hand;
mod cases;
mod client;
mod determinism;
mod docs;
mod examples;
mod failures;
mod faults;
mod fuzz_corpus;
mod growing;
mod heap;
mod invented;
mod loopback;
mod oauth;
mod operations;
mod pages;
mod round_trips;
mod routes;
mod schema_readme;
mod secrets;
mod snapshots;
mod support;
mod traces;
mod variations;
mod writing;
