//! What `tracing` is told, with the feature `tracing`; without it, nothing.
//!
//! One span per call, with the operation's name; in it one event per attempt, with what was waited and what came of it.
//! No address, header or body: each may hold a token.

use super::Attempt;
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
}

#[cfg(not(feature = "tracing"))]
impl Call {
    pub(super) fn new(_operation: &Operation) -> Self {
        Self {}
    }

    pub(super) fn attempt(&self, _number: usize, _attempt: &Attempt) {}
}
