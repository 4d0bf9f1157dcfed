//! Payloads and documents.

use super::*;

const NONE: [&str; 0] = [];

#[test]
fn returns_values_in_the_order_of_the_fields() {
    let values = read_document(NOTE, "<note id=\"7\" title=\"\">a &amp; b</note>", true);
    assert_eq!(values, Ok(vec![text_value(""), text_value("7"), text_value("a & b")]));
    let values = read_document(NOTE, "<note id='7'/>", true);
    assert_eq!(values, Ok(vec![ExampleValue::Absent, text_value("7"), text_value("")]));
}

#[test]
fn reports_unknown_and_duplicate_parts() {
    assert_eq!(check_read(NOTE, "<note id='7' titel='x'/>"), ["titel: the shape of `<note>` has no attribute `titel`"]);
    assert_eq!(check_read(NOTE, "<note id='7'><b/></note>"), ["b: the shape has no `<b>` here"]);
    assert_eq!(check_read(PERSON, "<user id='7' name=''>Jo</user>"), ["Jo: the shape has no text here"]);
    assert_eq!(check_read(NOTE, "<page/>"), ["page: the shape has no `<page>` here"]);
    assert_eq!(check_read(USER, "<user>\n x <admin/></user>"), ["x: the shape has no text here"]);
    assert_eq!(check_read(USER, "<user><admin/><admin/></user>"), ["admin: duplicate `<admin>`"]);
}

#[test]
fn suggests_a_similar_known_name() {
    let api = make_api();
    let data = &api.types[USER.0];
    let shape = std::slice::from_ref(&data.shape);
    let expected =
        Expected { wrapper: "example", fields: &data.fields, shape, also: &[], is_root: true, is_written: true };
    let root = parse_xml("<user><admni>true</admni></user>");
    let mut sink = DiagnosticSink::default();
    match_elements(&api, expected, &[&root], root.span, &mut sink);
    assert_eq!(sink.iter().next().unwrap().help.as_deref(), Some("did you mean `admin`?"));
}

#[test]
fn reports_missing_required_values() {
    assert_eq!(check_read(NOTE, "<note/>"), ["note: the required value `id` is missing"]);
    assert_eq!(check_read(NOTE, "<note id=''/>"), ["'': the required value `id` is empty"]);
    assert_eq!(
        check_read(REMINDER, "<r><at>2009-04-02 09:45:00</at><content/><creator id='1'/></r>"),
        ["creator: the required value `name` is missing"]
    );
}

#[test]
fn checks_and_canonicalizes_scalars() {
    assert_eq!(check_read(NOTE, "<note id='7x'/>"), ["7x: expected `NoteId`, an unsigned 64-bit integer"]);
    assert_eq!(read_document(NOTE, "<note id=' 007 '/>", false).unwrap()[1], text_value("7"));
    assert_eq!(check_written(NOTE, "<note id=' 007 '/>"), [" 007 : this is written as `7`"]);
    assert_eq!(
        check_written(USER, "<user><page nil='true'/><admin type='boolean'>1</admin></user>"),
        ["1: this is written as `true`"]
    );
}

#[test]
fn rejects_placeholders() {
    for text in ["...", " … ", "#{body}", "a #{b} c"] {
        let document = format!("<note id='7'>{text}</note>");
        assert_eq!(check_read(NOTE, &document), [format!("{text}: this is a placeholder from documentation")]);
    }
    assert_eq!(check_read(NOTE, "<note id='7'>Wait... what</note>"), NONE);
}

#[test]
fn reads_alternative_shapes_and_does_not_write_them() {
    let document = "<r at='2009-04-02 9:45'>Call</r>";
    let values = read_document(REMINDER, document, false).unwrap();
    assert_eq!(values[..2], [text_value("2009-04-02 09:45:00"), text_value("Call")]);
    assert_eq!(values[2..], [ExampleValue::Absent, ExampleValue::Many(Vec::new())]);
    assert_eq!(
        check_written(REMINDER, document),
        ["at='2009-04-02 9:45': `at` is not written here", "r: `<at>` is missing"]
    );
    let both = "<r at='2009-04-02 09:45:00'><at>2010-01-01 00:00:00</at><content/></r>";
    assert_eq!(read_document(REMINDER, both, false).unwrap()[0], text_value("2010-01-01 00:00:00"));
}

#[test]
fn prefers_the_first_position_that_is_not_empty() {
    assert_eq!(read_document(MAIL, "<mail title='b' subject='a' id='1'/>", false).unwrap()[0], text_value("a"));
    assert_eq!(read_document(MAIL, "<mail title='b' subject='' id='1'/>", false).unwrap()[0], text_value("b"));
    assert_eq!(read_document(MAIL, "<mail title='b' id='1'/>", false).unwrap()[0], text_value("b"));
    assert_eq!(check_written(MAIL, "<mail title='b' id='1'/>"), ["mail: `subject=\"b\"` is missing"]);
    assert_eq!(check_written(MAIL, "<mail title='b' subject='a' id='1'/>"), ["b: this is written as `a`"]);
    assert_eq!(check_written(MAIL, "<mail title='a' id='1' subject='a'/>"), NONE);
}

#[test]
fn requires_literals_in_written_examples() {
    assert_eq!(check_read(USER, "<user><admin>true</admin></user>"), NONE);
    assert_eq!(
        check_written(USER, "<user><page nil='true'/><admin>true</admin></user>"),
        ["admin: `type=\"boolean\"` is missing"]
    );
}

#[test]
fn reads_nil_as_absent_and_rejects_content_beside_it() {
    let values = read_document(USER, "<user><page nil=\"true\"></page></user>", true);
    assert_eq!(values, Ok(vec![ExampleValue::Absent, ExampleValue::Absent]));
    assert_eq!(check_read(USER, "<user><page type='integer' nil='true'/></user>"), NONE);
    assert_eq!(
        check_written(USER, "<user><page type='integer' nil='true'/></user>"),
        ["type='integer': `type` is not written here"]
    );
    assert_eq!(check_written(USER, "<user/>"), ["user: `<page>` is missing"]);
    assert_eq!(check_read(USER, "<user><page nil='true'>3</page></user>"), ["3: an element with `nil` must be empty"]);
    assert_eq!(check_read(USER, "<user><page nil='no'>3</page></user>"), ["no: the only value of `nil` is `true`"]);
}

#[test]
fn a_change_is_left_set_or_cleared() {
    let api = make_api();
    let fields = [make_scalar_field("until", Scalar::Timestamp, Presence::Change)];
    let shape = [parse_shape("<event><until type='datetime'>{0}</until></event>")];
    let read = |document: &str, is_written| {
        let expected =
            Expected { wrapper: "request", fields: &fields, shape: &shape, also: &[], is_root: true, is_written };
        read_elements(&api, expected, document)
    };
    assert_eq!(read("<event/>", true), Ok(vec![ExampleValue::Absent]));
    assert_eq!(read("<event><until nil='true'/></event>", true), Ok(vec![ExampleValue::Cleared]));
    let set = "<event><until type='datetime'>2009-05-01T09:00:00Z</until></event>";
    assert_eq!(read(set, true), Ok(vec![text_value("2009-05-01T09:00:00Z")]));
    // An empty element is read as an omitted one, and never written.
    assert_eq!(read("<event><until/></event>", false), Ok(vec![ExampleValue::Absent]));
    assert_eq!(read("<event><until/></event>", true), Err(vec!["until: `<until>` is not written here".to_owned()]));
}

#[test]
fn a_root_without_a_value_is_written_without_attributes() {
    let api = make_api();
    let fields = [make_scalar_field("count", Scalar::Integer, Presence::Optional)];
    let shape = [parse_shape("<count type='integer'>{0}</count>")];
    let expected =
        Expected { wrapper: "response", fields: &fields, shape: &shape, also: &[], is_root: true, is_written: true };
    assert_eq!(read_elements(&api, expected, "<count/>"), Ok(vec![ExampleValue::Absent]));
    let with_type = read_elements(&api, expected, "<count type='integer'/>");
    assert_eq!(with_type, Err(vec!["type='integer': `type` is not written here".to_owned()]));
    assert_eq!(read_elements(&api, expected, "<count type='integer'>3</count>"), Ok(vec![text_value("3")]));
}

#[test]
fn checks_the_order_of_written_examples_only() {
    let document = "<user><admin type='boolean'>true</admin><page nil='true'/></user>";
    assert_eq!(check_read(USER, document), NONE);
    assert_eq!(check_written(USER, document), ["admin: wrong order: `<page>` is written before `<admin>`"]);
}

#[test]
fn omits_elements_of_absent_values_but_writes_an_empty_required_list() {
    let document = "<r><at>2009-04-02 09:45:00</at><content/><creator/><remindees/></r>";
    assert_eq!(check_read(REMINDER, document), NONE);
    assert_eq!(check_written(REMINDER, document), ["creator: `<creator>` is not written here"]);
    assert_eq!(check_written(LIST, "<list><all type='array'/></list>"), NONE);
    assert_eq!(check_written(LIST, "<list/>"), ["list: `<all>` is missing"]);
}

#[test]
fn reads_lists_of_scalars_and_data_types_and_rejects_empty_items() {
    let values = read_document(LIST, "<list><all type='array'><id>3</id><id>1</id></all></list>", true).unwrap();
    assert_eq!(values[0], ExampleValue::Many(vec![text_value("3"), text_value("1")]));
    assert_eq!(check_read(LIST, "<list><all><id/></all></list>"), ["id: this value is empty"]);
    let person = |id: &str| ExampleValue::Data(PERSON, vec![text_value(id), text_value("Jo")]);
    let document = "<r><at>2009-04-02 09:45:00</at><content/><remindees><user id='1' name='Jo'/><user id='2' name='Jo'/></remindees></r>";
    let values = read_document(REMINDER, document, true).unwrap();
    assert_eq!(values[3], ExampleValue::Many(vec![person("1"), person("2")]));
}

#[test]
fn quotes_phrases_only_where_necessary() {
    let document = |tags: &str| format!("<list><all type='array'/><tags>{tags}</tags></list>");
    assert_eq!(check_written(LIST, &document("a \"b c\" d")), NONE);
    assert_eq!(check_written(LIST, &document("\"a\"  d")), ["\"a\"  d: this is written as `a d`"]);
    assert_eq!(check_read(LIST, &document("\"a b")), NONE);
}

#[test]
fn rejects_impossible_and_incomplete_times() {
    let at = |text: &str| format!("<r at='{text}'>Call</r>");
    assert_eq!(check_read(REMINDER, &at("2008-02-29 23:59:59")), NONE);
    for wrong in ["2009-02-29 00:00:00", "2009-13-01 00:00:00", "2009-01-01 24:00:00", "2009-01-01", "2009-1-01 00:00"]
    {
        assert_eq!(
            check_read(REMINDER, &at(wrong)),
            [format!("{wrong}: expected a time such as `2009-03-14 08:05:40`")]
        );
    }
}

#[test]
fn omits_an_absent_payload_in_an_envelope_but_not_a_root() {
    let api = make_api();
    let fields = [make_scalar_field("public", Scalar::Flag, Presence::Optional)];
    let shape = [parse_shape("<page><public>{0}</public></page>")];
    let expected =
        Expected { wrapper: "request", fields: &fields, shape: &shape, also: &[], is_root: false, is_written: true };
    assert_eq!(read_elements(&api, expected, "<page/>"), Err(vec!["page: `<page>` is not written here".to_owned()]));
    let expected_root = Expected { is_root: true, ..expected };
    assert_eq!(read_elements(&api, expected_root, "<page/>"), Ok(vec![ExampleValue::Absent]));
    let values = read_elements(&api, expected, "<page><public>1</public></page>");
    assert_eq!(values, Ok(vec![text_value("1")]));
}

#[test]
fn ignores_a_pasted_token_and_reports_a_pasted_envelope() {
    let source = "<request><token>abc</token>x<request/></request>";
    let root = parse_xml(source);
    let mut sink = DiagnosticSink::default();
    let elements = collect_payload_elements(&root, &[], &mut sink);
    let expected =
        Expected { wrapper: "request", fields: &[], shape: &[], also: &[], is_root: false, is_written: true };
    match_elements(&make_api(), expected, &elements, root.span, &mut sink);
    assert_eq!(
        list_diagnostics(source, &sink),
        ["x: expected elements, found text", "request: the shape has no `<request>` here"]
    );
    let help = "remove the envelope and the token: an example contains only the payload";
    assert_eq!(sink.iter().nth(1).unwrap().help.as_deref(), Some(help));
}

#[test]
fn converts_xml_without_white_space_beside_elements() {
    let element = parse_xml("<a b='&lt;'>\n <c> x<!-- - -->y</c>\n</a>");
    let child = Xml { name: "c".to_owned(), attributes: Vec::new(), children: Vec::new(), text: " xy".to_owned() };
    let attributes = vec![("b".to_owned(), "<".to_owned())];
    assert_eq!(
        convert_xml(&element),
        Xml { name: "a".to_owned(), attributes, children: vec![child], text: String::new() }
    );
}
