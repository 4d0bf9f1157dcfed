//! What the documents hold, as the peers read it: with serde's derive, and by hand.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Export {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@account")]
    pub(crate) account: String,
    #[serde(default, deserialize_with = "pages")]
    pub(crate) pages: Vec<Page>,
    #[serde(default, deserialize_with = "reminders")]
    pub(crate) reminders: Vec<Reminder>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Page {
    #[serde(rename = "@title")]
    pub(crate) title: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@email_address")]
    pub(crate) email_address: Option<String>,
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "items")]
    pub(crate) items: Vec<Item>,
    #[serde(default, deserialize_with = "belongings")]
    pub(crate) belongings: Vec<Belonging>,
    #[serde(default, deserialize_with = "lists")]
    pub(crate) lists: Vec<List>,
    #[serde(default, deserialize_with = "notes")]
    pub(crate) notes: Vec<Note>,
    #[serde(default, deserialize_with = "separators")]
    pub(crate) separators: Vec<Separator>,
    #[serde(default, deserialize_with = "tags")]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Belonging {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    pub(crate) position: i64,
    pub(crate) widget: Widget,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Widget {
    #[serde(rename = "@type")]
    pub(crate) kind: Kind,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) enum Kind {
    Note,
    List,
    Separator,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "Note" => Some(Self::Note),
            "List" => Some(Self::List),
            "Separator" => Some(Self::Separator),
            _ => None,
        }
    }
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct List {
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(default, deserialize_with = "items")]
    pub(crate) items: Vec<Item>,
}

#[derive(Debug, PartialEq, Deserialize)]
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

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Note {
    #[serde(rename = "@title")]
    pub(crate) title: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "@created_at")]
    pub(crate) created_at: Time,
    #[serde(rename = "$text", default)]
    pub(crate) body: String,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Separator {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    #[serde(rename = "$text", default)]
    pub(crate) name: String,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Tag {
    #[serde(rename = "@name")]
    pub(crate) name: String,
    #[serde(rename = "@id")]
    pub(crate) id: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Reminder {
    #[serde(rename = "@id")]
    pub(crate) id: u64,
    pub(crate) remind_at: Time,
    pub(crate) content: String,
    pub(crate) creator: Option<Person>,
    #[serde(default, deserialize_with = "people")]
    pub(crate) remindees: Vec<Person>,
}

#[derive(Debug, PartialEq, Deserialize)]
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

/// `2009-03-14 08:05:40`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Time {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Time {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
        let digit = |at: usize| -> Option<u8> { Some(bytes[at].wrapping_sub(b'0')).filter(|digit| *digit < 10) };
        let two = |at: usize| -> Option<u8> { Some(digit(at)? * 10 + digit(at + 1)?) };
        let year = u16::from(two(0)?) * 100 + u16::from(two(2)?);
        let punctuated = [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] == *b"-- ::";
        let time = Self { year, month: two(5)?, day: two(8)?, hour: two(11)?, minute: two(14)?, second: two(17)? };
        punctuated.then_some(time)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Time;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a time")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                Time::parse(text).ok_or_else(|| E::custom("a time"))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

/// `<container><child/><child/></container>`, the way quick-xml's documentation unwraps it.
macro_rules! unwrapped {
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

unwrapped! {
    pages: page, Page;
    reminders: reminder, Reminder;
    items: item, Item;
    belongings: belonging, Belonging;
    lists: list, List;
    notes: note, Note;
    separators: separator, Separator;
    tags: tag, Tag;
    people: user, Person;
}
