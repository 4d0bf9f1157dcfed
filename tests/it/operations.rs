//! What each operation is besides its XML, in one table: a change of a rate, a retry class or a failure shows here.

use std::fs;

use backpack_api::SERVICE;
use backpack_api::runtime::service::{self, Operation, Part};
use xmlwire_codegen::model::{EnvelopePart, Example, Header, Legacy, TokenSegment};
use backpack_tests::schema;

/// `notes.create  POST /ws/page/{page_id}/notes/create  ws  all  unsafe  200  404 500`
fn row(operation: &Operation) -> String {
    let fails: Vec<String> = operation.fails.iter().map(|(status, _)| status.to_string()).collect();
    format!(
        "{:<34}{:<6} {:<62} {:<10} {:<9} {:<11} {}  {}",
        operation.name,
        operation.method.as_str(),
        operation.path,
        operation.style.name,
        operation.limit.map_or("-", |limit| limit.name),
        format!("{:?}", operation.retry).to_lowercase(),
        operation.status,
        fails.join(" "),
    )
}

#[test]
fn what_each_operation_is() {
    let api = schema::api();
    let mut table = String::new();
    for section in &api.sections {
        for endpoint in &section.endpoints {
            let name = format!("{}.{}", section.name, endpoint.name);
            let operation =
                SERVICE.operations.iter().find(|operation| operation.name == name).expect("every operation");
            let instead = endpoint.legacy.as_ref().map(|legacy| match legacy {
                Legacy::None => "  legacy, without a replacement".to_owned(),
                Legacy::Section(of) => format!("  legacy: {}", api.sections[of.0].name),
                Legacy::Endpoint(of, index) => {
                    let section = &api.sections[of.0];
                    format!("  legacy: {}.{}", section.name, section.endpoints[*index].name)
                }
            });
            assert_eq!(operation.legacy, instead.is_some(), "{name}");
            table.push_str(&row(operation));
            table.push_str(&instead.unwrap_or_default());
            table.push('\n');
        }
    }
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("operations", table);
    });
}

/// An envelope as one text: `<request><token>{token}</token>{payload}</request>`.
fn envelope_of_schema(parts: &[EnvelopePart]) -> String {
    let attributes = |attributes: &[(String, String)]| -> String {
        attributes.iter().map(|(name, value)| format!(" {name}=\"{value}\"")).collect()
    };
    let part = |part: &EnvelopePart| match part {
        EnvelopePart::Open(name, literals) => format!("<{name}{}>", attributes(literals)),
        EnvelopePart::Empty(name, literals) => format!("<{name}{}/>", attributes(literals)),
        EnvelopePart::Close(name) => format!("</{name}>"),
        EnvelopePart::Token(name) => format!("<{name}>{{token}}</{name}>"),
        EnvelopePart::Payload => "{payload}".to_owned(),
    };
    parts.iter().map(part).collect()
}

fn envelope_of_bindings(parts: &[Part]) -> String {
    let part = |part: &Part| match part {
        Part::Xml(text) => (*text).to_owned(),
        Part::Token(name) => format!("<{name}>{{token}}</{name}>"),
        Part::Payload => "{payload}".to_owned(),
    };
    parts.iter().map(part).collect()
}

#[test]
fn carriers_and_envelopes_are_those_of_the_schema() {
    let api = schema::api();
    assert_eq!(SERVICE.styles.len(), api.styles.len());
    for (style, schema) in SERVICE.styles.iter().zip(&api.styles) {
        assert_eq!(style.name, schema.name);
        let header =
            |name: &str, before: &str, after: &str| format!("{}: {before}{{token}}{after}", name.to_lowercase());
        let in_schema = |of: &Header| header(&of.name, &of.before, &of.after);
        let in_bindings = |of: service::Header| header(of.name, of.before, of.after);
        assert_eq!(style.header.map(in_bindings), schema.header.as_ref().map(in_schema), "{}", schema.name);
        assert_eq!(style.bearer.map(in_bindings), api.bearer.as_ref().map(in_schema), "{}", schema.name);
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
        let request = style.request.map(|envelope| envelope_of_bindings(envelope.parts));
        assert_eq!(request, schema.request.as_deref().map(envelope_of_schema), "{}", schema.name);
        let response = style.response.map(|envelope| format!("{}{{payload}}{}", envelope.before, envelope.after));
        assert_eq!(response, schema.response.as_deref().map(envelope_of_schema), "{}", schema.name);
    }
}

#[test]
fn what_an_operation_says_and_answers_is_in_an_example() {
    let api = schema::api();
    let endpoints =
        api.sections.iter().flat_map(|section| section.endpoints.iter().map(move |endpoint| (section, endpoint)));
    let lacking = endpoints.filter(|(_, endpoint)| {
        let example = |has: &dyn Fn(&Example) -> bool| endpoint.examples.iter().any(has);
        let request = endpoint.request.is_none() || example(&|example| example.request.is_some());
        let response = endpoint.response.value.is_none() || example(&|example| example.response.is_some());
        !(request && response && example(&|example| example.written))
    });
    let names: Vec<_> = lacking.map(|(section, endpoint)| format!("{}.{}", section.name, endpoint.name)).collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn methods_of_legacy_operations_are_deprecated_and_no_others() {
    let api = schema::api();
    for section in &api.sections {
        let path = schema::root().join(format!("generated/src/api/{}.rs", section.name));
        let text = fs::read_to_string(path).unwrap();
        let methods = text.split("pub async fn ").skip(1).zip(text.split("pub async fn "));
        for (method, before) in methods {
            let name = method.split('(').next().unwrap_or_default();
            let endpoint = section
                .endpoints
                .iter()
                .find(|endpoint| name == endpoint.name || name == format!("{}_with", endpoint.name));
            let endpoint = endpoint.unwrap_or_else(|| panic!("{name} is the method of an endpoint"));
            let marked = before.trim_end().ends_with(")]") && before.contains("#[deprecated(note");
            let last = before.trim_end().rsplit("\n\n").next().unwrap_or_default();
            assert_eq!(marked && last.contains("#[deprecated"), endpoint.legacy.is_some(), "{}.{name}", section.name);
        }
    }
}

#[test]
fn the_readme_counts_right() {
    let legacy = SERVICE.operations.iter().filter(|operation| operation.legacy).count();
    let (current, sections) = (SERVICE.operations.len() - legacy, schema::api().sections.len());
    let readme = fs::read_to_string(schema::root().join("README.md")).unwrap();
    let claim = format!("{current} current ones and {legacy} legacy ones, in {sections} sections");
    assert!(readme.contains(&claim), "the readme does not say: {claim}");
}
