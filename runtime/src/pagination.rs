//! Pagination: [`BlockingItems`] is an iterator over all items of a paginated listing, [`AsyncItems`] a stream.
//!
//! A page is requested when its first item is needed, with a call of its own: retries, deadline and rate limits apply
//! to each call.
//!
//! - **The end** is an empty page. A short page is not the end, because a service may return fewer items than
//!   requested. So a listing takes one request more than it has pages.
//! - **No item is returned twice.** Writes during the listing move items to later pages, where they are recognized by
//!   their [keys](Paginated::key). Each key takes 8 bytes and the overhead of a hash set.
//! - **Items may be missed** if they are added or removed during the listing: those that are inserted before the
//!   current position, and those that move to an earlier page because an item before them is deleted.
//! - **An error** is returned once and ends the iteration, until `resume` is called.
//!
//! **Invariant:** iteration ends, even if the service ignores the page number and returns the same page forever: it
//! stops when the number of repeated items in a row exceeds the number of known items.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::iter::FusedIterator;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::client::{AsyncClient, BlockingClient};
use crate::endpoint::Endpoint;
use crate::error::Error;

/// An operation that returns one page of a list.
pub trait Paginated: Endpoint<Response = Vec<<Self as Paginated>::Item>> {
    /// Item of the list.
    type Item: Send + 'static;

    /// Number of the first page.
    const FIRST_PAGE: i64;

    /// `true` if the number of a page is that of its first item: it grows by the number of items that were returned.
    /// `false` if it grows by one.
    const COUNTS_ITEMS: bool = false;

    /// Returns the field of the request that holds the page number; `None` stands for the first page.
    fn page_number(&mut self) -> &mut Option<i64>;

    /// Returns the key that distinguishes an item from all others.
    fn key(item: &Self::Item) -> u64;
}

impl BlockingClient {
    /// Returns an iterator over all items of a paginated listing. See [the module](crate::pagination) for details.
    pub fn paginate<E: Paginated>(&self, first: E) -> BlockingItems<E> {
        BlockingItems { client: self.clone(), cursor: PageCursor::new(first) }
    }
}

impl AsyncClient {
    /// Returns a stream of all items of a paginated listing. See [the module](crate::pagination) for details.
    pub fn paginate<E: Paginated>(&self, first: E) -> AsyncItems<E> {
        AsyncItems { client: self.clone(), cursor: PageCursor::new(first), pending: None }
    }
}

/// Position in a listing, without I/O.
struct PageCursor<E: Paginated> {
    /// Request for the next page.
    request: E,
    /// Remaining items of the last page.
    items: std::vec::IntoIter<E::Item>,
    /// Keys of all items so far.
    seen: HashSet<u64>,
    /// Number of items since the last page with a new item, all of them repeated.
    repeated: usize,
    /// `true` if no further page is requested: after the last page, or after an error.
    is_done: bool,
}

impl<E: Paginated> PageCursor<E> {
    /// Creates the cursor before the page of `request`, or before the first page if it has no page number.
    fn new(mut request: E) -> Self {
        request.page_number().get_or_insert(E::FIRST_PAGE);
        Self { request, items: Vec::new().into_iter(), seen: HashSet::new(), repeated: 0, is_done: false }
    }

    /// Stores the new items of a page and moves on to the next page, or returns the error of the page's call.
    fn add_page(&mut self, page: Result<Vec<E::Item>, Error>) -> Result<(), Error> {
        let page = page.inspect_err(|_| self.is_done = true)?;
        let received = page.len();
        let new_items: Vec<_> = page.into_iter().filter(|item| self.seen.insert(E::key(item))).collect();
        self.repeated = if new_items.is_empty() { self.repeated + received } else { 0 };
        // If more items were repeated than are known, some were repeated twice, so the pages themselves repeat.
        self.is_done = received == 0 || self.repeated > self.seen.len();
        self.items = new_items.into_iter();
        if !self.is_done
            && let Some(number) = self.request.page_number()
        {
            let step = if E::COUNTS_ITEMS { i64::try_from(received).unwrap_or(i64::MAX) } else { 1 };
            *number = number.saturating_add(step);
        }
        Ok(())
    }

    /// Returns the number of items that are left at least, and at most. The maximum is known only after the last page.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.items.len(), self.is_done.then(|| self.items.len()))
    }

    /// Formats the iterator or stream of this name for `Debug`, without items.
    fn fmt_debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("request", &self.request).field("is_done", &self.is_done).finish_non_exhaustive()
    }
}

/// Iterator over all items of a paginated listing, from a blocking client.
///
/// See [the module](self) for the end of the iteration and for errors.
#[must_use = "no page is requested before the first item is"]
pub struct BlockingItems<E: Paginated> {
    client: BlockingClient,
    cursor: PageCursor<E>,
}

impl<E: Paginated> BlockingItems<E> {
    /// Returns the request for the next page: after an error, for the page that failed.
    pub fn request(&self) -> &E {
        &self.cursor.request
    }

    /// Continues after an error or the end, by requesting the failed or last page again.
    pub fn resume(&mut self) {
        self.cursor.is_done = false;
    }
}

impl<E: Paginated> Iterator for BlockingItems<E> {
    type Item = Result<E::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.cursor.items.next() {
                return Some(Ok(item));
            }
            if self.cursor.is_done {
                return None;
            }
            let page = self.client.call(&self.cursor.request);
            if let Err(error) = self.cursor.add_page(page) {
                return Some(Err(error));
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.cursor.size_hint()
    }
}

impl<E: Paginated> FusedIterator for BlockingItems<E> {}

impl<E: Paginated> fmt::Debug for BlockingItems<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cursor.fmt_debug("BlockingItems", f)
    }
}

/// Pending call for a page.
type PendingPage<E> = Pin<Box<dyn Future<Output = Result<<E as Endpoint>::Response, Error>> + Send>>;

/// Stream of all items of a paginated listing, from an async client. With feature `hyper` it implements
/// `futures_core::Stream`; without any stream crate, loop over [`next`](Self::next).
///
/// See [the module](self) for the end of the iteration and for errors. It is `Send` and `Unpin`.
#[must_use = "no page is requested before the first item is"]
pub struct AsyncItems<E: Paginated> {
    client: AsyncClient,
    cursor: PageCursor<E>,
    /// Call for the next page, while it is in progress.
    pending: Option<PendingPage<E>>,
}

impl<E: Paginated> AsyncItems<E> {
    /// Returns the next item; `None` after the last one.
    ///
    /// Cancel safe: if the future is dropped, for example by a timeout, no item is lost, and the next call continues
    /// with the pending request.
    pub async fn next(&mut self) -> Option<Result<E::Item, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    /// Returns the request for the next page: after an error, for the page that failed.
    pub fn request(&self) -> &E {
        &self.cursor.request
    }

    /// Continues after an error or the end, by requesting the failed or last page again.
    pub fn resume(&mut self) {
        self.cursor.is_done = false;
    }

    /// Polls for the next item; ready with `None` after the last one.
    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E::Item, Error>>> {
        loop {
            if let Some(item) = self.cursor.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if self.cursor.is_done {
                return Poll::Ready(None);
            }
            let pending =
                self.pending.get_or_insert_with(|| request_page(self.client.clone(), self.cursor.request.clone()));
            let page = ready!(pending.as_mut().poll(context));
            self.pending = None;
            if let Err(error) = self.cursor.add_page(page) {
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

/// Returns the call for a page. It owns its client, so that it can be stored beside it.
fn request_page<E: Paginated>(client: AsyncClient, request: E) -> PendingPage<E> {
    Box::pin(async move { client.call(&request).await })
}

/// Only the pending call is ever pinned, and its box makes it `Unpin`.
impl<E: Paginated> Unpin for AsyncItems<E> {}

#[cfg(feature = "hyper")]
impl<E: Paginated> futures_core::Stream for AsyncItems<E> {
    type Item = Result<E::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.cursor.size_hint()
    }
}

#[cfg(feature = "hyper")]
impl<E: Paginated> futures_core::FusedStream for AsyncItems<E> {
    fn is_terminated(&self) -> bool {
        self.cursor.is_done && self.cursor.items.len() == 0
    }
}

impl<E: Paginated> fmt::Debug for AsyncItems<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cursor.fmt_debug("AsyncItems", f)
    }
}
