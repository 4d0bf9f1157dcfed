//! The commands of this repository. In reading order:
//!
//! - [`regen`]: generates the bindings' source files from the schema.
//! - [`diff`]: compares two versions of the schema.
//! - [`openapi`]: writes the API as an OpenAPI document.
//! - [`reserved`]: names that `backpack-api` defines by hand.
//! - [`check`]: runs the steps of CI.
//! - [`tidy`]: checks rules of the repository that no compiler knows.
//! - [`packages`]: asks cargo about packages and their dependencies.
//! - [`schemas`]: reads schemas from folders and from revisions of git.
//! - [`files`]: lists and names the files of the repository.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod diff;
mod files;
mod openapi;
mod packages;
mod regen;
mod reserved;
mod schemas;
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
    /// Generates the bindings' source files from the schema
    ///
    /// Prints one line for each file that it creates, updates or deletes; unchanged files are not touched. If the
    /// schema has errors, all of them are printed and nothing is written.
    Regen(regen::Args),
    /// Compares two versions of the schema, and names the change of the version number that their differences require
    ///
    /// For each difference, prints its effect on the Rust API, on requests and on responses. The last line is `major` if
    /// an effect is breaking, `minor` if all are compatible, and `patch` if only documentation differs.
    Diff(diff::Args),
    /// Writes the API as an OpenAPI 3.1 document in JSON
    Openapi(openapi::Args),
    /// Runs the steps of CI, in order, up to the first failure
    ///
    /// Prints the commands and the time of each step.
    Check(check::Args),
}

fn main() -> ExitCode {
    let root = find_root();
    let result = match Cli::parse().command {
        Command::Regen(args) => regen::run(&root, &args),
        Command::Diff(args) => diff::run(&root, &args),
        Command::Openapi(args) => openapi::run(&root, &args),
        Command::Check(args) => check::run(&root, &args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the root of the repository: the parent of this package's folder.
fn find_root() -> PathBuf {
    // `cargo xtask` sets the variable, so the root is right even if the repository was moved after the compilation.
    let package_folder =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package_folder.parent().map_or_else(|| package_folder.clone(), Path::to_owned)
}
