//! Services other than Backpack: neither the generator nor the runtime depends on a particular service.
//!
//! `second_service/library/` uses every construct of the schema language, mostly in ways that no real service does,
//! with names that generated code might use itself. `second_service/smallest/` uses as little as possible. Both are
//! compiled, each in a crate with a few handwritten lines (`host.rs`). Then a program runs as client and server of the
//! service, and the examples in the documentation are compiled too.
//!
//! No fact of Backpack applies to these services: their clients have other methods, and they have no sign-in page and
//! no rule for user agents.

use std::fs;
use std::path::Path;

use backpack_tests::host::{Workspace, list_files};
use backpack_tests::schema;
use xmlwire_codegen::ReservedNames;

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn other_services_are_generated_compiled_and_served() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second_service");
    let workspace = Workspace::new(folder, &["library", "smallest"]);
    let manifest = include_str!("second_service/host.toml");
    for service in ["library", "smallest"] {
        workspace.write(&format!("{service}/Cargo.toml"), &manifest.replace("NAME", service));
        workspace.write(&format!("{service}/src/lib.rs"), include_str!("second_service/host.rs"));
        generate_bindings(&workspace, service, &format!("{service}/src/api"));
    }
    workspace.write("library/src/main.rs", include_str!("second_service/library.rs"));
    workspace.write("smallest/src/main.rs", include_str!("second_service/smallest.rs"));
    workspace.cargo("run", "library");
    workspace.cargo("run", "smallest");
    workspace.cargo("test --doc", "library");
}

#[test]
fn generated_code_of_other_services_contains_no_fact_of_backpack() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second_service_facts");
    let workspace = Workspace::new(folder.clone(), &["library", "smallest"]);
    // The library declares a section `webcal_url` of its own, so its code may contain that word.
    for (service, facts) in [("library", &["/login", "backpack"][..]), ("smallest", &["/login", "backpack", "webcal"])]
    {
        let api = format!("{service}/src/api");
        generate_bindings(&workspace, service, &api);
        let files = list_files(&folder.join(api));
        assert!(!files.is_empty());
        for file in files {
            let text = fs::read_to_string(&file).unwrap().to_lowercase();
            let found: Vec<_> = facts.iter().filter(|fact| text.contains(**fact)).collect();
            assert!(found.is_empty(), "{} contains {found:?}", file.display());
        }
    }
}

/// Generates the bindings for a service into a folder. The only reserved names are the methods of the client in
/// `host.rs`.
fn generate_bindings(workspace: &Workspace, service: &str, path: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/generator/second_service").join(service);
    let methods = ["new", "call", "paginate"].map(str::to_owned).to_vec();
    let reserved = ReservedNames { methods, ..ReservedNames::default() };
    workspace.generate(&schema::read_sources_in(&folder), reserved, service, path);
}
