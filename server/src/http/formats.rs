//! Bodies in other formats than XML: YAML, JSON and forms become the same document in XML.
//!
//! The oldest clients send YAML, with the keys of the XML documents; others sent flat JSON or forms for a time. Answers
//! are XML always.

use std::borrow::Cow;
use std::collections::BTreeMap;

use backpack_api::runtime::params::MAX_NODES;
use backpack_api::runtime::xml::Writer;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

/// How deep values may nest; requests of the API go down to three.
const DEPTH: usize = 16;

/// A format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Json,
    Form,
}

/// The body is not in its format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Format {
    /// The format of a name, as in a header: `yaml`, `application/json`, `application/x-www-form-urlencoded`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let is =
            |part: &str| name.as_bytes().windows(part.len()).any(|found| found.eq_ignore_ascii_case(part.as_bytes()));
        let formats =
            [("yaml", Self::Yaml), ("yml", Self::Yaml), ("json", Self::Json), ("form-urlencoded", Self::Form)];
        formats.into_iter().find_map(|(part, format)| is(part).then_some(format))
    }

    /// The same as XML, under the root that all requests have.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if it is not in this format, no map, too deep, of more than [`MAX_NODES`] values, or holds a character that XML forbids.
    pub(super) fn to_xml(self, body: &[u8]) -> Result<String, Malformed> {
        let text = str::from_utf8(body).map_err(|_| Malformed)?;
        let value = match self {
            Self::Yaml => yaml(text)?,
            Self::Json => json(text)?,
            Self::Form => form(text)?,
        };
        match &value {
            Value::Object(_) | Value::Null => {
                Writer::to_string(|xml| write("request", &value, xml)).map_err(|_| Malformed)
            }
            _ => Err(Malformed),
        }
    }
}

/// Writes a value as an element; a list as one for each of its values, as a document has it. What cannot be a name is no
/// key of the API.
fn write(name: &str, value: &Value, xml: &mut Writer) {
    match value {
        Value::Null => ["<", name, " nil=\"true\"/>"].iter().for_each(|part| xml.raw(part)),
        Value::Bool(flag) => element(name, xml, |xml| xml.text(if *flag { "true" } else { "false" })),
        Value::Number(number) => element(name, xml, |xml| xml.text(&digits(number))),
        Value::String(text) => element(name, xml, |xml| xml.text(text)),
        Value::Array(values) if values.is_empty() => element(name, xml, |_| {}),
        Value::Array(values) => values.iter().for_each(|value| write_one_of_list(name, value, xml)),
        Value::Object(entries) => element(name, xml, |xml| {
            entries.iter().filter(|(name, _)| is_name(name)).for_each(|(name, value)| write(name, value, xml));
        }),
    }
}

/// Writes a value of a list: a text of several words is one phrase among others, as tags are, and so in quotes.
fn write_one_of_list(name: &str, value: &Value, xml: &mut Writer) {
    match value {
        Value::String(text) if text.contains(char::is_whitespace) => element(name, xml, |xml| {
            xml.raw("\"");
            xml.text(text);
            xml.raw("\"");
        }),
        _ => write(name, value, xml),
    }
}

/// A number without an exponent, however large it is.
fn digits(number: &Number) -> String {
    number.as_f64().filter(|_| number.is_f64()).map_or_else(|| number.to_string(), |float| float.to_string())
}

fn element(name: &str, xml: &mut Writer, content: impl FnOnce(&mut Writer)) {
    ["<", name, ">"].iter().for_each(|part| xml.raw(part));
    content(xml);
    ["</", name, ">"].iter().for_each(|part| xml.raw(part));
}

fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let first = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
    // A list writes its name with each of its values. None of the API's is as long.
    first && name.len() <= 64 && name.bytes().all(rest)
}

/// The one value of a JSON text.
fn json(text: &str) -> Result<Value, Malformed> {
    // Before it is read, since each value takes far more memory than the two bytes that it may have in the text.
    if separators(text) > MAX_NODES {
        return Err(Malformed);
    }
    let value = serde_json::from_str(text).map_err(|_| Malformed)?;
    if fits(&value, DEPTH) { Ok(value) } else { Err(Malformed) }
}

/// How many bytes outside of strings each begin a value: one at most does not.
fn separators(json: &str) -> usize {
    let (mut in_string, mut escaped) = (false, false);
    let begins_value = |byte: &u8| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            _ => return !in_string && matches!(byte, b',' | b'[' | b'{'),
        }
        false
    };
    json.bytes().filter(begins_value).count()
}

/// Whether values nest no deeper than this.
fn fits(value: &Value, deepest: usize) -> bool {
    let inside = |value: &Value| deepest > 0 && fits(value, deepest - 1);
    match value {
        Value::Array(values) => values.iter().all(inside),
        Value::Object(entries) => entries.values().all(inside),
        _ => true,
    }
}

/// A form: `token=…&item[content]=…&item-id[]=1&item-id[]=2`.
fn form(text: &str) -> Result<Value, Malformed> {
    let mut root = Value::Object(Map::new());
    let mut left = MAX_NODES;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, text) = pair.split_once('=').unwrap_or((pair, ""));
        let key = unescaped(key)?;
        let path: Vec<&str> = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
        if path.len() > DEPTH {
            return Err(Malformed);
        }
        left = left.checked_sub(path.len()).ok_or(Malformed)?;
        put(&mut root, &path, unescaped(text)?);
    }
    Ok(root)
}

/// A part of a form, decoded.
fn unescaped(text: &str) -> Result<String, Malformed> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().map(Cow::into_owned).map_err(|_| Malformed)
}

/// Puts a text at a path of keys; an empty key is one more of a list.
fn put(value: &mut Value, path: &[&str], text: String) {
    let Some((key, rest)) = path.split_first() else {
        *value = Value::String(text);
        return;
    };
    if key.is_empty() {
        if !value.is_array() {
            *value = Value::Array(Vec::new());
        }
        let mut last = Value::Null;
        put(&mut last, rest, text);
        value.as_array_mut().into_iter().for_each(|values| values.push(last.take()));
    } else {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        let entry = value.as_object_mut().map(|entries| entries.entry(*key).or_insert(Value::Null));
        if let Some(entry) = entry {
            put(entry, rest, text);
        }
    }
}

/// The one document of a YAML text. Ruby writes a text that it has in two places once, with an alias in the other: so an
/// alias may stand for a text, and for no more, and all of them for no more than there is, so that nothing can expand.
fn yaml(text: &str) -> Result<Value, Malformed> {
    // A writer of the time escapes what is not ASCII, byte by byte.
    let bytewise = text.is_ascii();
    let mut open: Vec<(Option<String>, Value)> = Vec::new();
    let mut left = MAX_NODES;
    let (mut texts, mut room) = (BTreeMap::new(), text.len());
    for event in Parser::new_from_str(text) {
        let value = match event.map_err(|_| Malformed)?.0 {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(text, style, tag.as_deref(), bytewise)?;
                // Nothing is called 0.
                texts.extend((anchor > 0).then(|| (anchor, value.clone())));
                value
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEPTH => return Err(Malformed),
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
                let value: &Value = texts.get(&anchor).ok_or(Malformed)?;
                room = room.checked_sub(value.as_str().map_or(0, str::len)).ok_or(Malformed)?;
                value.clone()
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        left = left.checked_sub(1).ok_or(Malformed)?;
        match open.last_mut() {
            None => return Ok(value),
            Some((_, Value::Array(values))) => values.push(value),
            Some((key, Value::Object(entries))) => match (key.take(), value) {
                (Some(name), value) => drop(entries.insert(name, value)),
                (None, Value::String(name)) => *key = Some(name),
                (None, _) => return Err(Malformed),
            },
            Some(_) => return Err(Malformed),
        }
    }
    Ok(Value::Null)
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>, bytewise: bool) -> Result<Value, Malformed> {
    if tag.is_some_and(|tag| tag.suffix == "binary") {
        let digits: String = text.split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(digits).map_err(|_| Malformed)?;
        return String::from_utf8(bytes).map(Value::String).map_err(|_| Malformed);
    }
    let plain = style == ScalarStyle::Plain;
    if plain && tag.is_none() && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::Null);
    }
    // A symbol of Ruby is its name.
    let symbol = text.len() > 1 && text.starts_with(':') && is_name(text.get(1..).unwrap_or_default());
    let text = if plain && symbol { Cow::Owned(text.trim_start_matches(':').to_owned()) } else { text };
    Ok(Value::String(if bytewise { reread(text) } else { text }.into_owned()))
}

/// A text whose characters are the bytes of a text in UTF-8, as that text: `\xC3\xA9` is an é.
fn reread(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() {
        return text;
    }
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).map_or(text, Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(format: Format, body: &str) -> Result<String, Malformed> {
        format.to_xml(body.as_bytes())
    }

    #[test]
    fn yaml_json_and_a_form_are_the_same_document() {
        let document = "<request><token>abc</token><item><content>Boots &amp; socks</content></item></request>";
        for (format, body) in [
            (Format::Yaml, "--- \ntoken: abc\nitem: \n  content: Boots & socks\n"),
            (Format::Yaml, "---\r\n:token: \"abc\"\r\n:item:\r\n  :content: 'Boots & socks'\r\n"),
            (Format::Yaml, "token: abc\nitem: {content: Boots & socks}"),
            (Format::Json, r#"{"token": "abc", "item": {"content": "Boots & socks"}}"#),
            (Format::Form, "token=abc&item[content]=Boots+%26+socks"),
            (Format::Form, "token=abc&item%5Bcontent%5D=Boots%20%26%20socks"),
        ] {
            let parts = |text: &str| {
                let mut parts: Vec<_> = text.split_inclusive('>').map(str::to_owned).collect();
                parts.sort();
                parts
            };
            assert_eq!(xml(format, body).as_deref().map(parts), Ok(parts(document)), "{body}");
        }
    }

    #[test]
    fn a_list_repeats_its_name() {
        let ids = "<request><item-id>3</item-id><item-id>1</item-id></request>";
        assert_eq!(xml(Format::Yaml, "item-id: [3, 1]").as_deref(), Ok(ids));
        assert_eq!(xml(Format::Json, r#"{"item-id": [3, 1]}"#).as_deref(), Ok(ids));
        assert_eq!(xml(Format::Form, "item-id[]=3&item-id[]=1").as_deref(), Ok(ids));
        let tags = "<request><tags>Garden</tags><tags>\"Slow Food\"</tags></request>";
        assert_eq!(xml(Format::Yaml, "tags:\n- Garden\n- Slow Food").as_deref(), Ok(tags));
        let users =
            "<request><remindees><user_id>1</user_id></remindees><remindees><user_id>2</user_id></remindees></request>";
        assert_eq!(xml(Format::Yaml, "remindees: [{user_id: 1}, {user_id: 2}]").as_deref(), Ok(users));
        assert_eq!(xml(Format::Json, r#"{"tags": []}"#).as_deref(), Ok("<request><tags></tags></request>"));
    }

    #[test]
    fn a_long_name_of_a_long_list_does_not_expand() {
        let (name, values) = ("a".repeat(100_000), ["1"].repeat(5_000).join(","));
        let document = Ok("<request></request>");
        assert_eq!(xml(Format::Json, &format!("{{\"{name}\": [{values}]}}")).as_deref(), document);
        assert_eq!(xml(Format::Yaml, &format!("? {name}\n: [{values}]")).as_deref(), document);
        assert_eq!(xml(Format::Form, &format!("{name}[]=1&").repeat(3)).as_deref(), document);
    }

    #[test]
    fn a_text_may_be_written_once_and_meant_twice_and_no_more() {
        let twice = "<request><note><body>same</body><title>same</title></note></request>";
        assert_eq!(xml(Format::Yaml, "note:\n  body: &id001 same\n  title: *id001\n").as_deref(), Ok(twice));
        for much in [
            "note: &a {title: x}\nother: *a",
            "a: &a [x]\nb: *a",
            "a: *b\nb: &b x",
            &format!("a: &a {}\nb: [{}]", "x".repeat(1000), ["*a"; 9].join(",")),
        ] {
            assert_eq!(xml(Format::Yaml, much), Err(Malformed), "{much}");
        }
    }

    #[test]
    fn nothing_is_nil_and_what_is_no_name_is_left_out() {
        let none = "<request><title nil=\"true\"/></request>";
        assert_eq!(xml(Format::Yaml, "title: ~\n1st: x\n'a b': y\n'<b>': z").as_deref(), Ok(none));
        assert_eq!(xml(Format::Json, r#"{"title": null, "": 1, "é": 2}"#).as_deref(), Ok(none));
        assert_eq!(xml(Format::Yaml, "title: ''").as_deref(), Ok("<request><title></title></request>"));
    }

    #[test]
    fn text_beyond_ascii_is_read_as_a_writer_of_the_time_escaped_it() {
        let title = |text: &str| Ok(format!("<request><title>{text}</title></request>"));
        assert_eq!(xml(Format::Yaml, r#"title: "Caf\xC3\xA9""#), title("Café"));
        assert_eq!(xml(Format::Yaml, r#"title: "Caf\xE9""#), title("Café"));
        assert_eq!(xml(Format::Yaml, "title: Café Ã©"), title("Café Ã©"));
        assert_eq!(xml(Format::Yaml, "title: !binary |\n  0J/QvtGA\n  0YI="), title("Порт"));
        assert_eq!(xml(Format::Json, r#"{"title": "\ud83d\ude00"}"#), title("😀"));
    }

    #[test]
    fn what_is_not_in_its_format_is_malformed() {
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
            assert_eq!(xml(format, body), Err(Malformed), "{body}");
        }
        for (format, body) in
            [(Format::Json, &b"{\"a\": \"\xff\"}"[..]), (Format::Yaml, b"a: \xff"), (Format::Form, b"a=\xff")]
        {
            assert_eq!(format.to_xml(body), Err(Malformed));
        }
    }

    /// As in XML, so that what a body takes in memory is in proportion to its length.
    #[test]
    fn a_body_has_no_more_values_than_a_document() {
        let values = |count: usize| ["1,"].repeat(count).concat() + "1";
        for (fits, list) in [(true, values(MAX_NODES / 2)), (false, values(MAX_NODES))] {
            assert_eq!(xml(Format::Json, &format!(r#"{{"a": [{list}]}}"#)).is_ok(), fits);
            assert_eq!(xml(Format::Yaml, &format!("a: [{list}]")).is_ok(), fits);
        }
        let empty = ["[],"].repeat(MAX_NODES).concat() + "[]";
        assert_eq!(xml(Format::Json, &format!(r#"{{"a": [{empty}]}}"#)), Err(Malformed));
        assert_eq!(xml(Format::Yaml, &format!("a: [{empty}]")), Err(Malformed));
        for (fits, count) in [(true, MAX_NODES / 2), (false, MAX_NODES / 2 + 1)] {
            assert_eq!(xml(Format::Form, &"a[]=1&".repeat(count)).is_ok(), fits);
        }
        let commas = ",[{\\\"".repeat(MAX_NODES);
        assert!(xml(Format::Json, &format!(r#"{{"a": "{commas}"}}"#)).is_ok(), "no separators in a text");
    }

    #[test]
    fn formats_go_by_their_names() {
        assert_eq!(Format::named("YAML"), Some(Format::Yaml));
        assert_eq!(Format::named("text/x-yaml; charset=utf-8"), Some(Format::Yaml));
        assert_eq!(Format::named("application/json"), Some(Format::Json));
        assert_eq!(Format::named("application/x-www-form-urlencoded"), Some(Format::Form));
        assert_eq!(Format::named("text/xml"), None);
        assert_eq!(Format::named("multipart/form-data"), None);
    }
}
