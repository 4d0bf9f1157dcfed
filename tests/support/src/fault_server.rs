//! An HTTP server on the loopback interface that follows a script of faults.
//!
//! It reads no clock: it waits for bytes and for the client to close a connection, and for nothing else.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};
use tokio::sync::Notify;

use crate::http1;

/// The server's action to one request.
#[derive(Clone, Debug)]
pub enum Action {
    /// Reads the request, writes these bytes and waits for the next request on the same connection.
    Respond(Vec<u8>),
    /// Reads the request, writes these bytes, which may be none, and closes the connection.
    Close(Vec<u8>),
    /// Reads the request, writes these bytes, and then nothing until the client closes the connection.
    Hang(Vec<u8>),
    /// Reads the request, writes the first bytes once, and then the others again and again until the client closes the
    /// connection.
    Drip(Vec<u8>, Vec<u8>),
    /// Waits for the first byte of the request, writes these bytes without reading it, and leaves the connection open.
    RespondUnread(Vec<u8>),
    /// Waits for the first byte of the request and resets the connection without reading it.
    ResetUnread,
    /// Reads the request and resets the connection.
    ResetRead,
    /// Reads the first record of a TLS handshake and rejects it, like a server without a certificate.
    RejectTls,
}

/// A TLS record with the fatal alert `handshake_failure`.
const TLS_ALERT: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 40];

/// First byte of a TLS record that holds a handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// Bytes that the server read: a whole request, or the first record of a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// Number of the connection, in the order in which the server accepted them, from 1.
    pub connection: usize,
    /// The bytes as read.
    pub bytes: Vec<u8>,
}

impl ReceivedRequest {
    /// Returns the request line.
    pub fn line(&self) -> &str {
        http1::start_line(&self.bytes)
    }

    /// Returns the values of all headers of this name, in order.
    pub fn header(&self, name: &str) -> Vec<&str> {
        http1::headers(&self.bytes, name)
    }

    /// Returns the lower-case names of the headers, sorted, without the `Accept: */*` that some clients add.
    pub fn names(&self) -> Vec<String> {
        let lines = http1::head_lines(&self.bytes).skip(1).filter(|line| !line.eq_ignore_ascii_case("accept: */*"));
        let pairs = lines.filter_map(|line| line.split_once(':'));
        let mut names: Vec<_> = pairs.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    }

    /// Returns the body as text.
    pub fn body(&self) -> &str {
        str::from_utf8(http1::split(&self.bytes).1).expect("a body should be UTF-8")
    }
}

/// An HTTP server on a port of its own. Its script has one [`Action`] for each request, in order, over all
/// connections. After the end of the script it reads each further request and closes the connection.
///
/// Dropping it closes all connections.
pub struct FaultServer {
    address: SocketAddr,
    /// The socket until the server listens. It is bound, so that no other process gets the port, and connections to the
    /// port are refused.
    bound: Mutex<Option<Socket>>,
    state: Arc<ServerState>,
    /// The thread that accepts connections. `None` before the server listens and after it was stopped.
    acceptor: Mutex<Option<JoinHandle<()>>>,
}

/// State that the threads of the server share.
#[derive(Default)]
struct ServerState {
    /// Actions that are left.
    script: Mutex<VecDeque<Action>>,
    /// Requests read so far.
    received: Mutex<Vec<ReceivedRequest>>,
    /// Open connections by number, to close them from outside of their threads.
    open: Mutex<HashMap<usize, TcpStream>>,
    /// Connections that are left open.
    unread: Mutex<Vec<TcpStream>>,
    /// Notified when the bytes of an [`Action::Hang`] have been written.
    hanging: Notify,
    is_stopped: AtomicBool,
}

impl FaultServer {
    /// Starts a server that listens.
    pub fn start(script: impl IntoIterator<Item = Action>) -> Self {
        let server = Self::bind(script);
        server.listen();
        server
    }

    /// Reserves a port without listening: connections are refused until [`FaultServer::listen`].
    pub fn bind(script: impl IntoIterator<Item = Action>) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket should be created");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a loopback port should be free");
        let address = socket.local_addr().ok().and_then(|address| address.as_socket());
        Self {
            address: address.expect("a socket should have an address"),
            bound: Mutex::new(Some(socket)),
            state: Arc::new(ServerState { script: Mutex::new(script.into_iter().collect()), ..ServerState::default() }),
            acceptor: Mutex::default(),
        }
    }

    /// Starts to listen. Has no effect on a server that listens already.
    pub fn listen(&self) {
        let Some(socket) = lock(&self.bound).take() else { return };
        socket.listen(128).expect("a bound port should be listened to");
        let (listener, state) = (TcpListener::from(socket), Arc::clone(&self.state));
        *lock(&self.acceptor) = Some(thread::spawn(move || accept_connections(&listener, &state)));
    }

    /// Waits until the server has written the bytes of an [`Action::Hang`]. Each such action wakes one waiting task.
    pub async fn hanging(&self) {
        self.state.hanging.notified().await;
    }

    /// Address of the server, on 127.0.0.1.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL of the server: `http://127.0.0.1:…`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests read so far, in order.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        lock(&self.state.received).clone()
    }

    /// Stops the server and returns the bytes of each request that it read, in order.
    pub fn into_requests(self) -> Vec<Vec<u8>> {
        self.stop();
        lock(&self.state.received).drain(..).map(|request| request.bytes).collect()
    }

    /// Closes all open connections, as a server does with idle ones.
    pub fn close_all(&self) {
        for connection in lock(&self.state.open).values() {
            // Shutting down fails if the client has closed the connection already.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// Closes all connections and waits for the threads. Has no effect if the server does not listen.
    fn stop(&self) {
        self.state.is_stopped.store(true, Ordering::SeqCst);
        if let Some(acceptor) = lock(&self.acceptor).take() {
            // Wakes the acceptor, which then sees the flag and ends.
            drop(TcpStream::connect(self.address));
            self.close_all();
            acceptor.join().expect("the server should not panic");
        }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Locks a mutex, also after a thread panicked while holding it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves each connection on a thread of its own until the server is stopped, and waits for these threads.
fn accept_connections(listener: &TcpListener, state: &ServerState) {
    thread::scope(|scope| {
        for (index, stream) in listener.incoming().enumerate() {
            // The clone is for closing the connection from another thread.
            if let Ok((stream, clone)) = stream.and_then(|stream| Ok((stream.try_clone()?, stream))) {
                lock(&state.open).insert(index + 1, clone);
                if state.is_stopped.load(Ordering::SeqCst) {
                    lock(&state.open).values().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
                    return;
                }
                scope.spawn(move || {
                    // A client that closes the connection early ends the script for this connection.
                    let _ = serve_connection(&stream, index + 1, state);
                    // The last handle closes the socket, with a reset if `reset` was called.
                    lock(&state.open).remove(&(index + 1));
                });
            }
        }
    });
}

/// Responds to each request of a connection with the next action of the script.
fn serve_connection(mut stream: &TcpStream, connection: usize, state: &ServerState) -> io::Result<()> {
    // `peek` waits for the first byte of a request without reading it, because `ResetUnread` must not read.
    while stream.peek(&mut [0])? > 0 {
        let action = lock(&state.script).pop_front();
        match action {
            Some(Action::ResetUnread) => return reset(stream),
            Some(Action::RespondUnread(bytes)) => {
                lock(&state.unread).push(stream.try_clone()?);
                return stream.write_all(&bytes);
            }
            _ => {}
        }
        let Some(bytes) = read_request(stream)? else { return Ok(()) };
        lock(&state.received).push(ReceivedRequest { connection, bytes });
        match action {
            Some(Action::Respond(bytes)) => stream.write_all(&bytes)?,
            Some(Action::Close(bytes)) => return stream.write_all(&bytes),
            Some(Action::Hang(bytes)) => {
                stream.write_all(&bytes)?;
                state.hanging.notify_one();
                return stream.read(&mut [0]).map(drop);
            }
            Some(Action::Drip(first, repeated)) => {
                stream.write_all(&first)?;
                loop {
                    stream.write_all(&repeated)?;
                }
            }
            Some(Action::ResetRead) => return reset(stream),
            Some(Action::RejectTls) => return stream.write_all(&TLS_ALERT),
            // The first two were handled before the request was read.
            Some(Action::ResetUnread | Action::RespondUnread(_)) | None => return Ok(()),
        }
    }
    Ok(())
}

/// Makes the socket send a reset instead of an orderly end when it is closed.
fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Reads an HTTP request, or one TLS record if the client starts a handshake. Returns `None` if the client closed the
/// connection before the first byte.
fn read_request(mut stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut first = [0];
    stream.peek(&mut first)?;
    if first[0] != TLS_HANDSHAKE {
        return http1::read_message(&mut stream);
    }
    let mut record = vec![0; 5];
    stream.read_exact(&mut record)?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    stream.read_exact(&mut record[5..])?;
    Ok(Some(record))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

    fn send(stream: &mut TcpStream, line: &str) {
        stream.write_all(format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    }

    fn read_rest(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn follows_the_script_over_all_connections() {
        let script = [Action::Respond(RESPONSE.into()), Action::Close(RESPONSE.into())];
        let server = FaultServer::start(script);
        let mut first = TcpStream::connect(server.address()).unwrap();
        send(&mut first, "GET /1");
        assert_eq!(http1::read_message(&mut first).unwrap().unwrap(), RESPONSE);
        let mut second = TcpStream::connect(server.address()).unwrap();
        send(&mut second, "GET /2");
        assert_eq!(read_rest(&mut second).unwrap(), RESPONSE);
        send(&mut first, "GET /3");
        assert_eq!(read_rest(&mut first).unwrap(), b"", "the script is over");
        let received = server.requests();
        let requests: Vec<_> = received.iter().map(|request| (request.connection, request.line())).collect();
        assert_eq!(requests, [(1, "GET /1 HTTP/1.1"), (2, "GET /2 HTTP/1.1"), (1, "GET /3 HTTP/1.1")]);
        assert_eq!(received[0].header("host"), ["localhost"]);
    }

    #[test]
    fn resets_connections_before_and_after_reading_the_request() {
        let server = FaultServer::start([Action::ResetUnread, Action::ResetRead]);
        for read in [0, 1] {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            send(&mut stream, "GET /");
            assert_eq!(read_rest(&mut stream).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
            assert_eq!(server.requests().len(), read);
        }
    }

    #[test]
    fn responds_before_it_reads_the_request_and_leaves_the_connection_open() {
        let server = FaultServer::start([Action::RespondUnread(RESPONSE.into()), Action::Close(RESPONSE.into())]);
        let mut first = TcpStream::connect(server.address()).unwrap();
        first.write_all(b"G").unwrap();
        assert_eq!(http1::read_message(&mut first).unwrap().unwrap(), RESPONSE);
        let mut second = TcpStream::connect(server.address()).unwrap();
        send(&mut second, "GET /");
        assert_eq!(read_rest(&mut second).unwrap(), RESPONSE);
        first.write_all(b"ET /").unwrap();
        assert_eq!(server.into_requests().len(), 1);
    }

    #[test]
    fn refuses_connections_until_it_listens() {
        let server = FaultServer::bind([Action::Close(RESPONSE.into())]);
        let refused = TcpStream::connect(server.address()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        server.listen();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        send(&mut stream, "GET /");
        assert_eq!(read_rest(&mut stream).unwrap(), RESPONSE);
        assert_eq!(server.into_requests(), [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]);
    }

    #[test]
    fn stops_while_clients_are_connected() {
        let server = FaultServer::start([Action::Hang(Vec::new()), Action::Drip(RESPONSE.into(), b".".into())]);
        let streams = ["GET /1", "GET /2", "GET /3"].map(|line| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            send(&mut stream, line);
            stream
        });
        drop(server);
        drop(streams);
    }
}
