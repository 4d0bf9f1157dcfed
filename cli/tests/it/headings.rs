//! Results on a terminal, which have headings.

use std::fs::File;
use std::io::Read;
use std::path::Path;

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
