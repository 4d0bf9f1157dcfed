//! `backpack host mail`.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::support::{ServiceProcess, backpack, temp_data};

/// Runs `backpack host mail receive` with a mail on standard input. Returns `true` if it succeeded, its standard
/// output and its standard error.
fn receive(data: &Path, mail: &[u8], recipient: &str) -> (bool, String, String) {
    let mut command = backpack();
    command.args(["host", "mail", "receive", "--recipient", recipient, "--data"]).arg(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    child.stdin.take().expect("standard input is a pipe").write_all(mail).expect("the command reads the mail");
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn receives_a_mail_for_a_page() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve(&data);
    let client = service.client(&service.token.clone().expect("a first start shows a token"));
    let id = client.pages().create("Ferry").expect("a page").id;
    let address = client.pages().show(id).expect("the page").email_address.expect("its address").expose().to_owned();
    let mail = "\u{feff}Subject: note: Oars\nContent-Type: text/markdown\n\n# Two\n".as_bytes();
    assert_eq!(receive(&data, mail, &address), (true, format!("{id}\n"), String::new()));
    let page = client.pages().show(id).expect("the page");
    assert_eq!((&*page.emails[0].subject, &*page.emails[0].body), ("note: Oars", "# Two\n"));
    assert_eq!((&*page.notes[0].title, &*page.notes[0].body), ("Oars", "# Two\n"));
}

#[test]
fn rejects_input_that_is_not_a_mail() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    let (success, _, err) = receive(&data, b"no header", "page@home.localhost");
    assert_eq!((success, &*err), (false, "backpack: The input is not a mail\n"));
}
