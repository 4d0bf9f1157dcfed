//! Builds the tree that an XML document with the same values is read into.

use std::borrow::Cow;

use backpack_api::runtime::params::{MAX_NODES, ParamNode};
use serde_json::{Number, Value};

use super::limits::Malformed;
use crate::text::is_xml_char;

/// Maximum length of a name in bytes. Each value of a list repeats the name of the list. A long list with a long name
/// would therefore take far more memory than its body. Names of the API are shorter.
const MAX_NAME_LENGTH: usize = 64;

/// Builds the tree of a request from its value. The root has the name `request`; null becomes a nil root.
///
/// # Errors
///
/// [`Malformed`] if the value is neither a map nor null, has more than [`MAX_NODES`] values, or contains a character
/// that XML forbids.
pub(super) fn build_tree(value: Value) -> Result<ParamNode<'static>, Malformed> {
    if !matches!(value, Value::Object(_) | Value::Null) {
        return Err(Malformed);
    }
    let mut document = ParamNode::default();
    TreeBuilder { nodes_left: MAX_NODES }.push("request", value, &mut document.children)?;
    Ok(document)
}

/// Builds nodes up to a maximum number.
struct TreeBuilder {
    /// Number of nodes that may still be built.
    nodes_left: usize,
}

impl TreeBuilder {
    /// Adds a value as a node. Each value of a list becomes a node with the name of the list, since XML repeats
    /// elements.
    fn push(&mut self, name: &str, value: Value, nodes: &mut Vec<ParamNode<'static>>) -> Result<(), Malformed> {
        match value {
            Value::Null => {
                // In XML, `nil` is an attribute, and attributes are child nodes.
                let nil = ParamNode { is_attribute: true, ..self.build_text_node("nil", "true".to_owned())? };
                let node = self.build_text_node(name, String::new())?;
                nodes.push(ParamNode { is_nil: true, children: vec![nil], ..node });
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
                // Other keys are skipped, since no element of the API has such a name.
                for (name, value) in children.into_iter().filter(|(name, _)| is_name(name)) {
                    self.push(&name, value, &mut node.children)?;
                }
                nodes.push(node);
            }
        }
        Ok(())
    }

    /// Builds a node with a text. Its name has underscores for dashes, as the names of XML elements have in the tree.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if there are too many nodes, or the text contains a character that XML forbids.
    fn build_text_node(&mut self, name: &str, text: String) -> Result<ParamNode<'static>, Malformed> {
        self.nodes_left = self.nodes_left.checked_sub(1).ok_or(Malformed)?;
        // Responses contain this text again, and XML forbids some characters.
        if !text.chars().all(is_xml_char) {
            return Err(Malformed);
        }
        Ok(ParamNode { name: Cow::Owned(name.replace('-', "_")), text: Cow::Owned(text), ..ParamNode::default() })
    }
}

/// Quotes a text of several words in a list, so that it is read as one phrase: the tag `Slow Food`, and not two tags.
fn quote_phrase(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(char::is_whitespace) => Value::String(format!("\"{text}\"")),
        _ => value,
    }
}

/// Formats a number without an exponent, however large it is.
fn format_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// `true` if a key can be the name of an element in the API.
pub(super) fn is_name(name: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let starts_name = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    starts_name && name.len() <= MAX_NAME_LENGTH && name.bytes().all(is_name_byte)
}
