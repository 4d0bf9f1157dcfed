//! Code that writes a path: literal text, and the values between.

use proc_macro2::TokenStream;
use quote::quote;

/// Builds the statements that write a path to the variable `out`.
#[derive(Default)]
pub(super) struct PathWriter {
    statements: Vec<TokenStream>,
    literal: String,
}

impl PathWriter {
    /// Adds literal text.
    pub(super) fn add_literal(&mut self, text: &str) {
        self.literal.push_str(text);
    }

    /// Adds the statement that writes a value.
    pub(super) fn add_value(&mut self, statement: TokenStream) {
        self.flush();
        self.statements.push(statement);
    }

    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.statements.push(quote!(out.raw(#literal);));
        }
    }

    /// Returns the statements.
    pub(super) fn finish(mut self) -> TokenStream {
        self.flush();
        self.statements.into_iter().collect()
    }
}
