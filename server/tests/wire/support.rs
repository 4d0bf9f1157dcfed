//! A service with the demo's content, and a client that sends bytes as they are.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::demo::{self, Person};
use backpack_server::{Server, ServerConfig, Store};
use rusqlite::Connection;
use tempfile::TempDir;

/// The name of the storage's file.
const FILE: &str = "data.backpack";

/// A running service. In requests `TOKEN` stands for the first user's token.
pub(crate) struct Service {
    pub(crate) server: Server,
    people: Vec<Person>,
    /// Where the storage is; after the service, which ends before it goes.
    folder: TempDir,
}

/// An answer, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Status line and headers, without the `Date`.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Service {
    /// A service without rates.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut settings = ServerConfig::default();
        settings.limits.enforce_rate_limits = false;
        change(&mut settings);
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join(FILE)).expect("a store");
        // Another program's lock is answered at once.
        let impatient = store.write_blocking(|db| Ok(db.busy_timeout(Duration::ZERO)?));
        impatient.expect("a setting of the one connection that writes");
        let people = demo::fill(&store, Timestamp::now()).expect("the demo's content");
        Self { server: Server::start(store, settings).expect("a free port"), people, folder }
    }

    /// The storage, as another program opens it.
    pub(crate) fn file(&self) -> Connection {
        Connection::open(self.folder.path().join(FILE)).expect("the file should open")
    }

    pub(crate) fn token(&self) -> &str {
        self.people[0].token.expose()
    }

    pub(crate) fn user(&self) -> String {
        self.people[0].id.to_string()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.server.address())
    }

    /// The bytes of a request: the lines of its head, the length of its body if that is not said, and the body.
    pub(crate) fn bytes(&self, head: &str, body: &str) -> Vec<u8> {
        let (head, body) = (head.replace("TOKEN", self.token()), body.replace("TOKEN", self.token()));
        let mut lines: Vec<String> = head.trim().lines().map(|line| line.trim().to_owned()).collect();
        if !head.to_ascii_lowercase().contains("content-length:") && !body.is_empty() {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn send(&self, head: &str, body: &str) -> Reply {
        let mut stream = self.connect();
        stream.write_all(&self.bytes(head, body)).expect("a request should be taken");
        reply(&mut stream)
    }

    /// Sends a POST in XML as the documentation has it.
    pub(crate) fn ws(&self, path: &str, payload: &str) -> Reply {
        let head = format!("POST {path} HTTP/1.1\nHost: demo.example.com\nContent-Type: application/xml");
        self.send(&head, &format!("<request><token>TOKEN</token>{payload}</request>"))
    }

    /// Sends a request with the token in the header.
    pub(crate) fn rest(&self, line: &str, body: &str) -> Reply {
        let head = format!("{line} HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN\nContent-Type: application/xml");
        self.send(&head, body)
    }
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.line().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// The status line.
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// What stands in the envelope of a success.
    pub(crate) fn payload(&self) -> &str {
        let before = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">";
        let inner = self.body.strip_prefix(before).and_then(|rest| rest.strip_suffix("</response>"));
        inner.unwrap_or_else(|| panic!("{self:?} should be a success"))
    }

    /// The number that stands first in `id="…"`, or in an `<id>`.
    pub(crate) fn id(&self) -> &str {
        let after = |mark: &str| self.body.split_once(mark).map(|(_, rest)| rest);
        let digits = after(" id=\"").or_else(|| after("<id type=\"integer\">")).unwrap_or_default();
        digits.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default()
    }

    /// The number at the end of the `Location`.
    pub(crate) fn created(&self) -> &str {
        let location = self.header("location").unwrap_or_else(|| panic!("{self:?} should have a Location"));
        location.trim_end_matches(".xml").rsplit('/').next().unwrap_or_default()
    }
}

/// The answer that says no more than that all went well.
pub(crate) const DONE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\"></response>";

/// A failure as `/ws` has it.
pub(crate) fn envelope(code: u16, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><error code=\"{code}\">{message}</error></response>"
    )
}

/// Longer than any answer takes, so that a test fails rather than hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the service should listen");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Reads one answer: its head, and as much of a body as that says.
pub(crate) fn reply(stream: &mut impl Read) -> Reply {
    let head = head(stream);
    let mut reply = Reply { head, body: String::new() };
    let length = reply.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a whole body");
    reply.body = String::from_utf8(body).expect("UTF-8");
    reply
}

/// Reads the head of an answer.
pub(crate) fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            other => panic!("{other:?} after {:?}", String::from_utf8_lossy(&head)),
        }
    }
    let head = String::from_utf8(head).expect("ASCII");
    head.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: ")).collect()
}

/// Reads until the other side closes, which it has to.
pub(crate) fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    bytes
}
