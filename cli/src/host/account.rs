//! `backpack host account`.

use backpack_server::{Store, accounts};
use clap::Subcommand;

use super::args::{ConfirmArgs, DataFile, OnOff, OrNone, parse_number_or_none};
use crate::error::CommandError;
use crate::lookup::find_account;
use crate::output::OutputArgs;

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account without users.
    Create {
        /// Name of the account: the first label of its host name.
        account: String,
        /// Maximum number of pages.
        #[arg(long, value_name = "PAGES")]
        page_limit: Option<u32>,
        #[command(flatten)]
        data: DataFile,
    },
    /// List the accounts: name, `ssl` if SSL is required, page limit.
    List {
        #[command(flatten)]
        data: DataFile,
    },
    /// Rename an account, which changes its host name.
    ///
    /// The service reads the name of its default account only when it starts. Restart it after renaming that account.
    Rename {
        /// Name of the account.
        account: String,
        /// New name.
        #[arg(value_name = "NAME")]
        new: String,
        #[command(flatten)]
        data: DataFile,
    },
    /// Set whether an account requires HTTPS.
    Ssl {
        /// Name of the account.
        account: String,
        /// `on` to require HTTPS.
        ssl: OnOff,
        #[command(flatten)]
        data: DataFile,
    },
    /// Set the page limit of an account. Existing pages stay.
    PageLimit {
        /// Name of the account.
        account: String,
        /// Maximum number of pages, or `none` for no limit.
        #[arg(value_name = "PAGES|none", value_parser = parse_number_or_none)]
        pages: OrNone<u32>,
        #[command(flatten)]
        data: DataFile,
    },
    /// Delete an account with its users and all their content.
    Delete {
        /// Name of the account.
        account: String,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        data: DataFile,
    },
}

impl AccountCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        match self {
            Self::Create { account, page_limit, data } => {
                data.open()?.write_blocking(move |db| accounts::create(db, &account, page_limit))?;
            }
            Self::List { data } => list_accounts(&data.open_read_only()?, output)?,
            Self::Rename { account, new, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| accounts::rename(db, &name, &new))?;
            }
            Self::Ssl { account, ssl, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| accounts::set_ssl(db, &name, ssl.is_on()))?;
            }
            Self::PageLimit { account, pages, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| accounts::set_page_limit(db, &name, pages))?;
            }
            Self::Delete { account, confirm, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                confirm.require(format_args!("the account {name} with all its content"))?;
                store.write_blocking(move |db| accounts::delete(db, &name))?;
            }
        }
        Ok(())
    }
}

/// Prints the accounts, one a line. A `-` stands for no SSL and no page limit.
fn list_accounts(store: &Store, output: OutputArgs) -> Result<(), CommandError> {
    let accounts = store.read_blocking(accounts::list)?.into_iter();
    let rows = accounts.map(|account| [account.name.into(), account.ssl.into(), account.page_limit.into()]);
    output.print_rows(&["NAME", "SSL", "PAGE LIMIT"], rows)
}
