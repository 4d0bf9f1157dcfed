//! `backpack host user`.

use backpack_server::users::NewUser;
use backpack_server::{time_zones, users};
use clap::{Args, Subcommand};

use super::args::{ConfirmArgs, DataFile, OnOff, OrNone, UserArgs, parse_text_or_none};
use crate::error::CommandError;
use crate::lookup::find_account;
use crate::output::OutputArgs;

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user and print their id.
    Create {
        /// Name of the account.
        account: String,
        /// Name of the user.
        name: String,
        /// E-mail address of the user.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Show the user as an administrator in API responses. Grants no permissions.
        #[arg(long)]
        admin: bool,
        /// Time zone of the user, such as `London` or `Europe/London`.
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        time_zone: String,
        #[command(flatten)]
        data: DataFile,
    },
    /// List the users of an account: id, e-mail address, name.
    List {
        /// Name of the account.
        account: String,
        #[command(flatten)]
        data: DataFile,
    },
    /// Show the settings of a user, one a line: the option of `set` and its value.
    Show {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        data: DataFile,
    },
    /// List the names of time zones: the API's and IANA's.
    Zones,
    /// Change a user. Omitted settings are left unchanged.
    Set {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        changes: Box<UserChangesArgs>,
        #[command(flatten)]
        data: DataFile,
    },
    /// Delete a user and the data that only they own.
    ///
    /// Deletes their reminders, journal, status, tokens and unshared calendars. Pages stay in the account. Shared
    /// calendars and the events on them go to another user of the account. Reminders stay with their other recipients.
    /// The user still knows the feeds of shared calendars: `calendar set --new-feed` moves them.
    Delete {
        #[command(flatten)]
        user: UserArgs,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        data: DataFile,
    },
}

/// Settings of a user to change.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct UserChangesArgs {
    /// Name of the user.
    #[arg(long)]
    name: Option<String>,
    /// E-mail address of the user.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Time zone of the user, such as `London` or `Europe/London`.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Show the user as an administrator in API responses. Grants no permissions.
    #[arg(long)]
    admin: Option<OnOff>,
    /// Clock format in mail: 24 or 12 hours.
    #[arg(long, value_name = "HOURS", value_parser = ["24", "12"])]
    clock: Option<String>,
    /// Send reminders by mail.
    #[arg(long)]
    remind_by_mail: Option<OnOff>,
    /// Mail-to-SMS address for short reminders, or `none`.
    #[arg(long, value_name = "NUMBER@HOST|none", value_parser = parse_text_or_none)]
    mobile: Option<OrNone<String>>,
}

impl UserCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        match self {
            Self::Create { account, name, email, admin, time_zone, data } => {
                let store = data.open()?;
                let account = find_account(&store, &account)?.name;
                let user = NewUser { name, email_address: email, admin, time_zone };
                let id = store.write_blocking(move |db| users::create(db, &account, &user))?;
                output.print_row(&["ID"], [id.0.into()])?;
            }
            Self::List { account, data } => {
                let store = data.open_read_only()?;
                let account = find_account(&store, &account)?.name;
                let users = store.read_blocking(move |db| users::list(db, &account))?;
                let rows =
                    users.into_iter().map(|(id, user)| [id.0.into(), user.email_address.into(), user.name.into()]);
                output.print_rows(&["ID", "E-MAIL", "NAME"], rows)?;
            }
            Self::Show { user, data } => {
                let store = data.open_read_only()?;
                let user = user.find(&store)?;
                let settings = store.read_blocking(move |db| users::get_settings(db, user))?;
                let rows = format_settings(settings).map(|(option, value)| [option.into(), value.into()]);
                output.print_rows(&["SETTING", "VALUE"], rows)?;
            }
            Self::Zones => {
                let rows = time_zones::all().map(|(name, iana)| [name.into(), iana.into()]);
                output.print_rows(&["NAME", "IANA"], rows)?;
            }
            Self::Set { user, changes, data } => {
                let store = data.open()?;
                let user = user.find(&store)?;
                let changes = changes.into_changes();
                store.write_blocking(move |db| users::update(db, user, &changes))?;
            }
            Self::Delete { user, confirm, data } => {
                let store = data.open()?;
                let id = user.find(&store)?;
                confirm.require(format_args!("user {id} of {} and the data that only they own", user.account))?;
                store.write_blocking(move |db| users::delete(db, id))?;
            }
        }
        Ok(())
    }
}

/// Formats the settings of a user under the names of the options that change them.
fn format_settings(settings: users::UserChanges) -> impl Iterator<Item = (&'static str, String)> {
    let format_on_off = |on: bool| if on { "on" } else { "off" }.to_owned();
    let format_clock = |use_24h: bool| if use_24h { "24" } else { "12" }.to_owned();
    [
        ("name", settings.name),
        ("email", settings.email_address),
        ("time-zone", settings.time_zone),
        ("admin", settings.admin.map(format_on_off)),
        ("clock", settings.use_24h_clock.map(format_clock)),
        ("remind-by-mail", settings.remind_via_email.map(format_on_off)),
        ("mobile", settings.mobile.map(|mobile| mobile.unwrap_or_else(|| "none".to_owned()))),
    ]
    .into_iter()
    .filter_map(|(option, value)| Some((option, value?)))
}

impl UserChangesArgs {
    /// Returns the changes; omitted options are `None`.
    fn into_changes(self) -> users::UserChanges {
        users::UserChanges {
            name: self.name,
            email_address: self.email,
            admin: self.admin.map(OnOff::is_on),
            time_zone: self.time_zone,
            use_24h_clock: self.clock.map(|hours| hours == "24"),
            remind_via_email: self.remind_by_mail.map(OnOff::is_on),
            mobile: self.mobile,
        }
    }
}
