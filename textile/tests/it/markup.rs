//! Elements of HTML and Markdown.

use pulldown_cmark::{Options, html};

/// Renders GitHub-flavoured Markdown as HTML.
pub(crate) fn render_markdown(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut out = String::new();
    html::push_html(&mut out, pulldown_cmark::Parser::new_ext(markdown, options));
    out
}

/// Names of the elements of HTML that a writer of this repository or `pulldown-cmark` wrote, in the order of their start
/// tags. `thead` and `tbody` are left out: HTML parsers add them.
pub(crate) fn list_elements(html: &str) -> Vec<String> {
    let names = list_tags(html).into_iter().map(|tag| {
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        tag.get(..end).unwrap_or_default().to_owned()
    });
    names.filter(|name| !name.is_empty() && name != "thead" && name != "tbody").collect()
}

/// The text between each `<` and the next `>`, without comments. In the writers' HTML, quotes contain neither.
pub(crate) fn list_tags(html: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        tags.push(tag);
        rest = after;
    }
    tags
}
