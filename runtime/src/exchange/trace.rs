//! Spans and events for `tracing`. Without the feature `tracing`, the span is empty and its functions do nothing.
//!
//! Each call has a span with the operation's name. It contains an event for each attempt, with its wait and outcome,
//! and for each refresh of an access token. URLs, headers and bodies are never recorded: each may contain a token.

use crate::attempt::Attempt;
use crate::issuer_error::IssuerError;
use crate::service::Operation;

/// Span of a call.
pub(super) struct CallSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl CallSpan {
    /// Creates the span of a call.
    pub(super) fn new(operation: &Operation) -> Self {
        Self { span: tracing::debug_span!("call", operation = operation.name, style = operation.style.name) }
    }

    /// Records an attempt; `number` is 1 for the first one.
    pub(super) fn record_attempt(&self, number: usize, attempt: &Attempt) {
        let Attempt { waited, outcome } = attempt;
        tracing::debug!(parent: &self.span, number, ?waited, ?outcome, "attempt");
    }

    /// Records a request to the issuer, with its error if it failed; `number` is 1 for the first one.
    pub(super) fn record_refresh(&self, number: u32, error: Option<&IssuerError>) {
        match error {
            None => tracing::debug!(parent: &self.span, number, "token refresh"),
            Some(error) => tracing::debug!(parent: &self.span, number, %error, "token refresh"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl CallSpan {
    pub(super) fn new(_operation: &Operation) -> Self {
        Self {}
    }

    pub(super) fn record_attempt(&self, _number: usize, _attempt: &Attempt) {}

    pub(super) fn record_refresh(&self, _number: u32, _error: Option<&IssuerError>) {}
}
