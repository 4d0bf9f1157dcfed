//! What the fuzz targets hold: bytes from anywhere go in, nothing panics, and what was promised is true.
//!
//! Each target is a function here, which panics if a promise is broken. The targets in `fuzz/` call them with whatever
//! a fuzzer makes up; the ordinary tests call them with the seeds in `fuzz/corpus`.
//!
//! - [`reader`]: the XML reader, against another reader and against our own writer.
//! - [`decode`]: any answer, to every operation.
//! - [`request`]: any request, to the operation that it asks for.
//! - [`exchange`]: any run of luck and bad luck, in any operation's exchange.
//! - [`path`]: any values in paths and queries, and any path.
//! - [`schema`]: any schema file, beside good ones.

mod decode;
mod exchange;
mod message;
mod path;
mod reader;
mod request;
mod schema;
mod seeds;

pub use decode::decode;
pub use exchange::exchange;
pub use path::path;
pub use reader::reader;
pub use request::request;
pub use schema::schema;
pub use seeds::{Seed, seeds};

use std::fmt::Debug;
use std::sync::LazyLock;

use backpack_api::routes::AnyRequest;
use backpack_api::{Caller, Token};
use bytes::Bytes;
use http::Response;

use crate::examples::{self, BASE, Case, TOKEN};

/// A target: it panics if a promise is broken.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: [(&str, Target); 6] = [
    ("decode", decode),
    ("exchange", exchange),
    ("path", path),
    ("reader", reader),
    ("request", request),
    ("schema", schema),
];

/// What the first example of an operation says.
struct Sample {
    request: AnyRequest,
    answer: Response<Bytes>,
}

/// One of each operation.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let api = crate::schema::api();
    let first = examples::cases(&api).filter(|case| case.index == 0);
    let sample = |case: Case<'_>| Sample {
        request: AnyRequest::read(&case.request()).expect("an example should be read").request,
        answer: case.response().unwrap_or_else(|| examples::success_of(case.operation)),
    };
    first.map(sample).collect()
});

/// Who calls: at the examples' address, or at another; if it is by http or `plain` says so, http is allowed.
fn caller_at(address: &str, plain: bool) -> Caller {
    let token = Token::new(TOKEN).expect("the examples' token is one");
    let new = if plain || address.starts_with("http://") { Caller::new_plain } else { Caller::new };
    new(address, token, "Fuzz (jo@example.com)").expect("the address is one")
}

static CALLER: LazyLock<Caller> = LazyLock::new(|| caller_at(BASE, false));

/// Holds what was read again against what was written: it is the same, but for fractions of a second, which are read
/// and not written.
fn assert_same<T: PartialEq + Debug>(what: &str, again: &T, before: &T) {
    if again != before {
        let text = format!("{before:?}");
        let whole = without_fractions(&text);
        assert!(whole != text && format!("{again:?}") == whole, "{what}\n again: {again:?}\nbefore: {text}");
    }
}

/// A `Debug` text whose points in time have no fractions of a second: `06:41:12.5Z` becomes `06:41:12Z`.
fn without_fractions(text: &str) -> String {
    let mut whole = String::new();
    let mut pieces = text.split('.');
    whole.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let fraction = rest.len() < piece.len() && rest.starts_with('Z');
        whole.extend(if fraction { [rest, ""] } else { [".", piece] });
    }
    whole
}
