//! What anybody may read who has its address: calendars for other calendars, and public pages.
//!
//! - [`calendar`]: `/CALENDAR_TOKEN.ics`, an iCalendar file.
//! - [`page`]: `/pub/PAGE_ID`, HTML.
//! - [`textile`]: what people wrote, as HTML.

mod calendar;
mod page;
mod textile;

use backpack_api::Secret;
use backpack_api::runtime::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use backpack_api::runtime::http::{HeaderValue, Response};
use bytes::Bytes;
use rusqlite::Connection;

use crate::ApiError;

/// What a path names.
pub(crate) enum Feed {
    /// The calendar with this token, which is never logged.
    Calendar(Secret),
    /// The page with this number.
    Page(i64),
}

impl Feed {
    /// What is at a path, if it is one of these and none of the API's.
    pub(crate) fn at(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        if let Some(page) = path.strip_prefix("pub/") {
            let digits = page.bytes().all(|byte| byte.is_ascii_digit());
            return if digits { page.parse().ok().map(Self::Page) } else { None };
        }
        let token = path.strip_suffix(".ics")?;
        let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self::Calendar(token.into()))
    }
}

/// What an account has there; `None` if there is nothing, or nothing for everybody, which look the same.
///
/// # Errors
///
/// If the storage cannot be read.
pub(crate) fn answer(db: &Connection, account: &str, feed: &Feed) -> Result<Option<Response<Bytes>>, ApiError> {
    Ok(match feed {
        Feed::Calendar(token) => {
            calendar::file(db, account, token.expose())?.map(|file| response(file, "text/calendar; charset=utf-8"))
        }
        Feed::Page(id) => page::html(db, account, *id)?.map(|html| {
            let mut response = response(html, "text/html; charset=utf-8");
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(page::POLICY));
            response
        }),
    })
}

fn response(body: String, content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // The address of a calendar is its secret.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests;
