//! The values of a request and its response, and the HTTP messages that they should become by the rules of the schema
//! language.

use std::fmt::Write;

use backpack_api::runtime::http::{Request, Response};
use backpack_tests::examples;
use bytes::Bytes;
use xmlwire_codegen::model::{
    Api, Endpoint, Field, Location, LocationSegment, LocationValue, Presence, Scalar, Section, Segment, TypeRef,
    ValueKind, Xml,
};

use super::expected_xml::{self, FieldValue};

/// The values of one call of an operation.
#[derive(Debug, Clone)]
pub struct CallValues {
    /// The request: a value for each of the endpoint's fields, in the same order.
    pub fields: Vec<FieldValue>,
    /// The response: its value, or an empty list if it has none.
    pub response: Vec<FieldValue>,
}

impl CallValues {
    /// Builds the smallest values: optional fields are absent, lists are empty, and required fields have a sample
    /// value.
    pub fn minimal(api: &Api, endpoint: &Endpoint) -> Self {
        let minimal = |field: &Field| minimal_value(api, field);
        Self {
            fields: endpoint.fields.iter().map(minimal).collect(),
            response: endpoint.response.value.iter().map(minimal).collect(),
        }
    }

    /// Builds the HTTP request, with the token in the carrier of its style.
    pub fn to_request(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Request<Bytes> {
        let payload = self.to_payload(api, endpoint);
        let operation = examples::find_operation(section, endpoint);
        examples::build_request(
            operation,
            endpoint.method.as_str(),
            &build_target(endpoint, &self.fields),
            payload.as_deref(),
        )
    }

    /// Builds the payload of the request, without its envelope. `None` if the operation has no payload.
    pub fn to_payload(&self, api: &Api, endpoint: &Endpoint) -> Option<Vec<Xml>> {
        let has_envelope = api.styles[endpoint.style.0].request.is_some();
        let elements = endpoint.request.as_ref()?;
        Some(expected_xml::build_payload(api, &endpoint.fields, &self.fields, elements, has_envelope))
    }

    /// Builds the HTTP response, with its envelope and `Location` header if the operation has them.
    pub fn to_response(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Response<Bytes> {
        let operation = examples::find_operation(section, endpoint);
        let response = &endpoint.response;
        let field = response.value.as_slice();
        let elements = response.shape.as_deref().unwrap_or_default();
        let has_envelope = operation.response_envelope().is_some();
        let payload = expected_xml::build_payload(api, field, &self.response, elements, has_envelope);
        let location = response.location.as_ref().map(|location| self.build_location(location));
        examples::build_response(operation, response.status, location.as_deref(), &payload)
    }

    /// Builds the `Location` header, with values from the response or the request in its holes.
    fn build_location(&self, location: &Location) -> String {
        let encode_value = |value: &LocationValue| match (value, self.response.first()) {
            (LocationValue::Response, Some(value)) => percent_encode(value),
            (LocationValue::ResponseField(field), Some(FieldValue::Data(_, values))) => percent_encode(&values[*field]),
            (LocationValue::Request(field), _) => percent_encode(&self.fields[*field]),
            (value, response) => panic!("{value:?} is not in {response:?}"),
        };
        let format_segment = |segment: &LocationSegment| match segment {
            LocationSegment::Literal(text) => format!("/{text}"),
            LocationSegment::Hole { before, value, after } => format!("/{before}{}{after}", encode_value(value)),
        };
        location.segments.iter().map(format_segment).collect()
    }
}

/// Builds the path and query of a request, without the token. Absent values are omitted from the query.
fn build_target(endpoint: &Endpoint, values: &[FieldValue]) -> String {
    let format_segment = |segment: &Segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Hole { before, field, after } => format!("/{before}{}{after}", percent_encode(&values[*field])),
    };
    let mut target: String = endpoint.path.iter().map(format_segment).collect();
    for (name, hole) in &endpoint.query {
        if values[hole.field] != FieldValue::Absent {
            let separator = if target.contains('?') { '&' } else { '?' };
            // Writing to a string cannot fail.
            let _ = write!(target, "{separator}{name}={}", percent_encode(&values[hole.field]));
        }
    }
    target
}

/// Percent-encodes a scalar's text for a path or a query. Panics for any other value.
fn percent_encode(value: &FieldValue) -> String {
    let FieldValue::Text(text) = value else { panic!("{value:?} is not a scalar") };
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Builds the smallest value of a field: absent or empty if the schema allows it, otherwise a sample value.
fn minimal_value(api: &Api, field: &Field) -> FieldValue {
    match field.presence {
        Presence::Required => match &field.kind {
            ValueKind::Data(data) => {
                let fields = api.types[data.0].fields.iter();
                FieldValue::Data(*data, fields.map(|field| minimal_value(api, field)).collect())
            }
            ValueKind::Scalar(scalar) => FieldValue::Text(sample_text(api, scalar)),
        },
        Presence::Optional | Presence::Nil | Presence::Change => FieldValue::Absent,
        Presence::Many | Presence::ManyOrAbsent => FieldValue::Many(Vec::new()),
    }
}

/// Returns a valid text of a scalar. For an enum, it is the first declared value.
fn sample_text(api: &Api, scalar: &Scalar) -> String {
    let text = match scalar {
        Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Phrases => "plain",
        Scalar::Integer | Scalar::Bit | Scalar::Flag | Scalar::Id(_) => "1",
        Scalar::Bool => "true",
        Scalar::Utc | Scalar::Local => "2009-03-14 08:05:40",
        Scalar::Timestamp => "2009-03-14T08:05:40Z",
        Scalar::Date => "2009-03-14",
        Scalar::Decimal => "19.90",
        Scalar::Compact(inner) => return sample_text(api, inner).replace(['-', ' ', ':'], ""),
        Scalar::Words(inner) => return sample_text(api, inner),
        Scalar::Enum(at) => return api.enums[at.0].values.first().map_or("plain", |value| &value.text).to_owned(),
    };
    text.to_owned()
}

/// Finds all fields below `from` that match, `from` included. Each path is a list of field indices; that of `from` is
/// empty.
pub fn find_paths(api: &Api, from: &Field, matches: &dyn Fn(&Field) -> bool) -> Vec<Vec<usize>> {
    /// Searches `from` and everything below it. `above` holds the types that contain it. A type is not searched inside
    /// itself, since a recursive type would have infinitely many paths.
    fn search(api: &Api, from: &Field, matches: &dyn Fn(&Field) -> bool, above: &mut Vec<TypeRef>) -> Vec<Vec<usize>> {
        let mut paths = if matches(from) { vec![Vec::new()] } else { Vec::new() };
        if let ValueKind::Data(data) = from.kind
            && !above.contains(&data)
        {
            above.push(data);
            for (index, field) in api.types[data.0].fields.iter().enumerate() {
                paths.extend(search(api, field, matches, above).into_iter().map(|path| [vec![index], path].concat()));
            }
            above.pop();
        }
        paths
    }
    search(api, from, matches, &mut Vec::new())
}

/// Builds the smallest value of a field that holds `value` at the end of a path. Lists on the path have one element.
pub fn value_at_path(api: &Api, field: &Field, path: &[usize], value: &FieldValue) -> FieldValue {
    let element = match (path.split_first(), &field.kind) {
        (Some((first, rest)), ValueKind::Data(data)) => {
            let fields = api.types[data.0].fields.iter().enumerate();
            let field_value = |(index, field): (usize, &Field)| {
                if index == *first { value_at_path(api, field, rest, value) } else { minimal_value(api, field) }
            };
            FieldValue::Data(*data, fields.map(field_value).collect())
        }
        _ => value.clone(),
    };
    if field.presence.is_many() { FieldValue::Many(vec![element]) } else { element }
}
