//! JSON, which some later clients send.

use backpack_api::runtime::params::MAX_NODES;
use serde_json::Value;

use super::limits::{MAX_DEPTH, Malformed};

/// Parses a JSON text.
///
/// # Errors
///
/// [`Malformed`] if the text is not JSON, has too many values, or is nested too deeply.
pub(super) fn parse_json(text: &str) -> Result<Value, Malformed> {
    // Checked before parsing: a value of two bytes in the text takes far more memory once it is parsed.
    if count_separators(text) > MAX_NODES {
        return Err(Malformed);
    }
    let value = serde_json::from_str(text).map_err(|_| Malformed)?;
    if is_within_depth(&value, MAX_DEPTH) { Ok(value) } else { Err(Malformed) }
}

/// Counts the bytes `,`, `[` and `{` outside of strings. There is at least one for each value except the first.
fn count_separators(json: &str) -> usize {
    let (mut in_string, mut is_escaped) = (false, false);
    let precedes_value = |byte: &u8| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => in_string = !in_string,
            _ => return !in_string && matches!(byte, b',' | b'[' | b'{'),
        }
        false
    };
    json.bytes().filter(precedes_value).count()
}

/// `true` if no value is nested more than `depth` levels deep.
fn is_within_depth(value: &Value, depth: usize) -> bool {
    let is_child_within_depth = |value: &Value| depth > 0 && is_within_depth(value, depth - 1);
    match value {
        Value::Array(values) => values.iter().all(is_child_within_depth),
        Value::Object(children) => children.values().all(is_child_within_depth),
        _ => true,
    }
}
