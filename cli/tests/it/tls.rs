//! HTTPS, and a certificate that is reloaded while the service runs.

use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use nix::sys::signal::Signal;
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::support::{ServiceProcess, backpack, host_stdout};

#[test]
fn reloads_the_certificate_on_sighup_and_keeps_it_if_the_new_one_is_invalid() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let first = write_certificate(&certificate, &key);
    let mut command = backpack();
    command.args(["serve", "--demo", "--tls-listen", "127.0.0.1:0", "--tls-certificate"]).arg(&certificate);
    let mut service = ServiceProcess::start(command.arg("--tls-key").arg(&key).stderr(Stdio::piped()));
    let mut log = service.log();
    assert!(presents(&service, &first));
    let second = write_certificate(&certificate, &key);
    service.signal(Signal::SIGHUP);
    assert!(log.any(|line| line.contains("certificate reloaded")));
    assert!(presents(&service, &second) && !presents(&service, &first));
    std::fs::write(&certificate, "not a certificate").expect("a file");
    service.signal(Signal::SIGHUP);
    let event = log
        .find(|line| line.contains("failed to reload the certificate, keeping the current one"))
        .expect("a log event");
    assert!(event.contains("certificate.pem cannot be used for TLS"), "{event}");
    assert!(presents(&service, &second));
    service.stop();
}

#[test]
fn a_first_start_with_https_creates_an_account_that_requires_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    write_certificate(&certificate, &key);
    for (tls, listed) in [(true, "home\tssl\t-"), (false, "home\t-\t-")] {
        let data = folder.path().join(format!("{tls}.backpack"));
        let mut command = backpack();
        command.args(["serve", "--data"]).arg(&data).stderr(Stdio::null());
        if tls {
            command.args(["--tls-listen", "127.0.0.1:0", "--tls-certificate"]).arg(&certificate);
            command.arg("--tls-key").arg(&key);
        }
        ServiceProcess::start(&mut command).stop();
        assert_eq!(host_stdout(&data, &["account", "list"]), listed);
    }
}

/// Writes a new self-signed certificate and its key, and returns the certificate.
fn write_certificate(certificate: &Path, key: &Path) -> CertificateDer<'static> {
    let certified = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(certificate, certified.cert.pem()).expect("a file");
    std::fs::write(key, certified.signing_key.serialize_pem()).expect("a file");
    certified.cert.der().clone()
}

/// `true` if the service presents this certificate: a client that trusts no other one accepts the connection.
fn presents(service: &ServiceProcess, certificate: &CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let address = service.https_base_url.as_deref().expect("https");
    let mut stream = TcpStream::connect(address.trim_start_matches("https://")).expect("a connection");
    client.complete_io(&mut stream).is_ok()
}
