//! `backpack login`, `logout`, `whoami`, and the account that commands select.

use std::fs;

use crate::support::{Home, ServiceProcess, run_command};

#[test]
fn stores_a_token_that_the_service_accepts() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let token = service.token.clone().expect("the demo shows tokens");
    let login = home.run_with_input(&["login", "coast", "--url", &service.base_url, "--token-stdin"], &token);
    assert_eq!(login.code, Some(0), "{login:?}");
    let path = home.credentials().display().to_string();
    let address = service.base_url.trim_start_matches("http://");
    let notes = format!(
        "This is Ines Moreau at {address} (http).\nThe token will be stored in {path}, readable by you only.\n"
    );
    assert_eq!(login.err, notes);
    let identity =
        format!("account\tcoast\naddress\t{}\nuser\tInes Moreau\nnumber\t1\ntoken\tfrom {path}\n", service.base_url);
    assert_eq!(login.out, identity);
    assert_eq!(home.stdout(&["whoami"]), identity);
    let json = home.read_json(&["whoami"]);
    assert_eq!((&json["account"], &json["user"]["id"]), (&"coast".into(), &1.into()), "{json}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_credentials() {
    use std::os::unix::fs::PermissionsExt;
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let mode = |path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(home.credentials()), 0o600);
    assert_eq!(mode(home.path().join("backpack")), 0o700);
    // A login replaces the file, also one that others could read.
    fs::set_permissions(home.credentials(), fs::Permissions::from_mode(0o644)).expect("permissions");
    let token = service.token.clone().expect("the demo shows tokens");
    home.run_with_input(&["login", "--url", &service.base_url, "--token-stdin"], &token);
    assert_eq!(mode(home.credentials()), 0o600);
    let files = fs::read_dir(home.path().join("backpack")).expect("the folder").count();
    assert_eq!(files, 1, "a temporary file is left");
}

#[test]
fn the_account_logged_in_last_is_the_default() {
    let (first, second) = (ServiceProcess::demo(), ServiceProcess::demo());
    let home = Home::logged_in(&first);
    let token = second.token.clone().expect("the demo shows tokens");
    let login = home.run_with_input(&["login", "coast", "--url", &second.base_url, "--token-stdin"], &token);
    assert_eq!(login.code, Some(0), "{login:?}");
    assert!(home.stdout(&["whoami"]).starts_with("account\tcoast\n"));
    assert!(home.stdout(&["whoami", "--account", "demo"]).starts_with("account\tdemo\n"));
    let selected = run_command(home.command(&["whoami"]).env("BACKPACK_ACCOUNT", "demo"), "");
    assert!(selected.out.starts_with("account\tdemo\n"), "{selected:?}");
    assert_eq!(home.stdout(&["logout"]), "logged out\tcoast\n");
    assert!(home.stdout(&["whoami"]).starts_with("account\tdemo\n"));
    assert_eq!(home.stdout(&["logout", "--json"]), "{\n  \"account\": \"demo\"\n}\n");
    let finished = home.run(&["whoami"]);
    assert_eq!(finished.code, Some(4), "{finished:?}");
    assert!(
        finished.err.starts_with("backpack: no account is logged in: run `backpack login ACCOUNT`"),
        "{finished:?}"
    );
    assert_eq!(home.run(&["logout"]).code, Some(5));
}

#[test]
fn the_environment_replaces_stored_accounts() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let token = service.token.clone().expect("the demo shows tokens");
    let mut command = home.command(&["whoami"]);
    command.env("BACKPACK_URL", &service.base_url).env("BACKPACK_TOKEN", format!("{token}\n"));
    let finished = run_command(&mut command, "");
    assert!(
        finished.out.starts_with("account\t127.0.0.1\n") && finished.out.ends_with("token\tfrom BACKPACK_TOKEN\n"),
        "{finished:?}"
    );
    assert!(!home.credentials().exists());
}

#[test]
fn a_stored_token_is_not_sent_to_another_url() {
    let (service, other) = (ServiceProcess::demo(), ServiceProcess::demo());
    let home = Home::logged_in(&service);
    let finished = home.run(&["whoami", "--account", "demo", "--url", &other.base_url]);
    assert_eq!(finished.code, Some(4), "{finished:?}");
    assert!(finished.err.starts_with("backpack: no token for demo: run `backpack login demo`"), "{finished:?}");
}

#[test]
fn a_token_that_the_service_rejects_is_not_stored() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let wrong = "0".repeat(40);
    let login = home.run_with_input(&["login", "--url", &service.base_url, "--token-stdin"], &wrong);
    assert_eq!((login.code, login.out.as_str()), (Some(4), ""), "{login:?}");
    assert!(!home.credentials().exists());
    // A mistyped token is not even sent: there is no service at this account.
    let login = home.run_with_input(&["login", "acme", "--token-stdin"], "123");
    assert_eq!(login.code, Some(2), "{login:?}");
    assert_eq!(login.err, "backpack: a token has 40 hex digits, but this text has 3 characters\n");
}

#[test]
fn wrong_addresses_are_usage_errors() {
    let home = Home::new();
    for (arguments, message) in [
        (&["login", "bad name"][..], "the account name must be the first label"),
        (&["login", "--url", "ftp://coast.example.com"], "the base URL must be `http://…` or `https://…`"),
        (
            &["login", "--url", "http://coast.example.com:3000"],
            "refusing to send the token to coast.example.com over plain http: use https\n",
        ),
        (&["login"], "there is no terminal to ask for “Account"),
        (
            &["login", "acme"],
            "there is no terminal to ask for “Token (My info, at the bottom of the page)”: use `--token-stdin`\n",
        ),
        (&["whoami", "--url", "http://coast.example.com"], "refusing to send the token to coast.example.com"),
    ] {
        let finished = home.run(arguments);
        assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:?}");
        assert!(finished.err.starts_with(&format!("backpack: {message}")), "{arguments:?}: {finished:?}");
    }
}

#[test]
fn a_damaged_file_is_reported_without_its_content() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let token = service.token.clone().expect("the demo shows tokens");
    for damaged in
        [format!("account = \"{token}\"\n"), format!("[[account]]\ntoken = \"{token}\n"), format!("{token} {token}")]
    {
        fs::write(home.credentials(), damaged).expect("a file");
        let finished = home.run(&["whoami"]);
        assert_eq!(finished.code, Some(1), "{finished:?}");
        let message = format!("backpack: {} is not valid, line ", home.credentials().display());
        assert!(finished.err.starts_with(&message), "{finished:?}");
        assert!(!finished.err.contains(&token), "{finished:?}");
    }
}
