//! Syntax to the [`model`](crate::model): names are resolved, shapes are proved readable, examples are matched.
//!
//! The only step that can refuse. It goes on after whatever it finds, so that all of it comes at once; what has been
//! reported is not reported again by what depends on it. In reading order:
//!
//! - `context`: what the whole schema declares, and what has been found.
//! - `declare`: names are unique, good Rust, and used.
//! - `styles`, `fields`, `shapes`, `types`, `paths`, `pages`, `endpoints`: the parts of the model.
//! - `requests`, `routes`, `legacy`, `docs`: rules that hold across them.
//! - `samples`, `examples`: examples against shapes, at the end.

mod context;
mod declare;
mod docs;
mod endpoints;
mod examples;
mod fields;
mod legacy;
mod pages;
mod paths;
mod requests;
mod routes;
mod samples;
mod shapes;
mod styles;
mod types;

use context::{Context, Input};
use endpoints::Surroundings;

use crate::diagnostic::{Diagnostic, Diagnostics, Errors, Report};
use crate::model::{Api, DataType, Endpoint, Enum, EnumRef, EnumValue, Id, IdRef, Section, SectionRef, Style, TypeRef};
use crate::parse::{self, syntax};
use crate::source::{Source, Span};

/// Reads a schema. The order of the sources does not matter.
///
/// # Errors
///
/// Everything that is to be different in the schema, in all files at once. What a file cannot be told from, because
/// another is not even XML, is left out.
pub fn check(sources: &[Source]) -> Result<Api, Diagnostics> {
    let mut sources = sources.to_vec();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    match read(&sources) {
        Ok(api) => Ok(api),
        Err(found) => Err(Diagnostics::new(sources, found)),
    }
}

fn read(sources: &[Source]) -> Result<Api, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let texts: Vec<_> = sources.iter().map(|source| parse::without_prologs(&source.text)).collect();
    let documents: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(file, text)| parse::document(text, &mut Report { file, source: text, diagnostics: &mut found }))
        .collect();
    let mut files = Vec::new();
    for (file, (text, document)) in texts.iter().zip(&documents).enumerate() {
        let report = &mut Report { file, source: text, diagnostics: &mut found };
        let parsed = document.as_ref().and_then(|document| parse::file(document.root_element(), report));
        files.extend(parsed.map(|parsed| (file, parsed)));
    }
    let input = input(sources, &files, &mut found);
    let mut cx = Context::new(&input, found);
    let api = api(&mut cx);
    let found: Vec<Diagnostic> = cx.found.into_iter().chain(cx.late).collect();
    match api.filter(|_| found.is_empty()) {
        Some(api) => Ok(api),
        None => Err(found),
    }
}

fn input<'s>(sources: &'s [Source], files: &'s [(usize, syntax::File<'s>)], found: &mut Vec<Diagnostic>) -> Input<'s> {
    let whole = files.len() == sources.len();
    let (mut api, mut sections) = (None, Vec::new());
    for (file, parsed) in files {
        match parsed {
            syntax::File::Section(section) => sections.push((*file, section)),
            syntax::File::Api(first) if api.is_none() => api = Some(first),
            syntax::File::Api(second) => {
                let error = found.error(second.tag, "there is a second `<api>`");
                error.help("one file has it; all others are a `<section>` each");
            }
        }
    }
    if api.is_none() && whole {
        let nowhere = Span { file: usize::MAX, start: 0, end: 0 };
        found
            .error(nowhere, "no file of this schema has the root `<api>`")
            .help("it says the service's name, host and styles");
    }
    Input { sources, api, sections, whole }
}

/// Builds the model. Nothing if there is no `<api>`.
fn api(cx: &mut Context<'_>) -> Option<Api> {
    declare::declare(cx);
    let input = cx.input;
    let styles: Vec<Style> =
        input.api.iter().flat_map(|api| &api.styles).map(|style| styles::style(cx, style)).collect();
    let mut types = types::data_types(cx);
    let sound = samples::sound_types(cx);
    let sections = sections(cx, &styles, &types, &sound);
    types::check_places(cx, &types, &sound);
    reach(&sections, &mut types);
    rules(cx, &styles, &types, &sections);
    let mut api = input.api.map(|syntax| Api {
        name: syntax.name.text.clone(),
        host: syntax.host.text.clone(),
        doc: text(&syntax.doc),
        path: input.sources.get(syntax.tag.file).map(|source| source.path.clone()).unwrap_or_default(),
        limits: styles::limits(syntax),
        styles,
        bearer: syntax.bearer.clone(),
        issuer: syntax.issuer.clone(),
        ids: ids(cx),
        enums: enums(cx),
        types,
        sections,
    });
    if let Some(api) = &mut api {
        samples::hold(cx, api);
    }
    docs::missing(cx);
    declare::unused(cx);
    api
}

fn text(text: &Option<syntax::Text>) -> String {
    text.as_ref().map(|text| text.text.clone()).unwrap_or_default()
}

fn ids(cx: &Context<'_>) -> Vec<Id> {
    let sections = cx.input.sections.iter().enumerate();
    let ids = sections.flat_map(|(section, (_, syntax))| syntax.ids.iter().map(move |id| (SectionRef(section), id)));
    ids.map(|(section, id)| Id { name: id.name.text.clone(), doc: text(&id.doc), section }).collect()
}

fn enums(cx: &Context<'_>) -> Vec<Enum> {
    let sections = cx.input.sections.iter().enumerate();
    let enums =
        sections.flat_map(|(section, (_, syntax))| syntax.enums.iter().map(move |found| (SectionRef(section), found)));
    let value = |value: &syntax::Value| EnumValue {
        name: value.name.text.clone(),
        text: text(&value.text),
        doc: text(&value.doc),
    };
    enums
        .map(|(section, found)| Enum {
            name: found.name.text.clone(),
            doc: text(&found.doc),
            section,
            values: found.values.iter().map(value).collect(),
        })
        .collect()
}

fn sections(cx: &mut Context<'_>, styles: &[Style], types: &[DataType], sound: &[bool]) -> Vec<Section> {
    let mut sections = Vec::new();
    let (mut ids, mut enums, mut data_types) = (0, 0, 0);
    let next = |count: &mut usize, more: usize| {
        let first = *count;
        *count += more;
        first..*count
    };
    for (file, syntax) in &cx.input.sections {
        cx.style(&syntax.style);
        if let Some(limit) = &syntax.limit {
            cx.limit(limit);
        }
        let base = paths::base(cx, syntax.path.as_ref());
        let around = Surroundings { section: syntax, base: &base, styles, types, sound };
        let endpoints: Vec<Endpoint> =
            syntax.endpoints.iter().map(|endpoint| endpoints::endpoint(cx, &around, endpoint)).collect();
        sections.push(Section {
            name: syntax.name.text.clone(),
            doc: text(&syntax.doc),
            path: cx.input.sources.get(*file).map(|source| source.path.clone()).unwrap_or_default(),
            handle: base.handle.list,
            ids: next(&mut ids, syntax.ids.len()).map(IdRef).collect(),
            enums: next(&mut enums, syntax.enums.len()).map(EnumRef).collect(),
            types: next(&mut data_types, syntax.types.len()).map(TypeRef).collect(),
            endpoints,
        });
    }
    sections
}

/// Notes which types are in requests and which in answers.
fn reach(sections: &[Section], types: &mut [DataType]) {
    let endpoints = || sections.iter().flat_map(|section| &section.endpoints);
    let requests = types::reach(types, endpoints().flat_map(|endpoint| &endpoint.fields));
    let responses = types::reach(types, endpoints().filter_map(|endpoint| endpoint.response.value.as_ref()));
    for (index, found) in types.iter_mut().enumerate() {
        found.in_requests = requests.contains(&TypeRef(index));
        found.in_responses = responses.contains(&TypeRef(index));
    }
}

/// Checks what needs the whole model.
fn rules(cx: &mut Context<'_>, styles: &[Style], types: &[DataType], sections: &[Section]) {
    let input = cx.input;
    for (found, syntax) in types.iter().zip(input.sections.iter().flat_map(|(_, section)| &section.types)) {
        if let Some(shape) = syntax.shape.as_ref().filter(|_| found.in_requests) {
            requests::element(cx, shape, &found.fields);
        }
    }
    let mut routes = Vec::new();
    for (section, (_, syntax)) in sections.iter().zip(&input.sections) {
        for (endpoint, syntax) in section.endpoints.iter().zip(&syntax.endpoints) {
            if let Some(request) = &syntax.request {
                requests::elements(cx, &request.elements, &endpoint.fields);
            }
            more_methods(cx, section, endpoint, syntax);
            routes.extend(routes::entries(cx, styles, section, endpoint, syntax));
        }
    }
    routes::check(cx, &routes);
}

/// An endpoint with options has a second method for them, and one that comes in pages has methods for all of them: their
/// names must be free.
fn more_methods(cx: &mut Context<'_>, section: &Section, endpoint: &Endpoint, syntax: &syntax::Endpoint<'_>) {
    let options = |field: &crate::model::Field| {
        field.presence.is_optional() || field.presence == crate::model::Presence::ManyOrAbsent
    };
    for other in &section.endpoints {
        let Some(rest) = endpoint.name.strip_prefix(other.name.as_str()) else { continue };
        let what = match rest {
            "_with" if other.fields.iter().any(options) => "takes its options",
            "_all" | "_all_with" if other.pages.is_some() => "answers all its pages",
            _ => continue,
        };
        cx.error(syntax.name.span, format!("`{}` is the method of `{}` that {what}", endpoint.name, other.name))
            .help("take another name");
    }
}
