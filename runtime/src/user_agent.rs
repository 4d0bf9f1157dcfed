//! Validation of the User-Agent.

use http::HeaderValue;

use crate::service::Service;

/// Parses the User-Agent that a program sends to a service and to its token issuer; `None` if it is empty, not
/// ASCII or has a control character, or if the service requires a contact and [`has_contact`] is `false`.
pub(crate) fn parse_user_agent(service: &Service, user_agent: &str) -> Option<HeaderValue> {
    let value =
        HeaderValue::from_str(user_agent.trim()).ok().filter(|value| !value.is_empty() && value.to_str().is_ok())?;
    (!service.requires_user_agent_contact || has_contact(user_agent)).then_some(value)
}

/// `true` if the text is a name followed by parentheses that contain a link or an e-mail address.
fn has_contact(user_agent: &str) -> bool {
    let mut parts = user_agent.split('(');
    let has_name = parts.next().is_some_and(|name| !name.trim().is_empty());
    let mut words = parts.filter_map(|part| part.split_once(')')).flat_map(|(inside, _)| inside.split_whitespace());
    has_name && words.any(is_contact)
}

/// `true` if a word is an `http` or `https` link, or an e-mail address.
fn is_contact(word: &str) -> bool {
    let link = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    let is_email = word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    is_email || link.is_some_and(|link| !link.is_empty())
}
