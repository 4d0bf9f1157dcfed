//! Tests of the transport over reqwest only.

use std::io::Write;

use super::*;

/// Creates a transport whose user enables the most harmful options: redirects, `Referer` and logs.
pub(super) fn create_reqwest(config: &TransportConfig) -> Box<dyn BlockingTransport> {
    let set_harmful_options = |client: ::reqwest::ClientBuilder| {
        client.redirect(::reqwest::redirect::Policy::limited(5)).referer(true).connection_verbose(true)
    };
    run_blocking(create_reqwest_with(config, |client| set_harmful_options(client).gzip(false)))
}

/// Creates a transport over a client without trusted certificates, which `configure` sets up further.
fn create_reqwest_with(
    config: &TransportConfig,
    configure: impl FnOnce(::reqwest::ClientBuilder) -> ::reqwest::ClientBuilder,
) -> ReqwestTransport {
    let roots = rustls::RootCertStore::empty();
    let provider = rustls::crypto::ring::default_provider().into();
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(roots).with_no_client_auth();
    ReqwestTransport::new(config, |client| configure(client.tls_backend_preconfigured(tls))).unwrap()
}

#[test]
fn uses_the_configured_proxy() {
    let server = RawServer::responding(OK);
    let proxy = ::reqwest::Proxy::http(format!("http://{}", server.address)).unwrap();
    let transport = run_blocking(create_reqwest_with(&TransportConfig::default(), |client| client.proxy(proxy)));
    transport.send(build_request("GET", "http://acme.example.com/notes", ""), LONG).unwrap();
    assert_eq!(server.only_request().line(), "GET http://acme.example.com/notes HTTP/1.1");
}

#[test]
fn rejects_urls_that_reqwest_would_change() {
    let transport = run_blocking(create_reqwest_with(&TransportConfig::default(), |client| client));
    for path in ["/a/../b", "/a/%2e%2e/b", "/a/./b", "/a?b='c'"] {
        let result = transport.send(build_request("GET", &format!("http://127.0.0.1{path}"), ""), LONG);
        assert_fails(result, TransportErrorKind::InvalidRequest, false);
    }
}

/// Builds a gigabyte of zeros in about a megabyte: one compressed block of zeros, repeated.
fn build_gzip_bomb() -> Vec<u8> {
    let mut block = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    block.write_all(&vec![0; 1 << 20]).unwrap();
    block.flush().unwrap();
    let header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";
    [header, &*block.get_ref().repeat(1 << 10)].concat()
}

#[test]
fn cuts_a_gzip_bomb_off_at_the_limit() {
    const CAP: u64 = 3 << 20;
    let bomb = build_gzip_bomb();
    assert!(bomb.len() < 3 << 20, "{}", bomb.len());
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    let server = RawServer::new([Action::Close([head.as_bytes(), &bomb].concat())]);
    let config = TransportConfig { max_response_size: CAP, ..TransportConfig::default() };
    let transport = run_blocking(create_reqwest_with(&config, |client| client));
    let mut result = None;
    let heap =
        allocation_counter::measure(|| result = Some(transport.send(build_request("GET", &server.uri(), ""), LONG)));
    assert_fails(result.unwrap(), TransportErrorKind::TooLarge, true);
    assert_eq!(server.only_request().header("accept-encoding"), ["gzip"]);
    assert!(heap.bytes_max < 3 * CAP, "{heap:?}");
}

#[test]
fn decodes_gzip_if_configured() {
    let mut body = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    body.write_all(b"<ok/>").unwrap();
    let body = body.finish().unwrap();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    let server = RawServer::new([Action::Respond([head.as_bytes(), &body].concat())]);
    let transport = run_blocking(create_reqwest_with(
        &TransportConfig { max_response_size: 5, ..TransportConfig::default() },
        |client| client,
    ));
    assert_eq!(transport.send(build_request("GET", &server.uri(), ""), LONG).unwrap().body(), "<ok/>");
}
