//! Fuzz targets: each takes arbitrary bytes, must not panic, and asserts the guarantees of one part.
//!
//! The programs in `fuzz/` call these functions with the input of a fuzzer. The ordinary tests call them with the seeds
//! in `fuzz/corpus`.
//!
//! - [`check_reader`]: comparison of the XML reader with roxmltree and with our writer.
//! - [`check_decode`]: any response, decoded as the response of every operation.
//! - [`check_request`]: any request, decoded as the operation that it matches.
//! - [`check_exchange`]: any sequence of attempt outcomes, in the exchange of any operation.
//! - [`check_mail`]: any incoming mail.
//! - [`check_path`]: any values in paths and queries, and any request target.
//! - [`check_schema`]: any schema file, together with valid ones.
//! - [`check_textile`]: any text, as HTML and as Markdown.
//!
//! Shared by them:
//!
//! - `samples`: one request and one response of each operation, and the configuration of a client.
//! - `message`: the text format of HTTP messages in seeds.
//! - `compare`: equality of a value with the result of encoding and decoding it.
//! - [`make_seeds`]: seeds made from the schema's examples.

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

pub use decode::check_decode;
pub use exchange::check_exchange;
pub use mail::check_mail;
pub use path::check_path;
pub use reader::check_reader;
pub use request::check_request;
pub use schema::check_schema;
pub use seeds::{Seed, make_seeds};
pub use textile::check_textile;

/// A target. Panics if a guarantee is broken.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: [(&str, Target); 8] = [
    ("decode", check_decode),
    ("exchange", check_exchange),
    ("mail", check_mail),
    ("path", check_path),
    ("reader", check_reader),
    ("request", check_request),
    ("schema", check_schema),
    ("textile", check_textile),
];
