//! Values of enums in examples: each known value occurs in one.

use std::collections::BTreeSet;

use super::context::Context;
use crate::model::{Api, EnumRef, ExampleValue, Field, ValueKind};

/// The texts of enums in examples.
#[derive(Default)]
pub(super) struct EnumUses {
    texts: BTreeSet<(EnumRef, String)>,
    /// The enums with an unknown text in an example that is written, about which the checker has warned. That text may
    /// be the one of a value that seems to be unused.
    with_unknown_text: BTreeSet<EnumRef>,
}

impl EnumUses {
    /// Adds the texts in the values of these fields. `is_written` is `true` for values that are also written.
    pub(super) fn add_values(&mut self, api: &Api, is_written: bool, fields: &[Field], values: &[ExampleValue]) {
        for (field, value) in fields.iter().zip(values) {
            self.add_value(api, is_written, &field.kind, value);
        }
    }

    /// Adds the texts in a value.
    fn add_value(&mut self, api: &Api, is_written: bool, kind: &ValueKind, value: &ExampleValue) {
        match (value, kind) {
            (ExampleValue::Many(items), _) => items.iter().for_each(|item| self.add_value(api, is_written, kind, item)),
            (ExampleValue::Data(data_type, values), _) => {
                if let Some(found) = api.types.get(data_type.0) {
                    self.add_values(api, is_written, &found.fields, values);
                }
            }
            (ExampleValue::Text(text), ValueKind::Scalar(scalar)) => {
                for (open_enum, text) in scalar.enum_texts(text) {
                    let values = api.enums.get(open_enum.0).map(|found| found.values.as_slice()).unwrap_or_default();
                    if is_written && !values.iter().any(|value| value.text == text) {
                        self.with_unknown_text.insert(open_enum);
                    }
                    self.texts.insert((open_enum, text.to_owned()));
                }
            }
            (ExampleValue::Text(_), ValueKind::Data(_)) | (ExampleValue::Absent | ExampleValue::Cleared, _) => {}
        }
    }

    /// Warns about each value of an enum that is in no example.
    pub(super) fn warn_of_unused_values(self, cx: &mut Context<'_>) {
        let enums = cx.schema.enums().enumerate();
        for (index, open_enum) in enums.filter(|(index, _)| !self.with_unknown_text.contains(&EnumRef(*index))) {
            for value in &open_enum.values {
                let Some(text) = &value.text else { continue };
                if !self.texts.contains(&(EnumRef(index), text.text.clone())) {
                    cx.secondary
                        .warning(text.span, format!("no example has the value `{}`", text.text))
                        .help(format!("add an example of a type or an endpoint with this `{}`", open_enum.name.text));
                }
            }
        }
    }
}
