//! Finds what an argument names by a number or a name. An error lists the names near it.

use backpack_api::blocking::Client;
use backpack_api::{Error as CallError, Page, PageId, UserId};

use crate::error::{CommandError, Exit, failure};

/// Similarity from which a name counts as near, between 0 and 1.
const NEAR: f64 = 0.75;

/// Maximum number of names that an error lists.
const MAX_NAMES: usize = 5;

/// Finds a page by its number or its title. A text of digits is always a number.
///
/// # Errors
///
/// If the pages cannot be listed, or none or several have the title.
pub(super) fn find_page(client: &Client, text: &str) -> Result<PageId, CommandError> {
    if let Ok(number) = text.parse() {
        return Ok(PageId(number));
    }
    let pages = client.pages().list()?;
    Ok(choose("page", text, &pages, |page| (page.id.0, &page.title))?.id)
}

/// Requests a page by its number or its title.
///
/// # Errors
///
/// As [`find_page`], and if the page cannot be requested.
pub(super) fn show_page(client: &Client, text: &str) -> Result<Page, CommandError> {
    client.pages().show(find_page(client, text)?).map_err(missing_as("page", text))
}

/// Finds a user of the account by number or name.
///
/// # Errors
///
/// If the users cannot be listed, or none or several have the name.
pub(super) fn find_user(client: &Client, text: &str) -> Result<UserId, CommandError> {
    if let Ok(number) = text.parse() {
        return Ok(UserId(number));
    }
    let users = client.users().list()?;
    Ok(choose("user", text, &users, |user| (user.id.0, &user.name))?.id)
}

/// Chooses the one of several things whose number is `text`, or whose name is, in any case. `describe` returns the
/// number and the name of a thing; `kind` is what they are.
///
/// # Errors
///
/// [`Exit::NotFound`] if there is none, with the names near it; [`Exit::Usage`] if several have this name.
pub(super) fn choose<'t, T>(
    kind: &str,
    text: &str,
    things: &'t [T],
    describe: impl Fn(&T) -> (u64, &str),
) -> Result<&'t T, CommandError> {
    let number = text.parse::<u64>().ok();
    if let Some(thing) = things.iter().find(|thing| Some(describe(thing).0) == number) {
        return Ok(thing);
    }
    let wanted = text.to_lowercase();
    let named: Vec<&T> = things.iter().filter(|thing| describe(thing).1.to_lowercase() == wanted).collect();
    match named[..] {
        [thing] => Ok(thing),
        [] => {
            let near = list_near(&wanted, things, &describe);
            let near = if near.is_empty() { String::new() } else { format!("; near it: {near}") };
            Err(failure(Exit::NotFound, format!("there is no {kind} “{text}”{near}")))
        }
        _ => {
            let names = list_names(named.into_iter().map(describe));
            Err(failure(Exit::Usage, format!("several are called “{text}”, use the number: {names}")))
        }
    }
}

/// Returns a function that names the thing of an argument in the error of a call, if the service does not find the thing.
pub(super) fn missing_as(kind: &str, text: &str) -> impl FnOnce(CallError) -> CommandError {
    let message = format!("there is no {kind} “{text}”");
    move |error| if error.is_not_found() { failure(Exit::NotFound, message) } else { error.into() }
}

/// Lists things by name and number: `“Coast” (9), “The boat” (2)`.
pub(super) fn list_names<'n>(names: impl Iterator<Item = (u64, &'n str)>) -> String {
    names.take(MAX_NAMES).map(|(number, name)| format!("“{name}” ({number})")).collect::<Vec<_>>().join(", ")
}

/// Lists the things whose name contains a text or is similar to it, the most similar first.
fn list_near<'t, T>(wanted: &str, things: &'t [T], describe: &impl Fn(&T) -> (u64, &str)) -> String {
    let rate = |thing: &'t T| {
        let name = describe(thing).1.to_lowercase();
        let rating = if name.contains(wanted) { 1.0 } else { strsim::jaro_winkler(&name, wanted) };
        (rating >= NEAR).then_some((rating, thing))
    };
    let mut near: Vec<(f64, &T)> = things.iter().filter_map(rate).collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    list_names(near.into_iter().map(|(_, thing)| describe(thing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: &[(u64, &str)] =
        &[(1, "Weekend on the coast"), (2, "The boat"), (3, "Recipes"), (4, "Recipes"), (5, "7")];

    /// Chooses a page. Returns its number, or the message of the error.
    fn choose_page(text: &str) -> Result<u64, String> {
        choose("page", text, PAGES, |page| *page).map(|page| page.0).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_matches_in_any_case_and_a_number_first() {
        assert_eq!(choose_page("the BOAT"), Ok(2));
        assert_eq!(choose_page("2"), Ok(2));
        assert_eq!(choose_page("7"), Ok(5));
    }

    #[test]
    fn an_error_lists_names_near_it_or_all_of_the_same_name() {
        assert_eq!(
            choose_page("recipes"),
            Err("several are called “recipes”, use the number: “Recipes” (3), “Recipes” (4)".to_owned())
        );
        assert_eq!(choose_page("The boot"), Err("there is no page “The boot”; near it: “The boat” (2)".to_owned()));
        assert_eq!(
            choose_page("coast"),
            Err("there is no page “coast”; near it: “Weekend on the coast” (1)".to_owned())
        );
        assert_eq!(choose_page("xyz"), Err("there is no page “xyz”".to_owned()));
    }
}
