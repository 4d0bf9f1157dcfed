//! Client and server of the smallest service in one program: the server reads the request that the client wrote.

use smallest::bell::Ring;
use smallest::routes::AnyRequest;
use smallest::runtime::http::Response;
use smallest::runtime::transport::MemoryTransport;
use smallest::runtime::{ClientConfig, Credentials, ServeEndpointExt, Token};
use smallest::{SERVICE, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transport = MemoryTransport::from_fn(|request| match AnyRequest::read(request).map(|routed| routed.request) {
        Ok(AnyRequest::BellRing(ring)) => ring.respond(&()).unwrap_or_default(),
        _ => Response::default(),
    });
    let token = Credentials::Token(Token::new("key")?);
    let config = ClientConfig::new(&SERVICE, &SERVICE.base_url_template, token, "program")?;
    blocking::Client::new(config, transport.clone()).bell().ring()?;
    let [request] = transport.requests().try_into().map_err(|_| "there should be one request")?;
    assert_eq!(AnyRequest::read(&request).map(|routed| routed.request), Ok(AnyRequest::BellRing(Ring::new())));
    Ok(())
}
