//! `backpack serve`: first start, arguments, log, shutdown.

use std::process::Stdio;

use crate::support::{ServiceProcess, backpack, host_stdout, run, temp_data};

#[test]
fn creates_a_data_file_that_survives_a_restart() {
    let (_folder, data) = temp_data();
    let first = ServiceProcess::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    let page = first.client(&token).pages().create("Coast").expect("a page");
    drop(first);
    let second = ServiceProcess::serve(&data);
    assert_eq!(second.client(&token).pages().show(page.id).expect("the page").title, "Coast");
}

#[test]
fn a_taken_port_is_reported_before_a_file_is_created() {
    let (_folder, data) = temp_data();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    let (success, out, err) = run(&data, &["serve", "--listen", &address]);
    assert!(!success && err.starts_with("backpack: cannot listen on "), "{err}");
    assert!(out.is_empty() && !data.exists(), "{out}");
}

#[test]
fn an_unusable_certificate_is_reported_before_a_file_is_created() {
    let (folder, data) = temp_data();
    let missing = folder.path().join("missing.pem").display().to_string();
    let tls = ["--tls-listen", "127.0.0.1:0", "--tls-certificate", &missing, "--tls-key", &missing];
    let (success, out, err) = run(&data, &[&["serve", "--listen", "127.0.0.1:0"], &tls[..]].concat());
    assert!(!success && err.contains("missing.pem cannot be used for TLS"), "{err}");
    assert!(out.is_empty() && !data.exists(), "{out}");
}

#[test]
fn prints_the_token_even_if_the_first_start_fails() {
    let (folder, data) = temp_data();
    std::fs::write(folder.path().join("file"), "").expect("a file");
    let no_folder = folder.path().join("file/outbox").display().to_string();
    let (success, out, err) = run(&data, &["serve", "--listen", "127.0.0.1:0", "--outbox", &no_folder]);
    assert!(!success && err.contains("cannot create the mail folder"), "{err}");
    let token = out.lines().find_map(|line| line.strip_prefix("token")).expect("a first start shows a token").trim();
    let service = ServiceProcess::serve(&data);
    assert_eq!(service.token, None, "not a first start");
    assert_eq!(service.client(token).users().me().expect("the service should know the token").name, "home");
}

#[test]
fn creates_no_file_if_the_arguments_are_wrong() {
    let (_folder, data) = temp_data();
    for wrong in [
        ["--account", "Bad Name"],
        ["--email", "nobody"],
        ["--time-zone", "Atlantis"],
        ["--name", ""],
        ["--listen", ":x"],
    ] {
        let (success, _, _) = run(&data, &[&["serve"], &wrong[..]].concat());
        assert!(!success, "{wrong:?}");
        assert!(!data.exists(), "{wrong:?}");
    }
}

#[test]
fn keeps_a_demo_in_memory_despite_the_environment_variable() {
    let (folder, data) = temp_data();
    drop(ServiceProcess::start(backpack().args(["serve", "--demo"]).env("BACKPACK_DATA", &data).stderr(Stdio::null())));
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
    let (success, _, err) = run(&data, &["serve", "--demo"]);
    assert!(!success && err.contains("use either `--demo` or `--data`"), "{err}");
}

#[test]
fn listens_on_a_host_name() {
    let (_folder, data) = temp_data();
    let service = ServiceProcess::start(
        backpack().args(["serve", "--listen", "localhost:0", "--data"]).arg(data).stderr(Stdio::null()),
    );
    service.client(&service.token.clone().expect("a first start shows a token")).users().me().expect("me");
}

#[test]
fn serves_the_oldest_account_to_hosts_without_an_account() {
    let (_folder, data) = temp_data();
    let first = ServiceProcess::serve(&data);
    let token = first.token.clone().expect("a first start shows a token");
    host_stdout(&data, &["account", "create", "acme"]);
    drop(first);
    let second = ServiceProcess::serve(&data);
    assert_eq!(second.client(&token).users().me().expect("the oldest account").name, "home");
}

#[test]
fn rejects_an_unknown_default_account() {
    let (_folder, data) = temp_data();
    drop(ServiceProcess::serve(&data));
    let (success, _, err) = run(&data, &["serve", "--listen", "127.0.0.1:0", "--account", "typo"]);
    assert!(!success);
    assert_eq!(err, "backpack: there is no account typo\n");
}

#[test]
fn logs_at_the_configured_level_and_without_colours_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve_and_read_log = |level: &str| {
        let file = folder.path().join(level);
        let log = std::fs::File::create(&file).expect("a file");
        let service = ServiceProcess::with_log(&folder.path().join("data.backpack"), level, log);
        let unknown_token = "0".repeat(40);
        service.client(&unknown_token).users().me().expect_err("the token is unknown");
        drop(service);
        std::fs::read_to_string(file).expect("the log")
    };
    let info = serve_and_read_log("info");
    assert!(info.contains(" INFO ") && info.contains("users.me") && !info.contains('\u{1b}'), "{info}");
    assert_eq!(serve_and_read_log("error"), "");
}

/// The paths of the requests have the token, an unknown feed, and a token in the query.
#[test]
fn the_log_shows_clients_and_paths_without_tokens_if_it_should() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let mut command = backpack();
    command.args(["serve", "--demo", "--behind-proxy", "--log-clients"]).env("RUST_LOG", "info");
    let service = ServiceProcess::start(command.stderr(std::fs::File::create(&log).expect("a file")));
    let token = service.token.clone().expect("the demo shows tokens");
    let send = |target: &str| {
        let address = service.base_url.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n\
             X-BP-Token: {token}\r\nConnection: close\r\n\r\n"
        );
        std::io::Write::write_all(&mut stream, head.as_bytes()).expect("the request should be sent");
        std::io::read_to_string(stream).expect("a response");
    };
    [format!("/{token}/me.xml"), format!("/{token}.ics"), format!("/statuses.xml?token={token}")]
        .iter()
        .for_each(|target| send(target));
    service.stop();
    let log = std::fs::read_to_string(log).expect("the log");
    for shown in [" client=192.0.2.7 method=GET path=/*/me.xml ", " path=/*.ics ", " path=/statuses.xml "] {
        assert!(log.contains(shown), "{shown}: {log}");
    }
    assert!(!log.contains(&token), "{log}");
}

/// The client sends the head of a request but no body, so a graceful shutdown waits for it.
#[cfg(unix)]
#[test]
fn a_second_signal_ends_a_graceful_shutdown() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let service = ServiceProcess::with_log(
        &folder.path().join("data.backpack"),
        "info",
        std::fs::File::create(&log).expect("a file"),
    );
    let address = service.base_url.trim_start_matches("http://").to_owned();
    let connect = || std::net::TcpStream::connect(&address);
    let mut client = connect().expect("a connection");
    let head = "POST /ws/pages/all HTTP/1.1\r\nHost: home\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n";
    client.write_all(head.as_bytes()).expect("the head should be sent");
    // `HTTP/1.1 100`.
    client.read_exact(&mut [0; 12]).expect("the service should ask for the body");
    service.signal(nix::sys::signal::Signal::SIGTERM);
    // The shutdown has begun when the service no longer accepts connections.
    while connect().is_ok() {
        std::thread::yield_now();
    }
    // Sends the second signal.
    service.stop();
    let log = std::fs::read_to_string(log).expect("the log");
    assert!(log.contains("shutting down, draining requests requests=1"), "{log}");
    assert!(log.contains("shutting down immediately"), "{log}");
}
