//! Compares ids, enums and data types.

use super::comparison::Comparison;
use super::effects::{Effect, Effects, Readable, Usage};
use super::fields::{Fields, compare_fields};
use super::matching::{Matches, Pair, pair_up};
use super::positions::Positions;
use crate::model::{DataType, Enum, EnumValue};

/// Compares the ids, enums and types of all sections.
pub(super) fn compare_data(comparison: &mut Comparison, matches: &Matches<'_>) {
    for pair in &matches.ids {
        compare_names(comparison, pair, |id| &id.name);
        if let Some((old, new)) = pair.both() {
            comparison.add_doc_change(&new.name, &old.doc, &new.doc);
        }
    }
    for pair in &matches.enums {
        compare_names(comparison, pair, |item| &item.name);
        if let Some((old, new)) = pair.both() {
            compare_values(comparison, old, new);
        }
    }
    for pair in &matches.types {
        compare_names(comparison, pair, |data_type| &data_type.name);
        if let Some((old, new)) = pair.both() {
            compare_types(comparison, matches, old, new);
        }
    }
}

/// Reports a name that was added, removed or changed. Only the Rust API has it.
fn compare_names<T>(comparison: &mut Comparison, pair: &Pair<'_, T>, name: impl Fn(&T) -> &str) {
    match *pair {
        Pair::Added(new) => comparison.add_to_rust_api(name(new), "added", Effect::Compatible),
        Pair::Removed(old) => comparison.add_to_rust_api(name(old), "removed", Effect::Breaking),
        Pair::Both(old, new) => comparison.add_rename(name(new), name(old), name(new)),
    }
}

/// Compares the values of an enum. The type keeps values that it does not know, so that both versions read all of them.
fn compare_values(comparison: &mut Comparison, old: &Enum, new: &Enum) {
    let usage = Usage { in_requests: true, in_responses: true };
    let subject_of = |value: &EnumValue| format!("{}::{}", new.name, value.name);
    for pair in pair_up(&old.values, &new.values, |value| &value.name, |value| &value.text) {
        match pair {
            Pair::Added(value) => {
                let effects = Readable::BY_BOTH.effects(usage).with_rust_api(Effect::Compatible);
                comparison.add(&subject_of(value), format!("added as `{}`", value.text), effects);
            }
            Pair::Removed(value) => {
                let effects = Readable::BY_BOTH.effects(usage).with_rust_api(Effect::Breaking);
                comparison.add(&subject_of(value), "removed", effects);
            }
            Pair::Both(old, value) => {
                let subject = subject_of(value);
                comparison.add_rename(&subject, &old.name, &value.name);
                // The other version reads the text, but as an unknown value.
                comparison.add_change(&subject, "text", &old.text, &value.text, Readable::BY_NEITHER.effects(usage));
                comparison.add_doc_change(&subject, &old.doc, &value.doc);
            }
        }
    }
    comparison.add_doc_change(&new.name, &old.doc, &new.doc);
}

/// Compares the fields of a type.
fn compare_types(comparison: &mut Comparison, matches: &Matches<'_>, old: &DataType, new: &DataType) {
    let usage =
        Usage { in_requests: old.in_requests && new.in_requests, in_responses: old.in_responses && new.in_responses };
    let (old_positions, new_positions) = (Positions::of_type(old), Positions::of_type(new));
    let old_fields = Fields { fields: &old.fields, positions: &old_positions };
    let new_fields = Fields { fields: &new.fields, positions: &new_positions };
    compare_fields(comparison, matches, &new.name, usage, old_fields, new_fields);
    comparison.add_doc_change(&new.name, &old.doc, &new.doc);
    if old.examples != new.examples {
        comparison.add(&new.name, "examples changed", Effects::NONE);
    }
}
