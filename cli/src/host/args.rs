//! Arguments that several commands share.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use backpack_api::UserId;
use backpack_server::{Store, calendars};
use clap::{Args, ValueEnum};

use crate::error::CommandError;
use crate::lookup::{find_calendar, find_user};

/// The service's data file.
#[derive(Args)]
pub(crate) struct DataFile {
    /// The service's data file.
    #[arg(id = "data", long, value_name = "FILE", env = "BACKPACK_DATA")]
    path: PathBuf,
}

impl DataFile {
    /// Opens the file, which must exist: only `backpack serve` and `backpack host import` create one.
    pub(crate) fn open(&self) -> Result<Store, CommandError> {
        Ok(Store::open_existing(self.existing_path()?)?)
    }

    /// Opens the file for reading only, so that a file on read-only media can be used.
    pub(crate) fn open_read_only(&self) -> Result<Store, CommandError> {
        Ok(Store::open_read_only(self.existing_path()?)?)
    }

    /// Returns the path; the file may not exist.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path, or an error that names it if the file does not exist.
    fn existing_path(&self) -> Result<&Path, CommandError> {
        if self.path.exists() {
            Ok(&self.path)
        } else {
            Err(format!("there is no file {}: `backpack serve` creates it", self.path.display()).into())
        }
    }
}

/// A user of an account.
#[derive(Args)]
pub(crate) struct UserArgs {
    /// Name of the account.
    pub(crate) account: String,
    /// Id, e-mail address or name of the user.
    user: String,
}

impl UserArgs {
    /// Finds the user in the data file.
    pub(crate) fn find(&self, store: &Store) -> Result<UserId, CommandError> {
        find_user(store, &self.account, &self.user)
    }
}

/// A calendar of an account.
#[derive(Args)]
pub(crate) struct CalendarArgs {
    /// Name of the account.
    pub(crate) account: String,
    /// Id or name of the calendar.
    calendar: String,
}

impl CalendarArgs {
    /// Finds the calendar in the data file.
    pub(crate) fn find(&self, store: &Store) -> Result<calendars::Calendar, CommandError> {
        find_calendar(store, &self.account, &self.calendar)
    }
}

/// The confirmation that every deletion requires.
#[derive(Args)]
pub(crate) struct ConfirmArgs {
    /// Confirm the deletion. Only a backup can undo it.
    #[arg(long)]
    yes: bool,
}

impl ConfirmArgs {
    /// Fails without `--yes`, with a message that names what would be deleted.
    pub(crate) fn require(&self, target: impl Display) -> Result<(), CommandError> {
        if self.yes { Ok(()) } else { Err(format!("nothing was deleted: pass `--yes` to delete {target}").into()) }
    }
}

/// Value of a setting: `on` or `off`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnOff {
    On,
    Off,
}

impl OnOff {
    /// `true` for `on`.
    pub(crate) fn is_on(self) -> bool {
        self == Self::On
    }
}

/// Value of an argument that may be `none`, which is `None`. An alias, since clap treats a literal `Option` as an
/// argument that may be omitted.
pub(crate) type OrNone<T> = Option<T>;

/// Parses a number, or `none` as `None`.
pub(crate) fn parse_number_or_none(text: &str) -> Result<OrNone<u32>, String> {
    let parse = |text: String| text.parse().map_err(|_| "expected a number or `none`".to_owned());
    parse_text_or_none(text)?.map(parse).transpose()
}

/// Parses `none` as `None` and any other text as itself.
pub(crate) fn parse_text_or_none(text: &str) -> Result<OrNone<String>, String> {
    Ok((text != "none").then(|| text.to_owned()))
}
