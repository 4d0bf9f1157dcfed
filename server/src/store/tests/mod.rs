//! Tests of the storage, by subject.

mod backup;
mod check;
mod cost;
pub(crate) mod load;
mod open;
mod page_size;
mod support;
mod write;
