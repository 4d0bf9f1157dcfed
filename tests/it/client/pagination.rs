//! Paginated listings, as an iterator and as a stream: of a journal in memory, and over HTTP.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use backpack_api::journal::{List, ListForUser};
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::pagination::AsyncItems;
use backpack_api::runtime::transport::{MemoryTransport, Transport, TransportErrorKind, TransportFuture, WaitFuture};
use backpack_api::{Client, EntryId, Error, JournalEntry, ServeEndpointExt, UserId, blocking};
use backpack_tests::server::ExampleServer;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};

use crate::support::{USER_AGENT, client_config, read_request, token, tokio_runtime};

/// A service in memory with a journal, to which a test can add entries.
#[derive(Clone)]
struct JournalService {
    /// Ids of all entries, in the order of the listing.
    entries: Arc<Mutex<Vec<u64>>>,
    transport: MemoryTransport,
}

impl JournalService {
    /// Creates a journal that returns at most `max_page_size` entries per page, even if the client asks for more.
    fn new(entries: impl IntoIterator<Item = u64>, max_page_size: usize) -> Self {
        Self::with_pages(entries, move |entries, page, count| {
            let size = usize::try_from(count).unwrap().min(max_page_size);
            entries.chunks(size).nth(usize::try_from(page).unwrap()).unwrap_or_default().to_vec()
        })
    }

    /// Creates a journal whose pages `select_page` selects, given all entries, the page number and the requested page
    /// size.
    fn with_pages(
        entries: impl IntoIterator<Item = u64>,
        select_page: impl Fn(&[u64], i64, i64) -> Vec<u64> + Send + Sync + 'static,
    ) -> Self {
        let entries = Arc::new(Mutex::new(Vec::from_iter(entries)));
        let all = Arc::clone(&entries);
        let list_page = move |number: Option<i64>, count: Option<i64>| {
            let page = select_page(&all.lock().unwrap(), number.unwrap_or(0), count.unwrap_or(100));
            page.into_iter().map(new_entry).collect::<Vec<_>>()
        };
        let transport = MemoryTransport::from_fn(move |request| match read_request(request).unwrap() {
            AnyRequest::JournalList(list) => list.respond(&list_page(list.page, list.count)).unwrap(),
            AnyRequest::JournalListForUser(list) => list.respond(&list_page(list.page, list.count)).unwrap(),
            other => panic!("{other:?}"),
        });
        Self { entries, transport }
    }

    /// Returns the same service, with scripted responses and errors before its own.
    fn with_script(&self, script: impl FnOnce(MemoryTransport) -> MemoryTransport) -> Self {
        Self { transport: script(self.transport.clone()), ..self.clone() }
    }

    /// Adds an entry before all others.
    fn add_entry(&self, entry: u64) {
        self.entries.lock().unwrap().insert(0, entry);
    }

    /// Creates a blocking client of the service.
    fn blocking_client(&self) -> blocking::Client {
        blocking::Client::with_transport(client_config(), self.transport.clone())
    }

    /// Creates an async client of the service.
    fn async_client(&self) -> Client {
        Client::with_transport(client_config(), self.transport.clone())
    }

    /// Returns the numbers of the pages requested so far, in order.
    fn requested_pages(&self) -> Vec<i64> {
        let page_number = |request: &Request<Bytes>| match read_request(request).unwrap() {
            AnyRequest::JournalList(list) => list.page.unwrap(),
            AnyRequest::JournalListForUser(list) => list.page.unwrap(),
            other => panic!("{other:?}"),
        };
        self.transport.requests().iter().map(page_number).collect()
    }
}

/// Creates an entry with this id. Its body is `Entry {id}`.
fn new_entry(id: u64) -> JournalEntry {
    let time = "2009-03-19T16:33:37Z".parse().unwrap();
    JournalEntry::new(format!("Entry {id}"), time, EntryId(id), time)
}

/// Returns the ids of entries, none of which may be an error.
fn ids(entries: impl IntoIterator<Item = Result<JournalEntry, Error>>) -> Vec<u64> {
    entries.into_iter().map(|entry| entry.unwrap().id.0).collect()
}

/// Returns the ids of the remaining entries, without a crate for streams.
fn collect_rest(entries: &mut AsyncItems<List>) -> Vec<u64> {
    let mut all = Vec::new();
    while let Some(entry) = poll_ready(entries.next()) {
        all.push(entry);
    }
    ids(all)
}

/// Polls a future once. It has to be ready, as calls over a transport in memory are.
fn poll_ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits"),
    }
}

#[test]
fn every_entry_of_all_pages_is_listed_once_and_in_order() {
    let all: Vec<u64> = (1..=7).rev().collect();
    let journal = JournalService::new(all.clone(), 100);
    assert_eq!(ids(journal.blocking_client().journal().list_all_with(|list| list.count(3))), all);
    assert_eq!(journal.requested_pages(), [0, 1, 2, 3]);
    let journal = JournalService::new(all.clone(), 100);
    assert_eq!(collect_rest(&mut journal.async_client().journal().list_all_with(|list| list.count(3))), all);
    assert_eq!(journal.requested_pages(), [0, 1, 2, 3]);
}

#[test]
fn an_empty_listing_takes_one_request() {
    let journal = JournalService::new([], 100);
    assert!(ids(journal.blocking_client().journal().list_all()).is_empty());
    assert_eq!(journal.requested_pages(), [0]);
}

#[test]
fn a_listing_ends_at_a_page_that_rails_calls_nil_classes() {
    // The first page has an entry. The second one is empty, and so is any page after it.
    let journal = JournalService::with_pages(1..=1, |entries, page, _| match page {
        0 => entries.to_vec(),
        _ => panic!("page {page} comes after the last one"),
    });
    let script = |script: MemoryTransport| {
        let first = List::new().respond(&vec![new_entry(1)]).unwrap();
        script.respond(first).respond(Response::new("<nil-classes type=\"array\"/>"))
    };
    let scripted = journal.with_script(script);
    assert_eq!(ids(scripted.blocking_client().journal().list_all()), [1]);
    assert_eq!(scripted.requested_pages(), [0, 1]);
    assert_eq!(collect_rest(&mut journal.with_script(script).async_client().journal().list_all()), [1]);
}

#[test]
fn pages_may_be_shorter_than_requested() {
    let journal = JournalService::new(1..=5, 2);
    assert_eq!(ids(journal.blocking_client().journal().list_all()), [1, 2, 3, 4, 5]);
    assert_eq!(journal.requested_pages(), [0, 1, 2, 3]);
    // For example, a service may select a page and then remove the entries that the user may not see.
    let journal = JournalService::with_pages(1..=6, |entries, page, _| {
        let selected = entries.chunks(2).nth(page as usize).unwrap_or_default();
        selected.iter().copied().filter(|entry| *entry != 3).collect()
    });
    assert_eq!(collect_rest(&mut journal.async_client().journal().list_all()), [1, 2, 4, 5, 6]);
}

#[test]
fn no_entry_is_listed_twice_when_entries_are_added_meanwhile() {
    let journal = JournalService::new((1..=6).rev(), 2);
    let mut entries = journal.blocking_client().journal().list_all();
    let mut listed = ids(entries.by_ref().take(2));
    // Three entries are more than a page of two, so one of the new entries moves to the next page.
    for entry in [7, 8, 9] {
        journal.add_entry(entry);
    }
    listed.extend(ids(entries));
    listed.sort_unstable();
    assert_eq!(listed, [1, 2, 3, 4, 5, 6, 7]);

    let journal = JournalService::new((1..=6).rev(), 2);
    let mut entries = journal.async_client().journal().list_all();
    let mut listed = vec![poll_ready(entries.next()).unwrap().unwrap().id.0];
    journal.add_entry(7);
    journal.add_entry(8);
    listed.extend(collect_rest(&mut entries));
    assert_eq!(listed, [6, 5, 4, 3, 2, 1]);
    assert_eq!(journal.requested_pages(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_page_is_fetched_when_its_first_entry_is_read() {
    let journal = JournalService::new(1..=4, 2);
    let mut entries = journal.blocking_client().journal().list_all();
    assert_eq!((journal.requested_pages(), entries.size_hint()), (vec![], (0, None)));
    assert_eq!(ids(entries.by_ref().take(2)), [1, 2]);
    assert_eq!(journal.requested_pages(), [0]);
    assert_eq!(ids(entries.by_ref().take(1)), [3]);
    assert_eq!((journal.requested_pages(), entries.size_hint()), (vec![0, 1], (1, None)));
    assert_eq!(ids(entries.by_ref()), [4]);
    assert_eq!(entries.size_hint(), (0, Some(0)));
}

#[test]
fn an_error_is_returned_once_and_the_page_can_be_fetched_again() {
    // The first page, then an error, then the service's own pages.
    let failing_journal = |body: &'static str| {
        let first = List::new().respond(&vec![new_entry(3)]).unwrap();
        JournalService::new((1..=3).rev(), 1).with_script(|script| script.respond(first).respond(unauthorized(body)))
    };
    let journal = failing_journal("blocking");
    let mut entries = journal.blocking_client().journal().list_all();
    assert_eq!(entries.next().unwrap().unwrap().id, EntryId(3));
    assert!(entries.next().unwrap().unwrap_err().is_unauthorized());
    assert!(entries.next().is_none() && entries.next().is_none());
    assert_eq!(entries.request().page, Some(1));
    entries.resume();
    assert_eq!(ids(entries), [2, 1]);
    assert_eq!(journal.requested_pages(), [0, 1, 1, 2, 3]);

    let journal = failing_journal("async");
    let mut entries = journal.async_client().journal().list_all();
    assert_eq!(poll_ready(entries.next()).unwrap().unwrap().id, EntryId(3));
    assert!(poll_ready(entries.next()).unwrap().unwrap_err().is_unauthorized());
    assert!(poll_ready(entries.next()).is_none() && poll_ready(entries.next()).is_none());
    assert_eq!(entries.request().page, Some(1));
    entries.resume();
    assert_eq!(collect_rest(&mut entries), [2, 1]);
    assert_eq!(journal.requested_pages(), [0, 1, 1, 2, 3]);
}

/// Builds a response with status 401 and this body.
fn unauthorized(body: &'static str) -> Response<&'static str> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

#[test]
fn fetching_a_page_is_retried_like_any_read() {
    let journal = JournalService::new(1..=2, 1).with_script(|script| script.fail(TransportErrorKind::ConnectionLost));
    assert_eq!(ids(journal.blocking_client().journal().list_all()), [1, 2]);
    assert_eq!(journal.requested_pages(), [0, 0, 1, 2]);
}

#[test]
fn a_listing_ends_if_the_service_ignores_the_page_number() {
    let journal = JournalService::with_pages(1..=3, |entries, _, _| entries.to_vec());
    let mut entries = journal.blocking_client().journal().list_all();
    assert_eq!(ids(entries.by_ref()), [1, 2, 3]);
    assert_eq!((journal.requested_pages(), entries.request().page), (vec![0, 1, 2], Some(2)));
    entries.resume();
    assert_eq!((entries.count(), journal.requested_pages()), (0, vec![0, 1, 2, 2]));
    let journal = JournalService::with_pages(1..=3, |entries, _, _| entries.to_vec());
    assert_eq!(collect_rest(&mut journal.async_client().journal().list_all()), [1, 2, 3]);
}

#[test]
fn options_apply_to_every_page() {
    let journal = JournalService::new(1..=7, 100);
    let client = journal.blocking_client();
    let entries = client.journal().list_for_user_all_with(UserId(77), |list| list.page(1).count(3));
    assert_eq!(ids(entries), [4, 5, 6, 7]);
    let requests: Vec<_> = journal.transport.requests().iter().map(|request| read_request(request).unwrap()).collect();
    let expected = |page| AnyRequest::JournalListForUser(ListForUser::new(UserId(77)).page(page).count(3));
    assert_eq!(requests, [1, 2, 3].map(expected));
    assert_eq!(ids(client.journal().list_for_user_all(UserId(77))).len(), 7);
}

#[test]
fn the_async_client_returns_a_stream() {
    /// Compiles only if the listing is a stream that can move to another thread.
    fn assert_stream<S: futures_util::Stream + Unpin + Send + 'static>(stream: S) -> S {
        stream
    }
    let journal = JournalService::new(1..=5, 2);
    let client = journal.async_client();
    let entries = assert_stream(client.journal().list_all());
    let bodies: Result<Vec<_>, _> = poll_ready(entries.map_ok(|entry| entry.body).try_collect());
    assert_eq!(bodies.unwrap(), ["Entry 1", "Entry 2", "Entry 3", "Entry 4", "Entry 5"]);
    let entries = client.journal().list_all().take(3).map(|entry| entry.unwrap().id.0);
    assert_eq!(poll_ready(entries.collect::<Vec<_>>()), [1, 2, 3]);
}

/// A transport whose requests are not answered until the test opens it.
struct GatedTransport {
    inner: MemoryTransport,
    is_open: Arc<AtomicBool>,
}

impl Transport for GatedTransport {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        let response = Transport::send(&self.inner, request, timeout);
        let opened = || poll_fn(|_| if self.is_open.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending });
        Box::pin(async move {
            opened().await;
            response.await
        })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Transport::wait(&self.inner, time)
    }
}

#[test]
fn dropping_a_pending_next_loses_no_entry() {
    let journal = JournalService::new(1..=3, 2);
    let is_open = Arc::new(AtomicBool::new(false));
    let transport = GatedTransport { inner: journal.transport.clone(), is_open: Arc::clone(&is_open) };
    let mut entries = Client::with_transport(client_config(), transport).journal().list_all();
    for _ in 0..3 {
        let mut next = Box::pin(entries.next());
        assert!(Pin::new(&mut next).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    is_open.store(true, Ordering::SeqCst);
    assert_eq!(collect_rest(&mut entries), [1, 2, 3]);
    assert_eq!(journal.requested_pages(), [0, 1, 2], "the first page is fetched once");
}

#[test]
fn debug_output_shows_no_token() {
    let journal = JournalService::new(1..=3, 2);
    let shown = format!(
        "{:?} {:?}",
        journal.blocking_client().journal().list_all(),
        journal.async_client().journal().list_all()
    );
    assert!(shown.contains("List { page: Some(0), count: None }"), "{shown}");
    assert!(!shown.contains(backpack_tests::examples::TOKEN), "{shown}");
}

#[test]
fn listings_work_over_http() {
    let server = ExampleServer::start();
    let examples = [EntryId(1702), EntryId(1701)];
    let client = blocking::Client::with_base_url(&server.base_url(), token(), USER_AGENT).unwrap();
    // The server has an example of page 3, which is empty, and responds with its first example to all other pages.
    let entries = client.journal().list_all_with(|list| list.page(2).count(20));
    assert_eq!(ids(entries), examples.map(|id| id.0));
    assert_eq!(server.traffic().len(), 2);
    let listed = tokio_runtime().block_on(async {
        let client = Client::with_base_url(&server.base_url(), token(), USER_AGENT).unwrap();
        let entries = client.journal().list_all_with(|list| list.page(2).count(20));
        drop(client);
        // A listing can move to another thread and outlive the client.
        tokio::spawn(entries.map_ok(|entry| entry.id).try_collect::<Vec<_>>()).await
    });
    assert_eq!(listed.unwrap().unwrap(), examples);
    assert_eq!(server.traffic().len(), 2);
}
