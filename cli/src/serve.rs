//! `backpack serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use backpack_server::{Server, Settings, Store, demo, people};
use clap::Args;

use crate::Failure;

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
    /// The account at an address that names none, such as `localhost`; the first one, if there is only one.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Do not limit how many requests may come in 5 seconds.
    #[arg(long)]
    no_rate_limits: bool,
}

impl Serve {
    pub(crate) fn run(self) -> Result<(), Failure> {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
        let store = match &self.data {
            Some(file) => Store::open(file)?,
            None => Store::in_memory()?,
        };
        let token = if self.demo { self.fill_demo(&store)? } else { self.first_start(&store)? };
        let mut settings = Settings::default();
        settings.address = self.listen;
        settings.domain = self.domain.clone();
        settings.rate_limits = !self.no_rate_limits;
        settings.default_account = self.default_account(&store)?;
        let server = Server::start(store, settings)?;
        println!("address  http://{}", server.address());
        if let Some(token) = token {
            println!("try      curl -H 'Content-Type: application/xml' \\");
            println!("           -d '<request><token>{token}</token></request>' \\");
            println!("           http://{}/ws/pages/all", server.address());
        }
        server.run_until_signal();
        Ok(())
    }

    fn fill_demo(&self, store: &Store) -> Result<Option<String>, Failure> {
        let people = demo::fill(store)?;
        println!("account  {}", demo::ACCOUNT);
        for person in &people {
            println!("token    {}  {}", person.token.expose(), person.name);
        }
        Ok(people.first().map(|person| person.token.expose().to_owned()))
    }

    /// In a file without accounts, creates one, so that one command is enough to begin.
    fn first_start(&self, store: &Store) -> Result<Option<String>, Failure> {
        let name = self.account.clone().unwrap_or_else(|| "home".to_owned());
        let token = store.write_blocking(move |db| people::first_account(db, &name))?;
        if let Some(token) = &token {
            println!("account  created");
            println!("token    {}", token.expose());
        }
        Ok(token.map(|token| token.expose().to_owned()))
    }

    fn default_account(&self, store: &Store) -> Result<Option<String>, Failure> {
        if self.account.is_some() {
            return Ok(self.account.clone());
        }
        let accounts = store.write_blocking(people::Account::all)?;
        let [only] = &accounts[..] else { return Ok(None) };
        Ok(Some(only.name.clone()))
    }
}
