//! The HTML document of public pages and of their errors.

use backpack_archive::render::PAGE_STYLE;

/// Content security policy of the document. It allows images and the stylesheet, by its hash, but no scripts.
pub(super) const CONTENT_POLICY: &str = "default-src 'none'; img-src http: https:; \
     style-src 'sha256-5PYM2FqX7aoxXCST+43cbj7Fg3PoX6/Pw0hIgSQyctY='; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Renders a document. Title and content are HTML already; the title is also the heading.
pub(super) fn render_document(title: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{PAGE_STYLE}</style>\n\
         </head>\n<body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_content_policy_has_the_hash_of_the_stylesheet() {
        let hash = BASE64_STANDARD.encode(Sha256::digest(PAGE_STYLE));
        assert!(CONTENT_POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
    }
}
