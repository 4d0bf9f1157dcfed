//! The commands of this repository. In reading order:
//!
//! - [`regen`]: the schema to the bindings' source files.
//! - [`check`]: what CI runs, step by step.
//! - [`tidy`]: rules of the repository that no compiler knows.
//! - [`packages`]: what cargo says about packages and their dependencies.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod packages;
mod regen;
mod reserved;
mod tidy;

/// The commands of this repository.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the bindings' source files from the schema
    ///
    /// Files that did not change are not touched, and files that were generated once and no longer belong are deleted.
    /// Each change is one line of output. Mistakes in the schema are shown all at once, and nothing is written then.
    Regen(regen::Args),
    /// Runs what CI runs, in order, up to the first failure
    ///
    /// Each step is named with its command and its time.
    Check(check::Args),
}

fn main() -> ExitCode {
    let root = root();
    let done = match Cli::parse().command {
        Command::Regen(args) => regen::run(&root, &args),
        Command::Check(args) => check::run(&root, &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: where the folder of this package is.
fn root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), Path::to_owned)
}

/// A path as messages have it: inside the repository, with forward slashes.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// All files under a folder, sorted. Build results and version control are left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| format!("{} cannot be read: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let skipped = path.file_name().is_some_and(|name| name == "target" || name == ".git");
            if path.is_dir() && !skipped {
                folders.push(path);
            } else if path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
