//! Parameters of an operation as arguments of a command: required ones by position, the others as options.

use backpack_api::runtime::catalog::{Entry, Kind, Parameter, Position};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction};

/// Parameter of an operation, as an argument of a command.
pub(super) struct Argument {
    /// Parameter of the operation, or value in its data. Its kind is never [`Kind::Data`].
    pub(super) parameter: &'static Parameter,
    /// Path in the payload; empty for a value in the path or the query.
    pub(super) path: Vec<&'static str>,
    /// `true` if the argument is required, so that its position identifies it.
    pub(super) is_positional: bool,
}

/// Lists the arguments of an operation. The values of data are arguments of their own.
pub(super) fn list_arguments(entry: &'static Entry) -> Vec<Argument> {
    let mut arguments = Vec::new();
    add_arguments(entry.parameters, &[], true, &mut arguments);
    arguments
}

/// Lists the paths of required data in the payload, whose elements a request has even if they are empty.
pub(super) fn list_required_data(entry: &'static Entry) -> Vec<&'static [&'static str]> {
    let is_required = |parameter: &&Parameter| parameter.is_required && matches!(parameter.kind, Kind::Data(_));
    entry.parameters.iter().filter(is_required).map(|parameter| payload_path(parameter)).collect()
}

/// Adds the arguments for parameters whose data is at `path`.
fn add_arguments(
    parameters: &'static [Parameter],
    path: &[&'static str],
    is_required: bool,
    arguments: &mut Vec<Argument>,
) {
    for parameter in parameters {
        let path = [path, payload_path(parameter)].concat();
        let is_positional = is_required && parameter.is_required;
        match parameter.kind {
            Kind::Data(data) => add_arguments(data.fields, &path, is_positional, arguments),
            _ => arguments.push(Argument { parameter, path, is_positional }),
        }
    }
}

/// Returns the path of a parameter in the payload or in its data; empty if it is in the path or the query.
fn payload_path(parameter: &'static Parameter) -> &'static [&'static str] {
    match parameter.position {
        Position::Payload(path) => path,
        Position::Path | Position::Query(_) => &[],
    }
}

impl Argument {
    /// Identifies the argument among those of its command.
    pub(super) fn id(&self) -> String {
        format!("value {}", self.parameter.name)
    }

    /// Identifies the argument that clears the value.
    pub(super) fn clear_id(&self) -> String {
        format!("clear {}", self.parameter.name)
    }

    /// Returns the name of the option: `remind-at`.
    pub(super) fn option_name(&self) -> String {
        self.parameter.name.replace('_', "-")
    }

    /// Returns the name of the value, in capitals: `PAGE_ID`.
    pub(super) fn value_name(&self) -> String {
        let name = self.parameter.name.to_uppercase();
        if self.takes_several() { name + "..." } else { name }
    }

    /// `true` if the argument takes any number of values.
    fn takes_several(&self) -> bool {
        self.parameter.is_repeated || matches!(self.parameter.kind, Kind::Words | Kind::Phrases)
    }

    /// Returns the arguments of the command: one for the value, and one that clears it if that is possible.
    pub(super) fn to_args(&self) -> Vec<Arg> {
        let action = if self.takes_several() { ArgAction::Append } else { ArgAction::Set };
        let mut value = Arg::new(self.id()).help(self.parameter.doc).action(action);
        value = match self.parameter.kind {
            Kind::Bool => value.value_parser(["true", "false"]),
            Kind::Enum(values) => value.value_parser(PossibleValuesParser::new(values.iter().map(|value| value.text))),
            _ => value,
        };
        if self.is_positional {
            let name = self.parameter.name.to_uppercase();
            value = value.value_name(name).required(true);
            return vec![if self.takes_several() { value.num_args(1..) } else { value }];
        }
        value = value.long(self.option_name()).value_name(self.kind_name()).allow_hyphen_values(true);
        if !self.parameter.can_clear {
            return vec![value];
        }
        let clear = Arg::new(self.clear_id())
            .long(format!("clear-{}", self.option_name()))
            .help(format!("Clear what `--{}` sets", self.option_name()))
            .action(ArgAction::SetTrue)
            .conflicts_with(self.id());
        vec![value, clear]
    }

    /// Returns the name of the kind of value, for the help of an option.
    fn kind_name(&self) -> &'static str {
        match self.parameter.kind {
            Kind::Id | Kind::Integer | Kind::Decimal => "NUMBER",
            Kind::Bool => "BOOL",
            Kind::Utc | Kind::Local => "'YYYY-MM-DD HH:MM'",
            Kind::Timestamp => "YYYY-MM-DDTHH:MM:SSZ",
            Kind::Date => "YYYY-MM-DD",
            Kind::Compact => "YYYYMMDDHHMMSS",
            Kind::Word | Kind::Words | Kind::Secret => "WORD",
            Kind::Text | Kind::Phrases | Kind::Enum(_) | Kind::Data(_) => "TEXT",
        }
    }
}
