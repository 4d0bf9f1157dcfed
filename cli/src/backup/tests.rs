//! Tests of backups of a service in this process, whose responses a test may change. Waits are simulated.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::bytes::Bytes;
use backpack_api::runtime::http::{Request as HttpRequest, Response, StatusCode};
use backpack_api::runtime::service::RetryClass;
use backpack_api::runtime::transport::{BlockingTransport, HyperTransport, MemoryTransport, TransportConfig};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{ApiToken, ClientConfig, SERVICE};
use backpack_archive::verify::{Completeness, verify};
use backpack_server::{Server, ServerConfig, Store, calendars, demo};
use tempfile::TempDir;

use super::*;

/// A running service with the demo account, and a folder for its archive.
struct Fixture {
    _server: Server,
    folder: TempDir,
    url: String,
    token: String,
}

impl Fixture {
    /// Starts a service with the demo account and more calendars.
    fn with_calendars(number: usize) -> Self {
        let store = Store::in_memory().unwrap();
        let users = demo::fill(&store, Timestamp::now()).unwrap();
        let user = users[0].id;
        store
            .write_blocking(move |db| {
                (0..number).try_for_each(|n| calendars::create(db, user, &format!("C{n}"), "336699", false).map(drop))
            })
            .unwrap();
        let mut config = ServerConfig::default();
        config.limits.enforce_rate_limits = false;
        config.accounts.default_account = Some(demo::ACCOUNT.to_owned());
        let server = Server::start(store, config).unwrap();
        let url = format!("http://{}", server.address());
        let token = users[0].token.expose().to_owned();
        Self { _server: server, folder: tempfile::tempdir().unwrap(), url, token }
    }

    fn new() -> Self {
        Self::with_calendars(0)
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("demo.backpack")
    }

    /// Backs up the account. `change` may change each response of the service, or replace it.
    fn back_up(
        &self,
        change: impl Fn(&str, Response<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> (Result<Summary, CommandError>, MemoryTransport) {
        let inner = HyperTransport::new(&TransportConfig::default()).unwrap();
        let transport = MemoryTransport::from_fn(move |request| {
            let path = request.uri().path().to_owned();
            change(&path, BlockingTransport::send(&inner, request.clone(), Duration::from_secs(60)).unwrap())
        });
        let token = ApiToken::new(self.token.clone()).unwrap();
        let config = ClientConfig::new(&SERVICE, &self.url, token, "Trip planner (jo@example.com)").unwrap();
        let recorder = Recorder::new(config, transport.clone());
        (back_up(&recorder, &self.archive(), &self.url, None, Timestamp::UNIX_EPOCH), transport)
    }
}

/// Replaces the body of a response.
fn with_body(response: Response<Bytes>, change: impl Fn(&str) -> String) -> Response<Bytes> {
    response.map(|body| change(str::from_utf8(&body).unwrap()).into())
}

/// Returns a response without content.
fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

#[test]
fn names_what_a_faulty_service_does_not_give_and_gets_the_rest() {
    let fixture = Fixture::new();
    let (result, _) = fixture.back_up(|path, response| match path {
        // No page is in the export.
        _ if path.ends_with("/export.xml") => with_body(response, |body| {
            let (before, rest) = body.split_once("<pages>").unwrap();
            format!("{before}<pages>{}", &rest[rest.find("</pages>").unwrap()..])
        }),
        "/ws/page/2" => with_body(response, |body| body.replace("<lists>", "<stars><star/></stars><lists>")),
        "/ws/page/3" => status(StatusCode::INTERNAL_SERVER_ERROR),
        "/journal_entries.xml" => with_body(response, |body| body[..body.len() / 2].to_owned()),
        _ => response,
    });
    let summary = result.unwrap();
    let failed: Vec<_> = summary.failed.iter().map(|failure| (&*failure.file, &*failure.error)).collect();
    let cut_off = failed[1].1;
    assert_eq!(failed, [("raw/pages/3.xml", "HTTP status 500: Internal Server Error"), ("raw/journal/0.xml", cut_off)]);
    assert!(cut_off.starts_with("the response (HTTP status 200) is truncated"), "{cut_off}");
    assert_eq!((summary.pages.listed, summary.pages.archived), (3, 2));
    assert_eq!(summary.unknown["raw/pages/2.xml"], ["response/page/stars"]);
    let report = verify(&fixture.archive()).unwrap();
    assert_eq!((report.verdict, report.missing.len(), report.unknown.len()), (Completeness::Incomplete, 2, 1));
    assert_eq!(report.counts["pages"], 2);
    // The next backup asks again for what is missing.
    let summary = fixture.back_up(|_, response| response).0.unwrap();
    assert_eq!((summary.failed.len(), summary.pages.archived, summary.unknown.len()), (0, 3, 0));
    assert_eq!(verify(&fixture.archive()).unwrap().verdict, Completeness::Complete);
}

/// Returns the class of the operation of a request.
struct FindClass;

impl Visitor for FindClass {
    type Output = RetryClass;

    fn visit<E: ServeEndpoint>(self, _: E) -> RetryClass {
        E::OPERATION.retry
    }
}

#[test]
fn only_reads_and_keeps_to_the_rate_limits() {
    let fixture = Fixture::with_calendars(40);
    let clock: Arc<OnceLock<MemoryTransport>> = Arc::default();
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let inner = HyperTransport::new(&TransportConfig::default()).unwrap();
    let (shared_clock, shared_times) = (Arc::clone(&clock), Arc::clone(&times));
    let transport = MemoryTransport::from_fn(move |request| {
        if request.uri().path().starts_with("/calendars") {
            shared_times.lock().unwrap().push(BlockingTransport::now(shared_clock.get().unwrap()));
        }
        BlockingTransport::send(&inner, request.clone(), Duration::from_secs(60)).unwrap()
    });
    clock.set(transport.clone()).unwrap();
    let token = ApiToken::new(fixture.token.clone()).unwrap();
    let config = ClientConfig::new(&SERVICE, &fixture.url, token, "Trip planner (jo@example.com)").unwrap();
    let recorder = Recorder::new(config, transport.clone());
    back_up(&recorder, &fixture.archive(), &fixture.url, None, Timestamp::UNIX_EPOCH).unwrap();
    let times = times.lock().unwrap();
    assert_eq!(times.len(), 43);
    for window in times.windows(11) {
        assert!(window[10] - window[0] >= Duration::from_secs(5), "more than 10 requests in 5 seconds");
    }
    assert!(recorder.record().waited() >= Duration::from_secs(20));
    for request in transport.requests() {
        let request: HttpRequest<Bytes> = request;
        let read = AnyRequest::read(&request).unwrap();
        assert_eq!(read.request.visit(FindClass), RetryClass::ReadOnly, "{}", request.uri().path());
    }
}

#[test]
fn waits_as_long_as_the_service_demands() {
    let fixture = Fixture::new();
    let is_first = Mutex::new(true);
    let (result, transport) = fixture.back_up(move |path, response| {
        if path == "/ws/pages/all" && std::mem::take(&mut *is_first.lock().unwrap()) {
            let mut busy = status(StatusCode::SERVICE_UNAVAILABLE);
            busy.headers_mut().insert("Retry-After", "90".parse().unwrap());
            return busy;
        }
        response
    });
    assert_eq!(result.unwrap().failed.len(), 0);
    assert!(transport.waits().iter().any(|wait| *wait >= Duration::from_secs(90)));
}

#[test]
fn ends_if_the_token_is_rejected_and_leaves_the_archive_as_it_was() {
    let fixture = Fixture::new();
    fixture.back_up(|_, response| response).0.unwrap();
    let manifest = std::fs::read(fixture.archive().join("manifest.json")).unwrap();
    let (result, _) = fixture.back_up(|path, response| match path {
        "/ws/pages/all" => status(StatusCode::UNAUTHORIZED),
        _ => response,
    });
    assert!(result.is_err());
    assert!(std::fs::read(fixture.archive().join("manifest.json")).unwrap() == manifest);
    assert_eq!(verify(&fixture.archive()).unwrap().verdict, Completeness::Complete);
}

/// Returns the paths of all files in a folder.
fn all_files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { all_files(&path) } else { BTreeSet::from([path]) }).collect()
}

#[test]
fn the_token_is_in_no_file() {
    let fixture = Fixture::new();
    let token = fixture.token.clone();
    // An element may have the token as its name, and an error may repeat it.
    let hostile = token.clone();
    fixture
        .back_up(move |path, response| match path {
            "/ws/pages/all" => with_body(response, |body| body.replace("<pages>", &format!("<a{hostile}/><pages>"))),
            "/statuses.xml" => with_body(status(StatusCode::NOT_FOUND), |_| format!("no {hostile}")),
            _ => response,
        })
        .0
        .unwrap();
    let files = all_files(&fixture.archive());
    assert!(files.len() > 10);
    for path in files.iter().filter(|path| !path.ends_with("raw/pages.xml")) {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        assert!(!text.contains(&token), "{}", path.display());
    }
}
