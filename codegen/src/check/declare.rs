//! Declared names: each is unique, a valid Rust name, and used.

use std::collections::BTreeMap;

use super::context::{Context, Symbol};
use crate::model::{EnumRef, IdRef, RateLimitRef, SectionRef, StyleRef, TypeRef};
use crate::names;
use crate::source::Span;
use crate::syntax::{Enum, Section, Text};

/// Names declared so far, with their positions.
pub(super) type SeenNames = BTreeMap<String, Span>;

/// Adds to the context all declarations that other files can refer to. Reports names that are invalid or duplicate.
pub(super) fn declare_names(cx: &mut Context<'_>) {
    if let Some(api) = &cx.schema.api {
        check_snake_case(cx, &api.name, "service");
        let mut seen = SeenNames::new();
        for (index, rate_limit) in api.rate_limits.iter().enumerate() {
            let name = &rate_limit.name;
            if check_snake_case(cx, name, "rate limit") && check_unique(cx, &mut seen, name, &name.text, "rate limit") {
                cx.rate_limits.insert(&name.text, RateLimitRef(index));
            }
        }
        let mut seen = SeenNames::new();
        for (index, style) in api.styles.iter().enumerate() {
            let name = &style.name;
            if check_snake_case(cx, name, "style") && check_unique(cx, &mut seen, name, &name.text, "style") {
                cx.styles.insert(&name.text, StyleRef(index));
            }
        }
    }
    declare_sections(cx);
    declare_symbols(cx);
}

/// Adds the sections to the context, and checks the names of their endpoints.
fn declare_sections(cx: &mut Context<'_>) {
    let (mut seen, mut operations) = (SeenNames::new(), SeenNames::new());
    for (index, section) in cx.schema.sections.iter().enumerate() {
        let name = &section.name;
        check_snake_case(cx, name, "section");
        if cx.reserved.has_section(&name.text) {
            cx.error(name.span, format!("`{}` cannot be the name of a section", name.text))
                .help("choose another name: the bindings have a module or a method of this name");
        }
        if check_unique(cx, &mut seen, name, &name.text, "section") {
            cx.sections.insert(&name.text, SectionRef(index));
        }
        check_endpoint_names(cx, section, &mut operations);
    }
}

/// Checks the names of a section's endpoints. `operations` has the names of the operations so far, each composed of the
/// names of section and endpoint.
fn check_endpoint_names(cx: &mut Context<'_>, section: &Section, operations: &mut SeenNames) {
    let handle = names::to_camel(&section.name.text);
    let mut seen = SeenNames::new();
    for endpoint in &section.endpoints {
        let name = &endpoint.name;
        let struct_name = names::to_camel(&name.text);
        let is_present = check_snake_case(cx, name, "endpoint");
        if name.text == "new" {
            cx.error(name.span, "`new` cannot be the name of an endpoint")
                .help("the constructor of a handle is called `new`; choose another name, such as `create`");
        } else if is_present && struct_name == handle {
            cx.error(
                name.span,
                format!("the struct of this endpoint and the handle of its section are both `{handle}`"),
            )
            .help("choose another verb, such as `list`");
        } else if names::is_reserved_operation(&struct_name) {
            cx.error(name.span, format!("the struct of this endpoint would hide Rust's `{struct_name}`"))
                .help("choose another verb");
        }
        let is_first = check_unique(cx, &mut seen, name, &struct_name, "endpoint");
        let operation = format!("{handle}{struct_name}");
        // The endpoint `b_c` of the section `a` and the endpoint `c` of the section `a_b` are both the operation `ABC`.
        match operations.get(&operation).copied() {
            Some(other) if is_first && !handle.is_empty() => {
                let line = cx.line(other);
                cx.error(
                    name.span,
                    format!("duplicate operation `{operation}`: the names of section and endpoint are joined"),
                )
                .help(format!("the first is at {line}"));
            }
            Some(_) => {}
            None => {
                operations.insert(operation, name.span);
            }
        }
    }
}

/// Adds the ids, enums and data types to the context. Each kind is numbered across all sections.
fn declare_symbols(cx: &mut Context<'_>) {
    let (mut id_count, mut enum_count, mut type_count) = (0, 0, 0);
    let mut seen = SeenNames::new();
    for section in &cx.schema.sections {
        for id in &section.ids {
            declare_symbol(cx, &mut seen, &id.name, Symbol::Id(IdRef(id_count)));
            id_count += 1;
        }
        for open_enum in &section.enums {
            declare_symbol(cx, &mut seen, &open_enum.name, Symbol::Enum(EnumRef(enum_count)));
            enum_count += 1;
            check_enum_values(cx, open_enum);
        }
        for data_type in &section.types {
            declare_symbol(cx, &mut seen, &data_type.name, Symbol::Type(TypeRef(type_count)));
            type_count += 1;
            // No hole refers to the enum of a target.
            if let Some(target) = &data_type.target {
                check_type_name(cx, &mut seen, &target.name);
            }
        }
    }
}

/// Adds an id, an enum or a data type to the context, and reports a name that it cannot have. An invalid name is
/// declared too, so that its uses are not reported as unknown.
fn declare_symbol<'s>(cx: &mut Context<'s>, seen: &mut SeenNames, name: &'s Text, symbol: Symbol) {
    if check_type_name(cx, seen, name) {
        cx.symbols.insert(&name.text, symbol);
    }
}

/// Reports a name that a type of the bindings cannot have. Returns `false` if the name is missing or duplicate.
fn check_type_name(cx: &mut Context<'_>, seen: &mut SeenNames, name: &Text) -> bool {
    if name.is_missing() {
        return false;
    }
    if !names::is_camel(&name.text) {
        let camel = names::to_camel(&name.text);
        let help = if names::is_camel(&camel) {
            format!("write `{camel}`: type names are in camel case")
        } else {
            "type names are capitalized words, such as `PageId`".to_owned()
        };
        cx.error(name.span, format!("`{}` cannot be the name of a type", name.text)).help(help);
    } else if names::is_keyword(&name.text) || cx.reserved.has_type(&name.text) {
        cx.error(name.span, format!("`{}` cannot be the name of a type", name.text))
            .help("choose another name: Rust or the bindings have an item of this name");
    }
    check_unique(cx, seen, name, &name.text, "id, enum or type")
}

/// Checks the names and texts of an enum's values: both are unique and valid.
fn check_enum_values(cx: &mut Context<'_>, open_enum: &Enum) {
    let (mut seen, mut texts) = (SeenNames::new(), SeenNames::new());
    for value in &open_enum.values {
        let name = &value.name;
        if !name.is_missing() && !names::is_camel(&name.text) {
            let camel = names::to_camel(&name.text);
            let help = if names::is_camel(&camel) {
                format!("write `{camel}`")
            } else {
                "names of values are capitalized words, such as `ToTop`".to_owned()
            };
            cx.error(name.span, format!("`{}` cannot be the name of a value", name.text)).help(help);
        } else if names::is_keyword(&name.text) {
            cx.error(name.span, format!("`{}` is a Rust keyword", name.text))
                .help("choose another name; the text on the wire stays the same");
        } else if name.text == "Other" {
            cx.error(name.span, "`Other` cannot be the name of a value").help(
                "`Other` holds values that the schema does not list; choose another name, the text on the wire stays the same",
            );
        }
        check_unique(cx, &mut seen, name, &names::to_camel(&name.text), "value");
        if let Some(text) = &value.text {
            if text.text.contains(char::is_control) {
                cx.error(text.span, "the text of a value cannot contain control characters")
                    .help("write words on one line");
            }
            check_unique(cx, &mut texts, text, &text.text, "value with the text");
        }
    }
}

/// Reports a name that is not in snake case, or is a keyword. Returns `false` only if the name is missing: an
/// invalid name is declared too, so that its uses are not reported as unknown.
fn check_snake_case(cx: &mut Context<'_>, name: &Text, noun: &str) -> bool {
    if name.is_missing() {
        return false;
    }
    if !names::is_snake(&name.text) {
        let snake = names::to_snake(&name.text);
        let help = if names::is_snake(&snake) {
            format!("write `{snake}`")
        } else {
            "write lower-case words with `_` between them".to_owned()
        };
        cx.error(name.span, format!("`{}` cannot be the name of {} {noun}", name.text, choose_article(noun)))
            .help(help);
    } else if names::is_keyword(&name.text) {
        cx.error(name.span, format!("`{}` is a Rust keyword", name.text))
            .help("choose another name: users would have to write `r#` before this one");
    }
    true
}

/// Returns the indefinite article of a noun.
fn choose_article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Reports a name whose `key` is in `seen`, and returns `false`. Otherwise, adds the key to `seen` and returns `true`.
/// Returns `false` for a missing name, which has been reported.
pub(super) fn check_unique(cx: &mut Context<'_>, seen: &mut SeenNames, name: &Text, key: &str, noun: &str) -> bool {
    if name.is_missing() {
        return false;
    }
    let Some(first) = seen.get(key).copied() else {
        seen.insert(key.to_owned(), name.span);
        return true;
    };
    let line = cx.line(first);
    cx.error(name.span, format!("duplicate {noun} `{}`", name.text)).help(format!("the first is at {line}"));
    false
}

/// Reports declarations that are not used, if all uses are known.
pub(super) fn report_unused(cx: &mut Context<'_>) {
    if !cx.knows_all_uses() {
        return;
    }
    let mut unused: Vec<(Span, &str)> = Vec::new();
    let mut add_unused = |name: &Text, noun: &'static str, is_used: bool| {
        if !is_used && !name.is_missing() {
            unused.push((name.span, noun));
        }
    };
    // A name that could not be declared has been reported.
    let is_symbol_used =
        |name: &Text| cx.symbols.get(name.text.as_str()).is_none_or(|symbol| cx.is_symbol_used(*symbol));
    for section in &cx.schema.sections {
        section.ids.iter().for_each(|id| add_unused(&id.name, "id", is_symbol_used(&id.name)));
        section.enums.iter().for_each(|open_enum| add_unused(&open_enum.name, "enum", is_symbol_used(&open_enum.name)));
        section.types.iter().for_each(|data_type| add_unused(&data_type.name, "type", is_symbol_used(&data_type.name)));
    }
    for style in cx.schema.api.iter().flat_map(|api| &api.styles) {
        let is_used = cx.styles.get(style.name.text.as_str()).is_none_or(|style| cx.is_style_used(*style));
        add_unused(&style.name, "style", is_used);
    }
    for rate_limit in cx.schema.api.iter().flat_map(|api| &api.rate_limits) {
        let declared = cx.rate_limits.get(rate_limit.name.text.as_str());
        let is_used = declared.is_none_or(|rate_limit| cx.is_rate_limit_used(*rate_limit));
        add_unused(&rate_limit.name, "rate limit", is_used);
    }
    for (span, noun) in unused {
        cx.secondary.error(span, format!("unused {noun}")).help("use it in a hole or an attribute, or remove it");
    }
}
