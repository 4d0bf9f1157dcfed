//! The first program of the README. It runs against `backpack serve --demo`, with one of the tokens that it prints:
//!
//! ```sh
//! BACKPACK_TOKEN=… cargo run --example first_program
//! ```

use backpack_api::{ApiToken, Client, NewNote, PageId};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = ApiToken::new(std::env::var("BACKPACK_TOKEN")?)?;
    // At backpackit.com: `Client::new("acme", token, "Trip planner (jo@example.com)")?`
    let backpack = Client::with_base_url("http://localhost:3000", token, "Trip planner (jo@example.com)")?;

    let page = backpack.pages().create("Coast").await?;
    backpack.notes(page.id).create(NewNote::new().title("Ferry").body("Leaves at nine")).await?;

    let mut entries = backpack.journal().list_all(); // requests further pages as needed
    while let Some(entry) = entries.next().await {
        println!("{}", entry?.body);
    }

    match backpack.pages().show(PageId(9)).await {
        Ok(page) => println!("{page:#?}"),
        Err(error) if error.is_not_found() => println!("no such page"),
        Err(error) if error.is_unauthorized() => println!("the token is not valid any more"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
