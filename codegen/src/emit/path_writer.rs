//! Builds the code that writes a path.

use proc_macro2::TokenStream;
use quote::quote;

/// Builds the statements that write a path to the variable `out`. Adjacent pieces of literal text become one statement.
#[derive(Default)]
pub(super) struct PathWriter {
    statements: Vec<TokenStream>,
    /// Literal text after the last statement, for which there is no statement yet.
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

    /// Adds the statement that writes the pending literal text, if there is any.
    fn flush(&mut self) {
        let literal = std::mem::take(&mut self.literal);
        if !literal.is_empty() {
            self.statements.push(quote!(out.write_raw(#literal);));
        }
    }

    /// Returns all statements.
    pub(super) fn finish(mut self) -> TokenStream {
        self.flush();
        self.statements.into_iter().collect()
    }
}
