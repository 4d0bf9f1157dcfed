//! `backpack serve`.

use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::config::{ConfigError, TlsConfig, check_domain};
use backpack_server::people::{self, NewUser};
use backpack_server::{Server, ServerConfig, Store, demo};
use clap::Args;

use crate::Failure;
use crate::mail::Outgoing;
use crate::manage::find_account;

/// Serve the Backpack API, from a file or to try.
///
/// With `--data`, everything is kept in one file. Where there is none, the first start makes it, with an account, a user
/// and a token, and prints them; the token is not shown again. With `--demo`, there is an account with content to try,
/// in memory.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("from").required(true).multiple(true).args(["data", "demo"])))]
pub(crate) struct Serve {
    /// The file in which everything is kept.
    #[arg(long, value_name = "FILE", env = DATA)]
    data: Option<PathBuf>,
    /// Start with an account to try, in memory.
    #[arg(long)]
    demo: bool,
    /// Where to listen, such as `127.0.0.1:3000`, `localhost:3000`, or `0.0.0.0:3000` for the whole network.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000", value_parser = address)]
    listen: SocketAddr,
    /// The domain under which the accounts are: `ACCOUNT.DOMAIN`, and the default one at `DOMAIN` itself. Without it, the
    /// first label of any host is the account.
    #[arg(long, value_parser = domain)]
    domain: Option<String>,
    /// The account at an address that names none, such as `localhost`; by default the oldest. At a first start, the
    /// name of the one that is made, by default `home`.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    first: First,
    /// Do not limit how many requests may come in 5 seconds.
    #[arg(long)]
    no_rate_limits: bool,
    /// Serve https too, at this address. An account that is made at this start is then reached over https only.
    #[arg(long, value_name = "ADDRESS", value_parser = address, requires_all = ["tls_certificate", "tls_key"])]
    tls_listen: Option<SocketAddr>,
    /// The certificate for https, with those between it and its authority: a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key: a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_key: Option<PathBuf>,
    /// Serve accounts that do not require SSL over https as well, rather than send them to http.
    #[arg(long)]
    both_schemes: bool,
    /// Take the client's address and scheme from `X-Forwarded-For` and `X-Forwarded-Proto`, which a proxy in front sets.
    #[arg(long)]
    behind_proxy: bool,
    #[command(flatten)]
    mail: Outgoing,
}

/// What the user of a first start is like. Later, `backpack user set` changes it.
#[derive(Args)]
struct First {
    /// What they are called; by default as the account.
    #[arg(long, help_heading = FIRST)]
    name: Option<String>,
    /// Where mail for them goes; by default `ACCOUNT@localhost`.
    #[arg(long, value_name = "ADDRESS", help_heading = FIRST)]
    email: Option<String>,
    /// Their time zone, such as `London` or `Europe/London`; by default `UTC`.
    #[arg(long, value_name = "ZONE", help_heading = FIRST)]
    time_zone: Option<String>,
}

const FIRST: &str = "The user that a first start makes";

/// Which variable of the environment names the file.
const DATA: &str = "BACKPACK_DATA";

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // What cannot be used is said before there is a file.
        let account = self.account.as_deref().unwrap_or("home");
        people::Account::check_name(account)?;
        let me = self.first.user(account);
        me.check()?;
        let store = match self.file()? {
            Some(file) => Store::open(file)?,
            None => Store::in_memory()?,
        };
        let people = if self.demo { self.filled(&store)? } else { self.first_start(&store, account, me)? };
        // Before anything can fail, since a token is shown this once.
        print(&people);
        if people.is_empty() && self.first.is_given() {
            tracing::warn!("there is an account already: its users are changed by `backpack user set`");
        }
        self.warn_of_http(&store)?;
        let settings = self.settings(&store)?;
        let server = Server::start(store, settings)?;
        server.run_until_signal(|server| print(&reached(server, &people)));
        Ok(())
    }

    /// The file; none for a demo, which the environment has no say in.
    fn file(&self) -> Result<Option<&Path>, Failure> {
        let said = self.data.as_deref().filter(|data| std::env::var_os(DATA).is_none_or(|set| set != **data));
        match (self.demo, said) {
            (true, Some(_)) => Err("a demo is kept in memory: take either `--demo` or `--data`".into()),
            (true, None) => Ok(None),
            (false, _) => Ok(self.data.as_deref()),
        }
    }

    fn settings(&self, store: &Store) -> Result<ServerConfig, Failure> {
        let mut settings = ServerConfig::default();
        settings.listen.address = self.listen;
        settings.accounts.domain.clone_from(&self.domain);
        settings.limits.enforce_rate_limits = !self.no_rate_limits;
        settings.accounts.default_account = self.default_account(store)?;
        if let (Some(address), Some(certificate), Some(key)) = (self.tls_listen, &self.tls_certificate, &self.tls_key) {
            settings.listen.tls = Some(TlsConfig { address, certificate: certificate.clone(), key: key.clone() });
        }
        settings.listen.allow_both_schemes = self.both_schemes;
        settings.listen.trust_proxy_headers = self.behind_proxy;
        settings.mail = self.mail.settings(self.file()?);
        Ok(settings)
    }

    /// Beside https, an account that was made before is sent to http, token and all.
    fn warn_of_http(&self, store: &Store) -> Result<(), Failure> {
        if self.tls_listen.is_some() && !self.both_schemes {
            for account in store.read_blocking(people::Account::all)?.iter().filter(|account| !account.ssl) {
                let name = &account.name;
                tracing::warn!("{name} is sent from https to http: see `backpack account ssl {name} on`");
            }
        }
        Ok(())
    }

    /// In a file without accounts, creates one, so that one command is enough to begin.
    fn first_start(&self, store: &Store, name: &str, me: NewUser) -> Result<Facts, Failure> {
        let (account, ssl) = (name.to_owned(), self.tls_listen.is_some());
        let token = store.write_blocking(move |db| people::first_account(db, &account, ssl, &me))?;
        let facts = token.map(|token| vec![("account", name.to_owned()), ("token", token.expose().to_owned())]);
        Ok(facts.unwrap_or_default())
    }

    fn filled(&self, store: &Store) -> Result<Facts, Failure> {
        let people = demo::fill(store, Timestamp::now())?;
        let ssl = self.tls_listen.is_some();
        store.write_blocking(move |db| people::Account::require_ssl(db, demo::ACCOUNT, ssl))?;
        let tokens = people.iter().map(|person| ("token", format!("{}  {}", person.token.expose(), person.name)));
        Ok([("account", demo::ACCOUNT.to_owned())].into_iter().chain(tokens).collect())
    }

    fn default_account(&self, store: &Store) -> Result<Option<String>, Failure> {
        match &self.account {
            Some(name) => Ok(Some(find_account(store, name)?.name)),
            None => Ok(store.read_blocking(people::Account::oldest)?.map(|account| account.name)),
        }
    }
}

impl First {
    fn is_given(&self) -> bool {
        self.name.is_some() || self.email.is_some() || self.time_zone.is_some()
    }

    fn user(&self, account: &str) -> NewUser {
        NewUser {
            name: self.name.clone().unwrap_or_else(|| account.to_owned()),
            email_address: self.email.clone().unwrap_or_else(|| format!("{account}@localhost")),
            admin: true,
            time_zone: self.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        }
    }
}

/// An address to listen at. Of several that a name stands for it is the first.
fn address(text: &str) -> Result<SocketAddr, String> {
    let first = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    first.ok_or_else(|| {
        "an address is like `127.0.0.1:3000` or `localhost:3000` for this machine, `0.0.0.0:3000` for all".to_owned()
    })
}

/// Checks a domain while the arguments are parsed, so that a mistake is a usage error.
fn domain(text: &str) -> Result<String, ConfigError> {
    check_domain(text).map(|()| text.to_owned())
}

/// What is printed at the start, the address last.
type Facts = Vec<(&'static str, String)>;

fn print(facts: &Facts) {
    let lines: String = facts.iter().map(|(name, fact)| format!("{name:8} {fact}\n")).collect();
    // Nobody may be there to read it, and that is no reason not to serve.
    let _ = std::io::stdout().write_all(lines.as_bytes());
}

/// Where the service is, and what to try with the first token.
fn reached(server: &Server, people: &Facts) -> Facts {
    let mut facts = Facts::new();
    let plain = format!("http://{}", host(server.address()));
    let secure = server.tls_address().map(|address| format!("https://{}", host(address)));
    if let Some((_, token)) = people.iter().find(|(name, _)| *name == "token") {
        let token = token.split(' ').next().unwrap_or_default();
        let body = format!("<request><token>{token}</token></request>");
        // An account that was made just now is reached over https only, where there is https.
        facts.push(("try", format!("curl -d '{body}' {}/ws/pages/all", secure.as_ref().unwrap_or(&plain))));
    }
    facts.extend(secure.map(|address| ("https", address)));
    facts.push(("address", plain));
    facts
}

/// How a program on this machine comes to where the service listens: `0.0.0.0` means everywhere, and goes nowhere.
fn host(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_printed_can_be_called() {
        for (address, shown) in [
            ("0.0.0.0:3000", "localhost:3000"),
            ("[::]:3000", "localhost:3000"),
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("[::1]:3000", "[::1]:3000"),
        ] {
            assert_eq!(host(address.parse().unwrap()), shown);
        }
    }
}
