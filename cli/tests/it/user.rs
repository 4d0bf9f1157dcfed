//! `backpack host user`.

use std::path::Path;
use std::process::Stdio;

use backpack_api::blocking::Client;

use crate::support::{ServiceProcess, backpack, host_stdout, run_host, temp_data};

/// Options of `backpack serve` that describe the first user.
const CREATE_INES: [&str; 8] =
    ["--account", "acme", "--name", "Ines", "--email", "ines@example.com", "--time-zone", "europe/berlin"];

/// Starts the service for the first time, with Ines as the first user. Returns it with her client.
fn start_with_ines(data: &Path) -> (ServiceProcess, Client) {
    let service =
        ServiceProcess::start(backpack().arg("serve").args(CREATE_INES).arg("--data").arg(data).stderr(Stdio::null()));
    let client = service.client(service.token.as_ref().expect("a first start shows a token"));
    (service, client)
}

#[test]
fn the_first_start_creates_the_user_that_its_options_describe() {
    let (_folder, data) = temp_data();
    let (_service, client) = start_with_ines(&data);
    let ines = client.users().me().expect("me");
    assert_eq!((&*ines.name, ines.time_zone_id.as_deref()), ("Ines", Some("Berlin")));
    assert_eq!(host_stdout(&data, &["user", "list", "acme"]), format!("{}\tines@example.com\tInes", ines.id));
}

#[test]
fn changes_every_setting_of_a_user_while_the_service_runs() {
    let (_folder, data) = temp_data();
    let (_service, client) = start_with_ines(&data);
    let changes =
        ["user", "set", "acme", "Ines", "--name", "Ines Moreau", "--email", "moreau@example.com", "--admin", "off"];
    host_stdout(&data, &changes);
    let more_changes =
        ["--time-zone", "US/Pacific", "--clock", "12", "--remind-by-mail", "off", "--mobile", "555@sms.example.com"];
    host_stdout(&data, &[&["user", "set", "acme", "moreau@example.com"], &more_changes[..]].concat());
    let changed = client.users().me().expect("me");
    assert_eq!((&*changed.name, changed.email_address.as_deref()), ("Ines Moreau", Some("moreau@example.com")));
    assert_eq!(changed.time_zone_id.as_deref(), Some("Pacific Time (US & Canada)"));
    assert_eq!((changed.admin, changed.use_24h_clock), (Some(false), Some(false)));
    assert_eq!((changed.remind_via_email, changed.remind_via_mobile), (Some(false), Some(true)));
    let mobile = (changed.mobile_phone_number.as_deref(), changed.mobile_phone_host.as_deref());
    assert_eq!(mobile, (Some("555"), Some("sms.example.com")));
}

#[test]
fn leaves_omitted_settings_unchanged() {
    let (_folder, data) = temp_data();
    let (_service, client) = start_with_ines(&data);
    host_stdout(&data, &["user", "set", "acme", "Ines", "--mobile", "555@sms.example.com"]);
    host_stdout(&data, &["user", "set", "acme", "Ines", "--mobile", "none"]);
    let without_mobile = client.users().me().expect("me");
    assert_eq!((without_mobile.remind_via_mobile, without_mobile.mobile_phone_number), (Some(false), None));
    assert_eq!(without_mobile.time_zone_id.as_deref(), Some("Berlin"));
}

#[test]
fn a_change_needs_at_least_one_setting() {
    let (_folder, data) = temp_data();
    drop(start_with_ines(&data));
    let (success, out, _) = run_host(&data, &["user", "set", "acme", "Ines"]);
    assert!(!success && out.is_empty());
}

#[test]
fn shows_the_settings_of_a_user_under_their_option_names() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    host_stdout(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com", "--time-zone", "London"]);
    let show = || host_stdout(&data, &["user", "show", "home", "tom@example.com"]);
    // Settings of a new user, with the defaults of those that `create` does not set.
    let new =
        "name\tTom\nemail\ttom@example.com\ntime-zone\tLondon\nadmin\toff\nclock\t24\nremind-by-mail\ton\nmobile\tnone";
    assert_eq!(show(), new);
    let changed = new.replace("24", "12").replace("off", "on").replace("none", "555@sms.example.com");
    // Passes each line that `show` should print as an option of `set`.
    let options = changed.lines().flat_map(|line| {
        let (option, value) = line.split_once('\t').expect("an option and its value");
        [format!("--{option}"), value.to_owned()]
    });
    let options: Vec<_> = options.collect();
    let options = options.iter().map(String::as_str);
    host_stdout(&data, &["user", "set", "home", "Tom"].into_iter().chain(options).collect::<Vec<_>>());
    assert_eq!(show(), changed);
}
