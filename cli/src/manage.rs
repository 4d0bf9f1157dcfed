//! Accounts, users, tokens and the file. All of it works while the service runs.

use std::path::{Path, PathBuf};

use backpack_server::{Store, people};
use clap::{Args, Subcommand, ValueEnum};

use crate::Failure;

#[derive(Args)]
pub(crate) struct Data {
    /// The file in which everything is kept.
    #[arg(long, value_name = "FILE", env = "BACKPACK_DATA")]
    data: PathBuf,
}

impl Data {
    /// Opens the file, which must be there: only `serve` creates one.
    pub(crate) fn open(&self) -> Result<Store, Failure> {
        Ok(Store::existing(self.file()?)?)
    }

    /// Opens the file, which must be there, for reading only: it may be one that cannot be written.
    fn to_read(&self) -> Result<Store, Failure> {
        Ok(Store::to_read(self.file()?)?)
    }

    fn file(&self) -> Result<&Path, Failure> {
        if self.data.exists() {
            Ok(&self.data)
        } else {
            Err(format!("there is no file {}", self.data.display()).into())
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Account {
    /// Create an account, without users.
    Create {
        /// Its name, which is the first label of its address.
        account: String,
        /// The most pages it may have.
        #[arg(long, value_name = "PAGES")]
        page_limit: Option<u32>,
        #[command(flatten)]
        data: Data,
    },
    /// List the accounts: name, whether SSL is required, page limit.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Say whether an account is reached over https only.
    Ssl {
        /// Its name.
        account: String,
        /// Whether SSL is required.
        ssl: Switch,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Subcommand)]
pub(crate) enum User {
    /// Create a user, and print their number.
    Create {
        /// The account's name.
        account: String,
        /// What they are called.
        name: String,
        /// Where mail for them goes.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Let them manage the account.
        #[arg(long)]
        admin: bool,
        /// Their time zone, such as `London` or `Europe/London`.
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        time_zone: String,
        #[command(flatten)]
        data: Data,
    },
    /// List the users of an account: number, e-mail address, name.
    List {
        /// The account's name.
        account: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// Create a token and print it. It cannot be shown again.
    Create {
        /// The account's name.
        account: String,
        /// The user: number, e-mail address or name.
        user: String,
        #[command(flatten)]
        data: Data,
    },
    /// Make all tokens of a user useless.
    Revoke {
        /// The account's name.
        account: String,
        /// The user: number, e-mail address or name.
        user: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub(crate) enum Calendar {
    /// Create a calendar, and print its number. A new user has one already.
    Create {
        /// The account's name.
        account: String,
        /// Whose it is: number, e-mail address or name of the user.
        user: String,
        /// What it is called.
        name: String,
        /// Let everybody in the account see and change it.
        #[arg(long)]
        shared: bool,
        /// Its colour, six hex digits.
        #[arg(long, value_name = "RRGGBB", default_value = "b5651d")]
        color: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub(crate) enum Db {
    /// Check that the file is sound.
    Check {
        #[command(flatten)]
        data: Data,
    },
    /// Write a copy, as it is at this moment, also while the service runs.
    Backup {
        /// The copy, which must not exist yet.
        copy: PathBuf,
        #[command(flatten)]
        data: Data,
    },
}

impl Account {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { account, page_limit, data } => {
                data.open()?.write_blocking(move |db| people::Account::create(db, &account, page_limit))?;
            }
            Self::List { data } => {
                for account in data.to_read()?.read_blocking(people::Account::all)? {
                    let limit = account.page_limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
                    println!("{}\t{}\t{limit}", account.name, if account.ssl { "ssl" } else { "-" });
                }
            }
            Self::Ssl { account, ssl, data } => {
                data.open()?.write_blocking(move |db| people::Account::require_ssl(db, &account, ssl == Switch::On))?;
            }
        }
        Ok(())
    }
}

impl User {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { account, name, email, admin, time_zone, data } => {
                let user = people::NewUser { name, email_address: email, admin, time_zone };
                println!("{}", data.open()?.write_blocking(move |db| people::create_user(db, &account, &user))?);
            }
            Self::List { account, data } => {
                for (id, user) in data.to_read()?.read_blocking(move |db| people::users(db, &account))? {
                    println!("{id}\t{}\t{}", user.email_address, user.name);
                }
            }
        }
        Ok(())
    }
}

impl Token {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { account, user, data } => {
                let token = data
                    .open()?
                    .write_blocking(move |db| people::create_token(db, people::find_user(db, &account, &user)?))?;
                println!("{}", token.expose());
            }
            Self::Revoke { account, user, data } => {
                let revoked = data
                    .open()?
                    .write_blocking(move |db| people::revoke_tokens(db, people::find_user(db, &account, &user)?))?;
                println!("{revoked}");
            }
        }
        Ok(())
    }
}

impl Calendar {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Create { account, user, name, shared, color, data } = self;
        let id = data.open()?.write_blocking(move |db| {
            people::create_calendar(db, people::find_user(db, &account, &user)?, &name, &color, shared)
        })?;
        println!("{id}");
        Ok(())
    }
}

impl Db {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { data } => {
                data.to_read()?.check()?;
                println!("sound");
            }
            Self::Backup { copy, data } => data.to_read()?.backup(&copy)?,
        }
        Ok(())
    }
}
