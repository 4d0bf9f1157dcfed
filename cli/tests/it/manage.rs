//! Accounts, users, tokens and the file, by the command.

use std::path::Path;
use std::process::Stdio;

use crate::running::{Running, backpack};

/// What the command prints, and whether it succeeded.
fn run(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = backpack().args(arguments).arg("--data").arg(data).output().expect("the command should run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn printed(data: &Path, arguments: &[&str]) -> String {
    let (success, out, err) = run(data, arguments);
    assert!(success, "{arguments:?}: {err}");
    out.trim_end().to_owned()
}

#[test]
fn one_command_makes_a_backpack_that_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let first = Running::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    let page = first.client(&token).pages().create("Coast").expect("a page");
    drop(first);
    let second = Running::serve(&data);
    assert_eq!(second.client(&token).pages().show(page.id).expect("the page").title, "Coast");
}

#[test]
fn the_token_of_a_first_start_that_fails_is_not_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let (success, out, err) = run(&data, &["serve", "--listen", &address]);
    assert!(!success && err.starts_with("backpack: cannot listen on "), "{err}");
    let token = out.lines().find_map(|line| line.strip_prefix("token")).expect("a first start shows a token").trim();
    let service = Running::serve(&data);
    assert_eq!(service.token, None, "not a first start");
    assert_eq!(service.client(token).users().me().expect("the service should know the token").name, "home");
}

#[test]
fn accounts_users_and_tokens_are_made_while_the_service_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    printed(&data, &["account", "create", "acme", "--page-limit", "1"]);
    assert_eq!(printed(&data, &["account", "list"]), "acme\t-\t1\nhome\t-\t-");
    let user = printed(&data, &["user", "create", "acme", "Ines", "--email", "ines@example.com"]);
    assert_eq!(printed(&data, &["user", "list", "acme"]), format!("{user}\tines@example.com\tInes"));
    let ours =
        printed(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com", "--time-zone", "Berlin"]);
    let token = printed(&data, &["token", "create", "home", "tom@example.com"]);
    let me = service.client(&token).users().me().expect("the service should know the token");
    assert_eq!((me.id.to_string(), me.name.as_str()), (ours, "Tom"));
    assert_eq!(printed(&data, &["token", "revoke", "home", "Tom", "--all"]), "1");
    assert!(service.client(&token).users().me().is_err_and(|error| error.is_unauthorized()));
}

#[test]
fn whoever_a_first_start_makes_can_be_described_and_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let me = ["--account", "acme", "--name", "Ines", "--email", "ines@example.com", "--time-zone", "europe/berlin"];
    let service = Running::start(backpack().arg("serve").args(me).arg("--data").arg(&data).stderr(Stdio::null()));
    let token = service.token.clone().expect("a first start shows a token");
    let ines = service.client(&token).users().me().expect("me");
    assert_eq!((&*ines.name, ines.time_zone_id.as_deref()), ("Ines", Some("Berlin")));
    assert_eq!(printed(&data, &["user", "list", "acme"]), format!("{}\tines@example.com\tInes", ines.id));
    let set =
        ["user", "set", "acme", "Ines", "--name", "Ines Moreau", "--email", "moreau@example.com", "--admin", "off"];
    printed(&data, &set);
    let more =
        ["--time-zone", "US/Pacific", "--clock", "12", "--remind-by-mail", "off", "--mobile", "555@sms.example.com"];
    printed(&data, &[&["user", "set", "acme", "moreau@example.com"], &more[..]].concat());
    let set = service.client(&token).users().me().expect("me");
    assert_eq!((&*set.name, set.email_address.as_deref()), ("Ines Moreau", Some("moreau@example.com")));
    assert_eq!(set.time_zone_id.as_deref(), Some("Pacific Time (US & Canada)"));
    assert_eq!((set.admin, set.use_24h_clock), (Some(false), Some(false)));
    assert_eq!((set.remind_via_email, set.remind_via_mobile), (Some(false), Some(true)));
    let mobile = (set.mobile_phone_number.as_deref(), set.mobile_phone_host.as_deref());
    assert_eq!(mobile, (Some("555"), Some("sms.example.com")));
    printed(&data, &["user", "set", "acme", "Ines Moreau", "--mobile", "none"]);
    let none = service.client(&token).users().me().expect("me");
    assert_eq!((none.remind_via_mobile, none.mobile_phone_number), (Some(false), None));
    assert_eq!(none.time_zone_id, set.time_zone_id, "what is not named stays");
    let (success, out, _) = run(&data, &["user", "set", "acme", "Ines Moreau"]);
    assert!(!success && out.is_empty(), "there should be something to change");
}

#[test]
fn one_token_is_taken_away_and_the_other_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    let first = service.token.clone().expect("a first start shows a token");
    let mark = |line: &str| line.split('\t').next().expect("a mark").to_owned();
    let before = printed(&data, &["token", "list", "home", "home"]);
    let second = printed(&data, &["token", "create", "home", "home"]);
    let both = printed(&data, &["token", "list", "home", "home"]);
    assert_eq!((before.lines().count(), both.lines().count()), (1, 2));
    let new = both.lines().map(mark).find(|found| *found != mark(&before)).expect("the new token");
    assert!(!second.starts_with(&new), "nothing of a token is shown");
    let (success, _, err) = run(&data, &["token", "revoke", "home", "home"]);
    assert!(!success, "either one or all: {err}");
    assert_eq!(printed(&data, &["token", "revoke", "home", "home", &new.to_uppercase()]), "1");
    assert!(service.client(&second).users().me().is_err_and(|error| error.is_unauthorized()));
    service.client(&first).users().me().expect("the other token stays");
    let (success, _, err) = run(&data, &["token", "revoke", "home", "home", &new]);
    assert_eq!((success, err), (false, format!("backpack: user 1 of home has no token {new}\n")));
}

#[test]
fn a_page_limit_is_set_and_lifted() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    let client = service.client(&service.token.clone().expect("a first start shows a token"));
    printed(&data, &["account", "page-limit", "home", "1"]);
    assert_eq!(printed(&data, &["account", "list"]), "home\t-\t1");
    client.pages().create("Coast").expect("the first page");
    client.pages().create("Garden").expect_err("there is no room for a second");
    printed(&data, &["account", "page-limit", "home", "none"]);
    client.pages().create("Garden").expect("any number of pages");
    let (success, _, err) = run(&data, &["account", "page-limit", "home", "few"]);
    assert!(!success && err.contains("this is neither a number nor `none`"), "{err}");
}

#[test]
fn calendars_are_listed_with_the_path_of_their_feed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let id = printed(&data, &["calendar", "create", "home", "home", "Family", "--shared"]);
    let calendars = service.client(&token).calendars().list().expect("the calendars");
    let feed = |name: &str| calendars.iter().find(|calendar| calendar.name == name).expect("a calendar").token.expose();
    let list = format!("1\t1\t-\t/{}.ics\thome\n{id}\t1\tshared\t/{}.ics\tFamily", feed("home"), feed("Family"));
    assert_eq!(printed(&data, &["calendar", "list", "home"]), list);
}

#[test]
fn a_calendar_is_changed_and_its_old_feed_leads_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let ours = service.client(&token);
    let only = || ours.calendars().list().expect("the calendars").remove(0);
    let before = only();
    printed(&data, &["calendar", "set", "home", "home", "--name", "Family", "--color", "0a0b0c"]);
    let named = only();
    assert_eq!((&*named.name, &*named.color), ("Family", "0a0b0c"));
    assert_eq!(named.token, before.token, "what is not named stays");
    printed(&data, &["calendar", "set", "home", "Family", "--new-feed"]);
    assert_ne!(only().token, before.token);

    printed(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com"]);
    let toms = service.client(&printed(&data, &["token", "create", "home", "Tom"]));
    let seen = || toms.calendars().list().expect("the calendars").iter().any(|calendar| calendar.name == "Family");
    assert!(!seen());
    printed(&data, &["calendar", "set", "home", "Family", "--shared", "on"]);
    assert!(seen());
    printed(&data, &["calendar", "set", "home", "1", "--shared", "off", "--owner", "Tom"]);
    assert!(seen());
    assert_eq!(ours.calendars().list().expect("the calendars"), []);
    let (success, _, err) = run(&data, &["calendar", "set", "home", "Family", "--owner", "Jo"]);
    assert_eq!((success, &*err), (false, "backpack: there is no user Jo in the account home\n"));
}

#[test]
fn what_is_set_of_a_user_is_shown_under_the_names_of_the_options() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::serve(&data));
    printed(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com", "--time-zone", "London"]);
    let show = || printed(&data, &["user", "show", "home", "tom@example.com"]);
    let new =
        "name\tTom\nemail\ttom@example.com\ntime-zone\tLondon\nadmin\toff\nclock\t24\nremind-by-mail\ton\nmobile\tnone";
    assert_eq!(show(), new);
    let shown = new.replace("24", "12").replace("off", "on").replace("none", "555@sms.example.com");
    let options = shown.lines().flat_map(|line| {
        let (option, value) = line.split_once('\t').expect("an option and its value");
        [format!("--{option}"), value.to_owned()]
    });
    let options: Vec<_> = options.collect();
    let options = options.iter().map(String::as_str);
    printed(&data, &["user", "set", "home", "Tom"].into_iter().chain(options).collect::<Vec<_>>());
    assert_eq!(show(), shown);
}

#[test]
fn an_account_is_renamed_with_all_that_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    printed(&data, &["account", "create", "acme"]);
    let (success, _, err) = run(&data, &["account", "rename", "home", "Acme"]);
    assert_eq!((success, &*err), (false, "backpack: There is an account of that name already\n"));
    printed(&data, &["account", "rename", "home", "Coast"]);
    assert_eq!(printed(&data, &["account", "list"]), "acme\t-\t-\ncoast\t-\t-");
    assert_eq!(printed(&data, &["user", "list", "coast"]).lines().count(), 1);
    drop(service);
    let restarted =
        Running::start(backpack().args(["serve", "--account", "coast", "--data"]).arg(&data).stderr(Stdio::null()));
    restarted.client(&token).users().me().expect("the token stays");
}

#[test]
fn nothing_is_deleted_unless_it_is_said_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service = Running::serve(&data);
    printed(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com"]);
    let toms = printed(&data, &["token", "create", "home", "Tom"]);
    let ours = service.token.clone().expect("a first start shows a token");
    for (token, delete, what) in [
        (&toms, &["user", "delete", "home", "Tom"][..], "user 2 of home with what is theirs alone"),
        (&ours, &["account", "delete", "home"], "the account home with all that it has"),
    ] {
        let (success, _, err) = run(&data, delete);
        assert_eq!((success, err), (false, format!("backpack: nothing was deleted: `--yes` deletes {what}\n")));
        service.client(token).users().me().expect("still there");
        printed(&data, &[delete, &["--yes"]].concat());
        service.client(token).users().me().expect_err("nobody has this token any more");
    }
    assert_eq!(printed(&data, &["account", "list"]), "");
    assert_eq!(printed(&data, &["db", "check"]), "sound");
}

#[test]
fn what_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::serve(&data));
    for (arguments, missing) in [
        (&["user", "list", "typo"][..], "there is no account typo"),
        (&["account", "ssl", "typo", "on"], "there is no account typo"),
        (&["token", "create", "typo", "home"], "there is no account typo"),
        (&["token", "create", "home", "typo"], "there is no user typo in the account home"),
        (&["user", "set", "home", "7", "--name", "Tom"], "there is no user 7 in the account home"),
        (&["user", "show", "home", "7"], "there is no user 7 in the account home"),
        (&["account", "rename", "typo", "coast"], "there is no account typo"),
        (&["calendar", "delete", "home", "Work", "--yes"], "there is no calendar Work in the account home"),
        (&["calendar", "set", "home", "7", "--shared", "on"], "there is no calendar 7 in the account home"),
    ] {
        let (success, _, err) = run(&data, arguments);
        assert_eq!((success, err), (false, format!("backpack: {missing}\n")), "{arguments:?}");
    }
}

#[test]
fn a_first_start_that_cannot_be_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    for wrong in [
        ["--account", "Bad Name"],
        ["--email", "nobody"],
        ["--time-zone", "Atlantis"],
        ["--name", ""],
        ["--listen", ":3"],
    ] {
        let (success, _, _) = run(&data, &[&["serve"], &wrong[..]].concat());
        assert!(!success, "{wrong:?}");
        assert!(!data.exists(), "{wrong:?}");
    }
}

#[test]
fn a_demo_is_kept_in_memory_whatever_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::start(backpack().args(["serve", "--demo"]).env("BACKPACK_DATA", &data).stderr(Stdio::null())));
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    let (success, _, err) = run(&data, &["serve", "--demo"]);
    assert!(!success && err.contains("take either `--demo` or `--data`"), "{err}");
}

#[test]
fn an_address_may_be_a_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let service =
        Running::start(backpack().args(["serve", "--listen", "localhost:0", "--data"]).arg(data).stderr(Stdio::null()));
    service.client(&service.token.clone().expect("a first start shows a token")).users().me().expect("me");
}

/// The command, with its result going to somewhere.
#[cfg(target_os = "linux")]
fn printing_to(out: Stdio, data: &Path) -> (Option<i32>, String) {
    let mut command = backpack();
    command.args(["account", "list", "--data"]).arg(data).stdout(out).stderr(Stdio::piped());
    let output = command.spawn().and_then(|child| child.wait_with_output()).expect("the command should run");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_nobody_takes_is_a_failure_and_no_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::serve(&data));
    let (read, write) = std::io::pipe().expect("a pipe");
    drop(read);
    assert_eq!(printing_to(write.into(), &data), (Some(1), String::new()));
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
    let (code, err) = printing_to(full.into(), &data);
    assert!(code == Some(1) && err.starts_with("backpack: the result cannot be printed: No space left"), "{err}");
    let (read, write) = std::io::pipe().expect("a pipe");
    drop(read);
    let failed = backpack().args(["account", "list", "--data", "missing"]).stderr(write).status();
    assert_eq!(failed.expect("the command should run").code(), Some(1));
}

#[test]
fn a_copy_is_put_in_the_files_place_whatever_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let (data, copy) = (file("data.backpack"), file("copy.backpack"));
    let mut service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    let path = copy.to_str().expect("a path");
    printed(&data, &["db", "backup", path]);
    service.client(&token).pages().destroy(page).expect("the page should go");
    let (success, _, err) = run(&data, &["db", "restore", path]);
    let used = format!("backpack: {} is in use: stop the service first\n", data.display());
    assert_eq!((success, err), (false, used));
    // What is killed leaves a log, which is no other file's.
    service.kill();
    assert!(file("data.backpack-wal").exists());
    printed(&data, &["db", "restore", path]);
    let restored = Running::serve(&data);
    assert_eq!(restored.client(&token).pages().show(page).expect("the page").title, "Coast");
    drop(restored);
    let old = Running::serve(&file("data.backpack.old"));
    assert!(old.client(&token).pages().show(page).is_err_and(|error| error.is_not_found()), "all that was there");
    drop(old);
    let (success, _, err) = run(&data, &["db", "restore", path]);
    assert!(!success && err.contains("data.backpack.old is there from an earlier time"), "{err}");
    printed(&file("new.backpack"), &["db", "restore", path]);
    assert_eq!(printed(&file("new.backpack"), &["db", "check"]), "sound");

    // What of an earlier time is left, be it the log alone, keeps all where it was.
    std::fs::rename(file("data.backpack.old"), file("elsewhere")).expect("a file");
    let mut service = Running::serve(&data);
    let later = service.client(&token).pages().create("Later").expect("a page").id;
    service.kill();
    let (success, _, err) = run(&data, &["db", "restore", path]);
    assert!(!success && err.contains("data.backpack.old-"), "{err}");
    service = Running::serve(&data);
    assert_eq!(service.client(&token).pages().show(later).expect("the page").title, "Later");
    service.kill();
    for log in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(file(&format!("data.backpack.old{log}")));
    }
    let same = data.to_str().expect("a path");
    let (success, _, err) = run(&data, &["db", "restore", same]);
    assert_eq!((success, err), (false, format!("backpack: {same} cannot be restored from itself\n")));
    let (success, _, err) = run(folder.path(), &["db", "restore", path]);
    assert!(!success && folder.path().is_dir(), "{err}");

    std::fs::write(file("spoilt.backpack"), "no database").expect("a file");
    let (success, _, err) =
        run(&file("new.backpack"), &["db", "restore", file("spoilt.backpack").to_str().expect("a path")]);
    assert!(!success && !file("new.backpack.old").exists(), "{err}");
}

#[cfg(unix)]
#[test]
fn what_only_reads_leaves_nothing_beside_the_file_sound_or_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    Running::serve(&data).stop();
    printed(&data, &["account", "list"]);
    printed(&data, &["user", "show", "home", "home"]);
    printed(&data, &["db", "check"]);
    printed(&data, &["db", "backup", copy.to_str().expect("a path")]);
    let mut bytes = std::fs::read(&copy).expect("the copy");
    bytes[6 * 4096..9 * 4096].fill(0x55);
    std::fs::write(&copy, bytes).expect("the copy should be spoilt");
    let (success, _, err) = run(&copy, &["db", "check"]);
    assert!(!success, "{err}");
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("the folder").map(|file| file.expect("a file").file_name()).collect();
    names.sort();
    assert_eq!(names, ["copy.backpack", "data.backpack", "outbox"]);
}

#[test]
fn a_backup_of_a_running_service_is_a_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data.backpack"), folder.path().join("copy.backpack"));
    let service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let page = service.client(&token).pages().create("Coast").expect("a page").id;
    printed(&data, &["db", "backup", copy.to_str().expect("a path")]);
    service.client(&token).pages().destroy(page).expect("the page should go");
    assert_eq!(printed(&copy, &["db", "check"]), "sound");
    let restored = Running::serve(&copy);
    assert_eq!(restored.client(&token).pages().show(page).expect("the page").title, "Coast");
    let (success, _, err) = run(&data, &["db", "backup", copy.to_str().expect("a path")]);
    assert!(!success && err.contains("exists already"), "{err}");
}

/// As somebody who may read the file, but write neither to it nor beside it; whoever may do everything is nobody for that.
#[cfg(unix)]
#[test]
fn a_file_on_read_only_media_is_listed_checked_and_copied() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    let (folder, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (data, copy) = (folder.path().join("data.backpack"), copies.path().join("copy.backpack"));
    drop(Running::serve(&data));
    printed(&data, &["account", "create", "acme"]);
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("our own file");
    };
    allow(copies.path(), 0o777);
    allow(&data, 0o444);
    allow(folder.path(), 0o555);
    let nobody = |arguments: &[&str]| {
        let mut command = backpack();
        if std::fs::metadata(&data).expect("the file").uid() == 0 {
            command.uid(65534).gid(65534);
        }
        let output = command.args(arguments).arg("--data").arg(&data).output().expect("the command should run");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(nobody(&["account", "list"]), "acme\t-\t-\nhome\t-\t-\n");
    assert_eq!(nobody(&["db", "check"]), "sound\n");
    nobody(&["db", "backup", copy.to_str().expect("a path")]);
    assert_eq!(printed(&copy, &["account", "list"]), "acme\t-\t-\nhome\t-\t-");
    allow(folder.path(), 0o755);
}

#[test]
fn what_is_wrong_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.starts_with("backpack: there is no file ") && err.lines().count() == 1, "{err}");
    std::fs::write(&data, "These are notes of mine, and no database at all.\n".repeat(100)).expect("a file");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.contains("cannot be opened: file is not a database"), "{err}");
    let untouched = std::fs::read_to_string(&data).expect("the file");
    assert!(untouched.starts_with("These are notes of mine"));
    std::fs::write(&data, "").expect("a file");
    let (success, _, err) = run(&data, &["account", "list"]);
    assert!(!success && err.ends_with(" is no Backpack file\n") && err.lines().count() == 1, "{err}");
}

#[test]
fn an_address_that_names_no_account_is_the_oldest_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let first = Running::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    printed(&data, &["account", "create", "acme"]);
    drop(first);
    let second = Running::serve(&data);
    assert_eq!(second.client(&token).users().me().expect("the oldest account").name, "home");
}

#[test]
fn an_account_that_is_not_there_is_said_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    drop(Running::serve(&data));
    let (success, _, err) = run(&data, &["serve", "--listen", "127.0.0.1:0", "--account", "typo"]);
    assert!(!success);
    assert_eq!(err, "backpack: there is no account typo\n");
}

#[test]
fn the_log_has_a_level_and_no_colours_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let logged = |level: &str| {
        let file = folder.path().join(level);
        let log = std::fs::File::create(&file).expect("a file");
        let service = Running::logging(&folder.path().join("data.backpack"), level, log);
        let nobody = "0".repeat(40);
        service.client(&nobody).users().me().expect_err("nobody has this token");
        drop(service);
        std::fs::read_to_string(file).expect("the log")
    };
    let info = logged("info");
    assert!(info.contains(" INFO ") && info.contains("users.me") && !info.contains('\u{1b}'), "{info}");
    assert_eq!(logged("error"), "");
}

/// A client sends half a body, and no more.
#[cfg(unix)]
#[test]
fn a_second_signal_ends_a_stop_that_waits() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let service =
        Running::logging(&folder.path().join("data.backpack"), "info", std::fs::File::create(&log).expect("a file"));
    let address = service.address.trim_start_matches("http://").to_owned();
    let connect = || std::net::TcpStream::connect(&address);
    let mut client = connect().expect("a connection");
    let head = "POST /ws/pages/all HTTP/1.1\r\nHost: home\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
    client.write_all(head.as_bytes()).expect("a head should be taken");
    client.read_exact(&mut [0; 12]).expect("the head was taken");
    service.signal(nix::sys::signal::Signal::SIGTERM);
    while connect().is_ok() {
        std::thread::yield_now();
    }
    service.stop();
    let log = std::fs::read_to_string(log).expect("the log");
    assert!(log.contains("shutting down, draining requests requests=1"), "{log}");
    assert!(log.contains("shutting down immediately"), "{log}");
}
