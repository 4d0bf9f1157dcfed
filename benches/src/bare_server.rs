//! HTTP server that sends the same response to every request: the upper bound for a server on the same HTTP library.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Starts the server on a runtime, in a thread of its own, and returns its address. The server runs until the program
/// ends. `body` is the body of every response.
///
/// # Panics
///
/// If no loopback port is free.
pub fn start(runtime: Runtime, body: Bytes) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        runtime.block_on(async move {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port should be free");
            sender.send(listener.local_addr().expect("a listener should have an address")).expect("the starter waits");
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("a socket option should be set");
                let body = body.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let body = body.clone();
                    async move {
                        // A response before the end of the request would let the client skip work.
                        let _ = request.into_body().collect().await;
                        Ok::<_, Infallible>(Response::new(Full::new(body)))
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    address.recv().expect("the server should start")
}
