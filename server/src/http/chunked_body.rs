//! Response bodies that are written in chunks.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Size of a chunk. The client has to receive each chunk within the body timeout.
pub(super) const CHUNK_SIZE: usize = 64 * 1024;

/// Response body, of which hyper takes one chunk at a time, so that it does not treat the connection as idle while
/// chunks are left.
pub(super) struct ChunkedBody(pub(super) Bytes);

impl Body for ChunkedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let size = self.0.len().min(CHUNK_SIZE);
        Poll::Ready((size > 0).then(|| Ok(Frame::data(self.0.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn splits_a_body_into_chunks() {
        let whole = Bytes::from(vec![b'a'; 2 * CHUNK_SIZE + 1]);
        let mut body = ChunkedBody(whole.clone());
        assert_eq!(body.size_hint().exact(), Some(whole.len() as u64));
        let mut lengths = Vec::new();
        while let Some(Ok(chunk)) = http_body_util::BodyExt::frame(&mut body).await {
            lengths.extend(chunk.data_ref().map(Bytes::len));
        }
        assert_eq!(lengths, [CHUNK_SIZE, CHUNK_SIZE, 1]);
        assert!(body.is_end_stream());
    }
}
