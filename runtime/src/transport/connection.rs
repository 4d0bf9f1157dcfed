//! HTTP/1 connections over hyper, and their origins.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::hyper::body::{Body, Frame, Incoming};
use ::hyper::client::conn::TrySendError;
use ::hyper::client::conn::http1::{self, SendRequest};
use bytes::Bytes;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use tokio::runtime::{Handle, Id};
use tokio::task::unconstrained;
use tower_service::Service;

use super::connector::{Connector, is_tls_error};
use super::error::{TransportError, TransportErrorKind};

/// Scheme, host and port of a URL. A connection to one origin is never used for another. An explicit default port makes
/// another origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// Returns the origin of an absolute URL; `None` for a relative one.
    pub(super) fn of(url: &Uri) -> Option<Self> {
        Some(Self { scheme: url.scheme()?.clone(), authority: url.authority()?.clone() })
    }

    /// Returns the value of the `Host` header, without the default port of the scheme.
    fn host_header(&self) -> Result<HeaderValue, http::Error> {
        let default_port = if self.scheme == Scheme::HTTPS { 443 } else { 80 };
        let host = match self.authority.port_u16() {
            Some(port) if port == default_port => self.authority.host(),
            _ => self.authority.as_str(),
        };
        Ok(HeaderValue::from_str(host)?)
    }

    /// Returns the URL to which the connector connects.
    fn url(&self) -> Result<Uri, http::Error> {
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query("/").build()
    }
}

/// A connection, for one request at a time.
///
/// The task that waits for the response polls the connection itself; there is no background task. So a request never
/// passes between tasks, a dropped request ends at once, and the next request notices if the connection was closed
/// while it was idle.
pub(super) struct Connection {
    origin: Origin,
    /// Value of the `Host` header.
    host: HeaderValue,
    sender: SendRequest<Full<Bytes>>,
    /// `None` once the connection is closed.
    http1: Option<Box<Http1Connection>>,
    /// Runtime to which the socket is registered. In another runtime, no task would be woken.
    runtime: Id,
}

/// Future that moves the bytes of one connection.
type Http1Connection = http1::Connection<<Connector as Service<Uri>>::Response, Full<Bytes>>;

impl Connection {
    /// Establishes a connection on the current runtime. No part of a request is sent before an error.
    pub(super) async fn open(mut connector: Connector, origin: Origin) -> Result<Self, TransportError> {
        let invalid = |error| connect_error(TransportErrorKind::InvalidRequest, error);
        let (url, host) = origin.url().and_then(|url| Ok((url, origin.host_header()?))).map_err(invalid)?;
        let not_connected = |error: Box<dyn StdError + Send + Sync>| {
            let kind = if is_tls_error(&*error) { TransportErrorKind::Tls } else { TransportErrorKind::Connect };
            connect_error(kind, error)
        };
        poll_fn(|cx| connector.poll_ready(cx)).await.map_err(not_connected)?;
        let stream = connector.call(url).await.map_err(not_connected)?;
        let (sender, http1) =
            http1::handshake(stream).await.map_err(|error| connect_error(TransportErrorKind::Connect, error))?;
        Ok(Self { origin, host, sender, http1: Some(Box::new(http1)), runtime: Handle::current().id() })
    }

    /// Returns the runtime to which the connection belongs.
    pub(super) fn runtime(&self) -> Id {
        self.runtime
    }

    /// `true` if the connection can serve a request to this origin on this runtime.
    pub(super) fn serves(&self, origin: &Origin, runtime: Id) -> bool {
        self.origin == *origin && self.runtime == runtime
    }

    /// Sends a request and returns the head of the response. If the error contains the request, no part of it was sent.
    pub(super) fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Full<Bytes>>>>> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        // Polled without tokio's budget: a future that runs out of budget asks to be woken, but this future has no
        // waker.
        let mut head = Box::pin(unconstrained(self.sender.try_send_request(request)));
        poll_fn(move |cx| {
            self.poll_io(cx);
            head.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
    }

    /// Wraps the body of the response, so that it polls the connection. It must be read before the next request.
    pub(super) fn receive(&mut self, body: Incoming) -> ResponseBody<'_> {
        ResponseBody { body, connection: self }
    }

    /// `true` if the connection can take another request. Polls the connection only if hyper does not already know.
    pub(super) fn can_reuse(&mut self) -> bool {
        self.sender.is_ready() || self.is_ready()
    }

    /// `true` if the connection can take another request. Polls the connection first, and so notices if the peer has
    /// closed it.
    pub(super) fn is_ready(&mut self) -> bool {
        self.poll_io(&mut Context::from_waker(Waker::noop()));
        self.sender.is_ready()
    }

    /// Moves bytes in both directions. All other futures here make progress only through this one, so only this one
    /// needs a waker.
    fn poll_io(&mut self, cx: &mut Context<'_>) {
        if self.http1.as_mut().is_some_and(|http1| Pin::new(http1).poll(cx).is_ready()) {
            // Dropping it makes the future of the response return a request that was not sent.
            self.http1 = None;
        }
    }
}

/// Body of a response, which polls its connection while it is read.
pub(super) struct ResponseBody<'c> {
    body: Incoming,
    connection: &'c mut Connection,
}

impl Body for ResponseBody<'_> {
    type Data = Bytes;
    type Error = ::hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ::hyper::Error>>> {
        let Self { body, connection } = self.get_mut();
        let mut poll_body = || Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(frame) = poll_body() {
            return Poll::Ready(frame);
        }
        connection.poll_io(cx);
        poll_body()
    }
}

/// Creates the error for a failed connection: no part of the request was sent.
fn connect_error(kind: TransportErrorKind, error: impl Into<Box<dyn StdError + Send + Sync>>) -> TransportError {
    TransportError::new(kind).with_source(error).unsent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_omits_the_default_port() {
        let host = |url: &str| Origin::of(&url.parse().unwrap()).unwrap().host_header().unwrap();
        assert_eq!(host("http://acme.example.com:80/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:443/a"), "acme.example.com");
        assert_eq!(host("https://acme.example.com:80/a"), "acme.example.com:80");
        assert_eq!(host("http://[::1]:3000/a"), "[::1]:3000");
    }
}
