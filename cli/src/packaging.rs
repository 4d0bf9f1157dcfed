//! `backpack completions` and `backpack man`: files for packages of the command.

use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::error::CommandError;

/// Print shell completions.
///
/// For bash: `backpack completions bash > ~/.local/share/bash-completion/completions/backpack`.
#[derive(Args)]
pub(crate) struct CompletionsCommand {
    /// Shell that completes the arguments.
    shell: clap_complete::Shell,
}

impl CompletionsCommand {
    /// Prints the completions of a command.
    pub(crate) fn run(&self, mut command: clap::Command) -> Result<(), CommandError> {
        let name = command.get_name().to_owned();
        let mut completions = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut completions);
        io::Write::write_all(&mut io::stdout(), &completions)?;
        Ok(())
    }
}

/// Write the man pages of all commands into a folder.
#[derive(Args)]
pub(crate) struct ManCommand {
    /// Folder of the man pages; created if it does not exist.
    folder: PathBuf,
}

impl ManCommand {
    /// Writes a man page for a command and one for each of its subcommands.
    pub(crate) fn run(&self, command: clap::Command) -> Result<(), CommandError> {
        std::fs::create_dir_all(&self.folder)?;
        let mut command = command.disable_help_subcommand(true);
        command.build();
        self.write_pages(command)
    }

    /// Writes the pages of a command that has been built.
    fn write_pages(&self, command: clap::Command) -> Result<(), CommandError> {
        for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
            self.write_pages(subcommand.clone())?;
        }
        let page = clap_mangen::Man::new(command).source(concat!("backpack ", env!("CARGO_PKG_VERSION")));
        let mut text = Vec::new();
        page.render(&mut text)?;
        // Left-aligned, since a synopsis with long options cannot be adjusted to both margins.
        let text = String::from_utf8_lossy(&text).replacen(".SH NAME", ".ad l\n.SH NAME", 1);
        std::fs::write(self.folder.join(page.get_filename()), text)?;
        Ok(())
    }
}
