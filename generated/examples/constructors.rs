//! The constructors of a client. The program only creates clients.

use std::error::Error;

use backpack_api::{AccessToken, ApiToken, Client, Credentials};

const USER_AGENT: &str = "Trip planner (jo@example.com)";

fn main() -> Result<(), Box<dyn Error>> {
    let clients = with_api_token(&ApiToken::new("0123456789abcdef0123456789abcdef01234567")?)?;
    println!("{clients:?}");
    if std::env::var_os("BACKPACK_ACCESS_TOKEN").is_some() {
        println!("{:?}", with_access_token()?);
    }
    Ok(())
}

fn with_api_token(token: &ApiToken) -> Result<[Client; 4], Box<dyn Error>> {
    let backpackit = Client::new("acme", token.clone(), USER_AGENT)?;
    let own_service = Client::with_base_url("https://backpack.example.org", token.clone(), USER_AGENT)?;
    let this_machine = Client::with_base_url("http://localhost:3000", token.clone(), USER_AGENT)?;
    let home_network = Client::with_insecure_base_url("http://backpack.local:3000", token.clone(), USER_AGENT)?;
    Ok([backpackit, own_service, this_machine, home_network])
}

fn with_access_token() -> Result<Client, Box<dyn Error>> {
    let token = AccessToken::new(std::env::var("BACKPACK_ACCESS_TOKEN")?)?;
    let backpack = Client::new("acme", Credentials::Bearer(token), USER_AGENT)?;
    Ok(backpack)
}
