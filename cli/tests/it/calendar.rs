//! `backpack host calendar`.

use crate::support::{ServiceProcess, backpack, host_stdout, run_host, temp_data};

#[test]
fn lists_calendars_with_the_paths_of_their_feeds() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let id = host_stdout(&data, &["calendar", "create", "home", "home", "Family", "--shared"]);
    let calendars = service.client(&token).calendars().list().expect("the calendars");
    // The path of a feed has the token of its calendar.
    let feed = |name: &str| calendars.iter().find(|calendar| calendar.name == name).expect("a calendar").token.expose();
    let list = format!("1\t1\t-\t/{}.ics\thome\n{id}\t1\tshared\t/{}.ics\tFamily", feed("home"), feed("Family"));
    assert_eq!(host_stdout(&data, &["calendar", "list", "home"]), list);
}

#[test]
fn feeds_have_whole_addresses_if_the_domain_is_given() {
    let (_folder, data) = temp_data();
    ServiceProcess::serve(&data).stop();
    let in_domain = |arguments: &[&str]| {
        let mut command = backpack();
        command.arg("host").args(arguments).env("BACKPACK_DATA", &data).env("BACKPACK_DOMAIN", "backpack.example.org");
        String::from_utf8(command.output().expect("the command should run").stdout).expect("text")
    };
    let path = host_stdout(&data, &["calendar", "list", "home"]).split('\t').nth(3).expect("a path").to_owned();
    let list = in_domain(&["calendar", "list", "home"]);
    assert_eq!(list, format!("1\t1\t-\thttp://home.backpack.example.org{path}\thome\n"));
    host_stdout(&data, &["account", "ssl", "home", "on"]);
    let moved = in_domain(&["calendar", "set", "home", "home", "--new-feed"]);
    assert!(moved.starts_with("https://home.backpack.example.org/") && moved.ends_with(".ics\n"), "{moved}");
    let (success, _, err) = run_host(&data, &["calendar", "list", "home", "--domain", "example.org:80"]);
    assert!(!success && err.contains("`example.org:80` is not a domain"), "{err}");
}

#[test]
fn changes_a_calendar_and_moves_its_feed() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let first_client = service.client(&token);
    let first_calendar = || first_client.calendars().list().expect("the calendars").remove(0);
    let before = first_calendar();
    host_stdout(&data, &["calendar", "set", "home", "home", "--name", "Family", "--color", "0a0b0c"]);
    let renamed = first_calendar();
    assert_eq!((&*renamed.name, &*renamed.color), ("Family", "0a0b0c"));
    assert_eq!(renamed.token, before.token, "omitted settings are left unchanged");
    let feed = host_stdout(&data, &["calendar", "set", "home", "Family", "--new-feed"]);
    assert_ne!(first_calendar().token, before.token);
    assert_eq!(feed, format!("/{}.ics", first_calendar().token.expose()));

    host_stdout(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com"]);
    let client_of_tom = service.client(&host_stdout(&data, &["token", "create", "home", "Tom"]));
    let tom_sees_family =
        || client_of_tom.calendars().list().expect("the calendars").iter().any(|calendar| calendar.name == "Family");
    assert!(!tom_sees_family());
    assert_eq!(host_stdout(&data, &["calendar", "set", "home", "Family", "--shared", "on"]), "");
    assert!(tom_sees_family());
    // Tom has seen the path of the feed, so it moves when he loses access.
    let moved = host_stdout(&data, &["calendar", "set", "home", "Family", "--shared", "off"]);
    assert!(!tom_sees_family());
    assert_ne!(moved, feed);
    assert_eq!(moved, format!("/{}.ics", first_calendar().token.expose()));
    host_stdout(&data, &["calendar", "set", "home", "Family", "--shared", "on"]);
    host_stdout(&data, &["calendar", "set", "home", "1", "--shared", "off", "--owner", "Tom"]);
    assert!(tom_sees_family());
    assert_eq!(first_client.calendars().list().expect("the calendars"), []);
    let (success, _, err) = run_host(&data, &["calendar", "set", "home", "Family", "--owner", "Jo"]);
    assert_eq!((success, &*err), (false, "backpack: there is no user Jo in the account home\n"));
}
