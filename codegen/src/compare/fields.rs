//! Compares the fields of a type, the parameters of an endpoint, or the value of a response.

use super::comparison::Comparison;
use super::effects::{Effect, Readable, Usage};
use super::matching::{Matches, Pair, pair_up};
use super::positions::Positions;
use super::values::{reads, reads_presence};
use crate::model::{Field, Presence, ValueKind};

/// The fields of one version, with their positions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) fields: &'a [Field],
    pub(super) positions: &'a Positions,
}

/// A field with its positions.
#[derive(Debug)]
struct PlacedField<'a> {
    field: &'a Field,
    written: Vec<&'a str>,
    read: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    fn place_all(self) -> Vec<PlacedField<'a>> {
        let place = |(index, field)| PlacedField {
            field,
            written: self.positions.written_of(index),
            read: self.positions.read_of(index),
        };
        self.fields.iter().enumerate().map(place).collect()
    }
}

/// Compares the fields of a type, or the parameters of an endpoint.
pub(super) fn compare_fields(
    comparison: &mut Comparison,
    matches: &Matches<'_>,
    owner: &str,
    usage: Usage,
    old: Fields<'_>,
    new: Fields<'_>,
) {
    let (old_fields, new_fields) = (old.place_all(), new.place_all());
    let pairs = pair_up(&old_fields, &new_fields, |placed| &placed.field.name, |placed| &placed.written);
    for pair in &pairs {
        match *pair {
            Pair::Added(new) => add_added_field(comparison, owner, usage, new, &matches.new_notation(new.field)),
            Pair::Removed(old) => add_removed_field(comparison, owner, usage, old),
            Pair::Both(old, new) => {
                let subject = format!("{owner}.{}", new.field.name);
                comparison.add_rename(&subject, &old.field.name, &new.field.name);
                compare_field(comparison, matches, &subject, usage, old, new);
            }
        }
    }
    compare_order(comparison, owner, usage, &pairs, old, new);
}

/// Compares the value of a response, which has no name in the Rust API.
pub(super) fn compare_value(
    comparison: &mut Comparison,
    matches: &Matches<'_>,
    subject: &str,
    old: Fields<'_>,
    new: Fields<'_>,
) {
    if let ([old], [new]) = (&*old.place_all(), &*new.place_all()) {
        compare_field(comparison, matches, subject, Usage::RESPONSE, old, new);
    }
}

fn add_added_field(comparison: &mut Comparison, owner: &str, usage: Usage, new: &PlacedField<'_>, notation: &str) {
    // A reader skips what it does not know.
    let readable = Readable { by_old: true, by_new: !new.field.is_required_in_document() };
    // A required value is an argument of the constructor or the method.
    let is_argument = new.field.presence == Presence::Required;
    let rust_api = if is_argument { Effect::Breaking } else { Effect::Compatible };
    let subject = format!("{owner}.{}", new.field.name);
    comparison.add(&subject, format!("added as `{notation}`"), readable.effects(usage).with_rust_api(rust_api));
}

fn add_removed_field(comparison: &mut Comparison, owner: &str, usage: Usage, old: &PlacedField<'_>) {
    let readable = Readable { by_old: !old.field.is_required_in_document(), by_new: true };
    let subject = format!("{owner}.{}", old.field.name);
    comparison.add(&subject, "removed", readable.effects(usage).with_rust_api(Effect::Breaking));
}

/// Compares a field that both versions have.
fn compare_field(
    comparison: &mut Comparison,
    matches: &Matches<'_>,
    subject: &str,
    usage: Usage,
    old: &PlacedField<'_>,
    new: &PlacedField<'_>,
) {
    let (old_notation, new_notation) = (matches.old_notation(old.field), matches.new_notation(new.field));
    if old_notation != new_notation {
        let is_same_kind = matches.old_data_type(old.field) == matches.new_data_type(new.field);
        let readable = Readable {
            by_old: is_same_kind && reads_field(old.field, new.field),
            by_new: is_same_kind && reads_field(new.field, old.field),
        };
        let is_same_type = matches.old_rust_type(old.field) == matches.new_rust_type(new.field);
        let rust_api = if is_same_type { Effect::None } else { Effect::Breaking };
        let effects = readable.effects(usage).with_rust_api(rust_api);
        comparison.add(subject, format!("type is `{new_notation}`, was `{old_notation}`"), effects);
    }
    if old.written != new.written {
        let readable = Readable { by_old: overlap(&old.read, &new.written), by_new: overlap(&new.read, &old.written) };
        let description = format!("moved from `{}` to `{}`", old.written.join("`, `"), new.written.join("`, `"));
        comparison.add(subject, description, readable.effects(usage));
    } else if old.read != new.read {
        // A version that reads fewer positions still reads those that are written.
        comparison.add(subject, "read from other positions", Readable::BY_BOTH.effects(usage));
    }
    comparison.add_deprecation(subject, old.field.legacy.is_some(), new.field.legacy.is_some());
    // A field of another type may have the documentation of that type.
    if old_notation == new_notation {
        comparison.add_doc_change(subject, &old.field.doc, &new.field.doc);
    }
}

/// Compares the order of the fields that both versions have: of the required ones, which are arguments in this order,
/// and of all positions on the wire.
fn compare_order(
    comparison: &mut Comparison,
    owner: &str,
    usage: Usage,
    pairs: &[Pair<'_, PlacedField<'_>>],
    old: Fields<'_>,
    new: Fields<'_>,
) {
    let both: Vec<_> = pairs.iter().filter_map(Pair::both).collect();
    let is_argument = |field: &Field| field.presence == Presence::Required;
    let arguments = both.iter().filter(|(old, new)| is_argument(old.field) && is_argument(new.field));
    let old_index = |field: &Field| old.fields.iter().position(|other| other.name == field.name);
    if !arguments.map(|(old, _)| old_index(old.field)).is_sorted() {
        comparison.add_to_rust_api(owner, "required values have another order", Effect::Breaking);
    }
    let common = |own: &Positions, other: &Positions| -> Vec<String> {
        let is_common = |path: &&String| other.written.iter().any(|(_, other)| other == *path);
        own.written.iter().map(|(_, path)| path).filter(is_common).cloned().collect()
    };
    if common(old.positions, new.positions) != common(new.positions, old.positions) {
        comparison.add(owner, "written in another order", Readable::BY_BOTH.effects(usage));
    }
    compare_literals(comparison, owner, usage, old.positions, new.positions);
}

/// Compares the parts without fields, in the elements that both versions have. They are written, and ignored on reading.
pub(super) fn compare_literals(
    comparison: &mut Comparison,
    subject: &str,
    usage: Usage,
    old: &Positions,
    new: &Positions,
) {
    let (old_literals, new_literals) = (old.literals_in(new).join(" "), new.literals_in(old).join(" "));
    let effects = Readable::BY_BOTH.effects(usage);
    comparison.add_change(subject, "literal part", &old_literals, &new_literals, effects);
}

/// `true` if the reader reads every value that the writer writes. Differences of a data type are reported with the type.
fn reads_field(reader: &Field, writer: &Field) -> bool {
    let reads_kind = match (&reader.kind, &writer.kind) {
        (ValueKind::Scalar(reader), ValueKind::Scalar(writer)) => reads(reader, writer),
        _ => true,
    };
    reads_kind && reads_presence(reader, writer)
}

/// `true` if the lists have a position in common.
fn overlap(some: &[&str], others: &[&str]) -> bool {
    some.iter().any(|position| others.contains(position))
}
