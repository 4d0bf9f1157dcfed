//! HTTPS with a configured certificate, and accounts that require it.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::config::TlsConfig;
use backpack_server::server::StartError;
use backpack_server::{Server, ServerConfig, Store, accounts, demo};
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::support::{RawResponse, TestServer, connect, error_envelope, read_response};

/// Host of the account, and name in the certificate.
const HOST: &str = "demo.example.com";

/// A running server with HTTPS.
struct TlsServer {
    server: Server,
    token: String,
    /// The only certificate that the client trusts.
    certificate: CertificateDer<'static>,
    /// Folder with the configured files of certificate and key.
    files: TempDir,
}

/// Writes a new certificate and its key to the configured files, and returns the certificate.
fn write_certificate(files: &TempDir) -> CertificateDer<'static> {
    let certified = generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    std::fs::write(files.path().join("certificate.pem"), certified.cert.pem()).expect("a file");
    std::fs::write(files.path().join("key.pem"), certified.signing_key.serialize_pem()).expect("a file");
    certified.cert.der().clone()
}

impl TlsServer {
    /// Starts a server with the demo account, which requires HTTPS if `ssl` is `true`.
    fn start(ssl: bool, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let new_certificate = write_certificate(&files);
        let (certificate, key) = (files.path().join("certificate.pem"), files.path().join("key.pem"));
        let mut config = ServerConfig::default();
        config.listen.tls = Some(TlsConfig { address: config.listen.address, certificate, key });
        change(&mut config);
        let store = Store::in_memory().expect("a store");
        let users = demo::fill(&store, Timestamp::now()).expect("the demo's content");
        store.write_blocking(move |db| accounts::set_ssl(db, demo::ACCOUNT, ssl)).expect("an account");
        Self {
            server: Server::start(store, config).expect("a free port"),
            token: users[0].token.expose().to_owned(),
            certificate: new_certificate,
            files,
        }
    }

    /// Builds a request with the token, to the host with this port.
    fn build_request(&self, port: u16) -> String {
        format!("GET /calendars.xml?a=b HTTP/1.1\r\nHost: {HOST}:{port}\r\nX-BP-Token: {}\r\n\r\n", self.token)
    }

    /// Sends the request to the port for HTTP.
    fn send_over_http(&self) -> RawResponse {
        let mut stream = connect(self.server.address());
        stream
            .write_all(self.build_request(self.server.address().port()).as_bytes())
            .expect("the request should be sent");
        read_response(&mut stream)
    }

    /// Sends the request to the port for HTTPS.
    fn send_over_https(&self) -> RawResponse {
        let address = self.server.tls_address().expect("TLS");
        let mut stream = self.start_tls(connect(address));
        stream.write_all(self.build_request(address.port()).as_bytes()).expect("the request should be sent");
        read_response(&mut stream)
    }

    /// Wraps a connection in TLS, with a client that verifies the certificate. The first write starts the handshake.
    fn start_tls(&self, stream: TcpStream) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(HOST).expect("a name");
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).expect("a client"), stream)
    }
}

#[test]
fn an_account_with_ssl_is_served_over_https_and_redirected_from_http() {
    let server = TlsServer::start(true, |_| {});
    assert_eq!(server.send_over_https().status(), 200);
    let redirect = server.send_over_http();
    let port = server.server.tls_address().expect("TLS").port();
    assert_eq!(redirect.status_line(), "HTTP/1.1 302 Found");
    assert_eq!(redirect.header("location"), Some(&*format!("https://{HOST}:{port}/calendars.xml?a=b")));
}

#[test]
fn an_account_without_ssl_is_served_over_http_and_redirected_from_https() {
    let server = TlsServer::start(false, |_| {});
    assert_eq!(server.send_over_http().status(), 200);
    let redirect = server.send_over_https();
    let port = server.server.address().port();
    assert_eq!(redirect.status_line(), "HTTP/1.1 302 Found");
    assert_eq!(redirect.header("location"), Some(&*format!("http://{HOST}:{port}/calendars.xml?a=b")));
}

#[test]
fn an_account_without_ssl_can_be_served_over_both_schemes() {
    let server = TlsServer::start(false, |config| config.listen.allow_both_schemes = true);
    assert_eq!((server.send_over_http().status(), server.send_over_https().status()), (200, 200));
}

#[test]
fn a_location_has_the_scheme_of_the_request() {
    let server = TlsServer::start(true, |_| {});
    let address = server.server.tls_address().expect("TLS");
    let mut stream = server.start_tls(connect(address));
    let body = "<event><calendar-id>1</calendar-id><title>Concert</title></event>";
    let request = format!(
        "POST /calendar_events.xml HTTP/1.1\r\nHost: {HOST}\r\nX-BP-Token: {}\r\nContent-Length: {}\r\n\r\n{body}",
        server.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("the request should be sent");
    let created = read_response(&mut stream);
    let location = created.header("location").expect("a Location");
    assert!(location.starts_with("https://demo.example.com/calendar_events/"), "{location}");
}

/// The redirect is the one after which the old Ruby wrapper repeats any request over HTTPS.
#[test]
fn redirects_a_post_on_ws_to_https() {
    let server = TlsServer::start(true, |_| {});
    let mut stream = connect(server.server.address());
    let request = format!("POST /ws/pages/all HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the request should be sent");
    assert_eq!(read_response(&mut stream).status_line(), "HTTP/1.1 302 Found");
}

/// A proxy that terminates TLS reports the client's scheme.
#[test]
fn behind_a_proxy_the_scheme_is_the_forwarded_one() {
    let store = Store::in_memory().expect("a store");
    let token = demo::fill(&store, Timestamp::now()).expect("the demo's content")[0].token.expose().to_owned();
    store.write_blocking(|db| accounts::set_ssl(db, demo::ACCOUNT, true)).expect("an account");
    let mut config = ServerConfig::default();
    config.listen.trust_proxy_headers = true;
    let server = Server::start(store, config).expect("a free port");
    for (proto, status) in [("http", 302), ("https", 200)] {
        let mut stream = connect(server.address());
        let request = format!(
            "GET /calendars.xml HTTP/1.1\r\nHost: {HOST}\r\nX-BP-Token: {token}\r\nX-Forwarded-Proto: {proto}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("the request should be sent");
        assert_eq!(read_response(&mut stream).status(), status, "{proto}");
    }
}

/// Without TLS, an account that requires HTTPS is not served at all.
#[test]
fn rejects_requests_for_an_account_that_requires_https_without_tls() {
    let server = TestServer::start();
    assert_eq!(server.rest("GET /calendars.xml", "").status(), 200);
    assert_eq!(server.rest("GET /pub/1", "").status(), 200);
    server.open_file().execute("UPDATE accounts SET ssl = 1 WHERE name = 'demo'", ()).expect("an account");
    let message = "This account requires HTTPS";
    for line in ["GET /calendars.xml", "GET /pub/1", "GET /nothing"] {
        assert_eq!(server.rest(line, "").status_line(), format!("HTTP/1.1 403 {message}"));
    }
    let rejected = server.ws("/ws/pages/all", "");
    assert_eq!((rejected.status(), rejected.body), (403, error_envelope(403, message)));
    assert_eq!(server.rest("GET /up", "").status(), 200);
}

/// New connections use the new certificate, which their client verifies; open connections continue.
#[test]
fn uses_a_renewed_certificate_without_a_restart() {
    let mut server = TlsServer::start(true, |_| {});
    let address = server.server.tls_address().expect("TLS");
    let mut early = server.start_tls(connect(address));
    let request = server.build_request(address.port());
    let mut send_early = || {
        early.write_all(request.as_bytes()).expect("the request should be sent");
        read_response(&mut early).status()
    };
    assert_eq!(send_early(), 200);
    server.certificate = write_certificate(&server.files);
    server.server.reload_certificate().expect("the new certificate should be usable");
    assert_eq!((server.send_over_https().status(), send_early()), (200, 200));
}

/// The new certificate is one of another key, damaged or empty, as while an operator replaces the files.
#[test]
fn keeps_the_certificate_until_the_new_one_is_complete() {
    let server = TlsServer::start(true, |_| {});
    let other = generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    for unusable in [other.cert.pem(), other.cert.pem().replace("A", "B"), String::new()] {
        std::fs::write(server.files.path().join("certificate.pem"), unusable).expect("a file");
        let rejected = server.server.reload_certificate().expect_err("the certificate does not belong to the key");
        assert!(matches!(rejected, StartError::Tls(..)), "{rejected}");
        assert_eq!(server.send_over_https().status(), 200);
    }
}

#[test]
fn a_start_error_names_the_unusable_certificate_file() {
    let files = tempfile::tempdir().expect("a folder");
    let empty = files.path().join("empty.pem");
    std::fs::write(&empty, "").expect("a file");
    let missing = files.path().join("missing.pem");
    for (certificate, key, named) in [(&missing, &empty, "missing.pem"), (&empty, &missing, "empty.pem")] {
        let mut config = ServerConfig::default();
        let (certificate, key): (PathBuf, PathBuf) = (certificate.clone(), key.clone());
        config.listen.tls = Some(TlsConfig { address: config.listen.address, certificate, key });
        let rejected = Server::start(Store::in_memory().expect("a store"), config).expect_err("the start should fail");
        assert!(rejected.to_string().contains(named), "{rejected}");
    }
}
