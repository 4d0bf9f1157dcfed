//! Writes the documentation of the methods that users call.
//!
//! The async and the blocking method share a Markdown file with the documented errors and the HTTP sample, to avoid
//! duplicates in the source. The other text and the example in Rust are in the source of each method.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs;
use super::emitter::Emitter;
use super::example_code::sets_options;
use super::handle::{ClientKind, MethodVariant, method_ident, method_variants, options_ident};
use crate::model::{Endpoint, Example, RetryClass, Section};
use crate::names;

/// A Markdown file that the documentation of methods includes.
pub(super) struct DocPage {
    /// Path within the output folder: `notes/create.md`.
    pub(super) path: String,
    /// Documented errors and the HTTP sample.
    pub(super) text: String,
}

impl Emitter<'_> {
    /// Emits the documentation of a method:
    ///
    /// ```text
    /// /// Creates a note and returns it.
    /// ///
    /// /// `POST /ws/page/{page_id}/notes/create`. Not idempotent: …
    /// ///
    /// /// # Example
    /// /// …
    /// #[doc = include_str!("notes/create.md")]
    /// ```
    pub(super) fn emit_method_docs(
        self,
        section: &Section,
        endpoint: &Endpoint,
        client_kind: ClientKind,
        variant: MethodVariant,
    ) -> TokenStream {
        let summary = match variant.lists_all_pages {
            false => docs::escape_markdown(&endpoint.doc),
            true => describe_all_pages(endpoint, client_kind),
        };
        let http = format!("{}. {}", self.format_http_line(endpoint), describe_retry(endpoint.retry));
        let mut lines = vec![summary, String::new(), http];
        if variant.lists_all_pages {
            let order = "For the order and the end of the items, see [`pagination`](crate::runtime::pagination).";
            lines.extend([String::new(), order.to_owned()]);
        }
        if variant.takes_options {
            let operation = names::to_camel(&endpoint.name);
            let options = options_ident(endpoint);
            let sentence = format!("`{options}` sets optional values, with the setters of [`{operation}`].");
            lines.extend([String::new(), sentence]);
        }
        if let Some(example) = self.find_example(endpoint, variant.takes_options) {
            lines.extend([String::new(), "# Example".to_owned()]);
            lines.extend(self.write_example_code(section, endpoint, example, client_kind, variant));
        }
        let text = docs::emit_doc_lines(lines.iter().map(String::as_str));
        let page = self.write_doc_page(section, endpoint, variant.takes_options);
        let include = (!page.text.is_empty()).then(|| {
            let path = page.path;
            quote!(#[doc = include_str!(#path)])
        });
        quote!(#text #include)
    }

    /// Writes the Markdown files that the documentation of an endpoint's methods includes.
    pub(super) fn write_doc_pages(self, section: &Section, endpoint: &Endpoint) -> Vec<DocPage> {
        let variants = method_variants(endpoint).into_iter().filter(|variant| !variant.lists_all_pages);
        let pages = variants.map(|variant| self.write_doc_page(section, endpoint, variant.takes_options));
        pages.filter(|page| !page.text.is_empty()).collect()
    }

    /// Writes the Markdown file of a method. The text is empty if there are neither documented errors nor an example.
    fn write_doc_page(self, section: &Section, endpoint: &Endpoint, takes_options: bool) -> DocPage {
        let method = method_ident(endpoint, MethodVariant { lists_all_pages: false, takes_options });
        let path = format!("{}/{method}.md", section.name);
        let errors: Vec<String> = endpoint
            .errors
            .iter()
            .map(|error| format!("- {}: {}", error.status, docs::escape_markdown(&error.doc)))
            .collect();
        let mut lines = Vec::new();
        if !errors.is_empty() {
            lines.push("# Errors".to_owned());
            lines.extend(errors);
            lines.push(String::new());
        }
        if let Some(example) = self.find_example(endpoint, takes_options) {
            lines.push("# On the wire".to_owned());
            lines.extend(docs::fence_text("text", &self.write_http_sample(endpoint, example)));
        }
        DocPage { path, text: lines.join("\n") }
    }

    /// Finds the first written example with options for a method with options, and without options for other methods.
    /// If there is none, returns the first written example. Returns `None` if the endpoint has no written example.
    fn find_example(self, endpoint: &Endpoint, takes_options: bool) -> Option<&Example> {
        let mut written = endpoint.examples.iter().filter(|example| example.is_written);
        let matching = written.clone().find(|example| sets_options(endpoint, example) == takes_options);
        matching.or_else(|| written.next())
    }
}

/// Returns the first line of the documentation of a method that returns the items of all pages.
fn describe_all_pages(endpoint: &Endpoint, client_kind: ClientKind) -> String {
    let sequence = match client_kind {
        ClientKind::Async => "a stream",
        ClientKind::Blocking => "an iterator",
    };
    let name = &endpoint.name;
    format!("Lists the items of all pages of [`{name}`](Self::{name}), as {sequence} that fetches pages as needed.")
}

/// Returns a sentence that tells users when the client retries the operation.
fn describe_retry(retry: RetryClass) -> &'static str {
    match retry {
        RetryClass::ReadOnly => "Read-only: retried automatically.",
        RetryClass::Idempotent => "Idempotent: retried automatically.",
        RetryClass::Delete => "Idempotent: retried automatically; a 404 on a retry counts as success.",
        RetryClass::NotIdempotent => "Not idempotent: never retried once it may have reached the server.",
    }
}
