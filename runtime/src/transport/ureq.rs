//! The blocking transport: ureq, with rustls and the certificates that browsers trust.
//!
//! ureq by itself follows redirects, takes proxies from the environment, adds headers, turns failing statuses into
//! errors and drops the sentence of the status line. All of that is switched off here, and the sentence is
//! overheard: [`Watch`] wraps each connection and notes the status line, and whether anything was sent.

use std::cell::RefCell;
use std::io::Read;
use std::time::Duration;

use ::ureq::config::{AutoHeaderValue, Config};
use ::ureq::unversioned::resolver::DefaultResolver;
use ::ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, RustlsConnector, TcpConnector, Transport as Connection,
};
use ::ureq::{Agent, AsSendBody, Body, Error};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Request, Response};

use super::wire::{KEEP_IDLE, is_tls, note_reason, prepare};
use super::{BlockingTransport, Settings, Timeout, TransportError, TransportErrorKind};

/// Sends requests over ureq, on the calling thread; connections are kept and used again.
///
/// Clones share their connections. Two things lie with the program that uses this: with the level `trace` of the `log`
/// crate switched on, ureq logs whole requests, tokens included; and if another crate turns on ureq's features
/// `cookies` or `gzip`, they work here too.
#[derive(Clone, Debug)]
pub struct UreqTransport {
    agent: Agent,
    settings: Settings,
}

impl UreqTransport {
    /// A transport with these limits and no connection yet.
    pub fn new(settings: &Settings) -> Self {
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default()).chain(Watching);
        Self {
            agent: Agent::with_parts(config(settings), connector, DefaultResolver::default()),
            settings: settings.clone(),
        }
    }

    fn run(&self, request: Request<Bytes>) -> Result<Response<Body>, Error> {
        let limit = Timeout::of(&request, self.settings.timeout);
        let (parts, body) = request.into_parts();
        if parts.headers.contains_key(CONTENT_LENGTH) {
            self.agent.run(self.within(limit, Request::from_parts(parts, &*body)))
        } else {
            self.agent.run(self.within(limit, Request::from_parts(parts, ())))
        }
    }

    /// The same request, which may take so long and no longer.
    fn within<B: AsSendBody>(&self, limit: Duration, request: Request<B>) -> Request<B> {
        self.agent.configure_request(request).timeout_global(Some(limit)).build()
    }

    /// The whole body: one byte more than the limit is enough to know that it is too long.
    fn read(&self, body: Body) -> Result<Bytes, TransportError> {
        let mut bytes = Vec::new();
        let mut reader = body.into_reader().take(self.settings.max_response.saturating_add(1));
        reader.read_to_end(&mut bytes).map_err(|error| unanswered(Error::from(error), true))?;
        if bytes.len() as u64 > self.settings.max_response {
            return Err(TransportError::new(TransportErrorKind::TooLarge));
        }
        Ok(bytes.into())
    }
}

impl BlockingTransport for UreqTransport {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = prepare(request)?;
        ATTEMPT.take();
        let result = self.run(request);
        let attempt = ATTEMPT.take();
        let (parts, body) = result.map_err(|error| unanswered(error, attempt.sent))?.into_parts();
        let mut response = Response::from_parts(parts, self.read(body)?);
        note_reason(&mut response, &attempt.sentence);
        Ok(response)
    }
}

pub(super) fn config(settings: &Settings) -> Config {
    Config::builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .user_agent(AutoHeaderValue::None)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        .allow_non_standard_methods(true)
        .max_idle_age(KEEP_IDLE)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_global(Some(settings.timeout))
        .build()
}

/// Why there is no answer. Some of ureq's texts hold the address or a header, so only harmless ones go along.
fn unanswered(error: Error, sent: bool) -> TransportError {
    let kind = kind(&error, sent);
    let result = TransportError::new(kind);
    let result = if sent { result } else { result.unsent() };
    match error {
        Error::Io(error) => result.with_source(error),
        Error::Rustls(error) => result.with_source(error),
        // What was understood of the answer, and so nothing of the request.
        Error::Protocol(error) if sent => result.with_source(error),
        Error::HostNotFound => result.with_source("the host's name is not known"),
        _ => result,
    }
}

fn kind(error: &Error, sent: bool) -> TransportErrorKind {
    match error {
        Error::Timeout(_) => TransportErrorKind::Timeout,
        Error::Protocol(_) | Error::LargeResponseHeader(..) if sent => TransportErrorKind::Protocol,
        _ if sent => TransportErrorKind::Broken,
        Error::Rustls(_) | Error::Tls(_) | Error::TlsRequired => TransportErrorKind::Tls,
        Error::Io(error) if is_tls(error) => TransportErrorKind::Tls,
        Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => TransportErrorKind::Connect,
        _ => TransportErrorKind::InvalidRequest,
    }
}

thread_local! {
    /// What happens to the request this thread is sending: ureq does all of that work on the calling thread, and has no
    /// other way from a connection to the answer that came over it.
    static ATTEMPT: RefCell<Attempt> = RefCell::default();
}

#[derive(Default)]
struct Attempt {
    /// Something of the request may have left.
    sent: bool,
    /// What stood in the status line after the code.
    sentence: Vec<u8>,
}

/// The last link in the chain of connectors: what goes through a [`Watch`] is no longer encrypted.
#[derive(Debug)]
struct Watching;

impl<In: Connection> Connector<In> for Watching {
    type Out = Watch<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, connection: Option<In>) -> Result<Option<Watch<In>>, Error> {
        Ok(connection.map(|connection| Watch { connection, awaits_status: false }))
    }
}

/// A connection that notes in [`ATTEMPT`] what goes over it.
#[derive(Debug)]
struct Watch<In> {
    connection: In,
    awaits_status: bool,
}

impl<In: Connection> Connection for Watch<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        if self.awaits_status
            && let Some(sentence) = final_sentence(self.connection.buffers().input())
        {
            self.awaits_status = false;
            ATTEMPT.with_borrow_mut(|attempt| attempt.sentence = sentence.to_vec());
        }
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.awaits_status = true;
        ATTEMPT.with_borrow_mut(|attempt| attempt.sent = true);
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.connection.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}

/// The sentence in a status line such as `HTTP/1.1 422 No such page`, once the line is whole and not a 1xx.
///
/// ureq takes an interim answer out of the buffer before it looks for the next, so that the line is always in front.
fn final_sentence(input: &[u8]) -> Option<&[u8]> {
    let line = input.split_inclusive(|&byte| byte == b'\n').next()?.strip_suffix(b"\n")?;
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (_version, code) = (words.next()?, words.next()?);
    (!code.starts_with(b"1")).then(|| words.next().unwrap_or_default())
}
