//! Step 1, text to [`syntax`](crate::syntax): the content of schema files, with the position of everything that a
//! message may point at.
//!
//! This step knows the grammar of the schema language and does not resolve names. In reading order: `xml` has
//! attributes, documentation and child elements; `hole`, `path` and `shape` parse samples with placeholders; `example`
//! parses samples without; `carrier`, `style`, `api`, `section` and `endpoint` parse the elements of a schema file; `file` parses
//! whole files.

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
