//! Every position in the payload of a request that contains a text.

use std::borrow::Cow;

use backpack_api::SERVICE;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::decode_error::DecodeError;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::incoming::IncomingRequest;
use backpack_api::runtime::params::ParamNode;
use backpack_api::runtime::service::{EnvelopePart, Operation};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_tests::examples::Case;
use bytes::Bytes;
use xmlwire_codegen::model::{Api, Field, Scalar, ValueKind, Xml};

use super::sending::{RecordCall, RecordedCall};
use crate::support::call_values::{CallValues, find_paths, value_at_path};
use crate::support::document;
use crate::support::expected_xml::FieldValue;
use crate::support::first_cases;

/// Text in a payload that stands for the text of a test.
const PLACEHOLDER: &str = "placeholder";

/// A position in the payload of a request that contains a text.
pub(super) struct TextPosition<'a> {
    operation: &'static Operation,
    /// Scalar that the text is written as.
    pub(super) scalar: &'a Scalar,
    /// Any request of the operation. It is visited to get the operation's type.
    example: AnyRequest,
    /// The payload, with the placeholder at this position.
    payload: Vec<Xml>,
    /// Location in the document: `request/note/title`.
    pub(super) location: String,
    /// Names and values of the holes in the path.
    path_values: Vec<(&'static str, Cow<'static, str>)>,
}

impl TextPosition<'_> {
    /// Name of the position in failure messages: `notes.create, request/note/title`.
    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.operation.name, self.location)
    }

    /// Sends the request with this text at this position. The request is read from a tree, since a tree can contain any
    /// text, also one that XML cannot represent.
    pub(super) fn send(&self, text: &str) -> Result<RecordedCall, String> {
        let children = self.payload.iter().map(|xml| build_node(xml, text)).collect();
        let body = ParamNode { children, ..ParamNode::default() };
        let incoming =
            IncomingRequest::from_parts(&SERVICE, self.operation, self.path_values.clone(), Vec::new(), body);
        self.example.clone().visit(ReadAndRecord(incoming)).map_err(|error| format!("not read: {error}"))
    }
}

/// Builds an element as a server sees it, with `text` for the placeholder: dashes in names are underscores, and
/// attributes are children.
fn build_node(xml: &Xml, text: &str) -> ParamNode<'static> {
    let leaf = |name: &str, value: &str| ParamNode {
        name: name.replace('-', "_").into(),
        text: value.replace(PLACEHOLDER, text).into(),
        ..ParamNode::default()
    };
    let attributes = xml.attributes.iter().map(|(name, value)| leaf(name, value));
    let children = attributes.chain(xml.children.iter().map(|child| build_node(child, text))).collect();
    ParamNode { children, ..leaf(&xml.name, &xml.text) }
}

/// `true` if the field is a text of any kind, an enum, or several of these in one text. `false` for all other scalars,
/// such as numbers and times, and for data types.
fn is_text(field: &Field) -> bool {
    match &field.kind {
        ValueKind::Scalar(Scalar::Words(inner)) => {
            matches!(**inner, Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Enum(_))
        }
        ValueKind::Scalar(scalar) => {
            matches!(
                scalar,
                Scalar::String | Scalar::Text | Scalar::Word | Scalar::Secret | Scalar::Phrases | Scalar::Enum(_)
            )
        }
        ValueKind::Data(_) => false,
    }
}

/// Finds every position of a text in the payload of every operation's request.
pub(super) fn find_text_positions(api: &Api) -> Vec<TextPosition<'_>> {
    let mut positions = Vec::new();
    for (case, example) in first_cases(api) {
        let endpoint = case.endpoint;
        // Fields are those of the path, then of the query, then of the payload.
        let payload = endpoint.fields.iter().enumerate().skip(endpoint.path_fields + endpoint.query.len());
        for (index, field) in payload {
            let paths = find_paths(api, field, &is_text);
            positions.extend(paths.iter().map(|path| build_position(api, case, example.clone(), index, path)));
        }
    }
    positions
}

/// Builds the position at the end of a path in a field. All other values of the request are minimal.
fn build_position<'a>(
    api: &'a Api,
    case: Case<'a>,
    example: AnyRequest,
    index: usize,
    path: &[usize],
) -> TextPosition<'a> {
    let (endpoint, operation) = (case.endpoint, case.operation);
    let field = &endpoint.fields[index];
    let mut call = CallValues::minimal(api, endpoint);
    call.fields[index] = value_at_path(api, field, path, &FieldValue::Text(PLACEHOLDER.to_owned()));
    let payload = call.to_payload(api, endpoint).expect("the operation should have a payload");
    let mut location = envelope_elements(operation);
    location.extend(payload.iter().find_map(find_placeholder).expect("the payload should contain the placeholder"));
    let path_values = endpoint.fields.iter().zip(&call.fields).take(endpoint.path_fields);
    let path_values = path_values.map(|(field, value)| match value {
        // Names of holes are static in generated code.
        FieldValue::Text(text) => (&*field.name.clone().leak(), text.clone().into()),
        _ => panic!("a value in a path should be a scalar"),
    });
    let path_values = path_values.collect();
    let scalar = scalar_at(api, field, path);
    TextPosition { operation, scalar, example, payload, location: location.join("/"), path_values }
}

/// Returns the names of the elements around a payload, outermost first.
fn envelope_elements(operation: &Operation) -> Vec<String> {
    let parts = operation.style.request.map_or(&[][..], |envelope| envelope.parts);
    let opened = parts.iter().filter_map(|part| match part {
        EnvelopePart::Xml(text) => text.strip_prefix('<').filter(|text| !text.starts_with('/')),
        EnvelopePart::Token(_) | EnvelopePart::Payload => None,
    });
    opened.map(|text| text.trim_end_matches('>').to_owned()).collect()
}

/// Returns the scalar at the end of a path in a field.
fn scalar_at<'a>(api: &'a Api, field: &'a Field, path: &[usize]) -> &'a Scalar {
    match (&field.kind, path.split_first()) {
        (ValueKind::Scalar(scalar), _) => scalar,
        (ValueKind::Data(data), Some((first, rest))) => scalar_at(api, &api.types[data.0].fields[*first], rest),
        (ValueKind::Data(_), None) => panic!("{} is not a scalar", field.name),
    }
}

/// Returns the names from this element to the placeholder. `None` if the element does not contain it.
fn find_placeholder(xml: &Xml) -> Option<Vec<String>> {
    let attribute =
        xml.attributes.iter().find(|(_, value)| value == PLACEHOLDER).map(|(name, _)| vec![format!("@{name}")]);
    let text = (xml.text == PLACEHOLDER).then(Vec::new);
    let below = attribute.or(text).or_else(|| xml.children.iter().find_map(find_placeholder))?;
    Some([vec![xml.name.clone()], below].concat())
}

/// Reads a request from a tree as a server does, and sends it as a client.
struct ReadAndRecord(IncomingRequest<'static>);

impl Visitor for ReadAndRecord {
    type Output = Result<RecordedCall, DecodeError>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::read_request(&self.0).map(|request| RecordCall.visit(request))
    }
}

/// Reads the text at a position of a request, with a third-party parser.
pub(super) fn read_text_at(request: &Request<Bytes>, position: &TextPosition<'_>) -> Result<String, String> {
    let body = str::from_utf8(request.body()).map_err(|error| error.to_string())?;
    let mut xml = &document::parse(body)?;
    for step in position.location.split('/').skip(1) {
        if let Some(name) = step.strip_prefix('@') {
            let value = xml.attributes.iter().find(|(attribute, _)| attribute == name);
            return value.map(|(_, value)| value.clone()).ok_or_else(|| format!("there is no {step}"));
        }
        xml = xml.children.iter().find(|child| child.name == step).ok_or_else(|| format!("there is no {step}"))?;
    }
    Ok(xml.text.clone())
}
