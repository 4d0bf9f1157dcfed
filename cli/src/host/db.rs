//! `backpack host db`.

use std::path::PathBuf;

use backpack_server::Store;
use clap::Subcommand;

use super::args::DataFile;
use crate::error::CommandError;
use crate::output::{OutputArgs, Table};

#[derive(Subcommand)]
pub(crate) enum DbCommand {
    /// Check the integrity of the data file.
    Check {
        #[command(flatten)]
        data: DataFile,
    },
    /// Write a copy of the data file as it is at this moment.
    Backup {
        /// Path of the copy, which must not exist.
        copy: PathBuf,
        #[command(flatten)]
        data: DataFile,
    },
    /// Replace the data file by a copy. The service must be stopped.
    ///
    /// The replaced file is kept as `FILE.old-TIME`, which is printed.
    Restore {
        /// Path of the copy, which is kept.
        copy: PathBuf,
        #[command(flatten)]
        data: DataFile,
    },
}

impl DbCommand {
    /// Runs the command and prints its result.
    pub(crate) fn run(self, output: OutputArgs) -> Result<(), CommandError> {
        match self {
            Self::Check { data } => {
                data.open_read_only()?.check()?;
                let mut table = Table::new(&[]);
                table.add([&"ok"]);
                output.print(&serde_json::json!({ "state": "ok" }), &table)?;
            }
            Self::Backup { copy, data } => data.open_read_only()?.backup(&copy)?,
            Self::Restore { copy, data } => {
                if let Some(replaced) = Store::restore(data.path(), &copy)? {
                    output.print_row(&["REPLACED FILE"], [replaced.display().to_string().into()])?;
                }
            }
        }
        Ok(())
    }
}
