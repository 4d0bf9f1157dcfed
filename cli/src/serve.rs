//! `backpack serve`.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::config::{Limits, TlsConfig};
use backpack_server::mail::MailConfig;
use backpack_server::server::BoundServer;
use backpack_server::users::NewUser;
use backpack_server::{Server, ServerConfig, Store, accounts, demo, setup};
use clap::Args;

use crate::domain::parse_domain;
use crate::error::CommandError;
use crate::lookup::find_account;

/// Serve the Backpack API from a data file, or with demo content.
///
/// With `--data`, all content is in one file. The first start creates the file with an account, a user and a token, and
/// prints them. The token cannot be shown again. With `--demo`, an account with sample content is kept in memory.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("from").required(true).multiple(true).args(["data", "demo"])))]
pub(crate) struct ServeCommand {
    /// The service's data file; created if it does not exist.
    #[arg(long, value_name = "FILE", env = DATA_VARIABLE)]
    data: Option<PathBuf>,
    /// Serve an account with sample content, kept in memory.
    #[arg(long)]
    demo: bool,
    /// Address to listen on, such as `127.0.0.1:3000`, `localhost:3000`, or `0.0.0.0:3000` for all interfaces. A port
    /// alone, such as `3000`, listens on this machine only.
    #[arg(long, value_name = "ADDRESS", env = "BACKPACK_LISTEN", default_value = "127.0.0.1:3000", value_parser = parse_address)]
    listen: SocketAddr,
    /// Domain of the accounts: `ACCOUNT.DOMAIN`, with the default account at `DOMAIN` itself. Without it, the first
    /// label of any host name selects the account.
    #[arg(long, env = "BACKPACK_DOMAIN", value_parser = parse_domain)]
    domain: Option<String>,
    /// Default account, for host names without an account such as `localhost`; by default the oldest. On a first start,
    /// name of the account to create, by default `home`.
    #[arg(long, value_name = "NAME", env = "BACKPACK_ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    first_user: FirstUserArgs,
    /// Turn off the rate limits.
    #[arg(long, env = "BACKPACK_NO_RATE_LIMITS")]
    no_rate_limits: bool,
    /// Maximum number of open connections of one client: an IPv4 address, or an IPv6 /64 network. Has no effect with
    /// `--behind-proxy`, since all connections then come from the proxy. A reverse proxy without `--behind-proxy` is one
    /// client.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "BACKPACK_CONNECTIONS_PER_CLIENT",
        default_value_t = Limits::default().max_connections_per_client
    )]
    connections_per_client: usize,
    /// Also serve HTTPS on this address. An account created on this start then requires HTTPS.
    #[arg(long, value_name = "ADDRESS", env = "BACKPACK_TLS_LISTEN", value_parser = parse_address, requires_all = ["tls_certificate", "tls_key"])]
    tls_listen: Option<SocketAddr>,
    /// PEM file with the certificate chain.
    #[arg(long, value_name = "FILE", env = "BACKPACK_TLS_CERTIFICATE", requires = "tls_listen")]
    tls_certificate: Option<PathBuf>,
    /// PEM file with the private key.
    #[arg(long, value_name = "FILE", env = "BACKPACK_TLS_KEY", requires = "tls_listen")]
    tls_key: Option<PathBuf>,
    /// Also serve accounts without required SSL over HTTPS instead of redirecting them to HTTP.
    #[arg(long, env = "BACKPACK_BOTH_SCHEMES")]
    both_schemes: bool,
    /// Trust `X-Forwarded-For` and `X-Forwarded-Proto` of a reverse proxy for the client's address and scheme.
    #[arg(long, env = "BACKPACK_BEHIND_PROXY")]
    behind_proxy: bool,
    /// Log the client's address and the path of each request. In the path, `*` stands for every word that may be a
    /// token. Queries are never logged.
    #[arg(long, env = "BACKPACK_LOG_CLIENTS")]
    log_clients: bool,
    #[command(flatten)]
    mail: OutboundMailArgs,
}

/// Name, address and time zone of the user that a first start creates. `backpack host user set` changes them later.
#[derive(Args)]
struct FirstUserArgs {
    /// Name of the user; by default the name of the account.
    #[arg(long, env = "BACKPACK_NAME", help_heading = FIRST_USER)]
    name: Option<String>,
    /// E-mail address of the user; by default `ACCOUNT@localhost`.
    #[arg(long, value_name = "ADDRESS", env = "BACKPACK_EMAIL", help_heading = FIRST_USER)]
    email: Option<String>,
    /// Time zone of the user, such as `London` or `Europe/London`; by default `UTC`.
    #[arg(long, value_name = "ZONE", env = "BACKPACK_TIME_ZONE", help_heading = FIRST_USER)]
    time_zone: Option<String>,
}

/// Heading of the options for the first user, in the help.
const FIRST_USER: &str = "User created on a first start";

/// Environment variable with the path of the data file.
const DATA_VARIABLE: &str = "BACKPACK_DATA";

/// Delivery of outbound mail.
#[derive(Args)]
struct OutboundMailArgs {
    /// SMTP server, such as `smtps://user:password@mail.example.com`. Set the environment variable instead to hide the
    /// password from other users of this machine.
    #[arg(long, value_name = "URL", env = "BACKPACK_SMTP", hide_env_values = true, requires = "mail_from")]
    smtp: Option<String>,
    /// Folder in which mail is stored as files if there is no SMTP server; by default `outbox` next to the data file.
    #[arg(long, value_name = "FOLDER", env = "BACKPACK_OUTBOX")]
    outbox: Option<PathBuf>,
    /// Sender of the mail, such as `Backpack <backpack@example.com>`; required with `--smtp`.
    #[arg(long, value_name = "ADDRESS", env = "BACKPACK_MAIL_FROM")]
    mail_from: Option<String>,
}

impl ServeCommand {
    /// Serves until the process receives a signal to shut down.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        // Wrong arguments must not leave a new data file behind.
        let account = self.account.as_deref().unwrap_or("home");
        accounts::check_name(account)?;
        let user = self.first_user.to_user(account);
        user.check()?;
        let config = self.build_config()?;
        let outbox = config.mail.folder().map(Path::to_owned);
        // Before a token is created and printed, so that a start that fails for this reason can be repeated.
        let mut bound = BoundServer::bind(config)?;
        let store = match self.data_file()? {
            Some(file) => Store::open(file)?,
            None => Store::in_memory()?,
        };
        let created =
            if self.demo { self.fill_demo(&store)? } else { self.create_first_account(&store, account, user)? };
        // Printed before a later step can fail, since the token cannot be shown again.
        print_info(&created);
        if created.is_empty() && self.first_user.is_given() {
            tracing::warn!("the data file already has an account: change its users with `backpack host user set`");
        }
        self.warn_about_accounts(&store)?;
        bound.set_default_account(self.find_default_account(&store)?);
        if let Some(folder) = outbox {
            tracing::warn!("mail is not sent, but stored in {}: set an SMTP server with `--smtp`", folder.display());
        }
        let server = bound.start(store)?;
        server.run_until_signal(|server| print_info(&self.describe_addresses(server, &created)));
        Ok(())
    }

    /// Returns the data file, or `None` for a demo. A demo ignores the environment variable, but rejects `--data`.
    fn data_file(&self) -> Result<Option<&Path>, CommandError> {
        // clap merges the argument and the variable. A value that differs from the variable is an argument.
        let is_from_argument = |data: &&Path| std::env::var_os(DATA_VARIABLE).is_none_or(|variable| variable != **data);
        match (self.demo, self.data.as_deref().filter(is_from_argument)) {
            (true, Some(_)) => Err("a demo is kept in memory: use either `--demo` or `--data`".into()),
            (true, None) => Ok(None),
            (false, _) => Ok(self.data.as_deref()),
        }
    }

    /// Builds the configuration of the server from the arguments, without the default account, which the store decides.
    fn build_config(&self) -> Result<ServerConfig, CommandError> {
        let mut config = ServerConfig::default();
        config.listen.address = self.listen;
        config.accounts.domain.clone_from(&self.domain);
        config.limits.enforce_rate_limits = !self.no_rate_limits;
        config.limits.max_connections_per_client = self.connections_per_client;
        if let (Some(address), Some(certificate), Some(key)) = (self.tls_listen, &self.tls_certificate, &self.tls_key) {
            config.listen.tls = Some(TlsConfig { address, certificate: certificate.clone(), key: key.clone() });
        }
        config.listen.allow_both_schemes = self.both_schemes;
        config.listen.trust_proxy_headers = self.behind_proxy;
        config.log_client_and_path = self.log_clients;
        config.mail = self.mail.to_config(self.data_file()?);
        Ok(config)
    }

    /// Warns about accounts that clients cannot use safely, or at all, with the schemes that are served.
    fn warn_about_accounts(&self, store: &Store) -> Result<(), CommandError> {
        for account in store.read_blocking(accounts::list)? {
            let name = &account.name;
            let serves_https = self.tls_listen.is_some();
            // A client that calls the account over HTTPS is redirected, and sends its token over HTTP.
            if !account.ssl && serves_https && !self.both_schemes {
                tracing::warn!(
                    "account {name} is redirected from https to http; to require https: `backpack host account ssl {name} on`"
                );
            }
            if account.ssl && !serves_https && !self.behind_proxy {
                tracing::warn!(
                    "account {name} requires https, which is not served: use `--tls-listen`, or a proxy and `--behind-proxy`"
                );
            }
        }
        Ok(())
    }

    /// Creates an account if the file has none, so that `serve` alone is enough for a first start. Returns its name and
    /// token to print; empty if the file has an account.
    fn create_first_account(&self, store: &Store, name: &str, user: NewUser) -> Result<StartupInfo, CommandError> {
        let (account, ssl) = (name.to_owned(), self.tls_listen.is_some());
        let token = store.write_blocking(move |db| setup::create_first_account(db, &account, ssl, &user))?;
        let info = token.map(|token| vec![("account", name.to_owned()), ("token", token.expose().to_owned())]);
        Ok(info.unwrap_or_default())
    }

    /// Creates the demo account. Returns its name, and the token and name of each user, to print.
    fn fill_demo(&self, store: &Store) -> Result<StartupInfo, CommandError> {
        let demo_users = demo::fill(store, Timestamp::now())?;
        let ssl = self.tls_listen.is_some();
        store.write_blocking(move |db| accounts::set_ssl(db, demo::ACCOUNT, ssl))?;
        let tokens = demo_users.iter().map(|user| ("token", format!("{}  {}", user.token.expose(), user.name)));
        Ok([("account", demo::ACCOUNT.to_owned())].into_iter().chain(tokens).collect())
    }

    /// Describes the addresses of the service, and a first request if a token was created. The address over HTTP comes
    /// last.
    fn describe_addresses(&self, server: &Server, created: &StartupInfo) -> StartupInfo {
        let mut info = StartupInfo::new();
        let http = format!("http://{}", format_local_address(server.address()));
        let https = server.tls_address().map(|address| format!("https://{}", format_local_address(address)));
        if let Some((_, token)) = created.iter().find(|(name, _)| *name == "token") {
            // The name of a demo user follows the token.
            let token = token.split(' ').next().unwrap_or_default();
            let body = format!("<request><token>{token}</token></request>");
            // A new account requires HTTPS if the service has it.
            info.push(("try", format!("curl -d '{body}' {}/ws/pages/all", https.as_ref().unwrap_or(&http))));
        }
        if let Some(domain) = &self.domain {
            info.push((
                "domain",
                format_public_address(domain, self.behind_proxy, server.address(), server.tls_address()),
            ));
        }
        info.extend(https.map(|address| ("https", address)));
        info.push(("address", http));
        info
    }

    /// Returns the name of the account in `--account`, or else of the oldest; `None` if there is no account.
    fn find_default_account(&self, store: &Store) -> Result<Option<String>, CommandError> {
        match &self.account {
            Some(name) => Ok(Some(find_account(store, name)?.name)),
            None => Ok(store.read_blocking(accounts::find_oldest)?.map(|account| account.name)),
        }
    }
}

impl FirstUserArgs {
    /// `true` if at least one of the options is given.
    fn is_given(&self) -> bool {
        self.name.is_some() || self.email.is_some() || self.time_zone.is_some()
    }

    /// Returns the user to create in an account, with the defaults that the help describes.
    fn to_user(&self, account: &str) -> NewUser {
        NewUser {
            name: self.name.clone().unwrap_or_else(|| account.to_owned()),
            email_address: self.email.clone().unwrap_or_else(|| format!("{account}@localhost")),
            admin: true,
            time_zone: self.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        }
    }
}

impl OutboundMailArgs {
    /// Builds the configuration of mail. `data` is the data file, next to which the outbox is by default; `None` for a
    /// demo, whose mail is not stored as files by default.
    fn to_config(&self, data: Option<&Path>) -> MailConfig {
        let mut config = MailConfig::default();
        config.smtp.clone_from(&self.smtp);
        config.outbox = self.outbox.clone().or_else(|| Some(data?.with_file_name("outbox")));
        config.from.clone_from(&self.mail_from);
        config
    }
}

/// Parses an address to listen on. A name that resolves to several addresses gives the first. A port alone, such as
/// `3000` or `:3000`, is on this machine.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.strip_prefix(':').unwrap_or(text).parse::<u16>() {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let first = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    first.ok_or_else(|| {
        "expected `127.0.0.1:3000` or `localhost:3000` for this machine, `0.0.0.0:3000` for all interfaces".to_owned()
    })
}

/// Lines that the service prints when it starts, as name and value.
type StartupInfo = Vec<(&'static str, String)>;

/// Prints the lines to standard output, with aligned values.
fn print_info(info: &StartupInfo) {
    let lines: String = info.iter().map(|(name, value)| format!("{name:8} {value}\n")).collect();
    // The service runs even if standard output is closed.
    let _ = std::io::stdout().write_all(lines.as_bytes());
}

/// Formats a listening address as the host and port that programs on this machine connect to: `localhost` for
/// `0.0.0.0`.
fn format_local_address(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

/// Formats the address at which people reach the service. A proxy is expected to serve HTTPS on its default port.
fn format_public_address(domain: &str, behind_proxy: bool, http: SocketAddr, https: Option<SocketAddr>) -> String {
    let (scheme, port, default_port) = match https {
        _ if behind_proxy => ("https", 443, 443),
        Some(address) => ("https", address.port(), 443),
        None => ("http", http.port(), 80),
    };
    let port = if port == default_port { String::new() } else { format!(":{port}") };
    format!("{scheme}://{domain}{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_on_this_machine() {
        for text in ["3100", ":3100", "127.0.0.1:3100"] {
            assert_eq!(parse_address(text).unwrap(), "127.0.0.1:3100".parse().unwrap());
        }
        assert_eq!(parse_address("0.0.0.0:3100").unwrap(), "0.0.0.0:3100".parse().unwrap());
        for text in ["", ":", "70000", "example"] {
            assert!(parse_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prints_the_address_that_people_use() {
        let address = |port| (Ipv4Addr::UNSPECIFIED, port).into();
        for (behind_proxy, http, https, printed) in [
            (true, 3000, None, "https://example.org"),
            (false, 3000, None, "http://example.org:3000"),
            (false, 80, None, "http://example.org"),
            (false, 80, Some(443), "https://example.org"),
            (false, 3000, Some(3443), "https://example.org:3443"),
        ] {
            let formatted = format_public_address("example.org", behind_proxy, address(http), https.map(address));
            assert_eq!(formatted, printed);
        }
    }

    #[test]
    fn every_option_has_an_environment_variable() {
        let command = ServeCommand::augment_args(clap::Command::new("serve"));
        let options = command.get_arguments().filter_map(|option| Some((option.get_long()?, option.get_env())));
        let missing: Vec<_> = options.filter(|(_, variable)| variable.is_none()).map(|(name, _)| name).collect();
        assert_eq!(missing, ["demo"]);
    }

    #[test]
    fn prints_addresses_that_clients_can_connect_to() {
        for (address, printed) in [
            ("0.0.0.0:3000", "localhost:3000"),
            ("[::]:3000", "localhost:3000"),
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("[::1]:3000", "[::1]:3000"),
        ] {
            assert_eq!(format_local_address(address.parse().unwrap()), printed);
        }
    }
}
