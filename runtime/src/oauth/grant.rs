//! What a program may do for a user: an access token, its end, and the refresh token for the next.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::App;
use super::fields::{Fields, wipe_body};
use crate::caller::Credentials;
use crate::renewal::{Fresh, IssuerError, IssuerErrorKind, MARGIN, Renew, Renewable, wake};
use crate::secret::{Secret, Token};

/// An access token, when it expires, and the refresh token that brings the next one.
///
/// To keep it, store [`to_json`](Self::to_json), or its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    access: Token,
    refresh: Option<Secret>,
    expires_at: Option<Timestamp>,
}

/// A text that is no grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidGrant;

impl Grant {
    /// A grant from its parts.
    pub fn new(access: Token, refresh: Option<Secret>, expires_at: Option<Timestamp>) -> Self {
        Self { access, refresh, expires_at }
    }

    /// The token that is sent with every call.
    pub fn access_token(&self) -> &Token {
        &self.access
    }

    /// The token that brings the next grant, if there is one. It may be good for one use only.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh.as_ref()
    }

    /// When the access token expires, if that is known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Reads the answer to [`App::trade_request`], which came `now`: `access_token`, and if they are there
    /// `refresh_token` and `expires_in`, a number of seconds as number or text.
    ///
    /// # Errors
    ///
    /// [`IssuerError`] if it is a refusal, or has no access token.
    pub fn read(answer: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let grant = Fields::of_answer(&answer).and_then(|fields| {
            let status = answer.status();
            let problem = "has no access token that fits into a header";
            Ok(Self::of(fields, Some(now)).ok_or(IssuerErrorKind::Unreadable { status, problem })?)
        });
        wipe_body(answer);
        grant
    }

    /// Reads the answer to [`App::refresh_request`] for this grant, which came `now`. Without another refresh token, this
    /// one stays.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn renewed(&self, answer: Response<Bytes>, now: Timestamp) -> Result<Self, IssuerError> {
        let mut grant = Self::read(answer, now)?;
        grant.refresh = grant.refresh.or_else(|| self.refresh.clone());
        Ok(grant)
    }

    fn of(mut fields: Fields, now: Option<Timestamp>) -> Option<Self> {
        let access = Token::try_from(fields.secret("access_token")?).ok()?;
        let after = |life: Duration| now?.checked_add(life).ok();
        let expires_at = fields.seconds("expires_in").and_then(after).or_else(|| fields.time("expires_at"));
        Some(Self { access, refresh: fields.secret("refresh_token"), expires_at })
    }

    /// The grant as text, to be stored: JSON with `access_token`, and if there are any, `refresh_token` and `expires_at`,
    /// such as `2009-03-29T12:30:00Z`.
    pub fn to_json(&self) -> Secret {
        let mut text = Text::with_room_for(self);
        text.member("access_token", self.access.expose());
        if let Some(refresh) = &self.refresh {
            text.member("refresh_token", refresh.expose());
        }
        if let Some(end) = self.expires_at {
            text.member("expires_at", &end.to_string());
        }
        text.0.push('}');
        Secret::new(text.0)
    }

    /// The grant from its text.
    ///
    /// # Errors
    ///
    /// [`InvalidGrant`] if the text is not one of [`to_json`](Self::to_json).
    pub fn from_json(text: &str) -> Result<Self, InvalidGrant> {
        Fields::read(text.as_bytes()).and_then(|fields| Self::of(fields, None)).ok_or(InvalidGrant)
    }

    /// The access token, and when it is due: a grant that cannot be renewed never is.
    fn fresh(&self, margin: Duration) -> Fresh {
        let end = self.expires_at.filter(|_| self.refresh.is_some());
        let due = end.map(|end| end.checked_sub(margin).unwrap_or(Timestamp::MIN));
        Fresh { token: self.access.clone(), due }
    }
}

/// A JSON object on its way, in one allocation, so that no copy of a secret is left behind.
struct Text(String);

impl Text {
    fn with_room_for(grant: &Grant) -> Self {
        let secrets = grant.access.expose().len() + grant.refresh.as_ref().map_or(0, |refresh| refresh.expose().len());
        // Every character of a secret may need six, as in `\u001f`.
        Self(String::with_capacity(128 + 6 * secrets))
    }

    fn member(&mut self, name: &str, value: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":\"");
        for character in value.chars() {
            match character {
                '"' | '\\' => self.0.extend(['\\', character]),
                '\0'..='\x1f' => self.0.push_str(&format!("\\u{:04x}", u32::from(character))),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }
}

impl fmt::Display for InvalidGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a grant is a JSON object with an `access_token` that fits into a header; this text is none")
    }
}

impl std::error::Error for InvalidGrant {}

/// A grant as credentials: everyone who calls with it, and every clone, shares it, and it is renewed when it expires or
/// is refused, once for all of them.
///
/// A renewal whose answer got lost is not sent again by the same call, since the refresh token may be used up; the next
/// call tries it. The same holds for a call that is dropped while it renews. Once the issuer has refused, every call
/// fails with an error that [`is_unauthorized`](crate::Error::is_unauthorized), until there is
/// [another grant](Self::replace).
#[derive(Clone)]
pub struct SharedGrant {
    renewable: Renewable,
    keeper: Arc<Keeper>,
}

type Hook = dyn Fn(&Grant) + Send + Sync;

/// The grant, and how it is renewed.
struct Keeper {
    app: App,
    kept: Mutex<Kept>,
    hook: Mutex<Option<Arc<Hook>>>,
}

struct Kept {
    grant: Grant,
    /// Whether the grant is still the one with which the issuer was asked last.
    asked: bool,
}

impl SharedGrant {
    /// A grant of a program.
    pub fn new(app: App, grant: Grant) -> Self {
        let fresh = grant.fresh(MARGIN);
        let kept = Mutex::new(Kept { grant, asked: false });
        let keeper = Arc::new(Keeper { app, kept, hook: Mutex::new(None) });
        Self { renewable: Renewable::new(fresh, Arc::clone(&keeper)), keeper }
    }

    /// Says what is done with each renewed grant, such as storing it: once for each renewal, before the calls that wait for
    /// it go on. There is one such hook for all who share the grant; another takes its place.
    ///
    /// It runs within the call that renewed, on its thread or task, while the others wait: it should not block for long.
    /// It may call the service itself.
    pub fn on_renewed(&self, hook: impl Fn(&Grant) + Send + Sync + 'static) {
        let old = lock(&self.keeper.hook).replace(Arc::new(hook));
        // What a hook holds is the program's, so it goes when no lock is held.
        drop(old);
    }

    /// The grant as it is now.
    pub fn grant(&self) -> Grant {
        lock(&self.keeper.kept).grant.clone()
    }

    /// Puts another grant in its place, for instance after the user has signed in again. The hook is not called.
    pub fn replace(&self, grant: Grant) {
        let fresh = grant.fresh(MARGIN);
        let waiting = {
            let mut kept = lock(&self.keeper.kept);
            *kept = Kept { grant, asked: false };
            // Under the lock, so that a renewal on its way finds both replaced or neither.
            self.renewable.replace_under_lock(fresh)
        };
        wake(waiting);
    }
}

/// What is locked is sound after every step, so another thread's panic is no reason to give up.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Renew for Arc<Keeper> {
    fn request(&self) -> Result<Request<Bytes>, IssuerError> {
        let mut kept = lock(&self.kept);
        kept.asked = true;
        self.app.refresh_request(&kept.grant)
    }

    fn accept(&self, answer: Response<Bytes>, now: Timestamp) -> Result<Option<Fresh>, IssuerError> {
        let mut kept = lock(&self.kept);
        if !kept.asked {
            return Ok(None);
        }
        let grant = kept.grant.renewed(answer, now)?;
        let life = grant.expires_at.and_then(|end| Duration::try_from(end.duration_since(now)).ok());
        let fresh = grant.fresh(life.map_or(MARGIN, |life| MARGIN.min(life / 2)));
        *kept = Kept { grant, asked: false };
        Ok(Some(fresh))
    }

    fn renewed(&self) {
        let hook = lock(&self.hook).clone();
        if let Some(hook) = hook {
            let grant = lock(&self.kept).grant.clone();
            hook(&grant);
        }
    }
}

impl From<SharedGrant> for Credentials {
    fn from(grant: SharedGrant) -> Self {
        Self::Renewable(grant.renewable)
    }
}

impl fmt::Debug for SharedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGrant").field("app", &self.keeper.app).field("grant", &self.grant()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake, Waker};

    use super::*;
    use crate::renewal::{Joined, Need};
    use crate::service::{Issuer, Service};

    /// Looks, when it is woken, whether both locks are free.
    struct Looks(SharedGrant, AtomicUsize);

    impl Wake for Looks {
        fn wake(self: Arc<Self>) {
            let free = self.0.keeper.kept.try_lock().is_ok() && self.0.renewable.is_free();
            self.1.fetch_add(usize::from(free), Ordering::SeqCst);
        }
    }

    fn expired(token: &str) -> Grant {
        Grant::new(Token::new(token).unwrap(), Some("r".into()), Some(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn no_lock_is_held_while_those_who_wait_are_woken() {
        let issuer = Some(Issuer { authorize: "https://a/", token: "https://a/", accounts: None });
        let service = Service { name: "notes", host: "https://a", issuer, styles: &[], operations: &[] };
        let app = App::new(&service, "id", "s", "https://b/", "Trip planner (jo@example.com)").unwrap();
        let grant = SharedGrant::new(app, expired("a"));
        let looks = Arc::new(Looks(grant.clone(), AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&looks));
        let mut cx = Context::from_waker(&waker);
        let mut joinings: Vec<_> =
            (0..3).map(|_| grant.renewable.join(Need::new(Timestamp::UNIX_EPOCH, None))).collect();
        let mut turn = joinings.iter_mut().map(|joining| joining.poll(&mut cx)).collect::<Vec<_>>();
        assert_eq!(turn.iter().filter(|joined| joined.is_pending()).count(), 2);
        grant.replace(expired("b"));
        assert_eq!(looks.1.load(Ordering::SeqCst), 2, "by another grant");
        assert!(joinings.iter_mut().skip(1).all(|joining| joining.poll(&mut cx).is_pending()));
        assert!(matches!(turn.remove(0), std::task::Poll::Ready(Joined::Turn(_))));
        assert_eq!(looks.1.load(Ordering::SeqCst), 4, "by the end of a turn");
    }
}
