//! Connections, and each request from its bytes to its answer.
//!
//! - [`connection`]: takes connections, and drops those that are too slow.
//! - [`places`]: how many connections there may be, and which one goes when there are too many.
//! - [`stream`]: answers that a client does not take in time.
//! - [`tls`]: the certificate.
//! - [`host`]: which account a request is for, and how it came here.
//! - [`schemes`]: how it should have come.
//! - [`normal`], [`formats`]: what old clients send, brought into the one form that is read.
//! - [`rates`]: how many requests a client may send.
//! - [`answer`]: failures in the form of the operation's style, and what every answer has.

mod answer;
mod connection;
mod formats;
mod host;
mod normal;
mod places;
mod rates;
mod schemes;
mod stream;
mod tls;

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Instant;

use backpack_api::SERVICE;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::caller::Presented;
use backpack_api::runtime::http::header::EXPECT;
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::{HeaderMap, Method, Request, Response, StatusCode};
use backpack_api::runtime::incoming::{Routed, Unroutable};
use backpack_api::runtime::read::{Problem, ReadError};
use backpack_api::runtime::scalar::Invalid;
use backpack_api::runtime::service::{Limit, Retry};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use rusqlite::Connection;
use tokio::time::timeout_at;

use crate::call::Call;
use crate::feeds::{self, Feed};
use crate::people::User;
use crate::{Refusal, Settings, Store};
use answer::{Form, failure};
pub(crate) use connection::listen;
use formats::RequestBody;
pub(crate) use host::Host;
use host::{Nowhere, Peer};
use places::Place;
use rates::{Pass, Rates};
use schemes::Schemes;
use stream::Pieces;
pub(crate) use tls::acceptor;

/// What all connections share.
pub(crate) struct Service {
    store: Arc<Store>,
    settings: Settings,
    rates: Arc<Rates>,
    schemes: Schemes,
    /// Whether the proxy was found to say nothing.
    silent_proxy: Once,
}

/// What the log says about a request: nothing of its path, query, headers or body, where a token may be.
#[derive(Default)]
struct Record {
    account: Option<String>,
    operation: Option<&'static str>,
}

/// Why a body could not be taken.
type Unusable = (StatusCode, &'static str);

impl Service {
    pub(crate) fn new(store: Arc<Store>, settings: Settings, plain: SocketAddr, secure: Option<SocketAddr>) -> Self {
        let schemes = Schemes::new(&settings, plain, secure);
        Self { store, settings, rates: Arc::default(), schemes, silent_proxy: Once::new() }
    }

    /// The answer to a request, whatever it is.
    async fn answer(&self, request: Request<Incoming>, peer: Peer, place: &Place) -> Response<Pieces> {
        let begun = Instant::now();
        let method = request.method().clone();
        let mut record = Record::default();
        let response = answer::finished(self.respond(request, peer, place, &mut record).await);
        tracing::info!(
            %method,
            operation = record.operation,
            account = record.account,
            status = response.status().as_u16(),
            microseconds = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        response.map(Pieces)
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        peer: Peer,
        place: &Place,
        record: &mut Record,
    ) -> Response<Bytes> {
        let (mut parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        normal::head(&mut parts);
        let form = Form::at(parts.uri.path());
        let body = match self.body(&parts, body).await {
            Ok(body) => body,
            Err((status, sentence)) => return failure(form, status, sentence),
        };
        place.working();
        match parts.uri.path() {
            "/up" if parts.method != Method::GET => {
                return answer::wrong_method(form, &[Method::GET, Method::HEAD]);
            }
            "/up" => return self.health().await,
            path if !path.starts_with('/') => {
                return failure(form, StatusCode::BAD_REQUEST, "This is no path");
            }
            _ => {}
        }
        let peer = if self.settings.behind_proxy { self.behind_proxy(peer, &parts.headers) } else { peer };
        let host = match Host::of(&parts, target, &self.settings, peer.secure) {
            Ok(host) => host,
            Err(Nowhere::Garbage) => return failure(form, StatusCode::BAD_REQUEST, "This is no host"),
            Err(Nowhere::NoAccount) => {
                return answer::refusal(form, &Refusal::NoAccount);
            }
        };
        record.account = Some(host.account.clone());
        if let Some(feed) = Feed::from_path(parts.uri.path()) {
            record.operation = Some("feed");
            return self.feed(feed, &parts.method, form, host, peer).await;
        }
        self.operate(Request::from_parts(parts, body), form, host, peer, record).await
    }

    /// Where a request came from, by what the proxy says.
    fn behind_proxy(&self, peer: Peer, headers: &HeaderMap) -> Peer {
        if let Some(missing) = Peer::unsaid(headers) {
            let warn =
                || tracing::warn!(header = missing, "the proxy should say where requests come from, and does not");
            self.silent_proxy.call_once(warn);
        }
        peer.behind_proxy(headers)
    }

    /// The whole body, as XML or as a tree.
    async fn body(&self, parts: &Parts, mut body: Incoming) -> Result<RequestBody, Unusable> {
        const TOO_LARGE: Unusable = (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large");
        let most = self.settings.max_request;
        if body.size_hint().lower() > most as u64 && parts.headers.contains_key(EXPECT) {
            return Err(TOO_LARGE);
        }
        let deadline = tokio::time::Instant::now() + self.settings.body_timeout;
        let whole = match timeout_at(deadline, Limited::new(&mut body, most).collect()).await {
            Ok(Ok(whole)) => whole.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                // Who is still sending does not see an answer before the end.
                let rest = async { while body.frame().await.is_some_and(|frame| frame.is_ok()) {} };
                let _ = timeout_at(deadline, rest).await;
                return Err(TOO_LARGE);
            }
            Ok(Err(_)) => return Err((StatusCode::BAD_REQUEST, "The request broke off")),
            Err(_) => return Err((StatusCode::REQUEST_TIMEOUT, "The request took too long")),
        };
        normal::body(parts, whole).map_err(|_| MALFORMED)
    }

    /// What anybody may read.
    async fn feed(&self, feed: Feed, method: &Method, form: Form, host: Host, peer: Peer) -> Response<Bytes> {
        if method != Method::GET {
            return self.without_work(form, host, answer::wrong_method(form, &[Method::GET])).await;
        }
        let _pass = match self.enter(&host, peer, widest()) {
            Ok(pass) => pass,
            Err(seconds) => return answer::too_many(form, seconds),
        };
        let schemes = self.schemes;
        let work = move |db: &Connection| match schemes.elsewhere(db, &host)? {
            Some(elsewhere) => Ok(elsewhere),
            None => feeds::respond(db, &host.account, &feed)?.ok_or(Refusal::NotFound),
        };
        self.store.read_long(work).await.unwrap_or_else(|refusal| answer::refusal(form, &refusal))
    }

    async fn operate(
        &self,
        request: Request<RequestBody>,
        form: Form,
        host: Host,
        peer: Peer,
        record: &mut Record,
    ) -> Response<Bytes> {
        let routed = route(request);
        let operation = match &routed {
            Ok(routed) => routed.request.operation(),
            Err(Unroutable::Unreadable { operation, .. }) => operation,
            Err(Unroutable::WrongMethod(methods)) => {
                return self.without_work(form, host, answer::wrong_method(form, methods)).await;
            }
            Err(_) => {
                let nothing = failure(form, StatusCode::NOT_FOUND, "There is nothing at this address");
                return self.without_work(form, host, nothing).await;
            }
        };
        record.operation = Some(operation.name);
        let form = Form::of(operation);
        let pass = self.enter(&host, peer, operation.limit);
        let result = match (&pass, routed) {
            (Err(seconds), _) => return answer::too_many(form, *seconds),
            (Ok(_), Ok(routed)) => self.serve(host, routed).await,
            (Ok(_), Err(Unroutable::Unreadable { presented, error, .. })) => {
                self.unreadable(form, host, presented, &error).await
            }
            (Ok(_), Err(_)) => Err(Refusal::NotFound),
        };
        result.unwrap_or_else(|refusal| answer::refusal(form, &refusal))
    }

    /// An answer that is the same whatever the storage holds, where the account is reached.
    async fn without_work(&self, form: Form, host: Host, answer: Response<Bytes>) -> Response<Bytes> {
        let schemes = self.schemes;
        let read = self.store.read(move |db| Ok(schemes.elsewhere(db, &host)?.unwrap_or(answer)));
        read.await.unwrap_or_else(|refusal| answer::refusal(form, &refusal))
    }

    /// Lets a request in, under a rate if there is one.
    ///
    /// # Errors
    ///
    /// In how many seconds there is room again.
    fn enter(&self, host: &Host, peer: Peer, limit: Option<Limit>) -> Result<Option<Pass>, u64> {
        let limit = limit.filter(|_| self.settings.rate_limits);
        limit.map(|limit| self.rates.enter(&host.account, peer.address, limit, Instant::now())).transpose()
    }

    /// Lets the operation do its work, on the side of the storage where it belongs.
    async fn serve(&self, host: Host, routed: Routed<AnyRequest>) -> Result<Response<Bytes>, Refusal> {
        let operation = routed.request.operation();
        let long = is_long(&routed.request);
        let (schemes, now) = (self.schemes, (self.settings.clock)());
        let work = move |db: &Connection| {
            for_caller(schemes, db, &host, routed.presented.as_ref(), |me| {
                Ok(answer::located(routed.request.serve(&Call { db, me, host: &host, now })?, &host))
            })
        };
        match operation.retry {
            Retry::Read if long => self.store.read_long(work).await,
            Retry::Read => self.store.read(work).await,
            _ => self.store.write(work).await,
        }
    }

    /// What is said about a request that cannot be read: it is no document, or one of too many values; or, to who may
    /// know, a value in it is wrong or missing, or is the number of nothing.
    async fn unreadable(
        &self,
        form: Form,
        host: Host,
        presented: Option<Presented>,
        error: &ReadError,
    ) -> Result<Response<Bytes>, Refusal> {
        let refusal = match error.problem() {
            Problem::Xml(problem) => return Ok(self.malformed(form, host, &problem.kind()).await),
            Problem::NotUtf8 => return Ok(self.malformed(form, host, &"it is not UTF-8").await),
            Problem::Unexpected(what) => return Ok(self.malformed(form, host, what).await),
            Problem::Invalid(Invalid::TOO_LARGE) => Refusal::NotFound,
            _ => Refusal::Unreadable(error.to_string()),
        };
        let schemes = self.schemes;
        let refuse = move |db: &Connection| for_caller(schemes, db, &host, presented.as_ref(), |_| Err(refusal));
        self.store.read(refuse).await
    }

    async fn malformed(&self, form: Form, host: Host, why: &(dyn Display + Sync)) -> Response<Bytes> {
        let answer = failure(form, MALFORMED.0, &format!("{}: {why}", MALFORMED.1));
        self.without_work(form, host, answer).await
    }

    async fn health(&self) -> Response<Bytes> {
        match self.store.read(|db| Ok(db.query_row("SELECT 1", (), |_| Ok(()))?)).await {
            Ok(()) => answer::plain(StatusCode::OK, "up"),
            Err(refusal) => answer::plain(refusal.status(), refusal.message()),
        }
    }
}

const MALFORMED: Unusable = (StatusCode::BAD_REQUEST, "The request is not well-formed");

/// The rate that allows most: that of what no operation is.
fn widest() -> Option<Limit> {
    SERVICE.operations.iter().filter_map(|operation| operation.limit).max_by_key(|limit| limit.requests)
}

/// Whether a request may read all that an account has.
fn is_long(request: &AnyRequest) -> bool {
    matches!(request, AnyRequest::PagesSearch(_) | AnyRequest::UsersExport(_) | AnyRequest::LegacyExport(_))
}

/// Finds the operation of a request and reads the request.
fn route(request: Request<RequestBody>) -> Result<Routed<AnyRequest>, Unroutable> {
    let (parts, body) = request.into_parts();
    match body {
        RequestBody::Xml(document) => route_either_path(Request::from_parts(parts, document), AnyRequest::read),
        RequestBody::Tree(tree) => route_either_path(Request::from_parts(parts, tree), AnyRequest::read_tree),
    }
}

/// Tries the path as it is documented, then as a `Location` has it.
fn route_either_path<B>(
    mut request: Request<B>,
    read: impl Fn(&Request<B>) -> Result<Routed<AnyRequest>, Unroutable>,
) -> Result<Routed<AnyRequest>, Unroutable> {
    let result = read(&request);
    if !matches!(result, Err(Unroutable::NotFound)) {
        return result;
    }
    *request.uri_mut() = normal::spelled_out(request.uri()).ok_or(Unroutable::NotFound)?;
    read(&request)
}

/// An answer for who presents a token of the account, where the account is reached.
fn for_caller(
    schemes: Schemes,
    db: &Connection,
    host: &Host,
    presented: Option<&Presented>,
    answer: impl FnOnce(&User) -> Result<Response<Bytes>, Refusal>,
) -> Result<Response<Bytes>, Refusal> {
    match schemes.elsewhere(db, host)? {
        Some(elsewhere) => Ok(elsewhere),
        None => answer(&User::of_token(db, &host.account, presented.map(Presented::token))?),
    }
}
