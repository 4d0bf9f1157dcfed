//! `backpack doctor`: checks everything that a call needs.

use std::fmt;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use backpack_api::runtime::http::Response;
use backpack_api::runtime::jiff::{Timestamp, fmt::rfc2822};
use backpack_api::{Error, SERVICE, User, users};
use clap::Args;
use serde::Serialize;

use crate::connection::{AccountArgs, SelectedAccount, TokenSource, create_client, find_host};
use crate::error::{CommandError, Exit, exit_of_call, failure, with_causes};
use crate::output::{OutputArgs, Table, paint};

/// Check the token, the connection, the clock and the rate limits.
///
/// Sends one read-only request. Prints one line for each check.
#[derive(Args)]
pub(crate) struct DoctorCommand {
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// One check.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    state: State,
    text: String,
}

/// Result of a check.
#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// Commands work, but something is unusual or unknown.
    Warning,
    /// Commands fail for this reason.
    Failed,
}

/// Difference of the clocks, in seconds, from which reminders and retries become wrong.
const MAX_CLOCK_DIFFERENCE: i64 = 60;

impl DoctorCommand {
    /// Runs the checks, and prints them.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let account = self.account.select()?;
        let mut checks = vec![check_token(&account)];
        let mut exit = Exit::NotPermitted;
        if let Ok(config) = account.config() {
            // One attempt, so that a rate limit or an outage is reported and not waited for.
            let result = create_client(config)?.without_retries().call_with_response(&users::Me::new());
            if let Err(error) = &result {
                exit = exit_of_call(error);
            }
            let result = result.as_ref();
            checks.push(check_host(&account, result.err()));
            checks.push(check_scheme(&account, result.err()));
            checks.push(check_clock(result.map(|full| &full.response)));
            checks.push(check_rate(result.err()));
            checks.push(check_user(result.map(|full| &full.value)));
        }
        let mut table = Table::new(&[]);
        checks.iter().for_each(|check| table.add([&check.name, &check.state, &check.text]));
        self.output.print(&checks, &table)?;
        let failed = checks.iter().find(|check| check.state == State::Failed);
        failed.map_or(Ok(()), |check| Err(failure(exit, format!("{}: {}", check.name, check.text))))
    }
}

/// Checks that there is a token, and that only the user can read its file.
fn check_token(account: &SelectedAccount) -> Check {
    let name = "token";
    match account.config().and_then(|_| account.token_source()) {
        Err(error) => Check { name, state: State::Failed, text: error.to_string() },
        Ok(TokenSource::File(path)) if is_shared(path) => {
            let text = format!("other users of this machine can read {0}: run `chmod 600 {0}`", path.display());
            Check { name, state: State::Warning, text }
        }
        Ok(source) => Check { name, state: State::Ok, text: format!("from {source}") },
    }
}

/// `true` if users other than the owner can read or write a file.
#[cfg(unix)]
fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// `false`: on this system, the folder protects the file.
#[cfg(not(unix))]
fn is_shared(_path: &Path) -> bool {
    false
}

/// Checks that the host responds.
fn check_host(account: &SelectedAccount, error: Option<&Error>) -> Check {
    let host = find_host(&account.url);
    let (state, text) = match error.filter(|error| error.status().is_none()) {
        Some(error) => (State::Failed, format!("{host}: {}", with_causes(error))),
        None => (State::Ok, format!("{host} responds")),
    };
    Check { name: "host", state, text }
}

/// Checks that the account is served with this scheme.
fn check_scheme(account: &SelectedAccount, error: Option<&Error>) -> Check {
    let scheme = account.url.split("://").next().unwrap_or_default();
    let is_redirect = |error: &&Error| error.status().is_some_and(|status| status.is_redirection());
    let (state, text) = match error.filter(is_redirect).filter(|error| !error.is_unauthorized()) {
        Some(error) => (State::Failed, error.to_string()),
        None if scheme == "http" => (State::Ok, "http, on this machine only".to_owned()),
        None => (State::Ok, scheme.to_owned()),
    };
    Check { name: "scheme", state, text }
}

/// Compares the clock of this machine with the `Date` of the response.
fn check_clock<B>(result: Result<&Response<B>, &Error>) -> Check {
    let date = result.ok().and_then(|response| response.headers().get("date")?.to_str().ok());
    let served = date.and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp());
    let difference = served.map(|served| Timestamp::now().as_second() - served.as_second());
    let (state, text) = match difference {
        None if result.is_err() => (State::Warning, "not compared, since the request failed".to_owned()),
        None => (State::Warning, "the service sent no time".to_owned()),
        Some(seconds) if seconds.abs() <= MAX_CLOCK_DIFFERENCE => (State::Ok, "agrees with the service".to_owned()),
        Some(seconds) => {
            let direction = if seconds > 0 { "ahead of" } else { "behind" };
            (State::Warning, format!("{} seconds {direction} the service: set the clock", seconds.abs()))
        }
    };
    Check { name: "clock", state, text }
}

/// Checks that the rate limit has requests left. The service does not report their number.
fn check_rate(error: Option<&Error>) -> Check {
    let (state, text) = match error.filter(|error| error.is_rate_limited()) {
        Some(error) => {
            let wait = error.retry_after().unwrap_or_default().as_secs();
            (State::Failed, format!("no request is left: try again in {wait} seconds"))
        }
        None => (State::Ok, describe_limits()),
    };
    Check { name: "rate", state, text }
}

/// Describes the rate limits of the API, to which commands keep by themselves.
fn describe_limits() -> String {
    let mut limits: Vec<_> = SERVICE.operations.iter().filter_map(|operation| operation.rate_limit).collect();
    limits.sort_unstable_by_key(|limit| limit.name);
    limits.dedup();
    let describe = |limit: &backpack_api::runtime::service::RateLimit| {
        format!("{} requests in {} seconds ({})", limit.requests, limit.seconds, limit.name)
    };
    limits.iter().map(describe).collect::<Vec<_>>().join(", ")
}

/// Checks that the service knows the user of the token.
fn check_user(user: Result<&User, &Error>) -> Check {
    let (state, text) = match user {
        Ok(user) => (State::Ok, format!("{}, number {}", user.name, user.id)),
        Err(error) => (State::Failed, with_causes(error)),
    };
    Check { name: "user", state, text }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, colour) = match self {
            Self::Ok => ("ok", AnsiColor::Green),
            Self::Warning => ("warning", AnsiColor::Yellow),
            Self::Failed => ("failed", AnsiColor::Red),
        };
        f.write_str(&paint(text, Style::new().fg_color(Some(colour.into()))))
    }
}
