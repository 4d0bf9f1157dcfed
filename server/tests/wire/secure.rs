//! TLS with a given certificate, and accounts that require it.

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use backpack_api::runtime::jiff::Timestamp;
use backpack_server::config::TlsConfig;
use backpack_server::people::Account;
use backpack_server::server::StartError;
use backpack_server::{Server, ServerConfig, Store, demo};
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::support::{Reply, Service, connect, envelope, reply};

const HOST: &str = "demo.example.com";

struct Secure {
    server: Server,
    token: String,
    certificate: CertificateDer<'static>,
    files: TempDir,
}

/// Writes a new certificate and its key where the service reads them.
fn certify(files: &TempDir) -> CertificateDer<'static> {
    let made = generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    std::fs::write(files.path().join("certificate.pem"), made.cert.pem()).expect("a file");
    std::fs::write(files.path().join("key.pem"), made.signing_key.serialize_pem()).expect("a file");
    made.cert.der().clone()
}

impl Secure {
    fn start(ssl: bool, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let files = tempfile::tempdir().expect("a folder");
        let made = certify(&files);
        let (certificate, key) = (files.path().join("certificate.pem"), files.path().join("key.pem"));
        let mut settings = ServerConfig::default();
        settings.listen.tls = Some(TlsConfig { address: settings.listen.address, certificate, key });
        change(&mut settings);
        let store = Store::in_memory().expect("a store");
        let people = demo::fill(&store, Timestamp::now()).expect("the demo's content");
        store.write_blocking(move |db| Account::require_ssl(db, demo::ACCOUNT, ssl)).expect("an account");
        Self {
            server: Server::start(store, settings).expect("a free port"),
            token: people[0].token.expose().to_owned(),
            certificate: made,
            files,
        }
    }

    fn request(&self, port: u16) -> String {
        format!("GET /calendars.xml?a=b HTTP/1.1\r\nHost: {HOST}:{port}\r\nX-BP-Token: {}\r\n\r\n", self.token)
    }

    fn plain(&self) -> Reply {
        let mut stream = connect(self.server.address());
        stream.write_all(self.request(self.server.address().port()).as_bytes()).expect("a request should be taken");
        reply(&mut stream)
    }

    fn secure(&self) -> Reply {
        let address = self.server.tls_address().expect("TLS");
        let mut stream = self.handshake(connect(address));
        stream.write_all(self.request(address.port()).as_bytes()).expect("a request should be taken");
        reply(&mut stream)
    }

    fn handshake(&self, stream: TcpStream) -> StreamOwned<ClientConnection, TcpStream> {
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
fn an_account_with_ssl_is_served_over_https_and_sent_there_from_http() {
    let service = Secure::start(true, |_| {});
    assert_eq!(service.secure().status(), 200);
    let sent = service.plain();
    let port = service.server.tls_address().expect("TLS").port();
    assert_eq!(sent.line(), "HTTP/1.1 302 Found");
    assert_eq!(sent.header("location"), Some(&*format!("https://{HOST}:{port}/calendars.xml?a=b")));
}

#[test]
fn an_account_without_ssl_is_served_over_http_and_sent_there_from_https() {
    let service = Secure::start(false, |_| {});
    assert_eq!(service.plain().status(), 200);
    let sent = service.secure();
    let port = service.server.address().port();
    assert_eq!(sent.line(), "HTTP/1.1 302 Found");
    assert_eq!(sent.header("location"), Some(&*format!("http://{HOST}:{port}/calendars.xml?a=b")));
}

#[test]
fn an_account_without_ssl_may_have_both_schemes() {
    let service = Secure::start(false, |settings| settings.listen.allow_both_schemes = true);
    assert_eq!((service.plain().status(), service.secure().status()), (200, 200));
}

#[test]
fn a_location_has_the_scheme_that_the_client_came_by() {
    let service = Secure::start(true, |_| {});
    let address = service.server.tls_address().expect("TLS");
    let mut stream = service.handshake(connect(address));
    let body = "<event><calendar-id>1</calendar-id><title>Concert</title></event>";
    let request = format!(
        "POST /calendar_events.xml HTTP/1.1\r\nHost: {HOST}\r\nX-BP-Token: {}\r\nContent-Length: {}\r\n\r\n{body}",
        service.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("a request should be taken");
    let created = reply(&mut stream);
    let location = created.header("location").expect("a Location");
    assert!(location.starts_with("https://demo.example.com/calendar_events/"), "{location}");
}

/// The old Ruby wrapper tries once more over SSL when it is sent there, whatever it asked.
#[test]
fn a_post_on_ws_is_sent_to_https_too() {
    let service = Secure::start(true, |_| {});
    let mut stream = connect(service.server.address());
    let request = format!("POST /ws/pages/all HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request should be taken");
    assert_eq!(reply(&mut stream).line(), "HTTP/1.1 302 Found");
}

/// A proxy that ends TLS says how the client came.
#[test]
fn behind_a_proxy_the_scheme_is_what_the_proxy_says() {
    let store = Store::in_memory().expect("a store");
    let token = demo::fill(&store, Timestamp::now()).expect("the demo's content")[0].token.expose().to_owned();
    store.write_blocking(|db| Account::require_ssl(db, demo::ACCOUNT, true)).expect("an account");
    let mut settings = ServerConfig::default();
    settings.listen.trust_proxy_headers = true;
    let server = Server::start(store, settings).expect("a free port");
    for (proto, status) in [("http", 302), ("https", 200)] {
        let mut stream = connect(server.address());
        let request = format!(
            "GET /calendars.xml HTTP/1.1\r\nHost: {HOST}\r\nX-BP-Token: {token}\r\nX-Forwarded-Proto: {proto}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request should be taken");
        assert_eq!(reply(&mut stream).status(), status, "{proto}");
    }
}

/// What requires https does not go over http only because nothing serves https.
#[test]
fn an_account_that_requires_https_is_refused_where_there_is_none() {
    let service = Service::start();
    assert_eq!(service.rest("GET /calendars.xml", "").status(), 200);
    assert_eq!(service.rest("GET /pub/1", "").status(), 200);
    service.file().execute("UPDATE accounts SET ssl = 1 WHERE name = 'demo'", ()).expect("an account");
    let sentence = "This account is reached over https only";
    for line in ["GET /calendars.xml", "GET /pub/1", "GET /nothing"] {
        assert_eq!(service.rest(line, "").line(), format!("HTTP/1.1 403 {sentence}"));
    }
    let refused = service.ws("/ws/pages/all", "");
    assert_eq!((refused.status(), refused.body), (403, envelope(403, sentence)));
    assert_eq!(service.rest("GET /up", "").status(), 200);
}

/// Connections from then on get the new one, which their client checks; those that are there go on.
#[test]
fn a_renewed_certificate_is_used_without_a_restart() {
    let mut service = Secure::start(true, |_| {});
    let address = service.server.tls_address().expect("TLS");
    let mut early = service.handshake(connect(address));
    let request = service.request(address.port());
    let mut asked_early = || {
        early.write_all(request.as_bytes()).expect("a request should be taken");
        reply(&mut early).status()
    };
    assert_eq!(asked_early(), 200);
    service.certificate = certify(&service.files);
    service.server.reload_certificate().expect("the new certificate is one");
    assert_eq!((service.secure().status(), asked_early()), (200, 200));
}

/// As when a new certificate is there and its key is not yet.
#[test]
fn a_certificate_stays_until_there_is_a_whole_new_one() {
    let service = Secure::start(true, |_| {});
    let other = generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    for half in [other.cert.pem(), other.cert.pem().replace("A", "B"), String::new()] {
        std::fs::write(service.files.path().join("certificate.pem"), half).expect("a file");
        let refused = service.server.reload_certificate().expect_err("that is no certificate for this key");
        assert!(matches!(refused, StartError::Tls(..)), "{refused}");
        assert_eq!(service.secure().status(), 200);
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let files = tempfile::tempdir().expect("a folder");
    let empty = files.path().join("empty.pem");
    std::fs::write(&empty, "").expect("a file");
    let missing = files.path().join("missing.pem");
    for (certificate, key, named) in [(&missing, &empty, "missing.pem"), (&empty, &missing, "empty.pem")] {
        let mut settings = ServerConfig::default();
        let (certificate, key): (PathBuf, PathBuf) = (certificate.clone(), key.clone());
        settings.listen.tls = Some(TlsConfig { address: settings.listen.address, certificate, key });
        let refused = Server::start(Store::in_memory().expect("a store"), settings).expect_err("it should not start");
        assert!(refused.to_string().contains(named), "{refused}");
    }
}
