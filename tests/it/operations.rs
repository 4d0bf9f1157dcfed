//! The properties of operations besides their XML: the bindings have what the schema declares, and a snapshot shows
//! them in one table.

use std::fs;

use backpack_api::SERVICE;
use backpack_api::runtime::service::{self, Operation};
use backpack_tests::schema;
use xmlwire_codegen::model::{EnvelopePart, Example, Replacement, TokenHeader, TokenSegment};

/// Formats a row of the table: name, method, path, style, rate limit, retry class, status of a success, and statuses of
/// the documented errors.
fn format_row(operation: &Operation) -> String {
    let errors: Vec<String> = operation.errors.iter().map(|(status, _)| status.to_string()).collect();
    format!(
        "{:<34}{:<6} {:<62} {:<10} {:<9} {:<11} {}  {}",
        operation.name,
        operation.method.as_str(),
        operation.path,
        operation.style.name,
        operation.rate_limit.map_or("-", |limit| limit.name),
        format!("{:?}", operation.retry).to_lowercase(),
        operation.status,
        errors.join(" "),
    )
}

#[test]
fn operations_match_their_snapshot() {
    let api = schema::read_api();
    let mut table = String::new();
    for section in &api.sections {
        for endpoint in &section.endpoints {
            let name = format!("{}.{}", section.name, endpoint.name);
            let operation = SERVICE
                .operations
                .iter()
                .find(|operation| operation.name == name)
                .expect("the bindings should have every operation");
            let legacy = endpoint.legacy.as_ref().map(|replacement| match replacement {
                Replacement::None => "  legacy, without a replacement".to_owned(),
                Replacement::Section(section) => format!("  legacy: {}", api.sections[section.0].name),
                Replacement::Endpoint(section, index) => {
                    let section = &api.sections[section.0];
                    format!("  legacy: {}.{}", section.name, section.endpoints[*index].name)
                }
            });
            assert_eq!(operation.is_legacy, legacy.is_some(), "{name}");
            table.push_str(&format_row(operation));
            table.push_str(&legacy.unwrap_or_default());
            table.push('\n');
        }
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("operations", table);
    });
}

/// Formats an envelope of the schema: `<request><token>{token}</token>{payload}</request>`.
fn format_schema_envelope(parts: &[EnvelopePart]) -> String {
    let format_attributes = |attributes: &[(String, String)]| -> String {
        attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect()
    };
    let format_part = |part: &EnvelopePart| match part {
        EnvelopePart::Open(name, literals) => format!("<{name}{}>", format_attributes(literals)),
        EnvelopePart::Empty(name, literals) => format!("<{name}{}/>", format_attributes(literals)),
        EnvelopePart::Close(name) => format!("</{name}>"),
        EnvelopePart::Token(name) => format!("<{name}>{{token}}</{name}>"),
        EnvelopePart::Payload => "{payload}".to_owned(),
    };
    parts.iter().map(format_part).collect()
}

/// Formats an envelope of the bindings, in the same form as [`format_schema_envelope`].
fn format_bindings_envelope(parts: &[service::EnvelopePart]) -> String {
    let format_part = |part: &service::EnvelopePart| match part {
        service::EnvelopePart::Xml(text) => (*text).to_owned(),
        service::EnvelopePart::Token(name) => format!("<{name}>{{token}}</{name}>"),
        service::EnvelopePart::Payload => "{payload}".to_owned(),
    };
    parts.iter().map(format_part).collect()
}

#[test]
fn carriers_and_envelopes_match_the_schema() {
    let api = schema::read_api();
    assert_eq!(SERVICE.styles.len(), api.styles.len());
    for (style, schema) in SERVICE.styles.iter().zip(&api.styles) {
        assert_eq!(style.name, schema.name);
        let format_header =
            |name: &str, before: &str, after: &str| format!("{}: {before}{{token}}{after}", name.to_lowercase());
        let from_schema = |header: &TokenHeader| format_header(&header.name, &header.before, &header.after);
        let from_bindings = |header: service::TokenHeader| format_header(header.name, header.before, header.after);
        assert_eq!(style.header.map(from_bindings), schema.header.as_ref().map(from_schema), "{}", schema.name);
        assert_eq!(style.bearer.map(from_bindings), api.bearer.as_ref().map(from_schema), "{}", schema.name);
        assert_eq!(style.query, schema.query.as_deref(), "{}", schema.name);
        let prefix: Vec<Option<&str>> = schema
            .prefix
            .iter()
            .map(|segment| match segment {
                TokenSegment::Literal(text) => Some(text.as_str()),
                TokenSegment::Token => None,
            })
            .collect();
        assert_eq!(style.prefix, prefix, "{}", schema.name);
        let request = style.request.map(|envelope| format_bindings_envelope(envelope.parts));
        assert_eq!(request, schema.request.as_deref().map(format_schema_envelope), "{}", schema.name);
        let response = style.response.map(|envelope| format!("{}{{payload}}{}", envelope.before, envelope.after));
        assert_eq!(response, schema.response.as_deref().map(format_schema_envelope), "{}", schema.name);
    }
}

#[test]
fn every_operation_has_an_example_of_its_request_and_response() {
    let api = schema::read_api();
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    let incomplete = endpoints.filter(|(_, endpoint)| {
        let has_example = |has: &dyn Fn(&Example) -> bool| endpoint.examples.iter().any(has);
        let has_request = endpoint.request.is_none() || has_example(&|example| example.request.is_some());
        let has_response = endpoint.response.value.is_none() || has_example(&|example| example.response.is_some());
        !(has_request && has_response && has_example(&|example| example.is_written))
    });
    let names: Vec<_> = incomplete.map(|(section, endpoint)| format!("{}.{}", section.name, endpoint.name)).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn exactly_the_methods_of_legacy_operations_are_deprecated() {
    let api = schema::read_api();
    for section in &api.sections {
        let path = schema::repository_root().join(format!("generated/src/api/{}.rs", section.name));
        let text = fs::read_to_string(path).unwrap();
        // Each async method, with the text before it, which ends with the attributes of the method.
        let methods = text.split("pub async fn ").skip(1).zip(text.split("pub async fn "));
        for (method, before) in methods {
            let name = method.split('(').next().unwrap_or_default();
            let endpoint = section
                .endpoints
                .iter()
                .find(|endpoint| name == endpoint.name || name == format!("{}_with", endpoint.name));
            let endpoint = endpoint.unwrap_or_else(|| panic!("{name} should be the method of an endpoint"));
            // No empty line is between a method and its attributes.
            let attributes = before.trim_end().rsplit("\n\n").next().unwrap_or_default();
            let is_deprecated = attributes.contains("#[deprecated(note") && attributes.ends_with(")]");
            assert_eq!(is_deprecated, endpoint.legacy.is_some(), "{}.{name}", section.name);
        }
    }
}

#[test]
fn the_readme_and_the_changelog_state_the_number_of_operations_and_sections() {
    let legacy = SERVICE.operations.iter().filter(|operation| operation.is_legacy).count();
    let current = SERVICE.operations.len() - legacy;
    let sections = schema::read_api().sections.len();
    let readme = fs::read_to_string(schema::repository_root().join("README.md")).unwrap();
    let claim = format!("{current} current and {legacy} legacy ones, in {sections} sections");
    assert!(readme.contains(&claim), "the README should contain: {claim}");
    let changelog = fs::read_to_string(schema::repository_root().join("CHANGELOG.md")).unwrap();
    let claim = format!("{current} current and {legacy} legacy operations in {sections} sections");
    assert!(changelog.contains(&claim), "the changelog should contain: {claim}");
}
