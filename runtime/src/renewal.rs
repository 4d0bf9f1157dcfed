//! A bearer token that expires and is renewed: shared by everyone who calls with it, renewed by one call at a time.
//!
//! How a token is renewed is a [`Renew`]'s business; the module `oauth` has the one for OAuth 2. When, and by whom, is
//! decided here and in the [`exchange`](crate::exchange), which sends the request like any other.
//!
//! A call that finds the token expired, or that was refused with it, joins the others: the first has the [`Turn`] to
//! renew, and the others wait for what comes of it. It does not matter which client they call with, nor whether that one
//! blocks.
//!
//! **Invariant:** no two turns are taken at once, and a turn that is dropped, for instance with the future of a call,
//! goes to the next who waits.
//! **Invariant:** no lock is held while the program's own code runs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;

use crate::secret::Token;
use crate::transport::TransportError;

/// How long before its end a token is renewed, so that it is still good when it arrives: a minute, or half of its life
/// if that is shorter.
pub const MARGIN: Duration = Duration::from_secs(60);

/// How a token is renewed.
pub trait Renew: Send + Sync {
    /// The request that brings the next token. Its address is `https`, and it is sent to no other.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if there is nothing to renew with.
    fn request(&self) -> Result<Request<Bytes>, IssuerError>;

    /// Takes what came of the request, and keeps what the next renewal needs. `None` if there has been another token
    /// since the request, which stays.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if the answer holds no token.
    fn accept(&self, answer: Response<Bytes>, now: Timestamp) -> Result<Option<Fresh>, IssuerError>;

    /// Called once after each renewal, before the calls that wait for it go on. Calls may be made in it.
    fn renewed(&self) {}
}

/// A token, and when it should be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// The token.
    pub token: Token,
    /// From when on it is not sent without being renewed before. `None`: not until a service refuses it. A renewed token
    /// that is due as it comes is taken for one without.
    pub due: Option<Timestamp>,
}

/// A bearer token that is renewed when it expires or is refused. Clones share it.
#[derive(Clone)]
pub struct Renewable(Arc<Inner>);

struct Inner {
    renew: Box<dyn Renew>,
    state: Mutex<State>,
}

struct State {
    fresh: Fresh,
    /// How often there was another token.
    number: u64,
    /// Whether the token came by a renewal and no service has taken it yet.
    unproven: bool,
    /// Whether somebody has the turn.
    taken: bool,
    /// How many turns came to an end.
    ended: u64,
    /// Why the last turn brought no token.
    failure: Option<IssuerError>,
    waiting: Waiting,
    last_waiting: u64,
}

/// Who waits, by number. A waker is the program's own code, even when it is cloned or dropped: none of that under a lock.
pub(crate) type Waiting = Vec<(u64, Waker)>;

/// A token as it was when a call asked for it.
#[derive(Debug, Clone)]
pub struct Pass {
    pub(crate) token: Token,
    number: u64,
}

impl State {
    /// The token, unless it is the refused one, or its end is near.
    fn pass(&self, need: &Need) -> Option<Pass> {
        let refused = need.refused.is_some_and(|number| number == self.number);
        let due = self.fresh.due.is_some_and(|due| due <= need.now);
        (!refused && !due).then(|| self.any_pass())
    }

    fn any_pass(&self) -> Pass {
        Pass { token: self.fresh.token.clone(), number: self.number }
    }

    fn replace(&mut self, fresh: Fresh, unproven: bool) {
        self.number += 1;
        (self.fresh, self.unproven, self.failure) = (fresh, unproven, None);
    }

    /// Who is to be woken, when the lock is gone.
    #[must_use]
    fn let_go(&mut self) -> Waiting {
        std::mem::take(&mut self.waiting)
    }

    /// Nobody waits in this place any more: the waker that did.
    #[must_use]
    fn leave(&mut self, place: u64) -> Option<Waker> {
        let at = self.waiting.iter().position(|(other, _)| *other == place)?;
        Some(self.waiting.remove(at).1)
    }
}

/// What a call needs: a token that is good now, and is not the one that was refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    pub(crate) now: Timestamp,
    refused: Option<u64>,
}

impl Need {
    pub(crate) fn new(now: Timestamp, refused: Option<&Pass>) -> Self {
        Self { now, refused: refused.map(|pass| pass.number) }
    }
}

impl Renewable {
    /// A token that is renewed in this way.
    pub fn new(fresh: Fresh, renew: impl Renew + 'static) -> Self {
        let state = State {
            fresh,
            number: 0,
            unproven: false,
            taken: false,
            ended: 0,
            failure: None,
            waiting: Vec::new(),
            last_waiting: 0,
        };
        Self(Arc::new(Inner { renew: Box::new(renew), state: Mutex::new(state) }))
    }

    /// The token as it is now, expired or not.
    pub fn token(&self) -> Token {
        self.0.lock().fresh.token.clone()
    }

    /// Puts another token in the place of this one, and forgets that a renewal was refused.
    pub fn replace(&self, fresh: Fresh) {
        wake(self.replace_under_lock(fresh));
    }

    /// As [`replace`](Self::replace), for who holds a lock: who is to be [woken](wake) when it is gone.
    #[must_use]
    pub(crate) fn replace_under_lock(&self, fresh: Fresh) -> Waiting {
        let mut state = self.0.lock();
        state.replace(fresh, false);
        state.let_go()
    }

    pub(crate) fn pass(&self, need: &Need) -> Option<Pass> {
        self.0.lock().pass(need)
    }

    /// Notes that a service has taken a token, so that a renewal may help when it is refused later.
    pub(crate) fn was_taken(&self, pass: &Pass) {
        let mut state = self.0.lock();
        state.unproven &= state.number != pass.number;
    }

    /// Whether a renewal may help against the refusal of a token. Not if it is just renewed and was never taken: then
    /// the next one will not be taken either, and each call would cost a renewal.
    pub(crate) fn may_help(&self, refused: &Pass) -> bool {
        let state = self.0.lock();
        !(state.unproven && state.number == refused.number)
    }

    /// Whether nobody holds the lock.
    #[cfg(all(test, feature = "oauth"))]
    pub(crate) fn is_free(&self) -> bool {
        self.0.state.try_lock().is_ok()
    }

    /// A place among those who need a good token.
    pub(crate) fn join(&self, need: Need) -> Joining {
        let ended = self.0.lock().ended;
        Joining { renewable: self.clone(), need, ended, place: None }
    }
}

impl Inner {
    /// What is locked is sound after every step, so another thread's panic is no reason to give up.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn wake(waiting: Waiting) {
    for (_, waker) in waiting {
        waker.wake();
    }
}

impl PartialEq for Renewable {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Renewable {}

impl fmt::Debug for Renewable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Renewable").field("fresh", &state.fresh).finish_non_exhaustive()
    }
}

/// A place among the calls that need a good token.
pub struct Joining {
    renewable: Renewable,
    need: Need,
    /// How many turns had ended when this call came: a failure since then is its failure too.
    ended: u64,
    /// Under which number its waker waits.
    place: Option<u64>,
}

/// What came of joining.
pub enum Joined {
    /// A good token.
    Pass(Pass),
    /// Nobody else renews the token: this call has to.
    Turn(Turn),
    /// The renewal failed, for this call and for those that waited with it.
    Failed(IssuerError),
}

impl Joining {
    /// Looks whether there is a token, or a turn.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Joined> {
        let waker = cx.waker().clone();
        // Declared before the lock is taken, and so dropped after it.
        let _left;
        let mut state = self.renewable.0.lock();
        if let Some(pass) = state.pass(&self.need) {
            return Poll::Ready(Joined::Pass(pass));
        }
        if let Some(failure) = &state.failure
            && (failure.is_final() || state.ended != self.ended)
        {
            return Poll::Ready(Joined::Failed(failure.clone()));
        }
        if !state.taken {
            state.taken = true;
            return Poll::Ready(Joined::Turn(Turn { renewable: self.renewable.clone(), number: state.number }));
        }
        let place = self.place.unwrap_or_else(|| {
            state.last_waiting += 1;
            state.last_waiting
        });
        self.place = Some(place);
        _left = state.leave(place);
        state.waiting.push((place, waker));
        Poll::Pending
    }

    /// As [`poll`](Self::poll), and keeps the thread until then. `None` if that takes longer than `most`.
    pub fn wait(mut self, most: Duration) -> Option<Joined> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let start = Instant::now();
        loop {
            if let Poll::Ready(joined) = self.poll(&mut Context::from_waker(&waker)) {
                return Some(joined);
            }
            thread::park_timeout(most.checked_sub(start.elapsed()).filter(|left| !left.is_zero())?);
        }
    }
}

impl Drop for Joining {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            let left = self.renewable.0.lock().leave(place);
            drop(left);
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The turn to renew a token. Dropped, it goes to the next who waits.
///
/// **Invariant:** a turn changes nothing if the token was [replaced](Renewable::replace) since it was taken.
pub struct Turn {
    renewable: Renewable,
    /// Which token is to be renewed.
    number: u64,
}

impl Turn {
    pub(crate) fn request(&self) -> Result<Request<Bytes>, IssuerError> {
        self.renewable.0.renew.request()
    }

    /// Takes what came of the request: the new token is there for all, and the program has been told.
    ///
    /// The token is not due until then, so that a call which the program makes when it is told does not wait for this
    /// turn; and not at all if it comes with an end that is past, or it would be renewed for each call.
    pub(crate) fn accept(
        &self,
        result: Result<Response<Bytes>, TransportError>,
        now: Timestamp,
    ) -> Result<Pass, IssuerError> {
        let inner = &self.renewable.0;
        let fresh = inner.renew.accept(result?, now)?;
        let (due, pass) = {
            let mut state = inner.lock();
            let Some(Fresh { token, due }) = fresh.filter(|_| state.number == self.number) else {
                return Ok(state.any_pass());
            };
            state.replace(Fresh { token, due: None }, true);
            (due.filter(|due| *due > now), state.any_pass())
        };
        inner.renew.renewed();
        let mut state = inner.lock();
        if state.number == pass.number {
            state.fresh.due = due;
        }
        Ok(pass)
    }

    /// Ends the turn without a token, for all who wait.
    pub(crate) fn fail(self, error: IssuerError) {
        let mut state = self.renewable.0.lock();
        if state.number == self.number {
            state.ended += 1;
            state.failure = Some(error);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.renewable.0.lock();
            state.taken = false;
            state.let_go()
        };
        wake(waiting);
    }
}

/// Why an issuer of tokens gave none, or did not say what was asked. No text of it holds a secret.
#[derive(Debug, Clone)]
pub struct IssuerError(Arc<IssuerErrorKind>);

/// What went wrong with an issuer.
#[derive(Debug)]
#[non_exhaustive]
pub enum IssuerErrorKind {
    /// There is no refresh token: the user has to sign in again.
    NoRefreshToken,
    /// The request cannot be made, since an address or a value does not fit.
    Invalid,
    /// No answer came.
    Transport(TransportError),
    /// The issuer said no.
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The code in the body, such as `invalid_grant`, where there was one of letters and underscores.
        code: Option<String>,
        /// When to come back.
        retry_after: Option<Duration>,
    },
    /// The answer is not what it should be.
    Unreadable {
        /// The HTTP status.
        status: StatusCode,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl IssuerError {
    /// What went wrong.
    pub fn kind(&self) -> &IssuerErrorKind {
        &self.0
    }

    /// Whether asking again with the same refresh token is in vain: there is none, or the issuer said no, by 400, by 401 or
    /// by a code. Any other refusal may be somebody's on the way, such as a proxy's.
    pub fn is_final(&self) -> bool {
        match self.kind() {
            IssuerErrorKind::NoRefreshToken | IssuerErrorKind::Invalid => true,
            IssuerErrorKind::Refused { status, code, .. } => match status.as_u16() {
                400 | 401 => true,
                408 | 429 => false,
                _ => (status.is_client_error() || status.is_success()) && code.is_some(),
            },
            IssuerErrorKind::Transport(_) | IssuerErrorKind::Unreadable { .. } => false,
        }
    }

    /// Whether the same request may be sent again: certainly nothing was done with the refresh token, which may be good
    /// for one use only. How long the issuer wants to be left alone, if it says so.
    pub(crate) fn may_be_sent_again(&self) -> Option<Option<Duration>> {
        match self.kind() {
            IssuerErrorKind::Transport(error) if !error.was_sent() && error.kind().is_transient() => Some(None),
            IssuerErrorKind::Refused { status, retry_after: Some(wait), .. }
                if [429, 503].contains(&status.as_u16()) =>
            {
                Some(Some(*wait))
            }
            _ => None,
        }
    }
}

impl From<IssuerErrorKind> for IssuerError {
    fn from(kind: IssuerErrorKind) -> Self {
        Self(Arc::new(kind))
    }
}

impl From<TransportError> for IssuerError {
    fn from(error: TransportError) -> Self {
        IssuerErrorKind::Transport(error).into()
    }
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            IssuerErrorKind::NoRefreshToken => f.write_str("there is no refresh token"),
            IssuerErrorKind::Invalid => f.write_str("the request to the issuer cannot be made"),
            IssuerErrorKind::Transport(error) => write!(f, "the issuer did not answer: {error}"),
            IssuerErrorKind::Refused { status, code, .. } => {
                let code = code.as_deref().or(status.canonical_reason()).unwrap_or("without a reason");
                write!(f, "the issuer refused: {code} (HTTP status {})", status.as_u16())
            }
            IssuerErrorKind::Unreadable { status, problem } => {
                write!(f, "the issuer's answer (HTTP status {}) {problem}", status.as_u16())
            }
        }
    }
}

impl std::error::Error for IssuerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            IssuerErrorKind::Transport(error) => Some(error),
            _ => None,
        }
    }
}
