//! What our decoders read, as the peers' types hold it, so that both can be compared.

use backpack_api as api;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::Offset;

use super::types::*;

fn all<T, U: From<T>>(values: Vec<T>) -> Vec<U> {
    values.into_iter().map(U::from).collect()
}

impl From<DateTime> for Time {
    fn from(time: DateTime) -> Self {
        let parts = [time.month(), time.day(), time.hour(), time.minute(), time.second()];
        let [month, day, hour, minute, second] = parts.map(|part| part.try_into().unwrap());
        Self { year: time.year().try_into().unwrap(), month, day, hour, minute, second }
    }
}

impl From<api::Export> for Export {
    fn from(export: api::Export) -> Self {
        let api::Export { id, name, account, pages, reminders, .. } = export;
        Self { id: id.0, name, account, pages: all(pages), reminders: all(reminders) }
    }
}

impl From<api::Page> for Page {
    fn from(page: api::Page) -> Self {
        Self {
            title: page.title,
            id: page.id.0,
            email_address: page.email_address.map(|address| address.expose().to_owned()),
            description: page.description,
            items: all(page.items),
            belongings: all(page.belongings),
            lists: all(page.lists),
            notes: all(page.notes),
            separators: all(page.separators),
            tags: all(page.tags),
        }
    }
}

impl From<api::Belonging> for Belonging {
    fn from(belonging: api::Belonging) -> Self {
        let kind = Kind::parse(belonging.kind.as_str()).unwrap();
        let widget = Widget { kind, id: belonging.widget_id.try_into().unwrap() };
        Self { id: belonging.id.0, position: belonging.position, widget }
    }
}

impl From<api::PageList> for List {
    fn from(list: api::PageList) -> Self {
        Self { name: list.name, id: list.id.0, items: all(list.items) }
    }
}

impl From<api::Item> for Item {
    fn from(item: api::Item) -> Self {
        let list_id = item.list_id.map(|id| id.0);
        Self { completed: item.completed, id: item.id.0, list_id, content: item.content }
    }
}

impl From<api::Note> for Note {
    fn from(note: api::Note) -> Self {
        let created_at = Offset::UTC.to_datetime(note.created_at).into();
        Self { title: note.title, id: note.id.0, created_at, body: note.body }
    }
}

impl From<api::PageSeparator> for Separator {
    fn from(separator: api::PageSeparator) -> Self {
        Self { id: separator.id.0, name: separator.name }
    }
}

impl From<api::Tag> for Tag {
    fn from(tag: api::Tag) -> Self {
        Self { name: tag.name, id: tag.id.0 }
    }
}

impl From<api::Reminder> for Reminder {
    fn from(reminder: api::Reminder) -> Self {
        Self {
            id: reminder.id.0,
            remind_at: reminder.remind_at.into(),
            content: reminder.content,
            creator: reminder.creator.map(Person::from),
            remindees: all(reminder.remindees),
        }
    }
}

impl From<api::Person> for Person {
    fn from(person: api::Person) -> Self {
        Self { id: person.id.0, name: person.name }
    }
}
