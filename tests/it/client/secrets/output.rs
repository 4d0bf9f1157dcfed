//! Everything that a program can show: the log, and the `Debug` and `Display` output of values and errors.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Mutex, PoisonError};

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::Request;
use backpack_api::runtime::renewal::IssuerError;
use backpack_api::{Error, Reply};
use bytes::Bytes;
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything logged so far, by any library at any level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Captures everything from `tracing` and from `log`.
pub(super) fn capture_log() {
    let everything = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    everything.with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(|| LogWriter).init();
}

pub(super) fn captured_log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

/// Everything that calls have shown.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    /// Kinds of the results.
    pub(super) kinds: BTreeSet<String>,
    /// Bytes that another server received, to which redirects point: one entry for each connection.
    pub(super) redirected: Vec<Vec<u8>>,
}

impl Output {
    pub(super) fn add_debug(&mut self, value: &impl Debug) {
        writeln!(self.text, "{value:?}\n{value:#?}").expect("writing to a string should not fail");
    }

    fn add_error(&mut self, error: &(dyn std::error::Error + 'static)) {
        writeln!(self.text, "{error}\n{error:#}").expect("writing to a string should not fail");
        self.add_debug(&error);
        if let Some(cause) = error.source() {
            self.add_error(cause);
        }
    }

    pub(super) fn add_issuer_result<R: Debug>(&mut self, result: &Result<R, IssuerError>) {
        self.add_debug(result);
        if let Err(error) = result {
            self.add_error(error);
        }
    }

    pub(super) fn add_result<R: Debug>(&mut self, result: &Result<Reply<R>, Error>) {
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

    /// Adds the output of a server that reads a request with the canary, whole and cut off.
    pub(super) fn add_server_output(&mut self, request: &Request<Bytes>) {
        self.add_debug(&AnyRequest::read(request));
        let half = request.body().slice(..request.body().len() / 2);
        let cut = request.clone().map(|_| half);
        if let Err(error) = AnyRequest::read(&cut) {
            self.add_error(&error);
        }
    }
}
