//! Https, and a certificate that is renewed while the service runs.

use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use nix::sys::signal::Signal;
use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::running::{Running, backpack};

#[test]
fn a_hangup_signal_has_the_certificate_read_anew_and_a_bad_one_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let first = certify(&certificate, &key);
    let mut command = backpack();
    command.args(["serve", "--demo", "--tls-listen", "127.0.0.1:0", "--tls-certificate"]).arg(&certificate);
    let mut service = Running::start(command.arg("--tls-key").arg(&key).stderr(Stdio::piped()));
    let mut log = service.log();
    assert!(is_shown(&service, &first));
    let second = certify(&certificate, &key);
    service.signal(Signal::SIGHUP);
    assert!(log.any(|line| line.contains("certificate reloaded")));
    assert!(is_shown(&service, &second) && !is_shown(&service, &first));
    std::fs::write(&certificate, "That is none.").expect("a file");
    service.signal(Signal::SIGHUP);
    let stays = log
        .find(|line| line.contains("failed to reload the certificate, keeping the current one"))
        .expect("it should be said");
    assert!(stays.contains("certificate.pem cannot be used for TLS"), "{stays}");
    assert!(is_shown(&service, &second));
    service.stop();
}

#[test]
fn an_account_that_is_made_beside_https_is_reached_over_it_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    certify(&certificate, &key);
    for (tls, listed) in [(true, "home\tssl\t-\n"), (false, "home\t-\t-\n")] {
        let data = folder.path().join(format!("{tls}.backpack"));
        let mut command = backpack();
        command.args(["serve", "--data"]).arg(&data).stderr(Stdio::null());
        if tls {
            command.args(["--tls-listen", "127.0.0.1:0", "--tls-certificate"]).arg(&certificate);
            command.arg("--tls-key").arg(&key);
        }
        Running::start(&mut command).stop();
        let list = backpack().args(["account", "list", "--data"]).arg(&data).output().expect("the command should run");
        assert_eq!(String::from_utf8_lossy(&list.stdout), listed);
    }
}

/// Writes a new certificate and its key.
fn certify(certificate: &Path, key: &Path) -> CertificateDer<'static> {
    let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(certificate, made.cert.pem()).expect("a file");
    std::fs::write(key, made.signing_key.serialize_pem()).expect("a file");
    made.cert.der().clone()
}

/// Whether a client that trusts in this certificate only takes the service for the right one.
fn is_shown(service: &Running, certificate: &CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let address = service.secure_address.as_deref().expect("https");
    let mut stream = TcpStream::connect(address.trim_start_matches("https://")).expect("a connection");
    client.complete_io(&mut stream).is_ok()
}
