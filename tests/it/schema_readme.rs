//! The blocks of `schema/README.md`: each is checked as it stands, and each mistake is refused in the words beside it.
//!
//! A block is a whole file (`<api>` or `<section>`), or a part of one, and then stands in a section of the real
//! `schema/api.xml` or in an `<api>`. What would be unused gets endpoints that use it: styles, and the types of a part
//! without endpoints. A block marked `mistake` is followed by a text block with what the checker says.

use xmlwire_codegen::{Source, check};

const README: &str = include_str!("../../schema/README.md");
const API: &str = include_str!("../../schema/api.xml");
const PRELUDE: &str = include_str!("schema_readme_prelude.xml");

/// A fenced block: its number of line, what stands after the fence, and its text.
struct Block {
    line: usize,
    info: &'static str,
    text: String,
}

#[test]
fn every_block_is_what_the_checker_takes() {
    let wrong: Vec<String> = blocks()
        .iter()
        .filter(|block| block.info == "xml")
        .filter_map(|block| refusal(&block.text).map(|said| format!("schema/README.md:{}\n{said}", block.line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_mistake_is_refused_in_the_words_beside_it() {
    let blocks = blocks();
    let mistakes: Vec<_> = blocks.windows(2).filter(|pair| pair[0].info == "xml mistake").collect();
    assert!(!mistakes.is_empty(), "no mistakes found");
    let wrong: Vec<String> = mistakes.iter().filter_map(|pair| other_words(&pair[0], &pair[1])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_block_is_of_a_kind_that_is_tested() {
    let blocks = blocks();
    let odd: Vec<_> =
        blocks.iter().filter(|block| !["xml", "xml mistake", "text", "http"].contains(&block.info)).collect();
    assert!(odd.is_empty(), "blocks marked {:?}", odd.iter().map(|block| (block.line, block.info)).collect::<Vec<_>>());
    assert!(blocks.iter().filter(|block| block.info == "xml").count() > 10, "blocks are missing");
}

/// What differs between what the checker says about a mistake and what the README says it says.
fn other_words(mistake: &Block, beside: &Block) -> Option<String> {
    let said = refusal(&mistake.text).unwrap_or_else(|| "(taken)".to_owned());
    let same = beside.info == "text" && said.trim_end() == beside.text.trim_end();
    (!same).then(|| format!("schema/README.md:{}\n{said}", mistake.line))
}

/// What the checker says about a block; `None` if it takes it.
fn refusal(block: &str) -> Option<String> {
    check(&sources(block)).err().map(|diagnostics| diagnostics.to_string())
}

fn sources(block: &str) -> Vec<Source> {
    let (api, section) = match top_elements(block).first().copied() {
        Some("api") => return vec![source("api", block), source("uses", &style_uses(block))],
        Some("limit" | "style" | "bearer") => return sources(&in_api(block)),
        Some("section") => (API, source(attribute(block), block)),
        _ => (API, source("sample", &in_section(block))),
    };
    vec![source("api", api), source("pages", PRELUDE), source("uses", &style_uses(api)), section]
}

fn source(name: &str, text: &str) -> Source {
    Source { path: format!("schema/{name}.xml"), text: text.to_owned() }
}

/// Names of the elements that are in no other: they start a line.
fn top_elements(block: &str) -> Vec<&str> {
    let starts = block.lines().filter_map(|line| line.strip_prefix('<'));
    let names = starts.filter_map(|rest| rest.split([' ', '>', '/']).next());
    names.filter(|name| !name.is_empty()).collect()
}

/// The value of the first attribute, which in a section and a type is the name.
fn attribute(element: &str) -> &str {
    element.split('"').nth(1).unwrap_or_default()
}

fn in_api(block: &str) -> String {
    format!("<api name=\"sample\" host=\"https://example.com\"><doc>A sample.</doc>\n{block}</api>")
}

fn in_section(block: &str) -> String {
    let uses = if top_elements(block).contains(&"endpoint") { String::new() } else { type_uses(block) };
    format!("<section name=\"sample\" style=\"ws\"><doc>A sample.</doc>\n{block}{uses}</section>")
}

/// An endpoint for each type of a block.
fn type_uses(block: &str) -> String {
    let types = block.lines().filter(|line| line.starts_with("<type ")).map(attribute);
    types.map(|name| endpoint(name, "ws", &format!("<response><it>{{it: {name}}}</it></response>"))).collect()
}

/// A section with an endpoint for each style of an API.
fn style_uses(api: &str) -> String {
    let styles = api.lines().map(str::trim_start).filter(|line| line.starts_with("<style ")).map(attribute);
    let endpoints: String = styles.map(|style| endpoint(style, style, "")).collect();
    let first = attribute(api.split("<style").nth(1).unwrap_or_default());
    format!("<section name=\"uses\" style=\"{first}\"><doc>Uses the styles.</doc>{endpoints}</section>")
}

fn endpoint(name: &str, style: &str, answer: &str) -> String {
    let path = format!("/use/{name}");
    format!(
        "<endpoint name=\"use_{}\" method=\"GET\" style=\"{style}\" path=\"{path}\"><doc>Uses it.</doc>\
         {answer}<example path=\"{path}\"/></endpoint>\n",
        name.to_lowercase()
    )
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (at, line) in README.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { line: at + 1, info, text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}
