//! Names: that each is declared once, makes a good Rust name, and is used.

use std::collections::BTreeMap;

use super::context::{Context, Symbol};
use crate::diagnostic::Errors;
use crate::model::{EnumRef, IdRef, LimitRef, SectionRef, StyleRef, TypeRef};
use crate::names;
use crate::parse::syntax::{Enum, Section, Text};
use crate::source::Span;

/// Enters all that files can name in each other.
pub(super) fn declare(cx: &mut Context<'_>) {
    let input = cx.input;
    if let Some(api) = input.api {
        check_snake(cx, &api.name, "service");
        let mut seen = BTreeMap::new();
        for (index, limit) in api.limits.iter().enumerate() {
            if check_snake(cx, &limit.name, "limit") && first(cx, &mut seen, &limit.name, &limit.name.text, "limit") {
                cx.limits.insert(&limit.name.text, LimitRef(index));
            }
        }
        let mut seen = BTreeMap::new();
        for (index, style) in api.styles.iter().enumerate() {
            if check_snake(cx, &style.name, "style") && first(cx, &mut seen, &style.name, &style.name.text, "style") {
                cx.styles.insert(&style.name.text, StyleRef(index));
            }
        }
    }
    sections(cx);
    symbols(cx);
}

fn sections(cx: &mut Context<'_>) {
    let (mut seen, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for (index, (_, section)) in cx.input.sections.iter().enumerate() {
        check_snake(cx, &section.name, "section");
        if names::is_taken_section(&section.name.text) {
            cx.error(section.name.span, format!("`{}` cannot be the name of a section", section.name.text))
                .help("the bindings have a module or a method of this name");
        }
        if first(cx, &mut seen, &section.name, &section.name.text, "section") {
            cx.sections.insert(&section.name.text, SectionRef(index));
        }
        endpoints(cx, section, &mut operations);
    }
}

/// `operations` are those of all sections, by what they are called where they stand together.
fn endpoints(cx: &mut Context<'_>, section: &Section<'_>, operations: &mut BTreeMap<String, Span>) {
    let handle = names::camel(&section.name.text);
    let mut seen = BTreeMap::new();
    for endpoint in &section.endpoints {
        let name = &endpoint.name;
        let good = check_snake(cx, name, "endpoint");
        if name.text == "new" {
            cx.error(name.span, "`new` cannot be the name of an endpoint")
                .help("the function that makes a handle has this name; take `create`");
        } else if good && names::camel(&name.text) == handle {
            cx.error(
                name.span,
                format!("the struct of this endpoint would be `{handle}`, as is the handle of its section"),
            )
            .help("take another verb, such as `list`");
        } else if names::is_taken_operation(&names::camel(&name.text)) {
            cx.error(
                name.span,
                format!("the struct of this endpoint would be `{}`, as Rust has it", names::camel(&name.text)),
            )
            .help("take another verb");
        }
        let is_first = first(cx, &mut seen, name, &names::camel(&name.text), "endpoint");
        let operation = format!("{handle}{}", names::camel(&name.text));
        match operations.get(&operation).copied() {
            Some(other) if is_first && !handle.is_empty() => {
                let line = cx.line(other);
                cx.error(name.span, format!("section and endpoint together are `{operation}`, as another's are"))
                    .help(format!("the other is at {line}"));
            }
            _ => drop(operations.insert(operation, name.span)),
        }
    }
}

fn symbols(cx: &mut Context<'_>) {
    let (mut ids, mut enums, mut types) = (0.., 0.., 0..);
    let mut seen = BTreeMap::new();
    for (_, section) in &cx.input.sections {
        for id in &section.ids {
            let symbol = Symbol::Id(IdRef(ids.next().unwrap_or_default()));
            symbol_name(cx, &mut seen, &id.name, symbol);
        }
        for open_enum in &section.enums {
            let symbol = Symbol::Enum(EnumRef(enums.next().unwrap_or_default()));
            symbol_name(cx, &mut seen, &open_enum.name, symbol);
            values(cx, open_enum);
        }
        for data_type in &section.types {
            let symbol = Symbol::Type(TypeRef(types.next().unwrap_or_default()));
            symbol_name(cx, &mut seen, &data_type.name, symbol);
        }
    }
}

fn symbol_name<'s>(cx: &mut Context<'s>, seen: &mut BTreeMap<String, Span>, name: &'s Text, symbol: Symbol) {
    if name.is_missing() {
        return;
    }
    if !names::is_camel(&name.text) {
        let camel = names::camel(&name.text);
        let help = if names::is_camel(&camel) {
            format!("names of types are written as `{camel}`")
        } else {
            "names of types are words with a capital each, such as `PageId`".to_owned()
        };
        cx.error(name.span, format!("`{}` cannot be the name of a type", name.text)).help(help);
    } else if names::is_keyword(&name.text) || names::is_taken_type(&name.text) {
        cx.error(name.span, format!("`{}` cannot be the name of a type", name.text))
            .help("Rust or the bindings have something of this name");
    }
    if first(cx, seen, name, &name.text, "id, enum or type") {
        cx.symbols.insert(&name.text, symbol);
    }
}

fn values(cx: &mut Context<'_>, open_enum: &Enum) {
    let (mut seen, mut texts) = (BTreeMap::new(), BTreeMap::new());
    for value in &open_enum.values {
        let name = &value.name;
        if !name.is_missing() && !names::is_camel(&name.text) {
            let camel = names::camel(&name.text);
            let help = if names::is_camel(&camel) {
                format!("write `{camel}`")
            } else {
                "it is words with a capital each, such as `ToTop`".to_owned()
            };
            cx.error(name.span, format!("`{}` cannot be the name of a value", name.text)).help(help);
        } else if names::is_keyword(&name.text) {
            cx.error(name.span, format!("`{}` is a word that Rust has for itself", name.text))
                .help("take another name; what is sent does not depend on it");
        } else if name.text == "Other" {
            cx.error(name.span, "`Other` cannot be the name of a value").help(
                "it is the value that the bindings do not know; take another name, what is sent does not depend on it",
            );
        }
        first(cx, &mut seen, name, &names::camel(&name.text), "value");
        if let Some(text) = &value.text {
            if text.text.contains(char::is_control) {
                cx.error(text.span, "the text of this value has a line break or another control character in it")
                    .help("what stands for a value on the wire is a word or a few on one line");
            }
            first(cx, &mut texts, text, &text.text, "value with the text");
        }
    }
}

/// Whether a name is good for a module or a method. Says so if not.
fn check_snake(cx: &mut Context<'_>, name: &Text, noun: &str) -> bool {
    if name.is_missing() {
        return false;
    }
    if !names::is_snake(&name.text) {
        let snake = names::snake(&name.text);
        let help = if names::is_snake(&snake) {
            format!("write `{snake}`")
        } else {
            "it is lower-case words with `_` between them".to_owned()
        };
        cx.error(name.span, format!("`{}` cannot be the name of {} {noun}", name.text, article(noun))).help(help);
    } else if names::is_keyword(&name.text) {
        cx.error(name.span, format!("`{}` is a word that Rust has for itself", name.text))
            .help("take another name: users would have to write `r#` before this one");
    }
    true
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Whether the name is the first of its kind. Says so if not; `key` is what has to differ.
pub(super) fn first(
    cx: &mut Context<'_>,
    seen: &mut BTreeMap<String, Span>,
    name: &Text,
    key: &str,
    noun: &str,
) -> bool {
    if name.is_missing() {
        return false;
    }
    let Some(before) = seen.get(key).copied() else {
        seen.insert(key.to_owned(), name.span);
        return true;
    };
    let line = cx.line(before);
    cx.error(name.span, format!("there is a second {noun} `{}`", name.text)).help(format!("the first is at {line}"));
    false
}

/// Says what nobody uses.
pub(super) fn unused(cx: &mut Context<'_>) {
    if !cx.input.whole {
        return;
    }
    let mut unused: Vec<(Span, &str)> = Vec::new();
    let mut look = |name: &Text, noun: &'static str, used: bool| {
        if !used && !name.is_missing() {
            unused.push((name.span, noun));
        }
    };
    let symbol = |name: &Text| cx.symbols.get(name.text.as_str()).is_none_or(|symbol| cx.is_used(*symbol));
    for (_, section) in &cx.input.sections {
        section.ids.iter().for_each(|id| look(&id.name, "id", symbol(&id.name)));
        section.enums.iter().for_each(|open_enum| look(&open_enum.name, "enum", symbol(&open_enum.name)));
        section.types.iter().for_each(|data_type| look(&data_type.name, "type", symbol(&data_type.name)));
    }
    if let Some(api) = cx.input.api {
        let style = |name: &Text| cx.styles.get(name.text.as_str()).is_none_or(|style| cx.is_style_used(*style));
        let limit = |name: &Text| cx.limits.get(name.text.as_str()).is_none_or(|limit| cx.is_limit_used(*limit));
        api.styles.iter().for_each(|s| look(&s.name, "style", style(&s.name)));
        api.limits.iter().for_each(|l| look(&l.name, "limit", limit(&l.name)));
    }
    for (span, noun) in unused {
        cx.late
            .error(span, format!("this {noun} is not used"))
            .help("use it in a hole or an attribute, or take it away");
    }
}
