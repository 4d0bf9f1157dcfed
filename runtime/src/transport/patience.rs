//! How long an attempt may still take: one timer for all of its limits, and for the attempts to come.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// The end of an attempt, and a timer.
///
/// A timer costs far more to set than to look at: a runtime that waits has to be told of it. So it is set when something
/// has to be waited for, stays set when that came, and is set again only if the next end is an earlier one. When it goes
/// off too early, it is set to what it is for then.
pub(super) struct Patience {
    end: Instant,
    timer: Pin<Box<Sleep>>,
}

/// The time was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over;

impl Patience {
    /// For an attempt that begins now, on this runtime, and may take so long.
    pub(super) fn new(now: Instant, limit: Duration) -> Self {
        let end = end(now, limit);
        Self { end, timer: Box::pin(sleep_until(end)) }
    }

    /// For another attempt, which begins now.
    pub(super) fn renew(&mut self, now: Instant, limit: Duration) {
        self.end = end(now, limit);
    }

    /// That the attempt's end has not come.
    pub(super) fn is_left(&self) -> Result<(), Over> {
        if Instant::now() < self.end { Ok(()) } else { Err(Over) }
    }

    /// What comes of something, if it comes before so much time is over and before the attempt's end.
    pub(super) async fn within<F: Future>(&mut self, time: Duration, work: F) -> Result<F::Output, Over> {
        let mut work = pin!(work);
        let mut begun = None;
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            let then = end(*begun.get_or_insert_with(Instant::now), time).min(self.end);
            if then < self.timer.deadline() {
                self.timer.as_mut().reset(then);
            }
            loop {
                // Without tokio's budget: work that has used it up comes again and again, and would never meet the timer.
                ready!(pin!(unconstrained(self.timer.as_mut())).poll(cx));
                if then <= Instant::now() {
                    return Poll::Ready(Err(Over));
                }
                self.timer.as_mut().reset(then);
            }
        })
        .await
    }
}

/// As far away as tokio's timers reach, a limit is none.
fn end(begin: Instant, limit: Duration) -> Instant {
    begin.checked_add(limit).unwrap_or_else(|| begin + Duration::from_secs(86_400 * 365))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    /// Works in a time that passes when there is nothing else to do.
    fn timeless<F: Future>(work: impl FnOnce() -> F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async { work().await })
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_timer_that_is_set_for_one_attempt_ends_no_later_one() {
        timeless(|| async {
            let mut patience = Patience::new(Instant::now(), SECOND);
            assert_eq!(patience.within(SECOND, sleep(SECOND / 2)).await, Ok(()));
            patience.renew(Instant::now(), 100 * SECOND);
            assert_eq!(patience.within(Duration::MAX, sleep(10 * SECOND)).await, Ok(()));
            assert_eq!(patience.within(50 * SECOND, sleep(49 * SECOND)).await, Ok(()));
        });
    }

    #[test]
    fn each_limit_ends_what_is_waited_for_in_time() {
        timeless(|| async {
            let mut patience = Patience::new(Instant::now(), 100 * SECOND);
            for (limit, time, ends) in [(100, 7, 7), (100, 200, 100), (3, 200, 3), (500, 400, 400), (1, 1, 1)] {
                let begun = Instant::now();
                patience.renew(Instant::now(), limit * SECOND);
                assert_eq!(patience.within(time * SECOND, pending::<()>()).await, Err(Over));
                let taken = begun.elapsed();
                assert!(taken >= ends * SECOND && taken < ends * SECOND + SECOND / 100, "{taken:?}");
            }
        });
    }

    #[test]
    fn work_that_uses_up_all_that_a_task_may_do_meets_the_timer() {
        timeless(|| async {
            let mut polls = 0;
            let busy = poll_fn(|cx| {
                polls += 1;
                assert!(polls < 10, "the time is over");
                while pin!(tokio::task::coop::consume_budget()).poll(cx).is_ready() {}
                Poll::<()>::Pending
            });
            assert_eq!(Patience::new(Instant::now(), SECOND).within(Duration::ZERO, busy).await, Err(Over));
        });
    }

    #[test]
    fn what_comes_at_once_has_met_no_timer_and_its_end_is_seen_all_the_same() {
        timeless(|| async {
            let mut patience = Patience::new(Instant::now(), SECOND);
            assert_eq!(patience.is_left(), Ok(()));
            sleep(2 * SECOND).await;
            assert_eq!(patience.within(SECOND, async {}).await, Ok(()));
            assert_eq!(patience.is_left(), Err(Over));
        });
    }
}
