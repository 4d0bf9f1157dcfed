//! YAML, as old Ruby libraries write it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use backpack_api::runtime::params::MAX_NODES;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::limits::{MAX_DEPTH, Malformed};
use super::tree::is_name;

/// Parses the first document of a YAML text.
///
/// Ruby writes a text that occurs twice as an anchor and an alias, so aliases of texts are accepted. Aliases of lists
/// and maps are rejected, and all aliases together may not stand for more bytes than the document has. A small document
/// therefore cannot expand into a large tree.
///
/// # Errors
///
/// [`Malformed`] if the text is not YAML, has too many values, is nested too deeply, has an alias that is rejected, or
/// has a key that is not a text.
pub(super) fn parse_yaml(text: &str) -> Result<Value, Malformed> {
    // Old Ruby libraries write ASCII and escape other characters byte by byte.
    let is_bytewise = text.is_ascii();
    // Open lists and maps, innermost last; a map with the key of its next value.
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    let mut values_left = MAX_NODES;
    let (mut anchors, mut alias_bytes_left) = (BTreeMap::new(), text.len());
    for event in Parser::new_from_str(text) {
        let value = match event.map_err(|_| Malformed)?.0 {
            Event::Scalar(text, style, anchor, tag) => {
                let value = read_scalar(text, style, tag.as_deref(), is_bytewise)?;
                // The parser numbers anchors from 1; 0 means that the scalar has no anchor.
                anchors.extend((anchor > 0).then(|| (anchor, value.clone())));
                value
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= MAX_DEPTH => return Err(Malformed),
            Event::MappingStart(..) => {
                open.push((None, Value::Object(Map::new())));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((None, Value::Array(Vec::new())));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().ok_or(Malformed)?.1,
            Event::Alias(anchor) => {
                let value: &Value = anchors.get(&anchor).ok_or(Malformed)?;
                let length = value.as_str().map_or(0, str::len);
                alias_bytes_left = alias_bytes_left.checked_sub(length).ok_or(Malformed)?;
                value.clone()
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        values_left = values_left.checked_sub(1).ok_or(Malformed)?;
        match open.last_mut() {
            None => return Ok(value),
            Some((_, Value::Array(values))) => values.push(value),
            Some((key, Value::Object(children))) => match (key.take(), value) {
                (Some(name), value) => {
                    children.insert(name, value);
                }
                (None, Value::String(name)) => *key = Some(name),
                (None, _) => return Err(Malformed),
            },
            Some(_) => return Err(Malformed),
        }
    }
    // A text without a document.
    Ok(Value::Null)
}

/// Reads a scalar as a text or null. Numbers and flags are texts, as in XML.
///
/// # Errors
///
/// [`Malformed`] if the scalar is tagged as binary, but is not the base64 of a UTF-8 text.
fn read_scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    is_bytewise: bool,
) -> Result<Value, Malformed> {
    if tag.is_some_and(|tag| tag.suffix == "binary") {
        let digits: String = text.split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(digits).map_err(|_| Malformed)?;
        return String::from_utf8(bytes).map(Value::String).map_err(|_| Malformed);
    }
    let is_plain = style == ScalarStyle::Plain;
    if is_plain && tag.is_none() && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::Null);
    }
    // Ruby writes some names as symbols: `:title` stands for `title`.
    let is_symbol = text.len() > 1 && text.starts_with(':') && is_name(text.get(1..).unwrap_or_default());
    let text = if is_plain && is_symbol { Cow::Owned(text.trim_start_matches(':').to_owned()) } else { text };
    Ok(Value::String(if is_bytewise { decode_bytewise(text) } else { text }.into_owned()))
}

/// Decodes a text whose characters are the bytes of UTF-8: `\xC3\xA9` is an é. Returns any other text unchanged.
fn decode_bytewise(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).map_or(text, Cow::Owned)
}
