//! The blocks of `schema/README.md`: the checker accepts each XML block, and rejects each mistake with the error beside it.
//!
//! A block is a whole file (`<api>` or `<section>`) or a part of one. A part is put into an `<api>`, or into a section
//! beside the real `schema/api.xml`. Since the checker rejects unused declarations, styles and the types of a part without
//! endpoints get endpoints that use them. A block marked `mistake` is followed by a text block with the checker's output.

use xmlwire_codegen::{Source, check};

const README: &str = include_str!("../../schema/README.md");
const API: &str = include_str!("../../schema/api.xml");
const PRELUDE: &str = include_str!("schema_readme_prelude.xml");

/// A fenced block.
struct Block {
    /// Number of its first line.
    line: usize,
    /// Text after the opening fence.
    info: &'static str,
    text: String,
}

#[test]
fn the_checker_accepts_every_block() {
    let wrong: Vec<String> = read_blocks()
        .iter()
        .filter(|block| block.info == "xml")
        .filter_map(|block| check_block(&block.text).map(|error| format!("schema/README.md:{}\n{error}", block.line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_checker_rejects_every_mistake_with_the_error_beside_it() {
    let blocks = read_blocks();
    let mistakes: Vec<_> = blocks.windows(2).filter(|pair| pair[0].info == "xml mistake").collect();
    assert!(!mistakes.is_empty(), "no mistakes found");
    let wrong: Vec<String> = mistakes.iter().filter_map(|pair| compare_error(&pair[0], &pair[1])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_block_has_a_language_that_is_tested() {
    let blocks = read_blocks();
    let untested: Vec<_> =
        blocks.iter().filter(|block| !["xml", "xml mistake", "text", "http"].contains(&block.info)).collect();
    assert!(
        untested.is_empty(),
        "blocks marked {:?}",
        untested.iter().map(|block| (block.line, block.info)).collect::<Vec<_>>()
    );
    assert!(blocks.iter().filter(|block| block.info == "xml").count() > 10, "blocks are missing");
}

/// Compares the checker's output for a mistake with the block after it. Returns the actual output if they differ.
fn compare_error(mistake: &Block, expected: &Block) -> Option<String> {
    let actual = check_block(&mistake.text).unwrap_or_else(|| "(accepted)".to_owned());
    let is_same = expected.info == "text" && actual.trim_end() == expected.text.trim_end();
    (!is_same).then(|| format!("schema/README.md:{}\n{actual}", mistake.line))
}

/// Returns the checker's output for a block. `None` if it accepts the block.
fn check_block(block: &str) -> Option<String> {
    check(&sources_for(block)).err().map(|diagnostics| diagnostics.to_string())
}

/// Returns the schema files that a block is checked in.
fn sources_for(block: &str) -> Vec<Source> {
    let (api, section) = match top_elements(block).first().copied() {
        Some("api") => return vec![source_file("api", block), source_file("uses", &use_styles(block))],
        Some("limit" | "style" | "bearer") => return sources_for(&wrap_in_api(block)),
        Some("section") => (API, source_file(first_attribute(block), block)),
        _ => (API, source_file("sample", &wrap_in_section(block))),
    };
    vec![source_file("api", api), source_file("pages", PRELUDE), source_file("uses", &use_styles(api)), section]
}

fn source_file(name: &str, text: &str) -> Source {
    Source { path: format!("schema/{name}.xml"), text: text.to_owned() }
}

/// Names of the top-level elements, which start a line.
fn top_elements(block: &str) -> Vec<&str> {
    let starts = block.lines().filter_map(|line| line.strip_prefix('<'));
    let names = starts.filter_map(|rest| rest.split([' ', '>', '/']).next());
    names.filter(|name| !name.is_empty()).collect()
}

/// Value of the first attribute, which is the name in a section and a type.
fn first_attribute(element: &str) -> &str {
    element.split('"').nth(1).unwrap_or_default()
}

fn wrap_in_api(block: &str) -> String {
    format!("<api name=\"sample\" host=\"https://example.com\"><doc>A sample.</doc>\n{block}</api>")
}

fn wrap_in_section(block: &str) -> String {
    let uses = if top_elements(block).contains(&"endpoint") { String::new() } else { use_types(block) };
    format!("<section name=\"sample\" style=\"ws\"><doc>A sample.</doc>\n{block}{uses}</section>")
}

/// Writes an endpoint for each type of a block.
fn use_types(block: &str) -> String {
    let types = block.lines().filter(|line| line.starts_with("<type ")).map(first_attribute);
    types.map(|name| write_endpoint(name, "ws", &format!("<response><it>{{it: {name}}}</it></response>"))).collect()
}

/// Writes a section with an endpoint for each style of an API.
fn use_styles(api: &str) -> String {
    let styles = api.lines().map(str::trim_start).filter(|line| line.starts_with("<style ")).map(first_attribute);
    let endpoints: String = styles.map(|style| write_endpoint(style, style, "")).collect();
    let first = first_attribute(api.split("<style").nth(1).unwrap_or_default());
    format!("<section name=\"uses\" style=\"{first}\"><doc>Uses the styles.</doc>{endpoints}</section>")
}

fn write_endpoint(name: &str, style: &str, response: &str) -> String {
    let path = format!("/use/{name}");
    format!(
        "<endpoint name=\"use_{}\" method=\"GET\" style=\"{style}\" path=\"{path}\"><doc>Uses it.</doc>\
         {response}<example path=\"{path}\"/></endpoint>\n",
        name.to_lowercase()
    )
}

fn read_blocks() -> Vec<Block> {
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
