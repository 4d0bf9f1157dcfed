//! Form encoding, with brackets for maps and lists.

use std::borrow::Cow;

use backpack_api::runtime::params::MAX_NODES;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::limits::{MAX_DEPTH, Malformed};

/// Parses a form: `token=…&item[content]=…&item-id[]=1&item-id[]=2`.
///
/// # Errors
///
/// [`Malformed`] if a key has too many brackets, the form has too many values, or a text is not UTF-8.
pub(super) fn parse_form(text: &str) -> Result<Value, Malformed> {
    let mut root = Value::Object(Map::new());
    let mut values_left = MAX_NODES;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, text) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode_form_text(key)?;
        let path: Vec<&str> = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
        if path.len() > MAX_DEPTH {
            return Err(Malformed);
        }
        // Each part of a path may create a value.
        values_left = values_left.checked_sub(path.len()).ok_or(Malformed)?;
        insert_at_path(&mut root, &path, decode_form_text(text)?);
    }
    Ok(root)
}

/// Decodes a key or a value: `+` is a space, and `%2B` is a `+`.
fn decode_form_text(text: &str) -> Result<String, Malformed> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().map(Cow::into_owned).map_err(|_| Malformed)
}

/// Inserts a text at a path of keys. An empty key appends to a list; any other key selects an entry of a map. A value
/// of another type at the path is replaced.
fn insert_at_path(value: &mut Value, path: &[&str], text: String) {
    let Some((key, rest)) = path.split_first() else {
        *value = Value::String(text);
        return;
    };
    if key.is_empty() {
        if !value.is_array() {
            *value = Value::Array(Vec::new());
        }
        if let Some(values) = value.as_array_mut() {
            let mut last = Value::Null;
            insert_at_path(&mut last, rest, text);
            values.push(last);
        }
    } else {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        if let Some(children) = value.as_object_mut() {
            insert_at_path(children.entry(*key).or_insert(Value::Null), rest, text);
        }
    }
}
