//! `backpack backup`, `backpack verify` and `backpack prune`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use backpack_api::PageId;
use backpack_archive::writer::Writer;

use crate::support::{Home, ServiceProcess};

/// Returns bytes and time of each file in a folder, by path.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let time = path.metadata().expect("a file").modified().expect("its time");
            files.insert(path.display().to_string(), (fs::read(&path).expect("a file"), time));
        }
    }
    files
}

#[test]
fn backs_up_the_demo_completely() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let backup = home.run(&["backup"]);
    assert_eq!(backup.code, Some(0), "{backup:?}");
    assert!(backup.out.ends_with(
        "not in the API: 2 files, images and writeboards, listed in files.txt\n\
         3 of 3 pages that the account lists: 3 new, 0 changed, 0 gone, 0 unchanged\ncomplete\n"
    ));
    assert!(backup.out.contains("calendars\t3 responses\t2 calendars, 3 events\n"), "{}", backup.out);
    assert_eq!(backup.err, "Next: backpack verify demo.backpack\n");
    let verified = home.stdout(&["verify", "demo.backpack", "--online"]);
    assert!(verified.starts_with("11 files, "), "{verified}");
    assert!(verified.ends_with("Verdict: complete\n"), "{verified}");
    let files = fs::read_to_string(home.path().join("demo.backpack/files.txt")).expect("the list of files");
    let url = &service.base_url;
    assert_eq!(files, format!("{url}/pages/1\tfile\t1\ttickets.pdf\n{url}/pages/1\timage\t1\tbay.jpg\n"));
}

#[test]
fn an_unchanged_account_changes_no_byte_but_the_list_of_runs() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup"]);
    let archive = home.path().join("demo.backpack");
    let mut before = snapshot(&archive);
    let backup = home.stdout(&["backup"]);
    assert!(backup.contains("0 new, 0 changed, 0 gone, 3 unchanged"), "{backup}");
    let mut after = snapshot(&archive);
    let runs = archive.join("runs.jsonl").display().to_string();
    let (former, latter) = (before.remove(&runs).expect("the runs").0, after.remove(&runs).expect("the runs").0);
    assert!(latter.starts_with(&former) && latter.iter().filter(|byte| **byte == b'\n').count() == 2);
    assert!(before == after);
}

#[test]
fn names_what_has_changed_in_the_account() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup", "kept"]);
    let client = service.client(&service.token.clone().expect("the demo shows tokens"));
    client.pages().update_title(PageId(2), "The old boat").expect("a change");
    client.pages().destroy(PageId(3)).expect("a deletion");
    let verified = home.run(&["verify", "kept", "--online", "--account", "demo"]);
    assert_eq!(verified.code, Some(3));
    assert!(verified.out.contains("changed in the account: page 3 is gone from raw/pages.xml\n"), "{}", verified.out);
    assert!(verified.out.ends_with("Verdict: complete\n"), "{}", verified.out);
    let backup = home.stdout(&["backup", "kept"]);
    assert!(backup.contains("2 of 2 pages that the account lists: 0 new, 1 changed, 1 gone, 1 unchanged"), "{backup}");
    assert!(home.stdout(&["verify", "kept", "--online"]).ends_with("Verdict: complete\n"));
    // What was replaced is kept until it is deleted on purpose.
    let prune = home.run(&["prune", "kept"]);
    assert_eq!((prune.code, &*prune.out), (Some(2), ""), "{prune:?}");
    let pruned = home.stdout(&["prune", "kept", "--yes"]);
    assert!(pruned.starts_with("deleted\t2 old responses, "), "{pruned}");
    assert!(!home.path().join("kept/old").exists());
    assert_eq!(home.stdout(&["prune", "kept"]), "deleted\t0 old responses, 0 bytes\n");
    assert!(home.stdout(&["verify", "kept"]).ends_with("Verdict: complete\n"));
}

#[test]
fn keeps_to_the_kinds_that_it_is_told_once() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup", "--only", "journal,statuses"]);
    let backup = home.stdout(&["backup"]);
    assert!(backup.contains("journal\t") && !backup.contains("calendars\t"), "{backup}");
    let verified = home.stdout(&["verify", "demo.backpack"]);
    assert!(
        verified.contains("note: not in the scope of the archive: bookmarks, calendars, pages, reminders, users\n")
    );
    let backup = home.stdout(&["backup", "--without", "journal"]);
    assert!(backup.contains("calendars\t"), "{backup}");
    let wrong = home.run(&["backup", "--only", "files"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("the kinds are bookmarks, calendars"), "{wrong:?}");
}

#[test]
fn says_what_is_wrong_with_an_archive() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let archive = home.path().join("demo.backpack");
    // Damages a fresh archive, and returns the exit code and the output of `verify`.
    let verify_after = |damage: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&archive);
        home.stdout(&["backup"]);
        damage(&archive);
        let verified = home.run(&["verify", "demo.backpack"]);
        assert_eq!(verified.code, Some(3), "{verified:?}");
        verified.out
    };
    let missing = verify_after(&|archive| fs::remove_file(archive.join("raw/statuses.xml")).expect("a file"));
    assert!(missing.contains("damaged: raw/statuses.xml: the file is missing\n"), "{missing}");
    assert!(missing.contains("3 pages, 4 notes"), "{missing}");
    let cut = verify_after(&|archive| fs::write(archive.join("raw/users.xml"), "<users><user>").expect("a file"));
    assert!(cut.contains("damaged: raw/users.xml: the document is cut off"), "{cut}");
    let extra = verify_after(&|archive| fs::write(archive.join("raw/notes.txt"), "mine").expect("a file"));
    assert!(extra.contains("damaged: raw/notes.txt: the file is not in the manifest\n"), "{extra}");
    let damaged = verify_after(&|archive| fs::write(archive.join("manifest.json"), "{").expect("a file"));
    assert!(damaged.contains("damaged: manifest.json: the file is damaged: "), "{damaged}");
    assert!(damaged.contains("3 pages, 4 notes") && damaged.ends_with("Verdict: incomplete: 1 damaged\n"), "{damaged}");
    let refused = home.run(&["backup"]);
    assert!(refused.code == Some(1) && refused.err.contains("the file is damaged"), "{refused:?}");
    let newer = verify_after(&|archive| fs::write(archive.join("manifest.json"), "{\"format\": 2}").expect("a file"));
    assert!(newer.contains("damaged: manifest.json: the archive has format 2"), "{newer}");
    let absent = home.run(&["verify", "missing"]);
    assert_eq!((absent.code, &*absent.err), (Some(5), "backpack: there is no archive missing\n"));
    fs::create_dir(home.path().join("empty")).expect("a folder");
    let none = home.run(&["verify", "empty"]);
    assert!(none.code == Some(1) && none.err.contains("empty is not an archive: it has no manifest.json"), "{none:?}");
}

#[test]
fn verifies_a_bare_export_and_names_what_is_unknown() {
    let home = Home::new();
    let pages = "<pages><page title=\"Compost\" id=\"19\"><items><incomplete><item id=\"71\">Turn</item></incomplete>\
                 <completed><item id=\"70\">Buy</item></completed></items></page></pages>";
    let export = home.path().join("export.xml");
    fs::write(&export, format!("<backpack username=\"ines\">{pages}</backpack>")).expect("a file");
    let verified = home.run(&["verify", "export.xml"]);
    assert_eq!(verified.code, Some(0));
    let text = "1 file, 201 bytes: all readable\n1 page, 2 items\n\
                Verdict: readable; without a manifest, nothing shows that it is complete\n";
    assert_eq!(verified.out, text);
    fs::write(&export, "<backpack username=\"ines\"><pages><page id=\"1\" title=\"a\" x=\"\"/></pages></backpack>")
        .expect("a file");
    let verified = home.run(&["verify", "export.xml"]);
    assert_eq!(verified.code, Some(3));
    assert!(verified.out.contains("unknown to this version: backpack/pages/page/@x in export.xml\n"), "{verified:?}");
    let json: serde_json::Value =
        serde_json::from_str(&home.run(&["verify", "export.xml", "--json"]).out).expect("JSON");
    assert_eq!(json["verdict"], "incomplete");
    assert_eq!(json["unknown"]["export.xml"][0], "backpack/pages/page/@x");
}

#[test]
fn two_runs_at_once_do_not_write_the_same_archive() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup"]);
    let archive = home.path().join("demo.backpack");
    let before = snapshot(&archive);
    let running = Writer::open(&archive).expect("the archive");
    let second = home.run(&["backup"]);
    assert_eq!((second.code, &*second.err), (Some(75), "backpack: another run writes the archive demo.backpack\n"));
    assert!(snapshot(&archive) == before);
    drop(running);
    home.stdout(&["backup"]);
}

#[test]
fn a_service_that_is_gone_leaves_the_archive_as_it_was() {
    let mut service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup"]);
    let before = snapshot(&home.path().join("demo.backpack"));
    service.kill();
    let backup = home.run(&["backup"]);
    assert_eq!(backup.code, Some(75), "{backup:?}");
    assert!(snapshot(&home.path().join("demo.backpack")) == before);
}

#[test]
fn shows_no_token_and_writes_none() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let token = service.token.clone().expect("the demo shows tokens");
    let mut texts = vec![home.stdout(&["backup"]), home.stdout(&["backup", "--json"])];
    texts.push(home.stdout(&["verify", "demo.backpack", "--online", "--json"]));
    let debug = home.command(&["backup"]).env("RUST_LOG", "trace").output().expect("the command should run");
    texts.extend([debug.stdout, debug.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let files = snapshot(&home.path().join("demo.backpack"));
    texts.extend(files.values().map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned()));
    assert!(texts.len() > 15);
    assert!(!texts.iter().any(|text| text.contains(&token)));
}

/// `ulimit -f` limits the size of files. Like on a full disk, a write fails in the middle of a file.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_archive_as_it_was() {
    use crate::support::{run_command, start_by};
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let archive = home.path().join("demo.backpack");
    let run_limited = || {
        let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
        let finished = run_command(&mut start_by("sh", &["-c", script], &home.command(&["backup"])), "");
        (finished.code, finished.err)
    };
    let (code, err) = run_limited();
    assert!(code == Some(1) && err.starts_with("backpack: cannot write demo.backpack/next/raw/"), "{code:?} {err}");
    home.stdout(&["backup"]);
    let client = service.client(&service.token.clone().expect("the demo shows tokens"));
    client.pages().update_title(PageId(2), "The old boat").expect("a change");
    let before = fs::read(archive.join("manifest.json")).expect("the manifest");
    let (code, err) = run_limited();
    assert!(code == Some(1) && err.contains("File too large"), "{code:?} {err}");
    assert!(fs::read(archive.join("manifest.json")).expect("the manifest") == before);
    assert!(home.stdout(&["verify", "demo.backpack"]).ends_with("Verdict: complete\n"));
    assert!(home.stdout(&["backup"]).contains("1 changed"));
    assert!(home.stdout(&["verify", "demo.backpack"]).ends_with("Verdict: complete\n"));
}

/// If the tests run as root, the command runs as `nobody`, since root may write everywhere.
#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_and_left_as_it_is() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const NOBODY: u32 = 65534;
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    home.stdout(&["backup"]);
    let archive = home.path().join("demo.backpack");
    let set_mode = |mode| fs::set_permissions(&archive, fs::Permissions::from_mode(mode)).expect("permissions");
    let before = snapshot(&archive);
    set_mode(0o555);
    let is_root = fs::metadata(home.path()).expect("the folder").uid() == 0;
    let program = home.path().join("copy");
    fs::copy(env!("CARGO_BIN_EXE_backpack"), &program).expect("a copy");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    let mut command = Command::new(program);
    command.args(["backup", "demo.backpack"]).current_dir(home.path()).env("BACKPACK_URL", &service.base_url);
    command.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path().join("none"));
    command.env("BACKPACK_TOKEN", service.token.as_deref().expect("the demo shows tokens"));
    if is_root {
        command.uid(NOBODY);
    }
    let output = command.output().expect("the command should run");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert_eq!(err, "backpack: cannot write demo.backpack/.lock: Permission denied (os error 13)\n");
    set_mode(0o700);
    assert!(snapshot(&archive) == before);
}
