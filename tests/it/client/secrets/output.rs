//! Everything that a program can show: the log, and the `Debug` and `Display` output of values and errors.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Mutex, PoisonError};

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::issuer_error::IssuerError;
use backpack_api::{Error, FullResponse};
use bytes::Bytes;
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything logged so far, by any library at any level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Appends to [`LOG`].
struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Captures everything from `tracing` and from `log`, from all threads. It can be called only once in a process.
pub(super) fn capture_log() {
    let everything = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    everything.with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(|| LogWriter).init();
}

/// Returns everything logged so far.
pub(super) fn captured_log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

/// Collected output of calls.
#[derive(Default)]
pub(super) struct Output {
    /// Everything that the calls can show, except for the log.
    pub(super) text: String,
    /// Kinds of the results: `Success`, or the kind of the error.
    pub(super) kinds: BTreeSet<String>,
    /// Bytes that the server behind the redirects received: one entry for each connection.
    pub(super) redirected: Vec<Vec<u8>>,
}

impl Output {
    /// Adds both forms of the `Debug` output of a value.
    pub(super) fn add_debug(&mut self, value: &impl Debug) {
        writeln!(self.text, "{value:?}\n{value:#?}").expect("writing to a string should not fail");
    }

    /// Adds the `Display` and `Debug` output of an error and of its sources.
    fn add_error(&mut self, error: &(dyn std::error::Error + 'static)) {
        writeln!(self.text, "{error}\n{error:#}").expect("writing to a string should not fail");
        self.add_debug(&error);
        if let Some(cause) = error.source() {
            self.add_error(cause);
        }
    }

    /// Adds the result of a request to the issuer.
    pub(super) fn add_issuer_result<R: Debug>(&mut self, result: &Result<R, IssuerError>) {
        self.add_debug(result);
        if let Err(error) = result {
            self.add_error(error);
        }
    }

    /// Adds the result of a call, and its kind.
    pub(super) fn add_result<R: Debug>(&mut self, result: &Result<FullResponse<R>, Error>) {
        self.add_debug(result);
        let kind = match result {
            Ok(_) => "Success".to_owned(),
            Err(error) => {
                self.add_error(error);
                self.add_debug(&error.attempts());
                writeln!(self.text, "{:?}", error.message()).expect("writing to a string should not fail");
                match error.kind() {
                    ErrorKind::Transport(error) => format!("{:?}", error.kind()),
                    kind => format!("{kind:?}").split('(').next().unwrap_or_default().to_owned(),
                }
            }
        };
        self.kinds.insert(kind);
    }

    /// Adds the output of a server that reads a request with the canary, once complete and once with half of its body.
    pub(super) fn add_server_output(&mut self, request: &Request<Bytes>) {
        self.add_debug(&AnyRequest::read(request));
        let half = request.body().slice(..request.body().len() / 2);
        let truncated = request.clone().map(|_| half);
        if let Err(error) = AnyRequest::read(&truncated) {
            self.add_error(&error);
        }
    }
}
