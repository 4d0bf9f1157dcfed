//! A hundred thousand requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use backpack_api::NewNote;

use crate::running::Running;

const CONNECTIONS: usize = 256;

/// After 10,240 requests over 256 connections the service has all the memory that it needs: 90,112 more take hardly any,
/// and every one of them is answered with success.
#[test]
fn a_hundred_thousand_requests_are_answered_in_the_memory_of_ten_thousand() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Running::serve(&folder.path().join("data.backpack"));
    let token = service.token.clone().expect("a first start shows a token");
    let requests = requests(&service, &token);
    let mut connections: Vec<TcpStream> = (0..CONNECTIONS).map(|_| connect(&service)).collect();
    answered(&mut connections, &requests, 40);
    let before = service.resident_kilobytes();
    answered(&mut connections, &requests, 352);
    let after = service.resident_kilobytes();
    assert!(after * 10 <= before * 11, "{before} kB after ten thousand requests, {after} kB after a hundred thousand");
}

/// Requests of both styles that may be sent any number of times, in every carrier.
fn requests(service: &Running, token: &str) -> Vec<String> {
    let client = service.client(token);
    let me = client.users().me().expect("me").id;
    let page = client.pages().create("Coast").expect("a page").id;
    let note = client.notes(page).create(NewNote::new().title("Ferry").body("At nine.")).expect("a note").id;
    let list = client.lists(page).create("To pack").expect("a list").id;
    let item = client.items(page, list).create("Boots").expect("an item").id;
    let ws = |path: String, payload: &str| {
        post("POST", &path, &format!("<request><token>{token}</token>{payload}</request>"))
    };
    vec![
        ws(format!("/ws/page/{page}"), ""),
        ws("/ws/pages/all".to_owned(), ""),
        ws("/ws/pages/search".to_owned(), "<term>ferry</term>"),
        ws(format!("/ws/page/{page}/notes/update/{note}"), "<note><title>Ferry</title><body>At ten.</body></note>"),
        ws(format!("/ws/page/{page}/lists/{list}/items/toggle/{item}"), ""),
        ws(format!("/ws/page/{page}/tags/tag"), "<tags>Garden \"Slow Food\"</tags>"),
        get(&format!("/{token}/me.xml"), ""),
        get(&format!("/{token}/users/{me}/export.xml"), ""),
        get(&format!("/journal_entries.xml?token={token}"), ""),
        get("/calendars.xml", &format!("X-BP-Token: {token}\r\n")),
        post("PUT", &format!("/users/{me}/status.xml?token={token}"), "<status><message>At sea</message></status>"),
    ]
}

fn get(path: &str, header: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n")
}

fn post(method: &str, path: &str, body: &str) -> String {
    let head = "Host: localhost\r\nContent-Type: application/xml";
    format!("{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn connect(service: &Running) -> TcpStream {
    let stream = TcpStream::connect(service.address.trim_start_matches("http://")).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
}

/// Sends so many requests over each connection, one after the other; all should be answered with success.
fn answered(connections: &mut [TcpStream], requests: &[String], each: usize) {
    thread::scope(|scope| {
        for (number, connection) in connections.iter_mut().enumerate() {
            scope.spawn(move || {
                for count in 0..each {
                    let request = &requests[(number + count) % requests.len()];
                    connection.write_all(request.as_bytes()).expect("the service should read");
                    let status = status_of_an_answer(connection);
                    assert_eq!(status, "200", "{}", request.lines().next().unwrap_or_default());
                }
            });
        }
    });
}

/// The status of the next answer, all of which is read.
fn status_of_an_answer(connection: &mut TcpStream) -> String {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = connection.read(&mut buffer).expect("an answer");
        assert!(count > 0, "the service closed a connection");
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or_default() {
            return head.split(' ').nth(1).unwrap_or_default().to_owned();
        }
    }
}
