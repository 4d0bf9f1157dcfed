//! Builds the tree that an XML document with the same values is read into.

use std::borrow::Cow;

use backpack_api::runtime::tree::{MAX_ENTRIES, Node};
use serde_json::{Number, Value};

use super::limits::Malformed;
use crate::text::is_xml_char;

/// Maximum length of a name in bytes. Each value of a list repeats the name of the list, so that a long name of a long
/// list would expand. Names of the API are shorter.
const MAX_NAME_LENGTH: usize = 64;

/// Builds the tree of a request from its value.
///
/// # Errors
///
/// [`Malformed`] if the value is not a map, has more than [`MAX_ENTRIES`] values, or contains a character that XML
/// forbids.
pub(super) fn build_tree(value: Value) -> Result<Node<'static>, Malformed> {
    if !matches!(value, Value::Object(_) | Value::Null) {
        return Err(Malformed);
    }
    let mut document = Node::default();
    TreeBuilder { nodes_left: MAX_ENTRIES }.push("request", value, &mut document.entries)?;
    Ok(document)
}

struct TreeBuilder {
    nodes_left: usize,
}

impl TreeBuilder {
    /// Adds a value as a node; a list as one node for each of its values, since XML repeats elements.
    fn push(&mut self, name: &str, value: Value, nodes: &mut Vec<Node<'static>>) -> Result<(), Malformed> {
        match value {
            Value::Null => {
                // In XML, `nil` is an attribute, and attributes are entries.
                let nil = self.build_text_node("nil", "true".to_owned())?;
                let node = self.build_text_node(name, String::new())?;
                nodes.push(Node { nil: true, entries: vec![nil], ..node });
            }
            Value::Bool(flag) => nodes.push(self.build_text_node(name, flag.to_string())?),
            Value::Number(number) => nodes.push(self.build_text_node(name, format_number(&number))?),
            Value::String(text) => nodes.push(self.build_text_node(name, text)?),
            Value::Array(values) if values.is_empty() => nodes.push(self.build_text_node(name, String::new())?),
            Value::Array(values) => {
                for value in values {
                    self.push(name, quote_phrase(value), nodes)?;
                }
            }
            Value::Object(children) => {
                let mut node = self.build_text_node(name, String::new())?;
                // Other names are not names of the API.
                for (name, value) in children.into_iter().filter(|(name, _)| is_name(name)) {
                    self.push(&name, value, &mut node.entries)?;
                }
                nodes.push(node);
            }
        }
        Ok(())
    }

    fn build_text_node(&mut self, name: &str, text: String) -> Result<Node<'static>, Malformed> {
        self.nodes_left = self.nodes_left.checked_sub(1).ok_or(Malformed)?;
        // Responses repeat what clients send, and are XML.
        if !text.chars().all(is_xml_char) {
            return Err(Malformed);
        }
        Ok(Node { name: Cow::Owned(name.replace('-', "_")), text: Cow::Owned(text), ..Node::default() })
    }
}

/// Quotes a text of several words in a list: it is one phrase, such as a tag, and not one for each word.
fn quote_phrase(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(char::is_whitespace) => Value::String(format!("\"{text}\"")),
        _ => value,
    }
}

/// Formats a number without an exponent, however large it is.
fn format_number(number: &Number) -> String {
    number.as_f64().filter(|_| number.is_f64()).map_or_else(|| number.to_string(), |float| float.to_string())
}

/// `true` if a key can be a name of the API, and so of an element.
pub(super) fn is_name(name: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let starts_name = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    starts_name && name.len() <= MAX_NAME_LENGTH && name.bytes().all(is_name_byte)
}
