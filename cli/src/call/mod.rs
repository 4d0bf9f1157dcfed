//! `backpack call`: every operation of the API, from the catalog that is generated from the schema.
//!
//! - [`arguments`]: parameters of an operation as arguments of a command.
//! - [`request`]: the request of an operation, read from these values as a server reads it.
//! - [`send`]: sends a request and prints its response, or prints the request.

mod arguments;
mod request;
mod send;

use backpack_api::catalog::CATALOG;
use backpack_api::runtime::catalog::Entry;
use backpack_api::runtime::service::RetryClass;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde::Serialize;

use crate::connection::AccountArgs;
use crate::error::CommandError;
use crate::output::{OutputArgs, Table};

/// Call any operation of the API, or list all of them.
pub(crate) enum CallCommand {
    /// `backpack call --list`.
    List(OutputArgs),
    /// `backpack call SECTION OPERATION …`.
    Operation(Box<Call>),
}

/// Call of an operation.
pub(crate) struct Call {
    entry: &'static Entry,
    options: CallOptions,
    matches: ArgMatches,
}

/// Options of every operation.
#[derive(Args, Debug)]
struct CallOptions {
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Print the request and do not send it. `TOKEN` stands for the token.
    #[arg(long, conflicts_with = "json")]
    dry_run: bool,
}

/// An operation in the list of all operations.
#[derive(Serialize)]
struct ListedOperation {
    section: String,
    operation: String,
    arguments: Vec<String>,
    options: Vec<String>,
    retry: &'static str,
    is_list: bool,
    is_paginated: bool,
    is_legacy: bool,
    replacement: Option<&'static str>,
    doc: &'static str,
}

impl CallCommand {
    /// Lists all operations, or calls one.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        match self {
            Self::List(output) => list_operations(output),
            Self::Operation(call) => call.run(),
        }
    }
}

impl Call {
    /// Sends the request, or prints it.
    fn run(&self) -> Result<(), CommandError> {
        let request = request::build_request(self.entry, &self.matches)?;
        let CallOptions { account, output, dry_run } = &self.options;
        if *dry_run {
            return send::print_request(request, &account.select()?.url);
        }
        let is_all = self.entry.is_paginated && self.matches.get_flag(ALL);
        send::send_request(request, &account.connect()?.client, *output, is_all)
    }
}

/// Name of the argument that lists all operations.
const LIST: &str = "list";

/// Name of the argument that requests all pages.
const ALL: &str = "all";

/// Explanation of values, in the help.
const VALUES_HELP: &str = "A value `@FILE` is read from a file, and `-` from standard input; `@@` at the start stands for `@`. Put `--` before \
     values that start with `-`. An empty text alone stands for an empty list.";

impl Args for CallCommand {
    fn augment_args(command: Command) -> Command {
        let list = clap::Arg::new(LIST).long(LIST).action(clap::ArgAction::SetTrue).help("List all operations");
        let sections = CATALOG.iter().map(|section| {
            let operations = section.operations.iter().map(build_operation);
            Command::new(to_kebab(section.name))
                .aliases(find_alias(section.name))
                .about(section.doc)
                .subcommand_required(true)
                .arg_required_else_help(true)
                .disable_help_subcommand(true)
                .subcommand_value_name("OPERATION")
                .subcommand_help_heading("Operations")
                .subcommands(operations)
        });
        OutputArgs::augment_args(command)
            .about("Call any operation of the API, or list all of them")
            .after_help(VALUES_HELP)
            .arg(list)
            .mut_arg("json", |json| json.requires(LIST))
            .args_conflicts_with_subcommands(true)
            .arg_required_else_help(true)
            .disable_help_subcommand(true)
            .subcommand_value_name("SECTION")
            .subcommand_help_heading("Sections")
            .subcommands(sections)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for CallCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let find_entry = |section: &str, operation: &str| {
            let section = CATALOG.iter().find(|found| to_kebab(found.name) == section)?;
            section.operations.iter().find(|entry| to_kebab(operation_name(entry)) == operation)
        };
        let Some((section, matches)) = matches.subcommand() else {
            if !matches.get_flag(LIST) {
                return Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand));
            }
            return Ok(Self::List(OutputArgs::from_arg_matches(matches)?));
        };
        let (operation, matches) = matches.subcommand().unwrap_or(("", matches));
        let entry = find_entry(section, operation)
            .ok_or_else(|| clap::Error::new(clap::error::ErrorKind::MissingSubcommand))?;
        let options = CallOptions::from_arg_matches(matches)?;
        Ok(Self::Operation(Box::new(Call { entry, options, matches: matches.clone() })))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Builds the command of an operation.
fn build_operation(entry: &'static Entry) -> Command {
    let operation = entry.operation;
    let legacy = match (operation.is_legacy, entry.replacement) {
        (false, _) => String::new(),
        (true, None) => " Legacy.".to_owned(),
        (true, Some(name)) => format!(" Legacy: use `{}` instead.", to_kebab(&name.replace('.', " "))),
    };
    let (method, path, retry) = (&operation.method, operation.path, describe_retry(operation.retry));
    let mut command = Command::new(to_kebab(operation_name(entry))).aliases(find_alias(operation_name(entry)));
    command = command.args(arguments::list_arguments(entry).iter().flat_map(arguments::Argument::to_args));
    if entry.is_paginated {
        let all = clap::Arg::new(ALL).long(ALL).action(clap::ArgAction::SetTrue);
        command = command.arg(all.help("Request all pages, up to the last one"));
    }
    // The options set a description of their own, so this one comes last.
    CallOptions::augment_args(command)
        .about(entry.doc)
        .after_help(format!("{method} {path}: {retry}.{legacy}\n{VALUES_HELP}"))
}

/// Returns the name of an operation without its section.
fn operation_name(entry: &Entry) -> &'static str {
    entry.operation.name.split_once('.').map_or(entry.operation.name, |(_, name)| name)
}

/// Returns a name of the schema as a name of a command: `calendar-events` for `calendar_events`.
fn to_kebab(name: &str) -> String {
    name.replace('_', "-")
}

/// Returns the name of the schema as an alias of the command; `None` if it is the command's name.
fn find_alias(name: &'static str) -> Option<&'static str> {
    name.contains('_').then_some(name)
}

/// Describes a retry class.
fn describe_retry(retry: RetryClass) -> &'static str {
    match retry {
        RetryClass::ReadOnly => "read-only",
        RetryClass::Idempotent => "idempotent",
        RetryClass::Delete => "deletes",
        RetryClass::NotIdempotent => "not idempotent",
    }
}

/// Prints all operations.
fn list_operations(output: OutputArgs) -> Result<(), CommandError> {
    let sections = CATALOG.iter().flat_map(|section| section.operations.iter().map(move |entry| (section, entry)));
    let listed: Vec<_> = sections.map(|(section, entry)| describe_operation(section.name, entry)).collect();
    let mut table = Table::new(&["SECTION", "OPERATION", "ARGUMENTS", "RETRY", "DESCRIPTION"]);
    for operation in &listed {
        let arguments = operation.arguments.join(" ");
        table.add([&operation.section, &operation.operation, &arguments, &operation.retry, &operation.doc]);
    }
    output.print(&listed, &table)
}

/// Describes an operation for the list.
fn describe_operation(section: &'static str, entry: &'static Entry) -> ListedOperation {
    let (arguments, options) =
        arguments::list_arguments(entry).into_iter().partition::<Vec<_>, _>(|argument| argument.is_positional);
    ListedOperation {
        section: to_kebab(section),
        operation: to_kebab(operation_name(entry)),
        arguments: arguments.iter().map(arguments::Argument::value_name).collect(),
        options: options.iter().map(|argument| format!("--{}", argument.option_name())).collect(),
        retry: describe_retry(entry.operation.retry),
        is_list: entry.is_list,
        is_paginated: entry.is_paginated,
        is_legacy: entry.operation.is_legacy,
        replacement: entry.replacement,
        doc: entry.doc,
    }
}
