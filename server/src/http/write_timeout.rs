//! Write timeout: closes connections whose clients do not receive responses in time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::chunked_body::CHUNK_SIZE;

/// Stream that fails with [`TimedOut`](io::ErrorKind::TimedOut) if the peer takes too long to receive a chunk.
///
/// The timer starts when a write has to wait. It is reset once a whole chunk, or everything, is written. A peer that
/// receives a few bytes at a time does not reset it.
pub(super) struct WriteTimeout<S> {
    stream: S,
    timeout: Duration,
    /// Number of bytes written since the timer was reset.
    written: usize,
    /// The timer; `None` until a write has to wait.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteTimeout<S> {
    pub(super) fn new(stream: S, timeout: Duration) -> Self {
        Self { stream, timeout, written: 0, deadline: None }
    }

    /// Stops the timer, until a write has to wait again.
    fn reset(&mut self) {
        self.written = 0;
        self.deadline = None;
    }

    /// Counts the written bytes. If the write has to wait, fails once the deadline has passed.
    fn check_deadline(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => {
                self.written += written;
                if self.written >= CHUNK_SIZE {
                    self.reset();
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let timeout = self.timeout;
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(timeout)));
                if deadline.as_mut().poll(context).is_ready() {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.check_deadline(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.check_deadline(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Flushes and resets the timer, since hyper flushes once nothing is left to write.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reset();
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

    const TIMEOUT: Duration = Duration::from_secs(30);

    /// Writes `length` bytes to a client that receives `per_second` bytes each second. Returns the result and the time
    /// that it took.
    async fn write_to_slow_client(length: usize, per_second: usize) -> (Result<(), io::ErrorKind>, Duration) {
        let (server, client) = duplex(64);
        let start = tokio::time::Instant::now();
        let reader = tokio::spawn(read_slowly(client, per_second));
        let mut stream = WriteTimeout::new(server, TIMEOUT);
        let result = async {
            stream.write_all(&vec![b'a'; length]).await?;
            stream.flush().await
        };
        let result = result.await.map_err(|error| error.kind());
        reader.abort();
        (result, start.elapsed())
    }

    /// Receives `per_second` bytes each second, until the server closes the connection.
    async fn read_slowly(mut stream: DuplexStream, per_second: usize) {
        let mut buffer = vec![0; per_second];
        while stream.read_exact(&mut buffer).await.is_ok() {
            sleep(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn times_out_on_a_client_that_receives_a_few_bytes_at_a_time() {
        let (result, elapsed) = write_to_slow_client(CHUNK_SIZE, 10).await;
        assert_eq!(result, Err(io::ErrorKind::TimedOut));
        assert!(elapsed <= TIMEOUT + Duration::from_secs(1), "{elapsed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_receives_each_chunk_in_time_may_take_long_overall() {
        let (result, elapsed) = write_to_slow_client(10 * CHUNK_SIZE, CHUNK_SIZE / 20).await;
        assert_eq!(result, Ok(()));
        assert!(elapsed > 5 * TIMEOUT, "{elapsed:?}");
    }
}
