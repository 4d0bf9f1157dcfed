//! A token that expires, on the way of a call: renewed before it is sent if its end is near, and after its refusal.
//!
//! | what happens | what the call does |
//! |---|---|
//! | the token's end is near | joins those who renew it, and then takes its place in the rate |
//! | the service refuses the token: 401, or a redirect to where people sign in | the same, and sends again, once: what was asked did not run |
//! | it refuses a token that was renewed and never taken | an error |
//! | the issuer says no | an error, for this call and all others until the program has another grant |
//! | nothing was sent to the issuer, or it says when to come back | asked again, as often and as long as the options say |
//! | anything else comes of the renewal | an error, for this call and those that waited with it: the refresh token may be used up, so the same call does not send it twice |

use super::*;
use crate::caller::Credentials;
use crate::renewal::{IssuerError, Joined, Need, Pass, Renewable, Turn};

/// What a call knows of its token.
#[derive(Default)]
pub(super) struct Renewing {
    /// The token for the next request.
    pass: Option<Pass>,
    /// The token that was refused.
    refused: Option<Pass>,
    /// The turn, while this call renews.
    turn: Option<Turn>,
    /// How often the issuer was asked.
    asked: u32,
}

impl Renewing {
    /// Whether what happens next is about the renewal.
    pub(super) fn has_turn(&self) -> bool {
        self.turn.is_some()
    }
}

impl<E: Endpoint> Exchange<'_, E> {
    /// Sees to it that the token is good, if it is one that is renewed.
    pub(super) fn prepare(&mut self, now: Instant) -> Step<E::Response> {
        let Some(renewable) = self.renewable() else { return self.pace(now) };
        let need = Need::new(self.date(now), self.renewing.refused.as_ref());
        match renewable.pass(&need) {
            Some(pass) => self.go_on(pass, now),
            None => match self.left(now) {
                Some(left) => Step::Join(renewable.join(need), left),
                None => self.out_of_time(),
            },
        }
    }

    /// Goes on after joining: `None` if that took too long.
    pub(super) fn joined(&mut self, joined: Option<Joined>, now: Instant) -> Step<E::Response> {
        match joined {
            Some(Joined::Pass(pass)) => self.go_on(pass, now),
            Some(Joined::Turn(turn)) => {
                self.renewing.turn = Some(turn);
                self.renew(now)
            }
            Some(Joined::Failed(error)) => self.not_renewed(error),
            None => self.out_of_time(),
        }
    }

    /// Asks the issuer.
    pub(super) fn renew(&mut self, now: Instant) -> Step<E::Response> {
        let Some(turn) = self.renewing.turn.take() else { return self.prepare(now) };
        let Some(left) = self.left(now) else { return self.out_of_time() };
        match turn.request() {
            Ok(request) => {
                self.renewing.turn = Some(turn);
                self.renewing.asked += 1;
                Step::Send(request, left)
            }
            Err(error) => {
                turn.fail(error.clone());
                self.not_renewed(error)
            }
        }
    }

    /// Takes the issuer's answer.
    pub(super) fn renewed(
        &mut self,
        result: Result<Response<Bytes>, TransportError>,
        now: Instant,
    ) -> Step<E::Response> {
        let Some(turn) = self.renewing.turn.take() else { return self.prepare(now) };
        let accepted = turn.accept(result, self.date(now));
        self.span.renewal(self.renewing.asked, accepted.as_ref().err());
        match accepted {
            Ok(pass) => {
                drop(turn);
                self.go_on(pass, now)
            }
            Err(error) => match self.ask_again_after(&error, now) {
                Some(wait) => {
                    self.renewing.turn = Some(turn);
                    Step::Wait(wait)
                }
                None => {
                    turn.fail(error.clone());
                    self.not_renewed(error)
                }
            },
        }
    }

    /// How long to wait before the issuer is asked again, if it may be, and if attempts, time and budget allow it.
    fn ask_again_after(&mut self, error: &IssuerError, now: Instant) -> Option<Duration> {
        let asked = self.renewing.asked;
        let wait = match error.may_be_sent_again()? {
            None => self.chance.up_to(self.options.backoff_after(asked)),
            Some(wait) => wait,
        };
        let allowed = asked < self.options.attempts && wait <= self.options.longest_wait && self.in_time(wait, now);
        (allowed && lock(&self.shared.budget).spend()).then_some(wait)
    }

    fn go_on(&mut self, pass: Pass, now: Instant) -> Step<E::Response> {
        self.renewing.pass = Some(pass);
        self.pace(now)
    }

    fn not_renewed(&mut self, error: IssuerError) -> Step<E::Response> {
        self.give_up(Error::new(E::OPERATION, ErrorKind::Renewal(error)))
    }

    /// The caller for the next request, with the token that it should bring.
    pub(super) fn sender(&self) -> Arc<Caller> {
        match &self.renewing.pass {
            Some(pass) => Arc::new(self.caller.with_bearer(pass.token.clone())),
            None => Arc::clone(&self.caller),
        }
    }

    /// An error that an answer brought, in which nobody reads the token that was sent. Not the token as it is now: that
    /// may have been renewed since.
    pub(super) fn without_token(&self, error: Error) -> Error {
        match &self.renewing.pass {
            Some(pass) => error.without(&pass.token),
            None => error.without(&self.caller.credentials().token()),
        }
    }

    /// Whether another token may help after a failure: it was the token that was refused, for the first time.
    pub(super) fn may_renew_after(&mut self, error: &Error) -> bool {
        let (Some(renewable), Some(pass)) = (self.renewable(), self.renewing.pass.take()) else { return false };
        if !error.is_token_refused() {
            if error.is_from_inside() {
                renewable.was_taken(&pass);
            }
            return false;
        }
        let may = self.renewing.refused.is_none() && renewable.may_help(&pass);
        self.renewing.refused = Some(pass);
        may
    }

    /// Notes that the service took the token.
    pub(super) fn token_was_taken(&self) {
        if let (Some(renewable), Some(pass)) = (self.renewable(), &self.renewing.pass) {
            renewable.was_taken(pass);
        }
    }

    fn renewable(&self) -> Option<Renewable> {
        match self.caller.credentials() {
            Credentials::Renewable(renewable) => Some(renewable.clone()),
            _ => None,
        }
    }

    /// The date, by the clock that has run since the call began.
    fn date(&self, now: Instant) -> Timestamp {
        let Some((instant, date)) = self.began else { return Timestamp::MIN };
        date.checked_add(now.saturating_duration_since(instant)).unwrap_or(Timestamp::MAX)
    }
}
