//! Strategies for random values of the schema's types. Scalars are canonical text: the form in which the bindings write
//! them.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::Offset;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use xmlwire_codegen::model::{Api, Endpoint, Field, Presence, Scalar, ValueKind};

use super::call_values::CallValues;
use super::expected_xml::FieldValue;

/// Number of nested types after which all lists are empty, so that values of recursive types end.
const MAX_DEPTH: u32 = 6;

/// Strategy for the values of a request and its response.
pub fn any_call(api: &Api, endpoint: &Endpoint) -> impl Strategy<Value = CallValues> + use<> {
    let (path, rest) = endpoint.fields.split_at(endpoint.path_fields);
    let any_segment = |field: &Field| {
        any_field_value(api, field, MAX_DEPTH).prop_filter("a path segment", |value| !is_dots(value)).boxed()
    };
    let path = path.iter().map(any_segment);
    let fields: Vec<_> = path.chain(rest.iter().map(|field| any_field_value(api, field, MAX_DEPTH))).collect();
    let response: Vec<_> = endpoint.response.value.iter().map(|field| any_field_value(api, field, MAX_DEPTH)).collect();
    (fields, response).prop_map(|(fields, response)| CallValues { fields, response })
}

/// `true` for `.` and `..`, which cannot be path segments.
fn is_dots(value: &FieldValue) -> bool {
    matches!(value, FieldValue::Text(text) if text == "." || text == "..")
}

/// Strategy for the values of a field, absent ones included. `depth` is the number of types that may still be nested.
fn any_field_value(api: &Api, field: &Field, depth: u32) -> BoxedStrategy<FieldValue> {
    let present = || any_value(api, &field.kind, depth);
    match field.presence {
        Presence::Required => present(),
        Presence::Optional | Presence::Nil => prop_oneof![Just(FieldValue::Absent), present()].boxed(),
        Presence::Change => prop_oneof![Just(FieldValue::Absent), Just(FieldValue::Cleared), present()].boxed(),
        Presence::Many | Presence::ManyOrAbsent if depth == 0 => Just(FieldValue::Many(Vec::new())).boxed(),
        Presence::Many | Presence::ManyOrAbsent => vec(present(), 0..4).prop_map(FieldValue::Many).boxed(),
    }
}

/// Strategy for values that are present; for a list, its elements.
fn any_value(api: &Api, kind: &ValueKind, depth: u32) -> BoxedStrategy<FieldValue> {
    match kind {
        ValueKind::Scalar(scalar) => any_scalar(api, scalar).prop_map(FieldValue::Text).boxed(),
        ValueKind::Data(data) => {
            let data = *data;
            let fields = api.types[data.0].fields.iter();
            let fields: Vec<_> = fields.map(|field| any_field_value(api, field, depth.saturating_sub(1))).collect();
            fields.prop_map(move |values| FieldValue::Data(data, values)).boxed()
        }
    }
}

/// Strategy for the text of a scalar.
fn any_scalar(api: &Api, scalar: &Scalar) -> BoxedStrategy<String> {
    match scalar {
        Scalar::String | Scalar::Text => any_text().boxed(),
        Scalar::Word | Scalar::Secret => any_word().boxed(),
        Scalar::Integer => any_number(any::<i64>(), i64::MIN, i64::MAX),
        Scalar::Bool => select(vec!["true".to_owned(), "false".to_owned()]).boxed(),
        Scalar::Bit | Scalar::Flag => select(vec!["1".to_owned(), "0".to_owned()]).boxed(),
        Scalar::Utc => any_instant().prop_map(|time| format_time(time, ' ')).boxed(),
        Scalar::Timestamp => any_instant().prop_map(|time| format_time(time, 'T') + "Z").boxed(),
        Scalar::Local => any_local().prop_map(|time| format_time(time, ' ')).boxed(),
        Scalar::Date => any_local().prop_map(|time| format_time(time, ' ')[..10].to_owned()).boxed(),
        Scalar::Decimal => any::<i64>().prop_map(|cents| format!("{}.{:02}", cents / 100, cents.abs() % 100)).boxed(),
        Scalar::Compact(inner) => any_scalar(api, inner).prop_map(|time| time.replace(['-', ' ', ':'], "")).boxed(),
        Scalar::Words(inner) => vec(any_scalar(api, inner), 0..4).prop_map(|words| words.join(" ")).boxed(),
        Scalar::Phrases => vec(any_phrase(), 0..4).prop_map(|phrases| phrases.join(" ")).boxed(),
        Scalar::Id(_) => any_number(any::<u64>(), 0, u64::MAX),
        Scalar::Enum(at) => {
            let known = api.enums[at.0].values.iter().map(|value| value.text.clone()).collect::<Vec<_>>();
            let unknown =
                any_text().prop_filter("no white space around it", |text| !text.is_empty() && trim(text) == text);
            prop_oneof![2 => select(known), 1 => unknown].boxed()
        }
    }
}

/// Strategy for a number. The least and the greatest one are more frequent than by chance.
fn any_number<N: ToString + Clone + std::fmt::Debug + 'static>(
    any: impl Strategy<Value = N> + 'static,
    min: N,
    max: N,
) -> BoxedStrategy<String> {
    prop_oneof![8 => any, 1 => Just(min), 1 => Just(max)].prop_map(|number| number.to_string()).boxed()
}

/// Pieces that are special in XML, in URLs or to our own readers.
const AWKWARD: &[&str] = &[
    "<", ">", "&", "\"", "'", "\r", "\n", "\r\n", "\t", " ", "  ", "]]>", "<![CDATA[", "<!--", "-->", "&amp;",
    "&rarr;", "&#8217;", "%41", "/", "..", "?", "#", "+", "=", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{feff}",
    "\u{fffd}", "\u{e000}", "\u{d7ff}", "\u{10000}", "\u{10ffff}", "é", "漢字", "🛶",
];

/// Strategy for any text that XML can hold.
fn any_text() -> impl Strategy<Value = String> {
    let any = proptest::char::ranges(
        vec!['\t'..='\n', '\r'..='\r', ' '..='\u{d7ff}', '\u{e000}'..='\u{fffd}', '\u{10000}'..='\u{10ffff}'].into(),
    );
    let ascii = proptest::char::range(' ', '~');
    let piece = prop_oneof![
        2 => select(AWKWARD).prop_map(str::to_owned),
        2 => ascii.prop_map(String::from),
        1 => any.prop_map(String::from),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Strategy for a text without white space that is not empty.
fn any_word() -> impl Strategy<Value = String> {
    let word = any_text().prop_map(|text| text.replace(is_space, ""));
    word.prop_map(|word| if word.is_empty() { "word".to_owned() } else { word })
}

/// Strategy for one phrase of a list. Phrases contain no double quotes, since those are around each phrase with white
/// space.
fn any_phrase() -> impl Strategy<Value = String> {
    let phrase = any_text().prop_map(|text| text.replace('"', "")).prop_filter("not empty", |text| !text.is_empty());
    phrase.prop_map(|phrase| if phrase.contains(is_space) { format!("\"{phrase}\"") } else { phrase })
}

/// `true` for the characters that are white space in XML.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Removes white space at both ends.
fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// The first second of the year 1.
const FIRST: DateTime = DateTime::constant(1, 1, 1, 0, 0, 0, 0);

/// Strategy for points in time in whole seconds, from the year 1 to jiff's last timestamp, in the year 9999.
fn any_instant() -> impl Strategy<Value = DateTime> {
    let first = Offset::UTC.to_timestamp(FIRST).expect("the year 1 should be a point in time").as_second();
    let last = Timestamp::MAX.as_second();
    let second = prop_oneof![6 => first..=last, 4 => 0..2_000_000_000_i64, 1 => Just(first), 1 => Just(last)];
    second.prop_map(|second| Offset::UTC.to_datetime(Timestamp::from_second(second).expect("the range should fit")))
}

/// Strategy for civil times in whole seconds, up to the last second of the year 9999, which is later than any
/// timestamp.
fn any_local() -> impl Strategy<Value = DateTime> {
    let last = DateTime::constant(9999, 12, 31, 23, 59, 59, 0);
    prop_oneof![8 => any_instant(), 1 => Just(last)]
}

/// Formats a date and a time with this separator between them.
fn format_time(time: DateTime, separator: char) -> String {
    let date = format!("{:04}-{:02}-{:02}", time.year(), time.month(), time.day());
    format!("{date}{separator}{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}
