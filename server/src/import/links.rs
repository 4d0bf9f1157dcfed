//! Links to pages in users' texts.
//!
//! The texts are not parsed as Textile: a link is rewritten in its place, and all other bytes are kept.

/// Paths of pages, before their numbers.
const PATHS: [&str; 3] = ["/pages/", "/page/", "/pub/"];

/// Rewrites the links to pages in a text. `account` is the name of the account in the archive, and `find_id` returns the
/// new number of a page, or `None` if it is unchanged. Returns `None` if the text has no link to rewrite.
///
/// Paths such as `/pub/7` get the new number. A URL with the host of the account becomes a path, since the old service
/// does not know the new number. URLs of other hosts are kept.
pub(super) fn rewrite_links(text: &str, account: &str, find_id: impl Fn(u64) -> Option<u64>) -> Option<String> {
    let (mut rewritten, mut copied) = (String::new(), 0);
    for (start, _) in text.match_indices('/') {
        let Some(link) = text.split_at_checked(start).and_then(|(before, rest)| Link::parse(before, rest, account))
        else {
            continue;
        };
        let Some(id) = find_id(link.number) else { continue };
        rewritten.push_str(text.get(copied..start - link.host_length)?);
        rewritten.push_str(&format!("{}{id}", link.path));
        copied = start + link.length;
    }
    (copied > 0).then(|| rewritten + text.get(copied..).unwrap_or_default())
}

/// A link to a page.
struct Link {
    path: &'static str,
    number: u64,
    /// Length of the path with the number.
    length: usize,
    /// Length of scheme and host before the path.
    host_length: usize,
}

impl Link {
    /// Parses a link at the start of `text`. `before` is the text before it.
    fn parse(before: &str, text: &str, account: &str) -> Option<Self> {
        let path = PATHS.into_iter().find(|path| text.starts_with(path))?;
        let rest = text.get(path.len()..)?;
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest.get(..digits)?.parse().ok()?;
        let ends_here = !rest.get(digits..)?.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        let host_length = find_host_length(before, account)?;
        ends_here.then_some(Self { path, number, length: path.len() + digits, host_length })
    }
}

/// Returns the length of the scheme and the host of the account at the end of a text: zero if a path can begin there.
/// `None` if the path belongs to another URL or a longer path.
fn find_host_length(before: &str, account: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~' | '%' | '?' | '#' | '@');
    if !before.ends_with(is_part) {
        return Some(0);
    }
    // No host is longer. Without a limit, the time would be quadratic in the length of the text.
    let start = before.char_indices().rev().take(300).last().map_or(0, |(start, _)| start);
    let before = before.get(start..)?;
    let (start, host) = before.rsplit_once("://").map(|(scheme, host)| (scheme.len(), host))?;
    let scheme = before.get(..start)?;
    let scheme_length = ["https", "http"].into_iter().find(|known| ends_with_ignoring_case(scheme, known))?.len();
    let (label, domain) = host.split_once('.')?;
    let is_host = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':'));
    let is_own = !account.is_empty() && label.eq_ignore_ascii_case(account) && is_host;
    is_own.then_some(scheme_length + "://".len() + host.len())
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rewrites links to page 7 as links to page 41.
    fn rewrite(text: &str) -> String {
        let find_id = |number| (number == 7).then_some(41);
        rewrite_links(text, "acme", find_id).unwrap_or_else(|| format!("unchanged: {text}"))
    }

    #[test]
    fn rewrites_paths_of_pages_and_urls_of_the_account() {
        for (text, expected) in [
            ("\"tides\":/pub/7", "\"tides\":/pub/41"),
            ("\"tides\":/pages/7.", "\"tides\":/pages/41."),
            ("/page/7, /pub/8 and\n/pub/7", "/page/41, /pub/8 and\n/pub/41"),
            ("<a href=\"/pages/7\">é</a>", "<a href=\"/pages/41\">é</a>"),
            ("see http://acme.backpackit.com/pub/7!", "see /pub/41!"),
            ("http://acme.localhost:3000/pub/7", "/pub/41"),
            ("\"a\":HTTPS://Acme.BackpackIt.com/pages/7", "\"a\":/pages/41"),
            ("http://example.com/ then /pub/7", "http://example.com/ then /pub/41"),
            ("/pub/7/pub/7", "/pub/41/pub/7"),
        ] {
            assert_eq!(rewrite(text), expected);
        }
    }

    #[test]
    fn keeps_other_urls_and_numbers() {
        for text in [
            "",
            "/pub/",
            "/pub/x7",
            "/pub/77",
            "/pub/7th",
            "/pub/99999999999999999999999",
            "http://example.com/pub/7",
            "http://example.com:80/pub/7",
            "http://notacme.example.com/pub/7",
            "ftp://acme.backpackit.com/pub/7",
            "http://example.com/?x=http://other.example.com/pub/7",
            "deep/pub/7",
            "../pub/7",
            "é/pub/7",
            "http://acme.backpackit.com/deep/pub/7",
        ] {
            assert_eq!(rewrite(text), format!("unchanged: {text}"));
        }
    }
}
