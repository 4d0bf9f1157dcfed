//! `backpack status`.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{ContentArgs, format_time, read_paragraphs};
use crate::error::CommandError;
use crate::output::Table;

/// List the statuses of all users, or set yours.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct StatusCommand {
    #[command(subcommand)]
    action: Option<StatusAction>,
    #[command(flatten)]
    common: ContentArgs,
}

#[derive(Subcommand)]
enum StatusAction {
    Set(SetCommand),
}

/// Set your status, and print your number. `out (reason)` marks you as absent; an empty text clears the status.
#[derive(Args)]
struct SetCommand {
    /// Text of the status.
    text: String,
    #[command(flatten)]
    common: ContentArgs,
}

/// Status that was set.
#[derive(Serialize)]
struct SetStatus {
    user_id: backpack_api::UserId,
    message: String,
}

impl StatusCommand {
    /// Sets the status, or lists all.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self.action {
            Some(StatusAction::Set(set)) => set.run(),
            None => self.list(),
        }
    }

    /// Lists the statuses.
    fn list(&self) -> Result<(), CommandError> {
        let statuses = self.common.connect()?.statuses().list()?;
        let mut table = Table::new(&["USER", "TIME (UTC)", "STATUS"]);
        for status in &statuses {
            let user = status.user.as_ref().map_or_else(|| status.user_id.to_string(), |user| user.name.clone());
            table.add([&user, &format_time(status.updated_at), &status.message]);
        }
        self.common.output.print(&statuses, &table)
    }
}

impl SetCommand {
    /// Sets the status.
    fn run(self) -> Result<(), CommandError> {
        let message = read_paragraphs(&self.text)?;
        let client = self.common.connect()?;
        let user_id = client.users().me()?.id;
        client.statuses().update(user_id, message.as_str())?;
        self.common.output.print_number(&SetStatus { user_id, message }, user_id)
    }
}
