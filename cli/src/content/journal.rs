//! `backpack journal`.

use backpack_api::JournalEntry;
use clap::{Args, Subcommand};

use super::find::{find_user, missing_as};
use super::{ContentArgs, format_time, read_paragraphs};
use crate::error::CommandError;
use crate::output::Table;

/// List the latest journal entries, or add one.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct JournalCommand {
    #[command(subcommand)]
    action: Option<JournalAction>,
    /// User whose entries are listed, by name or number; by default all users.
    #[arg(long)]
    user: Option<String>,
    /// Maximum number of entries.
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    count: usize,
    #[command(flatten)]
    common: ContentArgs,
}

#[derive(Subcommand)]
enum JournalAction {
    Add(AddCommand),
}

/// Add an entry to your journal, and print its number.
#[derive(Args)]
struct AddCommand {
    /// Text of the entry; `@FILE` reads a file, `-` standard input.
    text: String,
    #[command(flatten)]
    common: ContentArgs,
}

impl JournalCommand {
    /// Adds an entry, or lists the latest ones.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self.action {
            Some(JournalAction::Add(add)) => add.run(),
            None => self.list(),
        }
    }

    /// Lists the latest entries.
    fn list(&self) -> Result<(), CommandError> {
        let client = self.common.connect()?;
        let entries: Vec<JournalEntry> = match &self.user {
            Some(user) => {
                let listed = client.journal().list_for_user_all(find_user(&client, user)?).take(self.count);
                listed.collect::<Result<_, _>>().map_err(missing_as("user", user))?
            }
            None => client.journal().list_all().take(self.count).collect::<Result<_, _>>()?,
        };
        let mut table = Table::new(&["NUMBER", "TIME (UTC)", "USER", "TEXT"]);
        for entry in &entries {
            let user = entry.user.as_ref().map(|user| user.name.as_str()).unwrap_or_default();
            table.add([&entry.id, &format_time(entry.created_at), &user, &entry.body]);
        }
        self.common.output.print(&entries, &table)
    }
}

impl AddCommand {
    /// Adds the entry.
    fn run(self) -> Result<(), CommandError> {
        let text = read_paragraphs(&self.text)?;
        let client = self.common.connect()?;
        let entry = client.journal().create(client.users().me()?.id, text)?;
        self.common.output.print_number(&entry, entry)
    }
}
