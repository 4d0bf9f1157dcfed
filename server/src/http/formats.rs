//! Bodies in other formats than XML: YAML, JSON and forms become the same document in XML.
//!
//! The oldest clients send YAML, with the keys of the XML documents; others sent flat JSON or forms for a time. Answers
//! are XML always.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use backpack_api::runtime::tree::MAX_ENTRIES;
use backpack_api::runtime::xml::Writer;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// How deep values may nest; requests of the API go down to three.
const DEPTH: usize = 16;

/// How many pairs a form may have, since each is looked for among those before it.
const PAIRS: usize = 4096;

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

/// A value of any format.
#[derive(Debug, Clone, PartialEq)]
enum Value<'b> {
    Absent,
    Text(Cow<'b, str>),
    List(Vec<Value<'b>>),
    Map(Vec<(Cow<'b, str>, Value<'b>)>),
}

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
    /// [`Malformed`] if it is not in this format, no map, too deep, of more than [`MAX_ENTRIES`] values, or holds a character that XML forbids.
    pub(super) fn to_xml(self, body: &[u8]) -> Result<String, Malformed> {
        let text = str::from_utf8(body).map_err(|_| Malformed)?;
        let value = match self {
            Self::Yaml => yaml(text)?,
            Self::Json => json(text)?,
            Self::Form => form(body)?,
        };
        match &value {
            Value::Map(_) | Value::Absent => {
                Writer::to_string(|xml| write("request", &value, xml)).map_err(|_| Malformed)
            }
            Value::Text(_) | Value::List(_) => Err(Malformed),
        }
    }
}

/// Writes a value as an element; for a list, one for each of its values. What cannot be a name is no key of the API.
fn write(name: &str, value: &Value<'_>, xml: &mut Writer) {
    match value {
        Value::List(values) if is_plural(name) && values.iter().all(|value| matches!(value, Value::Text(_))) => {
            element(name, xml, |xml| values.iter().for_each(|value| word(value, xml)));
        }
        Value::List(values) => values.iter().for_each(|value| write(name, value, xml)),
        Value::Absent => ["<", name, " nil=\"true\"/>"].iter().for_each(|part| xml.raw(part)),
        Value::Text(text) => element(name, xml, |xml| xml.text(text)),
        Value::Map(entries) => element(name, xml, |xml| {
            entries.iter().filter(|(name, _)| is_name(name)).for_each(|(name, value)| write(name, value, xml));
        }),
    }
}

fn element(name: &str, xml: &mut Writer, content: impl FnOnce(&mut Writer)) {
    ["<", name, ">"].iter().for_each(|part| xml.raw(part));
    content(xml);
    ["</", name, ">"].iter().for_each(|part| xml.raw(part));
}

/// Many words in one text go by a plural: `tags`, `email_addresses`, `belongings`. A name that is said once for each
/// value is singular: `item-id`.
fn is_plural(name: &str) -> bool {
    name.ends_with('s')
}

/// A word among others, on a line of its own; quoted if it has white space, as tags have.
fn word(value: &Value<'_>, xml: &mut Writer) {
    let Value::Text(text) = value else { return };
    let quote = if text.contains(char::is_whitespace) { "\"" } else { "" };
    xml.raw(quote);
    xml.text(text);
    xml.raw(quote);
    xml.raw("\n");
}

fn is_name(name: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_') && name.bytes().all(rest)
}

/// The one value of a JSON text.
fn json(text: &str) -> Result<Value<'_>, Malformed> {
    let left = Cell::new(MAX_ENTRIES);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Json { left: &left, deeper: DEPTH }.deserialize(&mut reader).map_err(|_| Malformed)?;
    reader.end().map_err(|_| Malformed)?;
    Ok(value)
}

/// Reads a value of JSON, which counts among those of its text.
#[derive(Clone, Copy)]
struct Json<'l> {
    left: &'l Cell<usize>,
    /// How deep values may nest in this one.
    deeper: usize,
}

impl Json<'_> {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        let deeper = self.deeper.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        Ok(Self { deeper, ..self })
    }
}

impl<'b> DeserializeSeed<'b> for Json<'_> {
    type Value = Value<'b>;

    fn deserialize<D: Deserializer<'b>>(self, reader: D) -> Result<Value<'b>, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| de::Error::custom("too many values"))?;
        self.left.set(left);
        reader.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Json<'_> {
    type Value = Value<'b>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value<'b>, E> {
        Ok(Value::Absent)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Borrowed(if flag { "true" } else { "false" })))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Owned(number.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'b>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'b>>(self, mut values: A) -> Result<Value<'b>, A::Error> {
        let (inside, mut list) = (self.inside()?, Vec::new());
        while let Some(value) = values.next_element_seed(inside)? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'b>>(self, mut entries: A) -> Result<Value<'b>, A::Error> {
        let (inside, mut map) = (self.inside()?, Vec::new());
        while let Some(name) = entries.next_key::<String>()? {
            map.push((Cow::Owned(name), entries.next_value_seed(inside)?));
        }
        Ok(Value::Map(map))
    }
}

/// A form: `token=…&item[content]=…&item-id[]=1&item-id[]=2`.
fn form(body: &[u8]) -> Result<Value<'_>, Malformed> {
    let mut root = Value::Map(Vec::new());
    if form_urlencoded::parse(body).count() > PAIRS {
        return Err(Malformed);
    }
    for (key, text) in form_urlencoded::parse(body) {
        let path: Vec<&str> = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part)).collect();
        if path.len() > DEPTH {
            return Err(Malformed);
        }
        root.put(&path, text);
    }
    Ok(root)
}

impl<'b> Value<'b> {
    /// Puts a text at a path of keys; an empty key is one more of a list.
    fn put(&mut self, path: &[&str], text: Cow<'b, str>) {
        let Some((key, rest)) = path.split_first() else {
            *self = Self::Text(text);
            return;
        };
        if key.is_empty() {
            if !matches!(self, Self::List(_)) {
                *self = Self::List(Vec::new());
            }
            let Self::List(values) = self else { return };
            let mut value = Self::Absent;
            value.put(rest, text);
            values.push(value);
            return;
        }
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        let Self::Map(entries) = self else { return };
        match entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, value)) => value.put(rest, text),
            None => {
                let mut value = Self::Absent;
                value.put(rest, text);
                entries.push((Cow::Owned((*key).to_owned()), value));
            }
        }
    }
}

/// The one document of a YAML text. Anchors and aliases are no part of what clients send, and are refused, so that
/// nothing can expand.
fn yaml(text: &str) -> Result<Value<'_>, Malformed> {
    // A writer of the time escapes what is not ASCII, byte by byte.
    let bytewise = text.is_ascii();
    let mut open: Vec<(Option<Cow<'_, str>>, Value<'_>)> = Vec::new();
    let mut left = MAX_ENTRIES;
    for event in Parser::new_from_str(text) {
        let value = match event.map_err(|_| Malformed)?.0 {
            Event::Scalar(text, style, _, tag) => scalar(text, style, tag.as_deref(), bytewise)?,
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEPTH => return Err(Malformed),
            Event::MappingStart(..) => {
                open.push((None, Value::Map(Vec::new())));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((None, Value::List(Vec::new())));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().ok_or(Malformed)?.1,
            Event::Alias(_) => return Err(Malformed),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        left = left.checked_sub(1).ok_or(Malformed)?;
        match open.last_mut() {
            None => return Ok(value),
            Some((_, Value::List(values))) => values.push(value),
            Some((key, Value::Map(entries))) => match (key.take(), value) {
                (Some(name), value) => entries.push((name, value)),
                (None, Value::Text(name)) => *key = Some(name),
                (None, _) => return Err(Malformed),
            },
            Some(_) => return Err(Malformed),
        }
    }
    Ok(Value::Absent)
}

fn scalar<'b>(
    text: Cow<'b, str>,
    style: ScalarStyle,
    tag: Option<&Tag>,
    bytewise: bool,
) -> Result<Value<'b>, Malformed> {
    if tag.is_some_and(|tag| tag.suffix == "binary") {
        let digits: String = text.split_whitespace().collect();
        let bytes = BASE64_STANDARD.decode(digits).map_err(|_| Malformed)?;
        return String::from_utf8(bytes).map(|text| Value::Text(Cow::Owned(text))).map_err(|_| Malformed);
    }
    let plain = style == ScalarStyle::Plain;
    if plain && tag.is_none() && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::Absent);
    }
    // A symbol of Ruby is its name.
    let symbol = text.len() > 1 && text.starts_with(':') && is_name(text.get(1..).unwrap_or_default());
    let text = if plain && symbol { Cow::Owned(text.trim_start_matches(':').to_owned()) } else { text };
    Ok(Value::Text(if bytewise { reread(text) } else { text }))
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
    fn a_list_repeats_its_name_or_is_words_in_one_text() {
        let ids = "<request><item-id>3</item-id><item-id>1</item-id></request>";
        assert_eq!(xml(Format::Yaml, "item-id: [3, 1]").as_deref(), Ok(ids));
        assert_eq!(xml(Format::Json, r#"{"item-id": [3, 1]}"#).as_deref(), Ok(ids));
        assert_eq!(xml(Format::Form, "item-id[]=3&item-id[]=1").as_deref(), Ok(ids));
        let tags = "<request><tags>Garden\n\"Slow Food\"\n</tags></request>";
        assert_eq!(xml(Format::Yaml, "tags:\n- Garden\n- Slow Food").as_deref(), Ok(tags));
        let users =
            "<request><remindees><user_id>1</user_id></remindees><remindees><user_id>2</user_id></remindees></request>";
        assert_eq!(xml(Format::Yaml, "remindees: [{user_id: 1}, {user_id: 2}]").as_deref(), Ok(users));
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
        ] {
            assert_eq!(xml(format, body), Err(Malformed), "{body}");
        }
        assert_eq!(Format::Json.to_xml(b"\xff"), Err(Malformed));
    }

    /// As in XML, so that what a body takes in memory is in proportion to its length.
    #[test]
    fn a_body_has_no_more_values_than_a_document() {
        let values = |count: usize| ["1,"].repeat(count).concat() + "1";
        for (fits, list) in [(true, values(MAX_ENTRIES / 2)), (false, values(MAX_ENTRIES))] {
            assert_eq!(xml(Format::Json, &format!(r#"{{"a": [{list}]}}"#)).is_ok(), fits);
            assert_eq!(xml(Format::Yaml, &format!("a: [{list}]")).is_ok(), fits);
        }
        let empty = ["[],"].repeat(MAX_ENTRIES).concat() + "[]";
        assert_eq!(xml(Format::Json, &format!(r#"{{"a": [{empty}]}}"#)), Err(Malformed));
        assert_eq!(xml(Format::Yaml, &format!("a: [{empty}]")), Err(Malformed));
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
