//! Step 1 parses the text of schema files into [`syntax`](crate::syntax), with the position of every part that a
//! diagnostic may refer to.
//!
//! This step follows the grammar of the schema language and does not resolve names. In reading order:
//!
//! - `xml`: attributes, documentation and child elements.
//! - `hole`, `path` and `shape`: samples with holes.
//! - `example`: samples without holes.
//! - `carrier`, `style`, `api`, `section` and `endpoint`: the elements of a schema file.
//! - `file`: whole files.

mod api;
mod carrier;
mod endpoint;
mod example;
mod file;
mod hole;
mod path;
mod section;
mod shape;
mod style;
mod xml;

#[cfg(test)]
pub(crate) use example::parse_element;
pub(crate) use file::parse_schema;
