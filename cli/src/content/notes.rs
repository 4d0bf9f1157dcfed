//! `backpack note`.

use backpack_api::NewNote;
use clap::{Args, Subcommand};

use super::find::{find_page, missing_as};
use super::{ContentArgs, read_paragraphs};
use crate::error::CommandError;

/// Add notes to pages.
#[derive(Subcommand)]
pub(crate) enum NoteCommand {
    Add(AddCommand),
}

/// Add a note to a page, and print its number.
#[derive(Args)]
pub(crate) struct AddCommand {
    /// Title of the page, or its number.
    page: String,
    /// Text of the note, in Textile; `@FILE` reads a file, `-` standard input.
    text: String,
    /// Heading above the text.
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    common: ContentArgs,
}

impl NoteCommand {
    /// Adds the note.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let Self::Add(AddCommand { page, text, title, common }) = self;
        let mut note = NewNote::new().body(read_paragraphs(&text)?);
        if let Some(title) = title {
            note = note.title(title);
        }
        let client = common.connect()?;
        let note = client.notes(find_page(&client, &page)?).create(note).map_err(missing_as("page", &page))?;
        common.output.print_number(&note, note.id)
    }
}
