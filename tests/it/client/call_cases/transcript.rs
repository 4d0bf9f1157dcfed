//! Expected and observed transcripts as text, for comparison and for failure messages.

use std::collections::BTreeSet;
use std::time::Duration;

use backpack_api::Error;
use backpack_api::runtime::Endpoint;
use backpack_api::runtime::exchange::FullResponse;

use super::model::{ExpectedResult, PREDICATES, Request, ScriptedReply, TranscriptEvent, Wait};
use super::transport::Observed;

/// Describes an event of the expected transcript.
pub(super) fn describe_event(event: &TranscriptEvent) -> String {
    match event {
        TranscriptEvent::Wait(Wait::Exactly(time)) => format!("waited {time:?}"),
        TranscriptEvent::Wait(Wait::UpTo(time)) => format!("waited up to {time:?}"),
        TranscriptEvent::Request(Request { base_url, reply, .. }) => {
            let base_url = base_url.as_deref().unwrap_or("the client's base URL");
            format!("sent to {base_url}, reply: {}", describe_reply(reply))
        }
    }
}

/// Describes a scripted reply, without its body.
fn describe_reply(reply: &ScriptedReply) -> String {
    match reply {
        ScriptedReply::ExampleResponse => "the example's response".to_owned(),
        ScriptedReply::Response { status, headers, .. } => {
            let headers: String = headers.iter().map(|(name, value)| format!(", {name}: {value}")).collect();
            format!("{status}{headers}")
        }
        ScriptedReply::TransportError { kind, is_unsent } => {
            format!("{kind:?}{}", if *is_unsent { ", unsent" } else { "" })
        }
    }
}

/// Describes an action of the client.
pub(super) fn describe_observed(observed: &Observed) -> String {
    match observed {
        Observed::Wait(time) => format!("waited {time:?}"),
        Observed::Request { request, .. } => format!("sent {} {}", request.method(), request.uri()),
    }
}

/// Describes the expected result of a call. The text is equal to that of [`describe_result`] if the call has this
/// result.
pub(super) fn describe_expected_result(result: &ExpectedResult) -> String {
    match result {
        ExpectedResult::Ok => "ok".to_owned(),
        ExpectedResult::Error { predicates, retry_after, text } => {
            describe_error(predicates.iter().map(String::as_str), *retry_after, text)
        }
    }
}

/// Describes the result of a call: its predicates, retry time and text, or `ok`.
pub(super) fn describe_result<E: Endpoint>(result: &Result<FullResponse<E::Response>, Error>) -> String {
    let Err(error) = result else { return "ok".to_owned() };
    let predicates = PREDICATES.into_iter().zip([
        error.is_forbidden(),
        error.is_not_found(),
        error.is_outcome_unknown(),
        error.is_rate_limited(),
        error.was_sent(),
        error.is_unauthorized(),
    ]);
    let predicates: BTreeSet<_> = predicates.filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
    let text = error.to_string();
    // Cases omit the name of the operation, with which every error has to begin.
    let own_text = text.strip_prefix(E::OPERATION.name).and_then(|text| text.strip_prefix(": "));
    let own_text = own_text.map_or_else(|| format!("without the operation's name: {text}"), str::to_owned);
    describe_error(predicates, error.retry_after(), &own_text)
}

/// Describes an error.
fn describe_error<'e>(
    predicates: impl IntoIterator<Item = &'e str>,
    retry_after: Option<Duration>,
    text: &str,
) -> String {
    let predicates: Vec<_> = predicates.into_iter().collect();
    let retry_after = retry_after.map(|time| format!(", retry after {time:?}")).unwrap_or_default();
    format!("error that is [{}]{retry_after}: {text}", predicates.join(" "))
}
