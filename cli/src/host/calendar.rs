//! `backpack host calendar`.

use backpack_server::{Store, calendars};
use clap::{Args, Subcommand};

use super::args::{CalendarArgs, ConfirmArgs, DataFile, OnOff, UserArgs};
use crate::domain::DomainArgs;
use crate::error::CommandError;
use crate::lookup::{find_account, find_user};
use crate::output::OutputArgs;

#[derive(Subcommand)]
pub(crate) enum CalendarCommand {
    /// Create a calendar and print its id. A new user already has one.
    Create {
        #[command(flatten)]
        owner: UserArgs,
        /// Name of the calendar.
        name: String,
        /// Let all users of the account see and change it.
        #[arg(long)]
        shared: bool,
        /// Colour, six hex digits.
        #[arg(long, value_name = "RRGGBB", default_value = "b5651d")]
        color: String,
        #[command(flatten)]
        data: DataFile,
    },
    /// Change a calendar. Omitted settings are left unchanged. If the feed moves, print its new address.
    ///
    /// Users lose access if the calendar is no longer shared, or if an unshared calendar gets another owner. Their
    /// events then go to the owner of the calendar, without reminders. The feed moves to a new path, since they know
    /// the old one.
    Set {
        #[command(flatten)]
        calendar: CalendarArgs,
        #[command(flatten)]
        changes: Box<CalendarChangesArgs>,
        #[command(flatten)]
        domain: DomainArgs,
        #[command(flatten)]
        data: DataFile,
    },
    /// Delete a calendar with its events.
    Delete {
        #[command(flatten)]
        calendar: CalendarArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        data: DataFile,
    },
    /// List the calendars of an account: id, owner's id, `shared`, address of the feed, name.
    ///
    /// The feed is readable without a token. Without a domain, its address is the path at the account's base URL.
    List {
        /// Name of the account.
        account: String,
        #[command(flatten)]
        domain: DomainArgs,
        #[command(flatten)]
        data: DataFile,
    },
}

/// Settings of a calendar to change.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct CalendarChangesArgs {
    /// Name of the calendar.
    #[arg(long)]
    name: Option<String>,
    /// Colour, six hex digits.
    #[arg(long, value_name = "RRGGBB")]
    color: Option<String>,
    /// Let all users of the account see and change it. `off` moves the feed of a shared calendar to a new path.
    #[arg(long)]
    shared: Option<OnOff>,
    /// Id, e-mail address or name of the owner.
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Move the feed to a new path. The old path then returns 404.
    #[arg(long)]
    new_feed: bool,
}

impl CalendarCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        match self {
            Self::Create { owner, name, shared, color, data } => {
                let store = data.open()?;
                let owner = owner.find(&store)?;
                let insert = move |db: &_| calendars::create(db, owner, &name, &color, shared);
                output.print_row(&["ID"], [store.write_blocking(insert)?.0.into()])
            }
            Self::Set { calendar, changes, domain, data } => {
                let store = data.open()?;
                let id = calendar.find(&store)?.id;
                let changes = changes.into_changes(&store, &calendar.account)?;
                let feed = store.write_blocking(move |db| calendars::update(db, id, &changes))?;
                let Some(feed) = feed else { return Ok(()) };
                let account = find_account(&store, &calendar.account)?;
                output.print_row(&["FEED"], [domain.complete(&account, &feed).into()])
            }
            Self::Delete { calendar, confirm, data } => {
                let store = data.open()?;
                let calendars::Calendar { id, name, .. } = calendar.find(&store)?;
                confirm.require(format_args!("calendar {id} of {}, {name}, with its events", calendar.account))?;
                Ok(store.write_blocking(move |db| calendars::delete(db, id))?)
            }
            Self::List { account, domain, data } => list_calendars(&data.open_read_only()?, &account, &domain, output),
        }
    }
}

/// Prints the calendars of an account, one a line. A `-` stands for a calendar that is not shared.
fn list_calendars(store: &Store, account: &str, domain: &DomainArgs, output: OutputArgs) -> Result<(), CommandError> {
    let account = find_account(store, account)?;
    let account_name = account.name.clone();
    let calendars = store.read_blocking(move |db| calendars::list(db, &account_name))?;
    let rows = calendars.into_iter().map(|calendars::Calendar { id, owner, shared, name, feed, .. }| {
        [id.0.into(), owner.0.into(), shared.into(), domain.complete(&account, &feed).into(), name.into()]
    });
    output.print_rows(&["ID", "OWNER", "SHARED", "FEED", "NAME"], rows)
}

impl CalendarChangesArgs {
    /// Returns the changes, with the id of the new owner, who is found in the account.
    fn into_changes(self, store: &Store, account: &str) -> Result<calendars::CalendarChanges, CommandError> {
        let owner = self.owner.map(|user| find_user(store, account, &user)).transpose()?;
        let Self { name, color, shared, new_feed, .. } = self;
        Ok(calendars::CalendarChanges { name, color, shared: shared.map(OnOff::is_on), owner, renew_feed: new_feed })
    }
}
