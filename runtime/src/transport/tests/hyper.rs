//! Tests of the transport over hyper only.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use tokio::net::{TcpListener as TokioListener, TcpStream as TokioStream};

use super::*;

#[test]
fn without_a_runtime_hyper_returns_an_error() {
    use std::task::{Context, Waker};

    let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
    let mut sending = Transport::send(&transport, build_request("GET", "http://127.0.0.1/", ""), LONG);
    let Poll::Ready(result) = sending.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("there is nothing to wait for");
    };
    assert_fails(result, TransportErrorKind::InvalidRequest, false);
}

/// Sends a request over hyper to a peer on the same runtime, until the start of the request arrives at the peer.
/// Returns the unfinished request, and the peer's end of the connection.
async fn send_until_it_arrives<'t>(transport: &'t HyperTransport, body: &str) -> (TransportFuture<'t>, TokioStream) {
    let listener = TokioListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let mut sending = Transport::send(transport, build_request("POST", &uri, body), LONG);
    let mut arriving = Box::pin(async {
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        stream
    });
    let stream = poll_fn(|cx| {
        assert!(sending.as_mut().poll(cx).is_pending());
        arriving.as_mut().poll(cx)
    });
    let stream = stream.await;
    (sending, stream)
}

/// Reads from a connection until it is closed or fails; panics after a minute.
async fn wait_for_end(stream: &TokioStream) {
    let mut buffer = [0; 4096];
    let read = async {
        loop {
            stream.readable().await.unwrap();
            match stream.try_read(&mut buffer) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read).await.expect("the connection should end");
}

/// Runs `work`, and panics after a minute, for instance because its task is never woken.
async fn within_a_minute<F: Future>(work: F) -> F::Output {
    let (mut end, mut work) = (pin!(tokio::time::sleep(Duration::from_secs(60))), pin!(work));
    poll_fn(|cx| {
        assert!(end.as_mut().poll(cx).is_pending(), "the work should complete");
        work.as_mut().poll(cx)
    })
    .await
}

#[test]
fn waits_for_a_response_in_pieces() {
    build_runtime().block_on(async {
        let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
        let (mut sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
        for piece in ["HTTP/1.1 200 OK\r\nContent-", "Length: 5\r\n\r\n<o", "k"] {
            stream.writable().await.unwrap();
            stream.try_write(piece.as_bytes()).unwrap();
            // The client reads the piece, and waits for the next one.
            for _ in 0..10 {
                tokio::task::yield_now().await;
                assert!(poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await.is_pending());
            }
        }
        stream.try_write(b"/>").unwrap();
        assert_eq!(within_a_minute(sending).await.unwrap().body(), "<ok/>");
    });
}

#[test]
fn completes_many_requests_of_one_task() {
    const CALLS: usize = 200;
    let server = RawServer::new((0..3 * CALLS).map(|_| Action::Respond(OK.into())));
    build_runtime().block_on(async {
        let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
        for _ in 0..3 {
            let send = |_| Some(Transport::send(&transport, build_request("POST", &server.uri(), "<note/>"), LONG));
            let mut calls: Vec<_> = (0..CALLS).map(send).collect();
            let all = poll_fn(|cx| {
                for call in &mut calls {
                    if let Some(Poll::Ready(response)) = call.as_mut().map(|sending| sending.as_mut().poll(cx)) {
                        assert_eq!(response.unwrap().body(), "<ok/>");
                        *call = None;
                    }
                }
                if calls.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
            });
            within_a_minute(all).await;
        }
    });
}

/// A task that uses up tokio's budget must be woken again for the rest of its work.
#[test]
fn wakes_a_task_that_used_up_its_budget() {
    build_runtime().block_on(async {
        for left in 0..8 {
            let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
            let (mut sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
            stream.try_write(OK.as_bytes()).unwrap();
            tokio::task::yield_now().await;
            // At the first poll, all of tokio's budget of 128 is used up, except for `left`.
            let mut used = left;
            let with_small_budget = poll_fn(|cx| {
                while used < 128 {
                    used += 1;
                    let _ = pin!(tokio::task::coop::consume_budget()).poll(cx);
                }
                sending.as_mut().poll(cx)
            });
            assert_eq!(within_a_minute(with_small_budget).await.unwrap().body(), "<ok/>");
        }
    });
}

#[test]
fn keeps_connections_of_runtimes_apart() {
    let server = RawServer::new([OK; 4].map(|response| Action::Respond(response.into())));
    let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
    let runtimes = [build_runtime(), build_runtime()];
    for runtime in [&runtimes[0], &runtimes[1], &runtimes[0], &runtimes[1]] {
        let sending = Transport::send(&transport, build_request("POST", &server.uri(), "<note/>"), LONG);
        runtime.block_on(async { within_a_minute(sending).await }).unwrap();
    }
    let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
    assert_eq!(connections, [1, 2, 1, 2]);
}

#[test]
fn a_request_whose_runtime_ended_counts_as_sent() {
    let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
    let first = build_runtime();
    let (sending, _stream) = first.block_on(send_until_it_arrives(&transport, "<note/>"));
    drop(first);
    assert_fails(build_runtime().block_on(sending), TransportErrorKind::ConnectionLost, true);
}

#[test]
fn dropping_a_request_closes_its_connection() {
    build_runtime().block_on(async {
        let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
        let (sending, stream) = send_until_it_arrives(&transport, "<note/>").await;
        drop(sending);
        wait_for_end(&stream).await;
    });
}

#[test]
fn an_unfinished_request_with_a_response_closes_its_connection() {
    build_runtime().block_on(async {
        let transport = HyperTransport::new(&config_without_timeouts(|_| ())).unwrap();
        // The body is larger than the buffers of both ends.
        let (sending, stream) = send_until_it_arrives(&transport, &"<note/>".repeat(4_000_000)).await;
        stream.writable().await.unwrap();
        stream.try_write(b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\n").unwrap();
        assert_eq!(sending.await.unwrap().status().as_u16(), 413);
        wait_for_end(&stream).await;
    });
}

#[test]
fn blocking_hyper_works_inside_a_runtime() {
    let server = RawServer::new([Action::Respond(OK.into()), Action::Respond(OK.into())]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
        for _ in 0..2 {
            BlockingTransport::send(&transport, build_request("GET", &server.uri(), ""), LONG).unwrap();
        }
    });
    let connections: Vec<_> = server.requests().iter().map(|received| received.connection).collect();
    assert_eq!(connections, [1, 1]);
}

#[test]
fn blocking_hyper_has_no_more_connections_than_threads() {
    assert!(count_connections_of_threads(create_blocking_hyper, 8) <= 8);
}
