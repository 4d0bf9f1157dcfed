//! A server with the content of the demo, and a client that sends bytes unchanged.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::{Server, ServerConfig, Store, demo};
use rusqlite::Connection;
use tempfile::TempDir;

/// File name of the data file in its folder.
const FILE: &str = "data.backpack";

/// Timeout that is longer than any response takes, so that a test fails instead of hanging.
const IO_TIMEOUT: Duration = Duration::from_secs(20);

/// Envelope of a success without a result.
pub(crate) const EMPTY_ENVELOPE: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\"></response>";

/// Returns the error envelope of `/ws`.
pub(crate) fn error_envelope(code: u16, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><error code=\"{code}\">{message}</error></response>"
    )
}

/// A running server. In requests, `TOKEN` stands for the token of the first user.
pub(crate) struct TestServer {
    pub(crate) server: Server,
    token: String,
    user: String,
    /// Folder of the data file. Declared after the server, so that it is removed after the server has stopped.
    folder: TempDir,
}

/// A response as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawResponse {
    /// Status line and headers, without `Date`.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl TestServer {
    /// Starts a server without rate limits.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts a server without rate limits, with a configuration that `change` has adapted.
    pub(crate) fn start_with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = ServerConfig::default();
        config.limits.enforce_rate_limits = false;
        change(&mut config);
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join(FILE)).expect("a store");
        // Writes fail at once, instead of waiting for another program's lock.
        let result = store.write_blocking(|db| Ok(db.busy_timeout(Duration::ZERO)?));
        result.expect("the timeout should be set on the only connection that writes");
        let users = demo::fill(&store, Timestamp::now()).expect("the content of the demo");
        let (token, user) = (users[0].token.expose().to_owned(), users[0].id.to_string());
        Self { server: Server::start(store, config).expect("a free port"), token, user, folder }
    }

    /// Opens the data file, as another program would.
    pub(crate) fn open_file(&self) -> Connection {
        Connection::open(self.folder.path().join(FILE)).expect("the file should open")
    }

    /// Token of the first user.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Id of the first user.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// Opens a connection to the server.
    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.server.address())
    }

    /// Builds a request from the lines of its head and its body. White space around the lines is removed. Adds a
    /// `Content-Length` if the head has none and the body is not empty.
    pub(crate) fn build_request(&self, head: &str, body: &str) -> Vec<u8> {
        let (head, body) = (head.replace("TOKEN", self.token()), body.replace("TOKEN", self.token()));
        let mut lines: Vec<String> = head.trim().lines().map(|line| line.trim().to_owned()).collect();
        if !head.to_ascii_lowercase().contains("content-length:") && !body.is_empty() {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
    }

    /// Sends a request on a new connection and reads the response.
    pub(crate) fn send(&self, head: &str, body: &str) -> RawResponse {
        let mut stream = self.connect();
        stream.write_all(&self.build_request(head, body)).expect("the request should be sent");
        read_response(&mut stream)
    }

    /// Sends a request to `/ws` in the documented form, with the token in the XML.
    pub(crate) fn ws(&self, path: &str, payload: &str) -> RawResponse {
        let head = format!("POST {path} HTTP/1.1\nHost: demo.example.com\nContent-Type: application/xml");
        self.send(&head, &format!("<request><token>TOKEN</token>{payload}</request>"))
    }

    /// Sends a REST request with the token in a header.
    pub(crate) fn rest(&self, line: &str, body: &str) -> RawResponse {
        let head = format!("{line} HTTP/1.1\nHost: demo.example.com\nX-BP-Token: TOKEN\nContent-Type: application/xml");
        self.send(&head, body)
    }
}

impl RawResponse {
    /// Status code of the status line.
    pub(crate) fn status(&self) -> u16 {
        self.status_line().split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// First line of the head.
    pub(crate) fn status_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// Value of the first header with a name, ignoring case; `None` if there is none.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Content of a success envelope. Panics for any other body.
    pub(crate) fn payload(&self) -> &str {
        let before = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"true\">";
        let inner = self.body.strip_prefix(before).and_then(|rest| rest.strip_suffix("</response>"));
        inner.unwrap_or_else(|| panic!("{self:?} should be a success"))
    }

    /// First id in the body: of an attribute, or else of an element. Empty if there is none.
    pub(crate) fn id(&self) -> &str {
        let after = |mark: &str| self.body.split_once(mark).map(|(_, rest)| rest);
        let digits = after(" id=\"").or_else(|| after("<id type=\"integer\">")).unwrap_or_default();
        digits.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default()
    }

    /// Id at the end of the `Location`, without `.xml`.
    pub(crate) fn location_id(&self) -> &str {
        let location = self.header("location").unwrap_or_else(|| panic!("{self:?} should have a Location"));
        location.trim_end_matches(".xml").rsplit('/').next().unwrap_or_default()
    }
}

/// Opens a connection on which reading and writing have timeouts.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server should listen");
    stream.set_read_timeout(Some(IO_TIMEOUT)).expect("a timeout");
    stream.set_write_timeout(Some(IO_TIMEOUT)).expect("a timeout");
    stream
}

/// Reads a response: its head, and a body of the length that the head announces, by default none.
pub(crate) fn read_response(stream: &mut impl Read) -> RawResponse {
    let mut response = RawResponse { head: read_head(stream), body: String::new() };
    let length = response.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a whole body");
    response.body = String::from_utf8(body).expect("UTF-8");
    response
}

/// Reads the head of a response, byte by byte so that the body stays unread. Leaves out `Date`, which changes.
pub(crate) fn read_head(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            other => panic!("{other:?} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    let head = String::from_utf8(bytes).expect("ASCII");
    head.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: ")).collect()
}

/// Reads until the server closes or resets the connection. Returns the bytes received before.
pub(crate) fn read_until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    bytes
}
