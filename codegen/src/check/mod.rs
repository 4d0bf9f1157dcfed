//! Step 2 converts the [`syntax`](crate::syntax) to the [`model`](crate::model). It resolves names, checks that each
//! shape can be read back, and matches examples against shapes.
//!
//! Checking continues after a mistake, so that all mistakes are reported at once. Consequences of a mistake are not
//! reported as mistakes. In reading order:
//!
//! - `context`: the declared names of the whole schema, the uses of them, and the diagnostics so far.
//! - `declare`: names are unique, valid in Rust, and used.
//! - `fields`, `shapes`, `styles`, `targets`, `types`, `paths`, `locations`, `scope`, `pagination`, `endpoints`: the parts of the
//!   model.
//! - `alternatives`, `changes`, `requests`, `segment_patterns`, `routes`, `method_names`, `legacy`, `docs`: rules across
//!   several parts.
//! - `matching`, `example_routes`, `enum_uses`, `examples`: examples against shapes, routes and enums.
//! - `api`: the whole model.

mod alternatives;
mod api;
mod changes;
mod context;
mod declare;
mod docs;
mod endpoints;
mod enum_uses;
mod example_routes;
mod examples;
mod fields;
mod legacy;
mod locations;
mod matching;
mod method_names;
mod pagination;
mod paths;
mod requests;
mod routes;
mod scope;
mod segment_patterns;
mod shapes;
mod styles;
mod targets;
mod types;

pub(crate) use api::check_schema;
