//! Finds circular dependencies between the modules of a crate.
//!
//! A file depends on another one if a `use` or a path leads to a module of that file. Two files may depend on each
//! other, such as a parent and its child. A circle of three or more files is a violation. So is any circle of folders.
//! Tests, generated files and the roots `lib.rs` and `main.rs`, which only re-export, are skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use crate::files::{display_path, is_generated, read_lossy};

/// Dependencies: name to the names that it depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// A path of modules, from the root of the crate.
type ModulePath = Vec<String>;

/// Finds the circles in the source folder of a crate, and returns a message for each.
pub(super) fn find(source: &Path, files: &[PathBuf]) -> Result<Vec<String>, String> {
    let is_source =
        |path: &&PathBuf| path.starts_with(source) && path.extension().is_some_and(|extension| extension == "rs");
    let mut sources = BTreeMap::new();
    for path in files.iter().filter(is_source) {
        let name = display_path(source, path);
        let text = read_lossy(path);
        if !is_test(&name) && !is_generated(&text) {
            sources.insert(name, text);
        }
    }
    find_in(&sources)
}

/// Finds the circles among files, and returns a message for each. `sources` maps the name of a file to its text.
fn find_in(sources: &BTreeMap<String, String>) -> Result<Vec<String>, String> {
    let modules: BTreeMap<ModulePath, &str> = sources.keys().map(|name| (module_path(name), name.as_str())).collect();
    let (mut between_files, mut between_folders) = (Graph::new(), Graph::new());
    for (name, text) in sources.iter().filter(|(name, _)| !is_root(name)) {
        let parsed = syn::parse_file(text).map_err(|error| format!("cannot parse {name}: {error}"))?;
        let mut collector = PathCollector::default();
        collector.visit_file(&parsed);
        let module = module_path(name);
        for path in collector.paths {
            let Some(target) = resolve(&modules, &module, &path).filter(|target| target != name) else { continue };
            between_files.entry(name.clone()).or_default().insert(target.to_owned());
            let (folder, target) = (folder_of(sources, name), folder_of(sources, target));
            if folder != target && !folder.is_empty() && !target.is_empty() {
                between_folders.entry(folder).or_default().insert(target);
            }
        }
    }
    // Two files may depend on each other; two folders may not.
    let mut messages = Vec::new();
    for circle in find_circles(&between_files).iter().filter(|circle| circle.len() > 2) {
        messages.push(format!("circle of files: {}", describe(&between_files, circle)));
    }
    for circle in &find_circles(&between_folders) {
        messages.push(format!("circle of folders: {}", describe(&between_folders, circle)));
    }
    Ok(messages)
}

/// `true` if the name is that of a file of tests, or of a file in a folder `tests`.
fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.split('/').any(|folder| folder == "tests")
}

/// `true` if the name is that of the root of a crate.
fn is_root(name: &str) -> bool {
    matches!(name, "lib.rs" | "main.rs")
}

/// Returns `["xml", "reader"]` for `xml/reader.rs` and for `xml/reader/mod.rs`, and an empty path for `lib.rs`.
fn module_path(name: &str) -> ModulePath {
    let mut path: ModulePath = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    path.pop_if(|last| *last == "mod" || is_root(name));
    path
}

/// Returns the folder that a file belongs to. `xml.rs` belongs to the folder `xml`, if there is one. Files at the root
/// belong to the folder with the empty name.
fn folder_of(sources: &BTreeMap<String, String>, name: &str) -> String {
    let own = format!("{}/", name.trim_end_matches(".rs"));
    if sources.keys().any(|other| other.starts_with(&own)) {
        return own.trim_end_matches('/').to_owned();
    }
    name.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

/// Returns the file that a path leads to: the one with the longest module path that `path`, as written in `module`,
/// begins with. Returns `None` for paths to other crates.
fn resolve<'m>(modules: &BTreeMap<ModulePath, &'m str>, module: &[String], path: &[String]) -> Option<&'m str> {
    // All `super`s are at the start of a path, or after `self` there.
    let supers = path.iter().filter(|segment| *segment == "super").count();
    let (mut base, rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (module[..module.len().checked_sub(supers)?].to_vec(), &path[1 + supers..]),
        "super" => (module[..module.len().checked_sub(supers)?].to_vec(), &path[supers..]),
        child => ([module, &[child.to_owned()]].concat(), &path[1..]),
    };
    let mut file = modules.get(&base);
    for segment in rest {
        base.push(segment.clone());
        file = modules.get(&base).or(file);
    }
    file.copied()
}

/// Collects the paths of a file: imports and paths of two or more segments.
#[derive(Default)]
struct PathCollector {
    paths: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for PathCollector {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_cfg_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        if !is_cfg_test(&import.attrs) {
            self.add_imports(&import.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}

impl PathCollector {
    /// Adds the path of each name that a `use` imports. `before` has the segments in front of `tree`, and is unchanged
    /// afterwards.
    fn add_imports(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        let name = match tree {
            syn::UseTree::Path(path) => &path.ident,
            syn::UseTree::Name(name) => &name.ident,
            syn::UseTree::Rename(rename) => &rename.ident,
            syn::UseTree::Glob(_) => return self.paths.push(before.clone()),
            syn::UseTree::Group(group) => return group.items.iter().for_each(|tree| self.add_imports(tree, before)),
        };
        before.push(name.to_string());
        match tree {
            syn::UseTree::Path(path) => self.add_imports(&path.tree, before),
            _ => self.paths.push(before.clone()),
        }
        before.pop();
    }
}

/// `true` if an item has an attribute `cfg` in which the word `test` occurs.
fn is_cfg_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.to_string().split(|char: char| !char.is_alphanumeric()).any(|word| word == "test")
        }
        _ => false,
    })
}

/// Finds the strongly connected components that contain a circle: the largest sets of nodes that all lead to each
/// other, directly or through others.
fn find_circles(graph: &Graph) -> Vec<BTreeSet<&String>> {
    let reachable: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|node| (node, find_reachable(graph, node))).collect();
    let mut circles: Vec<BTreeSet<&String>> = Vec::new();
    for (node, targets) in &reachable {
        if targets.contains(node) && !circles.iter().any(|circle| circle.contains(node)) {
            let reaches_back = |target: &&&String| reachable.get(**target).is_some_and(|back| back.contains(node));
            circles.push(targets.iter().filter(reaches_back).copied().collect());
        }
    }
    circles
}

/// Finds all nodes that a node leads to, directly or through others. The node itself is one of them if it is in a
/// circle.
fn find_reachable<'g>(graph: &'g Graph, start: &String) -> BTreeSet<&'g String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = graph.get(start).into_iter().flatten().collect();
    while let Some(node) = next.pop() {
        if reached.insert(node) {
            next.extend(graph.get(node).into_iter().flatten());
        }
    }
    reached
}

/// Formats a circle with its dependencies: `a.rs -> b.rs; b.rs -> a.rs`.
fn describe(graph: &Graph, circle: &BTreeSet<&String>) -> String {
    let describe_node = |node: &&String| {
        let targets = graph.get(*node).into_iter().flatten().filter(|target| circle.contains(target));
        format!("{node} -> {}", targets.cloned().collect::<Vec<_>>().join(", "))
    };
    circle.iter().map(describe_node).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds the circles among files with these names and texts.
    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        find_in(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()).unwrap()
    }

    #[test]
    fn finds_circles_of_three_files() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c; pub use a::A;"),
            ("a.rs", "use crate::b::{self, B as Other};"),
            ("b.rs", "fn f() { crate::c::g() }"),
            ("c.rs", "use super::a::*;"),
        ];
        assert_eq!(circles(&files), ["circle of files: a.rs -> b.rs; b.rs -> c.rs; c.rs -> a.rs"]);
        assert_eq!(circles(&files[..3]), Vec::<String>::new());
    }

    #[test]
    fn allows_circles_of_two_files_and_skips_tests() {
        let pair =
            [("a.rs", "use crate::b::B;"), ("b.rs", "use crate::a::A; #[cfg(test)] mod tests { use crate::c::C; }")];
        let third = [("c.rs", "use crate::{a, b};")];
        assert_eq!(circles(&[pair.as_slice(), &third].concat()), Vec::<String>::new());
    }

    #[test]
    fn finds_circles_of_folders() {
        let files = [
            ("one/mod.rs", "mod leaf;"),
            ("one/leaf.rs", "use crate::two::Two;"),
            ("two.rs", "pub use two::other::Two; mod other;"),
            ("two/other.rs", "use crate::one::leaf;"),
        ];
        assert_eq!(circles(&files), ["circle of folders: one -> two; two -> one"]);
    }

    #[test]
    fn takes_relative_paths_from_the_module_of_the_file() {
        let modules = [vec![], vec!["a".to_owned()], vec!["a".to_owned(), "b".to_owned()]];
        let modules: BTreeMap<ModulePath, &str> = modules.into_iter().zip(["lib.rs", "a.rs", "a/b.rs"]).collect();
        let resolve_in_b = |path: &str| {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            resolve(&modules, &["a".to_owned(), "b".to_owned()], &path)
        };
        assert_eq!(resolve_in_b("super::A"), Some("a.rs"));
        assert_eq!(resolve_in_b("super::super::a::b::B"), Some("a/b.rs"));
        assert_eq!(resolve_in_b("crate::Root"), Some("lib.rs"));
        assert_eq!(resolve_in_b("std::fmt"), None);
    }
}
