//! All entries of a listing that comes in pages, one after another: [`BlockingEntries`] is an iterator,
//! [`AsyncEntries`] a stream.
//!
//! A page is asked for when its first entry is, by a call of its own: retries, deadline and rates are those of any call.
//!
//! - **The end** is a page without entries. A page that is only shorter than the others is none: the service may give
//!   fewer than were asked for. So a listing costs one request more than it has pages.
//! - **No entry comes twice.** What is written while the listing is read moves entries to later pages, where they are
//!   known by their [keys](Paged::key); of those that came, 8 bytes each and a little are kept.
//! - **What is new or gone** since the first page may be missed: an entry that is written before the place where we
//!   read, and one that moves to an earlier page, as another before it is deleted.
//! - **An error** comes once, and then nothing more, until `resume` is called.
//!
//! **Invariant:** it ends, also with a service that does not count pages and answers the same for ever: when more
//! entries in a row have come again than there are.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::iter::FusedIterator;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::client::{AsyncClient, BlockingClient};
use crate::endpoint::Endpoint;
use crate::error::Error;

/// An operation that answers a list, a page at a time.
pub trait Paged: Endpoint<Response = Vec<<Self as Paged>::Entry>> {
    /// What is in the list.
    type Entry: Send + 'static;

    /// The number of the first page.
    const FIRST: i64;

    /// The number of the page that is asked for.
    fn number(&mut self) -> &mut Option<i64>;

    /// What tells an entry from all others.
    fn key(entry: &Self::Entry) -> u64;
}

/// What comes next, without any I/O.
struct Pages<E: Paged> {
    /// The request for the next page.
    request: E,
    /// What is left of the last page.
    ready: std::vec::IntoIter<E::Entry>,
    /// The keys of all entries so far.
    seen: HashSet<u64>,
    /// How many entries came in a row that had come before, in pages without any other.
    again: usize,
    over: bool,
}

impl<E: Paged> Pages<E> {
    fn new(mut request: E) -> Self {
        request.number().get_or_insert(E::FIRST);
        Self { request, ready: Vec::new().into_iter(), seen: HashSet::new(), again: 0, over: false }
    }

    /// Takes a page, or yields the error that came instead.
    fn take(&mut self, page: Result<Vec<E::Entry>, Error>) -> Result<(), Error> {
        let page = page.inspect_err(|_| self.over = true)?;
        let came = page.len();
        let new: Vec<_> = page.into_iter().filter(|entry| self.seen.insert(E::key(entry))).collect();
        self.again = if new.is_empty() { self.again + came } else { 0 };
        // More than there are: some of them came twice within this row, so the pages go round.
        self.over = came == 0 || self.again > self.seen.len();
        self.ready = new.into_iter();
        if let Some(number) = self.request.number().as_mut().filter(|_| !self.over) {
            *number = number.saturating_add(1);
        }
        Ok(())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.ready.len(), self.over.then(|| self.ready.len()))
    }

    fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("request", &self.request).field("over", &self.over).finish_non_exhaustive()
    }
}

/// All entries of a listing, from a client that blocks.
///
/// See [the module](self) for where it ends and what an error means.
#[must_use = "nothing is asked for before the first entry is"]
pub struct BlockingEntries<E: Paged> {
    client: BlockingClient,
    pages: Pages<E>,
}

impl<E: Paged> BlockingEntries<E> {
    pub(crate) fn new(client: BlockingClient, request: E) -> Self {
        Self { client, pages: Pages::new(request) }
    }

    /// The request for the next page: after an error, for the one that failed.
    pub fn request(&self) -> &E {
        &self.pages.request
    }

    /// Goes on after an error or the end: that page is asked for again.
    pub fn resume(&mut self) {
        self.pages.over = false;
    }
}

impl<E: Paged> Iterator for BlockingEntries<E> {
    type Item = Result<E::Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.pages.ready.next() {
                return Some(Ok(entry));
            }
            if self.pages.over {
                return None;
            }
            let page = self.client.call(&self.pages.request);
            if let Err(error) = self.pages.take(page) {
                return Some(Err(error));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.pages.size_hint()
    }
}

impl<E: Paged> FusedIterator for BlockingEntries<E> {}

impl<E: Paged> fmt::Debug for BlockingEntries<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.show("BlockingEntries", f)
    }
}

/// A call of a page that is on its way.
type Call<E> = Pin<Box<dyn Future<Output = Result<<E as Endpoint>::Response, Error>> + Send>>;

/// All entries of a listing, from a client that does not block: with feature `hyper` a `futures_core::Stream`, and
/// without any crate for streams a loop over [`next`](Self::next).
///
/// See [the module](self) for where it ends and what an error means. It can be sent between threads, and needs no
/// pinning.
#[must_use = "nothing is asked for before the first entry is"]
pub struct AsyncEntries<E: Paged> {
    client: AsyncClient,
    pages: Pages<E>,
    call: Option<Call<E>>,
}

impl<E: Paged> AsyncEntries<E> {
    pub(crate) fn new(client: AsyncClient, request: E) -> Self {
        Self { client, pages: Pages::new(request), call: None }
    }

    /// The next entry; `None` after the last one.
    ///
    /// Cancel safe: if the future is dropped, such as by a timeout, no entry is lost, and the next one goes on with the
    /// call that is on its way.
    pub async fn next(&mut self) -> Option<Result<E::Entry, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// The request for the next page: after an error, for the one that failed.
    pub fn request(&self) -> &E {
        &self.pages.request
    }

    /// Goes on after an error or the end: that page is asked for again.
    pub fn resume(&mut self) {
        self.pages.over = false;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E::Entry, Error>>> {
        loop {
            if let Some(entry) = self.pages.ready.next() {
                return Poll::Ready(Some(Ok(entry)));
            }
            if self.pages.over {
                return Poll::Ready(None);
            }
            let call = self.call.get_or_insert_with(|| call(self.client.clone(), self.pages.request.clone()));
            let page = ready!(call.as_mut().poll(context));
            self.call = None;
            if let Err(error) = self.pages.take(page) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

fn call<E: Paged>(client: AsyncClient, request: E) -> Call<E> {
    Box::pin(async move { client.call(&request).await })
}

/// Nothing in it is ever pinned but the call, which has a box of its own.
impl<E: Paged> Unpin for AsyncEntries<E> {}

#[cfg(feature = "hyper")]
impl<E: Paged> futures_core::Stream for AsyncEntries<E> {
    type Item = Result<E::Entry, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.pages.size_hint()
    }
}

#[cfg(feature = "hyper")]
impl<E: Paged> futures_core::FusedStream for AsyncEntries<E> {
    fn is_terminated(&self) -> bool {
        self.pages.over && self.pages.ready.len() == 0
    }
}

impl<E: Paged> fmt::Debug for AsyncEntries<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pages.show("AsyncEntries", f)
    }
}
