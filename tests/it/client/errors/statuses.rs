//! HTTP statuses, redirects and `Retry-After`.

use std::time::Duration;

use backpack_api::calendars;
use backpack_api::runtime::http::StatusCode;
use backpack_tests::schema;

use super::responses::{new_response, read_endpoint_error, read_error, response_with_header};
use crate::support::{Checks, check_equal, first_cases};

#[test]
fn every_status_from_300_is_an_error() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api) {
        for status in (300..600).filter_map(|status| StatusCode::from_u16(status).ok()) {
            for body in [
                "",
                "<html>0123456789abcdef0123456789abcdef01234567</html>",
                "Sorry.",
                "<errors><error>No</error></errors>",
            ] {
                let result = read_error(&case, &request, &new_response(status.as_u16(), body)).and_then(|error| {
                    let phrase = status.canonical_reason().unwrap_or("no reason given");
                    let text = format!("{}: HTTP status {}: {phrase}", case.operation.name, status.as_u16());
                    check_equal("text", &error.to_string(), &text)?;
                    check_equal("code", &error.code(), &Some(status.as_u16().into()))?;
                    check_equal("is_not_found", &error.is_not_found(), &(status == 404))?;
                    // A documented 403 says that the user lacks permission. Otherwise it rejects the token.
                    let is_documented = case.operation.errors.iter().any(|(error, _)| *error == 403);
                    let is_unauthorized = status == 401 || (status == 403 && !is_documented);
                    check_equal("is_unauthorized", &error.is_unauthorized(), &is_unauthorized)?;
                    check_equal("is_forbidden", &error.is_forbidden(), &(status == 403))?;
                    check_equal("is_rate_limited", &error.is_rate_limited(), &(status == 429))?;
                    check_equal("retry_after", &error.retry_after(), &None)
                });
                checks.record(format!("{}, {status}, {body}", case.name()), result);
            }
        }
    }
    checks.finish();
}

#[test]
fn a_redirect_to_the_sign_in_page_is_unauthorized() {
    let api = schema::read_api();
    for (case, request) in first_cases(&api) {
        for location in [
            "/login",
            "http://acme.backpackit.com/login",
            "https://acme.backpackit.com/login?back=/0123456789abcdef0123456789abcdef01234567/users.xml",
        ] {
            let error =
                read_error(&case, &request, &response_with_header(302, "location", location, "<html/>")).unwrap();
            assert!(error.is_unauthorized() && !error.is_not_found(), "{error}");
            let text = "the token was rejected (HTTP status 302, redirect to the sign-in page)";
            assert_eq!(error.to_string(), format!("{}: {text}", case.operation.name));
        }
        for location in [
            "/",
            "/logins",
            "https://acme.backpackit.com/0123456789abcdef0123456789abcdef01234567/users.xml",
            "/pub/login",
        ] {
            let error = read_error(&case, &request, &response_with_header(302, "location", location, "")).unwrap();
            assert!(!error.is_unauthorized(), "{location}: {error}");
        }
    }
}

#[test]
fn rate_limit_errors_report_retry_after() {
    for status in [503, 429] {
        for body in ["", "<html>Slow down</html>"] {
            let error =
                read_endpoint_error(calendars::List::new(), &response_with_header(status, "retry-after", " 5 ", body));
            assert!(error.is_rate_limited(), "{error}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
        }
    }
}

#[test]
fn an_error_with_retry_after_is_a_rate_limit_error_only_with_its_statuses() {
    let error = read_endpoint_error(calendars::List::new(), &response_with_header(500, "retry-after", "5", ""));
    assert!(!error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(5)));
}
