//! `cargo xtask openapi`: writes the API as an OpenAPI document.

use std::fs;
use std::path::{Path, PathBuf};

use xmlwire_codegen::{check, describe_openapi};

use crate::schemas::read_sources;

/// Arguments of `cargo xtask openapi`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the schema files [default: schema]
    #[arg(long, value_name = "DIR")]
    schema: Option<PathBuf>,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Version number of the API
    #[arg(long, value_name = "VERSION", default_value = "1.0.0")]
    api_version: String,
}

/// Writes the document.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let schema = args.schema.clone().unwrap_or_else(|| root.join("schema"));
    let api = check(&read_sources(&schema)?).map_err(|diagnostics| diagnostics.to_string())?;
    let document = describe_openapi(&api, &args.api_version);
    match &args.out {
        Some(path) => fs::write(path, document).map_err(|error| format!("cannot write {}: {error}", path.display())),
        None => {
            print!("{document}");
            Ok(())
        }
    }
}
