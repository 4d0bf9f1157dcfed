//! One request and one response of each operation, and the configuration of a client.

use std::sync::LazyLock;

use backpack_api::routes::AnyRequest;
use backpack_api::{ApiToken, ClientConfig, SERVICE};
use bytes::Bytes;
use http::Response;

use crate::examples::{self, BASE, Case, TOKEN};

/// Request and response of an operation's first example.
pub(super) struct Sample {
    pub(super) request: AnyRequest,
    pub(super) response: Response<Bytes>,
}

/// A sample of each operation. An example without a response has an empty success.
pub(super) static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let api = crate::schema::read_api();
    let first_examples = examples::cases(&api).filter(|case| case.index == 0);
    let to_sample = |case: Case<'_>| Sample {
        request: AnyRequest::read(&case.request()).expect("an example should be decoded").request,
        response: case.response().unwrap_or_else(|| examples::build_empty_success(case.operation)),
    };
    first_examples.map(to_sample).collect()
});

/// Configuration of a client of the examples' account.
pub(super) static CONFIG: LazyLock<ClientConfig> = LazyLock::new(|| build_config(BASE, false));

/// Builds the configuration of a client at this base URL. HTTP is allowed if the URL uses it or if `allow_http`
/// is `true`.
pub(super) fn build_config(base_url: &str, allow_http: bool) -> ClientConfig {
    let token = ApiToken::new(TOKEN).expect("the examples' token should be valid");
    let new =
        if allow_http || base_url.starts_with("http://") { ClientConfig::new_insecure } else { ClientConfig::new };
    new(&SERVICE, base_url, token, "Fuzz (jo@example.com)").expect("the base URL should be valid")
}
