//! Feeds, which need no API token: calendars for other calendar programs, and public pages.
//!
//! - [`calendar`]: `/CALENDAR_TOKEN.ics`, an iCalendar file.
//! - [`page`]: `/pub/PAGE_ID`, an HTML page.
//! - [`markup`]: converts users' text to HTML.

mod calendar;
mod markup;
mod page;

use backpack_api::Secret;
use backpack_api::runtime::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use backpack_api::runtime::http::{HeaderValue, Response};
use bytes::Bytes;
use rusqlite::Connection;

use crate::ApiError;

/// A feed, as its path identifies it.
pub(crate) enum Feed {
    /// Calendar with this token. A secret, so it is never logged.
    Calendar(Secret),
    /// Page with this id.
    Page(i64),
}

impl Feed {
    /// Parses the path of a feed; returns `None` for all other paths.
    pub(crate) fn from_path(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        if let Some(page) = path.strip_prefix("pub/") {
            let is_number = page.bytes().all(|byte| byte.is_ascii_digit());
            return if is_number { page.parse().ok().map(Self::Page) } else { None };
        }
        let token = path.strip_suffix(".ics")?;
        let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_token.then(|| Self::Calendar(token.into()))
    }
}

/// Responds with a feed of an account. Returns `None` if there is no such feed or it is not public: a client must not
/// be able to tell the two apart.
///
/// # Errors
///
/// [`ApiError`] if the database cannot be read.
pub(crate) fn respond(db: &Connection, account: &str, feed: &Feed) -> Result<Option<Response<Bytes>>, ApiError> {
    Ok(match feed {
        Feed::Calendar(token) => {
            let file = calendar::render_calendar(db, account, token.expose())?;
            file.map(|file| build_response(file, "text/calendar; charset=utf-8"))
        }
        Feed::Page(id) => page::render_page(db, account, *id)?.map(|html| {
            let mut response = build_response(html, "text/html; charset=utf-8");
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::CONTENT_POLICY));
            response
        }),
    })
}

/// Builds a response that browsers neither interpret as another type nor mention to other sites.
fn build_response(body: String, content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The URL of a calendar contains its token, which must not reach other sites.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests;
