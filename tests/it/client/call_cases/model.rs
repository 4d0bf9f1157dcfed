//! The content of a case.

use std::collections::BTreeSet;
use std::time::Duration;

use backpack_api::runtime::exchange::Options;
use backpack_api::runtime::http::StatusCode;
use backpack_api::runtime::transport::TransportErrorKind;

/// Calls of one client and what has to happen.
#[derive(Debug)]
pub struct Case {
    /// `redirects.xml:12: name of the case`, and the operation if the case names several.
    pub name: String,
    pub client: ClientSetup,
    pub options: OptionChanges,
    pub steps: Vec<CaseStep>,
}

/// Client configuration, where it differs from the default.
#[derive(Debug, Default, Clone)]
pub struct ClientSetup {
    pub base_url: Option<String>,
    pub uses_bearer: bool,
    pub allow_http: Option<bool>,
}

/// Options that differ from the default.
#[derive(Debug, Default, Clone)]
pub struct OptionChanges {
    pub max_attempts: Option<u32>,
    pub deadline: Option<Duration>,
    pub initial_backoff: Option<Duration>,
    pub max_wait: Option<Duration>,
    pub rate_limit: Option<bool>,
    pub rate_limit_margin: Option<Duration>,
    pub redirect_port: Option<u16>,
}

#[derive(Debug)]
pub enum CaseStep {
    /// Time passes without a call.
    Idle(Duration),
    Call(Box<ScriptedCall>),
}

/// A call with its transcript and result.
#[derive(Debug, Clone)]
pub struct ScriptedCall {
    pub operation: String,
    pub times: usize,
    pub client: ClientChoice,
    pub deadline: Option<Duration>,
    pub without_retries: bool,
    pub options: OptionChanges,
    pub transcript: Vec<TranscriptEvent>,
    pub result: ExpectedResult,
}

/// The client that makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientChoice {
    /// The client of the case.
    Own,
    /// A clone of it.
    Clone,
    /// A new one, with the same configuration and transport.
    Other,
}

/// One event of a transcript.
#[derive(Debug, Clone)]
pub enum TranscriptEvent {
    Wait(Wait),
    Request(Request),
}

#[derive(Debug, Clone, Copy)]
pub enum Wait {
    Exactly(Duration),
    UpTo(Duration),
}

/// A request that the client has to send, and what comes back.
#[derive(Debug, Clone)]
pub struct Request {
    /// The base URL, if it differs from the client's.
    pub base_url: Option<String>,
    /// Time until the reply.
    pub takes: Duration,
    pub reply: ScriptedReply,
}

#[derive(Debug, Clone)]
pub enum ScriptedReply {
    /// The response of the schema's example.
    ExampleResponse,
    Response {
        status: StatusCode,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    TransportError {
        kind: TransportErrorKind,
        /// `true` if the request certainly was not sent.
        is_unsent: bool,
    },
}

/// The result of a call.
#[derive(Debug, Clone)]
pub enum ExpectedResult {
    Ok,
    Error { predicates: BTreeSet<String>, retry_after: Option<Duration>, text: String },
}

/// Predicates of an error, for `<error is="…">`.
pub const PREDICATES: [&str; 6] = ["forbidden", "not_found", "outcome_unknown", "rate_limited", "sent", "unauthorized"];

impl OptionChanges {
    pub fn apply(&self, options: &mut Options) {
        fn set<T: Copy>(option: &mut T, value: Option<T>) {
            *option = value.unwrap_or(*option);
        }
        set(&mut options.attempts, self.max_attempts);
        set(&mut options.deadline, self.deadline);
        set(&mut options.backoff, self.initial_backoff);
        set(&mut options.longest_wait, self.max_wait);
        set(&mut options.pacing, self.rate_limit);
        set(&mut options.margin, self.rate_limit_margin);
        set(&mut options.other_port, self.redirect_port.map(Some));
    }
}
