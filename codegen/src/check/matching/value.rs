//! Reads single values in an example, and reports unknown names.

use super::scalar;
use crate::diagnostic::{Diagnostic, DiagnosticSink};
use crate::model::{Api, ExampleValue, Scalar};
use crate::source::Span;

/// Reads the text of a value. Returns `None` if it is read as absent, or after reporting an error if it is invalid.
pub(super) fn read_value(
    api: &Api,
    scalar: &Scalar,
    text: &str,
    span: Span,
    sink: &mut DiagnosticSink,
) -> Option<ExampleValue> {
    if scalar::is_placeholder(text) {
        sink.error(span, "this is a placeholder from documentation").help("replace it with a value");
        return None;
    }
    match scalar::canonicalize(api, scalar, text) {
        Ok(text) => text.map(ExampleValue::Text),
        Err(expected) => {
            sink.error(span, format!("expected {expected}"));
            None
        }
    }
}

/// Reports an unknown name, and suggests a similar known name. Returns the diagnostic so that the caller can change the
/// help.
pub(super) fn report_unknown<'d, 'n>(
    sink: &'d mut DiagnosticSink,
    span: Span,
    message: String,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> &'d mut Diagnostic {
    sink.error(span, message).label("not in the shape").suggest(name, known)
}
