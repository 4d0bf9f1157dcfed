//! Matches an example against a shape, so that a wrong sample is reported with its position.
//!
//! An example is read by its shape as the bindings read it, except that unknown parts are reported instead of skipped.
//! Unless it is marked `written="no"`, the values just read are then written again, and differences from the example
//! are reported. This comparison covers the order of elements, literals, alternative positions, `nil` and containers,
//! so none of them needs a check of its own. In reading order:
//!
//! - `expected`: the shape that an example is matched against.
//! - `scalar`: the valid texts of a value, and the canonical one.
//! - `value`: diagnostics about a single value.
//! - `reader`: reads elements as values.
//! - `writer`: writes values as elements. `comparison`: compares these with the example.
//! - `elements`: whole examples of payloads and documents.
//! - `url`: URLs; `path`: path and query; `location`: the `Location` of a response.
//!
//! The model must be valid: a type that contains itself outside of a list would cause infinite recursion.

mod comparison;
mod elements;
mod expected;
mod location;
mod path;
mod reader;
mod scalar;
#[cfg(test)]
mod tests;
mod url;
mod value;
mod writer;

pub(super) use elements::{collect_payload_elements, convert_xml, match_elements};
pub(super) use expected::Expected;
pub(super) use location::match_location;
pub(super) use path::match_path;
pub(super) use url::ExampleUrl;
