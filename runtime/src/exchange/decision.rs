//! Decision after an attempt.
//!
//! | response or error | decision |
//! |---|---|
//! | success | done |
//! | 302 to the same URL under the other scheme | sent again there, once |
//! | any other redirect | error: a token is never sent to another host |
//! | 404 for a deletion, after an attempt that may have been applied | done: that attempt deleted it |
//! | failure document | error |
//! | 503 or 429 with `Retry-After` | retried after that time, but not before the backoff: the service rejected the request without applying it |
//! | could not connect, or nothing was sent; except an invalid request or a TLS failure | retried |
//! | 502, 503, 504, 408, connection lost, timeout | read-only and idempotent operations are retried; other operations fail, and the outcome is unknown |
//! | any other transport error of a sent request | error; the outcome is unknown unless idempotent |
//! | 500 | read-only operations are retried once |
//! | anything else | error |
//!
//! The first row that applies counts. A call retries only while attempts, deadline and retry budget allow it.

use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Response, StatusCode, Uri, header};

use super::options::Options;
use crate::attempt::{Attempt, AttemptOutcome};
use crate::config::ClientConfig;
use crate::decode::{Decoded, decode_empty_success, decode_response};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::service::RetryClass;
use crate::transport::{TransportError, TransportErrorKind};

/// Decision after an attempt.
pub(super) enum Decision<R> {
    /// The call succeeded with this value and raw response.
    Done(Decoded<R>, Response<Bytes>),
    /// The call fails with this error, unless the service rejected a token that can be refreshed.
    Fail(Error),
    /// Send the request again with this configuration: the account uses the other scheme.
    SwitchScheme(Box<ClientConfig>),
    /// Retry after a delay if attempts, deadline and retry budget allow it; else fail with this error.
    Retry(Delay, Error),
}

/// Delay before a retry.
pub(super) enum Delay {
    /// A random time up to [`Options::max_backoff`].
    Backoff,
    /// The time that the service asked for, but at least the backoff.
    After(Duration),
}

/// State of the call before the attempt that is decided on.
pub(super) struct AttemptContext<'e> {
    /// Configuration of the call, which decides whether http is allowed.
    pub(super) config: &'e ClientConfig,
    /// Options of the call, with the port that a redirect may have.
    pub(super) options: &'e Options,
    /// URL of the request.
    pub(super) url: &'e Uri,
    /// `true` if the call already switched the scheme.
    pub(super) has_switched_scheme: bool,
    /// `true` if the service may have applied an earlier attempt.
    pub(super) may_have_run: bool,
    /// Earlier attempts.
    pub(super) attempts: &'e [Attempt],
}

impl AttemptContext<'_> {
    /// `true` if an earlier attempt had a response with this status.
    fn had_status(&self, status: StatusCode) -> bool {
        self.attempts.iter().any(|attempt| attempt.outcome == AttemptOutcome::Status(status))
    }
}

/// Decides what to do after an attempt.
pub(super) fn decide<E: Endpoint>(
    result: Result<Response<Bytes>, TransportError>,
    context: &AttemptContext<'_>,
) -> Decision<E::Response> {
    match result {
        Ok(response) => decide_on_response::<E>(response, context),
        Err(error) => {
            let to_error = |error| Error::new(E::OPERATION, ErrorKind::Transport(error));
            decide_on_transport_error(E::OPERATION.retry, error, to_error)
        }
    }
}

/// Decides after an attempt without a response. The outcome is unknown if an operation that is not idempotent was sent.
fn decide_on_transport_error<R>(
    retry: RetryClass,
    error: TransportError,
    to_error: impl FnOnce(TransportError) -> Error,
) -> Decision<R> {
    let (was_sent, kind) = (error.was_sent(), error.kind());
    let error = to_error(error);
    match (kind, was_sent, retry) {
        (TransportErrorKind::InvalidRequest | TransportErrorKind::Tls, ..) => Decision::Fail(error),
        (_, false, _) => Decision::Retry(Delay::Backoff, error),
        (_, true, RetryClass::NotIdempotent) => Decision::Fail(error.with_unknown_outcome()),
        (TransportErrorKind::Timeout | TransportErrorKind::ConnectionLost, true, _) => {
            Decision::Retry(Delay::Backoff, error)
        }
        _ => Decision::Fail(error),
    }
}

/// Decides after a response. The order of the checks is the order of the rows in the module's table.
fn decide_on_response<E: Endpoint>(response: Response<Bytes>, context: &AttemptContext<'_>) -> Decision<E::Response> {
    let (status, retry) = (response.status(), E::OPERATION.retry);
    let error = match decode_response::<E>(&response) {
        Ok(decoded) => return Decision::Done(decoded, response),
        Err(error) => error,
    };
    if status.is_redirection() {
        return match switch_scheme(&response, context) {
            Some(config) => Decision::SwitchScheme(Box::new(config)),
            None => Decision::Fail(error),
        };
    }
    if retry == RetryClass::Delete && error.is_not_found() && context.may_have_run {
        return match decode_empty_success::<E>() {
            Ok(decoded) => Decision::Done(decoded, response),
            Err(_) => Decision::Fail(error),
        };
    }
    // Only the service itself sends failure documents. Other errors may come from a proxy or an overloaded server.
    if error.has_failure_document() {
        return Decision::Fail(error);
    }
    match (status.as_u16(), error.retry_after(), retry) {
        (429 | 503, Some(wait), _) => Decision::Retry(Delay::After(wait), error),
        (408 | 502..=504, _, RetryClass::NotIdempotent) => Decision::Fail(error.with_unknown_outcome()),
        (408 | 502..=504, ..) => Decision::Retry(Delay::Backoff, error),
        (500, _, RetryClass::ReadOnly) if !context.had_status(status) => Decision::Retry(Delay::Backoff, error),
        _ => Decision::Fail(error),
    }
}

/// Returns the configuration for the target of a redirect, if the target is the same URL under the other scheme. `None`
/// if it is any other URL, http is not allowed, or the call has already switched the scheme.
fn switch_scheme(response: &Response<Bytes>, context: &AttemptContext<'_>) -> Option<ClientConfig> {
    let AttemptContext { config, options, url, has_switched_scheme, .. } = context;
    let target: Uri = response.headers().get(header::LOCATION)?.to_str().ok()?.parse().ok()?;
    let old_scheme = url.scheme()?;
    let new_scheme = target.scheme()?;
    let authority = target.authority()?;
    let is_allowed = [Scheme::HTTP, Scheme::HTTPS].contains(new_scheme) && config.allows(&target);
    let has_known_port =
        target.port_u16().is_none_or(|port| port == default_port(new_scheme) || Some(port) == options.redirect_port);
    let has_same_host = target.host()?.eq_ignore_ascii_case(url.host()?);
    let is_same_url = has_same_host && target.path_and_query() == url.path_and_query() && has_known_port;
    let is_scheme_redirect = response.status() == StatusCode::FOUND && old_scheme != new_scheme && is_same_url;
    let may_follow = is_scheme_redirect && is_allowed && !has_switched_scheme;
    // The authority becomes part of the base URL, which must not have a user.
    if may_follow && !authority.as_str().contains('@') { config.with_origin(new_scheme, authority) } else { None }
}

/// Returns the default port of `http` or `https`.
fn default_port(scheme: &Scheme) -> u16 {
    if *scheme == Scheme::HTTPS { 443 } else { 80 }
}
