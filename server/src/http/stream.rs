//! Answers that a client does not take in time: what is written to a connection, and a watch over it.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How much of an answer is handed on at a time.
const PIECE: usize = 64 * 1024;

/// The body of an answer, handed on in pieces: while one is left, the connection is not taken for idle.
pub(super) struct Pieces(pub(super) Bytes);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.0.len().min(PIECE);
        Poll::Ready((piece > 0).then(|| Ok(Frame::data(self.0.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

/// A connection that gives up when the other side takes too long to read a piece.
///
/// The time runs from when nothing more can be written until a whole piece was, or all was: who takes a byte now and
/// then gains nothing by it.
pub(super) struct Watched<S> {
    stream: S,
    limit: Duration,
    written: usize,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, written: 0, deadline: None }
    }

    fn taken(&mut self) {
        self.written = 0;
        self.deadline = None;
    }

    fn watch(&mut self, context: &mut Context<'_>, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => {
                self.written += written;
                if self.written >= PIECE {
                    self.taken();
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let limit = self.limit;
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
                if deadline.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Whoever writes flushes once nothing is left to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.taken();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const LIMIT: Duration = Duration::from_secs(30);

    /// Writes an answer to a client that takes so many bytes each second, and says how that ended, and when.
    async fn written(length: usize, each_second: usize) -> (Result<(), io::ErrorKind>, Duration) {
        let (ours, theirs) = duplex(64);
        let begun = tokio::time::Instant::now();
        let reader = tokio::spawn(read(theirs, each_second));
        let mut stream = Watched::new(ours, LIMIT);
        let result = async {
            stream.write_all(&vec![b'a'; length]).await?;
            stream.flush().await
        };
        let result = result.await.map_err(|error| error.kind());
        reader.abort();
        (result, begun.elapsed())
    }

    async fn read(mut stream: DuplexStream, each_second: usize) {
        let mut taken = vec![0; each_second];
        while stream.read_exact(&mut taken).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_byte_now_and_then_is_dropped_all_the_same() {
        let (result, elapsed) = written(PIECE, 10).await;
        assert_eq!(result, Err(io::ErrorKind::TimedOut));
        assert!(elapsed <= LIMIT + Duration::from_secs(1), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_each_piece_in_time_may_take_long() {
        let (result, elapsed) = written(10 * PIECE, PIECE / 20).await;
        assert_eq!(result, Ok(()));
        assert!(elapsed > 5 * LIMIT, "{elapsed:?}");
    }

    #[tokio::test]
    async fn pieces_are_the_whole_body() {
        let whole = Bytes::from(vec![b'a'; 2 * PIECE + 1]);
        let mut body = Pieces(whole.clone());
        assert_eq!(body.size_hint().exact(), Some(whole.len() as u64));
        let mut lengths = Vec::new();
        while let Some(Ok(piece)) = http_body_util::BodyExt::frame(&mut body).await {
            lengths.extend(piece.data_ref().map(Bytes::len));
        }
        assert_eq!(lengths, [PIECE, PIECE, 1]);
        assert!(body.is_end_stream());
    }
}
