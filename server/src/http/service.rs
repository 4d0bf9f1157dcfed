//! The HTTP service: handles a request, from its head to its response.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Instant;

use backpack_api::SERVICE;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::credentials::PresentedCredentials;
use backpack_api::runtime::http::request::Parts;
use backpack_api::runtime::http::uri::Scheme;
use backpack_api::runtime::http::{HeaderMap, Method, Request, Response, StatusCode};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::routing::{RouteError, RoutedRequest};
use backpack_api::runtime::service::RetryClass;
use backpack_api::runtime::{DecodeError, DecodeErrorKind, service};
use bytes::Bytes;
use hyper::body::Incoming;
use rusqlite::Connection;

use super::access_log::AccessLog;
use super::body::{BodyError, MALFORMED, discard_body, read_body, receive_body};
use super::chunked_body::{ChunkedBody, reserve_body};
use super::client_info::ClientInfo;
use super::conditional::omit_known_body;
use super::connection_limit::{ConnectionSlot, OutOfMemory};
use super::error_format::ErrorFormat;
use super::feed_queue::FeedQueue;
use super::formats::RequestBody;
use super::head_check::check_head;
use super::home_page;
use super::normalize::normalize_head;
use super::rate_limiter::{Permit, RateLimiter};
use super::received_request::ReceivedRequest;
use super::response::{add_status, build_text, complete_location, forbid_storage};
use super::scheme_policy::SchemePolicy;
use crate::account_host::{AccountHost, HostError};
use crate::api_error::ApiError;
use crate::config::{Limits, ServerConfig};
use crate::context::RequestContext;
use crate::feeds::{self, Feed};
use crate::store::Store;
use crate::time_zones::zone_or_utc;
use crate::tokens;
use crate::users::User;

/// Path of the health check.
const HEALTH_PATH: &str = "/up";

/// Methods of resources that are no operations.
const READ: [Method; 2] = [Method::GET, Method::HEAD];

/// State that all connections share.
pub(crate) struct Service {
    store: Arc<Store>,
    config: ServerConfig,
    rate_limiter: Arc<RateLimiter>,
    scheme_policy: SchemePolicy,
    pub(super) feed_queue: FeedQueue,
    /// Limits the warning about a misconfigured proxy to one, instead of one for each request.
    proxy_warning: Once,
}

impl Service {
    /// Creates a service that listens at these addresses.
    pub(crate) fn new(
        store: Arc<Store>,
        config: ServerConfig,
        http_address: SocketAddr,
        https_address: Option<SocketAddr>,
    ) -> Self {
        let scheme_policy = SchemePolicy::new(&config.listen, http_address, https_address);
        let (feed_queue, proxy_warning) = (FeedQueue::new(), Once::new());
        Self { store, config, rate_limiter: Arc::default(), scheme_policy, feed_queue, proxy_warning }
    }

    /// Current time.
    fn now(&self) -> Timestamp {
        (self.config.clock)()
    }

    /// Limits on requests and connections.
    pub(super) fn limits(&self) -> &Limits {
        &self.config.limits
    }

    /// `true` if a trusted proxy is in front of the server, so that all connections come from the proxy.
    pub(super) fn is_behind_proxy(&self) -> bool {
        self.config.listen.trust_proxy_headers
    }

    /// Responds to a request and writes an entry to the access log.
    pub(super) async fn respond(
        &self,
        request: Request<Incoming>,
        client: ClientInfo,
        slot: &Arc<ConnectionSlot>,
    ) -> Response<ChunkedBody> {
        let mut log = AccessLog::start(request.method().clone());
        if self.config.log_client_and_path {
            let client =
                if self.is_behind_proxy() { client.with_forwarding_headers(request.headers()) } else { client };
            log.add_details(client.address, request.uri().path());
        }
        let response = forbid_storage(add_status(self.handle(request, client, slot, &mut log).await));
        log.finish(response.status());
        response.map(|body| ChunkedBody::new(body, Arc::clone(slot)))
    }

    /// Receives a request, finds its account, and passes it to the health check, a feed or an operation.
    async fn handle(
        &self,
        request: Request<Incoming>,
        client: ClientInfo,
        slot: &Arc<ConnectionSlot>,
        log: &mut AccessLog,
    ) -> Response<Bytes> {
        let (mut parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
        normalize_head(&mut parts);
        let format = ErrorFormat::for_path(parts.uri.path());
        if let Err(error) = check_head(&parts) {
            discard_body(&parts, body, self.limits()).await;
            return error.build_response(format);
        }
        let received = receive_body(&parts, body, self.limits(), slot).await;
        // The reservation is kept until the response is ready, since the decoded request needs as much memory.
        let (body, _reservation) = match received.and_then(|(body, memory)| Ok((read_body(&parts, body)?, memory))) {
            Ok(received) => received,
            Err(error) => return format.build(error.status(), error.message()),
        };
        slot.set_processing();
        let path = parts.uri.path();
        if path == HEALTH_PATH {
            return self.check_health(&parts.method, format).await;
        }
        if path == home_page::PATH {
            return if parts.method == Method::GET {
                home_page::build()
            } else {
                format.build_method_not_allowed(&READ)
            };
        }
        // Targets such as `*`, which no operation has.
        if !path.starts_with('/') {
            return format.build(StatusCode::BAD_REQUEST, "Invalid path");
        }
        let client = self.apply_forwarding_headers(client, &parts.headers);
        if parts.uri.scheme() == Some(&Scheme::HTTPS) && !client.is_secure {
            return format.build(StatusCode::MISDIRECTED_REQUEST, "This connection is not secure");
        }
        let host = match AccountHost::from_request(&parts, target, &self.config.accounts, client.is_secure) {
            Ok(host) => host,
            Err(HostError::InvalidHost) => return format.build(StatusCode::BAD_REQUEST, "Invalid host"),
            Err(HostError::NoAccount) => return format.build_api_error(&ApiError::NoAccount),
        };
        log.account = Some(host.account.clone());
        if let Some(feed) = Feed::from_path(path) {
            log.operation = Some("feed");
            return self.serve_feed(feed, &parts, format, host, client, slot).await;
        }
        self.route(Request::from_parts(parts, body), format, host, client, slot, log).await
    }

    /// Applies the proxy's headers, if they are trusted, and warns once if the proxy does not set them.
    fn apply_forwarding_headers(&self, client: ClientInfo, headers: &HeaderMap) -> ClientInfo {
        if !self.is_behind_proxy() {
            return client;
        }
        if let Some(header) = ClientInfo::find_missing_header(headers) {
            let warn = || tracing::warn!(header, "the reverse proxy does not set a forwarding header");
            self.proxy_warning.call_once(warn);
        }
        client.with_forwarding_headers(headers)
    }

    /// Serves the health check: `200` if the database can be read, else the status of the error.
    async fn check_health(&self, method: &Method, format: ErrorFormat) -> Response<Bytes> {
        if method != Method::GET {
            return format.build_method_not_allowed(&READ);
        }
        match self.store.read(|db| Ok(db.query_row("SELECT 1", (), |_| Ok(()))?)).await {
            Ok(()) => build_text(StatusCode::OK, "up"),
            Err(error) => build_text(error.status(), error.message()),
        }
    }

    /// Serves a calendar file or a public page, which need no token. They count towards the API's most permissive rate
    /// limit.
    async fn serve_feed(
        &self,
        feed: Feed,
        head: &Parts,
        format: ErrorFormat,
        host: AccountHost,
        client: ClientInfo,
        slot: &Arc<ConnectionSlot>,
    ) -> Response<Bytes> {
        if head.method != Method::GET {
            let rejected = format.build_method_not_allowed(&READ);
            return self.respond_or_redirect(format, host, rejected).await;
        }
        let _permit = match self.acquire_permit(&host, client, find_most_permissive_limit()) {
            Ok(permit) => permit,
            Err(retry_after) => return format.build_too_many_requests(retry_after),
        };
        let scheme_policy = self.scheme_policy;
        let work = move |db: &Connection| match scheme_policy.redirect_to_scheme(db, &host)? {
            Some(redirect) => Ok(redirect),
            None => {
                let missing = || format.build(StatusCode::NOT_FOUND, feed.missing_message());
                Ok(feeds::respond(db, &host.account, &feed)?.unwrap_or_else(missing))
            }
        };
        slot.set_queued();
        let _feed_permit = self.feed_queue.acquire(client.network()).await;
        slot.set_processing();
        let result = self.store.read_long(reserve_response_memory(slot, work)).await;
        omit_known_body(&head.headers, result.unwrap_or_else(|error| format.build_api_error(&error)))
    }

    /// Finds the operation of a request, admits the request under the operation's rate limit, and runs it.
    async fn route(
        &self,
        request: Request<RequestBody>,
        format: ErrorFormat,
        host: AccountHost,
        client: ClientInfo,
        slot: &Arc<ConnectionSlot>,
        log: &mut AccessLog,
    ) -> Response<Bytes> {
        let mut request = ReceivedRequest::new(request);
        let routed = request.read();
        let operation = match &routed {
            Ok(routed) => routed.request.operation(),
            Err(RouteError::InvalidRequest { operation, .. }) => operation,
            Err(RouteError::MethodNotAllowed(methods)) => {
                return self.respond_or_redirect(format, host, format.build_method_not_allowed(methods)).await;
            }
            Err(_) => {
                let not_found = format.build_unknown_path();
                return self.respond_or_redirect(format, host, not_found).await;
            }
        };
        log.operation = Some(operation.name);
        let format = ErrorFormat::for_operation(operation);
        let permit = self.acquire_permit(&host, client, operation.rate_limit);
        let result = match (&permit, routed) {
            (Err(retry_after), _) => return format.build_too_many_requests(*retry_after),
            (Ok(_), Ok(RoutedRequest { request, credentials })) => {
                let is_long = is_long_read(&request);
                self.run_operation(host, operation, credentials, is_long, slot, |_, _| Ok(request)).await
            }
            (Ok(_), Err(RouteError::InvalidRequest { credentials, error, .. })) => {
                match request.check_old_times(error, self.now()) {
                    // The times depend on the time zone of the user, who is known only after authentication.
                    Ok(()) => {
                        let read =
                            move |user: &User, now| Ok(request.read_with_old_times(zone_or_utc(&user.time_zone), now)?);
                        self.run_operation(host, operation, credentials, false, slot, read).await
                    }
                    Err(error) => self.reject_request(format, host, credentials, &error).await,
                }
            }
            // Not reached: the other errors have returned above.
            (Ok(_), Err(_)) => Err(ApiError::NotFound),
        };
        result.unwrap_or_else(|error| format.build_api_error(&error))
    }

    /// Returns `response`, which does not depend on the account's data. If the request has to be redirected to the
    /// account's scheme, or the account does not exist, returns the redirect or the error instead.
    async fn respond_or_redirect(
        &self,
        format: ErrorFormat,
        host: AccountHost,
        response: Response<Bytes>,
    ) -> Response<Bytes> {
        let scheme_policy = self.scheme_policy;
        let read = self.store.read(move |db| Ok(scheme_policy.redirect_to_scheme(db, &host)?.unwrap_or(response)));
        read.await.unwrap_or_else(|error| format.build_api_error(&error))
    }

    /// Admits a request under a rate limit. Returns `None` if there is no limit, or limits are not enforced.
    ///
    /// # Errors
    ///
    /// Number of seconds to wait, for `Retry-After`, if the limit is reached.
    fn acquire_permit(
        &self,
        host: &AccountHost,
        client: ClientInfo,
        limit: Option<service::RateLimit>,
    ) -> Result<Option<Permit>, u64> {
        match limit {
            Some(limit) if self.limits().enforce_rate_limits => {
                self.rate_limiter.acquire(&host.account, client.network(), limit, Instant::now()).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Authenticates a request, reads its values with `read`, and runs its operation. A read-only operation runs on a
    /// read connection, on another thread if it may be long. Other operations run in a transaction on the writer
    /// thread. `read` gets the user and the time of the request.
    async fn run_operation(
        &self,
        host: AccountHost,
        operation: &'static service::Operation,
        credentials: Option<PresentedCredentials>,
        is_long: bool,
        slot: &Arc<ConnectionSlot>,
        read: impl FnOnce(&User, Timestamp) -> Result<AnyRequest, ApiError> + Send + 'static,
    ) -> Result<Response<Bytes>, ApiError> {
        let (scheme_policy, now) = (self.scheme_policy, self.now());
        let work = move |db: &Connection| {
            authenticate(scheme_policy, db, &host, credentials.as_ref(), |user| {
                let response = read(user, now)?.serve(&RequestContext { db, user, host: &host, now })?;
                Ok(complete_location(response, &host))
            })
        };
        let work = reserve_response_memory(slot, work);
        match operation.retry {
            RetryClass::ReadOnly if is_long => self.store.read_long(work).await,
            RetryClass::ReadOnly => self.store.read(work).await,
            _ => self.store.write(work).await,
        }
    }

    /// Rejects a request that cannot be decoded. A malformed request is reported to every client, since its token may
    /// be unreadable. A problem with a single value is reported to authenticated clients only.
    async fn reject_request(
        &self,
        format: ErrorFormat,
        host: AccountHost,
        credentials: Option<PresentedCredentials>,
        error: &DecodeError,
    ) -> Result<Response<Bytes>, ApiError> {
        let api_error = match error.kind() {
            DecodeErrorKind::Xml(problem) => return Ok(self.reject_malformed(format, host, &problem.kind()).await),
            DecodeErrorKind::NotUtf8 => return Ok(self.reject_malformed(format, host, &"it is not UTF-8").await),
            DecodeErrorKind::Unexpected(problem) => return Ok(self.reject_malformed(format, host, problem).await),
            _ => ApiError::from_decode_error(error),
        };
        let scheme_policy = self.scheme_policy;
        let reject =
            move |db: &Connection| authenticate(scheme_policy, db, &host, credentials.as_ref(), |_| Err(api_error));
        self.store.read(reject).await
    }

    /// Rejects a request that is not well-formed, with a message that names the problem.
    async fn reject_malformed(
        &self,
        format: ErrorFormat,
        host: AccountHost,
        problem: &(dyn Display + Sync),
    ) -> Response<Bytes> {
        let response = format.build(BodyError::Malformed.status(), &format!("{MALFORMED}: {problem}"));
        self.respond_or_redirect(format, host, response).await
    }
}

/// Extends `work` so that it reserves the memory of its response. If too little is left, the extended work fails, which
/// undoes its changes, and drops the response on the same thread. The number of threads therefore bounds the number of
/// responses without a reservation.
fn reserve_response_memory(
    slot: &Arc<ConnectionSlot>,
    work: impl FnOnce(&Connection) -> Result<Response<Bytes>, ApiError> + Send + 'static,
) -> impl FnOnce(&Connection) -> Result<Response<Bytes>, ApiError> + Send + 'static {
    let slot = Arc::clone(slot);
    move |db| {
        let (parts, body) = work(db)?.into_parts();
        let body = reserve_body(body, &slot).map_err(|OutOfMemory| ApiError::Overloaded)?;
        Ok(Response::from_parts(parts, body))
    }
}

/// Finds the API's rate limit with the most requests; `None` if the API has no limits. It applies to feeds, which are
/// not operations.
fn find_most_permissive_limit() -> Option<service::RateLimit> {
    SERVICE.operations.iter().filter_map(|operation| operation.rate_limit).max_by_key(|limit| limit.requests)
}

/// `true` if a read may scan all data of an account.
fn is_long_read(request: &AnyRequest) -> bool {
    matches!(request, AnyRequest::PagesSearch(_) | AnyRequest::UsersExport(_) | AnyRequest::LegacyExport(_))
}

/// Calls `respond` with the user of the presented token. If the request has to be redirected to the account's scheme,
/// returns the redirect instead.
///
/// # Errors
///
/// [`ApiError::NoAccount`] or [`ApiError::Forbidden`] if the account does not exist or the token is not valid for it;
/// or the error of `respond`.
fn authenticate(
    scheme_policy: SchemePolicy,
    db: &Connection,
    host: &AccountHost,
    credentials: Option<&PresentedCredentials>,
    respond: impl FnOnce(&User) -> Result<Response<Bytes>, ApiError>,
) -> Result<Response<Bytes>, ApiError> {
    match scheme_policy.redirect_to_scheme(db, host)? {
        Some(redirect) => Ok(redirect),
        None => respond(&tokens::authenticate(db, &host.account, credentials.map(PresentedCredentials::token))?),
    }
}
