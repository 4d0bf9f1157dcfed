//! A server on the loopback interface with which something goes wrong, over real connections.
//!
//! No clock is in it: it waits for bytes, and for the client to close a connection, and for nothing else.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};
use tokio::sync::Notify;

/// What the server does with a connection.
#[derive(Clone, Debug)]
pub enum Play {
    /// Reads a request, writes these bytes, none perhaps, and closes the connection.
    Answer(Vec<u8>),
    /// Reads a request, writes these bytes, and then nothing until the client closes the connection.
    Hang(Vec<u8>),
    /// Waits until something of a request is there, and resets the connection without having read any of it.
    ResetUnread,
    /// Reads a request, and resets the connection.
    ResetRead,
    /// Reads the beginning of a TLS handshake, or whatever comes, and refuses it as a server that has no certificate would.
    RefuseTls,
}

/// What refuses a TLS handshake: an alert, fatal, that there is no common ground.
const ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 40];

/// A server on a port of its own, which plays its script, a line for each connection. Beyond the end of the script it
/// closes each connection at once.
pub struct FaultServer {
    address: SocketAddr,
    /// Until it listens: bound, so that the port is nobody else's and connections to it are refused.
    closed: Mutex<Option<Socket>>,
    stage: Arc<Stage>,
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Stage {
    script: Mutex<VecDeque<Play>>,
    arrived: Mutex<Vec<Vec<u8>>>,
    /// The connection being served.
    current: Mutex<Option<TcpStream>>,
    /// That it has written all that there will be, and hangs.
    hangs: Notify,
    over: AtomicBool,
}

impl FaultServer {
    /// A server that listens.
    pub fn open(script: impl IntoIterator<Item = Play>) -> Self {
        let server = Self::closed(script);
        server.listen();
        server
    }

    /// A server that refuses connections until it is told to listen.
    pub fn closed(script: impl IntoIterator<Item = Play>) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket should be made");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a loopback port should be free");
        let address = socket.local_addr().ok().and_then(|address| address.as_socket());
        Self {
            address: address.expect("a socket should have an address"),
            closed: Mutex::new(Some(socket)),
            stage: Arc::new(Stage { script: Mutex::new(script.into_iter().collect()), ..Stage::default() }),
            acceptor: Mutex::default(),
        }
    }

    /// Starts to listen, if it does not yet.
    pub fn listen(&self) {
        let Some(socket) = lock(&self.closed).take() else { return };
        socket.listen(16).expect("a port of one's own should be listened to");
        let (listener, stage) = (TcpListener::from(socket), Arc::clone(&self.stage));
        *lock(&self.acceptor) = Some(thread::spawn(move || accept(&listener, &stage)));
    }

    /// Waits until it plays [`Play::Hang`] and has written its bytes; it tells one who waits, once each time.
    pub async fn hangs(&self) {
        self.stage.hangs.notified().await;
    }

    /// Its port, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where it is: `http://127.0.0.1:…`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops, and returns all that was read, in order: whole requests, and beginnings of TLS handshakes.
    pub fn arrived(self) -> Vec<Vec<u8>> {
        self.stop();
        std::mem::take(&mut *lock(&self.stage.arrived))
    }

    fn stop(&self) {
        self.stage.over.store(true, Ordering::SeqCst);
        if let Some(acceptor) = lock(&self.acceptor).take() {
            // Wakes the acceptor, so that it sees the end.
            drop(TcpStream::connect(self.address));
            // A client that has given up may keep its end open until its runtime runs again.
            let current = lock(&self.stage.current).take();
            current.map(|stream| stream.shutdown(Shutdown::Both));
            acceptor.join().expect("the server should not fail");
        }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, stage: &Stage) {
    for stream in listener.incoming() {
        *lock(&stage.current) = stream.as_ref().ok().and_then(|stream| stream.try_clone().ok());
        if stage.over.load(Ordering::SeqCst) {
            return;
        }
        let play = lock(&stage.script).pop_front();
        if let (Ok(stream), Some(play)) = (stream, play) {
            // A client that goes away in the middle has seen enough.
            let _ = serve(&stream, &play, stage);
        }
        *lock(&stage.current) = None;
    }
}

fn serve(mut stream: &TcpStream, play: &Play, stage: &Stage) -> io::Result<()> {
    match play {
        Play::ResetUnread => stream.peek(&mut [0]).map(drop)?,
        Play::RefuseTls => lock(&stage.arrived).push(read_record(stream)?),
        _ => lock(&stage.arrived).push(read_request(stream)?),
    }
    match play {
        Play::Answer(bytes) => stream.write_all(bytes),
        Play::Hang(bytes) => {
            stream.write_all(bytes)?;
            stage.hangs.notify_one();
            stream.read(&mut [0]).map(drop)
        }
        Play::ResetUnread | Play::ResetRead => SockRef::from(stream).set_linger(Some(Duration::ZERO)),
        Play::RefuseTls => stream.write_all(&ALERT),
    }
}

/// A request, head and body.
fn read_request(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if length_of(&request).is_some_and(|length| request.len() >= length) {
            return Ok(request);
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
}

/// How long a request is, once its head is there.
fn length_of(request: &[u8]) -> Option<usize> {
    let head = request.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let body = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    Some(head + body.unwrap_or(0))
}

/// One TLS record; of anything else, what came first.
fn read_record(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut first = vec![0; 4096];
    let count = stream.read(&mut first)?;
    first.truncate(count);
    if let [0x16, _, _, high, low, rest @ ..] = &first[..] {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let mut left = vec![0; length.saturating_sub(rest.len())];
        stream.read_exact(&mut left)?;
        first.extend(left);
    }
    Ok(first)
}

/// An answer as it travels, after which the connection is closed.
pub fn written(response: &http::Response<bytes::Bytes>) -> Vec<u8> {
    let status = response.status();
    let mut out = format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        out.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
    }
    out.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", response.body().len()));
    [out.as_bytes(), response.body()].concat()
}
