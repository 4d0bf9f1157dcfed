//! `backpack host account`.

use std::process::Stdio;

use crate::support::{ServiceProcess, backpack, host_stdout, run_host, temp_data};

#[test]
fn manages_accounts_users_and_tokens_while_the_service_runs() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    host_stdout(&data, &["account", "create", "acme", "--page-limit", "1"]);
    assert_eq!(host_stdout(&data, &["account", "list"]), "acme\t-\t1\nhome\t-\t-");
    let user = host_stdout(&data, &["user", "create", "acme", "Ines", "--email", "ines@example.com"]);
    assert_eq!(host_stdout(&data, &["user", "list", "acme"]), format!("{user}\tines@example.com\tInes"));
    let tom =
        host_stdout(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com", "--time-zone", "Berlin"]);
    let token = host_stdout(&data, &["token", "create", "home", "tom@example.com"]);
    let me = service.client(&token).users().me().expect("the service should know the token");
    assert_eq!((me.id.to_string(), me.name.as_str()), (tom, "Tom"));
    assert_eq!(host_stdout(&data, &["token", "revoke", "home", "Tom", "--all"]), "1");
    assert!(service.client(&token).users().me().is_err_and(|error| error.is_unauthorized()));
}

#[test]
fn sets_and_lifts_a_page_limit() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let client = service.client(&service.token.clone().expect("a first start shows a token"));
    host_stdout(&data, &["account", "page-limit", "home", "1"]);
    assert_eq!(host_stdout(&data, &["account", "list"]), "home\t-\t1");
    client.pages().create("Coast").expect("the limit allows one page");
    client.pages().create("Garden").expect_err("the limit allows no second page");
    host_stdout(&data, &["account", "page-limit", "home", "none"]);
    client.pages().create("Garden").expect("the limit is removed");
}

#[test]
fn a_page_limit_is_a_number_or_none() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    let (success, _, err) = run_host(&data, &["account", "page-limit", "home", "few"]);
    assert!(!success && err.contains("expected a number or `none`"), "{err}");
}

#[test]
fn renames_an_account_with_its_content() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    host_stdout(&data, &["account", "rename", "home", "Coast"]);
    assert_eq!(host_stdout(&data, &["account", "list"]), "coast\t-\t-");
    assert_eq!(host_stdout(&data, &["user", "list", "coast"]).lines().count(), 1);
    drop(service);
    let restarted = ServiceProcess::start(
        backpack().args(["serve", "--account", "coast", "--data"]).arg(&data).stderr(Stdio::null()),
    );
    restarted.client(&token).users().me().expect("the token stays");
}

#[test]
fn does_not_rename_an_account_to_the_name_of_another_one() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    host_stdout(&data, &["account", "create", "acme"]);
    let (success, _, err) = run_host(&data, &["account", "rename", "home", "Acme"]);
    assert_eq!((success, &*err), (false, "backpack: An account with this name already exists\n"));
    assert_eq!(host_stdout(&data, &["account", "list"]), "acme\t-\t-\nhome\t-\t-");
}

#[test]
fn deletes_only_with_a_confirmation() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    host_stdout(&data, &["user", "create", "home", "Tom", "--email", "tom@example.com"]);
    let token_of_tom = host_stdout(&data, &["token", "create", "home", "Tom"]);
    let first_token = service.token.clone().expect("a first start shows a token");
    for (token, delete, target) in [
        (&token_of_tom, &["user", "delete", "home", "Tom"][..], "user 2 of home and the data that only they own"),
        (&first_token, &["account", "delete", "home"], "the account home with all its content"),
    ] {
        let (success, _, err) = run_host(&data, delete);
        assert_eq!(
            (success, err),
            (false, format!("backpack: nothing was deleted: pass `--yes` to delete {target}\n"))
        );
        service.client(token).users().me().expect("nothing was deleted");
        host_stdout(&data, &[delete, &["--yes"]].concat());
        service.client(token).users().me().expect_err("the token was deleted");
    }
    assert_eq!(host_stdout(&data, &["account", "list"]), "");
    assert_eq!(host_stdout(&data, &["db", "check"]), "ok");
}
