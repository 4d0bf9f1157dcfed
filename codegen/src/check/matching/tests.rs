//! Examples against shapes; what is expected is the text under each caret and the message.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::model::{self, *};

/// Some shapes: holes are `{field}` or `{field/rank}`.
fn shape(text: &str) -> Element {
    let document = roxmltree::Document::parse(text).unwrap();
    element(document.root_element())
}

fn element(node: Node<'_, '_>) -> Element {
    let attributes = node.attributes().map(|attribute| match hole(attribute.value()) {
        Some(hole) => model::Attribute::Hole { name: attribute.name().to_owned(), hole },
        None => model::Attribute::Literal { name: attribute.name().to_owned(), value: attribute.value().to_owned() },
    });
    let children: Vec<Element> = children(node).into_iter().map(element).collect();
    let content = match hole(&text(node)) {
        Some(hole) => Content::Hole(hole),
        None if children.is_empty() => Content::Empty,
        None => Content::Elements(children),
    };
    Element { name: node.tag_name().name().to_owned(), attributes: attributes.collect(), content }
}

fn hole(text: &str) -> Option<Hole> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let (field, rank) = inside.split_once('/').unwrap_or((inside, "0"));
    Some(Hole { field: field.parse().unwrap(), rank: rank.parse().unwrap() })
}

fn field(name: &str, kind: Kind, presence: Presence) -> Field {
    Field { name: name.to_owned(), kind, presence, doc: String::new(), legacy: None, places: 1 }
}

fn scalar(name: &str, scalar: Scalar, presence: Presence) -> Field {
    field(name, Kind::Scalar(scalar), presence)
}

fn data_type(name: &str, fields: Vec<Field>, shapes: &[&str]) -> DataType {
    let mut shapes = shapes.iter().map(|text| shape(text));
    DataType {
        name: name.to_owned(),
        doc: String::new(),
        section: SectionRef(0),
        fields,
        shape: shapes.next().unwrap(),
        also: shapes.collect(),
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

fn api() -> Api {
    use Presence::*;
    let note = vec![
        scalar("title", Scalar::String, Optional),
        scalar("id", Scalar::Id(IdRef(0)), Required),
        scalar("body", Scalar::String, Required),
    ];
    let person = vec![scalar("id", Scalar::Id(IdRef(0)), Required), scalar("name", Scalar::String, Required)];
    let reminder = vec![
        scalar("at", Scalar::Local, Required),
        scalar("content", Scalar::String, Required),
        field("creator", Kind::Data(PERSON), Optional),
        field("remindees", Kind::Data(PERSON), ManyOrAbsent),
    ];
    let mail = vec![scalar("subject", Scalar::String, Required), scalar("id", Scalar::Integer, Required)];
    let user = vec![scalar("page", Scalar::Integer, Nil), scalar("admin", Scalar::Bool, Optional)];
    let list = vec![scalar("order", Scalar::Id(IdRef(0)), Many), scalar("tags", Scalar::Phrases, Optional)];
    let types = vec![
        data_type("Note", note, &["<note title='{0}' id='{1}'>{2}</note>"]),
        data_type("Person", person, &["<user id='{0}' name='{1}'/>"]),
        data_type(
            "Reminder",
            reminder,
            &[
                "<r><at>{0}</at><content>{1}</content><creator>{2}</creator><remindees><user>{3}</user></remindees></r>",
                "<r at='{0/1}'>{1/1}</r>",
            ],
        ),
        data_type("Mail", mail, &["<mail subject='{0}' title='{0/1}' id='{1}'/>"]),
        data_type("User", user, &["<user><page type='integer'>{0}</page><admin type='boolean'>{1}</admin></user>"]),
        data_type("List", list, &["<list><all type='array'><id>{0}</id></all><tags>{1}</tags></list>"]),
    ];
    Api {
        name: "sample".to_owned(),
        host: "https://example.com".to_owned(),
        doc: String::new(),
        path: "schema/api.xml".to_owned(),
        limits: Vec::new(),
        styles: Vec::new(),
        bearer: None,
        issuer: None,
        sections: Vec::new(),
        ids: vec![Id { name: "NoteId".to_owned(), doc: String::new(), section: SectionRef(0) }],
        enums: Vec::new(),
        types,
    }
}

/// The text under the caret and the message of each diagnostic.
fn shown(source: &str, diagnostics: &[Diagnostic]) -> Vec<String> {
    let one = |diagnostic: &Diagnostic| {
        format!("{}: {}", &source[diagnostic.span.start..diagnostic.span.end], diagnostic.message)
    };
    diagnostics.iter().map(one).collect()
}

/// Reads a document of a type.
fn read_document(kind: TypeRef, document: &str, written: bool) -> Result<Vec<ExampleValue>, Vec<String>> {
    let api = api();
    let data = &api.types[kind.0];
    let expected = Expected {
        fields: &data.fields,
        shape: std::slice::from_ref(&data.shape),
        also: &data.also,
        root: true,
        written,
    };
    read_nodes(&api, expected, document)
}

fn read_nodes(api: &Api, expected: Expected<'_>, document: &str) -> Result<Vec<ExampleValue>, Vec<String>> {
    let parsed = roxmltree::Document::parse(document).unwrap();
    let mut diagnostics = Vec::new();
    let mut report = Report { file: 0, source: document, diagnostics: &mut diagnostics };
    let root = parsed.root_element();
    let values = elements(api, expected, &[root], root.range(), &mut report);
    if diagnostics.is_empty() { Ok(values) } else { Err(shown(document, &diagnostics)) }
}

/// The complaints about a document that is to be written.
fn written(kind: TypeRef, document: &str) -> Vec<String> {
    read_document(kind, document, true).err().unwrap_or_default()
}

/// The complaints about a document that is only read.
fn read(kind: TypeRef, document: &str) -> Vec<String> {
    read_document(kind, document, false).err().unwrap_or_default()
}

fn some(text: &str) -> ExampleValue {
    ExampleValue::Text(text.to_owned())
}

const NONE: [&str; 0] = [];

#[test]
fn values_come_in_the_order_of_the_fields() {
    let values = read_document(NOTE, "<note id=\"7\" title=\"\">a &amp; b</note>", true);
    assert_eq!(values, Ok(vec![some(""), some("7"), some("a & b")]));
    let values = read_document(NOTE, "<note id='7'/>", true);
    assert_eq!(values, Ok(vec![ExampleValue::Absent, some("7"), some("")]));
}

#[test]
fn nothing_unknown_is_skipped() {
    assert_eq!(read(NOTE, "<note id='7' titel='x'/>"), ["titel: the shape of `<note>` has no attribute `titel`"]);
    assert_eq!(read(NOTE, "<note id='7'><b/></note>"), ["b: the shape has no `<b>` here"]);
    assert_eq!(read(PERSON, "<user id='7' name=''>Jo</user>"), ["Jo: the shape has no text here"]);
    assert_eq!(read(NOTE, "<page/>"), ["page: the shape has no `<page>` here"]);
    assert_eq!(read(USER, "<user>\n x <admin/></user>"), ["x: the shape has no text here"]);
    assert_eq!(read(USER, "<user><admin/><admin/></user>"), ["admin: `<admin>` occurs twice"]);
}

#[test]
fn what_was_meant_is_proposed() {
    let api = api();
    let data = &api.types[USER.0];
    let shape = std::slice::from_ref(&data.shape);
    let expected = Expected { fields: &data.fields, shape, also: &[], root: true, written: true };
    let source = "<user><admni>true</admni></user>";
    let parsed = roxmltree::Document::parse(source).unwrap();
    let mut diagnostics = Vec::new();
    let mut report = Report { file: 0, source, diagnostics: &mut diagnostics };
    elements(&api, expected, &[parsed.root_element()], 0..1, &mut report);
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `admin`?"));
}

#[test]
fn required_values_are_missed() {
    assert_eq!(read(NOTE, "<note/>"), ["note: `id` is required and not there"]);
    assert_eq!(read(NOTE, "<note id=''/>"), ["'': `id` is required and empty"]);
    assert_eq!(
        read(REMINDER, "<r><at>2009-04-02 09:45:00</at><content/><creator id='1'/></r>"),
        ["creator: `name` is required and not there"]
    );
}

#[test]
fn scalars_are_checked_and_made_canonical() {
    assert_eq!(read(NOTE, "<note id='7x'/>"), ["7x: this should be NoteId, an integer of 64 bits without a sign"]);
    assert_eq!(read_document(NOTE, "<note id=' 007 '/>", false).unwrap()[1], some("7"));
    assert_eq!(written(NOTE, "<note id=' 007 '/>"), [" 007 : this is written as `7`"]);
    assert_eq!(
        written(USER, "<user><page nil='true'/><admin type='boolean'>1</admin></user>"),
        ["1: this is written as `true`"]
    );
}

#[test]
fn placeholders_are_refused() {
    for text in ["...", " … ", "#{body}", "a #{b} c"] {
        let document = format!("<note id='7'>{text}</note>");
        assert_eq!(read(NOTE, &document), [format!("{text}: this is a placeholder")]);
    }
    assert_eq!(read(NOTE, "<note id='7'>Wait... what</note>"), NONE);
}

#[test]
fn other_shapes_are_read_and_not_written() {
    let document = "<r at='2009-04-02 9:45'>Call</r>";
    let values = read_document(REMINDER, document, false).unwrap();
    assert_eq!(values[..2], [some("2009-04-02 09:45:00"), some("Call")]);
    assert_eq!(values[2..], [ExampleValue::Absent, ExampleValue::Many(Vec::new())]);
    assert_eq!(
        written(REMINDER, document),
        ["at='2009-04-02 9:45': `at` is not written here", "r: `<at>` is written here"]
    );
    let both = "<r at='2009-04-02 09:45:00'><at>2010-01-01 00:00:00</at><content/></r>";
    assert_eq!(read_document(REMINDER, both, false).unwrap()[0], some("2010-01-01 00:00:00"));
}

#[test]
fn the_first_place_that_is_not_empty_wins() {
    assert_eq!(read_document(MAIL, "<mail title='b' subject='a' id='1'/>", false).unwrap()[0], some("a"));
    assert_eq!(read_document(MAIL, "<mail title='b' subject='' id='1'/>", false).unwrap()[0], some("b"));
    assert_eq!(read_document(MAIL, "<mail title='b' id='1'/>", false).unwrap()[0], some("b"));
    assert_eq!(written(MAIL, "<mail title='b' id='1'/>"), ["mail: `subject=\"b\"` is written here"]);
    assert_eq!(written(MAIL, "<mail title='b' subject='a' id='1'/>"), ["b: this is written as `a`"]);
    assert_eq!(written(MAIL, "<mail title='a' id='1' subject='a'/>"), NONE);
}

#[test]
fn literals_are_written() {
    assert_eq!(read(USER, "<user><admin>true</admin></user>"), NONE);
    assert_eq!(
        written(USER, "<user><page nil='true'/><admin>true</admin></user>"),
        ["admin: `type=\"boolean\"` is written here"]
    );
}

#[test]
fn nil_is_absent_and_alone() {
    let values = read_document(USER, "<user><page nil=\"true\"></page></user>", true);
    assert_eq!(values, Ok(vec![ExampleValue::Absent, ExampleValue::Absent]));
    assert_eq!(read(USER, "<user><page type='integer' nil='true'/></user>"), NONE);
    assert_eq!(
        written(USER, "<user><page type='integer' nil='true'/></user>"),
        ["type='integer': `type` is not written here"]
    );
    assert_eq!(written(USER, "<user/>"), ["user: `<page>` is written here"]);
    assert_eq!(read(USER, "<user><page nil='true'>3</page></user>"), ["3: an element with `nil` is empty"]);
    assert_eq!(read(USER, "<user><page nil='no'>3</page></user>"), ["no: `nil` is `true`, or is not there"]);
}

#[test]
fn order_counts_where_it_is_written() {
    let document = "<user><admin type='boolean'>true</admin><page nil='true'/></user>";
    assert_eq!(read(USER, document), NONE);
    assert_eq!(written(USER, document), ["admin: `<page>` is written before `<admin>`"]);
}

#[test]
fn containers_of_nothing_are_not_written() {
    let document = "<r><at>2009-04-02 09:45:00</at><content/><creator/><remindees/></r>";
    assert_eq!(read(REMINDER, document), NONE);
    assert_eq!(written(REMINDER, document), ["creator: `<creator>` is not written here"]);
    assert_eq!(written(LIST, "<list><all type='array'/></list>"), NONE);
    assert_eq!(written(LIST, "<list/>"), ["list: `<all>` is written here"]);
}

#[test]
fn lists_hold_values() {
    let values = read_document(LIST, "<list><all type='array'><id>3</id><id>1</id></all></list>", true).unwrap();
    assert_eq!(values[0], ExampleValue::Many(vec![some("3"), some("1")]));
    assert_eq!(read(LIST, "<list><all><id/></all></list>"), ["id: this value is empty"]);
    let person = |id: &str| ExampleValue::Data(PERSON, vec![some(id), some("Jo")]);
    let document = "<r><at>2009-04-02 09:45:00</at><content/><remindees><user id='1' name='Jo'/><user id='2' name='Jo'/></remindees></r>";
    let values = read_document(REMINDER, document, true).unwrap();
    assert_eq!(values[3], ExampleValue::Many(vec![person("1"), person("2")]));
}

#[test]
fn phrases_are_quoted_only_where_they_must() {
    let document = |tags: &str| format!("<list><all type='array'/><tags>{tags}</tags></list>");
    assert_eq!(written(LIST, &document("a \"b c\" d")), NONE);
    assert_eq!(written(LIST, &document("\"a\"  d")), ["\"a\"  d: this is written as `a d`"]);
    assert_eq!(read(LIST, &document("\"a b")), ["\"a b: this should be phrases such as `a \"b c\" d`"]);
}

#[test]
fn times_are_real() {
    let at = |text: &str| format!("<r at='{text}'>Call</r>");
    assert_eq!(read(REMINDER, &at("2008-02-29 23:59:59")), NONE);
    for wrong in ["2009-02-29 00:00:00", "2009-13-01 00:00:00", "2009-01-01 24:00:00", "2009-01-01", "2009-1-01 00:00"]
    {
        assert_eq!(
            read(REMINDER, &at(wrong)),
            [format!("{wrong}: this should be a time such as `2009-03-14 08:05:40`")]
        );
    }
}

#[test]
fn a_payload_may_be_absent_in_an_envelope_and_not_without() {
    let api = api();
    let fields = [scalar("public", Scalar::Flag, Presence::Optional)];
    let shape = [shape("<page><public>{0}</public></page>")];
    let expected = Expected { fields: &fields, shape: &shape, also: &[], root: false, written: true };
    assert_eq!(read_nodes(&api, expected, "<page/>"), Err(vec!["page: `<page>` is not written here".to_owned()]));
    let rooted = Expected { root: true, ..expected };
    assert_eq!(read_nodes(&api, rooted, "<page/>"), Ok(vec![ExampleValue::Absent]));
    let values = read_nodes(&api, expected, "<page><public>1</public></page>");
    assert_eq!(values, Ok(vec![some("1")]));
}

#[test]
fn a_pasted_token_does_not_matter_and_an_envelope_is_named() {
    let source = "<request><token>abc</token>x<request/></request>";
    let parsed = roxmltree::Document::parse(source).unwrap();
    let mut diagnostics = Vec::new();
    let mut report = Report { file: 0, source, diagnostics: &mut diagnostics };
    let nodes = payload(parsed.root_element(), &[], &mut report);
    let expected = Expected { fields: &[], shape: &[], also: &[], root: false, written: true };
    elements(&api(), expected, &nodes, 0..1, &mut report);
    assert_eq!(
        shown(source, &diagnostics),
        ["x: there is text where elements belong", "request: the shape has no `<request>` here"]
    );
    assert_eq!(diagnostics[1].help.as_deref(), Some("an example has the payload without its envelope and token"));
}

#[test]
fn xml_is_kept_without_the_space_beside_elements() {
    let document = roxmltree::Document::parse("<a b='&lt;'>\n <c> x<!-- - -->y</c>\n</a>").unwrap();
    let child = Xml { name: "c".to_owned(), attributes: Vec::new(), children: Vec::new(), text: " xy".to_owned() };
    let attributes = vec![("b".to_owned(), "<".to_owned())];
    assert_eq!(
        xml(document.root_element()),
        Xml { name: "a".to_owned(), attributes, children: vec![child], text: String::new() }
    );
}

fn endpoint() -> Endpoint {
    let literal = |text: &str| Segment::Literal(text.to_owned());
    let hole = |field, after: &str| Segment::Hole { before: String::new(), field, after: after.to_owned() };
    let query = |name: &str, field| (name.to_owned(), Hole { field, rank: 0 });
    let located = |value, after: &str| LocationSegment::Hole { before: String::new(), value, after: after.to_owned() };
    Endpoint {
        name: "show".to_owned(),
        doc: String::new(),
        style: StyleRef(0),
        limit: None,
        method: Method::Get,
        retry: Retry::Read,
        path: vec![literal("notes"), hole(0, ".xml")],
        query: vec![query("n", 1), query("q", 2)],
        also: vec![Route { method: Method::Get, path: vec![literal("note"), hole(0, "")] }],
        fields: vec![
            scalar("note_id", Scalar::Id(IdRef(0)), Presence::Required),
            scalar("page", Scalar::Integer, Presence::Optional),
            scalar("term", Scalar::String, Presence::Required),
        ],
        path_fields: 1,
        handle_fields: Vec::new(),
        request: None,
        response: Response {
            status: 201,
            envelope: false,
            value: Some(scalar("id", Scalar::Integer, Presence::Required)),
            shape: None,
            location: Some(Location {
                segments: vec![
                    LocationSegment::Literal("note_parts".to_owned()),
                    located(LocationValue::Request(0), ""),
                    located(LocationValue::Response, ".xml"),
                ],
            }),
        },
        pages: None,
        fails: Vec::new(),
        legacy: None,
        examples: Vec::new(),
    }
}

/// Reads a path as the schema has it, between quotes.
fn read_path(raw: &str, written: bool) -> Result<Vec<ExampleValue>, Vec<String>> {
    let decoded = raw.replace("&amp;", "&");
    let mut diagnostics = Vec::new();
    let mut report = Report { file: 0, source: raw, diagnostics: &mut diagnostics };
    let mut values = vec![ExampleValue::Absent; 3];
    path(&api(), &endpoint(), &decoded, 0..raw.len(), written, &mut report, &mut values);
    if diagnostics.is_empty() { Ok(values) } else { Err(shown(raw, &diagnostics)) }
}

fn complaints(raw: &str) -> Vec<String> {
    read_path(raw, true).err().unwrap_or_default()
}

#[test]
fn path_and_query_are_read() {
    let values = read_path("/notes/7.xml?n=2&amp;q=a%20b", true);
    assert_eq!(values, Ok(vec![some("7"), some("2"), some("a b")]));
    let values = read_path("/notes/7.xml?q=a+b", true);
    assert_eq!(values, Ok(vec![some("7"), ExampleValue::Absent, some("a b")]));
}

#[test]
fn a_path_is_the_endpoints() {
    assert_eq!(complaints("/nodes/7.xml?q="), ["nodes: this is not the endpoint's path"]);
    assert_eq!(complaints("/notes/7?q="), ["7: this is not the endpoint's path"]);
    assert_eq!(complaints("/notes?q="), ["/notes: this is not the endpoint's path"]);
    assert_eq!(complaints("notes?q="), ["notes: the path of an example begins with `/`"]);
    assert_eq!(complaints("/notes/x.xml?q="), ["x: this should be NoteId, an integer of 64 bits without a sign"]);
    assert_eq!(complaints("/notes/.xml?q="), [": `note_id` is required and empty"]);
    assert_eq!(complaints("/note/7?q="), ["/note/7: this route is only read"]);
    assert_eq!(read_path("/note/7?q=", false), Ok(vec![some("7"), ExampleValue::Absent, some("")]));
}

#[test]
fn a_query_is_the_endpoints() {
    assert_eq!(complaints("/notes/7.xml"), ["/notes/7.xml: `term` is required and not there"]);
    assert_eq!(complaints("/notes/7.xml?q=&amp;n=1"), ["n: `n` is written earlier"]);
    assert_eq!(complaints("/notes/7.xml?q=&amp;m=1"), ["m: the endpoint has no query parameter `m`"]);
    assert_eq!(complaints("/notes/7.xml?q=&amp;q=1"), ["q: `q` occurs twice"]);
    assert_eq!(complaints("/notes/7.xml?n=&amp;q=1"), [": `page` is empty, and not written then"]);
    assert_eq!(
        complaints("/notes/7.xml?n=02&amp;q=%zz"),
        ["02: this is written as `2`", "%zz: this is not escaped as in a URL"]
    );
    assert_eq!(complaints("/notes/7.xml?n=1&amp;q=..."), ["...: this is a placeholder"]);
}

fn locate(raw: &str, body: Option<&ExampleValue>) -> Result<Option<ExampleValue>, Vec<String>> {
    let mut diagnostics = Vec::new();
    let mut report = Report { file: 0, source: raw, diagnostics: &mut diagnostics };
    let request = [some("7")];
    let value = location(&api(), &endpoint(), raw, 0..raw.len(), &request, body, &mut report);
    if diagnostics.is_empty() { Ok(value) } else { Err(shown(raw, &diagnostics)) }
}

#[test]
fn a_location_carries_a_value() {
    for raw in ["/note_parts/7/9.xml", "/note-parts/7/9", "http://example.com:8080/note_parts/7/9.json"] {
        assert_eq!(locate(raw, None), Ok(Some(some("9"))), "{raw}");
    }
    let complaint = |raw: &str| locate(raw, None).unwrap_err();
    assert_eq!(complaint("/parts/7/9"), ["parts: this is not the endpoint's location"]);
    assert_eq!(complaint("/note_parts/7"), ["/note_parts/7: this is not the endpoint's location"]);
    assert_eq!(complaint("/note_parts/7/x.xml"), ["x: this should be an integer of 64 bits: `-?digits`"]);
    assert_eq!(complaint("/note_parts/8/9.xml"), ["8: the path has `7` for this"]);
    assert_eq!(locate("/note_parts/7/9", Some(&some("10"))).unwrap_err(), ["9: the body has `10` for this"]);
}
