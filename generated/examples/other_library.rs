//! Encoding and decoding for another HTTP library. It needs no feature and no network.

use backpack_api::runtime::bytes::Bytes;
use backpack_api::runtime::http::Response;
use backpack_api::{ApiToken, ClientConfig, EndpointExt, PageId, SERVICE, notes};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = ApiToken::new("0123456789abcdef0123456789abcdef01234567")?;
    let config = ClientConfig::for_account(&SERVICE, "acme", token, "Trip planner (jo@example.com)")?;
    let request = notes::List::new(PageId(2208)).to_request(&config)?;
    assert_eq!(request.uri(), "https://acme.backpackit.com/ws/page/2208/notes/list");
    // Send it with any library. Its response:
    let response = Response::new(Bytes::from(r#"<response success="true"><notes/></response>"#));
    assert!(notes::List::from_response(&response)?.is_empty());
    Ok(())
}
