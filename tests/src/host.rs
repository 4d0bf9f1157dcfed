//! Crates made on the spot around generated code, compiled and run as a user's would be.
//!
//! A workspace of its own, so that nothing of this one is taken for granted but the runtime and the lock file, which
//! is copied: nothing is looked up, so no network is needed. The folder stays from run to run, and so does what was
//! compiled in it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use xmlwire_codegen::{Options, Source, generate};

use crate::schema;

/// A folder with a workspace in it.
pub struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// A workspace in a folder with what stands in its `Cargo.toml` file: that of this repository with other members.
    pub fn new(folder: PathBuf, members: &[&str]) -> Self {
        let workspace = Self { folder };
        let ours = schema::root().canonicalize().expect("the repository should be there");
        let manifest = fs::read_to_string(ours.join("Cargo.toml")).expect("the manifest should be readable");
        let line = |line: &str| {
            let (key, _) = line.split_once(" = ").unwrap_or((line, ""));
            match key {
                "members" => format!("members = {members:?}"),
                "default-members" => String::new(),
                "xmlwire" => line.replace("path = \"runtime\"", &format!("path = {:?}", ours.join("runtime"))),
                _ => line.to_owned(),
            }
        };
        workspace.write("Cargo.toml", &manifest.lines().map(line).collect::<Vec<_>>().join("\n"));
        let lock = fs::read_to_string(ours.join("Cargo.lock")).expect("the lock file should be readable");
        workspace.write("Cargo.lock", &lock);
        workspace
    }

    /// A file of this repository, copied to the same place.
    pub fn copy(&self, path: &str) {
        let text = fs::read_to_string(schema::root().join(path)).expect("a file of the repository should be readable");
        self.write(path, &text);
    }

    /// A file with this text. It is left alone if it has it, so that nothing is compiled again without need.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        let parent = path.parent().expect("a file has a folder");
        fs::create_dir_all(parent).expect("a folder should be made");
        fs::write(&path, text).expect("a file should be written");
    }

    /// What a schema makes, in a folder with nothing else in it.
    pub fn generate(&self, sources: &[Source], crate_name: &str, path: &str) {
        let options = Options { crate_name: crate_name.to_owned(), command: "cargo xtask regen".to_owned() };
        let output = generate(sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        let folder = self.folder.join(path);
        for old in files_in(&folder) {
            let name =
                old.strip_prefix(&folder).expect("the file is in the folder").to_string_lossy().replace('\\', "/");
            if !output.files.iter().any(|file| name == file.path) {
                fs::remove_file(old).expect("an old file should go");
            }
        }
        output.files.iter().for_each(|file| self.write(&format!("{path}/{}", file.path), &file.text));
    }

    /// Runs cargo in the workspace, on a package: `run`, `test --doc`.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn cargo(&self, command: &str, package: &str) {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = command.split(' ').chain(["--offline", "--quiet", "--package", package]);
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", self.folder.with_file_name("target")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        // What cargo says to a test is about the test's package.
        env::vars_os().map(|(name, _)| name).filter(|name| is_of_package(name)).for_each(|name| {
            command.env_remove(name);
        });
        let output = command.output().expect("cargo should start");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?} failed:\n{}{said}", String::from_utf8_lossy(&output.stdout));
    }
}

fn is_of_package(variable: &std::ffi::OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| variable.starts_with(start))
}

/// Paths of all files in a folder and its subfolders. A folder that does not exist is empty.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("a folder should be readable").path());
    paths.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}
