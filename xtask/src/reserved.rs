//! Names that the hand-written part of `generated/` defines, so that the schema cannot use them.
//!
//! `tests/it/bad_schemas.rs` includes this file and checks that it is complete.

use xmlwire_codegen::ReservedNames;

/// Modules in `generated/src/lib.rs`.
const MODULES: &[&str] = &["client", "oauth", "readme", "token"];

/// Methods of the clients.
const METHODS: &[&str] = &[
    "call",
    "call_with_response",
    "config",
    "new",
    "options",
    "paginate",
    "webcal_url",
    "with_base_url",
    "with_deadline",
    "with_insecure_base_url",
    "with_options",
    "with_transport",
    "without_retries",
];

/// Types in `generated/src/lib.rs`.
const TYPES: &[&str] = &[
    "AccessToken",
    "ClientConfig",
    "ConfigError",
    "Credentials",
    "FullResponse",
    "InvalidToken",
    "Options",
    "Token",
];

/// Returns the names that the crate `backpack-api` defines by hand.
pub(crate) fn reserved_names() -> ReservedNames {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ReservedNames { modules: own(MODULES), methods: own(METHODS), types: own(TYPES) }
}
