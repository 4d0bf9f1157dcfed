//! What `tracing` is told, with the feature `tracing`; without it, nothing.
//!
//! One span per call, with the operation's name; in it one event per attempt, with what was waited and what came of it,
//! and one per renewal of an access token.
//! No address, header or body: each may hold a token.

use super::Attempt;
use crate::renewal::IssuerError;
use crate::service::Operation;

/// The span of a call.
pub(super) struct Call {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Call {
    pub(super) fn new(operation: &Operation) -> Self {
        Self { span: tracing::debug_span!("call", operation = operation.name, style = operation.style.name) }
    }

    pub(super) fn attempt(&self, number: usize, attempt: &Attempt) {
        let Attempt { waited, outcome } = attempt;
        tracing::debug!(parent: &self.span, number, ?waited, ?outcome, "attempt");
    }

    pub(super) fn renewal(&self, number: u32, failure: Option<&IssuerError>) {
        match failure {
            None => tracing::debug!(parent: &self.span, number, "renewal"),
            Some(failure) => tracing::debug!(parent: &self.span, number, %failure, "renewal"),
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Call {
    pub(super) fn new(_operation: &Operation) -> Self {
        Self {}
    }

    pub(super) fn attempt(&self, _number: usize, _attempt: &Attempt) {}

    pub(super) fn renewal(&self, _number: u32, _failure: Option<&IssuerError>) {}
}
