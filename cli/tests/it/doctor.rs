//! `backpack doctor`.

use std::fs;

use crate::support::{Home, ServiceProcess};

/// Returns the name and the state of each check.
fn read_states(out: &str) -> Vec<(&str, &str)> {
    let cells = out.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    cells.map(|cells| (cells[0], cells[1])).collect()
}

#[test]
fn prints_one_line_for_each_check() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let out = home.stdout(&["doctor"]);
    let expected = format!(
        "token\tok\tfrom {}\n\
         host\tok\t127.0.0.1 responds\n\
         scheme\tok\thttp, on this machine only\n\
         clock\tok\tagrees with the service\n\
         rate\tok\t100 requests in 5 seconds (all), 10 requests in 5 seconds (calendar)\n\
         user\tok\tInes Moreau, number 1\n",
        home.credentials().display()
    );
    assert_eq!(out, expected);
    let json = home.read_json(&["doctor"]);
    assert_eq!(json[1]["state"], "ok", "{json}");
}

#[test]
fn names_the_failed_check_and_exits_with_its_code() {
    let mut service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let token = service.token.clone().expect("the demo shows tokens");
    let stored = fs::read_to_string(home.credentials()).expect("the file");
    fs::write(home.credentials(), stored.replace(&token, &"0".repeat(40))).expect("a file");
    let finished = home.run(&["doctor"]);
    assert_eq!(finished.code, Some(4), "{finished:?}");
    assert_eq!(read_states(&finished.out).last(), Some(&("user", "failed")), "{finished:?}");
    service.kill();
    let finished = home.run(&["doctor"]);
    assert_eq!(finished.code, Some(75), "{finished:?}");
    assert!(read_states(&finished.out).contains(&("host", "failed")), "{finished:?}");
    assert!(finished.out.contains("clock\twarning\tnot compared, since the request failed\n"), "{finished:?}");
    assert!(finished.err.starts_with("backpack: host: 127.0.0.1: users.me: could not connect"), "{finished:?}");
}

#[cfg(unix)]
#[test]
fn warns_about_credentials_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    fs::set_permissions(home.credentials(), fs::Permissions::from_mode(0o644)).expect("permissions");
    assert_eq!(read_states(&home.stdout(&["doctor"]))[0], ("token", "warning"));
}
