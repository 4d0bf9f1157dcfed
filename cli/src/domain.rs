//! Addresses under the domain of the service.

use backpack_server::config::{ConfigError, check_domain};

/// Parses a domain with the check of the server, so that a mistake is reported as one in the arguments.
pub(crate) fn parse_domain(text: &str) -> Result<String, ConfigError> {
    check_domain(text).map(|()| text.to_owned())
}
