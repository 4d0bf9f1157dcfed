//! One request and one response of each operation, and the configuration of a client.

use std::sync::LazyLock;

use backpack_api::routes::AnyRequest;
use backpack_api::{Caller, Token};
use bytes::Bytes;
use http::Response;

use crate::examples::{self, BASE, Case, TOKEN};

/// Request and response of an operation's first example.
pub(super) struct Sample {
    pub(super) request: AnyRequest,
    pub(super) response: Response<Bytes>,
}

/// A sample of each operation.
pub(super) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let api = crate::schema::api();
    let first_examples = examples::cases(&api).filter(|case| case.index == 0);
    let to_sample = |case: Case<'_>| Sample {
        request: AnyRequest::read(&case.request()).expect("an example should be decoded").request,
        response: case.response().unwrap_or_else(|| examples::build_empty_success(case.operation)),
    };
    first_examples.map(to_sample).collect()
});

/// Configuration of a client of the examples' account.
pub(super) static CALLER: LazyLock<Caller> = LazyLock::new(|| build_caller(BASE, false));

/// Builds the configuration of a client at this base URL. Plain HTTP is allowed if the URL has it, or by `allow_http`.
pub(super) fn build_caller(base_url: &str, allow_http: bool) -> Caller {
    let token = Token::new(TOKEN).expect("the examples' token should be valid");
    let new = if allow_http || base_url.starts_with("http://") { Caller::new_plain } else { Caller::new };
    new(base_url, token, "Fuzz (jo@example.com)").expect("the base URL should be valid")
}
