//! Connections and requests together, where a test has to hold a resource of the service.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Service, serve};
use crate::{ServerConfig, Store};

/// Both connections come from the same address, and there is room for one. The first waits for its turn in the queue of
/// feeds, which never comes, so it must make room for the second.
#[tokio::test]
async fn a_pending_feed_does_not_lock_out_other_requests() {
    let mut config = ServerConfig::default();
    config.accounts.default_account = Some("home".to_owned());
    config.limits.max_connections = 1;
    let store = Store::in_memory().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Arc::new(Service::new(Arc::new(store), config, address, None));
    let _turn = service.feed_queue.acquire(IpAddr::from([192, 0, 2, 1]).into()).await;
    let (_shutdown, stopped) = watch::channel(false);
    tokio::spawn(serve(listener, None, Arc::clone(&service), stopped));

    let mut feed = TcpStream::connect(address).await.unwrap();
    feed.write_all(b"GET /pub/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut other = TcpStream::connect(address).await.unwrap();
    other.write_all(b"GET /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut response = String::new();
    timeout(Duration::from_secs(60), other.read_to_string(&mut response)).await.expect("a response").unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    let mut no_response = Vec::new();
    let _ = feed.read_to_end(&mut no_response).await;
    assert_eq!(no_response, b"", "the connection of the feed is closed");
}
