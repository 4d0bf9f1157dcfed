//! Decoders on our reader, in the style of generated code.

use std::borrow::Cow;

use backpack_runtime::xml::{Error, Reader};

use super::types::*;

/// What generated code reports: an XML error, or where a value is missing or wrong.
#[derive(Debug)]
#[allow(dead_code, reason = "shown by Debug")]
pub(crate) enum ReadError {
    Xml(Error),
    Missing(usize, &'static str),
    Wrong(usize),
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Xml(error)
    }
}

type Result<T> = std::result::Result<T, ReadError>;

pub(crate) trait Document: Sized {
    const PATH: &'static [&'static str];
    fn read(xml: &mut Reader<'_>) -> Result<Self>;
}

/// Reads the value inside the document's envelope, and the document to its end.
pub(crate) fn read<T: Document>(document: &str) -> T {
    read_document(document).unwrap()
}

fn read_document<T: Document>(document: &str) -> Result<T> {
    let mut xml = Reader::new(document);
    let value = read_inside(&mut xml, T::PATH)?;
    while xml.child()?.is_some() {
        xml.skip()?;
    }
    value.ok_or(ReadError::Missing(0, "payload"))
}

fn read_inside<T: Document>(xml: &mut Reader<'_>, path: &[&str]) -> Result<Option<T>> {
    let Some((first, rest)) = path.split_first() else { return T::read(xml).map(Some) };
    let mut value = None;
    while let Some(name) = xml.child()? {
        if name != *first || value.is_some() {
            xml.skip()?;
            continue;
        }
        value = read_inside(xml, rest)?;
        if rest.is_empty() && xml.depth() == 0 {
            return Ok(value);
        }
    }
    Ok(value)
}

/// Checks a document and reads nothing.
pub(crate) fn pass(document: &str) {
    let mut xml = Reader::new(document);
    while xml.child().unwrap().is_some() {
        xml.skip().unwrap();
    }
}

fn number<T: std::str::FromStr>(at: usize, text: Cow<'_, str>) -> Result<T> {
    text.parse().map_err(|_| ReadError::Wrong(at))
}

fn time(at: usize, text: Cow<'_, str>) -> Result<Time> {
    Time::parse(&text).ok_or(ReadError::Wrong(at))
}

fn needed<T>(value: Option<T>, at: usize, name: &'static str) -> Result<T> {
    value.ok_or(ReadError::Missing(at, name))
}

/// `<container><child/><child/></container>`
fn list<T>(xml: &mut Reader<'_>, child: &str, into: &mut Vec<T>, read: fn(&mut Reader<'_>) -> Result<T>) -> Result<()> {
    while let Some(name) = xml.child()? {
        if name == child {
            into.push(read(xml)?);
        } else {
            xml.skip()?;
        }
    }
    into.shrink_to_fit();
    Ok(())
}

impl Document for Note {
    const PATH: &'static [&'static str] = &["response", "note"];

    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut title, mut id, mut created_at) = (None, None, None);
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "title" => title = Some(attribute.value().into_owned()),
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                "created_at" => created_at = Some(time(attribute.offset(), attribute.value())?),
                _ => {}
            }
        }
        let body = xml.text()?.into_owned();
        Ok(Self {
            title: needed(title, at, "@title")?,
            id: needed(id, at, "@id")?,
            created_at: needed(created_at, at, "@created_at")?,
            body,
        })
    }
}

impl Document for Page {
    const PATH: &'static [&'static str] = &["response", "page"];

    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut title, mut id, mut email_address, mut description) = (None, None, None, None);
        let (mut items, mut belongings, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        let (mut notes, mut separators, mut tags) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "title" => title = Some(attribute.value().into_owned()),
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                "email_address" => email_address = Some(attribute.value().into_owned()),
                _ => {}
            }
        }
        while let Some(name) = xml.child()? {
            match name {
                "description" => description = Some(xml.text()?.into_owned()),
                "items" => list(xml, "item", &mut items, Item::read)?,
                "belongings" => list(xml, "belonging", &mut belongings, Belonging::read)?,
                "lists" => list(xml, "list", &mut lists, List::read)?,
                "notes" => list(xml, "note", &mut notes, Note::read)?,
                "separators" => list(xml, "separator", &mut separators, Separator::read)?,
                "tags" => list(xml, "tag", &mut tags, Tag::read)?,
                _ => xml.skip()?,
            }
        }
        let (title, id) = (needed(title, at, "@title")?, needed(id, at, "@id")?);
        Ok(Self { title, id, email_address, description, items, belongings, lists, notes, separators, tags })
    }
}

impl Document for Export {
    const PATH: &'static [&'static str] = &["user"];

    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut id, mut name, mut account) = (None, None, None);
        let (mut pages, mut reminders) = (Vec::new(), Vec::new());
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                "name" => name = Some(attribute.value().into_owned()),
                "account" => account = Some(attribute.value().into_owned()),
                _ => {}
            }
        }
        while let Some(name) = xml.child()? {
            match name {
                "pages" => list(xml, "page", &mut pages, Page::read)?,
                "reminders" => list(xml, "reminder", &mut reminders, Reminder::read)?,
                _ => xml.skip()?,
            }
        }
        Ok(Self {
            id: needed(id, at, "@id")?,
            name: needed(name, at, "@name")?,
            account: needed(account, at, "@account")?,
            pages,
            reminders,
        })
    }
}

impl Item {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut completed, mut id, mut list_id) = (None, None, None);
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "completed" => completed = Some(number(attribute.offset(), attribute.value())?),
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                "list_id" => list_id = Some(number(attribute.offset(), attribute.value())?),
                _ => {}
            }
        }
        let content = xml.text()?.into_owned();
        let (completed, id) = (needed(completed, at, "@completed")?, needed(id, at, "@id")?);
        Ok(Self { completed, id, list_id, content })
    }
}

impl List {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut name, mut id, mut items) = (None, None, Vec::new());
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "name" => name = Some(attribute.value().into_owned()),
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                _ => {}
            }
        }
        while let Some(name) = xml.child()? {
            match name {
                "items" => list(xml, "item", &mut items, Item::read)?,
                _ => xml.skip()?,
            }
        }
        Ok(Self { name: needed(name, at, "@name")?, id: needed(id, at, "@id")?, items })
    }
}

impl Belonging {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut id, mut position, mut widget) = (None, None, None);
        while let Some(attribute) = xml.attribute() {
            if attribute.name == "id" {
                id = Some(number(attribute.offset(), attribute.value())?);
            }
        }
        while let Some(name) = xml.child()? {
            match name {
                "position" => position = Some(number(xml.start(), xml.text()?)?),
                "widget" => widget = Some(Widget::read(xml)?),
                _ => xml.skip()?,
            }
        }
        Ok(Self {
            id: needed(id, at, "@id")?,
            position: needed(position, at, "position")?,
            widget: needed(widget, at, "widget")?,
        })
    }
}

impl Widget {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut kind, mut id) = (None, None);
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "type" => kind = Kind::parse(&attribute.value()),
                "id" => id = Some(number(attribute.offset(), attribute.value())?),
                _ => {}
            }
        }
        xml.skip()?;
        Ok(Self { kind: needed(kind, at, "@type")?, id: needed(id, at, "@id")? })
    }
}

impl Separator {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let mut id = None;
        while let Some(attribute) = xml.attribute() {
            if attribute.name == "id" {
                id = Some(number(attribute.offset(), attribute.value())?);
            }
        }
        let name = xml.text()?.into_owned();
        Ok(Self { id: needed(id, at, "@id")?, name })
    }
}

/// `id` and `name`, which three types consist of.
fn named(xml: &mut Reader<'_>) -> Result<(u64, String)> {
    let at = xml.start();
    let (mut name, mut id) = (None, None);
    while let Some(attribute) = xml.attribute() {
        match attribute.name {
            "name" => name = Some(attribute.value().into_owned()),
            "id" => id = Some(number(attribute.offset(), attribute.value())?),
            _ => {}
        }
    }
    xml.skip()?;
    Ok((needed(id, at, "@id")?, needed(name, at, "@name")?))
}

impl Tag {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        named(xml).map(|(id, name)| Self { name, id })
    }
}

impl Person {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        named(xml).map(|(id, name)| Self { id, name })
    }
}

impl Reminder {
    fn read(xml: &mut Reader<'_>) -> Result<Self> {
        let at = xml.start();
        let (mut id, mut remind_at, mut content, mut creator) = (None, None, None, None);
        let mut remindees = Vec::new();
        while let Some(attribute) = xml.attribute() {
            if attribute.name == "id" {
                id = Some(number(attribute.offset(), attribute.value())?);
            }
        }
        while let Some(name) = xml.child()? {
            match name {
                "remind_at" => remind_at = Some(time(xml.start(), xml.text()?)?),
                "content" => content = Some(xml.text()?.into_owned()),
                "creator" => creator = Some(Person::read(xml)?),
                "remindees" => list(xml, "user", &mut remindees, Person::read)?,
                _ => xml.skip()?,
            }
        }
        Ok(Self {
            id: needed(id, at, "@id")?,
            remind_at: needed(remind_at, at, "remind_at")?,
            content: needed(content, at, "content")?,
            creator,
            remindees,
        })
    }
}
