//! OAuth 2 (draft 5): from a user's consent to a token that refreshes itself.
//!
//! The steps, in the order in which they happen:
//!
//! 1. [`App::authorize_url`]: the URL to which the program sends the user for consent.
//! 2. [`App::read_redirect`]: the code from the URL to which the issuer sends the user back.
//! 3. [`App::exchange_code`]: the code in exchange for a [`Grant`].
//! 4. [`SharedGrant`]: the grant as credentials of a client, refreshed when it expires.
//!
//! Step 3 works over any transport, async or blocking. Without I/O, it is a request ([`App::exchange_code_request`], or
//! [`App::refresh_request`]) and a function that reads the response ([`Grant::from_response`], [`Grant::refreshed`]).
//!
//! [`App::authorization_request`] asks the issuer about the user and the accounts of a grant. Issuers differ in the
//! members of the response, which [`JsonObject`] reads.
//!
//! In reading order: `draft5` contains everything that differs from the final standard; `app`, `grant` and
//! `shared_grant` contain the types above; `json` reads the issuer's responses.
//!
//! **Invariant:** a secret is sent to the issuer's URLs only, over https or to this machine, and no redirect is
//! followed.

mod app;
mod draft5;
mod grant;
mod json;
mod shared_grant;

#[cfg(test)]
mod tests;

pub use self::app::App;
pub use self::draft5::RedirectError;
pub use self::grant::{Grant, InvalidGrant};
pub use self::json::JsonObject;
pub use self::shared_grant::SharedGrant;
