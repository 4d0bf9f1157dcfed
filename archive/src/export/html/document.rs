//! The HTML document around the content of a file.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::page::escape_title;
use crate::render::PAGE_STYLE;

/// Stylesheet of all documents.
static STYLE: LazyLock<String> = LazyLock::new(|| format!("{PAGE_STYLE}{}", include_str!("export.css")));

/// Script of the search, the only one that the policy allows.
const SCRIPT: &str = include_str!("search.js");

/// Content security policy of all documents: images, the stylesheet and the search, by their hashes.
///
/// A server of the files sends the same policy as a header.
pub fn content_policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        format!(
            "default-src 'none'; img-src http: https:; style-src 'sha256-{}'; script-src 'sha256-{}'; \
             base-uri 'none'; form-action 'none'",
            hash(&STYLE),
            hash(SCRIPT)
        )
    });
    &POLICY
}

/// Renders a document. `path` is its path in the folder, for the link to the index; the content is HTML already.
pub(super) fn render_document(path: &str, title: &str, content: &str) -> String {
    let title = escape_title(title);
    let up = "../".repeat(path.matches('/').count());
    let back = if path == INDEX { String::new() } else { format!("<p><a href=\"{up}{INDEX}\">All pages</a></p>\n") };
    let (policy, style) = (content_policy(), &*STYLE);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{style}</style>\n\
         </head>\n<body>\n<main>\n{back}<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
    )
}

/// Renders the script of the search.
pub(super) fn render_script() -> String {
    format!("<script>{SCRIPT}</script>\n")
}

/// Path of the document that has links to all others.
pub(super) const INDEX: &str = "index.html";
