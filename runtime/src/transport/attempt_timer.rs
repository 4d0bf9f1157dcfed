//! Timeouts of an attempt. One timer serves all of them, and later attempts on the same connection reuse it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// Deadline of an attempt, and a timer.
///
/// Setting a timer is far more expensive than checking it, because a waiting runtime has to be woken. So the timer is
/// set when a wait begins, stays set when the wait ends, and is reset only if the next deadline is earlier. If it fires
/// too early, it is reset to the current deadline.
pub(super) struct AttemptTimer {
    /// Deadline of the current attempt.
    deadline: Instant,
    /// May be set to a time before the current deadline, or after it.
    timer: Pin<Box<Sleep>>,
}

/// Error of a wait that exceeded its timeout or the deadline of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Elapsed;

impl AttemptTimer {
    /// Creates a timer on the current runtime, for an attempt that starts at `now` and ends after `limit`.
    pub(super) fn new(now: Instant, limit: Duration) -> Self {
        let deadline = compute_deadline(now, limit);
        Self { deadline, timer: Box::pin(sleep_until(deadline)) }
    }

    /// Sets the deadline of another attempt, which starts at `now`. The timer itself is not set until the next wait.
    pub(super) fn restart(&mut self, now: Instant, limit: Duration) {
        self.deadline = compute_deadline(now, limit);
    }

    /// Returns an error if the deadline of the attempt has passed.
    pub(super) fn check_deadline(&self) -> Result<(), Elapsed> {
        if Instant::now() < self.deadline { Ok(()) } else { Err(Elapsed) }
    }

    /// Runs `work` until it completes, until `duration` has passed, or until the deadline of the attempt.
    pub(super) async fn timeout<F: Future>(&mut self, duration: Duration, work: F) -> Result<F::Output, Elapsed> {
        let mut work = pin!(work);
        // The clock is read only if the work does not complete at once.
        let mut started = None;
        poll_fn(|cx| {
            if let Poll::Ready(output) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            let started = *started.get_or_insert_with(Instant::now);
            let deadline = compute_deadline(started, duration).min(self.deadline);
            if deadline < self.timer.deadline() {
                self.timer.as_mut().reset(deadline);
            }
            loop {
                // Polled without tokio's budget: work that uses up the budget is polled again and again, and the timer
                // would never be ready.
                ready!(pin!(unconstrained(self.timer.as_mut())).poll(cx));
                if deadline <= Instant::now() {
                    return Poll::Ready(Err(Elapsed));
                }
                self.timer.as_mut().reset(deadline);
            }
        })
        .await
    }
}

/// Adds a limit to an instant. A limit beyond the range of tokio's timers is treated as one year.
fn compute_deadline(start: Instant, limit: Duration) -> Instant {
    start.checked_add(limit).unwrap_or_else(|| start + Duration::from_secs(86_400 * 365))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    /// Runs `work` with a paused clock, which advances when the runtime is idle.
    fn run_paused<F: Future>(work: impl FnOnce() -> F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async { work().await })
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_timer_set_for_one_attempt_does_not_end_a_later_one() {
        run_paused(|| async {
            let mut timer = AttemptTimer::new(Instant::now(), SECOND);
            assert_eq!(timer.timeout(SECOND, sleep(SECOND / 2)).await, Ok(()));
            timer.restart(Instant::now(), 100 * SECOND);
            assert_eq!(timer.timeout(Duration::MAX, sleep(10 * SECOND)).await, Ok(()));
            assert_eq!(timer.timeout(50 * SECOND, sleep(49 * SECOND)).await, Ok(()));
        });
    }

    #[test]
    fn the_earliest_limit_ends_a_wait() {
        run_paused(|| async {
            let mut timer = AttemptTimer::new(Instant::now(), 100 * SECOND);
            // In seconds: the limit of the attempt, the timeout of the wait, and the time after which the wait ends.
            for (limit, time, ends) in [(100, 7, 7), (100, 200, 100), (3, 200, 3), (500, 400, 400), (1, 1, 1)] {
                let started = Instant::now();
                timer.restart(Instant::now(), limit * SECOND);
                assert_eq!(timer.timeout(time * SECOND, pending::<()>()).await, Err(Elapsed));
                let taken = started.elapsed();
                assert!(taken >= ends * SECOND && taken < ends * SECOND + SECOND / 100, "{taken:?}");
            }
        });
    }

    #[test]
    fn work_that_uses_up_the_budget_of_its_task_reaches_the_timer() {
        run_paused(|| async {
            let mut polls = 0;
            let busy = poll_fn(|cx| {
                polls += 1;
                assert!(polls < 10, "the timer should end the work");
                while pin!(tokio::task::coop::consume_budget()).poll(cx).is_ready() {}
                Poll::<()>::Pending
            });
            assert_eq!(AttemptTimer::new(Instant::now(), SECOND).timeout(Duration::ZERO, busy).await, Err(Elapsed));
        });
    }

    #[test]
    fn work_that_completes_at_once_passes_but_the_deadline_check_fails() {
        run_paused(|| async {
            let mut timer = AttemptTimer::new(Instant::now(), SECOND);
            assert_eq!(timer.check_deadline(), Ok(()));
            sleep(2 * SECOND).await;
            assert_eq!(timer.timeout(SECOND, async {}).await, Ok(()));
            assert_eq!(timer.check_deadline(), Err(Elapsed));
        });
    }
}
