//! Paths, queries and locations.

use super::*;

/// Makes the endpoint `/notes/{note_id}.xml?n={page}&q={term}`, with the alternative route `/note/{note_id}` and the
/// location `/note_parts/{note_id}/{id}.xml`.
fn make_endpoint() -> Endpoint {
    let literal = |text: &str| Segment::Literal(text.to_owned());
    let hole = |field, after: &str| Segment::Hole { before: String::new(), field, after: after.to_owned() };
    let query = |name: &str, field| (name.to_owned(), Hole { field, rank: 0 });
    let location_hole =
        |value, after: &str| LocationSegment::Hole { before: String::new(), value, after: after.to_owned() };
    Endpoint {
        name: "show".to_owned(),
        doc: String::new(),
        style: StyleRef(0),
        rate_limit: None,
        method: Method::Get,
        retry: RetryClass::ReadOnly,
        path: vec![literal("notes"), hole(0, ".xml")],
        query_literals: Vec::new(),
        query: vec![query("n", 1), query("q", 2)],
        also: vec![Route { method: Method::Get, path: vec![literal("note"), hole(0, "")] }],
        fields: vec![
            make_scalar_field("note_id", Scalar::Id(IdRef(0)), Presence::Required),
            make_scalar_field("page", Scalar::Integer, Presence::Optional),
            make_scalar_field("term", Scalar::String, Presence::Required),
        ],
        path_fields: 1,
        handle_fields: Vec::new(),
        request: None,
        response: Response {
            status: 201,
            has_envelope: false,
            value: Some(make_scalar_field("id", Scalar::Integer, Presence::Required)),
            shape: None,
            also: Vec::new(),
            location: Some(Location {
                segments: vec![
                    LocationSegment::Literal("note_parts".to_owned()),
                    location_hole(LocationValue::Request(0), ""),
                    location_hole(LocationValue::Response, ".xml"),
                ],
            }),
        },
        pagination: None,
        errors: Vec::new(),
        legacy: None,
        examples: Vec::new(),
    }
}

/// Makes the URL of an example. `raw` is its text in the source of the schema, with XML escapes, and `text` its value.
fn make_url<'t>(api: &'t Api, endpoint: &'t Endpoint, raw: &str, text: &'t str) -> ExampleUrl<'t> {
    ExampleUrl { api, endpoint, text, span: Span::new(0, 0..raw.len()), is_written: true }
}

/// Reads a path and query, with XML escapes. Returns the values, or the diagnostics if there are any.
fn read_path(raw: &str, is_written: bool) -> Result<Vec<ExampleValue>, Vec<String>> {
    let api = make_api();
    let endpoint = make_endpoint();
    let text = raw.replace("&amp;", "&");
    let mut values = vec![ExampleValue::Absent; 3];
    let mut sink = DiagnosticSink::default();
    match_path(ExampleUrl { is_written, ..make_url(&api, &endpoint, raw, &text) }, &mut values, &mut sink);
    if sink.is_empty() { Ok(values) } else { Err(list_diagnostics(raw, &sink)) }
}

/// Returns the diagnostics about the path of an example that is read and written.
fn check_path(raw: &str) -> Vec<String> {
    read_path(raw, true).err().unwrap_or_default()
}

#[test]
fn reads_path_and_query() {
    let values = read_path("/notes/7.xml?n=2&amp;q=a%20b", true);
    assert_eq!(values, Ok(vec![text_value("7"), text_value("2"), text_value("a b")]));
    let values = read_path("/notes/7.xml?q=a+b", true);
    assert_eq!(values, Ok(vec![text_value("7"), ExampleValue::Absent, text_value("a b")]));
}

#[test]
fn rejects_other_paths_and_written_alternative_routes() {
    assert_eq!(check_path("/nodes/7.xml?q="), ["nodes: this is not the endpoint's path"]);
    assert_eq!(check_path("/notes/7?q="), ["7: this is not the endpoint's path"]);
    assert_eq!(check_path("/notes?q="), ["/notes: this is not the endpoint's path"]);
    assert_eq!(check_path("notes?q="), ["notes: the path of an example starts with `/`"]);
    assert_eq!(check_path("/notes/x.xml?q="), ["x: expected `NoteId`, an unsigned 64-bit integer"]);
    assert_eq!(check_path("/notes/.xml?q="), [": the required value `note_id` is empty"]);
    assert_eq!(check_path("/note/7?q="), ["/note/7: an alternative route is only read"]);
    assert_eq!(read_path("/note/7?q=", false), Ok(vec![text_value("7"), ExampleValue::Absent, text_value("")]));
}

#[test]
fn rejects_wrong_queries() {
    assert_eq!(check_path("/notes/7.xml"), ["/notes/7.xml: the required value `term` is missing"]);
    assert_eq!(check_path("/notes/7.xml?q=&amp;n=1"), ["n: wrong order: `n` is written earlier"]);
    assert_eq!(check_path("/notes/7.xml?q=&amp;m=1"), ["m: the endpoint has no query parameter `m`"]);
    assert_eq!(check_path("/notes/7.xml?q=&amp;q=1"), ["q: duplicate query parameter `q`"]);
    assert_eq!(check_path("/notes/7.xml?n=&amp;q=1"), [": an empty `page` is not written"]);
    assert_eq!(
        check_path("/notes/7.xml?n=02&amp;q=%zz"),
        ["02: this is written as `2`", "%zz: invalid percent-encoding"]
    );
    assert_eq!(check_path("/notes/7.xml?n=1&amp;q=..."), ["...: this is a placeholder from documentation"]);
}

/// Reads a location in the response to a request with the `note_id` 7. `body` is the response's value in the body.
fn read_location(raw: &str, body: Option<&ExampleValue>) -> Result<Option<ExampleValue>, Vec<String>> {
    let api = make_api();
    let endpoint = make_endpoint();
    let mut sink = DiagnosticSink::default();
    let value = match_location(make_url(&api, &endpoint, raw, raw), &[text_value("7")], body, &mut sink);
    if sink.is_empty() { Ok(value) } else { Err(list_diagnostics(raw, &sink)) }
}

#[test]
fn reads_the_value_in_a_location() {
    for raw in ["/note_parts/7/9.xml", "/note-parts/7/9", "http://example.com:8080/note_parts/7/9.json"] {
        assert_eq!(read_location(raw, None), Ok(Some(text_value("9"))), "{raw}");
    }
}

#[test]
fn rejects_other_locations() {
    let check_location = |raw: &str| read_location(raw, None).unwrap_err();
    assert_eq!(check_location("/parts/7/9"), ["parts: this is not the endpoint's location"]);
    assert_eq!(check_location("/note_parts/7"), ["/note_parts/7: this is not the endpoint's location"]);
    assert_eq!(check_location("/note_parts/7/x.xml"), ["x: expected a 64-bit integer"]);
    assert_eq!(check_location("/note_parts/8/9.xml"), ["8: this differs from `7` in the path"]);
    assert_eq!(
        read_location("/note_parts/7/9", Some(&text_value("10"))).unwrap_err(),
        ["9: this differs from `10` in the body"]
    );
}
