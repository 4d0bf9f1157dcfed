//! Results of `backpack host`: on a terminal they have headings, `--json` prints them as JSON.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{ServiceProcess, backpack, host_stdout, temp_data};

/// Runs `backpack host` on a data file, with a terminal as standard output. Returns the printed lines.
fn run_on_terminal(data: &Path, arguments: &[&str]) -> Vec<String> {
    let terminal = nix::pty::openpty(None, None).expect("a terminal");
    let mut command = backpack();
    command.arg("host").args(arguments).env("BACKPACK_DATA", data).env("NO_COLOR", "1").stdout(terminal.slave);
    assert!(command.status().expect("the command should run").success(), "{arguments:?}");
    // Closes the last copy of the terminal, so that the output ends.
    drop(command);
    let (mut master, mut output) = (File::from(terminal.master), Vec::new());
    // Linux reports the end as an error.
    let _ = master.read_to_end(&mut output);
    String::from_utf8(output).expect("text").lines().map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn every_result_of_host_has_a_heading_on_a_terminal() {
    let (folder, data) = temp_data();
    ServiceProcess::serve(&data).stop();
    let copy = folder.path().join("copy.backpack").display().to_string();
    host_stdout(&data, &["db", "backup", &copy]);
    for (arguments, heading, lines) in [
        (&["account", "list"][..], "NAME  SSL  PAGE LIMIT", 2),
        (&["user", "create", "home", "Ines", "--email", "ines@example.org"], "ID", 2),
        (&["user", "list", "home"], "ID  E-MAIL            NAME", 3),
        (&["user", "show", "home", "Ines"], "SETTING         VALUE", 8),
        (&["token", "create", "home", "Ines"], "TOKEN", 2),
        (&["token", "list", "home", "Ines"], "FINGERPRINT  CREATED", 2),
        (&["token", "revoke", "home", "Ines", "--all"], "REVOKED", 2),
        (&["calendar", "create", "home", "Ines", "Family"], "ID", 2),
        (&["calendar", "set", "home", "Family", "--new-feed"], "FEED", 2),
        (&["db", "restore", &copy], "REPLACED FILE", 2),
    ] {
        let printed = run_on_terminal(&data, arguments);
        assert_eq!((printed[0].as_str(), printed.len()), (heading, lines), "{arguments:?}: {printed:#?}");
    }
    let calendars = run_on_terminal(&data, &["calendar", "list", "home", "--domain", "backpack.example.org"]);
    assert!(calendars[0].starts_with("ID  OWNER  SHARED  FEED    "), "{calendars:#?}");
    assert!(calendars[1].starts_with("1   1      -       http://home.backpack.example.org/"), "{calendars:#?}");
}

#[test]
fn every_result_of_host_can_be_json() {
    let (folder, data) = temp_data();
    ServiceProcess::serve(&data).stop();
    let copy = folder.path().join("copy.backpack").display().to_string();
    host_stdout(&data, &["db", "backup", &copy]);
    let print_json = |arguments: &[&str]| -> Value {
        let printed = host_stdout(&data, &[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {printed}"))
    };
    assert_eq!(print_json(&["account", "list"]), json!([{ "name": "home", "ssl": false, "page_limit": null }]));
    let created = print_json(&["user", "create", "home", "Ines", "--email", "ines@example.org"]);
    let ines = json!({ "id": created["id"], "email": "ines@example.org", "name": "Ines" });
    assert!(created["id"].is_number(), "{created}");
    assert_eq!(print_json(&["user", "list", "home"])[1], ines);
    assert_eq!(print_json(&["user", "show", "home", "Ines"])[0], json!({ "setting": "name", "value": "Ines" }));
    assert!(print_json(&["token", "create", "home", "Ines"])["token"].is_string());
    assert!(print_json(&["token", "list", "home", "Ines"])[0]["created"].is_string());
    assert_eq!(print_json(&["token", "revoke", "home", "Ines", "--all"]), json!({ "revoked": 1 }));
    assert!(print_json(&["calendar", "create", "home", "Ines", "Family", "--shared"])["id"].is_number());
    let calendars = print_json(&["calendar", "list", "home"]);
    let shared: Vec<_> = calendars.as_array().expect("rows").iter().map(|row| &row["shared"]).collect();
    assert!(shared.contains(&&json!(true)) && shared.contains(&&json!(false)), "{calendars}");
    assert_eq!(print_json(&["db", "check"]), json!({ "state": "ok" }));
    assert!(print_json(&["db", "restore", &copy])["replaced_file"].is_string());
}
