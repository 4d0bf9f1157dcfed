//! Tests of the storage, by subject.

mod backup;
mod check;
mod open;
mod support;
mod write;
