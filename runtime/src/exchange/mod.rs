//! The one place that decides what happens between a call and its result: send, wait, give up, done.
//!
//! An exchange does no I/O, reads no clock and throws no dice: it is told what happened and what time it is, and says
//! what to do next. So both clients behave alike, and tests need no network and no waiting.
//!
//! - [`options`]: what may be set.
//! - [`verdict`]: what an answer, or the lack of one, means for an operation.
//! - [`pacing`]: no more requests than the service allows.
//! - `renewing`: a token that expires is renewed on the way.
//! - [`budget`]: no storm of retries against a service that is down.
//!
//! **Invariant:** an operation that is [`Retry::Unsafe`](crate::service::Retry::Unsafe) is sent again only if the
//! attempt before certainly did not run.
//! **Invariant:** a request goes to the caller's host and to no other, and its renewals go to the issuer.
//! **Invariant:** no error that leaves holds the caller's token, not even one that the service repeated.

pub mod budget;
pub mod options;
pub mod pacing;
mod renewing;
mod trace;
pub mod verdict;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use jiff::Timestamp;

use crate::answer::Value;
use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::renewal::{Joined, Joining};
use crate::transport::{TransportError, TransportErrorKind};
use budget::Budget;
pub use options::Options;
use pacing::Pacer;
use renewing::Renewing;
use verdict::{Circumstances, Pause, Verdict};

/// What all calls of a client and its clones share.
#[derive(Debug)]
pub struct Shared {
    caller: Mutex<Arc<Caller>>,
    pacer: Mutex<Pacer>,
    budget: Mutex<Budget>,
}

impl Shared {
    /// What the calls of this caller share.
    pub fn new(caller: Caller) -> Self {
        Self { caller: Mutex::new(Arc::new(caller)), pacer: Mutex::default(), budget: Mutex::default() }
    }

    /// Who calls, and where: after a redirect to the other scheme, there.
    pub fn caller(&self) -> Arc<Caller> {
        Arc::clone(&lock(&self.caller))
    }
}

/// What is locked is sound after every step, so another thread's panic is no reason to give up.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call on its way to a result.
pub struct Exchange<'c, E> {
    shared: &'c Shared,
    options: &'c Options,
    endpoint: &'c E,
    caller: Arc<Caller>,
    /// When the call began, by both clocks.
    began: Option<(Instant, Timestamp)>,
    deadline: Option<Instant>,
    renewing: Renewing,
    chance: Chance,
    /// The address of the last request.
    asked: Uri,
    moved: bool,
    may_have_run: bool,
    attempts: Vec<Attempt>,
    /// How long was waited since the last attempt.
    waited: Duration,
    /// When its place in the rate comes, while it waits for that.
    place: Option<Instant>,
    /// Whether it came too late to a place before.
    was_late: bool,
    /// Why the last attempt was not the end.
    last: Option<Error>,
    span: trace::Call,
}

/// What happened.
pub enum Event {
    /// The call begins, on this date.
    Begin(Timestamp),
    /// There is a good token, or the turn to renew it; `None` if that took too long.
    Joined(Option<Joined>),
    /// The time to wait is over.
    Waited,
    /// The transport is done.
    Sent(Result<Response<Bytes>, TransportError>),
}

/// What to do next.
pub enum Step<R> {
    /// Wait, then say so.
    Wait(Duration),
    /// Wait for a good token, or for the turn to renew it, but no longer than this.
    Join(Joining, Duration),
    /// Send a request, within this time, and tell what came of it.
    Send(Request<Bytes>, Duration),
    /// Nothing more: this is the result.
    Done(Result<Reply<R>, Error>),
}

/// A success, with all that came along.
#[derive(Clone)]
pub struct Reply<R> {
    /// The value.
    pub value: R,
    /// The answer as it came: status, headers, body.
    pub response: Response<Bytes>,
    /// How many elements and attributes of the answer were skipped, since the bindings have no place for them. An element
    /// counts as one, whatever is in it; what repeats, counts each time. More than 0 means that the service says more
    /// than the schema knows. Not counted are `nil`, `type` at elements of which no attribute is read, and a body that is
    /// not looked at, since no value was due in it and the style has no envelope.
    pub unknown: usize,
    /// Every attempt, the last one too.
    pub attempts: Vec<Attempt>,
}

impl<R: fmt::Debug> fmt::Debug for Reply<R> {
    /// Shows the value and the attempts; not the answer as it came, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Reply");
        text.field("value", &self.value).field("unknown", &self.unknown).field("attempts", &self.attempts);
        text.finish_non_exhaustive()
    }
}

/// One request that was sent, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How long was waited before.
    pub waited: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

impl Attempt {
    /// Whether certainly nothing was sent.
    pub fn is_unsent(&self) -> bool {
        matches!(self.outcome, Outcome::Unsent(_))
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status.
    Status(StatusCode),
    /// No answer, though the request may have arrived.
    Broken(TransportErrorKind),
    /// Nothing was sent.
    Unsent(TransportErrorKind),
}

impl<'c, E: Endpoint> Exchange<'c, E> {
    /// A call of an endpoint. `seed` is for the jitter: any number, another one for every call.
    pub fn new(shared: &'c Shared, options: &'c Options, endpoint: &'c E, seed: u64) -> Self {
        Self {
            shared,
            options,
            endpoint,
            caller: shared.caller(),
            began: None,
            deadline: None,
            renewing: Renewing::default(),
            chance: Chance(seed),
            asked: Uri::default(),
            moved: false,
            may_have_run: false,
            attempts: Vec::new(),
            waited: Duration::ZERO,
            place: None,
            was_late: false,
            last: None,
            span: trace::Call::new(E::OPERATION),
        }
    }

    /// What to do after an event.
    pub fn next(&mut self, event: Event, now: Instant) -> Step<E::Response> {
        match event {
            Event::Begin(date) => {
                self.began = Some((now, date));
                self.deadline = now.checked_add(self.options.deadline);
                self.prepare(now)
            }
            Event::Joined(joined) => self.joined(joined, now),
            Event::Waited if self.renewing.has_turn() => self.renew(now),
            Event::Waited => match self.place.take() {
                // Who comes much later than that may meet others who do. Once: where all is late, nobody would get through.
                Some(place) if self.is_late(place, now) && !self.was_late => {
                    self.was_late = true;
                    self.pace(now)
                }
                Some(_) => self.send(now),
                None => self.prepare(now),
            },
            Event::Sent(result) if self.renewing.has_turn() => self.renewed(result, now),
            Event::Sent(result) => self.judge(result, now),
        }
    }

    /// Waits for a place in the rate, or sends at once.
    fn pace(&mut self, now: Instant) -> Step<E::Response> {
        let limit = E::OPERATION.limit.filter(|_| self.options.pacing);
        let Some(limit) = limit else { return self.send(now) };
        match lock(&self.shared.pacer).reserve(limit, self.options.margin, now, self.deadline) {
            Some(Duration::ZERO) => self.send(now),
            Some(wait) => {
                self.place = now.checked_add(wait);
                self.waited = self.waited.saturating_add(wait);
                Step::Wait(wait)
            }
            None => self.out_of_time(),
        }
    }

    /// Whether a place in the rate was so long ago that the margin does not make up for it. No timer is exact.
    fn is_late(&self, place: Instant, now: Instant) -> bool {
        now.saturating_duration_since(place) > self.options.margin.max(Duration::from_millis(100))
    }

    fn send(&mut self, now: Instant) -> Step<E::Response> {
        let Some(left) = self.left(now) else { return self.out_of_time() };
        match self.endpoint.to_request(&self.sender()) {
            Ok(request) => {
                self.asked = request.uri().clone();
                Step::Send(request, left)
            }
            Err(error) => self.give_up(error),
        }
    }

    /// What is left of the time; `None` if nothing is.
    fn left(&self, now: Instant) -> Option<Duration> {
        let left = self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
        (!left.is_zero()).then_some(left)
    }

    /// Whether a wait ends before the deadline.
    fn in_time(&self, wait: Duration, now: Instant) -> bool {
        now.checked_add(wait).is_some_and(|then| self.deadline.is_none_or(|deadline| then < deadline))
    }

    fn judge(&mut self, result: Result<Response<Bytes>, TransportError>, now: Instant) -> Step<E::Response> {
        let outcome = match &result {
            Ok(response) => Outcome::Status(response.status()),
            Err(error) if error.was_sent() => Outcome::Broken(error.kind()),
            Err(error) => Outcome::Unsent(error.kind()),
        };
        let circumstances = Circumstances {
            caller: &self.caller,
            options: self.options,
            asked: &self.asked,
            moved: self.moved,
            may_have_run: self.may_have_run,
            before: &self.attempts,
        };
        let verdict = verdict::of::<E>(result, &circumstances);
        let attempt = Attempt { waited: std::mem::take(&mut self.waited), outcome };
        self.span.attempt(self.attempts.len() + 1, &attempt);
        self.attempts.push(attempt);
        match verdict {
            Verdict::Done(Value { value, unknown }, response) => {
                lock(&self.shared.budget).succeeded();
                self.token_was_taken();
                Step::Done(Ok(Reply { value, response, unknown, attempts: std::mem::take(&mut self.attempts) }))
            }
            Verdict::Failed(error) => {
                let error = self.without_token(error);
                if !self.may_renew_after(&error) {
                    return self.give_up(error);
                }
                self.last = Some(error);
                self.prepare(now)
            }
            Verdict::Moved(caller) => {
                self.moved = true;
                self.caller = Arc::new(*caller);
                *lock(&self.shared.caller) = Arc::clone(&self.caller);
                self.prepare(now)
            }
            Verdict::Again(pause, error) => {
                // A service that says when to come back has refused the request before it ran.
                self.may_have_run |= matches!(pause, Pause::Jitter) && error.was_sent();
                self.again(pause, self.without_token(error), now)
            }
        }
    }

    /// Sends once more after a while, if attempts, time and budget allow it.
    fn again(&mut self, pause: Pause, error: Error, now: Instant) -> Step<E::Response> {
        let sent = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let wait = match pause {
            Pause::Jitter => self.chance.up_to(self.options.backoff_after(sent)),
            Pause::Exactly(wait) => wait,
        };
        let allowed = sent < self.options.attempts && self.in_time(wait, now) && wait <= self.options.longest_wait;
        if !allowed || !lock(&self.shared.budget).spend() {
            return self.give_up(error);
        }
        self.waited = self.waited.saturating_add(wait);
        self.last = Some(error);
        if wait.is_zero() { self.prepare(now) } else { Step::Wait(wait) }
    }

    /// There is no time left for another attempt: the last one's error says why there should have been one.
    fn out_of_time(&mut self) -> Step<E::Response> {
        let unsent = || TransportError::new(TransportErrorKind::Timeout).unsent();
        let error = self.last.take().unwrap_or_else(|| Error::new(E::OPERATION, ErrorKind::Transport(unsent())));
        self.give_up(error)
    }

    fn give_up(&mut self, error: Error) -> Step<E::Response> {
        Step::Done(Err(error.after(std::mem::take(&mut self.attempts))))
    }
}

/// Numbers that nobody can guess the use of: SplitMix64, enough for jitter.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Any time up to this one, each as likely as the others.
    fn up_to(&mut self, most: Duration) -> Duration {
        let nanos = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(((u128::from(self.next()) * u128::from(nanos)) >> 64) as u64)
    }
}
