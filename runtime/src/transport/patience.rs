//! How long an attempt may still take: one timer for all of its limits.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The end of an attempt, and a timer that is set when something has to be waited for.
pub(super) struct Patience<'t> {
    end: Instant,
    timer: Pin<&'t mut Sleep>,
}

/// The time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

impl<'t> Patience<'t> {
    /// A timer that is not set yet, for the caller to pin.
    pub(super) fn timer() -> Sleep {
        sleep_until(Instant::now())
    }

    /// For an attempt that begins now and may take so long.
    pub(super) fn new(limit: Duration, timer: Pin<&'t mut Sleep>) -> Self {
        let now = timer.deadline();
        // As far away as tokio's timers reach, a limit is none.
        Self { end: now.checked_add(limit).unwrap_or_else(|| now + Duration::from_secs(86_400 * 365)), timer }
    }

    /// What comes of something, if it comes before so much time is over and before the attempt's end.
    pub(super) async fn within<F: Future>(&mut self, time: Duration, work: F) -> Result<F::Output, Over> {
        let mut work = pin!(work);
        let mut waiting = false;
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            if !waiting {
                waiting = true;
                let then = Instant::now().checked_add(time).map_or(self.end, |then| then.min(self.end));
                self.timer.as_mut().reset(then);
            }
            self.timer.as_mut().poll(cx).map(|()| Err(Over))
        })
        .await
    }
}
