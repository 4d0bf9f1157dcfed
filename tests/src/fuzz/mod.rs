//! Fuzz targets: each takes arbitrary bytes, must not panic, and asserts the guarantees of one part.
//!
//! The programs in `fuzz/` call these functions with the input of a fuzzer. The ordinary tests call them with the seeds
//! in `fuzz/corpus`.
//!
//! - [`reader`]: comparison of the XML reader with roxmltree and with our writer.
//! - [`decode`]: any response, decoded as the response of every operation.
//! - [`request`]: any request, decoded as the operation that it matches.
//! - [`exchange`]: any sequence of attempt outcomes, in the exchange of any operation.
//! - [`mail`]: any incoming mail.
//! - [`path`]: any values in paths and queries, and any request target.
//! - [`schema`]: any schema file, together with valid ones.
//! - [`textile`]: any text, as HTML and as Markdown.
//!
//! Shared by them:
//!
//! - `samples`: one request and one response of each operation, and the configuration of a client.
//! - `message`: the text format of HTTP messages in seeds.
//! - `compare`: equality of a value with the result of encoding and decoding it.
//! - [`seeds()`]: seeds made from the schema's examples.

mod compare;
mod decode;
mod exchange;
mod mail;
mod message;
mod path;
mod reader;
mod request;
mod samples;
mod schema;
mod seeds;
mod textile;

pub use decode::decode;
pub use exchange::exchange;
pub use mail::mail;
pub use path::path;
pub use reader::reader;
pub use request::request;
pub use schema::schema;
pub use seeds::{Seed, seeds};
pub use textile::textile;

/// A target. Panics if a guarantee is broken.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: [(&str, Target); 8] = [
    ("decode", decode),
    ("exchange", exchange),
    ("mail", mail),
    ("path", path),
    ("reader", reader),
    ("request", request),
    ("schema", schema),
    ("textile", textile),
];
