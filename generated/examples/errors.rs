//! Telling errors apart. It runs against `backpack serve --demo`, with one of the tokens that it prints:
//!
//! ```sh
//! BACKPACK_TOKEN=… cargo run --example errors
//! ```

use std::error::Error;

use backpack_api::{ApiToken, Client, PageId};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = ApiToken::new(std::env::var("BACKPACK_TOKEN")?)?;
    let agent = "Trip planner (jo@example.com)";
    show_page(Client::with_base_url("http://localhost:3000", token.clone(), agent)?).await?;
    // A wrong token, and an address without a server.
    let wrong = ApiToken::new("0123456789abcdef0123456789abcdef01234567")?;
    show_page(Client::with_base_url("http://localhost:3000", wrong, agent)?).await?;
    show_page(Client::with_base_url("http://localhost:9", token, agent)?.without_retries()).await
}

async fn show_page(backpack: Client) -> Result<(), Box<dyn Error>> {
    match backpack.pages().show(PageId(9)).await {
        Ok(page) => println!("{page:#?}"),
        Err(error) if error.is_not_found() => println!("no such page, or it is not shared with you"),
        Err(error) if error.is_unauthorized() => println!("the token is not valid any more"),
        Err(error) if error.is_rate_limited() => println!("try again in {:?}", error.retry_after()),
        Err(error) if error.is_timeout() || error.is_connect() => println!("the service could not be reached: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
