//! Crates around generated code, compiled and run like the crate of a user.
//!
//! The crates are in a workspace of their own. It uses only the runtime crate of this one and a copy of its lock file,
//! so no network is needed. The folder and its build results are kept between runs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use xmlwire_codegen::{Options, ReservedNames, Source, generate};

use crate::schema;

/// A workspace of host crates: crates that contain generated code.
pub struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Creates a workspace in a folder. Its `Cargo.toml` is that of this repository with other members.
    pub fn new(folder: PathBuf, members: &[&str]) -> Self {
        let workspace = Self { folder };
        let repository = schema::repository_root().canonicalize().expect("the repository should exist");
        let manifest = fs::read_to_string(repository.join("Cargo.toml")).expect("the manifest should be readable");
        // The members are other ones, and the path of the runtime crate becomes absolute.
        let adapt_line = |line: &str| {
            let (key, _) = line.split_once(" = ").unwrap_or((line, ""));
            match key {
                "members" => format!("members = {members:?}"),
                "xmlwire" => line.replace("path = \"runtime\"", &format!("path = {:?}", repository.join("runtime"))),
                _ => line.to_owned(),
            }
        };
        workspace.write("Cargo.toml", &manifest.lines().map(adapt_line).collect::<Vec<_>>().join("\n"));
        let lock = fs::read_to_string(repository.join("Cargo.lock")).expect("the lock file should be readable");
        workspace.write("Cargo.lock", &lock);
        workspace
    }

    /// Copies a file of this repository to the same path.
    pub fn copy(&self, path: &str) {
        let text = fs::read_to_string(schema::repository_root().join(path))
            .expect("a file of the repository should be readable");
        self.write(path, &text);
    }

    /// Writes a file. An unchanged file is not touched, so that cargo does not compile it again.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        let parent = path.parent().expect("a file should have a folder");
        fs::create_dir_all(parent).expect("a folder should be created");
        fs::write(&path, text).expect("a file should be written");
    }

    /// Generates the bindings for a schema into the folder `path` of the workspace, and removes all other files from
    /// that folder. `reserved` are the names that the host crate defines by hand.
    ///
    /// # Panics
    ///
    /// If the schema has errors.
    pub fn generate(&self, sources: &[Source], reserved: ReservedNames, crate_name: &str, path: &str) {
        let options = Options { crate_name: crate_name.to_owned(), command: "cargo xtask regen".to_owned(), reserved };
        let output = generate(sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        let folder = self.folder.join(path);
        let is_generated = |path: &Path| output.files.iter().any(|file| folder.join(&file.path) == path);
        for old in list_files(&folder).into_iter().filter(|path| !is_generated(path)) {
            fs::remove_file(old).expect("an old file should be removed");
        }
        output.files.iter().for_each(|file| self.write(&format!("{path}/{}", file.path), &file.text));
    }

    /// Runs a cargo command, such as `run` or `test --doc`, on a package of the workspace.
    ///
    /// # Panics
    ///
    /// If the command fails. The message has its output.
    pub fn cargo(&self, command: &str, package: &str) {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = command.split(' ').chain(["--offline", "--quiet", "--package", package]);
        let mut command = Command::new(cargo);
        command.args(arguments).current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", self.folder.with_file_name("target")).env("CARGO_PROFILE_DEV_DEBUG", "0");
        // Cargo sets these variables for the package of the running test. They would be wrong for the workspace.
        env::vars_os().map(|(name, _)| name).filter(|name| is_about_package(name)).for_each(|name| {
            command.env_remove(name);
        });
        let output = command.output().expect("cargo should start");
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{command:?} failed:\n{stdout}{stderr}");
    }
}

/// Lists all files in a folder and below. A missing folder is empty.
pub fn list_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("a folder should be readable").path());
    paths.flat_map(|path| if path.is_dir() { list_files(&path) } else { vec![path] }).collect()
}

/// `true` if cargo sets the environment variable for a package.
fn is_about_package(variable: &std::ffi::OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| variable.starts_with(start))
}
