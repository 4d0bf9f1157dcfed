//! Feeds, which need no API token: calendars for other calendar programs, and public pages.
//!
//! - [`calendar`]: `/CALENDAR_TOKEN.ics`, an iCalendar file.
//! - [`page`]: `/pub/PAGE_ID`, an HTML page.
//! - [`document`]: the HTML document around a page or an error.

mod calendar;
mod document;
mod page;

use backpack_api::Secret;
use backpack_api::runtime::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use backpack_api::runtime::http::{HeaderValue, Response, StatusCode};
use backpack_archive::render::markup;
use bytes::Bytes;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::ApiError;
use crate::text::to_hex;

/// A feed, as its path identifies it.
pub(crate) enum Feed {
    /// Calendar with this token. A secret, so it is never logged.
    Calendar(Secret),
    /// Page with this id.
    Page(i64),
}

/// Message of the response if there is no page at an address, or it is not public.
pub(crate) const NO_PUBLIC_PAGE: &str = "There is no public page at this address";

impl Feed {
    /// `true` if a path is one that browsers open, so that errors are shown as HTML.
    pub(crate) fn is_page_path(path: &str) -> bool {
        path.strip_prefix("/pub").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Message of the response if there is no such feed.
    pub(crate) fn missing_message(&self) -> &'static str {
        match self {
            Self::Calendar(_) => "There is no calendar at this address",
            Self::Page(_) => NO_PUBLIC_PAGE,
        }
    }

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
        // `no-cache` means that a cache asks with the entity tag before each use. So a page that is no longer public,
        // and a calendar whose feed has moved, disappear at once.
        Feed::Calendar(token) => calendar::render_calendar(db, account, token.expose())?
            .map(|file| add_cache_headers(build_response(file, "text/calendar; charset=utf-8"), "private, no-cache")),
        Feed::Page(id) => {
            page::render_page(db, account, *id)?.map(|html| add_cache_headers(build_html(html), "public, no-cache"))
        }
    })
}

/// Builds an error response for a browser. It shows the message as a page.
pub(crate) fn build_error_page(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = build_html(document::render_document(&markup::escape(message), ""));
    *response.status_mut() = status;
    response
}

/// Builds a response with an HTML document.
fn build_html(html: String) -> Response<Bytes> {
    let mut response = build_response(html, "text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(document::CONTENT_POLICY));
    response
}

/// Adds rules for caches, and an entity tag: the hash of the body, which changes whenever a byte changes.
fn add_cache_headers(mut response: Response<Bytes>, rules: &'static str) -> Response<Bytes> {
    let hash = to_hex(&Sha256::digest(response.body()));
    if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", hash.get(..32).unwrap_or(&hash))) {
        response.headers_mut().insert(ETAG, tag);
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(rules));
    response
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
