//! Bodies that are not a response of the operation: web pages, other documents, truncated or empty bodies.

use backpack_api::calendars;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::StatusCode;
use backpack_tests::examples::{self, Case, TOKEN};
use backpack_tests::schema;
use bytes::Bytes;

use super::responses::{ReadResponse, expects_body, new_response, read_endpoint_error, read_error};
use crate::support::{Checks, check_equal, first_cases, read_request};

#[test]
fn content_after_the_document_is_an_error() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for case in examples::cases(&api) {
        let Some(response) = case.response().filter(|response| !response.body().is_empty()) else { continue };
        let request = read_request(&case.request()).unwrap();
        for rest in ["<html/>", "more", "</response>", "&amp;", "<!--", "<?xml version='1.0'?>"] {
            let longer = response.clone().map(|body| Bytes::from([&body, rest.as_bytes()].concat()));
            checks.record(format!("{} and {rest}", case.name()), read_error(&case, &request, &longer).map(drop));
        }
    }
    checks.finish();
}

/// Web pages, such as a sign-in page, in different versions of HTML.
const WEB_PAGES: &[&str] = &[
    "<!DOCTYPE html>\n<html><body>0123456789abcdef0123456789abcdef01234567</body></html>",
    "\r\n  <!doctype html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"><html/>",
    "<html><head><title>Sign in</title></head></html>",
    "<HTML LANG=en><P>Down for maintenance",
];

#[test]
fn a_web_page_is_an_error() {
    check_each_with_body(|case, request| {
        for page in WEB_PAGES {
            let error = read_error(case, request, &new_response(200, *page))?;
            let text = format!("{}: expected XML, got an HTML page (HTTP status 200)", case.operation.name);
            check_equal("text", &error.to_string(), &text)?;
            check_equal("status", &error.status(), &Some(StatusCode::OK))?;
            check_equal("code", &error.code(), &None)?;
        }
        Ok(())
    });
}

#[test]
fn an_empty_body_is_an_error() {
    check_each_with_body(|case, request| {
        for body in ["", " ", "\r\n"] {
            let error = read_error(case, request, &new_response(200, body))?;
            check_equal("reports an empty body", &error.to_string().ends_with("the document is empty"), &true)?;
        }
        for body in ["\u{feff}", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!-- nothing -->"] {
            let error = read_error(case, request, &new_response(200, body))?;
            check_equal("reports a truncated body", &error.to_string().contains("is truncated"), &true)?;
        }
        Ok(())
    });
}

#[test]
fn any_other_document_is_an_error() {
    check_each_with_body(|case, request| {
        for body in [
            "OK",
            "{\"token\": \"0123456789abcdef0123456789abcdef01234567\"}",
            "<other/>",
            "<response/><response/>",
            "<a>",
        ] {
            read_error(case, request, &new_response(200, body))?;
        }
        read_error(case, request, &new_response(200, &b"<response success='true'>\xff</response>"[..]))?;
        read_error(case, request, &new_response(200, &b"\xff\xfe<\0a\0/\0>\0"[..])).map(drop)
    });
}

/// If the response of an operation has no body, the client ignores any body but a web page, because the status is the
/// whole result. If the value is in the `Location` header, a response without that header is an error, with any body.
#[test]
fn if_no_body_is_expected_only_a_web_page_is_an_error() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| !expects_body(case)) {
        for body in ["", "OK", "<ok", "<HTML/>", "\n<!doctype html><p>Sign in</p>"] {
            let result = request.clone().visit(ReadResponse(&new_response(200, body)));
            let is_web_page = body.to_lowercase().contains("html");
            let result = match (&case.endpoint.response.value, result) {
                (None, result) if !is_web_page => result.map(drop).map_err(|error| error.to_string()),
                (None, Err(error)) if error.to_string().contains("an HTML page") => Ok(()),
                (None, result) => Err(format!("should be an error: {result:?}")),
                (Some(_), Ok(value)) => Err(format!("value without a source: {value}")),
                (Some(_), Err(_)) => Ok(()),
            };
            checks.record(format!("{}, {body}", case.name()), result);
        }
    }
    checks.finish();
}

/// Runs a check with the first example of each operation whose response has to have a body.
fn check_each_with_body(check: impl Fn(&Case<'_>, &AnyRequest) -> Result<(), String>) {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| expects_body(case)) {
        checks.record(case.name(), check(&case, &request));
    }
    checks.finish();
}

#[test]
fn errors_show_no_text_of_the_document() {
    let secret = "<calendars><calendar><account-id>TOKEN</account-id><color>TOKEN</color></calendar></calendars>";
    let mut bodies = vec![secret.to_owned()];
    for field in ["account-id", "created-at", "ical-subscription-url", "id", "token"] {
        bodies
            .push(format!("<calendars><calendar><{field} note='TOKEN'>TOKEN\n TOKEN</{field}></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field}>TOKEN</TOKEN></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field} a='TOKEN' a='TOKEN'/></calendar></calendars>"));
        bodies.push(format!("<calendars><calendar><{field}>&TOKEN;</{field}></calendar></calendars>"));
    }
    for body in bodies {
        let response = new_response(200, body.replace("TOKEN", TOKEN));
        // Asserts that neither the error nor its sources show the token.
        let error = read_endpoint_error(calendars::List::new(), &response);
        assert!(error.to_string().starts_with("calendars.list: invalid response (HTTP status 200): "), "{error}");
    }
}
