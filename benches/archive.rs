//! Time to back up an account of 1,000 pages from the service on the loopback interface, and to verify its archive.
//!
//! - `backup`: the requests, and an archive on the disk. The peer sends the same requests over hyper's bare client.
//! - `verify`: the verification of this archive. The peer is the command `sha256sum` with the same files, if it is
//!   installed. `hash` is a lower bound, without a process: the SHA-256 of the files with the crate that we use.
//!
//! The pages of one account are in its export. Those of the other are not, because another account shares them; they
//! are requested one by one.
//!
//! Prints a table of ratios at the end, beside the aims.

#![allow(missing_docs)]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{ApiToken, ClientConfig, EndpointExt, SERVICE, blocking};
use backpack_archive::backup::{Backup, Run};
use backpack_archive::request::Request;
use backpack_archive::verify::{Completeness, verify};
use backpack_benches::bare_client::BareClient;
use backpack_benches::samples;
use backpack_server::users::NewUser;
use backpack_server::{Server, ServerConfig, Store, accounts, tokens, users};
use backpack_tests::accounts::insert_pages;
use bytes::Bytes;
use criterion::{BatchSize, Criterion, SamplingMode};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Builder;

const USER_AGENT: &str = "Bench (jo@example.com)";
/// Number of pages of an account.
const PAGES: u32 = 1_000;
/// Accounts: name, and `true` if its pages are in the export.
const ACCOUNTS: [(&str, bool); 2] = [("pages in the export", true), ("pages one by one", false)];
/// Aims for the ratios of our time to the peer's, by operation.
const AIMS: [(&str, f64); 2] = [("backup", 1.3), ("verify", 3.0)];

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("archive");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(5))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(10)
        .configure_from_args();
    for (name, is_exported) in ACCOUNTS {
        bench_account(&mut criterion, name, is_exported);
    }
    criterion.final_summary();
    println!("\nOur time divided by the peer's:");
    for ((account, _), (operation, aim)) in
        ACCOUNTS.into_iter().flat_map(|account| AIMS.map(|operation| (account, operation)))
    {
        let fastest = |name| samples::fastest(&folder, &format!("{operation}, {account}"), name);
        if let (Some(ours), Some(hash)) = (fastest("ours"), fastest("hash")) {
            println!("{operation}, {account:<20} {:.2} times the hashes in our process", ours / hash);
        }
        if let (Some(ours), Some(peer)) = (fastest("ours"), fastest("peer")) {
            let [ours_ms, peer_ms] = [ours, peer].map(|nanoseconds| nanoseconds / 1e6);
            let ratio = ours / peer;
            println!("{operation}, {account:<20} {ratio:.2} (aim {aim})   {ours_ms:.1} ms, peer {peer_ms:.1} ms");
        }
    }
}

/// Measures backup and verification of an account.
fn bench_account(criterion: &mut Criterion, account: &str, is_exported: bool) {
    let data = temp_folder();
    let (server, token) = serve(&data.path().join("data.backpack"), is_exported);
    let base_url = format!("http://{}", server.address());
    let config = ClientConfig::new(&SERVICE, &base_url, ApiToken::new(&token).unwrap(), USER_AGENT).unwrap();
    let transport = HyperTransport::new(&TransportConfig::default()).unwrap();
    let client = blocking::Client::with_transport(config.clone(), transport);
    let client = client.with_options(|options| options.respect_rate_limits = false);
    let archive = data.path().join("archive");
    let requests = back_up(&client, &archive);
    assert!(requests.len() > PAGES as usize || is_exported);

    let mut group = criterion.benchmark_group(format!("backup, {account}"));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("ours", |bench| {
        let run = |folder: TempDir| {
            back_up(&client, &folder.path().join("archive"));
            folder
        };
        bench.iter_batched(temp_folder, run, BatchSize::PerIteration);
    });
    let (bare, runtime) = (BareClient::new(), Builder::new_current_thread().enable_all().build().unwrap());
    let encoded: Vec<_> = requests.iter().map(|request| request.visit(Encode(&config))).collect();
    group.bench_function("peer", |bench| {
        bench.iter(|| encoded.iter().map(|request| runtime.block_on(bare.send(request)).len()).sum::<usize>());
    });
    group.finish();

    let mut group = criterion.benchmark_group(format!("verify, {account}"));
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("ours", |bench| {
        bench.iter(|| assert_eq!(verify(&archive).unwrap().verdict, Completeness::Complete));
    });
    let files = requests.iter().map(|request| archive.join(request.file()));
    let files: Vec<_> = files.filter(|file| file.exists()).collect();
    group.bench_function("hash", |bench| {
        bench.iter(|| {
            files.iter().map(|file| Sha256::digest(fs::read(file).unwrap())).for_each(|hash| {
                black_box(hash);
            })
        });
    });
    if run_sha256sum(&files).is_some() {
        group.bench_function("peer", |bench| bench.iter(|| run_sha256sum(&files)));
    } else {
        println!("verify, {account}/peer: sha256sum is not installed");
    }
    group.finish();
}

/// Computes the SHA-256 of files with `sha256sum`. Returns `None` if it is not installed.
fn run_sha256sum(files: &[PathBuf]) -> Option<usize> {
    let output = Command::new("sha256sum").args(files).output().ok()?;
    output.status.success().then_some(output.stdout.len())
}

/// Creates a folder on the disk of the repository.
fn temp_folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Serves an account whose user sees the pages. Returns the server and the token of the user.
fn serve(data: &Path, is_exported: bool) -> (Server, String) {
    let store = Store::open(data).unwrap();
    let fill = move |db: &_| {
        let (home, club) = (accounts::create(db, "home", None)?, accounts::create(db, "club", None)?);
        let (name, email_address) = ("Ines".to_owned(), "ines@example.com".to_owned());
        let user = NewUser { name, email_address, admin: true, time_zone: "UTC".to_owned() };
        let user = users::create(db, "home", &user)?;
        let pages = if is_exported {
            insert_pages(home.id.0, PAGES, None)
        } else {
            insert_pages(club.id.0, PAGES, Some(user.0))
        };
        rusqlite::Connection::execute_batch(db, &pages).unwrap();
        tokens::create(db, user)
    };
    let token = store.write_blocking(fill).unwrap().expose().to_owned();
    let mut settings = ServerConfig::default();
    settings.limits.enforce_rate_limits = false;
    settings.accounts.default_account = Some("home".to_owned());
    (Server::start(store, settings).unwrap(), token)
}

/// Backs up the account as the command does. Returns the requests.
fn back_up(client: &blocking::Client, folder: &Path) -> Vec<Request> {
    let mut backup = Backup::start(folder, "http://localhost", None, Timestamp::UNIX_EPOCH).unwrap();
    let mut requests = Vec::new();
    while let Some(request) = backup.next_request().unwrap() {
        backup.record(request, &request.visit(Fetch(client))).unwrap();
        requests.push(request);
    }
    let summary = backup.finish(&Run::default()).unwrap();
    assert_eq!((summary.pages.archived, summary.failed.len()), (u64::from(PAGES), 0));
    requests
}

/// Calls an endpoint, and returns the body.
struct Fetch<'a>(&'a blocking::Client);

impl Visitor for Fetch<'_> {
    type Output = Bytes;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Bytes {
        self.0.call_with_response(&endpoint).unwrap().response.into_body()
    }
}

/// Encodes the request to an endpoint.
struct Encode<'a>(&'a ClientConfig);

impl Visitor for Encode<'_> {
    type Output = http::Request<Bytes>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        endpoint.to_request(self.0).unwrap()
    }
}
