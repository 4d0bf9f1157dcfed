//! Accounts, users, tokens and the file. All of it works while the service runs.

use std::path::{Path, PathBuf};

use backpack_api::UserId;
use backpack_server::people::{self, CalendarChange, NewUser, UserChange};
use backpack_server::{ApiError, Store, zones};
use clap::{Args, Subcommand, ValueEnum};

use crate::{Failure, out};

/// The file that a command is about.
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
            Err(format!("there is no file {}: `backpack serve` makes one", self.data.display()).into())
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
    /// Give an account another name, and so another address.
    ///
    /// A service that runs looks for its default account under the name that it had at the start.
    Rename {
        /// Its name.
        account: String,
        /// Its new name.
        #[arg(value_name = "NAME")]
        new: String,
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
    /// Say how many pages an account may have. What it has already stays.
    PageLimit {
        /// Its name.
        account: String,
        /// The most pages, or `none` for any number.
        #[arg(value_name = "PAGES|none", value_parser = number_or_none)]
        pages: OrNone<u32>,
        #[command(flatten)]
        data: Data,
    },
    /// Delete an account with its users, and all that they have.
    Delete {
        /// Its name.
        account: String,
        #[command(flatten)]
        sure: Sure,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// What has to be said before anything is deleted.
#[derive(Args)]
pub(crate) struct Sure {
    /// Yes, delete it. There is no way back but a copy of the file.
    #[arg(long)]
    yes: bool,
}

/// A value that may be `none`. A name of its own, since clap takes an `Option` for an argument that may be absent.
type OrNone<T> = Option<T>;

fn number_or_none(text: &str) -> Result<OrNone<u32>, String> {
    let number = |text: &str| text.parse().map_err(|_| "this is neither a number nor `none`".to_owned());
    none_or(text).map(number).transpose()
}

fn text_or_none(text: &str) -> Result<OrNone<String>, String> {
    Ok(none_or(text).map(str::to_owned))
}

fn none_or(text: &str) -> Option<&str> {
    (text != "none").then_some(text)
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
        /// Show them to clients as who manages the account. They may do no more than others.
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
    /// Show what is set of a user, a line each: the name of an option of `set`, and its value.
    Show {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        data: Data,
    },
    /// List the names of time zones: the API's, and IANA's.
    Zones,
    /// Change a user. What is not named stays as it is.
    Set {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        change: Box<Change>,
        #[command(flatten)]
        data: Data,
    },
    /// Delete a user, with what is theirs alone.
    ///
    /// Their reminders, journal, status and tokens go, and the calendars that they did not share. Pages stay in the
    /// account; so do shared calendars and the events on them, which go to another of its users, and reminders that others
    /// get too.
    Delete {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        sure: Sure,
        #[command(flatten)]
        data: Data,
    },
}

/// A user of an account.
#[derive(Args)]
pub(crate) struct Whose {
    /// The account's name.
    account: String,
    /// The user: number, e-mail address or name.
    user: String,
}

/// What is to change of a user.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Change {
    /// What they are called.
    #[arg(long)]
    name: Option<String>,
    /// Where mail for them goes.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Their time zone, such as `London` or `Europe/London`.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Whether clients are shown that they manage the account. They may do no more than others.
    #[arg(long)]
    admin: Option<Switch>,
    /// Whether times in their mail run to 24 hours, or to 12 twice.
    #[arg(long, value_name = "HOURS", value_parser = ["24", "12"])]
    clock: Option<String>,
    /// Whether reminders come by mail.
    #[arg(long)]
    remind_by_mail: Option<Switch>,
    /// Where reminders for their mobile go, as mail of a few words; `none` for nowhere.
    #[arg(long, value_name = "NUMBER@HOST|none", value_parser = text_or_none)]
    mobile: Option<OrNone<String>>,
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// Create a token and print it. It cannot be shown again.
    Create {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        data: Data,
    },
    /// List the tokens of a user, the oldest first: mark, and when it was made.
    ///
    /// A token itself is not kept. Its mark is the beginning of its SHA-256: `printf %s TOKEN | sha256sum | head -c 8`.
    List {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        data: Data,
    },
    /// Make a token useless, or all of a user, and print how many that were.
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// The token's mark, as `list` has it.
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        mark: Option<String>,
        /// All tokens of the user.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub(crate) enum Calendar {
    /// Create a calendar, and print its number. A new user has one already.
    Create {
        #[command(flatten)]
        whose: Whose,
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
    /// Change a calendar. What is not named stays as it is.
    ///
    /// The events of those who do not see it any more are its owner's then, and remind nobody.
    Set {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Box<Edit>,
        #[command(flatten)]
        data: Data,
    },
    /// Delete a calendar with its events.
    Delete {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        sure: Sure,
        #[command(flatten)]
        data: Data,
    },
    /// List the calendars of an account: number, owner's number, whether it is shared, path of its feed, name.
    ///
    /// The feed is at that path of the account's address, for everybody who knows it.
    List {
        /// The account's name.
        account: String,
        #[command(flatten)]
        data: Data,
    },
}

/// A calendar of an account.
#[derive(Args)]
pub(crate) struct Which {
    /// The account's name.
    account: String,
    /// The calendar: number or name.
    calendar: String,
}

/// What is to change of a calendar.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Edit {
    /// What it is called.
    #[arg(long)]
    name: Option<String>,
    /// Its colour, six hex digits.
    #[arg(long, value_name = "RRGGBB")]
    color: Option<String>,
    /// Whether everybody in the account sees and changes it.
    #[arg(long)]
    shared: Option<Switch>,
    /// Whose it is: number, e-mail address or name of a user.
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Move its feed to another path: the one that people know leads nowhere then.
    #[arg(long)]
    new_feed: bool,
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
    /// Put a copy in the file's place, while no service runs. What was there is kept beside it, as `FILE.old`.
    Restore {
        /// The copy, which stays.
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
                    let ssl = if account.ssl { "ssl" } else { "-" };
                    let limit = account.page_limit.map_or_else(|| "-".to_owned(), |limit| limit.to_string());
                    out::line(format_args!("{}\t{ssl}\t{limit}", account.name))?;
                }
            }
            Self::Rename { account, new, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| people::Account::rename(db, &name, &new))?;
            }
            Self::Ssl { account, ssl, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| people::Account::require_ssl(db, &name, ssl.is_on()))?;
            }
            Self::PageLimit { account, pages, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                store.write_blocking(move |db| people::Account::limit_pages(db, &name, pages))?;
            }
            Self::Delete { account, sure, data } => {
                let store = data.open()?;
                let name = find_account(&store, &account)?.name;
                sure.about(format_args!("the account {name} with all that it has"))?;
                store.write_blocking(move |db| people::Account::delete(db, &name))?;
            }
        }
        Ok(())
    }
}

impl User {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { account, name, email, admin, time_zone, data } => {
                let store = data.open()?;
                let account = find_account(&store, &account)?.name;
                let user = NewUser { name, email_address: email, admin, time_zone };
                out::line(store.write_blocking(move |db| people::create_user(db, &account, &user))?)?;
            }
            Self::List { account, data } => {
                let store = data.to_read()?;
                let account = find_account(&store, &account)?.name;
                for (id, user) in store.read_blocking(move |db| people::users(db, &account))? {
                    out::line(format_args!("{id}\t{}\t{}", user.email_address, user.name))?;
                }
            }
            Self::Show { whose, data } => {
                let store = data.to_read()?;
                let user = whose.find(&store)?;
                let set = store.read_blocking(move |db| people::show_user(db, user))?;
                for (option, value) in shown(set) {
                    out::line(format_args!("{option}\t{value}"))?;
                }
            }
            Self::Zones => {
                for (name, iana) in zones::all() {
                    out::line(format_args!("{name}\t{iana}"))?;
                }
            }
            Self::Set { whose, change, data } => {
                let store = data.open()?;
                let user = whose.find(&store)?;
                let change = change.wanted();
                store.write_blocking(move |db| people::change_user(db, user, &change))?;
            }
            Self::Delete { whose, sure, data } => {
                let store = data.open()?;
                let user = whose.find(&store)?;
                sure.about(format_args!("user {user} of {} with what is theirs alone", whose.account))?;
                store.write_blocking(move |db| people::delete_user(db, user))?;
            }
        }
        Ok(())
    }
}

impl Token {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { whose, data } => {
                let store = data.open()?;
                let user = whose.find(&store)?;
                let token = store.write_blocking(move |db| people::create_token(db, user))?;
                out::line(token.expose())
            }
            Self::List { whose, data } => {
                let store = data.to_read()?;
                let user = whose.find(&store)?;
                let tokens = store.read_blocking(move |db| people::tokens(db, user))?;
                tokens.iter().try_for_each(|token| out::line(format_args!("{}\t{}", token.mark, token.created_at)))
            }
            Self::Revoke { whose, mark, all: _, data } => {
                let store = data.open()?;
                let user = whose.find(&store)?;
                let Some(mark) = mark else {
                    return out::line(store.write_blocking(move |db| people::revoke_tokens(db, user))?);
                };
                let missing = format!("user {user} of {} has no token {mark}", whose.account);
                let revoked = store.write_blocking(move |db| people::revoke_token(db, user, &mark));
                there(revoked, missing)?;
                out::line(1)
            }
        }
    }
}

impl Calendar {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create { whose, name, shared, color, data } => {
                let store = data.open()?;
                let owner = whose.find(&store)?;
                let create = move |db: &_| people::create_calendar(db, owner, &name, &color, shared);
                out::line(store.write_blocking(create)?)
            }
            Self::Set { which, change, data } => {
                let store = data.open()?;
                let calendar = which.find(&store)?.id;
                let change = change.wanted(&store, which.account)?;
                Ok(store.write_blocking(move |db| people::change_calendar(db, calendar, &change))?)
            }
            Self::Delete { which, sure, data } => {
                let store = data.open()?;
                let people::Calendar { id, name, .. } = which.find(&store)?;
                sure.about(format_args!("calendar {id} of {}, {name}, with its events", which.account))?;
                Ok(store.write_blocking(move |db| people::delete_calendar(db, id))?)
            }
            Self::List { account, data } => {
                let store = data.to_read()?;
                let account = find_account(&store, &account)?.name;
                let calendars = store.read_blocking(move |db| people::calendars(db, &account))?;
                calendars.into_iter().try_for_each(|people::Calendar { id, owner, shared, name, feed, .. }| {
                    let shared = if shared { "shared" } else { "-" };
                    out::line(format_args!("{id}\t{owner}\t{shared}\t{feed}\t{name}"))
                })
            }
        }
    }
}

impl Db {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check { data } => {
                data.to_read()?.check()?;
                out::line("sound")?;
            }
            Self::Backup { copy, data } => data.to_read()?.backup(&copy)?,
            Self::Restore { copy, data } => Store::restore(&data.data, &copy)?,
        }
        Ok(())
    }
}

impl Switch {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Sure {
    fn about(&self, what: impl std::fmt::Display) -> Result<(), Failure> {
        if self.yes { Ok(()) } else { Err(format!("nothing was deleted: `--yes` deletes {what}").into()) }
    }
}

/// What is set of a user, under the names of the options that set it.
fn shown(set: UserChange) -> impl Iterator<Item = (&'static str, String)> {
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let clock = |long: bool| if long { "24" } else { "12" }.to_owned();
    [
        ("name", set.name),
        ("email", set.email_address),
        ("time-zone", set.time_zone),
        ("admin", set.admin.map(switch)),
        ("clock", set.use_24h_clock.map(clock)),
        ("remind-by-mail", set.remind_via_email.map(switch)),
        ("mobile", set.mobile.map(|mobile| mobile.unwrap_or_else(|| "none".to_owned()))),
    ]
    .into_iter()
    .filter_map(|(option, value)| Some((option, value?)))
}

impl Change {
    fn wanted(self) -> UserChange {
        UserChange {
            name: self.name,
            email_address: self.email,
            admin: self.admin.map(Switch::is_on),
            time_zone: self.time_zone,
            use_24h_clock: self.clock.map(|hours| hours == "24"),
            remind_via_email: self.remind_by_mail.map(Switch::is_on),
            mobile: self.mobile,
        }
    }
}

impl Edit {
    fn wanted(self, store: &Store, account: String) -> Result<CalendarChange, Failure> {
        let owner = self.owner.map(|user| Whose { account, user }.find(store)).transpose()?;
        let Self { name, color, shared, new_feed, .. } = self;
        Ok(CalendarChange { name, color, shared: shared.map(Switch::is_on), owner, moves_feed: new_feed })
    }
}

impl Which {
    fn find(&self, store: &Store) -> Result<people::Calendar, Failure> {
        let account = find_account(store, &self.account)?.name;
        let missing = format!("there is no calendar {} in the account {account}", self.calendar);
        let calendar = self.calendar.clone();
        there(store.read_blocking(move |db| people::find_calendar(db, &account, &calendar)), missing)
    }
}

impl Whose {
    fn find(&self, store: &Store) -> Result<UserId, Failure> {
        let account = find_account(store, &self.account)?.name;
        let missing = format!("there is no user {} in the account {account}", self.user);
        let user = self.user.clone();
        there(store.read_blocking(move |db| people::find_user(db, &account, &user)), missing)
    }
}

/// The account of a name; a failure says which one is not there.
pub(crate) fn find_account(store: &Store, name: &str) -> Result<people::Account, Failure> {
    let (missing, name) = (format!("there is no account {name}"), name.to_owned());
    there(store.read_blocking(move |db| people::Account::find(db, &name)), missing)
}

/// Says what is not there.
fn there<T>(found: Result<T, ApiError>, missing: String) -> Result<T, Failure> {
    found.map_err(|refusal| if refusal == ApiError::NotFound { missing.into() } else { refusal.into() })
}
