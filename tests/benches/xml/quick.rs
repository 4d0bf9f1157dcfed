//! Decoders on quick-xml, used the way its documentation recommends: `read_event` over a slice without a
//! buffer, attributes through the iterator with its checks, values normalised, text put together from the events for
//! text, references and CDATA.

use std::borrow::Cow;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, XmlVersion};
use serde::de::DeserializeOwned;

use super::types::*;

type Reader<'x> = quick_xml::Reader<&'x [u8]>;
type Result<T> = std::result::Result<T, Error>;

/// Through serde's derive.
pub(crate) fn derived<T: DeserializeOwned>(document: &str) -> T {
    quick_xml::de::from_str(document).unwrap()
}

/// Looks at every event and keeps nothing.
pub(crate) fn tokens(document: &str) -> usize {
    let mut reader = Reader::from_str(document);
    let mut count = 0;
    while !matches!(reader.read_event().unwrap(), Event::Eof) {
        count += 1;
    }
    count
}

pub(crate) trait Document: Sized {
    /// Where the value stands in a document, if it is one.
    const PATH: &'static [&'static str] = &[];
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self>;
}

pub(crate) fn read<T: Document>(document: &str) -> T {
    read_document(document).unwrap().unwrap()
}

fn read_document<'x, T: Document>(document: &'x str) -> Result<Option<T>> {
    let mut reader = Reader::from_str(document);
    let mut path = T::PATH;
    let mut value = None;
    loop {
        let event = reader.read_event()?;
        let (start, empty): (BytesStart<'x>, bool) = match event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::Eof => return Ok(value),
            _ => continue,
        };
        match path {
            [last] if *last == start.name().as_ref() => {
                value = Some(T::parse(&mut reader, &start, empty)?);
                path = &[];
            }
            [first, rest @ ..] if *first == start.name().as_ref() => path = rest,
            _ => {}
        }
    }
}

/// Runs `$body` for each child, with `$name`, `$start` and `$empty`, up to the end of the element.
macro_rules! children {
    ($reader:ident, |$start:ident, $empty:ident| $body:block) => {
        loop {
            let ($start, $empty) = match $reader.read_event()? {
                Event::Start(start) => (start, false),
                Event::Empty(start) => (start, true),
                Event::End(_) | Event::Eof => break,
                _ => continue,
            };
            $body
        }
    };
}

fn skip(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<()> {
    if !empty {
        reader.read_to_end(start.name())?;
    }
    Ok(())
}

fn text(reader: &mut Reader<'_>, empty: bool) -> Result<String> {
    let mut text = String::new();
    if empty {
        return Ok(text);
    }
    loop {
        match reader.read_event()? {
            Event::Text(piece) => append(&mut text, piece.xml10_content()),
            Event::CData(piece) => append(&mut text, piece.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref()? {
                Some(char) => text.push(char),
                None => text.push_str(resolve_predefined_entity(&reference).unwrap()),
            },
            Event::Start(start) => {
                reader.read_to_end(start.name())?;
            }
            Event::End(_) | Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

fn append(text: &mut String, piece: Cow<'_, str>) {
    if text.is_empty() {
        *text = piece.into_owned();
    } else {
        text.push_str(&piece);
    }
}

/// Runs `$body` for each attribute, with its value as `$value`.
macro_rules! attributes {
    ($start:ident, |$value:ident| { $($name:literal => $body:expr,)* }) => {
        for attribute in $start.attributes() {
            let attribute = attribute?;
            match attribute.key.as_ref() {
                $($name => {
                    let $value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
                    $body
                })*
                _ => {}
            }
        }
    };
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    Some(text.parse().ok().unwrap())
}

fn list<T>(
    reader: &mut Reader<'_>,
    empty: bool,
    child: &str,
    into: &mut Vec<T>,
    read: fn(&mut Reader<'_>, &BytesStart<'_>, bool) -> Result<T>,
) -> Result<()> {
    if empty {
        return Ok(());
    }
    children!(reader, |start, empty| {
        if start.name().as_ref() == child {
            into.push(read(reader, &start, empty)?);
        } else {
            skip(reader, &start, empty)?;
        }
    });
    Ok(())
}

impl Document for Note {
    const PATH: &'static [&'static str] = &["response", "note"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut title, mut id, mut created_at) = (None, None, None);
        attributes!(start, |value| {
            "title" => title = Some(value.into_owned()),
            "id" => id = number(&value),
            "created_at" => created_at = Time::parse(&value),
        });
        let body = text(reader, empty)?;
        Ok(Self { title: title.unwrap(), id: id.unwrap(), created_at: created_at.unwrap(), body })
    }
}

impl Document for Page {
    const PATH: &'static [&'static str] = &["response", "page"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut title, mut id, mut email_address, mut description) = (None, None, None, None);
        let (mut items, mut belongings, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        let (mut notes, mut separators, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        attributes!(start, |value| {
            "title" => title = Some(value.into_owned()),
            "id" => id = number(&value),
            "email_address" => email_address = Some(value.into_owned()),
        });
        if !empty {
            children!(reader, |start, empty| {
                match start.name().as_ref() {
                    "description" => description = Some(text(reader, empty)?),
                    "items" => list(reader, empty, "item", &mut items, Item::parse)?,
                    "belongings" => list(reader, empty, "belonging", &mut belongings, Belonging::parse)?,
                    "lists" => list(reader, empty, "list", &mut lists, List::parse)?,
                    "notes" => list(reader, empty, "note", &mut notes, Note::parse)?,
                    "separators" => list(reader, empty, "separator", &mut separators, Separator::parse)?,
                    "tags" => list(reader, empty, "tag", &mut tags, Tag::parse)?,
                    _ => skip(reader, &start, empty)?,
                }
            });
        }
        let (title, id) = (title.unwrap(), id.unwrap());
        Ok(Self { title, id, email_address, description, items, belongings, lists, notes, separators, tags })
    }
}

impl Document for Export {
    const PATH: &'static [&'static str] = &["user"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut id, mut name, mut account) = (None, None, None);
        let (mut pages, mut reminders) = (Vec::new(), Vec::new());
        attributes!(start, |value| {
            "id" => id = number(&value),
            "name" => name = Some(value.into_owned()),
            "account" => account = Some(value.into_owned()),
        });
        if !empty {
            children!(reader, |start, empty| {
                match start.name().as_ref() {
                    "pages" => list(reader, empty, "page", &mut pages, Page::parse)?,
                    "reminders" => list(reader, empty, "reminder", &mut reminders, Reminder::parse)?,
                    _ => skip(reader, &start, empty)?,
                }
            });
        }
        Ok(Self { id: id.unwrap(), name: name.unwrap(), account: account.unwrap(), pages, reminders })
    }
}

impl Document for Item {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut completed, mut id, mut list_id) = (None, None, None);
        attributes!(start, |value| {
            "completed" => completed = number(&value),
            "id" => id = number(&value),
            "list_id" => list_id = number(&value),
        });
        let content = text(reader, empty)?;
        Ok(Self { completed: completed.unwrap(), id: id.unwrap(), list_id, content })
    }
}

impl Document for List {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut name, mut id, mut items) = (None, None, Vec::new());
        attributes!(start, |value| {
            "name" => name = Some(value.into_owned()),
            "id" => id = number(&value),
        });
        if !empty {
            children!(reader, |start, empty| {
                match start.name().as_ref() {
                    "items" => list(reader, empty, "item", &mut items, Item::parse)?,
                    _ => skip(reader, &start, empty)?,
                }
            });
        }
        Ok(Self { name: name.unwrap(), id: id.unwrap(), items })
    }
}

impl Document for Belonging {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut id, mut position, mut widget) = (None, None, None);
        attributes!(start, |value| {
            "id" => id = number(&value),
        });
        if !empty {
            children!(reader, |start, empty| {
                match start.name().as_ref() {
                    "position" => position = number(&text(reader, empty)?),
                    "widget" => widget = Some(Widget::parse(reader, &start, empty)?),
                    _ => skip(reader, &start, empty)?,
                }
            });
        }
        Ok(Self { id: id.unwrap(), position: position.unwrap(), widget: widget.unwrap() })
    }
}

impl Document for Widget {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut kind, mut id) = (None, None);
        attributes!(start, |value| {
            "type" => kind = Kind::parse(&value),
            "id" => id = number(&value),
        });
        skip(reader, start, empty)?;
        Ok(Self { kind: kind.unwrap(), id: id.unwrap() })
    }
}

impl Document for Separator {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let mut id = None;
        attributes!(start, |value| {
            "id" => id = number(&value),
        });
        Ok(Self { id: id.unwrap(), name: text(reader, empty)? })
    }
}

/// `id` and `name`, which three types consist of.
fn named(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<(u64, String)> {
    let (mut name, mut id) = (None, None);
    attributes!(start, |value| {
        "name" => name = Some(value.into_owned()),
        "id" => id = number(&value),
    });
    skip(reader, start, empty)?;
    Ok((id.unwrap(), name.unwrap()))
}

impl Document for Tag {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        named(reader, start, empty).map(|(id, name)| Self { name, id })
    }
}

impl Document for Person {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        named(reader, start, empty).map(|(id, name)| Self { id, name })
    }
}

impl Document for Reminder {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, empty: bool) -> Result<Self> {
        let (mut id, mut remind_at, mut content, mut creator) = (None, None, None, None);
        let mut remindees = Vec::new();
        attributes!(start, |value| {
            "id" => id = number(&value),
        });
        if !empty {
            children!(reader, |start, empty| {
                match start.name().as_ref() {
                    "remind_at" => remind_at = Time::parse(&text(reader, empty)?),
                    "content" => content = Some(text(reader, empty)?),
                    "creator" => creator = Some(Person::parse(reader, &start, empty)?),
                    "remindees" => list(reader, empty, "user", &mut remindees, Person::parse)?,
                    _ => skip(reader, &start, empty)?,
                }
            });
        }
        let (id, remind_at, content) = (id.unwrap(), remind_at.unwrap(), content.unwrap());
        Ok(Self { id, remind_at, content, creator, remindees })
    }
}
