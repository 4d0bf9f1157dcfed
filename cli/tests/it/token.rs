//! `backpack host token`.

use crate::support::{ServiceProcess, host_stdout, run_host, temp_data};

#[test]
fn revokes_one_token_and_keeps_the_other() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let first = service.token.clone().expect("a first start shows a token");
    let fingerprint = |line: &str| line.split('\t').next().expect("a fingerprint").to_owned();
    let before = host_stdout(&data, &["token", "list", "home", "home"]);
    let second = host_stdout(&data, &["token", "create", "home", "home"]);
    let both = host_stdout(&data, &["token", "list", "home", "home"]);
    assert_eq!((before.lines().count(), both.lines().count()), (1, 2));
    let new = both.lines().map(fingerprint).find(|found| *found != fingerprint(&before)).expect("the new token");
    assert!(!second.starts_with(&new), "a fingerprint must not reveal its token");
    let (success, _, err) = run_host(&data, &["token", "revoke", "home", "home"]);
    assert!(!success, "a fingerprint or `--all` is required: {err}");
    assert_eq!(host_stdout(&data, &["token", "revoke", "home", "home", &new.to_uppercase()]), "1");
    assert!(service.client(&second).users().me().is_err_and(|error| error.is_unauthorized()));
    service.client(&first).users().me().expect("the other token stays");
    let (success, _, err) = run_host(&data, &["token", "revoke", "home", "home", &new]);
    assert_eq!((success, err), (false, format!("backpack: user 1 of home has no token {new}\n")));
}
