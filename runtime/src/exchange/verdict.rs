//! What an answer, or the lack of one, means for an operation.
//!
//! | what came | what it means |
//! |---|---|
//! | a success | done |
//! | 302 to the same address under the other scheme | sent again there, once |
//! | any other redirect | an error: a token never travels to another place |
//! | 503 or 429 with `Retry-After` | again after that time: it was refused before it ran |
//! | a connection that never came about, or broke before anything was sent | again |
//! | 502, 503, 504, 408, a connection that broke | again for reads and what twice is the same as once; for all others an error that says that the outcome is unknown |
//! | HTTP 500 without a failure envelope | once more, for reads |
//! | 404 for a deletion after an attempt that may have run | done: it was deleted then |
//! | anything else | an error |

use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Response, StatusCode, Uri, header};

use super::{Attempt, Options, Outcome};
use crate::answer::{self, Value};
use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::service::Retry;
use crate::transport::{TransportError, TransportErrorKind};

/// What to do about the outcome of an attempt.
pub(super) enum Verdict<R> {
    Done(Value<R>, Response<Bytes>),
    Failed(Error),
    /// The account is under the other scheme.
    Moved(Box<Caller>),
    /// Once more if that may be, else this error.
    Again(Pause, Error),
}

/// How long to wait before the next attempt.
pub(super) enum Pause {
    /// Any time up to the backoff's.
    Jitter,
    /// What the service asked for.
    Exactly(Duration),
}

/// What a verdict depends on besides the outcome.
pub(super) struct Circumstances<'e> {
    pub(super) caller: &'e Caller,
    pub(super) options: &'e Options,
    /// The address of the request.
    pub(super) asked: &'e Uri,
    /// Whether the scheme was changed once already.
    pub(super) moved: bool,
    /// Whether an attempt before this one may have done what was asked, without our knowing.
    pub(super) may_have_run: bool,
    /// The attempts before this one.
    pub(super) before: &'e [Attempt],
}

impl Circumstances<'_> {
    fn was_answered(&self, status: StatusCode) -> bool {
        self.before.iter().any(|attempt| attempt.outcome == Outcome::Status(status))
    }
}

/// Judges the outcome of an attempt.
pub(super) fn of<E: Endpoint>(
    result: Result<Response<Bytes>, TransportError>,
    circumstances: &Circumstances<'_>,
) -> Verdict<E::Response> {
    match result {
        Ok(response) => of_answer::<E>(response, circumstances),
        Err(error) => {
            of_failure(E::OPERATION.retry, error, |error| Error::new(E::OPERATION, ErrorKind::Transport(error)))
        }
    }
}

fn of_failure<R>(retry: Retry, error: TransportError, wrap: impl FnOnce(TransportError) -> Error) -> Verdict<R> {
    let (sent, kind) = (error.was_sent(), error.kind());
    let error = wrap(error);
    match (kind, sent, retry) {
        (TransportErrorKind::InvalidRequest | TransportErrorKind::Tls, ..) => Verdict::Failed(error),
        (_, false, _) => Verdict::Again(Pause::Jitter, error),
        (_, true, Retry::Unsafe) => Verdict::Failed(error.of_unknown_outcome()),
        (TransportErrorKind::Timeout | TransportErrorKind::ConnectionLost, true, _) => {
            Verdict::Again(Pause::Jitter, error)
        }
        _ => Verdict::Failed(error),
    }
}

fn of_answer<E: Endpoint>(response: Response<Bytes>, circumstances: &Circumstances<'_>) -> Verdict<E::Response> {
    let (status, retry) = (response.status(), E::OPERATION.retry);
    let error = match answer::read::<E>(&response) {
        Ok(value) => return Verdict::Done(value, response),
        Err(error) => error,
    };
    if status.is_redirection() {
        return match other_scheme(&response, circumstances) {
            Some(caller) => Verdict::Moved(Box::new(caller)),
            None => Verdict::Failed(error),
        };
    }
    if retry == Retry::Delete && error.is_not_found() && circumstances.may_have_run {
        return deleted::<E>(response, error);
    }
    if error.is_from_envelope() {
        return Verdict::Failed(error);
    }
    match (status.as_u16(), error.retry_after(), retry) {
        (429 | 503, Some(wait), _) => Verdict::Again(Pause::Exactly(wait), error),
        (408 | 502..=504, _, Retry::Unsafe) => Verdict::Failed(error.of_unknown_outcome()),
        (408 | 502..=504, ..) => Verdict::Again(Pause::Jitter, error),
        (500, _, Retry::Read) if !circumstances.was_answered(status) => Verdict::Again(Pause::Jitter, error),
        _ => Verdict::Failed(error),
    }
}

/// What was to be deleted is gone, since an attempt before this one may have run: as if it had answered.
fn deleted<E: Endpoint>(response: Response<Bytes>, error: Error) -> Verdict<E::Response> {
    match answer::read::<E>(&answer::success_of(E::OPERATION)) {
        Ok(value) => Verdict::Done(value, response),
        Err(_) => Verdict::Failed(error),
    }
}

/// The caller at the address of a redirect, if that is the same account under the other scheme.
fn other_scheme(response: &Response<Bytes>, circumstances: &Circumstances<'_>) -> Option<Caller> {
    let Circumstances { caller, options, asked, moved, .. } = circumstances;
    let to: Uri = response.headers().get(header::LOCATION)?.to_str().ok()?.parse().ok()?;
    let (old, new, authority) = (asked.scheme()?, to.scheme()?, to.authority()?);
    let allowed = [Scheme::HTTP, Scheme::HTTPS].contains(new) && caller.may_call(&to);
    let port = to.port_u16().is_none_or(|port| port == default_port(new) || Some(port) == options.other_port);
    let same = to.host()?.eq_ignore_ascii_case(asked.host()?) && to.path_and_query() == asked.path_and_query();
    let fits = response.status() == StatusCode::FOUND && !moved && old != new && allowed && port && same;
    if fits && !authority.as_str().contains('@') { caller.under(new, authority) } else { None }
}

fn default_port(scheme: &Scheme) -> u16 {
    if *scheme == Scheme::HTTPS { 443 } else { 80 }
}
