//! Texts with their HTML, and the properties of both writers.

#![allow(clippy::unwrap_used)]

mod limits;
mod markup;
mod texts;
mod writers;
