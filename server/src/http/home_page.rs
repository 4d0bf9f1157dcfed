//! The page at `/`, for people who open the address of the service in a browser.

use backpack_api::runtime::http::Response;
use bytes::Bytes;

use crate::feeds;

/// Path of the page.
pub(super) const PATH: &str = "/";

/// Content of the page. It depends on neither the account nor the host, so it needs no token.
const CONTENT: &str = concat!(
    "<p>This is backpack-server ",
    env!("CARGO_PKG_VERSION"),
    ", a service with the API of Backpack. It has no web interface: use it with an API client.</p>\n",
    "<ul>\n",
    "<li>A client needs this address and your API token. The operator of this service creates tokens.</li>\n",
    "<li>Public pages are below <code>/pub/</code>. Calendars are at the addresses that their owners know.</li>\n",
    "<li><a href=\"",
    env!("CARGO_PKG_REPOSITORY"),
    "\">Documentation, with a reference of the API</a></li>\n",
    "</ul>\n"
);

/// Builds the page.
pub(super) fn build() -> Response<Bytes> {
    feeds::build_page("Backpack", CONTENT)
}
