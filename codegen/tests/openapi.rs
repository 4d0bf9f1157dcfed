//! The API as an OpenAPI document.

#![allow(clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use xmlwire_codegen::{Source, check, describe_openapi};

/// Returns the document of the schema that the tests of comparisons use.
fn describe_boats() -> Value {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let api = source("schema/api.xml", include_str!("comparison/api.xml"));
    let boats = source("schema/boats.xml", include_str!("comparison/boats.xml"));
    let api = check(&[api, boats]).unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&describe_openapi(&api, "2.1.0")).unwrap_or_else(|error| panic!("{error}"))
}

/// Collects the values of all members with this name.
fn collect<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|member| collect(member, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        _ => {}
    }
}

#[test]
fn the_document_has_each_operation_once() {
    let document = describe_boats();
    let mut names = Vec::new();
    collect(&document["paths"], "operationId", &mut names);
    let names: Vec<&str> = names.into_iter().filter_map(Value::as_str).collect();
    assert_eq!(names, ["boats_list", "boats_add", "boats_create", "boats_sink"]);
    assert_eq!(document["info"]["version"], "2.1.0");
}

#[test]
fn every_reference_has_a_schema() {
    let document = describe_boats();
    let mut references = Vec::new();
    collect(&document, "$ref", &mut references);
    let references: BTreeSet<&str> = references.into_iter().filter_map(Value::as_str).collect();
    assert!(references.len() > 4, "{references:?}");
    for reference in references {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
}

#[test]
fn a_body_has_its_envelope_its_root_and_its_attributes() {
    let document = describe_boats();
    let create = &document["paths"]["/boats/create/{harbour}"]["post"];
    let request = &create["requestBody"]["content"]["application/xml"];
    assert_eq!(request["schema"]["xml"], json!({ "name": "request" }));
    assert_eq!(request["schema"]["properties"]["boat"]["$ref"], "#/components/schemas/NewBoat");
    assert_eq!(request["schema"]["properties"]["token"]["format"], "password");
    let response = &create["responses"]["200"]["content"]["application/xml"]["schema"];
    let success = json!({ "const": "true", "xml": { "attribute": true } });
    assert_eq!(response["properties"]["success"], success);
    assert_eq!(create["responses"]["403"]["description"], "The harbour is full.");
    assert_eq!(
        create["responses"]["404"]["content"]["application/xml"]["schema"]["$ref"],
        "#/components/schemas/BoxedFailure"
    );
}

#[test]
fn fields_have_their_position_presence_and_documentation() {
    let document = describe_boats();
    let boat = &document["components"]["schemas"]["Boat"];
    assert_eq!(boat["required"], json!(["id", "name", "length"]));
    assert_eq!(boat["properties"]["rig"]["xml"], json!({ "attribute": true }));
    assert_eq!(boat["properties"]["name"], json!({ "type": "string", "description": "Name." }));
    let length = &boat["properties"]["length"]["properties"];
    assert_eq!(length["type"], json!({ "const": "integer", "xml": { "attribute": true } }));
    assert_eq!(length["length"]["xml"], json!({ "x-xml-text": true }));
    assert_eq!(boat["properties"]["built"]["anyOf"][1], json!({ "type": "null" }));
    assert_eq!(boat["properties"]["crew"]["properties"]["hand"]["items"]["type"], "string");
}

#[test]
fn tokens_in_headers_and_queries_are_security_schemes() {
    let document = describe_boats();
    let scheme = &document["components"]["securitySchemes"]["plain"];
    assert_eq!((&scheme["in"], &scheme["name"]), (&json!("header"), &json!("X-Token")));
    assert_eq!(document["paths"]["/boats.xml"]["get"]["security"], json!([{ "plain": [] }]));
    assert_eq!(document["paths"]["/boats/create/{harbour}"]["post"]["security"], json!([{}]));
}
