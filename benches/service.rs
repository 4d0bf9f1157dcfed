//! Pages per second that the service serves, compared in the same run with a bare server on the same HTTP library,
//! which sends the same bytes without parsing the request.
//!
//! Prints the ratio at the end, beside the promised one.

#![allow(missing_docs)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::runtime::jiff::Timestamp;
use backpack_benches::{bare_server, samples};
use backpack_server::{Server, ServerConfig, Store, demo};
use bytes::Bytes;
use criterion::{Criterion, Throughput};

/// Number of concurrent connections.
const CONNECTIONS: usize = 16;
/// Promised ratio of pages per second to bare responses per second.
const PROMISED: f64 = 0.3;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("service");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(5))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = Store::open(&data.path().join("data.backpack")).unwrap();
    let token = demo::fill(&store, Timestamp::now()).unwrap()[0].token.expose().to_owned();
    let mut settings = ServerConfig::default();
    settings.limits.enforce_rate_limits = false;
    settings.accounts.default_account = Some(demo::ACCOUNT.to_owned());
    let service = Server::start(store, settings).unwrap();
    let body = format!("<request><token>{token}</token></request>");
    let length = body.len();
    let request = format!("POST /ws/page/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}");
    // The bare server sends the body that the service sends.
    let page = Connection::open(service.address()).request(request.as_bytes());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bare = bare_server::start(runtime, Bytes::from(page));
    let mut group = criterion.benchmark_group("reading a page");
    group.throughput(Throughput::Elements(1));
    for (name, address) in [("service", service.address()), ("bare", bare)] {
        let mut connections: Vec<_> = (0..CONNECTIONS).map(|_| Connection::open(address)).collect();
        group.bench_function(name, |bench| {
            bench.iter_custom(|requests| time_requests(&mut connections, request.as_bytes(), requests));
        });
    }
    group.finish();
    criterion.final_summary();
    let [service, bare] = ["service", "bare"].map(|name| samples::fastest(&folder, "reading a page", name));
    if let (Some(service), Some(bare)) = (service, bare) {
        println!(
            "\nPages per second divided by bare responses per second: {:.2} (promised {PROMISED})",
            bare / service
        );
    }
}

/// Measures the time of requests that are spread over all connections, scaled to this number. Each connection sends the
/// same number, so a few more may be sent.
fn time_requests(connections: &mut [Connection], request: &[u8], requests: u64) -> Duration {
    let each = requests.div_ceil(connections.len() as u64);
    let start = Instant::now();
    thread::scope(|scope| {
        for connection in connections.iter_mut() {
            scope.spawn(move || (0..each).for_each(|_| drop(connection.request(request))));
        }
    });
    start.elapsed().mul_f64(requests as f64 / (each * connections.len() as u64) as f64)
}

/// Minimal HTTP client, so that the measured time is mostly the server's.
struct Connection(TcpStream);

impl Connection {
    /// Connects to a server.
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// Sends a request and returns the body of the response.
    fn request(&mut self, request: &[u8]) -> Vec<u8> {
        self.0.write_all(request).unwrap();
        let (mut bytes, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let count = self.0.read(&mut buffer).unwrap();
            assert!(count > 0, "the server closed a connection");
            bytes.extend_from_slice(&buffer[..count]);
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            let (_, length) = head.split_once("content-length: ").unwrap();
            let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return bytes.split_off(end + 4);
            }
        }
    }
}
