//! A server that sends scripted bytes, and records the requests.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::SECRET;

/// Reaction of the server to a request.
pub(super) enum Action {
    /// Sends these bytes, and waits for the next request on the same connection.
    Respond(Vec<u8>),
    /// Sends these bytes, which may be empty, and closes the connection.
    Close(Vec<u8>),
    /// Sends these bytes, and then nothing until the client closes the connection.
    Hang(Vec<u8>),
    /// Sends these bytes, and then one chunk after the other until the client closes the connection.
    Drip(Vec<u8>),
}

/// A request as it was received.
#[derive(Clone, Debug)]
pub(super) struct ReceivedRequest {
    /// Number of the connection: 1 for the first, 2 for the second.
    pub(super) connection: usize,
    /// Request line and headers, without the empty line.
    pub(super) head: String,
    pub(super) body: String,
}

impl ReceivedRequest {
    pub(super) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// Names of the headers, sorted, without reqwest's `Accept: */*`.
    pub(super) fn names(&self) -> Vec<String> {
        let lines = self.head.lines().skip(1).filter(|line| !line.eq_ignore_ascii_case("accept: */*"));
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let mut names: Vec<_> = pairs.map(|(key, _)| key.to_ascii_lowercase()).collect();
        names.sort();
        names
    }
}

/// A server on a port of its own. Each request takes the next action of the script, on any connection.
pub(super) struct RawServer {
    pub(super) address: SocketAddr,
    state: Arc<ServerState>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct ServerState {
    script: Mutex<VecDeque<Action>>,
    requests: Mutex<Vec<ReceivedRequest>>,
    stopped: AtomicBool,
    /// All connections so far.
    connections: Mutex<Vec<TcpStream>>,
}

impl RawServer {
    pub(super) fn new(script: impl IntoIterator<Item = Action>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state =
            Arc::new(ServerState { script: Mutex::new(script.into_iter().collect()), ..ServerState::default() });
        let shared = state.clone();
        let acceptor = thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                if shared.stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (state, stream) = (shared.clone(), stream.unwrap());
                state.connections.lock().unwrap().push(stream.try_clone().unwrap());
                thread::spawn(move || {
                    serve(&state, index + 1, &stream);
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, state, acceptor: Some(acceptor) }
    }

    pub(super) fn responding(response: &str) -> Self {
        Self::new([Action::Respond(response.into())])
    }

    pub(super) fn uri(&self) -> String {
        format!("http://{}/{SECRET}/notes.xml?token={SECRET}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<ReceivedRequest> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Closes all connections, as a server closes idle ones.
    pub(super) fn close_all(&self) {
        for connection in self.state.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn only_request(&self) -> ReceivedRequest {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // Wakes the acceptor, so that it sees the flag.
        drop(TcpStream::connect(self.address));
        self.acceptor.take().unwrap().join().unwrap();
    }
}

/// Serves one connection, until either side closes it.
fn serve(state: &ServerState, connection: usize, mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader, connection) {
        state.requests.lock().unwrap().push(request);
        let action = state.script.lock().unwrap().pop_front().expect("no more requests than the script has actions");
        let (Action::Respond(bytes) | Action::Close(bytes) | Action::Hang(bytes) | Action::Drip(bytes)) = &action;
        // The client may have closed the connection already, for instance at its size limit.
        let written = stream.write_all(bytes);
        match action {
            Action::Respond(_) if written.is_ok() => {}
            Action::Respond(_) | Action::Close(_) => return,
            Action::Drip(_) => {
                while stream.write_all(b"1\r\n.\r\n").is_ok() {}
                return;
            }
            Action::Hang(_) => {
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn read_request(reader: &mut impl BufRead, connection: usize) -> Option<ReceivedRequest> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return None;
        }
    }
    let mut request = ReceivedRequest { connection, head: head.trim_end().to_owned(), body: String::new() };
    let length = request.header("content-length").first().map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}
