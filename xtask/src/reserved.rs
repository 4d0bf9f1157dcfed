//! Names that the hand-written part of `backpack-api` defines, so that the schema cannot use them.
//!
//! `tests/it/bad_schemas.rs` includes this file and checks that it is complete.

use xmlwire_codegen::ReservedNames;

/// Modules in `generated/src/lib.rs`.
const MODULES: &[&str] = &["client", "oauth", "readme", "token"];

/// Methods of the clients.
const METHODS: &[&str] = &[
    "at",             // old name
    "at_plain",       // old name
    "call_for_all",   // old name
    "call_for_reply", // old name
    "of",             // old name
    "once",           // old name
    "webcal",         // old name
    "with",           // old name
    "within",         // old name
    "call", "call_with_response", "config", "new", "options", "paginate", "webcal_url", "with_base_url",
    "with_deadline", "with_insecure_base_url", "with_options", "with_transport", "without_retries",
];

/// Types in `generated/src/lib.rs`.
const TYPES: &[&str] = &[
    "Caller",     // old name
    "Reply",      // old name
    "SetupError", // old name
    "AccessToken", "ClientConfig", "ConfigError", "Credentials", "FullResponse", "InvalidToken", "Options", "Token",
];

/// Returns the names that `backpack-api` defines by hand.
pub(crate) fn reserved_names() -> ReservedNames {
    let to_owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ReservedNames { modules: to_owned(MODULES), methods: to_owned(METHODS), types: to_owned(TYPES) }
}
