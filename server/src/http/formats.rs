//! Request bodies in YAML, JSON and form encoding, read into the tree that the router takes.
//!
//! The oldest clients send YAML with the names of the XML documents; later ones send flat JSON or forms. Responses are
//! always XML.

use std::borrow::Cow;
use std::collections::BTreeMap;

use backpack_api::runtime::tree::{MAX_ENTRIES, Node};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

use crate::text::is_xml_char;

/// Maximum depth of nested values. Requests of the API have three levels.
const MAX_DEPTH: usize = 16;

/// Maximum length of a name in bytes. Each value of a list repeats the name of the list, so that a long name of a long
/// list would expand. Names of the API are shorter.
const MAX_NAME_LENGTH: usize = 64;

/// Format of a request body other than XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Json,
    Form,
}

/// Body of a request, as the router takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RequestBody {
    /// An XML document, which the router parses; may be empty.
    Xml(Bytes),
    /// The tree of a body in another format.
    Tree(Node<'static>),
}

/// Error for a body that is not in its format or exceeds a limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Format {
    /// Finds the format in the value of a header: `yaml`, `application/json`, `application/x-www-form-urlencoded`.
    pub(super) fn from_header(value: &str) -> Option<Self> {
        let contains =
            |name: &str| value.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()));
        let formats =
            [("yaml", Self::Yaml), ("yml", Self::Yaml), ("json", Self::Json), ("form-urlencoded", Self::Form)];
        formats.into_iter().find_map(|(name, format)| contains(name).then_some(format))
    }

    /// Reads a body into the tree of the equivalent XML document, with the root that all requests have.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the body is not in this format, is not a map, is nested too deeply, has more than
    /// [`MAX_ENTRIES`] values, or contains a character that XML forbids.
    pub(super) fn read(self, body: &[u8]) -> Result<Node<'static>, Malformed> {
        let text = str::from_utf8(body).map_err(|_| Malformed)?;
        let value = match self {
            Self::Yaml => parse_yaml(text)?,
            Self::Json => parse_json(text)?,
            Self::Form => parse_form(text)?,
        };
        match value {
            Value::Object(_) | Value::Null => {
                let mut tree = TreeBuilder { nodes_left: MAX_ENTRIES };
                let mut document = Node::default();
                tree.push("request", value, &mut document.entries)?;
                Ok(document)
            }
            _ => Err(Malformed),
        }
    }
}

/// Builds the tree that an XML document with the same values is read into.
struct TreeBuilder {
    nodes_left: usize,
}

impl TreeBuilder {
    /// Adds a value as a node; a list as one node for each of its values, since XML repeats elements.
    fn push(&mut self, name: &str, value: Value, nodes: &mut Vec<Node<'static>>) -> Result<(), Malformed> {
        match value {
            Value::Null => {
                // In XML, `nil` is an attribute, and attributes are entries.
                let nil = self.text_node("nil", "true".to_owned())?;
                let node = self.text_node(name, String::new())?;
                nodes.push(Node { nil: true, entries: vec![nil], ..node });
            }
            Value::Bool(flag) => nodes.push(self.text_node(name, flag.to_string())?),
            Value::Number(number) => nodes.push(self.text_node(name, format_number(&number))?),
            Value::String(text) => nodes.push(self.text_node(name, text)?),
            Value::Array(values) if values.is_empty() => nodes.push(self.text_node(name, String::new())?),
            Value::Array(values) => {
                for value in values {
                    self.push(name, quote_phrase(value), nodes)?;
                }
            }
            Value::Object(children) => {
                let mut node = self.text_node(name, String::new())?;
                // Other names are not names of the API.
                for (name, value) in children.into_iter().filter(|(name, _)| is_name(name)) {
                    self.push(&name, value, &mut node.entries)?;
                }
                nodes.push(node);
            }
        }
        Ok(())
    }

    fn text_node(&mut self, name: &str, text: String) -> Result<Node<'static>, Malformed> {
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

fn is_name(name: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let starts_name = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    starts_name && name.len() <= MAX_NAME_LENGTH && name.bytes().all(is_name_byte)
}

/// Parses a JSON text.
fn parse_json(text: &str) -> Result<Value, Malformed> {
    // Checked before parsing: a value of two bytes in the text takes far more memory once it is parsed.
    if count_separators(text) > MAX_ENTRIES {
        return Err(Malformed);
    }
    let value = serde_json::from_str(text).map_err(|_| Malformed)?;
    if is_within_depth(&value, MAX_DEPTH) { Ok(value) } else { Err(Malformed) }
}

/// Counts the bytes outside of strings that precede a value. Each value except one has such a byte of its own.
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

/// Parses a form: `token=…&item[content]=…&item-id[]=1&item-id[]=2`.
fn parse_form(text: &str) -> Result<Value, Malformed> {
    let mut root = Value::Object(Map::new());
    let mut values_left = MAX_ENTRIES;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, text) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode_form_text(key)?;
        let path: Vec<&str> = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
        if path.len() > MAX_DEPTH {
            return Err(Malformed);
        }
        values_left = values_left.checked_sub(path.len()).ok_or(Malformed)?;
        insert_at_path(&mut root, &path, decode_form_text(text)?);
    }
    Ok(root)
}

fn decode_form_text(text: &str) -> Result<String, Malformed> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().map(Cow::into_owned).map_err(|_| Malformed)
}

/// Inserts a text at a path of keys; an empty key appends to a list.
fn insert_at_path(value: &mut Value, path: &[&str], text: String) {
    let Some((key, rest)) = path.split_first() else {
        *value = Value::String(text);
        return;
    };
    if key.is_empty() {
        if !value.is_array() {
            *value = Value::Array(Vec::new());
        }
        let mut last = Value::Null;
        insert_at_path(&mut last, rest, text);
        value.as_array_mut().into_iter().for_each(|values| values.push(last.take()));
    } else {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        let child = value.as_object_mut().map(|children| children.entry(*key).or_insert(Value::Null));
        if let Some(child) = child {
            insert_at_path(child, rest, text);
        }
    }
}

/// Parses the first document of a YAML text.
///
/// Ruby writes a text that occurs twice as an anchor and an alias. So an alias may stand for a text, but for no list or
/// map, and all aliases together for no more bytes than the document has: nothing can expand.
fn parse_yaml(text: &str) -> Result<Value, Malformed> {
    // Old Ruby libraries write ASCII and escape other characters byte by byte.
    let is_bytewise = text.is_ascii();
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    let mut values_left = MAX_ENTRIES;
    let (mut anchors, mut alias_bytes_left) = (BTreeMap::new(), text.len());
    for event in Parser::new_from_str(text) {
        let value = match event.map_err(|_| Malformed)?.0 {
            Event::Scalar(text, style, anchor, tag) => {
                let value = read_scalar(text, style, tag.as_deref(), is_bytewise)?;
                // The parser numbers anchors from 1; 0 is a scalar without one.
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
                (Some(name), value) => drop(children.insert(name, value)),
                (None, Value::String(name)) => *key = Some(name),
                (None, _) => return Err(Malformed),
            },
            Some(_) => return Err(Malformed),
        }
    }
    Ok(Value::Null)
}

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
    // A Ruby symbol, `:title`, is written for its name.
    let is_symbol = text.len() > 1 && text.starts_with(':') && is_name(text.get(1..).unwrap_or_default());
    let text = if is_plain && is_symbol { Cow::Owned(text.trim_start_matches(':').to_owned()) } else { text };
    Ok(Value::String(if is_bytewise { decode_bytewise(text) } else { text }.into_owned()))
}

/// Decodes a text whose characters are the bytes of UTF-8: `\xC3\xA9` is an é.
fn decode_bytewise(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).map_or(text, Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, body: &str) -> Result<Node<'static>, Malformed> {
        format.read(body.as_bytes())
    }

    /// The tree of an XML document with the same values.
    fn tree(document: &str) -> Result<Node<'_>, Malformed> {
        Node::read(document).map_err(|_| Malformed)
    }

    #[test]
    fn yaml_json_and_forms_are_read_as_the_same_document() {
        let document = "<request><item><content>Boots &amp; socks</content></item><token>abc</token></request>";
        for (format, body) in [
            (Format::Yaml, "--- \ntoken: abc\nitem: \n  content: Boots & socks\n"),
            (Format::Yaml, "---\r\n:token: \"abc\"\r\n:item:\r\n  :content: 'Boots & socks'\r\n"),
            (Format::Yaml, "token: abc\nitem: {content: Boots & socks}"),
            (Format::Json, r#"{"token": "abc", "item": {"content": "Boots & socks"}}"#),
            (Format::Form, "token=abc&item[content]=Boots+%26+socks"),
            (Format::Form, "token=abc&item%5Bcontent%5D=Boots%20%26%20socks"),
        ] {
            assert_eq!(read(format, body), tree(document), "{body}");
        }
    }

    #[test]
    fn lists_repeat_their_names() {
        let ids = "<request><item-id>3</item-id><item-id>1</item-id></request>";
        assert_eq!(read(Format::Yaml, "item-id: [3, 1]"), tree(ids));
        assert_eq!(read(Format::Json, r#"{"item-id": [3, 1]}"#), tree(ids));
        assert_eq!(read(Format::Form, "item-id[]=3&item-id[]=1"), tree(ids));
        let tags = "<request><tags>Garden</tags><tags>\"Slow Food\"</tags></request>";
        assert_eq!(read(Format::Yaml, "tags:\n- Garden\n- Slow Food"), tree(tags));
        let users =
            "<request><remindees><user_id>1</user_id></remindees><remindees><user_id>2</user_id></remindees></request>";
        assert_eq!(read(Format::Yaml, "remindees: [{user_id: 1}, {user_id: 2}]"), tree(users));
        assert_eq!(read(Format::Json, r#"{"tags": []}"#), tree("<request><tags></tags></request>"));
    }

    #[test]
    fn skips_long_names_so_that_lists_do_not_expand() {
        let (name, values) = ("a".repeat(100_000), ["1"].repeat(5_000).join(","));
        let document = "<request></request>";
        assert_eq!(read(Format::Json, &format!("{{\"{name}\": [{values}]}}")), tree(document));
        assert_eq!(read(Format::Yaml, &format!("? {name}\n: [{values}]")), tree(document));
        assert_eq!(read(Format::Form, &format!("{name}[]=1&").repeat(3)), tree(document));
    }

    #[test]
    fn expands_aliases_of_texts_up_to_the_length_of_the_body() {
        let twice = "<request><note><body>same</body><title>same</title></note></request>";
        assert_eq!(read(Format::Yaml, "note:\n  body: &id001 same\n  title: *id001\n"), tree(twice));
        for body in [
            "note: &a {title: x}\nother: *a",
            "a: &a [x]\nb: *a",
            "a: *b\nb: &b x",
            &format!("a: &a {}\nb: [{}]", "x".repeat(1000), ["*a"; 9].join(",")),
        ] {
            assert_eq!(read(Format::Yaml, body), Err(Malformed), "{body}");
        }
    }

    #[test]
    fn null_is_nil_and_invalid_names_are_skipped() {
        let none = "<request><title nil=\"true\"/></request>";
        assert_eq!(read(Format::Yaml, "title: ~\n1st: x\n'a b': y\n'<b>': z"), tree(none));
        assert_eq!(read(Format::Json, r#"{"title": null, "": 1, "é": 2}"#), tree(none));
        assert_eq!(read(Format::Yaml, "title: ''"), tree("<request><title></title></request>"));
    }

    #[test]
    fn decodes_text_that_old_libraries_escaped_byte_by_byte() {
        let request = |text: &str| format!("<request><title>{text}</title></request>");
        assert_eq!(read(Format::Yaml, r#"title: "Caf\xC3\xA9""#), tree(&request("Café")));
        assert_eq!(read(Format::Yaml, r#"title: "Caf\xE9""#), tree(&request("Café")));
        assert_eq!(read(Format::Yaml, "title: Café Ã©"), tree(&request("Café Ã©")));
        assert_eq!(read(Format::Yaml, "title: !binary |\n  0J/QvtGA\n  0YI="), tree(&request("Порт")));
        assert_eq!(read(Format::Json, r#"{"title": "\ud83d\ude00"}"#), tree(&request("😀")));
    }

    #[test]
    fn rejects_bodies_that_are_not_in_their_format() {
        let deep = format!("a: {}{}", "[".repeat(50), "]".repeat(50));
        let deep_json = format!(r#"{{"a": {}{}}}"#, "[".repeat(50), "]".repeat(50));
        let wide = format!("a{}=1", "[b]".repeat(50));
        for (format, body) in [
            (Format::Yaml, "a: [1"),
            (Format::Yaml, "just text"),
            (Format::Yaml, "- a\n- b"),
            (Format::Yaml, "a: &x [1]\nb: *x"),
            (Format::Yaml, "? [a]\n: b"),
            (Format::Yaml, deep.as_str()),
            (Format::Yaml, "title: \"\\0\""),
            (Format::Yaml, "title: !binary |\n  ===="),
            (Format::Json, "{"),
            (Format::Json, "[]"),
            (Format::Json, "{} {}"),
            (Format::Json, deep_json.as_str()),
            (Format::Json, r#"{"title": "\u0000"}"#),
            (Format::Form, wide.as_str()),
            (Format::Form, "title=%00"),
            (Format::Form, "title=caf%E9"),
            (Format::Form, "caf%E9=title"),
        ] {
            assert_eq!(read(format, body), Err(Malformed), "{body}");
        }
        for (format, body) in
            [(Format::Json, &b"{\"a\": \"\xff\"}"[..]), (Format::Yaml, b"a: \xff"), (Format::Form, b"a=\xff")]
        {
            assert_eq!(format.read(body), Err(Malformed));
        }
    }

    /// The limit of XML documents: the memory that a body takes is in proportion to its length.
    #[test]
    fn limits_the_number_of_values() {
        let values = |count: usize| ["1,"].repeat(count).concat() + "1";
        for (fits, list) in [(true, values(MAX_ENTRIES / 2)), (false, values(MAX_ENTRIES))] {
            assert_eq!(read(Format::Json, &format!(r#"{{"a": [{list}]}}"#)).is_ok(), fits);
            assert_eq!(read(Format::Yaml, &format!("a: [{list}]")).is_ok(), fits);
        }
        let empty = ["[],"].repeat(MAX_ENTRIES).concat() + "[]";
        assert_eq!(read(Format::Json, &format!(r#"{{"a": [{empty}]}}"#)), Err(Malformed));
        assert_eq!(read(Format::Yaml, &format!("a: [{empty}]")), Err(Malformed));
        for (fits, count) in [(true, MAX_ENTRIES / 2), (false, MAX_ENTRIES / 2 + 1)] {
            assert_eq!(read(Format::Form, &"a[]=1&".repeat(count)).is_ok(), fits);
        }
        let commas = ",[{\\\"".repeat(MAX_ENTRIES);
        assert!(read(Format::Json, &format!(r#"{{"a": "{commas}"}}"#)).is_ok(), "separators in strings do not count");
    }

    #[test]
    fn finds_formats_by_their_names() {
        assert_eq!(Format::from_header("YAML"), Some(Format::Yaml));
        assert_eq!(Format::from_header("text/x-yaml; charset=utf-8"), Some(Format::Yaml));
        assert_eq!(Format::from_header("application/json"), Some(Format::Json));
        assert_eq!(Format::from_header("application/x-www-form-urlencoded"), Some(Format::Form));
        assert_eq!(Format::from_header("text/xml"), None);
        assert_eq!(Format::from_header("multipart/form-data"), None);
    }
}
