//! `cargo xtask diff`: compares two versions of the schema.

use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;
use serde_json::json;
use xmlwire_codegen::check;
use xmlwire_codegen::compare::{Comparison, Difference, Effect, VersionBump, compare};
use xmlwire_codegen::model::Api;

use crate::schemas::{read_revision, read_sources};

/// Arguments of `cargo xtask diff`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Old schema: a folder, or a revision of git
    old: String,
    /// New schema: a folder, or a revision of git [default: the schema in the working tree]
    new: Option<String>,
    /// Folder of the schema in this repository
    #[arg(long, value_name = "DIR", default_value = "schema")]
    schema: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Fail if the differences require this change of the version number or a higher one
    #[arg(long, value_enum, value_name = "CHANGE")]
    fail_on: Option<Threshold>,
}

/// Form of the output.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// The lowest change of the version number that fails.
#[derive(Clone, Copy, ValueEnum)]
enum Threshold {
    Patch,
    Minor,
    Major,
}

/// Compares the schemas and prints their differences.
pub(crate) fn run(root: &Path, args: &Args) -> Result<(), String> {
    let working_tree = root.join(&args.schema).display().to_string();
    let new = args.new.as_ref().unwrap_or(&working_tree);
    let comparison = compare(&read_api(root, &args.schema, &args.old)?, &read_api(root, &args.schema, new)?);
    let text = match args.format {
        Format::Text => format_text(&comparison),
        Format::Markdown => format_markdown(&comparison),
        Format::Json => format_json(&comparison),
    };
    print!("{text}");
    let bump = comparison.required_bump();
    let threshold = args.fail_on.map(|threshold| match threshold {
        Threshold::Patch => VersionBump::Patch,
        Threshold::Minor => VersionBump::Minor,
        Threshold::Major => VersionBump::Major,
    });
    match threshold {
        Some(threshold) if bump >= threshold => Err(format!("the change is {}", bump.name())),
        _ => Ok(()),
    }
}

/// Reads and checks a schema: a folder if there is one with this path, otherwise a revision of git.
fn read_api(root: &Path, folder: &str, version: &str) -> Result<Api, String> {
    let path = Path::new(version);
    let sources = if path.is_dir() { read_sources(path)? } else { read_revision(root, version, folder)? };
    check(&sources).map_err(|diagnostics| format!("{diagnostics}\n\nthe schema of {version} has errors"))
}

/// Lists the sides with this effect: `Rust API, clients send`.
fn list_sides(difference: &Difference, effect: Effect) -> String {
    let sides = difference.effects.sides().into_iter().filter(|(_, other)| *other == effect);
    sides.map(|(side, _)| side).collect::<Vec<&str>>().join(", ")
}

/// Counts the differences by their worst effect: `2 breaking, 1 compatible`.
fn summarize(comparison: &Comparison) -> String {
    let count =
        |effect| comparison.differences.iter().filter(|difference| difference.effects.worst() == effect).count();
    let counts = [
        (count(Effect::Breaking), "breaking"),
        (count(Effect::Compatible), "compatible"),
        (count(Effect::None), "in documentation"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() { "no differences".to_owned() } else { counts.join(", ") }
}

fn format_text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for difference in &comparison.differences {
        let _ = writeln!(text, "{}: {}", difference.subject, difference.description);
        for effect in [Effect::Breaking, Effect::Compatible] {
            let sides = list_sides(difference, effect);
            if !sides.is_empty() {
                let _ = writeln!(text, "    {}: {sides}", effect.name());
            }
        }
    }
    let _ = writeln!(text, "{} ({})", comparison.required_bump().name(), summarize(comparison));
    text
}

fn format_markdown(comparison: &Comparison) -> String {
    let mut text = format!("**{}** ({})\n", comparison.required_bump().name(), summarize(comparison));
    if comparison.differences.is_empty() {
        return text;
    }
    text.push_str("\n| part of the API | difference | breaking | compatible |\n|---|---|---|---|\n");
    for difference in &comparison.differences {
        let description = difference.description.replace('|', "\\|").replace('\n', " ");
        let breaking = list_sides(difference, Effect::Breaking);
        let compatible = list_sides(difference, Effect::Compatible);
        let _ = writeln!(text, "| `{}` | {description} | {breaking} | {compatible} |", difference.subject);
    }
    text
}

fn format_json(comparison: &Comparison) -> String {
    let differences = comparison.differences.iter().map(|difference| {
        let effects =
            difference.effects.sides().map(|(side, effect)| (side.replace(' ', "_").to_lowercase(), effect.name()));
        let effects: serde_json::Map<String, serde_json::Value> =
            effects.into_iter().map(|(side, effect)| (side, effect.into())).collect();
        json!({ "subject": difference.subject, "description": difference.description, "effects": effects })
    });
    let differences: Vec<serde_json::Value> = differences.collect();
    format!("{:#}\n", json!({ "version": comparison.required_bump().name(), "differences": differences }))
}
