//! Finds the same item in both versions of an API, also under another name.

use std::collections::{BTreeMap, BTreeSet};

use super::positions::Positions;
use super::values::{data_type, notation, rust_type};
use crate::model::{Api, DataType, Endpoint, Enum, Field, Id, Section, Segment};

/// Two versions of an API, and the items that they share.
#[derive(Debug)]
pub(super) struct Matches<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) ids: Vec<Pair<'a, Id>>,
    pub(super) enums: Vec<Pair<'a, Enum>>,
    pub(super) types: Vec<Pair<'a, DataType>>,
    pub(super) sections: Vec<Pair<'a, Section>>,
    pub(super) endpoints: Vec<Pair<'a, OwnedEndpoint<'a>>>,
    /// Name in the new version of each id, enum and type of the old one.
    new_names: BTreeMap<&'a str, &'a str>,
}

/// An item in both versions, or in one of them.
#[derive(Debug)]
pub(super) enum Pair<'a, T> {
    Added(&'a T),
    Removed(&'a T),
    Both(&'a T, &'a T),
}

/// An endpoint, its section, and its name in messages.
#[derive(Debug)]
pub(super) struct OwnedEndpoint<'a> {
    pub(super) section: &'a Section,
    pub(super) endpoint: &'a Endpoint,
    /// `notes.create`.
    pub(super) name: String,
    /// Method and path, without the names of the values: `GET /notes/{}.xml`.
    pub(super) route: String,
}

impl<'a> OwnedEndpoint<'a> {
    /// Lists the endpoints of all sections.
    pub(super) fn list(api: &'a Api) -> Vec<Self> {
        let endpoints = api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |e| (section, e)));
        let own = |(section, endpoint): (&'a Section, &'a Endpoint)| Self {
            section,
            endpoint,
            name: format!("{}.{}", section.name, endpoint.name),
            route: format!("{} {}", endpoint.method.as_str(), format_path(&endpoint.path)),
        };
        endpoints.map(own).collect()
    }
}

impl<'a> Matches<'a> {
    /// Matches items by name. The others are matched by content: ids by their documentation, enums by their values,
    /// types by the positions of their fields, endpoints by their route.
    pub(super) fn new(
        old: &'a Api,
        new: &'a Api,
        old_endpoints: &'a [OwnedEndpoint<'a>],
        new_endpoints: &'a [OwnedEndpoint<'a>],
    ) -> Self {
        let ids = pair_up(&old.ids, &new.ids, |id| id.name.clone(), |id| id.doc.clone());
        let texts = |item: &Enum| item.values.iter().map(|value| format!("{:?}", value.text)).collect::<String>();
        let enums = pair_up(&old.enums, &new.enums, |item| item.name.clone(), texts);
        let shape = |data_type: &DataType| format!("{:?}", Positions::of_type(data_type));
        let types = pair_up(&old.types, &new.types, |data_type| data_type.name.clone(), shape);
        let sections =
            pair_up(&old.sections, &new.sections, |section| section.name.clone(), |section| section.doc.clone());
        let endpoints =
            pair_up(old_endpoints, new_endpoints, |endpoint| endpoint.name.clone(), |endpoint| endpoint.route.clone());
        let mut new_names = BTreeMap::new();
        new_names.extend(ids.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        new_names.extend(enums.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        new_names.extend(types.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        Self { old, new, ids, enums, types, sections, endpoints, new_names }
    }

    /// Returns the notation of a field of the old version, with the names of the new one: `Note*?`.
    pub(super) fn old_notation(&self, field: &Field) -> String {
        notation(self.old, field, |name| self.new_name(name))
    }

    /// Returns the notation of a field of the new version.
    pub(super) fn new_notation(&self, field: &Field) -> String {
        notation(self.new, field, str::to_owned)
    }

    /// Returns the Rust type of a field of the old version, with the names of the new one.
    pub(super) fn old_rust_type(&self, field: &Field) -> String {
        rust_type(self.old, field, |name| self.new_name(name))
    }

    /// Returns the Rust type of a field of the new version.
    pub(super) fn new_rust_type(&self, field: &Field) -> String {
        rust_type(self.new, field, str::to_owned)
    }

    /// Returns the name in the new version of a field's data type of the old one; `None` if the field is a scalar.
    pub(super) fn old_data_type(&self, field: &Field) -> Option<String> {
        data_type(self.old, field).map(|name| self.new_name(name))
    }

    /// Returns the name of a field's data type of the new version.
    pub(super) fn new_data_type(&self, field: &Field) -> Option<String> {
        data_type(self.new, field).map(str::to_owned)
    }

    /// Returns the name in the new version of an id, enum or type of the old one.
    fn new_name(&self, name: &str) -> String {
        self.new_names.get(name).copied().unwrap_or(name).to_owned()
    }
}

impl<'a, T> Pair<'a, T> {
    /// Returns the item of both versions; `None` if one version lacks it.
    pub(super) fn both(&self) -> Option<(&'a T, &'a T)> {
        match *self {
            Self::Both(old, new) => Some((old, new)),
            Self::Added(_) | Self::Removed(_) => None,
        }
    }
}

/// Pairs the items of two versions up: by `name`, and those that are left by `content`, if only one item of each version
/// has it. Returns the items of the new version in their order, then the removed ones.
pub(super) fn pair_up<'a, T>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&T) -> String,
    content: impl Fn(&T) -> String,
) -> Vec<Pair<'a, T>> {
    let old_by_name: BTreeMap<String, &T> = old.iter().map(|item| (name(item), item)).collect();
    let new_names: BTreeSet<String> = new.iter().map(&name).collect();
    let mut removed = index_by(old.iter().filter(|item| !new_names.contains(&name(item))), &content);
    let added = index_by(new.iter().filter(|item| !old_by_name.contains_key(&name(item))), &content);
    let mut pairs = Vec::new();
    for item in new {
        let key = content(item);
        let is_alone = added.get(&key).is_some_and(|items| items.len() == 1);
        let old = match (old_by_name.get(&name(item)), removed.get(&key).map(Vec::as_slice)) {
            (Some(old), _) => Some(*old),
            (None, Some([old])) if is_alone => Some(*old),
            _ => None,
        };
        if old.is_some_and(|old| name(old) != name(item)) {
            removed.remove(&key);
        }
        pairs.push(old.map_or(Pair::Added(item), |old| Pair::Both(old, item)));
    }
    let is_removed = |item: &&T| {
        removed.get(&content(item)).is_some_and(|items| items.iter().any(|other| std::ptr::eq(*other, *item)))
    };
    pairs.extend(old.iter().filter(is_removed).map(Pair::Removed));
    pairs
}

/// Groups items by a key.
fn index_by<'a, T>(items: impl Iterator<Item = &'a T>, key: impl Fn(&T) -> String) -> BTreeMap<String, Vec<&'a T>> {
    let mut index: BTreeMap<String, Vec<&T>> = BTreeMap::new();
    for item in items {
        index.entry(key(item)).or_default().push(item);
    }
    index
}

/// Formats a path without the names of its values: `/notes/{}.xml`.
pub(super) fn format_path(path: &[Segment]) -> String {
    let format_segment = |segment: &Segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Hole { before, after, .. } => format!("/{before}{{}}{after}"),
    };
    path.iter().map(format_segment).collect()
}
