//! Checks a whole schema and builds the model.

use super::context::Context;
use super::routes::RouteTable;
use super::scope::{SectionScope, ValidTypes};
use super::{
    alternatives, changes, declare, docs, endpoints, examples, method_names, paths, requests, styles, targets, types,
};
use crate::diagnostic::Diagnostics;
use crate::model::{Api, DataType, Enum, EnumRef, EnumValue, Id, IdRef, Section, SectionRef, Style, TypeRef};
use crate::names::ReservedNames;
use crate::syntax::{self, Schema, text_or_empty};

/// Checks a parsed schema. Returns the model, and the warnings.
///
/// # Errors
///
/// Returns all errors in all files, including those found in parsing. If a file could not be parsed, mistakes that
/// depend on it are left out.
pub(crate) fn check_schema(mut schema: Schema, reserved: &ReservedNames) -> Result<(Api, Diagnostics), Diagnostics> {
    let sink = std::mem::take(&mut schema.sink);
    let mut cx = Context::new(&schema, reserved, sink);
    let api = check_api(&mut cx);
    let mut sink = cx.sink;
    sink.append(cx.secondary);
    let api = api.filter(|_| sink.is_empty());
    // A warning beside an error may be a consequence of it.
    sink.drop_warnings_if_invalid();
    let diagnostics = Diagnostics::new(schema.sources, sink);
    match api {
        Some(api) => Ok((api, diagnostics)),
        None => Err(diagnostics),
    }
}

/// Checks all parts of the schema, and builds the model. Returns `None` if there is no `<api>`.
fn check_api(cx: &mut Context<'_>) -> Option<Api> {
    declare::declare_names(cx);
    let schema = cx.schema;
    let styles = schema.api.iter().flat_map(|api| &api.styles);
    let styles: Vec<Style> = styles.map(|style| styles::check_style(cx, style)).collect();
    let enums = convert_enums(cx);
    let mut types = types::check_data_types(cx);
    let valid_types = examples::find_valid_types(cx);
    let sections = check_sections(cx, &styles, &types, &valid_types);
    types::check_type_uses(cx, &types, &valid_types);
    mark_directions(&sections, &mut types);
    check_rules(cx, &styles, &types, &sections);
    let mut api = schema.api.as_ref().map(|syntax| Api {
        name: syntax.name.text.clone(),
        host: syntax.host.text.clone(),
        doc: text_or_empty(syntax.doc.as_ref()),
        path: cx.source_path(syntax.tag),
        rate_limits: styles::convert_rate_limits(syntax),
        styles,
        bearer: syntax.bearer.clone(),
        issuer: syntax.issuer.clone(),
        requires_user_agent_contact: syntax.requires_user_agent_contact,
        sign_in_path: syntax.sign_in_path.clone(),
        ids: convert_ids(schema),
        enums,
        types,
        sections,
    });
    if let Some(api) = &mut api {
        examples::check_examples(cx, api);
    }
    docs::require_docs(cx);
    targets::report_unused_ids(cx, api.as_ref());
    declare::report_unused(cx);
    api
}

/// Converts the ids of all sections, in the order of their [`IdRef`]s.
fn convert_ids(schema: &Schema) -> Vec<Id> {
    let sections = schema.sections.iter().enumerate();
    let ids = sections.flat_map(|(section, syntax)| syntax.ids.iter().map(move |id| (SectionRef(section), id)));
    ids.map(|(section, id)| Id { name: id.name.text.clone(), doc: text_or_empty(id.doc.as_ref()), section }).collect()
}

/// Converts the enums of all sections, in the order of their [`EnumRef`]s.
fn convert_enums(cx: &mut Context<'_>) -> Vec<Enum> {
    let sections = cx.schema.sections.iter().enumerate();
    let enums = sections
        .flat_map(|(section, syntax)| syntax.enums.iter().map(move |open_enum| (SectionRef(section), open_enum)));
    let mut convert_value = |value: &syntax::EnumValue| EnumValue {
        name: value.name.text.clone(),
        text: text_or_empty(value.text.as_ref()),
        id: value.id.as_ref().and_then(|id| targets::resolve_id(cx, id)),
        doc: text_or_empty(value.doc.as_ref()),
    };
    enums
        .map(|(section, open_enum)| Enum {
            name: open_enum.name.text.clone(),
            doc: text_or_empty(open_enum.doc.as_ref()),
            section,
            values: open_enum.values.iter().map(&mut convert_value).collect(),
        })
        .collect()
}

/// Checks the sections with their endpoints.
fn check_sections(
    cx: &mut Context<'_>,
    styles: &[Style],
    types: &[DataType],
    valid_types: &ValidTypes,
) -> Vec<Section> {
    let mut sections = Vec::new();
    let (mut id_count, mut enum_count, mut type_count) = (0, 0, 0);
    // Ids, enums and data types are numbered across all sections.
    let next_range = |count: &mut usize, more: usize| {
        let first = *count;
        *count += more;
        first..*count
    };
    for syntax in &cx.schema.sections {
        cx.resolve_style(&syntax.style);
        if let Some(rate_limit) = &syntax.rate_limit {
            cx.resolve_rate_limit(rate_limit);
        }
        let section_path = paths::check_section_path(cx, syntax.path.as_ref());
        let scope = SectionScope { section: syntax, section_path: &section_path, styles, types, valid_types };
        let endpoints = syntax.endpoints.iter().map(|endpoint| endpoints::check_endpoint(cx, &scope, endpoint));
        let endpoints = endpoints.collect();
        sections.push(Section {
            name: syntax.name.text.clone(),
            doc: text_or_empty(syntax.doc.as_ref()),
            path: cx.source_path(syntax.name.span),
            handle: section_path.handle.into_fields(),
            ids: next_range(&mut id_count, syntax.ids.len()).map(IdRef).collect(),
            enums: next_range(&mut enum_count, syntax.enums.len()).map(EnumRef).collect(),
            types: next_range(&mut type_count, syntax.types.len()).map(TypeRef).collect(),
            endpoints,
        });
    }
    sections
}

/// Marks the types that occur in requests, and those that occur in responses.
fn mark_directions(sections: &[Section], types: &mut [DataType]) {
    let endpoints = || sections.iter().flat_map(|section| &section.endpoints);
    let requests = types::find_reachable(types, endpoints().flat_map(|endpoint| &endpoint.fields));
    let responses = types::find_reachable(types, endpoints().filter_map(|endpoint| endpoint.response.value.as_ref()));
    for (index, data_type) in types.iter_mut().enumerate() {
        data_type.in_requests = requests.contains(&TypeRef(index));
        data_type.in_responses = responses.contains(&TypeRef(index));
    }
}

/// Checks the rules that depend on all sections.
fn check_rules(cx: &mut Context<'_>, styles: &[Style], types: &[DataType], sections: &[Section]) {
    let schema = cx.schema;
    for (data_type, syntax) in types.iter().zip(schema.types()) {
        alternatives::check_alternatives(cx, syntax, data_type);
        let Some(shape) = &syntax.shape else { continue };
        if data_type.in_requests {
            requests::check_element(cx, shape, &data_type.fields);
        }
        if data_type.in_responses {
            changes::reject_changes(cx, std::slice::from_ref(shape));
        }
    }
    for (section, section_syntax) in sections.iter().zip(&schema.sections) {
        for (endpoint, syntax) in section.endpoints.iter().zip(&section_syntax.endpoints) {
            if let Some(request) = &syntax.request {
                requests::check_elements(cx, &request.elements, &endpoint.fields);
            }
            if let Some(response) = &syntax.response {
                changes::reject_changes(cx, &response.payload.elements);
            }
            method_names::check_method_name(cx, section, endpoint, syntax);
        }
    }
    RouteTable::new(cx, styles, sections).report_overlaps(cx);
    styles::report_unused_empty_lists(cx, sections);
}
