//! How long an attempt may still take: one timer for all of its limits.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The end of an attempt, and a timer that is set up when something has to be waited for.
pub(super) struct Patience {
    end: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

/// The time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

impl Patience {
    /// For an attempt that begins now and may take so long.
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        // As far away as tokio's timers reach, a limit is none.
        Self { end: now.checked_add(limit).unwrap_or_else(|| now + Duration::from_secs(86_400 * 365)), timer: None }
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
                self.set(time);
            }
            match &mut self.timer {
                Some(timer) => timer.as_mut().poll(cx).map(|()| Err(Over)),
                None => Poll::Pending,
            }
        })
        .await
    }

    fn set(&mut self, time: Duration) {
        let then = Instant::now().checked_add(time).map_or(self.end, |then| then.min(self.end));
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(then),
            None => self.timer = Some(Box::pin(sleep_until(then))),
        }
    }
}
