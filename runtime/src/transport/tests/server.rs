//! A server that plays raw bytes to raw requests, and remembers them.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::SECRET;

/// What the server does with a request that it has read.
pub(super) enum Play {
    /// Writes these bytes, and waits for the next request on the same connection.
    Answer(Vec<u8>),
    /// Writes these bytes, none perhaps, and closes the connection.
    Close(Vec<u8>),
    /// Writes these bytes, and then nothing until the client closes the connection.
    Hang(Vec<u8>),
    /// Writes these bytes, and then one chunk after the other until the client closes the connection.
    Drip(Vec<u8>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The connection it came over: 1 for the first, 2 for the second.
    pub(super) connection: usize,
    /// Request line and headers, without the empty line.
    pub(super) head: String,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
    }

    /// The names of the headers in order, but for reqwest's `Accept: */*`, which says nothing.
    pub(super) fn names(&self) -> Vec<String> {
        let lines = self.head.lines().skip(1).filter(|line| !line.eq_ignore_ascii_case("accept: */*"));
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let mut names: Vec<_> = pairs.map(|(key, _)| key.to_ascii_lowercase()).collect();
        names.sort();
        names
    }
}

/// A server on a port of its own, which plays its script, one line a request, whatever connection it comes over.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    stage: Arc<Stage>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Stage {
    script: Mutex<VecDeque<Play>>,
    seen: Mutex<Vec<Seen>>,
    over: AtomicBool,
    /// Every connection that came so far.
    connections: Mutex<Vec<TcpStream>>,
}

impl Server {
    pub(super) fn new(script: impl IntoIterator<Item = Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stage = Arc::new(Stage { script: Mutex::new(script.into_iter().collect()), ..Stage::default() });
        let shared = stage.clone();
        let acceptor = thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                if shared.over.load(Ordering::SeqCst) {
                    break;
                }
                let (stage, stream) = (shared.clone(), stream.unwrap());
                stage.connections.lock().unwrap().push(stream.try_clone().unwrap());
                thread::spawn(move || {
                    serve(&stage, index + 1, &stream);
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, stage, acceptor: Some(acceptor) }
    }

    pub(super) fn answering(answer: &str) -> Self {
        Self::new([Play::Answer(answer.into())])
    }

    pub(super) fn uri(&self) -> String {
        format!("http://{}/{SECRET}/notes.xml?token={SECRET}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.stage.seen.lock().unwrap().clone()
    }

    /// Closes all connections, as a server does with idle ones.
    pub(super) fn close_all(&self) {
        for connection in self.stage.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stage.over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, so that it sees the end.
        drop(TcpStream::connect(self.address));
        self.acceptor.take().unwrap().join().unwrap();
    }
}

/// Reads requests off one connection and plays to them, until either side closes it.
fn serve(stage: &Stage, connection: usize, mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some(seen) = read_request(&mut reader, connection) {
        stage.seen.lock().unwrap().push(seen);
        let play = stage.script.lock().unwrap().pop_front().expect("no more requests than the script has lines");
        let (Play::Answer(bytes) | Play::Close(bytes) | Play::Hang(bytes) | Play::Drip(bytes)) = &play;
        // The client may have closed the connection by now, having seen enough.
        let written = stream.write_all(bytes);
        match play {
            Play::Answer(_) if written.is_ok() => {}
            Play::Answer(_) | Play::Close(_) => return,
            Play::Drip(_) => {
                while stream.write_all(b"1\r\n.\r\n").is_ok() {}
                return;
            }
            Play::Hang(_) => {
                let _ = reader.read(&mut [0]);
                return;
            }
        }
    }
}

fn read_request(reader: &mut impl BufRead, connection: usize) -> Option<Seen> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return None;
        }
    }
    let mut seen = Seen { connection, head: head.trim_end().to_owned(), body: String::new() };
    let length = seen.header("content-length").first().map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}
