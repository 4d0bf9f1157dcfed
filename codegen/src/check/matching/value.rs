//! Reads single values in an example, and reports unknown names.

use super::scalar;
use crate::diagnostic::{Diagnostic, DiagnosticSink};
use crate::model::{Api, ExampleValue, Scalar};
use crate::source::Span;

/// Reads the text of a value. Returns `None` if it is read as absent, or after reporting an error if it is invalid.
/// `is_written` is `true` for a value that is also written.
pub(super) fn read_value(
    api: &Api,
    is_written: bool,
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
        Ok(text) => {
            if let Some(text) = text.as_ref().filter(|_| is_written) {
                warn_of_unknown_texts(api, scalar, text, span, sink);
            }
            text.map(ExampleValue::Text)
        }
        Err(expected) => {
            sink.error(span, format!("expected {expected}"));
            None
        }
    }
}

/// Warns about texts of enums that the schema does not list.
fn warn_of_unknown_texts(api: &Api, scalar: &Scalar, text: &str, span: Span, sink: &mut DiagnosticSink) {
    for (open_enum, text) in scalar.enum_texts(text) {
        let Some(open_enum) = api.enums.get(open_enum.0) else { continue };
        if !open_enum.values.iter().any(|value| value.text == text) {
            sink.warning(span, format!("`{}` has no value `{text}`", open_enum.name))
                .help("add the value; or mark an example of an unknown one `written=\"no\"`")
                .suggest_close(text, open_enum.values.iter().map(|value| value.text.as_str()));
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
