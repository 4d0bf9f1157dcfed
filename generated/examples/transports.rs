//! Clients with limits of their own for responses, and with a proxy (feature `reqwest`). The program only creates them.

use std::error::Error;

#[cfg(feature = "reqwest")]
use backpack_api::runtime::reqwest::Proxy;
#[cfg(feature = "reqwest")]
use backpack_api::runtime::transport::ReqwestTransport;
use backpack_api::runtime::transport::{HyperTransport, TransportConfig};
use backpack_api::{ApiToken, Client, ClientConfig, SERVICE};

fn main() -> Result<(), Box<dyn Error>> {
    let token = ApiToken::new("0123456789abcdef0123456789abcdef01234567")?;
    println!("{:?}", with_limits(token.clone())?);
    #[cfg(feature = "reqwest")]
    println!("{:?}", with_proxy(token)?);
    Ok(())
}

fn with_limits(token: ApiToken) -> Result<Client, Box<dyn Error>> {
    let config = ClientConfig::for_account(&SERVICE, "acme", token, "Trip planner (jo@example.com)")?;
    let mut limits = TransportConfig::default();
    limits.max_response_size = 256 << 20; // for the export of a large account
    let backpack = Client::with_transport(config, HyperTransport::new(&limits)?);
    Ok(backpack)
}

#[cfg(feature = "reqwest")]
fn with_proxy(token: ApiToken) -> Result<Client, Box<dyn Error>> {
    let config = ClientConfig::for_account(&SERVICE, "acme", token, "Trip planner (jo@example.com)")?;
    let proxy = Proxy::all("http://proxy.example.com:3128")?;
    let transport = ReqwestTransport::new(&TransportConfig::default(), |client| client.proxy(proxy))?;
    let backpack = Client::with_transport(config, transport);
    Ok(backpack)
}
