//! Builds the request of an operation from arguments.
//!
//! The values are put where a request has them, and are read by the code with which a server reads a request. So each
//! value is checked by the rules of its type.

use std::borrow::Cow;

use backpack_api::SERVICE;
use backpack_api::routes::{AnyRequest, ROUTES};
use backpack_api::runtime::catalog::{Entry, Kind, Position};
use backpack_api::runtime::incoming::IncomingRequest;
use backpack_api::runtime::params::ParamNode;
use clap::ArgMatches;

use super::arguments::{Argument, list_arguments, list_required_data};
use crate::error::{CommandError, Exit, failure};
use crate::texts::read_text;

/// Builds the request of an operation from the arguments that matched.
///
/// # Errors
///
/// If a value cannot be read, or is not valid.
pub(super) fn build_request(entry: &'static Entry, matches: &ArgMatches) -> Result<AnyRequest, CommandError> {
    let (mut path, mut query, mut body) = (Vec::new(), Vec::new(), ParamNode::default());
    for data in list_required_data(entry) {
        find_or_add(&mut body, data);
    }
    for argument in list_arguments(entry) {
        for text in read_values(&argument, matches)? {
            match argument.parameter.position {
                Position::Path => path.push((argument.parameter.name, Cow::Owned(text))),
                Position::Query(name) => query.push((Cow::Borrowed(name), Cow::Owned(text))),
                Position::Payload(_) => add(&mut body, &argument.path).text = Cow::Owned(text),
            }
        }
        if argument.parameter.can_clear && matches.get_flag(&argument.clear_id()) {
            add(&mut body, &argument.path).is_nil = true;
        }
    }
    let incoming = IncomingRequest::from_parts(&SERVICE, entry.operation, path, query, body);
    let route = ROUTES.iter().find(|route| route.operation == entry.operation);
    let route = route.ok_or_else(|| format!("{} has no route", entry.operation.name))?;
    (route.read)(&incoming).map_err(|error| failure(Exit::Usage, format!("{}: {error}", entry.operation.name)))
}

/// Reads the values of an argument. Values that a request has in one text are joined.
fn read_values(argument: &Argument, matches: &ArgMatches) -> Result<Vec<String>, CommandError> {
    let values = matches.get_many::<String>(&argument.id()).into_iter().flatten();
    let texts: Vec<String> = values.map(|value| read_text(value)).collect::<Result<_, _>>()?;
    match argument.parameter.kind {
        Kind::Words | Kind::Phrases if texts.is_empty() => Ok(texts),
        Kind::Words => Ok(vec![texts.join(" ")]),
        Kind::Phrases if texts.iter().any(|text| text.contains('"')) => {
            let name = argument.value_name();
            Err(failure(Exit::Usage, format!("{name}: a text must not contain double quotes")))
        }
        // An empty text alone stands for an empty list.
        Kind::Phrases => {
            let phrases = texts.iter().filter(|text| !text.is_empty()).map(|text| format!("\"{text}\""));
            Ok(vec![phrases.collect::<Vec<_>>().join(" ")])
        }
        _ => Ok(texts),
    }
}

/// Adds a node at a path, below the first nodes of the other names on the path.
fn add<'n>(root: &'n mut ParamNode<'static>, path: &[&'static str]) -> &'n mut ParamNode<'static> {
    let Some((name, parents)) = path.split_last() else { return root };
    add_child(find_or_add(root, parents), name)
}

/// Finds the first node at a path, or adds it.
fn find_or_add<'n>(root: &'n mut ParamNode<'static>, path: &[&'static str]) -> &'n mut ParamNode<'static> {
    path.iter().fold(root, |node, name| match node.children.iter().position(|child| child.name == *name) {
        Some(index) => &mut node.children[index],
        None => add_child(node, name),
    })
}

/// Adds a child to a node.
fn add_child<'n>(node: &'n mut ParamNode<'static>, name: &'static str) -> &'n mut ParamNode<'static> {
    let index = node.children.len();
    node.children.push(ParamNode { name: Cow::Borrowed(name), ..ParamNode::default() });
    &mut node.children[index]
}
