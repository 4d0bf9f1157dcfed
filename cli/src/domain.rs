//! Addresses under the domain of the service.

use backpack_server::accounts::Account;
use backpack_server::config::{ConfigError, check_domain};
use clap::Args;

/// The domain of the service, for whole addresses.
#[derive(Args)]
pub(crate) struct DomainArgs {
    /// Domain of the accounts, as for `backpack serve`. With it, feeds have whole addresses; without it, only paths.
    #[arg(long, env = "BACKPACK_DOMAIN", value_parser = parse_domain)]
    domain: Option<String>,
}

impl DomainArgs {
    /// Returns the address of a path of an account if the domain is known, and else the path.
    pub(crate) fn complete(&self, account: &Account, path: &str) -> String {
        let scheme = if account.ssl { "https" } else { "http" };
        match &self.domain {
            Some(domain) => format!("{scheme}://{}.{domain}{path}", account.name),
            None => path.to_owned(),
        }
    }
}

/// Parses a domain with the check of the server, so that a mistake is reported as one in the arguments.
pub(crate) fn parse_domain(text: &str) -> Result<String, ConfigError> {
    check_domain(text).map(|()| text.to_owned())
}
