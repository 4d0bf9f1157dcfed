//! Listings that come in pages, as an iterator and as a stream: of a journal in memory, and over HTTP.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use backpack_api::journal::{List, ListForUser};
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::ServeEndpoint;
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::pages::AsyncEntries;
use backpack_api::runtime::transport::{MemoryTransport, Transport, TransportErrorKind, TransportFuture, WaitFuture};
use backpack_api::{Client, EntryId, Error, JournalEntry, UserId, blocking};
use backpack_tests::server::ExampleServer;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};

use crate::support::{AGENT, caller, read, token};

/// A journal in memory, the newest entry first.
#[derive(Clone)]
struct Journal {
    entries: Arc<Mutex<Vec<u64>>>,
    transport: MemoryTransport,
}

impl Journal {
    /// A journal with these entries, that gives no more than `most` at once, whatever is asked for.
    fn new(entries: impl IntoIterator<Item = u64>, most: usize) -> Self {
        Self::with(entries, move |entries, page, count| {
            let size = usize::try_from(count).unwrap().min(most);
            entries.chunks(size).nth(usize::try_from(page).unwrap()).unwrap_or_default().to_vec()
        })
    }

    /// A journal that answers what `page` makes of its entries, the page's number, and the count that is asked for.
    fn with(
        entries: impl IntoIterator<Item = u64>,
        page: impl Fn(&[u64], i64, i64) -> Vec<u64> + Send + Sync + 'static,
    ) -> Self {
        let entries = Arc::new(Mutex::new(Vec::from_iter(entries)));
        let all = Arc::clone(&entries);
        let answer = move |number: Option<i64>, count: Option<i64>| {
            let page = page(&all.lock().unwrap(), number.unwrap_or(0), count.unwrap_or(100));
            page.into_iter().map(entry).collect::<Vec<_>>()
        };
        let transport = MemoryTransport::with(move |request| match read(request).unwrap() {
            AnyRequest::JournalList(list) => list.respond(&answer(list.page, list.count)).unwrap(),
            AnyRequest::JournalListForUser(list) => list.respond(&answer(list.page, list.count)).unwrap(),
            other => panic!("{other:?}"),
        });
        Self { entries, transport }
    }

    /// The same, after an answer or a failure.
    fn after(&self, script: impl FnOnce(MemoryTransport) -> MemoryTransport) -> Self {
        Self { transport: script(self.transport.clone()), ..self.clone() }
    }

    fn write(&self, entry: u64) {
        self.entries.lock().unwrap().insert(0, entry);
    }

    fn blocking(&self) -> blocking::Client {
        blocking::Client::with_transport(caller(), self.transport.clone())
    }

    fn waiting(&self) -> Client {
        Client::with_transport(caller(), self.transport.clone())
    }

    /// The pages that were asked for so far.
    fn asked(&self) -> Vec<i64> {
        let page = |request: &Request<Bytes>| match read(request).unwrap() {
            AnyRequest::JournalList(list) => list.page.unwrap(),
            AnyRequest::JournalListForUser(list) => list.page.unwrap(),
            other => panic!("{other:?}"),
        };
        self.transport.requests().iter().map(page).collect()
    }
}

fn entry(id: u64) -> JournalEntry {
    let time = "2009-03-19T16:33:37Z".parse().unwrap();
    JournalEntry::new(format!("Entry {id}"), time, EntryId(id), time)
}

fn ids(entries: impl IntoIterator<Item = Result<JournalEntry, Error>>) -> Vec<u64> {
    entries.into_iter().map(|entry| entry.unwrap().id.0).collect()
}

/// What is left of a stream, read without a crate for streams. Nothing in memory waits.
fn rest(entries: &mut AsyncEntries<List>) -> Vec<u64> {
    let mut all = Vec::new();
    while let Some(entry) = now(entries.next()) {
        all.push(entry);
    }
    ids(all)
}

/// What a future that does not wait comes to.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn every_entry_of_all_pages_comes_once_and_in_order() {
    let all: Vec<u64> = (1..=7).rev().collect();
    let journal = Journal::new(all.clone(), 100);
    assert_eq!(ids(journal.blocking().journal().list_all_with(|list| list.count(3))), all);
    assert_eq!(journal.asked(), [0, 1, 2, 3]);
    let journal = Journal::new(all.clone(), 100);
    assert_eq!(rest(&mut journal.waiting().journal().list_all_with(|list| list.count(3))), all);
    assert_eq!(journal.asked(), [0, 1, 2, 3]);
}

#[test]
fn a_journal_without_entries_is_one_request() {
    let journal = Journal::new([], 100);
    assert!(ids(journal.blocking().journal().list_all()).is_empty());
    assert_eq!(journal.asked(), [0]);
}

#[test]
fn a_service_may_give_fewer_than_were_asked_for() {
    let journal = Journal::new(1..=5, 2);
    assert_eq!(ids(journal.blocking().journal().list_all()), [1, 2, 3, 4, 5]);
    assert_eq!(journal.asked(), [0, 1, 2, 3]);
    // Such as one that takes away what a user may not see, after it has counted.
    let journal = Journal::with(1..=6, |entries, page, _| {
        let page = entries.chunks(2).nth(page as usize).unwrap_or_default();
        page.iter().copied().filter(|entry| *entry != 3).collect()
    });
    assert_eq!(rest(&mut journal.waiting().journal().list_all()), [1, 2, 4, 5, 6]);
}

#[test]
fn what_is_written_meanwhile_brings_no_entry_twice() {
    let journal = Journal::new((1..=6).rev(), 2);
    let mut entries = journal.blocking().journal().list_all();
    let mut came = ids(entries.by_ref().take(2));
    // More than a page: one of them is on the next page.
    for entry in [7, 8, 9] {
        journal.write(entry);
    }
    came.extend(ids(entries));
    came.sort_unstable();
    assert_eq!(came, [1, 2, 3, 4, 5, 6, 7]);

    let journal = Journal::new((1..=6).rev(), 2);
    let mut entries = journal.waiting().journal().list_all();
    let mut came = vec![now(entries.next()).unwrap().unwrap().id.0];
    journal.write(7);
    journal.write(8);
    came.extend(rest(&mut entries));
    assert_eq!(came, [6, 5, 4, 3, 2, 1]);
    assert_eq!(journal.asked(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_page_is_asked_for_when_its_first_entry_is() {
    let journal = Journal::new(1..=4, 2);
    let mut entries = journal.blocking().journal().list_all();
    assert_eq!((journal.asked(), entries.size_hint()), (vec![], (0, None)));
    assert_eq!(ids(entries.by_ref().take(2)), [1, 2]);
    assert_eq!(journal.asked(), [0]);
    assert_eq!(ids(entries.by_ref().take(1)), [3]);
    assert_eq!((journal.asked(), entries.size_hint()), (vec![0, 1], (1, None)));
    assert_eq!(ids(entries.by_ref()), [4]);
    assert_eq!(entries.size_hint(), (0, Some(0)));
}

#[test]
fn an_error_comes_once_and_the_page_can_be_asked_for_again() {
    let failing = |page: &'static str| {
        let first = List::new().respond(&vec![entry(3)]).unwrap();
        Journal::new((1..=3).rev(), 1).after(|script| script.answer(first).answer(refused(page)))
    };
    let journal = failing("blocking");
    let mut entries = journal.blocking().journal().list_all();
    assert_eq!(entries.next().unwrap().unwrap().id, EntryId(3));
    assert!(entries.next().unwrap().unwrap_err().is_unauthorized());
    assert!(entries.next().is_none() && entries.next().is_none());
    assert_eq!(entries.request().page, Some(1));
    entries.resume();
    assert_eq!(ids(entries), [2, 1]);
    assert_eq!(journal.asked(), [0, 1, 1, 2, 3]);

    let journal = failing("waiting");
    let mut entries = journal.waiting().journal().list_all();
    assert_eq!(now(entries.next()).unwrap().unwrap().id, EntryId(3));
    assert!(now(entries.next()).unwrap().unwrap_err().is_unauthorized());
    assert!(now(entries.next()).is_none() && now(entries.next()).is_none());
    assert_eq!(entries.request().page, Some(1));
    entries.resume();
    assert_eq!(rest(&mut entries), [2, 1]);
    assert_eq!(journal.asked(), [0, 1, 1, 2, 3]);
}

fn refused(why: &'static str) -> Response<&'static str> {
    let mut response = Response::new(why);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

#[test]
fn a_page_is_sent_for_again_as_any_read_is() {
    let journal = Journal::new(1..=2, 1).after(|script| script.fail(TransportErrorKind::Broken));
    assert_eq!(ids(journal.blocking().journal().list_all()), [1, 2]);
    assert_eq!(journal.asked(), [0, 0, 1, 2]);
}

#[test]
fn a_service_that_does_not_count_pages_comes_to_an_end() {
    let journal = Journal::with(1..=3, |entries, _, _| entries.to_vec());
    let mut entries = journal.blocking().journal().list_all();
    assert_eq!(ids(entries.by_ref()), [1, 2, 3]);
    assert_eq!((journal.asked(), entries.request().page), (vec![0, 1, 2], Some(2)));
    entries.resume();
    assert_eq!((entries.count(), journal.asked()), (0, vec![0, 1, 2, 2]));
    let journal = Journal::with(1..=3, |entries, _, _| entries.to_vec());
    assert_eq!(rest(&mut journal.waiting().journal().list_all()), [1, 2, 3]);
}

#[test]
fn options_hold_for_every_page() {
    let journal = Journal::new(1..=7, 100);
    let client = journal.blocking();
    let entries = client.journal().list_for_user_all_with(UserId(77), |list| list.page(1).count(3));
    assert_eq!(ids(entries), [4, 5, 6, 7]);
    let requests: Vec<_> = journal.transport.requests().iter().map(|request| read(request).unwrap()).collect();
    let page = |page| AnyRequest::JournalListForUser(ListForUser::new(UserId(77)).page(page).count(3));
    assert_eq!(requests, [1, 2, 3].map(page));
    assert_eq!(ids(client.journal().list_for_user_all(UserId(77))).len(), 7);
}

#[test]
fn the_async_client_gives_a_stream() {
    fn is_a_stream<S: futures_util::Stream + Unpin + Send + 'static>(stream: S) -> S {
        stream
    }
    let journal = Journal::new(1..=5, 2);
    let client = journal.waiting();
    let entries = is_a_stream(client.journal().list_all());
    let bodies: Result<Vec<_>, _> = now(entries.map_ok(|entry| entry.body).try_collect());
    assert_eq!(bodies.unwrap(), ["Entry 1", "Entry 2", "Entry 3", "Entry 4", "Entry 5"]);
    let entries = client.journal().list_all().take(3).map(|entry| entry.unwrap().id.0);
    assert_eq!(now(entries.collect::<Vec<_>>()), [1, 2, 3]);
}

/// Sends nothing before its gate is open.
struct Gated {
    inner: MemoryTransport,
    open: Arc<AtomicBool>,
}

impl Transport for Gated {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        let answer = Transport::send(&self.inner, request, within);
        let opened = || poll_fn(|_| if self.open.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending });
        Box::pin(async move {
            opened().await;
            answer.await
        })
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        Transport::wait(&self.inner, time)
    }
}

#[test]
fn waiting_for_an_entry_can_be_given_up_without_losing_any() {
    let journal = Journal::new(1..=3, 2);
    let open = Arc::new(AtomicBool::new(false));
    let gated = Gated { inner: journal.transport.clone(), open: Arc::clone(&open) };
    let mut entries = Client::with_transport(caller(), gated).journal().list_all();
    for _ in 0..3 {
        let mut next = Box::pin(entries.next());
        assert!(Pin::new(&mut next).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    open.store(true, Ordering::SeqCst);
    assert_eq!(rest(&mut entries), [1, 2, 3]);
    assert_eq!(journal.asked(), [0, 1, 2], "the first page is asked for once");
}

#[test]
fn nothing_shows_a_token() {
    let journal = Journal::new(1..=3, 2);
    let shown = format!("{:?} {:?}", journal.blocking().journal().list_all(), journal.waiting().journal().list_all());
    assert!(shown.contains("List { page: Some(0), count: None }"), "{shown}");
    assert!(!shown.contains(backpack_tests::examples::TOKEN), "{shown}");
}

#[test]
fn pages_come_over_http() {
    let server = ExampleServer::start();
    let examples = [EntryId(1702), EntryId(1701)];
    let client = blocking::Client::at(&server.base_url(), token(), AGENT).unwrap();
    // The server has an example of page 3, which is empty, and takes its first for all others.
    let entries = client.journal().list_all_with(|list| list.page(2).count(20));
    assert_eq!(ids(entries), examples.map(|id| id.0));
    assert_eq!(server.traffic().len(), 2);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let came = runtime.block_on(async {
        let client = Client::at(&server.base_url(), token(), AGENT).unwrap();
        let entries = client.journal().list_all_with(|list| list.page(2).count(20));
        drop(client);
        // It may go to another thread, and outlive the client.
        tokio::spawn(entries.map_ok(|entry| entry.id).try_collect::<Vec<_>>()).await
    });
    assert_eq!(came.unwrap().unwrap(), examples);
    assert_eq!(server.traffic().len(), 2);
}
