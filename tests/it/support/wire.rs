//! Calls as they should be on the wire: values to HTTP, by the rules of the schema language.

use std::fmt::Write;

use backpack_api::runtime::http::{Request, Response};
use backpack_tests::examples;
use bytes::Bytes;
use xmlwire_codegen::model::{
    Api, Endpoint, Field, Kind, Location, LocationSegment, LocationValue, Presence, Scalar, Section, Segment, TypeRef,
    Xml,
};

use super::shape::{self, Value};

/// What a request of an operation holds, and what its answer does.
#[derive(Debug, Clone)]
pub struct Call {
    /// A value for each field of the endpoint.
    pub fields: Vec<Value>,
    /// The value of the answer; none if it has none.
    pub response: Vec<Value>,
}

impl Call {
    /// A call with as little in it as may be.
    pub fn least(api: &Api, endpoint: &Endpoint) -> Self {
        let least = |field: &Field| least(api, field);
        Self {
            fields: endpoint.fields.iter().map(least).collect(),
            response: endpoint.response.value.iter().map(least).collect(),
        }
    }

    /// The request, as it should be on the wire.
    pub fn request(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Request<Bytes> {
        let payload = self.payload(api, endpoint);
        let operation = examples::find_operation(section, endpoint);
        examples::build_request(
            operation,
            endpoint.method.as_str(),
            &target(endpoint, &self.fields),
            payload.as_deref(),
        )
    }

    /// The payload of the request, without the envelope.
    pub fn payload(&self, api: &Api, endpoint: &Endpoint) -> Option<Vec<Xml>> {
        let envelope = api.styles[endpoint.style.0].request.is_some();
        let elements = endpoint.request.as_ref()?;
        Some(shape::payload(api, &endpoint.fields, &self.fields, elements, envelope))
    }

    /// The answer, as it should be on the wire.
    pub fn response(&self, api: &Api, section: &Section, endpoint: &Endpoint) -> Response<Bytes> {
        let operation = examples::find_operation(section, endpoint);
        let answer = &endpoint.response;
        let field = answer.value.as_slice();
        let elements = answer.shape.as_deref().unwrap_or_default();
        let envelope = operation.response_envelope().is_some();
        let payload: Vec<Xml> = shape::payload(api, field, &self.response, elements, envelope);
        let location = answer.location.as_ref().map(|location| self.location(location));
        examples::build_response(operation, answer.status, location.as_deref(), &payload)
    }

    fn location(&self, location: &Location) -> String {
        let value = |value: &LocationValue| match (value, self.response.first()) {
            (LocationValue::Response, Some(value)) => escaped(value),
            (LocationValue::ResponseField(field), Some(Value::Data(_, values))) => escaped(&values[*field]),
            (LocationValue::Request(field), _) => escaped(&self.fields[*field]),
            (value, response) => panic!("{value:?} is not in {response:?}"),
        };
        let segment = |segment: &LocationSegment| match segment {
            LocationSegment::Literal(text) => format!("/{text}"),
            LocationSegment::Hole { before, value: from, after } => format!("/{before}{}{after}", value(from)),
        };
        location.segments.iter().map(segment).collect()
    }
}

/// Path and query of a request, without what the style puts there.
fn target(endpoint: &Endpoint, values: &[Value]) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Hole { before, field, after } => format!("/{before}{}{after}", escaped(&values[*field])),
    };
    let mut target: String = endpoint.path.iter().map(segment).collect();
    for (name, hole) in &endpoint.query {
        if values[hole.field] != Value::Absent {
            let mark = if target.contains('?') { '&' } else { '?' };
            let _ = write!(target, "{mark}{name}={}", escaped(&values[hole.field]));
        }
    }
    target
}

/// A scalar's text for a path or a query.
fn escaped(value: &Value) -> String {
    let Value::Text(text) = value else { panic!("{value:?} is no scalar") };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The least value of a field: nothing where it may be absent.
fn least(api: &Api, field: &Field) -> Value {
    match field.presence {
        Presence::Required => match &field.kind {
            Kind::Data(data) => {
                let fields = api.types[data.0].fields.iter();
                Value::Data(*data, fields.map(|field| least(api, field)).collect())
            }
            Kind::Scalar(scalar) => Value::Text(plain(api, scalar)),
        },
        Presence::Optional | Presence::Nil => Value::Absent,
        Presence::Many | Presence::ManyOrAbsent => Value::Many(Vec::new()),
    }
}

/// Some text of a scalar.
fn plain(api: &Api, scalar: &Scalar) -> String {
    let text = match scalar {
        Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Phrases => "plain",
        Scalar::Integer | Scalar::Flag | Scalar::Id(_) => "1",
        Scalar::Bool => "true",
        Scalar::Utc | Scalar::Local => "2009-03-14 08:05:40",
        Scalar::Timestamp => "2009-03-14T08:05:40Z",
        Scalar::Words(inner) => return plain(api, inner),
        Scalar::Enum(at) => return api.enums[at.0].values.first().map_or("plain", |value| &value.text).to_owned(),
    };
    text.to_owned()
}

/// The fields that lead from a field to one that `wanted` wants, for each of those: none if it is the field itself.
pub fn paths_to(api: &Api, from: &Field, wanted: &dyn Fn(&Field) -> bool) -> Vec<Vec<usize>> {
    fn search(api: &Api, from: &Field, wanted: &dyn Fn(&Field) -> bool, above: &mut Vec<TypeRef>) -> Vec<Vec<usize>> {
        let mut paths = if wanted(from) { vec![Vec::new()] } else { Vec::new() };
        if let Kind::Data(data) = from.kind
            && !above.contains(&data)
        {
            above.push(data);
            for (index, field) in api.types[data.0].fields.iter().enumerate() {
                paths.extend(search(api, field, wanted, above).into_iter().map(|path| [vec![index], path].concat()));
            }
            above.pop();
        }
        paths
    }
    search(api, from, wanted, &mut Vec::new())
}

/// The least value of a field that has this value at the end of a path.
pub fn placed(api: &Api, field: &Field, path: &[usize], value: &Value) -> Value {
    let one = match (path.split_first(), &field.kind) {
        (Some((first, rest)), Kind::Data(data)) => {
            let fields = api.types[data.0].fields.iter().enumerate();
            let below = |(index, field): (usize, &Field)| {
                if index == *first { placed(api, field, rest, value) } else { least(api, field) }
            };
            Value::Data(*data, fields.map(below).collect())
        }
        _ => value.clone(),
    };
    if field.presence.is_many() { Value::Many(vec![one]) } else { one }
}
