//! The values of a request and its response, and the HTTP messages that they should become by the rules of the schema
//! language.

use std::fmt::Write;

use backpack_api::runtime::http::{Request, Response};
use backpack_tests::examples;
use bytes::Bytes;
use xmlwire_codegen::model::{
    Api, Endpoint, Field, Kind, Location, LocationSegment, LocationValue, Presence, Scalar, Section, Segment, TypeRef,
    Xml,
};

use super::expected_xml::{self, FieldValue};

/// The values of one call of an operation.
#[derive(Debug, Clone)]
pub struct CallValues {
    /// The request: a value for each field of the endpoint.
    pub fields: Vec<FieldValue>,
    /// The value of the response; empty if it has none.
    pub response: Vec<FieldValue>,
}

impl CallValues {
    /// Required fields only.
    pub fn minimal(api: &Api, endpoint: &Endpoint) -> Self {
        let minimal = |field: &Field| minimal_value(api, field);
        Self {
            fields: endpoint.fields.iter().map(minimal).collect(),
            response: endpoint.response.value.iter().map(minimal).collect(),
        }
    }

    /// Builds the HTTP request.
    pub fn to_request(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Request<Bytes> {
        let payload = self.to_payload(api, endpoint);
        let operation = examples::operation(section, endpoint);
        examples::request(
            operation,
            endpoint.method.as_str(),
            &build_target(endpoint, &self.fields),
            payload.as_deref(),
        )
    }

    /// Builds the payload of the request, without its envelope.
    pub fn to_payload(&self, api: &Api, endpoint: &Endpoint) -> Option<Vec<Xml>> {
        let has_envelope = api.styles[endpoint.style.0].request.is_some();
        let elements = endpoint.request.as_ref()?;
        Some(expected_xml::build_payload(api, &endpoint.fields, &self.fields, elements, has_envelope))
    }

    /// Builds the HTTP response.
    pub fn to_response(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Response<Bytes> {
        let operation = examples::operation(section, endpoint);
        let response = &endpoint.response;
        let field = response.value.as_slice();
        let elements = response.shape.as_deref().unwrap_or_default();
        let has_envelope = operation.response_envelope().is_some();
        let payload = expected_xml::build_payload(api, field, &self.response, elements, has_envelope);
        let location = response.location.as_ref().map(|location| self.build_location(location));
        examples::response(operation, response.status, location.as_deref(), &payload)
    }

    fn build_location(&self, location: &Location) -> String {
        let value = |value: &LocationValue| match (value, self.response.first()) {
            (LocationValue::Response, Some(value)) => percent_encode(value),
            (LocationValue::ResponseField(field), Some(FieldValue::Data(_, values))) => percent_encode(&values[*field]),
            (LocationValue::Request(field), _) => percent_encode(&self.fields[*field]),
            (value, response) => panic!("{value:?} is not in {response:?}"),
        };
        let segment = |segment: &LocationSegment| match segment {
            LocationSegment::Literal(text) => format!("/{text}"),
            LocationSegment::Hole { before, value: from, after } => format!("/{before}{}{after}", value(from)),
        };
        location.segments.iter().map(segment).collect()
    }
}

/// Builds path and query of a request, without the token.
fn build_target(endpoint: &Endpoint, values: &[FieldValue]) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Hole { before, field, after } => format!("/{before}{}{after}", percent_encode(&values[*field])),
    };
    let mut target: String = endpoint.path.iter().map(segment).collect();
    for (name, hole) in &endpoint.query {
        if values[hole.field] != FieldValue::Absent {
            let separator = if target.contains('?') { '&' } else { '?' };
            let _ = write!(target, "{separator}{name}={}", percent_encode(&values[hole.field]));
        }
    }
    target
}

/// Encodes a scalar's text for a path or a query.
fn percent_encode(value: &FieldValue) -> String {
    let FieldValue::Text(text) = value else { panic!("{value:?} is not a scalar") };
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Smallest value of a field: absent if it may be.
fn minimal_value(api: &Api, field: &Field) -> FieldValue {
    match field.presence {
        Presence::Required => match &field.kind {
            Kind::Data(data) => {
                let fields = api.types[data.0].fields.iter();
                FieldValue::Data(*data, fields.map(|field| minimal_value(api, field)).collect())
            }
            Kind::Scalar(scalar) => FieldValue::Text(sample_text(api, scalar)),
        },
        Presence::Optional | Presence::Nil => FieldValue::Absent,
        Presence::Many | Presence::ManyOrAbsent => FieldValue::Many(Vec::new()),
    }
}

/// A valid text of a scalar.
fn sample_text(api: &Api, scalar: &Scalar) -> String {
    let text = match scalar {
        Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Phrases => "plain",
        Scalar::Integer | Scalar::Flag | Scalar::Id(_) => "1",
        Scalar::Bool => "true",
        Scalar::Utc | Scalar::Local => "2009-03-14 08:05:40",
        Scalar::Timestamp => "2009-03-14T08:05:40Z",
        Scalar::Words(inner) => return sample_text(api, inner),
        Scalar::Enum(at) => return api.enums[at.0].values.first().map_or("plain", |value| &value.text).to_owned(),
    };
    text.to_owned()
}

/// Finds all fields below `from` that match, `from` included. Each path is a list of field indices; that of `from` is
/// empty.
pub fn find_paths(api: &Api, from: &Field, matches: &dyn Fn(&Field) -> bool) -> Vec<Vec<usize>> {
    fn search(api: &Api, from: &Field, matches: &dyn Fn(&Field) -> bool, above: &mut Vec<TypeRef>) -> Vec<Vec<usize>> {
        let mut paths = if matches(from) { vec![Vec::new()] } else { Vec::new() };
        if let Kind::Data(data) = from.kind
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

/// Smallest value of a field that holds `value` at the end of a path.
pub fn value_at_path(api: &Api, field: &Field, path: &[usize], value: &FieldValue) -> FieldValue {
    let one = match (path.split_first(), &field.kind) {
        (Some((first, rest)), Kind::Data(data)) => {
            let fields = api.types[data.0].fields.iter().enumerate();
            let below = |(index, field): (usize, &Field)| {
                if index == *first { value_at_path(api, field, rest, value) } else { minimal_value(api, field) }
            };
            FieldValue::Data(*data, fields.map(below).collect())
        }
        _ => value.clone(),
    };
    if field.presence.is_many() { FieldValue::Many(vec![one]) } else { one }
}
