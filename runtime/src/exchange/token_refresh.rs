//! Refreshes a token during a call: before a request if the token is about to expire, and after the service rejected
//! it.
//!
//! | event | the call |
//! |---|---|
//! | the token is about to expire, before or after a wait for the rate limiter | waits for the refresh, or performs it, and then reserves a slot of the rate limiter unless it has one |
//! | the service rejects the token: 401, or a redirect to the sign-in page | waits for the refresh, or performs it, and sends the request again, once: a rejected request was not applied |
//! | the service rejects a refreshed token that it never accepted | fails |
//! | the issuer rejects the refresh for good: see [`IssuerError::is_final`] | fails, like all further calls until the program replaces the grant |
//! | the request to the issuer was not sent, except after a TLS failure, or the response is 429 or 503 with `Retry-After` | sends the request to the issuer again, within the call's options |
//! | any other error of the refresh | fails, like the calls that waited with it: a refresh token may be single-use, so the same call does not send it twice |

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use super::state_machine::{Action, Exchange};
use crate::config::ClientConfig;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::issuer_error::IssuerError;
use crate::redact::redact;
use crate::refresh::{RefreshGuard, RefreshOutcome, RefreshableToken, TokenRequirement, TokenSnapshot};
use crate::secret::Token;
use crate::transport::TransportError;

/// Token of a call.
#[derive(Default)]
pub(super) struct TokenState {
    /// Token for the next request, or of the request that was just sent. `None` if the credentials are not refreshable.
    current: Option<TokenSnapshot>,
    /// Token that the service rejected during this call.
    rejected: Option<TokenSnapshot>,
    /// Guard, while this call refreshes the token.
    guard: Option<RefreshGuard>,
    /// Number of requests that this call sent to the issuer.
    requests: u32,
}

impl TokenState {
    /// `true` while this call refreshes the token.
    pub(super) fn is_refreshing(&self) -> bool {
        self.guard.is_some()
    }
}

impl<E: Endpoint> Exchange<'_, E> {
    /// Continues with a valid token, or waits for one. Credentials that are not refreshable are used as they are.
    pub(super) fn prepare_token(&mut self, now: Instant) -> Action<E::Response> {
        let Some(refreshable) = self.refreshable_token() else { return self.reserve_slot(now) };
        let requirement = TokenRequirement::new(self.wall_time_at(now), self.token.rejected.as_ref());
        match refreshable.valid_token(&requirement) {
            Some(token) => self.continue_with(token, now),
            None => match self.time_left(now) {
                Some(timeout) => Action::WaitForRefresh(refreshable.wait_for(requirement), timeout),
                None => self.fail_on_deadline(),
            },
        }
    }

    /// Continues after a [`RefreshWait`](crate::refresh::RefreshWait). `outcome` is `None` if the wait timed out.
    pub(super) fn on_refresh_waited(&mut self, outcome: Option<RefreshOutcome>, now: Instant) -> Action<E::Response> {
        match outcome {
            Some(RefreshOutcome::Token(token)) => self.continue_with(token, now),
            Some(RefreshOutcome::Guard(guard)) => {
                self.token.guard = Some(guard);
                self.send_refresh(now)
            }
            Some(RefreshOutcome::Failed(error)) => self.fail_refresh(error),
            None => self.fail_on_deadline(),
        }
    }

    /// Sends the request to the issuer. If the deadline has passed, drops the guard: the next waiting call then gets
    /// it.
    pub(super) fn send_refresh(&mut self, now: Instant) -> Action<E::Response> {
        let Some(guard) = self.token.guard.take() else { return self.prepare_token(now) };
        let Some(timeout) = self.time_left(now) else { return self.fail_on_deadline() };
        match guard.build_request() {
            Ok(request) => {
                self.token.guard = Some(guard);
                self.token.requests += 1;
                Action::Send(request, timeout)
            }
            Err(error) => {
                guard.fail(error.clone());
                self.fail_refresh(error)
            }
        }
    }

    /// Reads the issuer's response, and continues with the new token, retries the refresh or fails.
    pub(super) fn on_refresh_response(
        &mut self,
        result: Result<Response<Bytes>, TransportError>,
        now: Instant,
    ) -> Action<E::Response> {
        let Some(guard) = self.token.guard.take() else { return self.prepare_token(now) };
        let refreshed = guard.accept_response(result, self.wall_time_at(now));
        self.span.record_refresh(self.token.requests, refreshed.as_ref().err());
        match refreshed {
            Ok(token) => {
                // Dropping the guard wakes the calls that wait for this token.
                drop(guard);
                self.continue_with(token, now)
            }
            Err(error) => match self.retry_refresh_after(&error, now) {
                Some(wait) => {
                    self.token.guard = Some(guard);
                    Action::Wait(wait)
                }
                None => {
                    guard.fail(error.clone());
                    self.fail_refresh(error)
                }
            },
        }
    }

    /// Returns the wait before the refresh is retried; `None` if the error, the attempts, the deadline or the retry
    /// budget does not allow it.
    fn retry_refresh_after(&mut self, error: &IssuerError, now: Instant) -> Option<Duration> {
        let requests = self.token.requests;
        let wait = self.delay_retry(error.retry_delay()?, requests);
        let is_allowed = requests < self.options.max_attempts && self.may_wait(wait, now);
        (is_allowed && self.shared.retry_budget().try_spend()).then_some(wait)
    }

    /// Stores the token for the next request, and reserves a slot for that request.
    fn continue_with(&mut self, token: TokenSnapshot, now: Instant) -> Action<E::Response> {
        self.token.current = Some(token);
        self.reserve_slot(now)
    }

    /// Ends the call because the token could not be refreshed.
    fn fail_refresh(&mut self, error: IssuerError) -> Action<E::Response> {
        self.fail(Error::new(E::OPERATION, ErrorKind::TokenRefresh(error)))
    }

    /// Returns the configuration for the next request, with the token to send.
    pub(super) fn config_with_token(&self) -> Arc<ClientConfig> {
        match &self.token.current {
            Some(snapshot) => Arc::new(self.config.with_bearer(snapshot.token.clone())),
            None => Arc::clone(&self.config),
        }
    }

    /// Removes the token that was sent from an error's texts.
    pub(super) fn redact_token(&self, error: Error) -> Error {
        error.redacted(&self.sent_token())
    }

    /// Removes the token that was sent from paths of a response, whose elements may have the token as their name.
    pub(super) fn redact_token_in(&self, paths: &mut [String]) {
        if !paths.is_empty() {
            let token = self.sent_token();
            paths.iter_mut().for_each(|path| redact(path, &token));
        }
    }

    /// Returns the token that was sent. It is the call's own copy, because another call may have refreshed the shared
    /// token meanwhile.
    fn sent_token(&self) -> Token {
        match &self.token.current {
            Some(snapshot) => snapshot.token.clone(),
            None => self.config.credentials().token(),
        }
    }

    /// Records that the service accepted or rejected the token. Returns `true` if the call should refresh the token and
    /// send the request again: the service rejected it for the first time in this call.
    pub(super) fn should_refresh_after(&mut self, error: &Error) -> bool {
        let (Some(refreshable), Some(token)) = (self.refreshable_token(), self.token.current.take()) else {
            return false;
        };
        if !error.is_token_rejected() {
            if error.is_authenticated() {
                refreshable.record_accepted(&token);
            }
            return false;
        }
        let should_refresh = self.token.rejected.is_none() && refreshable.may_refresh_after(&token);
        self.token.rejected = Some(token);
        should_refresh
    }

    /// Records that the service accepted the token.
    pub(super) fn record_token_accepted(&self) {
        if let (Some(refreshable), Some(token)) = (self.refreshable_token(), &self.token.current) {
            refreshable.record_accepted(token);
        }
    }

    /// Returns the shared token; `None` if the credentials are not refreshable, or the operation has no token.
    fn refreshable_token(&self) -> Option<RefreshableToken> {
        match self.config.credentials() {
            Credentials::Refreshable(refreshable) if E::OPERATION.style.has_token() => Some(refreshable.clone()),
            _ => None,
        }
    }

    /// Returns the wall clock time, computed from the start of the call and the monotonic clock.
    fn wall_time_at(&self, now: Instant) -> Timestamp {
        let Some((instant, date)) = self.start else { return Timestamp::MIN };
        date.checked_add(now.saturating_duration_since(instant)).unwrap_or(Timestamp::MAX)
    }
}
