//! Decoders on quick-xml that fill the generated types, written as its documentation recommends: `read_event` over a
//! slice without a buffer, attributes through the checking iterator, normalized values, text joined from the events for
//! text, references and CDATA.

use std::borrow::Cow;
use std::str::{self, FromStr};

use backpack_api::{
    Attachment, Belonging, Email, Export, Gallery, Image, Item, Note, Page, PageList, PageSeparator, PageSummary,
    Person, Reminder, Tag, WidgetKind,
};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, XmlVersion};
use serde::de::DeserializeOwned;

use super::time;

type Reader<'x> = quick_xml::Reader<&'x [u8]>;
type Result<T> = std::result::Result<T, Error>;

/// Decodes a document with quick-xml's serde support.
pub(crate) fn decode_derived<T: DeserializeOwned>(document: &str) -> T {
    quick_xml::de::from_str(document).unwrap()
}

/// Visits every event and returns their number.
pub(crate) fn count_events(document: &str) -> usize {
    let mut reader = Reader::from_str(document);
    let mut count = 0;
    while !matches!(reader.read_event().unwrap(), Event::Eof) {
        count += 1;
    }
    count
}

/// A type of the bindings that quick-xml's reader fills.
pub(crate) trait Document: Sized {
    /// Path of the value's element in its document. Empty for types that are only parts of documents.
    const PATH: &'static [&'static str] = &[];

    /// Reads the value after the event of its start tag, up to its end tag. An empty element (`<a/>`) has no end tag.
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self>;
}

/// Decodes a document with quick-xml's reader.
pub(crate) fn decode<T: Document>(document: &str) -> T {
    decode_document(document).unwrap().unwrap()
}

/// Decodes the first element at [`Document::PATH`] and reads the document to its end. Returns `None` if there is no
/// such element.
fn decode_document<'x, T: Document>(document: &'x str) -> Result<Option<T>> {
    let mut reader = Reader::from_str(document);
    let mut path = T::PATH;
    let mut value = None;
    loop {
        let event = reader.read_event()?;
        let (start, is_empty): (BytesStart<'x>, bool) = match event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::Eof => return Ok(value),
            _ => continue,
        };
        match path {
            [last] if *last == start.name().as_ref() => {
                value = Some(T::parse(&mut reader, &start, is_empty)?);
                path = &[];
            }
            [first, rest @ ..] if *first == start.name().as_ref() => path = rest,
            _ => {}
        }
    }
}

/// Runs `$body` for each child, with `$start` and `$is_empty`, up to the end of the element.
macro_rules! children {
    ($reader:ident, |$start:ident, $is_empty:ident| $body:block) => {
        loop {
            let ($start, $is_empty) = match $reader.read_event()? {
                Event::Start(start) => (start, false),
                Event::Empty(start) => (start, true),
                Event::End(_) | Event::Eof => break,
                _ => continue,
            };
            $body
        }
    };
}

/// Skips the content of an element and leaves it.
fn skip(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<()> {
    if !is_empty {
        reader.read_to_end(start.name())?;
    }
    Ok(())
}

/// Reads the text of an element and leaves it. Skips child elements.
fn read_text(reader: &mut Reader<'_>, is_empty: bool) -> Result<String> {
    let mut text = String::new();
    if is_empty {
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

/// Appends a piece of text. The first piece is not copied if it is owned already.
fn append(text: &mut String, piece: Cow<'_, str>) {
    if text.is_empty() {
        *text = piece.into_owned();
    } else {
        text.push_str(&piece);
    }
}

/// Runs the `$body` of each attribute that has one of the names, with its normalized value as `$value`.
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

/// Parses a number, an id or a `bool`. Never returns `None`; the result is an `Option` because its variable is one.
///
/// # Panics
///
/// If the text is invalid.
fn parse_number<T: FromStr>(text: &str) -> Option<T> {
    Some(text.parse().ok().unwrap())
}

/// Appends the children named `child` to a list, and skips the others.
fn parse_list<T: Document>(reader: &mut Reader<'_>, is_empty: bool, child: &str, list: &mut Vec<T>) -> Result<()> {
    if is_empty {
        return Ok(());
    }
    children!(reader, |start, is_empty| {
        if start.name().as_ref() == child {
            list.push(T::parse(reader, &start, is_empty)?);
        } else {
            skip(reader, &start, is_empty)?;
        }
    });
    Ok(())
}

impl Document for Note {
    const PATH: &'static [&'static str] = &["response", "note"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut title, mut id, mut created_at) = (String::new(), None, None);
        attributes!(start, |value| {
            "title" => title = value.into_owned(),
            "id" => id = parse_number(&value),
            "created_at" => created_at = time::parse_local(&value).and_then(time::to_utc),
        });
        Ok(Self::new(title, id.unwrap(), created_at.unwrap(), read_text(reader, is_empty)?))
    }
}

impl Document for Page {
    const PATH: &'static [&'static str] = &["response", "page"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut title, mut id, mut email_address) = (String::new(), None, None);
        attributes!(start, |value| {
            "title" => title = value.into_owned(),
            "id" => id = parse_number(&value),
            "email_address" => email_address = Some(value.into_owned().into()),
        });
        let mut page = Self::new(title, id.unwrap());
        page.email_address = email_address;
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "belongings" => parse_list(reader, is_empty, "belonging", &mut page.belongings)?,
                    "lists" => parse_list(reader, is_empty, "list", &mut page.lists)?,
                    "notes" => parse_list(reader, is_empty, "note", &mut page.notes)?,
                    "galleries" => parse_list(reader, is_empty, "gallery", &mut page.galleries)?,
                    "attachments" => parse_list(reader, is_empty, "attachment", &mut page.attachments)?,
                    "separators" => parse_list(reader, is_empty, "separator", &mut page.separators)?,
                    "emails" => parse_list(reader, is_empty, "email", &mut page.emails)?,
                    "tags" => parse_list(reader, is_empty, "tag", &mut page.tags)?,
                    "description" => page.description = Some(read_text(reader, is_empty)?),
                    "items" => parse_list(reader, is_empty, "item", &mut page.items)?,
                    "linked_pages" => parse_list(reader, is_empty, "page", &mut page.linked_pages)?,
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        Ok(page)
    }
}

impl Document for Export {
    const PATH: &'static [&'static str] = &["user"];

    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut id, mut name, mut account) = (None, None, None);
        attributes!(start, |value| {
            "id" => id = parse_number(&value),
            "name" => name = Some(value.into_owned()),
            "account" => account = Some(value.into_owned()),
        });
        let mut export = Self::new(id.unwrap(), name.unwrap(), account.unwrap());
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "pages" => parse_list(reader, is_empty, "page", &mut export.pages)?,
                    "reminders" => parse_list(reader, is_empty, "reminder", &mut export.reminders)?,
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        Ok(export)
    }
}

impl Document for Item {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut completed, mut id, mut list_id, mut updated_at) = (None, None, None, None);
        attributes!(start, |value| {
            "completed" => completed = parse_number(&value),
            "id" => id = parse_number(&value),
            "list_id" => list_id = parse_number(&value),
            "updated_at" => updated_at = time::parse_local(&value).and_then(time::to_utc),
        });
        let mut item = Self::new(completed.unwrap(), id.unwrap(), read_text(reader, is_empty)?);
        (item.list_id, item.updated_at) = (list_id, updated_at);
        Ok(item)
    }
}

/// Reads the attribute `id` and one other attribute, whose value is empty if it is missing. Several types have only
/// these two.
fn parse_id_and_attribute<T: FromStr>(start: &BytesStart<'_>, attribute: &str) -> Result<(T, String)> {
    let (mut id, mut name) = (None, String::new());
    for found in start.attributes() {
        let found = found?;
        let key = found.key.as_ref();
        if key == "id" {
            id = parse_number(&found.normalized_value(XmlVersion::Implicit1_0)?);
        } else if key == attribute {
            name = found.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        }
    }
    Ok((id.unwrap(), name))
}

impl Document for PageList {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, name) = parse_id_and_attribute(start, "name")?;
        let mut found = Self::new(name, id);
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "items" => parse_list(reader, is_empty, "item", &mut found.items)?,
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        Ok(found)
    }
}

impl Document for Gallery {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, name) = parse_id_and_attribute(start, "name")?;
        let mut gallery = Self::new(name, id);
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "images" => parse_list(reader, is_empty, "image", &mut gallery.images)?,
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        Ok(gallery)
    }
}

impl Document for Image {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut gallery_id, mut file_name, mut id, mut description) = (None, None, None, None);
        attributes!(start, |value| {
            "gallery_id" => gallery_id = parse_number(&value),
            "file_name" => file_name = Some(value.into_owned()),
            "id" => id = parse_number(&value),
            "description" => description = Some(value.into_owned()),
        });
        skip(reader, start, is_empty)?;
        let mut image = Self::new(gallery_id.unwrap(), file_name.unwrap(), id.unwrap());
        image.description = description;
        Ok(image)
    }
}

impl Document for Email {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut id, mut subject, mut created_at) = (None, String::new(), None);
        attributes!(start, |value| {
            "id" => id = parse_number(&value),
            "subject" => subject = value.into_owned(),
            "created_at" => created_at = time::parse_local(&value).and_then(time::to_utc),
        });
        Ok(Self::new(id.unwrap(), subject, created_at.unwrap(), read_text(reader, is_empty)?))
    }
}

impl Document for Belonging {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut id, mut position, mut widget) = (None, None, None);
        attributes!(start, |value| {
            "id" => id = parse_number(&value),
        });
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "position" => position = parse_number(&read_text(reader, is_empty)?),
                    "widget" => widget = Some(parse_widget(reader, &start, is_empty)?),
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        let (kind, widget_id) = widget.unwrap();
        Ok(Self::new(id.unwrap(), position.unwrap(), kind, widget_id))
    }
}

/// Reads the kind and the id of the widget in a belonging.
fn parse_widget(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<(WidgetKind, i64)> {
    let (mut kind, mut id) = (None, None);
    attributes!(start, |value| {
        "type" => kind = Some(WidgetKind::from(&*value)),
        "id" => id = parse_number(&value),
    });
    skip(reader, start, is_empty)?;
    Ok((kind.unwrap(), id.unwrap()))
}

impl Document for PageSeparator {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let mut id = None;
        attributes!(start, |value| {
            "id" => id = parse_number(&value),
        });
        Ok(Self::new(id.unwrap(), read_text(reader, is_empty)?))
    }
}

impl Document for Attachment {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, file_name) = parse_id_and_attribute(start, "file_name")?;
        skip(reader, start, is_empty)?;
        Ok(Self::new(file_name, id))
    }
}

impl Document for PageSummary {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, title) = parse_id_and_attribute(start, "title")?;
        skip(reader, start, is_empty)?;
        Ok(Self::new(title, id))
    }
}

impl Document for Tag {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, name) = parse_id_and_attribute(start, "name")?;
        skip(reader, start, is_empty)?;
        Ok(Self::new(name, id))
    }
}

impl Document for Person {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (id, name) = parse_id_and_attribute(start, "name")?;
        skip(reader, start, is_empty)?;
        Ok(Self::new(id, name))
    }
}

impl Document for Reminder {
    fn parse(reader: &mut Reader<'_>, start: &BytesStart<'_>, is_empty: bool) -> Result<Self> {
        let (mut id, mut remind_at, mut content, mut creator) = (None, None, None, None);
        let mut remindees = Vec::new();
        attributes!(start, |value| {
            "id" => id = parse_number(&value),
        });
        if !is_empty {
            children!(reader, |start, is_empty| {
                match start.name().as_ref() {
                    "remind_at" => remind_at = time::parse_local(&read_text(reader, is_empty)?),
                    "content" => content = Some(read_text(reader, is_empty)?),
                    "creator" => creator = Some(Person::parse(reader, &start, is_empty)?),
                    "remindees" => parse_list(reader, is_empty, "user", &mut remindees)?,
                    _ => skip(reader, &start, is_empty)?,
                }
            });
        }
        let mut reminder = Self::new(id.unwrap(), remind_at.unwrap(), content.unwrap());
        (reminder.creator, reminder.remindees) = (creator, remindees);
        Ok(reminder)
    }
}
