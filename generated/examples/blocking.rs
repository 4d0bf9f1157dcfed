//! The blocking client. It runs against `backpack serve --demo`, with one of the tokens that it prints:
//!
//! ```sh
//! BACKPACK_TOKEN=… cargo run --example blocking --features blocking
//! ```

use backpack_api::{ApiToken, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let token = ApiToken::new(std::env::var("BACKPACK_TOKEN")?)?;
    let backpack = blocking::Client::with_base_url("http://localhost:3000", token, "Trip planner (jo@example.com)")?;
    for reminder in backpack.reminders().list()? {
        println!("{} {}", reminder.remind_at, reminder.content);
    }
    Ok(())
}
