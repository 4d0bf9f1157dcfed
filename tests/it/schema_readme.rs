//! The blocks of `schema/README.md`: the checker accepts each XML block, and rejects each mistake with the error beside
//! it.
//!
//! A block is a whole file (`<api>` or `<section>`) or a part of one. A part is put into an `<api>`, or into a section
//! beside the real `schema/api.xml`. Since the checker rejects unused declarations, styles and the types of a part
//! without endpoints get endpoints that use them. A block marked `mistake` is followed by a text block with the
//! checker's output.

use xmlwire_codegen::{Source, check_with_warnings};

/// The document with the blocks.
const README: &str = include_str!("../../schema/README.md");
/// The real schema file beside which sections and their parts are checked.
const API: &str = include_str!("../../schema/api.xml");
/// Section with declarations that the blocks use, such as `PageId`.
const PRELUDE: &str = include_str!("schema_readme_prelude.xml");

/// A fenced block.
struct Block {
    /// Line number of its opening fence, from 1.
    line: usize,
    /// Text after the backticks of the opening fence: the language, and `mistake` if the checker has to reject it.
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
fn every_block_has_a_known_language() {
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

/// Compares the checker's output for a mistake with the block after it. `None` if they are equal; otherwise returns the
/// actual output.
fn compare_error(mistake: &Block, expected: &Block) -> Option<String> {
    let actual = check_block(&mistake.text).unwrap_or_else(|| "(accepted)".to_owned());
    let is_same = expected.info == "text" && actual.trim_end() == expected.text.trim_end();
    (!is_same).then(|| format!("schema/README.md:{}\n{actual}", mistake.line))
}

/// Returns the errors and warnings that the checker reports for a block. `None` if there are none.
fn check_block(block: &str) -> Option<String> {
    let diagnostics = match check_with_warnings(&sources_for(block)) {
        Ok((_, warnings)) => warnings,
        Err(errors) => errors,
    };
    (!diagnostics.is_empty()).then(|| diagnostics.to_string())
}

/// Builds the schema files with which a block is checked. The block is in one of them.
fn sources_for(block: &str) -> Vec<Source> {
    let (api, section) = match top_elements(block).first().copied() {
        Some("api") => return vec![new_source("api", block), new_source("uses", &use_styles(block))],
        Some("user-agent" | "sign-in" | "limit" | "style" | "bearer") => return sources_for(&wrap_in_api(block)),
        Some("section") => (API, new_source(first_attribute(block), block)),
        _ => (API, new_source("sample", &wrap_in_section(block))),
    };
    vec![new_source("api", api), new_source("pages", PRELUDE), new_source("uses", &use_styles(api)), section]
}

/// Creates a schema file with this text.
fn new_source(name: &str, text: &str) -> Source {
    Source { path: format!("schema/{name}.xml"), text: text.to_owned() }
}

/// Returns the names of the elements that start at the beginning of a line, which are the top-level ones.
fn top_elements(block: &str) -> Vec<&str> {
    let starts = block.lines().filter_map(|line| line.strip_prefix('<'));
    let names = starts.filter_map(|rest| rest.split([' ', '>', '/']).next());
    names.filter(|name| !name.is_empty()).collect()
}

/// Returns the value of the first attribute, which is the name of a section or type. Empty if there is none.
fn first_attribute(element: &str) -> &str {
    element.split('"').nth(1).unwrap_or_default()
}

/// Builds an `<api>` that contains a block.
fn wrap_in_api(block: &str) -> String {
    format!("<api name=\"sample\" host=\"https://example.com\"><doc>A sample.</doc>\n{block}</api>")
}

/// Builds a section that contains a block. If the block has no endpoint, adds endpoints that use its types.
fn wrap_in_section(block: &str) -> String {
    let uses = if top_elements(block).contains(&"endpoint") { String::new() } else { use_types(block) };
    format!("<section name=\"sample\" style=\"ws\"><doc>A sample.</doc>\n{block}{uses}</section>")
}

/// Writes an endpoint for each type of a block, with the type in its response.
fn use_types(block: &str) -> String {
    let types = block.lines().filter(|line| line.starts_with("<type ")).map(first_attribute);
    types.map(|name| write_endpoint(name, "ws", &format!("<response><it>{{it: {name}}}</it></response>"))).collect()
}

/// Writes a section with an endpoint for each style of an `<api>`. The first style is that of the section. The responses
/// are lists, so that a document for an empty list is used too.
fn use_styles(api: &str) -> String {
    let styles = api.lines().map(str::trim_start).filter(|line| line.starts_with("<style ")).map(first_attribute);
    let list = "<response><items><item>{items: string*}</item></items></response><doc for=\"items\">Items.</doc>";
    let endpoints: String = styles.map(|style| write_endpoint(style, style, list)).collect();
    let first = first_attribute(api.split("<style").nth(1).unwrap_or_default());
    format!("<section name=\"uses\" style=\"{first}\"><doc>Uses the styles.</doc>{endpoints}</section>")
}

/// Writes an endpoint with this style and response. Its name and path are derived from `name`.
fn write_endpoint(name: &str, style: &str, response: &str) -> String {
    let path = format!("/use/{name}");
    format!(
        "<endpoint name=\"use_{}\" method=\"GET\" style=\"{style}\" path=\"{path}\"><doc>Uses it.</doc>\
         {response}<example path=\"{path}\" written=\"no\"/></endpoint>\n",
        name.to_lowercase()
    )
}

/// Reads the fenced blocks of `schema/README.md`, in order.
fn read_blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in README.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { line: index + 1, info, text: String::new() }),
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
