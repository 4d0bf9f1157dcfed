//! Writes the query of a URL.

use crate::scalar::{Scalar, ScalarSink};
use crate::xml::Writer;

/// Output of a query: pairs of name and value after `?`, separated by `&`.
pub struct QueryWriter<'w> {
    out: &'w mut Writer,
    /// `true` after the first pair, so that the next one is separated by `&`.
    has_pairs: bool,
}

impl<'w> QueryWriter<'w> {
    /// Creates the output of a query without pairs, which is empty.
    pub(crate) fn new(out: &'w mut Writer) -> Self {
        Self { out, has_pairs: false }
    }

    /// Appends a pair.
    pub fn pair<S: Scalar>(&mut self, name: &'static str, value: &S::Value) {
        self.write_name(name);
        S::write(value, &mut ScalarSink::new(self.out, Writer::query_value));
    }

    /// Appends a pair; no pair if the value is `None`.
    pub fn optional<S: Scalar>(&mut self, name: &'static str, value: &Option<S::Value>) {
        if let Some(value) = value {
            self.pair::<S>(name, value);
        }
    }

    /// Appends a pair for each value.
    pub fn list<S: Scalar>(&mut self, name: &'static str, values: &[S::Value]) {
        values.iter().for_each(|value| self.pair::<S>(name, value));
    }

    /// Appends pairs that are the same in every request, already encoded: `format=xml`.
    pub fn literal(&mut self, pairs: &'static str) {
        self.write_separator();
        self.out.write_raw(pairs);
    }

    /// Appends a pair whose value is text.
    pub(crate) fn text_pair(&mut self, name: &'static str, value: &str) {
        self.write_name(name);
        self.out.query_value(value);
    }

    /// Writes the separator, the name and `=`. The name is already encoded.
    fn write_name(&mut self, name: &'static str) {
        self.write_separator();
        self.out.write_raw(name);
        self.out.write_raw("=");
    }

    /// Writes the character before a pair.
    fn write_separator(&mut self) {
        self.out.write_raw(if self.has_pairs { "&" } else { "?" });
        self.has_pairs = true;
    }
}
