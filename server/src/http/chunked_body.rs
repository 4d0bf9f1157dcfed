//! Response bodies, which are written in chunks and count towards the memory limit until the client has received them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::connection_limit::{ConnectionSlot, OutOfMemory, Reservation};

/// Size of a chunk. The client has to receive each chunk within the body timeout.
///
/// Bodies up to this size do not count towards the memory limit. Each connection has buffers of this size anyway, so
/// the limit of connections bounds them.
pub(super) const CHUNK_SIZE: usize = 64 * 1024;

/// Reserves memory for a response body. The memory is freed when the last part of the body is dropped, after hyper has
/// written it.
///
/// # Errors
///
/// [`OutOfMemory`] if too little memory is left. The body is dropped at once.
pub(super) fn reserve_body(body: Bytes, slot: &Arc<ConnectionSlot>) -> Result<Bytes, OutOfMemory> {
    if body.len() <= CHUNK_SIZE {
        return Ok(body);
    }
    let reservation = slot.reserve(body.len())?;
    let mut bytes = Vec::from(body);
    // A text that grew while it was written may have twice the capacity that it needs.
    bytes.shrink_to_fit();
    Ok(Bytes::from_owner(ReservedBytes { bytes, _reservation: reservation }))
}

/// Bytes with the reservation of their memory.
struct ReservedBytes {
    bytes: Vec<u8>,
    _reservation: Reservation,
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Response body, of which hyper takes one chunk at a time, so that it does not treat the connection as idle while
/// chunks are left. Each chunk that hyper takes is progress of the client, which has received an earlier one.
pub(super) struct ChunkedBody {
    rest: Bytes,
    slot: Arc<ConnectionSlot>,
}

impl ChunkedBody {
    pub(super) fn new(body: Bytes, slot: Arc<ConnectionSlot>) -> Self {
        Self { rest: body, slot }
    }
}

impl Body for ChunkedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let size = self.rest.len().min(CHUNK_SIZE);
        self.slot.record_progress();
        Poll::Ready((size > 0).then(|| Ok(Frame::data(self.rest.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use http_body_util::BodyExt;

    use super::*;
    use crate::config::Limits;
    use crate::http::connection_limit::ConnectionLimiter;

    /// Acquires the slots of two connections whose bodies together may have this much memory.
    async fn acquire_slots(max_body_memory: usize) -> [Arc<ConnectionSlot>; 2] {
        let limits = Limits { max_body_memory, ..Limits::default() };
        let limiter = ConnectionLimiter::new(&limits, false);
        let client = IpAddr::from(Ipv4Addr::LOCALHOST).into();
        [limiter.acquire(client).await.unwrap(), limiter.acquire(client).await.unwrap()]
    }

    /// Takes the next chunk of a body.
    async fn take_chunk(body: &mut ChunkedBody) -> Option<Bytes> {
        body.frame().await?.ok()?.into_data().ok()
    }

    #[tokio::test]
    async fn splits_a_body_into_chunks() {
        let whole = Bytes::from(vec![b'a'; 2 * CHUNK_SIZE + 1]);
        let [slot, _] = acquire_slots(usize::MAX).await;
        let mut body = ChunkedBody::new(whole.clone(), slot);
        assert_eq!(body.size_hint().exact(), Some(whole.len() as u64));
        let mut lengths = Vec::new();
        while let Some(chunk) = take_chunk(&mut body).await {
            lengths.push(chunk.len());
        }
        assert_eq!(lengths, [CHUNK_SIZE, CHUNK_SIZE, 1]);
        assert!(body.is_end_stream());
    }

    /// hyper keeps the last chunks after it has dropped the body. Each keeps the memory of the whole body.
    #[tokio::test]
    async fn the_memory_is_reserved_until_the_last_chunk_is_dropped() {
        let [slot, other] = acquire_slots(3 * CHUNK_SIZE).await;
        let whole = Bytes::from(vec![b'a'; 2 * CHUNK_SIZE]);
        let reserved = reserve_body(whole.clone(), &slot).ok().unwrap();
        assert_eq!(reserved, whole);
        let mut body = ChunkedBody::new(reserved, Arc::clone(&slot));
        let chunk = take_chunk(&mut body).await;
        drop(body);
        assert_eq!(reserve_body(whole.clone(), &other), Err(OutOfMemory));
        drop(chunk);
        assert!(reserve_body(whole, &other).is_ok());
    }

    #[tokio::test]
    async fn a_body_of_one_chunk_needs_no_reservation() {
        let [slot, _] = acquire_slots(1).await;
        let bodies = [(); 3].map(|()| reserve_body(Bytes::from(vec![b'a'; CHUNK_SIZE]), &slot));
        assert!(bodies.iter().all(Result::is_ok));
    }
}
