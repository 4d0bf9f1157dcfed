//! Plays cases: calls with a client over a scripted transport, and compares everything that the client does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::exchange::{FullResponse, Options};
use backpack_api::runtime::transport::TransportError;
use backpack_api::runtime::{Attempt, AttemptOutcome, Endpoint, ServeEndpoint, Visitor, http};
use backpack_api::{ClientConfig, Credentials, EndpointExt, Error, SERVICE};
use backpack_tests::examples::{self, BASE};
use bytes::Bytes;
use xmlwire_codegen::model::Api;

use super::any_client::AnyClient;
use super::model::{
    Case, CaseStep, ClientChoice, ClientSetup, Request, ScriptedCall, ScriptedReply, TranscriptEvent, Wait,
};
use super::transcript::{describe_event, describe_expected_result, describe_observed, describe_result};
use super::transport::{Observed, ScriptedTransport};
use crate::support::{self, USER_AGENT, check_equal};

/// The first example of each operation: its request, and the response of a success.
pub type Examples = BTreeMap<&'static str, (AnyRequest, http::Response<Bytes>)>;

/// Loads the first example of each operation. If it has no response, the response is a success without a payload.
pub fn load_examples(api: &Api) -> Examples {
    let example = |(case, request): (examples::Case<'_>, AnyRequest)| {
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        (case.operation.name, (request, success))
    };
    support::first_cases(api).map(example).collect()
}

/// Plays a case with one of the two clients.
///
/// # Errors
///
/// The expected and the observed transcript, if they differ.
pub fn play_case(case: &Case, is_blocking: bool, examples: &Examples) -> Result<(), String> {
    let transport = ScriptedTransport::new();
    let config = new_config(&case.client, case.client.base_url.as_deref())?;
    let new_client = || {
        let client = AnyClient::new(is_blocking, config.clone(), transport.clone());
        client.with_options(|options| case.options.apply(options))
    };
    let own_client = new_client();
    for step in &case.steps {
        let call = match step {
            CaseStep::Idle(time) => {
                transport.advance(*time);
                continue;
            }
            CaseStep::Call(call) => call,
        };
        let (request, success) =
            examples.get(call.operation.as_str()).ok_or_else(|| format!("there is no operation {}", call.operation))?;
        let client = match call.client {
            ClientChoice::Own => &own_client,
            ClientChoice::Clone => &own_client.clone(),
            ClientChoice::Other => &new_client(),
        };
        request.clone().visit(Player { case, call, client, transport: &transport, success })?;
    }
    Ok(())
}

/// Creates the configuration of the case's client for a base URL. `None` is that of the schema's examples.
fn new_config(setup: &ClientSetup, base_url: Option<&str>) -> Result<ClientConfig, String> {
    let token = support::token().into();
    let credentials = if setup.uses_bearer { Credentials::Bearer(token) } else { Credentials::Token(token) };
    let base_url = base_url.unwrap_or(BASE);
    // A case that starts at http allows it.
    let allow_http = setup.allow_http.unwrap_or(base_url.starts_with("http://"));
    let config = if allow_http {
        ClientConfig::new_insecure(&SERVICE, base_url, credentials, USER_AGENT)
    } else {
        ClientConfig::new(&SERVICE, base_url, credentials, USER_AGENT)
    };
    config.map_err(|error| error.to_string())
}

/// Makes a call as many times as the case specifies, and compares each with the transcript.
struct Player<'p> {
    case: &'p Case,
    call: &'p ScriptedCall,
    client: &'p AnyClient,
    transport: &'p ScriptedTransport,
    success: &'p http::Response<Bytes>,
}

impl Visitor for Player<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let mut client = self.client.with_options(|options| self.call.options.apply(options));
        if let Some(deadline) = self.call.deadline {
            client = client.with_deadline(deadline);
        }
        if self.call.without_retries {
            client = client.without_retries();
        }
        for repetition in 1..=self.call.times {
            self.play_call(&client, &endpoint).map_err(|problem| {
                format!("{}, call {repetition} of {}: {problem}", self.call.operation, self.call.times)
            })?;
        }
        Ok(())
    }
}

impl Player<'_> {
    /// Returns the requests of the transcript, without the waits.
    fn scripted_requests(&self) -> impl Iterator<Item = &Request> {
        self.call.transcript.iter().filter_map(|event| match event {
            TranscriptEvent::Request(request) => Some(request),
            TranscriptEvent::Wait(_) => None,
        })
    }

    /// Makes the call once. Compares the requests, waits and result with the transcript. The error shows both if they
    /// differ.
    fn play_call<E: Endpoint>(&self, client: &AnyClient, endpoint: &E) -> Result<(), String> {
        // Scripted replies, such as redirects, can repeat the path and query of the operation's request.
        let own_request = self.expected_request(endpoint, None)?;
        let target = own_request.uri().path_and_query().map_or("", |target| target.as_str());
        for request in self.scripted_requests() {
            self.transport.add_reply(self.build_reply(&request.reply, target)?, request.takes);
        }
        let start = self.transport.current_time();
        let result = client.call(endpoint);
        let observed = self.transport.take_observed();

        let expected_result = describe_expected_result(&self.call.result);
        let found_result = describe_result::<E>(&result);
        if !self.matches_transcript(endpoint, &observed, start)? || expected_result != found_result {
            let list = |lines: &[String]| lines.iter().map(|line| format!("\n    {line}")).collect::<String>();
            let expected: Vec<_> = self.call.transcript.iter().map(describe_event).chain([expected_result]).collect();
            let found: Vec<_> = observed.iter().map(describe_observed).chain([found_result]).collect();
            return Err(format!("\n  expected:{}\n  found:{}", list(&expected), list(&found)));
        }
        self.check_attempts(&observed, result.as_ref().map_or_else(Error::attempts, |reply| &reply.attempts))?;
        self.check_success::<E>(result, target)
    }

    /// Writes the request of the operation for a base URL. `None` is that of the case.
    fn expected_request<E: Endpoint>(
        &self,
        endpoint: &E,
        base_url: Option<&str>,
    ) -> Result<http::Request<Bytes>, String> {
        let config = new_config(&self.case.client, base_url.or(self.case.client.base_url.as_deref()))?;
        endpoint.to_request(&config).map_err(|error| error.to_string())
    }

    /// Builds the reply to a request with this path and query: a response, or an error of the transport. The outer
    /// error says why the case's response is invalid.
    fn build_reply(
        &self,
        reply: &ScriptedReply,
        target: &str,
    ) -> Result<Result<http::Response<Bytes>, TransportError>, String> {
        Ok(match reply {
            ScriptedReply::ExampleResponse => Ok(self.success.clone()),
            ScriptedReply::Response { status, headers, body } => {
                let mut response = http::Response::builder().status(*status);
                for (name, value) in headers {
                    let name = if *name == "status-header" { "status" } else { name };
                    response = response.header(name, value.replace("{path}", target));
                }
                Ok(response.body(Bytes::from(body.clone())).map_err(|error| error.to_string())?)
            }
            ScriptedReply::TransportError { kind, is_unsent: false } => Err(TransportError::new(*kind)),
            ScriptedReply::TransportError { kind, is_unsent: true } => Err(TransportError::new(*kind).unsent()),
        })
    }

    /// Returns `true` if the client followed the transcript, and `false` if it waited differently or sent to another
    /// URL. Each request has to be the operation's request, with the same method, URL, headers and body every time, and
    /// the remaining time as its timeout. Other headers, bodies and timeouts are an `Err`.
    fn matches_transcript<E: Endpoint>(
        &self,
        endpoint: &E,
        observed: &[Observed],
        start: Instant,
    ) -> Result<bool, String> {
        let deadline = start.checked_add(self.call_deadline());
        for (event, observed) in self.call.transcript.iter().zip(observed) {
            match (event, observed) {
                (TranscriptEvent::Wait(Wait::Exactly(time)), Observed::Wait(waited)) if waited == time => {}
                (TranscriptEvent::Wait(Wait::UpTo(time)), Observed::Wait(waited)) if waited <= time => {}
                (TranscriptEvent::Request(scripted), Observed::Request { request, timeout, at }) => {
                    let expected = self.expected_request(endpoint, scripted.base_url.as_deref())?;
                    if request.uri() != expected.uri() || request.method() != expected.method() {
                        return Ok(false);
                    }
                    check_equal("headers", request.headers(), expected.headers())?;
                    check_equal("body", request.body(), expected.body())?;
                    let remaining = deadline.map_or(Duration::MAX, |deadline| deadline - *at);
                    check_equal("timeout", timeout, &remaining)?;
                }
                _ => return Ok(false),
            }
        }
        Ok(self.call.transcript.len() == observed.len())
    }

    /// Returns the deadline of the call: its own, or that of the options.
    fn call_deadline(&self) -> Duration {
        let mut options = Options::default();
        self.case.options.apply(&mut options);
        self.call.options.apply(&mut options);
        self.call.deadline.unwrap_or(options.deadline)
    }

    /// Checks that the result reports each attempt, with the wait before it and its outcome.
    fn check_attempts(&self, observed: &[Observed], found: &[Attempt]) -> Result<(), String> {
        // The transcript was followed, so its requests are those that were observed.
        let mut outcomes = self.scripted_requests().map(|request| self.expected_outcome(&request.reply));
        let (mut expected, mut waited) = (Vec::new(), Duration::ZERO);
        for observed in observed {
            match observed {
                Observed::Wait(time) => waited += *time,
                Observed::Request { .. } => expected
                    .extend(outcomes.next().map(|outcome| Attempt { waited: std::mem::take(&mut waited), outcome })),
            }
        }
        check_equal("attempts", &found, &expected.as_slice())
    }

    /// Returns the outcome that an attempt with this reply has to report.
    fn expected_outcome(&self, reply: &ScriptedReply) -> AttemptOutcome {
        match reply {
            ScriptedReply::ExampleResponse => AttemptOutcome::Status(self.success.status()),
            ScriptedReply::Response { status, .. } => AttemptOutcome::Status(*status),
            ScriptedReply::TransportError { kind, is_unsent } => {
                if *is_unsent || !TransportError::new(*kind).was_sent() {
                    AttemptOutcome::NotSent(*kind)
                } else {
                    AttemptOutcome::NoResponse(*kind)
                }
            }
        }
    }

    /// Checks that a successful call returns the last response of the transcript, and its value if it has one. A
    /// response without a readable value can be a success too: 404 for a retried deletion.
    fn check_success<E: Endpoint>(
        &self,
        result: Result<FullResponse<E::Response>, Error>,
        target: &str,
    ) -> Result<(), String> {
        let (Ok(reply), Some(last)) = (result, self.scripted_requests().last()) else { return Ok(()) };
        let Ok(response) = self.build_reply(&last.reply, target)? else {
            return Err("a success without a response".to_owned());
        };
        check_equal("status of the response", &reply.response.status(), &response.status())?;
        check_equal("headers of the response", reply.response.headers(), response.headers())?;
        check_equal("body of the response", reply.response.body(), response.body())?;
        match E::from_response(&response) {
            Ok(value) => check_equal("value", &reply.value, &value),
            Err(_) => Ok(()),
        }
    }
}
