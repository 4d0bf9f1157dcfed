//! Commands in the documents: the README's curl lines, the commands for the data file in the self-hosting guide, the
//! transcripts of the scripting guide, and the commands for archives in the README and the backup guide.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Home, ServiceProcess, backpack};

/// Returns a search path with the command and the programs of the system.
fn search_path() -> OsString {
    let folder = Path::new(backpack().get_program()).parent().expect("a folder").to_owned();
    std::env::join_paths([folder, "/usr/bin".into(), "/bin".into()]).expect("a search path")
}

/// Reads a document of the repository.
fn read_document(path: &str) -> String {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path);
    std::fs::read_to_string(path).expect("the document")
}

/// Reads the lines of the README that start with `curl`.
fn read_curl_lines() -> Vec<String> {
    read_document("README.md").lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
}

#[test]
fn the_curl_lines_of_the_readme_work() {
    let service = ServiceProcess::demo();
    let token = service.token.clone().expect("the demo shows tokens");
    // Runs a curl line, which should succeed, and returns the response.
    let run = |line: &str| {
        let line = line.replace("TOKEN", &token).replace("http://localhost:3000", &service.base_url);
        let output = Command::new("sh").args(["-c", &format!("{line} --silent")]).output().expect("a shell");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let responses: Vec<String> = read_curl_lines().iter().map(|line| run(line)).collect();
    let [page, item, calendars] = &responses[..] else { panic!("{responses:#?}") };
    assert!(page.contains("<response success=\"true\"><page title=\"Weekend on the coast\" id=\"1\""), "{page}");
    assert!(item.contains("<item completed=\"false\" id=\"10\"") && item.contains(">Rope</item></response>"), "{item}");
    assert!(calendars.contains("<calendars><calendar><account-id type=\"integer\">1</account-id>"), "{calendars}");
}

/// Backs up an account `acme` with the user Tom into a folder.
fn archive_acme(archive: &Path) {
    let home = Home::new();
    let mut serve = home.command(&["serve", "--account", "acme", "--name", "Tom", "--data", "acme.data"]);
    let service = ServiceProcess::start(serve.stderr(Stdio::null()));
    home.log_in("acme", &service, service.token.as_deref().expect("a first start shows a token"));
    home.stdout(&["backup", archive.to_str().expect("a path")]);
}

#[test]
fn the_commands_of_the_self_hosting_guide_work_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("home.backpack");
    archive_acme(&folder.path().join("acme.backpack"));
    // The guide's first start.
    let mut service = ServiceProcess::serve(&data);
    let path = search_path();
    let guide = read_document("docs/self-hosting.md");
    let commands: Vec<&str> = guide.lines().filter(|line| line.starts_with("backpack host ")).collect();
    assert!(commands.len() > 5, "the guide has only {commands:?}");
    for command in commands {
        if command.contains(" db restore ") {
            service.kill();
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(&folder).env("PATH", &path).env("BACKPACK_DATA", "home.backpack");
        let output = shell.output().expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let names = folder.path().read_dir().expect("the folder").map(|entry| entry.expect("a file").file_name());
    let is_replaced = |name: OsString| name.to_str().is_some_and(|name| name.contains(".backpack.old-"));
    assert!(names.into_iter().any(is_replaced), "the guide restores a copy");
}

/// Runs the commands for archives of a document in their order, in a folder, with the demo account. Returns their
/// number.
fn run_archive_commands(document: &str, folder: &Path) -> usize {
    let service = ServiceProcess::demo();
    let token = service.token.clone().expect("the demo shows tokens");
    let path = search_path();
    let document = read_document(document);
    let beginnings = ["backup", "verify", "export", "host import"].map(|name| format!("backpack {name} "));
    let is_run = |line: &&str| beginnings.iter().any(|beginning| line.starts_with(beginning));
    let commands: Vec<&str> = document.lines().filter(is_run).collect();
    for command in &commands {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(folder).env("PATH", &path).env("XDG_CONFIG_HOME", folder);
        let output = shell.env("BACKPACK_URL", &service.base_url).env("BACKPACK_TOKEN", &token).output();
        let output = output.expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    commands.len()
}

#[test]
fn the_commands_of_the_backup_guide_work_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run_archive_commands("docs/backup.md", folder.path()), 12);
    for file in [
        "notes/1-weekend-on-the-coast.md",
        "website/index.html",
        "calendars/reminders.ics",
        "data/account.json",
        "home.backpack",
    ] {
        assert!(folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn the_archive_commands_of_the_readme_work_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run_archive_commands("README.md", folder.path()), 3);
    assert!(folder.path().join("notes/1-weekend-on-the-coast.md").exists());
}

#[test]
fn prints_completions_and_writes_man_pages_without_warnings() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = backpack().args(["completions", shell]).output().expect("the command should run");
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("tls-listen"), "{shell}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert!(backpack().arg("man").arg(folder.path()).status().expect("the command should run").success());
    let pages: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder").map(|page| page.expect("a page").path()).collect();
    assert!(pages.contains(&folder.path().join("backpack-host-db-restore.1")), "{pages:?}");
    for page in pages {
        // A machine without groff cannot check the pages. CI has it.
        let Ok(output) = Command::new("groff").args(["-man", "-ww", "-z", "-Tutf8"]).arg(&page).output() else {
            eprintln!("skipped: groff is not installed, so the man pages were not checked");
            return;
        };
        let warnings = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && warnings.is_empty(), "{}: {warnings}", page.display());
    }
}

#[test]
fn systemd_accepts_the_units() {
    let units = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../contrib"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut paths = Vec::new();
    for name in ["backpack.service", "backpack-backup.service", "backpack-backup.timer"] {
        let unit = std::fs::read_to_string(units.join(name)).expect("a unit");
        // systemd verifies that the program exists. The man page is installed by packages only.
        let unit = unit.replace("/usr/local/bin/backpack", env!("CARGO_BIN_EXE_backpack"));
        let path = folder.path().join(name);
        std::fs::write(&path, unit.replace("Documentation=man:backpack(1)\n", "")).expect("a copy");
        paths.push(path);
    }
    let Ok(output) = Command::new("systemd-analyze").arg("verify").args(&paths).output() else {
        eprintln!("skipped: systemd-analyze is not installed, so the units were not checked");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Reads the transcripts of a document: each command after `$ ` with the lines that it prints.
fn read_transcripts(document: &str) -> Vec<(String, String)> {
    let text = read_document(document);
    let blocks = text.split("```console\n$ ").skip(1).filter_map(|rest| rest.split_once("\n```"));
    let commands = blocks.flat_map(|(block, _)| block.split("\n$ "));
    let split = |command: &str| {
        let (command, printed) = command.split_once('\n').unwrap_or((command, ""));
        (command.to_owned(), printed.to_owned())
    };
    commands.map(split).collect()
}

/// Returns the words of each line, since documents show columns where pipes have tabs.
fn split_words(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn the_transcripts_of_the_scripting_guide_are_what_the_commands_print() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let token = service.token.clone().expect("the demo shows tokens");
    let path = search_path();
    let transcripts = read_transcripts("docs/scripting.md");
    assert!(transcripts.len() > 15, "the guide has only {transcripts:?}");
    for (command, expected) in transcripts {
        let script = command.replace("http://localhost:3000", &service.base_url);
        let script = [" TOKEN ", "=TOKEN "]
            .iter()
            .fold(script, |script, word| script.replace(word, &word.replace("TOKEN", &token)));
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {script}; }} 2>&1")]).current_dir(home.path()).env_clear();
        shell.env("PATH", &path).env("HOME", home.path());
        let output = shell.output().expect("a shell");
        let printed = String::from_utf8(output.stdout).expect("text");
        let address = service.base_url.trim_start_matches("http://");
        let printed = printed.replace(address, "localhost:3000").replace("127.0.0.1", "localhost");
        let printed = printed.replace(&home.path().display().to_string(), "~").replace(&token, "A TOKEN");
        assert_eq!(split_words(&printed), split_words(&expected), "{command} prints:\n{printed}");
    }
}
