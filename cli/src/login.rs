//! `backpack login`, `backpack logout` and `backpack whoami`.

use backpack_api::{ApiToken, Secret, User};
use clap::Args;
use serde::Serialize;

use crate::connection::{
    AccountArgs, Connection, TokenSource, account_url, build_config, check_url, create_client, find_host, non_empty,
    token_from_environment,
};
use crate::credentials::{Credentials, StoredAccount};
use crate::error::{CommandError, Exit, failure};
use crate::output::{OutputArgs, Table, print_note};
use crate::terminal;

/// Store the token of an account for the other commands.
///
/// Asks for the token, which Backpack shows under My info, and calls the account with it. Then stores it in
/// `credentials.toml` in the user's configuration folder, readable by the user only. The token can also come from standard
/// input (`--token-stdin`) or from the variable `BACKPACK_TOKEN`.
#[derive(Args)]
pub(crate) struct LoginCommand {
    /// Account: `acme` for `https://acme.backpackit.com`. With `--url`, any name; by default the host.
    #[arg(env = "BACKPACK_ACCOUNT")]
    account: Option<String>,
    /// Base URL of another service, such as `http://localhost:3000`.
    #[arg(long, env = "BACKPACK_URL")]
    url: Option<String>,
    /// Read the token from standard input.
    #[arg(long)]
    token_stdin: bool,
    /// Store the token without asking.
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Remove the stored token of an account.
#[derive(Args)]
pub(crate) struct LogoutCommand {
    /// Account; by default the one logged in last.
    #[arg(long, value_name = "NAME", env = "BACKPACK_ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Show the account and the user that the commands use.
#[derive(Args)]
pub(crate) struct WhoamiCommand {
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Account and user, as they are printed.
#[derive(Serialize)]
struct Identity<'a> {
    account: &'a str,
    url: &'a str,
    user: &'a User,
    /// Source of the token, which is never printed itself.
    token_from: String,
}

impl LoginCommand {
    /// Checks a token, and stores it.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let custom_url = non_empty(self.url.clone());
        let is_custom = custom_url.is_some();
        let (name, url) = match (non_empty(self.account.clone()), custom_url) {
            (name, Some(url)) => {
                let url = check_url(&url)?;
                (name.unwrap_or_else(|| find_host(&url).to_owned()), url)
            }
            (Some(name), None) => (name.clone(), account_url(&name)?),
            (None, None) => {
                let name = terminal::ask("Account (`acme` for https://acme.backpackit.com)", "an argument")?;
                (name.clone(), account_url(&name)?)
            }
        };
        let token = self.read_token()?;
        // Another service may have tokens of another format.
        let parsed = if is_custom { ApiToken::any(token.expose()) } else { ApiToken::new(token.expose()) };
        let parsed = parsed.map_err(|error| failure(Exit::Usage, error.to_string()))?;
        let user = create_client(build_config(&url, parsed)?)?.users().me()?;
        let mut credentials = Credentials::load()?;
        let file = credentials.path().ok_or("there is no home folder to store the token in")?.to_owned();
        let (scheme, address) = url.split_once("://").unwrap_or(("", &url));
        print_note(format_args!("This is {} at {address} ({scheme}).", user.name));
        print_note(format_args!("The token will be stored in {}, readable by you only.", file.display()));
        if !self.yes && !terminal::confirm("Store it?", true)? {
            return Err("the token was not stored".into());
        }
        credentials.store(StoredAccount { name: name.clone(), url: url.clone(), token })?;
        print_identity(&name, &url, &user, &TokenSource::File(file), self.output)
    }

    /// Reads the token: from standard input if the argument says so, from the environment, or from the user.
    fn read_token(&self) -> Result<Secret, CommandError> {
        if self.token_stdin {
            return terminal::read_secret();
        }
        match token_from_environment() {
            Some(token) => Ok(token),
            None => terminal::ask_secret("Token (My info, at the bottom of the page)", "`--token-stdin`"),
        }
    }
}

impl LogoutCommand {
    /// Removes the account from the credentials.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let mut credentials = Credentials::load()?;
        let name = non_empty(self.account).or_else(|| credentials.last().map(|account| account.name.clone()));
        let Some(name) = name else { return Err(failure(Exit::NotFound, "no account is logged in")) };
        if !credentials.remove(&name)? {
            return Err(failure(Exit::NotFound, format!("the account {name} is not logged in")));
        }
        let mut table = Table::new(&[]);
        table.add([&"logged out", &name]);
        self.output.print(&serde_json::json!({ "account": name }), &table)
    }
}

impl WhoamiCommand {
    /// Prints the account and the user.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let Connection { client, account } = self.account.connect()?;
        let user = client.users().me()?;
        print_identity(&account.name, &account.url, &user, account.token_source()?, self.output)
    }
}

/// Prints an account and its user.
fn print_identity(
    account: &str,
    url: &str,
    user: &User,
    source: &TokenSource,
    output: OutputArgs,
) -> Result<(), CommandError> {
    let mut table = Table::new(&[]);
    table.add([&"account", &account]);
    table.add([&"address", &url]);
    table.add([&"user", &user.name]);
    table.add([&"number", &user.id]);
    table.add([&"token", &format_args!("from {source}")]);
    output.print(&Identity { account, url, user, token_from: source.to_string() }, &table)
}
