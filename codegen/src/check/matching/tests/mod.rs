//! Examples against shapes. Each expected diagnostic is the text under the caret, a colon and the message.

mod elements;
mod url;

use super::*;
use crate::diagnostic::{DiagnosticSink, SourceSink};
use crate::model::*;
use crate::parse::parse_element;
use crate::source::Span;
use crate::syntax::XmlElement;

fn parse_xml(source: &str) -> XmlElement {
    let document = roxmltree::Document::parse(source).unwrap();
    parse_element(document.root_element(), &SourceSink { file: 0, source, sink: &mut DiagnosticSink::default() })
}

/// Parses a shape. Its holes are `{field}` or `{field/rank}`, with the index of the field.
fn parse_shape(text: &str) -> Element {
    make_element(&parse_xml(text))
}

/// Converts an element to a shape, as described at [`parse_shape`].
fn make_element(xml: &XmlElement) -> Element {
    let attributes = xml.attributes.iter().map(|attribute| {
        let (name, value) = (attribute.name.text.clone(), attribute.value.text.clone());
        match make_hole(&value) {
            Some(hole) => Attribute::Hole { name, hole },
            None => Attribute::Literal { name, value },
        }
    });
    let children: Vec<Element> = xml.children.iter().map(make_element).collect();
    let content = match make_hole(&xml.text.text) {
        Some(hole) => Content::Hole(hole),
        None if children.is_empty() => Content::Empty,
        None => Content::Elements(children),
    };
    Element { name: xml.name.text.clone(), attributes: attributes.collect(), content }
}

/// Parses `{field}` or `{field/rank}`. Returns `None` for other texts.
fn make_hole(text: &str) -> Option<Hole> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let (field, rank) = inside.split_once('/').unwrap_or((inside, "0"));
    Some(Hole { field: field.parse().unwrap(), rank: rank.parse().unwrap() })
}

fn make_field(name: &str, kind: ValueKind, presence: Presence) -> Field {
    Field { name: name.to_owned(), kind, presence, doc: String::new(), legacy: None, positions: 1 }
}

fn make_scalar_field(name: &str, scalar: Scalar, presence: Presence) -> Field {
    make_field(name, ValueKind::Scalar(scalar), presence)
}

/// Makes a data type. The first of `shapes` is its shape, and the others are alternative shapes.
fn make_type(name: &str, fields: Vec<Field>, shapes: &[&str]) -> DataType {
    let mut shapes = shapes.iter().map(|text| parse_shape(text));
    DataType {
        name: name.to_owned(),
        doc: String::new(),
        section: SectionRef(0),
        fields,
        shape: shapes.next().unwrap(),
        also: shapes.collect(),
        target: None,
        in_requests: true,
        in_responses: true,
        examples: Vec::new(),
    }
}

const NOTE: TypeRef = TypeRef(0);
const PERSON: TypeRef = TypeRef(1);
const REMINDER: TypeRef = TypeRef(2);
const MAIL: TypeRef = TypeRef(3);
const USER: TypeRef = TypeRef(4);
const LIST: TypeRef = TypeRef(5);

/// Makes an API with the types [`NOTE`] to [`LIST`], and without endpoints.
fn make_api() -> Api {
    use Presence::*;
    let note = vec![
        make_scalar_field("title", Scalar::String, Optional),
        make_scalar_field("id", Scalar::Id(IdRef(0)), Required),
        make_scalar_field("body", Scalar::String, Required),
    ];
    let person = vec![
        make_scalar_field("id", Scalar::Id(IdRef(0)), Required),
        make_scalar_field("name", Scalar::String, Required),
    ];
    let reminder = vec![
        make_scalar_field("at", Scalar::Local, Required),
        make_scalar_field("content", Scalar::String, Required),
        make_field("creator", ValueKind::Data(PERSON), Optional),
        make_field("remindees", ValueKind::Data(PERSON), ManyOrAbsent),
    ];
    let mail = vec![
        make_scalar_field("subject", Scalar::String, Required),
        make_scalar_field("id", Scalar::Integer, Required),
    ];
    let user =
        vec![make_scalar_field("page", Scalar::Integer, Nil), make_scalar_field("admin", Scalar::Bool, Optional)];
    let list = vec![
        make_scalar_field("order", Scalar::Id(IdRef(0)), Many),
        make_scalar_field("tags", Scalar::Phrases, Optional),
    ];
    let types = vec![
        make_type("Note", note, &["<note title='{0}' id='{1}'>{2}</note>"]),
        make_type("Person", person, &["<user id='{0}' name='{1}'/>"]),
        make_type(
            "Reminder",
            reminder,
            &[
                "<r><at>{0}</at><content>{1}</content><creator>{2}</creator><remindees><user>{3}</user></remindees></r>",
                "<r at='{0/1}'>{1/1}</r>",
            ],
        ),
        make_type("Mail", mail, &["<mail subject='{0}' title='{0/1}' id='{1}'/>"]),
        make_type("User", user, &["<user><page type='integer'>{0}</page><admin type='boolean'>{1}</admin></user>"]),
        make_type("List", list, &["<list><all type='array'><id>{0}</id></all><tags>{1}</tags></list>"]),
    ];
    Api {
        name: "sample".to_owned(),
        host: "https://example.com".to_owned(),
        doc: String::new(),
        path: "schema/api.xml".to_owned(),
        rate_limits: Vec::new(),
        styles: Vec::new(),
        bearer: None,
        issuer: None,
        requires_user_agent_contact: false,
        sign_in_path: None,
        sections: Vec::new(),
        ids: vec![Id { name: "NoteId".to_owned(), doc: String::new(), section: SectionRef(0) }],
        enums: Vec::new(),
        types,
    }
}

/// Lists the text under the caret and the message of each diagnostic.
fn list_diagnostics(source: &str, sink: &DiagnosticSink) -> Vec<String> {
    sink.iter().map(|diagnostic| format!("{}: {}", &source[diagnostic.span.range()], diagnostic.message)).collect()
}

/// Reads a document of a type. Returns the values, or the diagnostics if there are any.
fn read_document(data_type: TypeRef, document: &str, is_written: bool) -> Result<Vec<ExampleValue>, Vec<String>> {
    let api = make_api();
    let data = &api.types[data_type.0];
    let shape = std::slice::from_ref(&data.shape);
    let expected =
        Expected { wrapper: "example", fields: &data.fields, shape, also: &data.also, is_root: true, is_written };
    read_elements(&api, expected, document)
}

/// Reads a document by an expected shape. Returns the values, or the diagnostics if there are any.
fn read_elements(api: &Api, expected: Expected<'_>, document: &str) -> Result<Vec<ExampleValue>, Vec<String>> {
    let root = parse_xml(document);
    let mut sink = DiagnosticSink::default();
    let values = match_elements(api, expected, &[&root], root.span, &mut sink);
    if sink.is_empty() { Ok(values) } else { Err(list_diagnostics(document, &sink)) }
}

/// Returns the diagnostics about a document that is read and written.
fn check_written(data_type: TypeRef, document: &str) -> Vec<String> {
    read_document(data_type, document, true).err().unwrap_or_default()
}

/// Returns the diagnostics about a document that is only read.
fn check_read(data_type: TypeRef, document: &str) -> Vec<String> {
    read_document(data_type, document, false).err().unwrap_or_default()
}

fn text_value(text: &str) -> ExampleValue {
    ExampleValue::Text(text.to_owned())
}
