//! Finds the same item in both versions of an API, also under another name.

use std::collections::{BTreeMap, BTreeSet};

use super::positions::Positions;
use super::values::{data_type, notation};
use crate::emit::format_rust_type;
use crate::model::{Api, DataType, Endpoint, Enum, Field, Id, Method, Section, Segment, format_path};

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
    /// The old version, in which ids, enums and types have the names of the new one.
    renamed_old: Api,
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
            route: format_route(endpoint.method, &endpoint.path),
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
        let ids = pair_up(&old.ids, &new.ids, |id| &id.name, |id| &id.doc);
        let texts = |item: &'a Enum| -> Vec<&str> { item.values.iter().map(|value| value.text.as_str()).collect() };
        let enums = pair_up(&old.enums, &new.enums, |item| &item.name, texts);
        let types = pair_up(&old.types, &new.types, |data_type| &data_type.name, Positions::of_type);
        let sections = pair_up(&old.sections, &new.sections, |section| &section.name, |section| &section.doc);
        let endpoints =
            pair_up(old_endpoints, new_endpoints, |endpoint| &endpoint.name, |endpoint| endpoint.route.as_str());
        let mut new_names: BTreeMap<&str, &str> = BTreeMap::new();
        new_names.extend(ids.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        new_names.extend(enums.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        new_names.extend(types.iter().filter_map(Pair::both).map(|(old, new)| (old.name.as_str(), new.name.as_str())));
        let renamed_old = rename_all(old, &new_names);
        Self { old, new, ids, enums, types, sections, endpoints, renamed_old }
    }

    /// Returns the notation of a field of the old version, with the names of the new one: `Note*?`.
    pub(super) fn old_notation(&self, field: &Field) -> String {
        notation(&self.renamed_old, field)
    }

    /// Returns the notation of a field of the new version.
    pub(super) fn new_notation(&self, field: &Field) -> String {
        notation(self.new, field)
    }

    /// Returns the Rust type of a field of the old version, with the names of the new one.
    pub(super) fn old_rust_type(&self, field: &Field) -> String {
        format_rust_type(&self.renamed_old, field)
    }

    /// Returns the Rust type of a field of the new version.
    pub(super) fn new_rust_type(&self, field: &Field) -> String {
        format_rust_type(self.new, field)
    }

    /// Returns the name in the new version of a field's data type of the old one; `None` if the field is a scalar.
    pub(super) fn old_data_type(&self, field: &Field) -> Option<&str> {
        data_type(&self.renamed_old, field)
    }

    /// Returns the name of a field's data type of the new version.
    pub(super) fn new_data_type(&self, field: &Field) -> Option<&str> {
        data_type(self.new, field)
    }

    /// `true` if a section of the old version is the same as one of the new version, maybe under another name.
    pub(super) fn is_same_section(&self, old: &Section, new: &Section) -> bool {
        let mut both = self.sections.iter().filter_map(Pair::both);
        both.any(|(one, other)| (&one.name, &other.name) == (&old.name, &new.name))
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
/// has it. Returns the items of the new version in their order, then the removed ones. Names are unique in a version.
pub(super) fn pair_up<'a, T, K: Ord>(
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
    content: impl Fn(&'a T) -> K,
) -> Vec<Pair<'a, T>> {
    let old_by_name: BTreeMap<&str, &T> = old.iter().map(|item| (name(item), item)).collect();
    let new_names: BTreeSet<&str> = new.iter().map(&name).collect();
    let removed = index_unique(old.iter().filter(|item| !new_names.contains(name(item))), &content);
    let added = index_unique(new.iter().filter(|item| !old_by_name.contains_key(name(item))), &content);
    let renamed: BTreeMap<&str, &T> =
        added.iter().filter_map(|(content, item)| Some((name(item), *removed.get(content)?))).collect();
    let find_old = |item| old_by_name.get(name(item)).or_else(|| renamed.get(name(item)));
    let mut pairs: Vec<Pair<'a, T>> =
        new.iter().map(|item| find_old(item).map_or(Pair::Added(item), |old| Pair::Both(old, item))).collect();
    let paired: BTreeSet<&str> = pairs.iter().filter_map(Pair::both).map(|(old, _)| name(old)).collect();
    pairs.extend(old.iter().filter(|item| !paired.contains(name(item))).map(Pair::Removed));
    pairs
}

/// Returns the items by a key, except those that share it with another item.
fn index_unique<'a, T, K: Ord>(items: impl Iterator<Item = &'a T>, key: impl Fn(&'a T) -> K) -> BTreeMap<K, &'a T> {
    let mut index: BTreeMap<K, Vec<&T>> = BTreeMap::new();
    for item in items {
        index.entry(key(item)).or_default().push(item);
    }
    let unique = index.into_iter().filter_map(|(key, items)| match *items {
        [item] => Some((key, item)),
        _ => None,
    });
    unique.collect()
}

/// Returns the version with other names of its ids, enums and types.
fn rename_all(api: &Api, new_names: &BTreeMap<&str, &str>) -> Api {
    let mut renamed = api.clone();
    let ids = renamed.ids.iter_mut().map(|id| &mut id.name);
    let enums = renamed.enums.iter_mut().map(|item| &mut item.name);
    let types = renamed.types.iter_mut().map(|data_type| &mut data_type.name);
    for name in ids.chain(enums).chain(types) {
        if let Some(new_name) = new_names.get(name.as_str()) {
            *name = (*new_name).to_owned();
        }
    }
    renamed
}

/// Formats a route without the names of its values: `GET /notes/{}.xml`.
pub(super) fn format_route(method: Method, path: &[Segment]) -> String {
    format!("{} {}", method.as_str(), format_path(path, |_| ""))
}
