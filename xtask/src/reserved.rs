//! Names that the hand-written part of `backpack-api` defines, so that the schema cannot use them.
//!
//! `tests/it/bad_schemas.rs` includes this file and checks that it is complete.

use xmlwire_codegen::ReservedNames;

/// Modules in `generated/src/lib.rs`.
const MODULES: &[&str] = &["client", "oauth", "readme", "token"];

/// Methods of the clients, including those of traits that they implement.
const METHODS: &[&str] = &[
    "call", "call_with_response", "clone", "fmt", "config", "new", "options", "paginate", "webcal_url",
    "with_base_url", "with_deadline", "with_hyper_transport", "with_insecure_base_url", "with_options",
    "with_transport", "without_retries",
];

/// Types in `generated/src/lib.rs`.
const TYPES: &[&str] = &[
    "AccessToken", "ApiClient", "ApiToken", "Change", "ClientConfig", "ConfigError", "Credentials", "EndpointExt",
    "FullResponse", "InvalidToken", "Options", "ServeEndpointExt",
];

/// Returns the names that `backpack-api` defines by hand.
pub(crate) fn reserved_names() -> ReservedNames {
    let to_owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ReservedNames { modules: to_owned(MODULES), methods: to_owned(METHODS), types: to_owned(TYPES) }
}
