//! The state machine of one call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, Uri};
use jiff::Timestamp;

use super::decision::{AttemptContext, Decision, Delay, decide};
use super::full_response::FullResponse;
use super::jitter::Jitter;
use super::options::Options;
use super::shared::Shared;
use super::token_refresh::TokenState;
use super::trace::CallSpan;
use crate::attempt::{Attempt, AttemptOutcome};
use crate::config::ClientConfig;
use crate::decode::Decoded;
use crate::encode::encode_request;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::refresh::{RefreshOutcome, RefreshWait};
use crate::transport::{TransportError, TransportErrorKind};

/// State machine of one call.
pub struct Exchange<'c, E> {
    pub(super) shared: &'c Shared,
    pub(super) options: &'c Options,
    endpoint: &'c E,
    /// Configuration of the client when the call began. A redirect to the other scheme replaces it.
    pub(super) config: Arc<ClientConfig>,
    /// Start of the call, by the monotonic clock and by the wall clock; `None` before [`Event::Begin`].
    pub(super) start: Option<(Instant, Timestamp)>,
    /// Time at which the call fails; `None` if the clock cannot represent it.
    deadline: Option<Instant>,
    pub(super) token: TokenState,
    pub(super) jitter: Jitter,
    /// URL of the last request.
    url: Uri,
    /// `true` if the call has already followed a redirect to the other scheme.
    has_switched_scheme: bool,
    /// `true` if the service may have applied an earlier attempt.
    may_have_run: bool,
    /// Attempts so far.
    attempts: Vec<Attempt>,
    /// Time waited since the last attempt, for a retry and for the rate limiter.
    waited: Duration,
    /// Reserved slot of the rate limiter, until the request is sent; `None` if there is none.
    slot: Option<Instant>,
    /// `true` if the call has already missed a slot.
    has_missed_slot: bool,
    /// Error of the last attempt, if the call continued after it.
    last_error: Option<Error>,
    pub(super) span: CallSpan,
}

/// Event that a call reacts to.
pub enum Event {
    /// The call begins, at this wall clock time.
    Begin(Timestamp),
    /// A [`RefreshWait`] ended; `None` if it timed out.
    RefreshWaited(Option<RefreshOutcome>),
    /// The wait of [`Action::Wait`] ended.
    Waited,
    /// The transport returned a response or an error.
    Sent(Result<Response<Bytes>, TransportError>),
}

/// Next action of a call.
pub enum Action<R> {
    /// Wait, then report [`Event::Waited`].
    Wait(Duration),
    /// Wait for the outcome of a [`RefreshWait`], with this timeout, then report [`Event::RefreshWaited`].
    WaitForRefresh(RefreshWait, Duration),
    /// Send a request with this timeout, then report [`Event::Sent`].
    Send(Request<Bytes>, Duration),
    /// The call ended with this result.
    Done(Result<FullResponse<R>, Error>),
}

impl<'c, E: Endpoint> Exchange<'c, E> {
    /// Creates the state machine for a call of an endpoint. `seed` seeds the jitter and should differ between calls.
    pub fn new(shared: &'c Shared, options: &'c Options, endpoint: &'c E, seed: u64) -> Self {
        Self {
            shared,
            options,
            endpoint,
            config: shared.config(),
            start: None,
            deadline: None,
            token: TokenState::default(),
            jitter: Jitter::new(seed),
            url: Uri::default(),
            has_switched_scheme: false,
            may_have_run: false,
            attempts: Vec::new(),
            waited: Duration::ZERO,
            slot: None,
            has_missed_slot: false,
            last_error: None,
            span: CallSpan::new(E::OPERATION),
        }
    }

    /// Returns the next action after an event.
    pub fn next(&mut self, event: Event, now: Instant) -> Action<E::Response> {
        match event {
            Event::Begin(date) => {
                self.start = Some((now, date));
                self.deadline = now.checked_add(self.options.deadline);
                self.prepare_token(now)
            }
            Event::RefreshWaited(outcome) => self.on_refresh_waited(outcome, now),
            Event::Waited if self.token.is_refreshing() => self.send_refresh(now),
            // The wait was for a retry or for the rate limiter, and the token may have expired meanwhile.
            Event::Waited => self.prepare_token(now),
            Event::Sent(result) if self.token.is_refreshing() => self.on_refresh_response(result, now),
            Event::Sent(result) => self.on_response(result, now),
        }
    }

    /// Reserves a slot of the rate limiter: the time at which a request may be sent. Then waits for the slot.
    ///
    /// Sends at once if there is no limit, the slot is now, or the call has already waited for its slot. Fails if no
    /// slot is free before the deadline.
    pub(super) fn reserve_slot(&mut self, now: Instant) -> Action<E::Response> {
        match self.slot.take() {
            // A call that comes long after its slot could collide with later slots, so it reserves a new one. It does
            // so only once, or a slow host would never send.
            Some(slot) if self.is_too_late(slot, now) && !self.has_missed_slot => self.has_missed_slot = true,
            Some(_) => return self.send(now),
            None => {}
        }
        let limit = E::OPERATION.rate_limit.filter(|_| self.options.respect_rate_limits);
        let Some(limit) = limit else { return self.send(now) };
        let wait = self.shared.rate_limiter().reserve(limit, self.options.rate_limit_margin, now, self.deadline);
        match wait {
            Some(Duration::ZERO) => self.send(now),
            Some(wait) => {
                self.slot = now.checked_add(wait);
                self.waited = self.waited.saturating_add(wait);
                Action::Wait(wait)
            }
            None => self.fail_on_deadline(),
        }
    }

    /// `true` if the call missed a slot by more than the rate limit margin. A delay of up to 100 ms never counts,
    /// because timers are inexact.
    fn is_too_late(&self, slot: Instant, now: Instant) -> bool {
        now.saturating_duration_since(slot) > self.options.rate_limit_margin.max(Duration::from_millis(100))
    }

    /// Sends the request with the current token, or fails if the deadline has passed or a value cannot be written.
    fn send(&mut self, now: Instant) -> Action<E::Response> {
        let Some(timeout) = self.time_left(now) else { return self.fail_on_deadline() };
        match encode_request(self.endpoint, &self.config_with_token()) {
            Ok(request) => {
                self.url = request.uri().clone();
                Action::Send(request, timeout)
            }
            Err(error) => self.fail(error),
        }
    }

    /// Returns the time left until the deadline; `None` if it has passed.
    pub(super) fn time_left(&self, now: Instant) -> Option<Duration> {
        let left = self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(now));
        (!left.is_zero()).then_some(left)
    }

    /// `true` if a wait is not longer than [`Options::max_wait`] and ends before the deadline.
    pub(super) fn may_wait(&self, wait: Duration, now: Instant) -> bool {
        let end = now.checked_add(wait);
        let is_in_time = end.is_some_and(|end| self.deadline.is_none_or(|deadline| end < deadline));
        is_in_time && wait <= self.options.max_wait
    }

    /// Records an attempt, and continues as [`decide`] says.
    fn on_response(&mut self, result: Result<Response<Bytes>, TransportError>, now: Instant) -> Action<E::Response> {
        let outcome = match &result {
            Ok(response) => AttemptOutcome::Status(response.status()),
            Err(error) if error.was_sent() => AttemptOutcome::NoResponse(error.kind()),
            Err(error) => AttemptOutcome::NotSent(error.kind()),
        };
        let context = AttemptContext {
            config: &self.config,
            options: self.options,
            url: &self.url,
            has_switched_scheme: self.has_switched_scheme,
            may_have_run: self.may_have_run,
            attempts: &self.attempts,
        };
        let decision = decide::<E>(result, &context);
        let attempt = Attempt { waited: std::mem::take(&mut self.waited), outcome };
        self.span.record_attempt(self.attempts.len() + 1, &attempt);
        self.attempts.push(attempt);
        match decision {
            Decision::Done(Decoded { value, unknown_elements, mut unknown_paths }, response) => {
                self.shared.retry_budget().record_success();
                self.record_token_accepted();
                let attempts = std::mem::take(&mut self.attempts);
                self.redact_token_in(&mut unknown_paths);
                Action::Done(Ok(FullResponse { value, response, unknown_elements, unknown_paths, attempts }))
            }
            Decision::Fail(error) => {
                // The token is redacted first, because `should_refresh_after` takes the token that was sent.
                let error = self.redact_token(error);
                if !self.should_refresh_after(&error) {
                    return self.fail(error);
                }
                self.last_error = Some(error);
                self.prepare_token(now)
            }
            Decision::SwitchScheme(config) => {
                self.has_switched_scheme = true;
                self.config = Arc::new(*config);
                self.shared.set_config(Arc::clone(&self.config));
                self.prepare_token(now)
            }
            Decision::Retry(delay, error) => {
                // A service that asks for a delay rejected the request without applying it.
                self.may_have_run |= matches!(delay, Delay::Backoff) && error.was_sent();
                self.retry(delay, self.redact_token(error), now)
            }
        }
    }

    /// Retries after a delay, if attempts, deadline and retry budget allow it. Fails with `error` if they do not.
    fn retry(&mut self, delay: Delay, error: Error, now: Instant) -> Action<E::Response> {
        let attempts = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let wait = self.delay_retry(if let Delay::After(wait) = delay { wait } else { Duration::ZERO }, attempts);
        let is_allowed = attempts < self.options.max_attempts && self.may_wait(wait, now);
        if !is_allowed || !self.shared.retry_budget().try_spend() {
            return self.fail(error);
        }
        self.waited = self.waited.saturating_add(wait);
        self.last_error = Some(error);
        if wait.is_zero() { self.prepare_token(now) } else { Action::Wait(wait) }
    }

    /// Returns the wait before the next attempt: the time that the service asked for, but at least a random backoff.
    /// The backoff spreads out the clients if the service asked for no time, or for a time in the past.
    pub(super) fn delay_retry(&mut self, asked: Duration, attempts: u32) -> Duration {
        asked.max(self.jitter.up_to(self.options.max_backoff(attempts)))
    }

    /// Fails because the deadline has passed, or would pass before the next request: with the last attempt's error, or
    /// else with a timeout.
    pub(super) fn fail_on_deadline(&mut self) -> Action<E::Response> {
        let timeout = || TransportError::new(TransportErrorKind::Timeout).unsent();
        let error = self.last_error.take();
        self.fail(error.unwrap_or_else(|| Error::new(E::OPERATION, ErrorKind::Transport(timeout()))))
    }

    /// Ends the call with an error, to which it adds the attempts.
    pub(super) fn fail(&mut self, error: Error) -> Action<E::Response> {
        Action::Done(Err(error.with_attempts(std::mem::take(&mut self.attempts))))
    }
}
