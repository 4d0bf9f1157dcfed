//! Types that serde's derive fills, with only the fields that these documents have, and their conversion to the
//! generated types.

use backpack_api as api;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::DateTime;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::time;

#[derive(Deserialize)]
pub(crate) struct Export {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@account")]
    pub(crate) account: String,
    #[serde(default, deserialize_with = "deserialize_pages")]
    pub(crate) pages: Vec<Page>,
    #[serde(default, deserialize_with = "deserialize_reminders")]
    pub(crate) reminders: Vec<Reminder>,
}

#[derive(Deserialize)]
pub(crate) struct Page {
    #[serde(rename = "@title")]
    pub(crate) title: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@email_address")]
    pub(crate) email_address: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "deserialize_items")]
    pub(crate) items: Vec<Item>,
    #[serde(default, deserialize_with = "deserialize_belongings")]
    pub(crate) belongings: Vec<Belonging>,
    #[serde(default, deserialize_with = "deserialize_lists")]
    pub(crate) lists: Vec<List>,
    #[serde(default, deserialize_with = "deserialize_notes")]
    pub(crate) notes: Vec<Note>,
    #[serde(default, deserialize_with = "deserialize_separators")]
    pub(crate) separators: Vec<Separator>,
    #[serde(default, deserialize_with = "deserialize_tags")]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Deserialize)]
pub(crate) struct Belonging {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    pub(crate) position: i64,
    pub(crate) widget: Widget,
}

#[derive(Deserialize)]
pub(crate) struct Widget {
    #[serde(rename = "@type")]
    pub(crate) kind: WidgetKind,
    #[serde(rename = "@id")]
    pub(crate) id: i64,
}

#[derive(Deserialize)]
pub(crate) enum WidgetKind {
    Note,
    List,
    Separator,
}

#[derive(Deserialize)]
pub(crate) struct List {
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "deserialize_items")]
    pub(crate) items: Vec<Item>,
}

#[derive(Deserialize)]
pub(crate) struct Item {
    #[serde(rename = "@completed")]
    pub(crate) completed: bool,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@list_id")]
    pub(crate) list_id: Option<u64>,
    #[serde(rename = "$text", default)]
    pub(crate) content: String,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    #[serde(rename = "@title")]
    pub(crate) title: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@created_at", deserialize_with = "deserialize_utc")]
    pub(crate) created_at: Timestamp,
    #[serde(rename = "$text", default)]
    pub(crate) body: String,
}

#[derive(Deserialize)]
pub(crate) struct Separator {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "$text", default)]
    pub(crate) name: String,
}

#[derive(Deserialize)]
pub(crate) struct Tag {
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
}

#[derive(Deserialize)]
pub(crate) struct Reminder {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(deserialize_with = "deserialize_local")]
    pub(crate) remind_at: DateTime,
    pub(crate) content: String,
    pub(crate) creator: Option<Person>,
    #[serde(default, deserialize_with = "deserialize_people")]
    pub(crate) remindees: Vec<Person>,
}

#[derive(Deserialize)]
pub(crate) struct Person {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@name")]
    pub(crate) name: String,
}

#[derive(Deserialize)]
pub(crate) struct NoteEnvelope {
    pub(crate) note: Note,
}

#[derive(Deserialize)]
pub(crate) struct PageEnvelope {
    pub(crate) page: Page,
}

/// Deserializes `2009-03-14 08:05:40` in UTC.
fn deserialize_utc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    time::to_utc(deserialize_local(deserializer)?).ok_or_else(|| D::Error::custom("not a valid time"))
}

/// Deserializes `2009-03-14 08:05:40` without a time zone.
fn deserialize_local<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime, D::Error> {
    struct TimeVisitor;
    impl Visitor<'_> for TimeVisitor {
        type Value = DateTime;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a time")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<DateTime, E> {
            time::parse_local(text).ok_or_else(|| E::custom("not a valid time"))
        }
    }
    deserializer.deserialize_str(TimeVisitor)
}

/// Defines functions that deserialize `<container><child/><child/></container>` as a list of children, as quick-xml's
/// documentation recommends.
macro_rules! define_list_deserializers {
    ($($function:ident: $child:ident, $type:ty;)*) => {$(
        fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<$type>, D::Error> {
            #[derive(Deserialize)]
            struct Container {
                #[serde(default = "Vec::new")]
                $child: Vec<$type>,
            }
            Ok(Container::deserialize(deserializer)?.$child)
        }
    )*};
}

define_list_deserializers! {
    deserialize_pages: page, Page;
    deserialize_reminders: reminder, Reminder;
    deserialize_items: item, Item;
    deserialize_belongings: belonging, Belonging;
    deserialize_lists: list, List;
    deserialize_notes: note, Note;
    deserialize_separators: separator, Separator;
    deserialize_tags: tag, Tag;
    deserialize_people: user, Person;
}

impl From<NoteEnvelope> for api::Note {
    fn from(envelope: NoteEnvelope) -> Self {
        envelope.note.into()
    }
}

impl From<PageEnvelope> for api::Page {
    fn from(envelope: PageEnvelope) -> Self {
        envelope.page.into()
    }
}

impl From<Export> for api::Export {
    fn from(export: Export) -> Self {
        Self::new(export.id.into(), export.name, export.account).pages(export.pages).reminders(export.reminders)
    }
}

impl From<Page> for api::Page {
    fn from(read: Page) -> Self {
        let mut page = Self::new(read.title, read.id.into())
            .items(read.items)
            .belongings(read.belongings)
            .lists(read.lists)
            .notes(read.notes)
            .separators(read.separators)
            .tags(read.tags);
        page.email_address = read.email_address.map(Into::into);
        page.description = read.description;
        page
    }
}

impl From<Belonging> for api::Belonging {
    fn from(belonging: Belonging) -> Self {
        let kind = match belonging.widget.kind {
            WidgetKind::Note => api::WidgetKind::Note,
            WidgetKind::List => api::WidgetKind::List,
            WidgetKind::Separator => api::WidgetKind::Separator,
        };
        Self::new(belonging.id.into(), belonging.position, kind, belonging.widget.id)
    }
}

impl From<List> for api::PageList {
    fn from(list: List) -> Self {
        Self::new(list.name, list.id.into()).items(list.items)
    }
}

impl From<Item> for api::Item {
    fn from(read: Item) -> Self {
        let mut item = Self::new(read.completed, read.id.into(), read.content);
        item.list_id = read.list_id.map(Into::into);
        item
    }
}

impl From<Note> for api::Note {
    fn from(note: Note) -> Self {
        Self::new(note.title, note.id.into(), note.created_at, note.body)
    }
}

impl From<Separator> for api::PageSeparator {
    fn from(separator: Separator) -> Self {
        Self::new(separator.id.into(), separator.name)
    }
}

impl From<Tag> for api::Tag {
    fn from(tag: Tag) -> Self {
        Self::new(tag.name, tag.id.into())
    }
}

impl From<Reminder> for api::Reminder {
    fn from(read: Reminder) -> Self {
        let mut reminder = Self::new(read.id.into(), read.remind_at, read.content).remindees(read.remindees);
        reminder.creator = read.creator.map(Into::into);
        reminder
    }
}

impl From<Person> for api::Person {
    fn from(person: Person) -> Self {
        Self::new(person.id.into(), person.name)
    }
}
