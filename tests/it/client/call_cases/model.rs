//! The content of a case.

use std::collections::BTreeSet;
use std::time::Duration;

use backpack_api::runtime::exchange::Options;
use backpack_api::runtime::http::StatusCode;
use backpack_api::runtime::transport::TransportErrorKind;

/// Calls of one client, with their expected transcripts and results.
#[derive(Debug)]
pub struct Case {
    /// `redirects.xml:12: name of the case`, and the operation if the case names several.
    pub name: String,
    pub client: ClientSetup,
    pub options: OptionChanges,
    pub steps: Vec<CaseStep>,
}

/// Client configuration. `None` stands for the default.
#[derive(Debug, Default, Clone)]
pub struct ClientSetup {
    /// Base URL. By default, that of the schema's examples.
    pub base_url: Option<String>,
    /// `true` to send the token as a bearer token instead of the style's carrier.
    pub uses_bearer: bool,
    /// `true` to allow http. By default, it is allowed if the base URL uses it.
    pub allow_http: Option<bool>,
}

/// Options that a case changes. `None` leaves an option unchanged.
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

/// One step of a case, in the order of the file.
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
    /// Number of times that the call is made, each with the same transcript and result.
    pub times: usize,
    pub client: ClientChoice,
    /// Deadline of this call, set with `with_deadline`.
    pub deadline: Option<Duration>,
    pub without_retries: bool,
    /// Changes for this call, after those of the case.
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

/// A wait of the client between two requests, or before the first.
#[derive(Debug, Clone, Copy)]
pub enum Wait {
    Exactly(Duration),
    UpTo(Duration),
}

/// A request that the client has to send, and the reply to it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The base URL, if it differs from the client's.
    pub base_url: Option<String>,
    /// Time until the reply.
    pub takes: Duration,
    pub reply: ScriptedReply,
}

/// Reply of the scripted transport to a request.
#[derive(Debug, Clone)]
pub enum ScriptedReply {
    /// The response of the operation's first example in the schema, or an empty success if the example has no response.
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

/// Predicates of an error that `<error is="…">` can name. `describe_result` evaluates them in this order.
pub const PREDICATES: [&str; 6] = ["forbidden", "not_found", "outcome_unknown", "rate_limited", "sent", "unauthorized"];

impl OptionChanges {
    /// Changes the options that the case sets.
    pub fn apply(&self, options: &mut Options) {
        fn set<T: Copy>(option: &mut T, value: Option<T>) {
            *option = value.unwrap_or(*option);
        }
        set(&mut options.max_attempts, self.max_attempts);
        set(&mut options.deadline, self.deadline);
        set(&mut options.initial_backoff, self.initial_backoff);
        set(&mut options.max_wait, self.max_wait);
        set(&mut options.respect_rate_limits, self.rate_limit);
        set(&mut options.rate_limit_margin, self.rate_limit_margin);
        set(&mut options.redirect_port, self.redirect_port.map(Some));
    }
}
