//! Access log: one event for each request, without its query, headers and body, since each may hold a token.

use std::net::IpAddr;
use std::time::Instant;

use backpack_api::SERVICE;
use backpack_api::runtime::http::{Method, StatusCode};
use tracing::field;

/// Characters between the words of a path.
const DELIMITERS: [char; 2] = ['/', '.'];

/// Words of paths that no operation has: feeds, public pages and the health check.
const OTHER_WORDS: [&str; 3] = ["ics", "pub", "up"];

/// Maximum length of a number that is shown. Every id is shorter, and every token is longer.
const MAX_DIGITS: usize = 20;

/// Entry of the access log. The service fills in account and operation as it learns them.
pub(super) struct AccessLog {
    start: Instant,
    method: Method,
    /// Address of the client, and masked path; `None` if they are not logged.
    details: Option<(IpAddr, String)>,
    /// Name of the account that the host names; `None` until it is known, and for requests without one.
    pub(super) account: Option<String>,
    /// Name of the operation, or `feed`; `None` if the request has neither.
    pub(super) operation: Option<&'static str>,
}

impl AccessLog {
    /// Starts an entry and its timer.
    pub(super) fn start(method: Method) -> Self {
        Self { start: Instant::now(), method, details: None, account: None, operation: None }
    }

    /// Adds the client's address and the path, which is masked.
    pub(super) fn add_details(&mut self, client: IpAddr, path: &str) {
        self.details = Some((client, mask_path(path)));
    }

    /// Logs the entry with the status of the response and the elapsed time.
    pub(super) fn finish(self, status: StatusCode) {
        let (client, path) = self.details.unzip();
        tracing::info!(
            client = client.map(|client| field::display(client.to_canonical())),
            method = %self.method,
            path = path.map(field::display),
            operation = self.operation,
            account = self.account,
            status = status.as_u16(),
            microseconds = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request completed"
        );
    }
}

/// Replaces each word of a path by `*`, except numbers and the words of the API's own paths. Any other word may be a
/// token, or a part of one.
fn mask_path(path: &str) -> String {
    let mask = |piece: &str| {
        let word = piece.trim_end_matches(DELIMITERS);
        let is_shown = word.is_empty() || is_number(word) || is_known(word);
        [if is_shown { word } else { "*" }, piece.get(word.len()..).unwrap_or_default()].concat()
    };
    path.split_inclusive(DELIMITERS).map(mask).collect()
}

/// `true` for a number that is too short to be a token.
fn is_number(word: &str) -> bool {
    word.len() <= MAX_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `true` if a path of the service has the word.
fn is_known(word: &str) -> bool {
    let has_word = |path: &str| path.split(DELIMITERS).any(|known| known == word);
    OTHER_WORDS.contains(&word)
        || SERVICE.styles.iter().any(|style| style.prefix.contains(&Some(word)))
        || SERVICE.operations.iter().any(|operation| has_word(operation.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_shows_words_of_the_api_and_numbers_only() {
        let token = "0123456789abcdef0123456789abcdef01234567";
        let digits = "4".repeat(40);
        for (path, masked) in [
            ("/ws/page/12/notes/create".to_owned(), "/ws/page/12/notes/create"),
            (format!("/{token}/reminders/7.xml"), "/*/reminders/7.xml"),
            (format!("/{digits}/me.xml"), "/*/me.xml"),
            (format!("/{token}.ics"), "/*.ics"),
            (format!("//{token}//me.xml/"), "//*//me.xml/"),
            (format!("/ws/pages/all;{token}"), "/ws/pages/*"),
            (format!("/%30{}/me.xml", &token[1..]), "/*/me.xml"),
            (format!("/{}/me.xml", &token[5..15]), "/*/me.xml"),
            ("/pub/12".to_owned(), "/pub/12"),
            ("/wp-login.php".to_owned(), "/*.*"),
            ("/".to_owned(), "/"),
            ("*".to_owned(), "*"),
        ] {
            assert_eq!(mask_path(&path), masked);
        }
    }

    #[test]
    fn no_known_word_is_long_enough_to_be_a_token() {
        let words = SERVICE.operations.iter().flat_map(|operation| operation.path.split(DELIMITERS));
        assert!(words.filter(|word| !word.starts_with('{')).all(|word| word.len() < MAX_DIGITS));
    }
}
