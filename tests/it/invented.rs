//! Services that are not the one this repository is for: neither the generator nor the runtime knows which it is.
//!
//! `invented/library/` uses every construct of the schema language, mostly in ways that no real service does, with
//! names that generated code might take for its own. `invented/smallest/` uses as few as there can be. Both are
//! compiled, in a crate of a few lines; then a program is client and server, and the examples in the documentation
//! are compiled too.

use std::path::{Path, PathBuf};

use backpack_tests::host::Workspace;
use backpack_tests::schema;

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn other_services_are_generated_compiled_and_served() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("invented");
    let workspace = Workspace::new(folder, &["library", "smallest"]);
    for service in ["library", "smallest"] {
        workspace.write(&format!("{service}/Cargo.toml"), &include_str!("invented/host.toml").replace("NAME", service));
        workspace.write(&format!("{service}/src/lib.rs"), include_str!("invented/host.rs"));
        workspace.generate(&schema::sources_in(&schema_of(service)), service, &format!("{service}/src/api"));
    }
    workspace.write("library/src/main.rs", include_str!("invented/library.rs"));
    workspace.write("smallest/src/main.rs", include_str!("invented/smallest.rs"));
    workspace.cargo("run", "library");
    workspace.cargo("run", "smallest");
    workspace.cargo("test --doc", "library");
}

fn schema_of(service: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("it/invented").join(service)
}
