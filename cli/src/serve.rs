//! `backpack serve`.

use std::io::{IsTerminal, Write, stderr};
use std::net::SocketAddr;
use std::path::PathBuf;

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::server::Tls;
use backpack_server::{Refusal, Server, Settings, Store, demo, people};
use clap::Args;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::Failure;
use crate::mail::Outgoing;

/// Serve the Backpack API: with `--data`, from a file that is created at the first start, along with an account, a user
/// and a token; with `--demo`, from memory, with an account to try.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("from").required(true).args(["data", "demo"])))]
pub(crate) struct Serve {
    /// The file in which everything is kept.
    #[arg(long, value_name = "FILE", env = "BACKPACK_DATA")]
    data: Option<PathBuf>,
    /// Start with an account to try, in memory.
    #[arg(long)]
    demo: bool,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The domain under which the accounts are: `ACCOUNT.DOMAIN`. Without it, the first label of any host is the account.
    #[arg(long)]
    domain: Option<String>,
    /// The account at an address that names none, such as `localhost`; by default the oldest.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Do not limit how many requests may come in 5 seconds.
    #[arg(long)]
    no_rate_limits: bool,
    /// Serve https too, at this address.
    #[arg(long, value_name = "ADDRESS", requires_all = ["tls_certificate", "tls_key"])]
    tls_listen: Option<SocketAddr>,
    /// The certificate for https, with those between it and its authority: a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key: a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    tls_key: Option<PathBuf>,
    /// Serve each account over http and https alike, rather than redirect to the scheme that it is set to.
    #[arg(long)]
    both_schemes: bool,
    /// Take the client's address and scheme from `X-Forwarded-For` and `X-Forwarded-Proto`, which a proxy in front sets.
    #[arg(long)]
    behind_proxy: bool,
    #[command(flatten)]
    mail: Outgoing,
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        log();
        let store = match &self.data {
            Some(file) => Store::open(file)?,
            None => Store::in_memory()?,
        };
        let people = if self.demo { filled(&store)? } else { self.first_start(&store)? };
        // Before anything can fail, since a token is shown this once.
        print(&people);
        let settings = self.settings(&store)?;
        let server = Server::start(store, settings)?;
        server.run_until_signal(|server| print(&reached(server, &people)));
        Ok(())
    }

    fn settings(&self, store: &Store) -> Result<Settings, Failure> {
        let mut settings = Settings::default();
        settings.address = self.listen;
        settings.domain.clone_from(&self.domain);
        settings.rate_limits = !self.no_rate_limits;
        settings.default_account = self.default_account(store)?;
        if let (Some(address), Some(certificate), Some(key)) = (self.tls_listen, &self.tls_certificate, &self.tls_key) {
            settings.tls = Some(Tls { address, certificate: certificate.clone(), key: key.clone() });
        }
        settings.both_schemes = self.both_schemes;
        settings.behind_proxy = self.behind_proxy;
        settings.mail = self.mail.settings(self.data.as_deref());
        Ok(settings)
    }

    /// In a file without accounts, creates one, so that one command is enough to begin.
    fn first_start(&self, store: &Store) -> Result<Facts, Failure> {
        let name = self.account.clone().unwrap_or_else(|| "home".to_owned());
        let account = name.clone();
        let token = store.write_blocking(move |db| people::first_account(db, &name))?;
        let facts = token.map(|token| vec![("account", account), ("token", token.expose().to_owned())]);
        Ok(facts.unwrap_or_default())
    }

    fn default_account(&self, store: &Store) -> Result<Option<String>, Failure> {
        let Some(name) = self.account.clone() else {
            return Ok(store.read_blocking(people::Account::oldest)?.map(|account| account.name));
        };
        let missing = format!("there is no account {name}");
        match store.read_blocking(move |db| people::Account::find(db, &name)) {
            Ok(account) => Ok(Some(account.name)),
            Err(Refusal::NotFound) => Err(missing.into()),
            Err(refusal) => Err(refusal.into()),
        }
    }
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
    if let Some((_, token)) = people.iter().find(|(name, _)| *name == "token") {
        let token = token.split(' ').next().unwrap_or_default();
        let body = format!("<request><token>{token}</token></request>");
        facts.push(("try", format!("curl -d '{body}' http://{}/ws/pages/all", host(server.address()))));
    }
    facts.extend(server.tls_address().map(|address| ("https", format!("https://{}", host(address)))));
    facts.push(("address", format!("http://{}", host(server.address()))));
    facts
}

/// How a program on this machine comes to where the service listens: `0.0.0.0` means everywhere, and goes nowhere.
fn host(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

/// Logs to standard error, in colour only where somebody looks; `RUST_LOG` says how much, by default what is worth
/// knowing.
fn log() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .with_target(false)
        .init();
}

fn filled(store: &Store) -> Result<Facts, Failure> {
    let people = demo::fill(store, Timestamp::now())?;
    let tokens = people.iter().map(|person| ("token", format!("{}  {}", person.token.expose(), person.name)));
    Ok([("account", demo::ACCOUNT.to_owned())].into_iter().chain(tokens).collect())
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
