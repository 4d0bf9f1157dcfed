//! Testing code that uses the bindings, with scripted responses and without a network.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
use backpack_api::{ApiToken, ClientConfig, Error, PageId, SERVICE, blocking};

/// The code under test.
fn read_title(backpack: &blocking::Client) -> Result<String, Error> {
    Ok(backpack.pages().show(PageId(9))?.title)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = ApiToken::new("0123456789abcdef0123456789abcdef01234567")?;
    let config = ClientConfig::for_account(&SERVICE, "acme", token, "Trip planner (jo@example.com)")?;
    let transport = MemoryTransport::new()
        .fail(TransportErrorKind::ConnectionLost)
        .respond(Response::new("<response success=\"true\"><page title=\"Coast\" id=\"9\"/></response>"));
    let backpack = blocking::Client::with_transport(config, transport.clone());

    assert_eq!(read_title(&backpack)?, "Coast"); // the code under test calls `pages().show`
    assert_eq!(transport.requests().len(), 2); // read-only operations are retried
    Ok(())
}
