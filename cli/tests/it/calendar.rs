//! `backpack host calendar`.

use std::path::PathBuf;

use backpack_api::Calendar;
use backpack_api::blocking::Client;
use tempfile::TempDir;

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

/// A service with its first user, who owns the calendar `home`.
struct CalendarOwner {
    _folder: TempDir,
    data: PathBuf,
    service: ServiceProcess,
    client: Client,
}

impl CalendarOwner {
    fn start() -> Self {
        let (folder, data) = temp_data();
        let service = ServiceProcess::serve(&data);
        let client = service.client(service.token.as_ref().expect("a first start shows a token"));
        Self { _folder: folder, data, service, client }
    }

    /// Runs `backpack host calendar set home`, which should succeed. Returns its standard output.
    fn set(&self, arguments: &[&str]) -> String {
        host_stdout(&self.data, &[&["calendar", "set", "home"], arguments].concat())
    }

    /// Returns the owner's calendar as the service shows it.
    fn calendar(&self) -> Calendar {
        self.client.calendars().list().expect("the calendars").remove(0)
    }

    /// Returns the path of the calendar's feed, which has its token.
    fn feed(&self) -> String {
        format!("/{}.ics", self.calendar().token.expose())
    }

    /// Creates another user. Returns that user's client.
    fn create_tom(&self) -> Client {
        host_stdout(&self.data, &["user", "create", "home", "Tom", "--email", "tom@example.com"]);
        self.service.client(&host_stdout(&self.data, &["token", "create", "home", "Tom"]))
    }
}

/// `true` if the user of the client sees the calendar `home`.
fn sees_home(client: &Client) -> bool {
    client.calendars().list().expect("the calendars").iter().any(|calendar| calendar.name == "home")
}

#[test]
fn changes_the_given_settings_only() {
    let owner = CalendarOwner::start();
    let before = owner.calendar();
    owner.set(&["home", "--name", "Family", "--color", "0a0b0c"]);
    let renamed = owner.calendar();
    assert_eq!((&*renamed.name, &*renamed.color), ("Family", "0a0b0c"));
    assert_eq!(renamed.token, before.token);
}

#[test]
fn moves_the_feed_and_prints_its_new_path() {
    let owner = CalendarOwner::start();
    let old = owner.feed();
    let printed = owner.set(&["home", "--new-feed"]);
    assert_ne!(printed, old);
    assert_eq!(printed, owner.feed());
}

#[test]
fn moves_the_feed_when_other_users_lose_access() {
    let owner = CalendarOwner::start();
    let tom = owner.create_tom();
    assert!(!sees_home(&tom));
    assert_eq!(owner.set(&["home", "--shared", "on"]), "");
    assert!(sees_home(&tom));
    let old = owner.feed();
    let printed = owner.set(&["home", "--shared", "off"]);
    assert!(!sees_home(&tom));
    assert_ne!(printed, old);
    assert_eq!(printed, owner.feed());
}

#[test]
fn gives_a_calendar_to_another_user() {
    let owner = CalendarOwner::start();
    let tom = owner.create_tom();
    let (success, _, err) = run_host(&owner.data, &["calendar", "set", "home", "home", "--owner", "Jo"]);
    assert_eq!((success, &*err), (false, "backpack: there is no user Jo in the account home\n"));
    owner.set(&["1", "--owner", "Tom"]);
    assert!(sees_home(&tom));
    assert_eq!(owner.client.calendars().list().expect("the calendars"), []);
}
