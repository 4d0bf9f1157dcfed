//! Values of fields: their notation, and which of them reads what another one writes.

use crate::model::{Api, Field, Presence, Scalar, ValueKind};

/// `true` if `reader` reads every text that `writer` writes, with the same meaning.
pub(super) fn reads(reader: &Scalar, writer: &Scalar) -> bool {
    match (reader, writer) {
        (Scalar::Words(reader), Scalar::Words(writer)) | (Scalar::Compact(reader), Scalar::Compact(writer)) => {
            reads(reader, writer)
        }
        (Scalar::String | Scalar::Text | Scalar::Enum(_), _) | (Scalar::Id(_), Scalar::Id(_)) => true,
        (Scalar::Word | Scalar::Secret, writer) => has_no_white_space(writer),
        (Scalar::Integer, Scalar::Id(_) | Scalar::Bit | Scalar::Flag) => true,
        (Scalar::Decimal, Scalar::Integer | Scalar::Id(_) | Scalar::Bit | Scalar::Flag) => true,
        (Scalar::Bool | Scalar::Bit | Scalar::Flag, Scalar::Bool | Scalar::Bit | Scalar::Flag) => true,
        (reader, writer) => reader == writer,
    }
}

/// `true` if the scalar is always written without white space, and with at least one character.
fn has_no_white_space(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Word
        | Scalar::Secret
        | Scalar::Integer
        | Scalar::Bool
        | Scalar::Bit
        | Scalar::Flag
        | Scalar::Timestamp
        | Scalar::Date
        | Scalar::Compact(_)
        | Scalar::Decimal
        | Scalar::Id(_) => true,
        Scalar::String
        | Scalar::Text
        | Scalar::Utc
        | Scalar::Local
        | Scalar::Words(_)
        | Scalar::Phrases
        | Scalar::Enum(_) => false,
    }
}

/// `true` if `reader` has a value whenever `writer` has one, and accepts its absence. Both have the same kind of value.
pub(super) fn reads_presence(reader: &Field, writer: &Field) -> bool {
    if reader.presence.is_many() {
        return true;
    }
    let may_be_absent = writer.presence.is_optional();
    // A reader that knows no third state takes a cleared value for one that is left unchanged.
    let may_be_cleared = writer.presence == Presence::Change && reader.presence != Presence::Change;
    let is_missed = may_be_absent && reader.is_required_in_document();
    !(writer.presence.is_many() || may_be_cleared || is_missed)
}

/// Returns the type of a field as in the schema: `words(NoteId)?`.
pub(super) fn notation(api: &Api, field: &Field) -> String {
    let kind = match &field.kind {
        ValueKind::Scalar(scalar) => scalar_notation(api, scalar),
        ValueKind::Data(data_type) => api.types[data_type.0].name.clone(),
    };
    let suffix = match field.presence {
        Presence::Required => "",
        Presence::Optional => "?",
        Presence::Nil => " or nil",
        Presence::Change => "? or nil",
        Presence::Many => "*",
        Presence::ManyOrAbsent => "*?",
    };
    kind + suffix
}

/// Returns a scalar as in the schema: `words(NoteId)`.
fn scalar_notation(api: &Api, scalar: &Scalar) -> String {
    let name = scalar.name().unwrap_or_default();
    match scalar {
        Scalar::Id(id) => api.ids[id.0].name.clone(),
        Scalar::Enum(item) => api.enums[item.0].name.clone(),
        Scalar::Compact(parameter) | Scalar::Words(parameter) => {
            format!("{name}({})", scalar_notation(api, parameter))
        }
        _ => name.to_owned(),
    }
}

/// Returns the name of a field's data type; `None` if the field is a scalar.
pub(super) fn data_type<'a>(api: &'a Api, field: &Field) -> Option<&'a str> {
    match &field.kind {
        ValueKind::Data(data_type) => Some(&api.types[data_type.0].name),
        ValueKind::Scalar(_) => None,
    }
}
