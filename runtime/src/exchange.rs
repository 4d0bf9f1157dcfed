//! The one place that decides what happens between a call and its result.
//!
//! An exchange does no I/O: it says what to do next, and is told what came of it. Today it sends one request and takes
//! one answer. Redirects, retries and pacing are more kinds of [`Step`] and [`Event`], decided here and nowhere else.

use bytes::Bytes;

use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::transport::TransportError;

/// A call on its way to a result.
pub struct Exchange<'c, E> {
    caller: &'c Caller,
    endpoint: &'c E,
}

/// What happened.
pub enum Event {
    /// The call begins.
    Begin,
    /// The transport is done.
    Sent(Result<http::Response<Bytes>, TransportError>),
}

/// What to do next.
#[expect(clippy::large_enum_variant, reason = "it is matched at once, and never kept")]
pub enum Step<R> {
    /// Send a request, and tell what came of it.
    Send(http::Request<Bytes>),
    /// Nothing more: this is the result.
    Done(Result<R, Error>),
}

impl<'c, E: Endpoint> Exchange<'c, E> {
    /// A call of an endpoint.
    pub fn new(caller: &'c Caller, endpoint: &'c E) -> Self {
        Self { caller, endpoint }
    }

    /// What to do after an event.
    pub fn next(&mut self, event: Event) -> Step<E::Response> {
        match event {
            Event::Begin => match self.endpoint.to_request(self.caller) {
                Ok(request) => Step::Send(request),
                Err(error) => Step::Done(Err(error)),
            },
            Event::Sent(Ok(response)) => Step::Done(E::from_response(&response)),
            Event::Sent(Err(error)) => Step::Done(Err(Error::new(E::OPERATION, ErrorKind::Transport(error)))),
        }
    }
}
