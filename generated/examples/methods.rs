//! Methods, options, typed ids, paging and unknown parts of responses: chapters of the client guide. It runs against
//! `backpack serve --demo`, with one of the tokens that it prints:
//!
//! ```sh
//! BACKPACK_TOKEN=… cargo run --example methods
//! ```

use std::error::Error;
use std::time::Duration;

use backpack_api::{ApiToken, Client, HitTarget, NewCalendarEvent, NewNote, journal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = ApiToken::new(std::env::var("BACKPACK_TOKEN")?)?;
    let backpack = Client::with_base_url("http://localhost:3000", token, "Trip planner (jo@example.com)")?;
    call_methods(&backpack).await?;
    set_options(&backpack).await?;
    find_notes(&backpack).await?;
    read_all_pages(&backpack).await?;
    find_unknown_parts(&backpack).await
}

async fn call_methods(backpack: &Client) -> Result<(), Box<dyn Error>> {
    let page = backpack.pages().create("Boots").await?; // a body with one value: an argument
    let notes = backpack.notes(page.id);
    notes.create(NewNote::new().title("Size").body("42")).await?; // optional values: a builder

    for calendar in backpack.calendars().list().await? {
        let event = NewCalendarEvent::new(calendar.id, "9/27 Dinner").remind(true); // required values: arguments of `new`
        backpack.calendar_events().create(event).await?;
    }

    let entries = backpack.journal().list_with(|list| list.count(20)).await?; // optional parameters
    println!("{} entries, page {}", entries.len(), page.id);
    Ok(())
}

async fn find_notes(backpack: &Client) -> Result<(), Box<dyn Error>> {
    for page in backpack.pages().search("Size").await? {
        for hit in &page.hits {
            match hit.target() {
                HitTarget::Note(id) => println!("note {id} on page {}", page.id), // `id` is a `NoteId`
                HitTarget::List(id) => println!("list {id} on page {}", page.id),
                other => println!("{other:?} on page {}", page.id), // also kinds that this version does not know
            }
        }
    }
    Ok(())
}

async fn set_options(backpack: &Client) -> Result<(), Box<dyn Error>> {
    let patient = backpack.with_options(|options| options.max_attempts = 8);
    let reminders = backpack.with_deadline(Duration::from_secs(5)).reminders().list().await?;
    let pages = backpack.without_retries().pages().list().await?;
    println!("{patient:?}: {} reminders, {} pages", reminders.len(), pages.len());
    Ok(())
}

async fn read_all_pages(backpack: &Client) -> Result<(), Box<dyn Error>> {
    let mut entries = backpack.journal().list_all();
    while let Some(entry) = entries.next().await {
        println!("{}", entry?.body);
    }
    Ok(())
}

async fn find_unknown_parts(backpack: &Client) -> Result<(), Box<dyn Error>> {
    let full = backpack.call_with_response(&journal::List::new()).await?;
    if full.unknown_elements > 0 {
        println!("the API has grown: {} elements and attributes were skipped", full.unknown_elements);
        println!("at {}", full.unknown_paths.join(", "));
    }
    Ok(())
}
