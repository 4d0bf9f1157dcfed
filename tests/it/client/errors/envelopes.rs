//! Failures in a response envelope, well-formed or not.

use backpack_api::Error;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::StatusCode;
use backpack_tests::examples::Case;
use backpack_tests::schema;

use super::responses::{new_response, read_error};
use crate::support::{Checks, check_equal, first_case, first_cases};

/// Envelopes that report a missing record, as the service has written them over time.
const NOT_FOUND: &[&str] = &[
    "<response success='false'><error code='404'>Record not found</error></response>",
    "<response success='false'><error code='404'>Record not found</item></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><error code=\"404\">Record not found</error></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success='false'>\n  <error code='404'>Record not found</item>\n</response>\n",
    "<response success='false'>\r\n<error code=' 404 '>Record not found</error>\r\n</response>\r\n",
    "<response success=\"false\"><error code=\"404\" id=\"3\">Record&#32;not found</error><hint/></response>",
    // Without `success='false'`.
    "<response><error code='404'>Record not found</error></response>",
];

/// Failure envelopes without a usable code or message.
const VAGUE: &[&str] = &[
    "<response success='false'/>",
    "<response success='false'></response>",
    "<response success='false'><error>Internal error</error></response>",
    "<response success='false'><error code='E404'>Record not found</error></response>",
    "<response success='false'><error code=''>Record not found</error></response>",
    "<response success='false'><error code='404'/></response>",
    "<response success='no'><pages/><notes/><items/></response>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response success=\"false\"><pages/></response>",
];

#[test]
fn a_failure_without_details_is_still_an_error() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api).filter(|(case, _)| case.operation.response_envelope().is_some()) {
        for body in VAGUE {
            for status in [200, 404, 500] {
                let result = read_error(&case, &request, &new_response(status, *body)).map(|_| ());
                checks.record(format!("{}, {status}, {body}", case.name()), result);
            }
        }
    }
    checks.finish();
}

#[test]
fn a_failure_envelope_is_read_under_any_status() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    let has_failure_envelope = |(case, _): &(Case<'_>, AnyRequest)| case.operation.style.failure.is_some();
    for (case, request) in first_cases(&api).filter(has_failure_envelope) {
        for text in NOT_FOUND {
            for status in [200, 404, 500] {
                let result = read_error(&case, &request, &new_response(status, *text))
                    .and_then(|error| check_not_found(&error, status));
                checks.record(format!("{}, {status}, {text}", case.name()), result);
            }
        }
    }
    checks.finish();
}

/// Checks that an error reports a missing record, and the HTTP status of the response.
fn check_not_found(error: &Error, status: u16) -> Result<(), String> {
    check_equal("code", &error.code(), &Some(404))?;
    check_equal("message", &error.message(), &Some("Record not found"))?;
    check_equal("status", &error.status(), &StatusCode::from_u16(status).ok())?;
    let others = [error.is_unauthorized(), error.is_rate_limited()];
    check_equal("predicates", &(error.is_not_found(), others), &(true, [false; 2]))?;
    let shown = match status {
        404 => format!("{}: Record not found (code 404)", error.operation().name),
        _ => format!("{}: Record not found (code 404, HTTP status {status})", error.operation().name),
    };
    check_equal("text", &error.to_string(), &shown)
}

#[test]
fn an_internal_error_is_not_reported_as_a_missing_record() {
    let api = schema::read_api();
    let (case, request) = first_case(&api, "notes.create");
    for status in [200, 404, 500] {
        let body = "<response success='false'><error code='500'>Internal error</error></response>";
        let error = read_error(&case, &request, &new_response(status, body)).unwrap();
        assert_eq!((error.code(), error.message()), (Some(500), Some("Internal error")));
        assert!(!error.is_not_found());
    }
}

#[test]
fn a_truncated_failure_is_still_an_error() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    let has_failure_envelope = |(case, _): &(Case<'_>, AnyRequest)| case.operation.style.failure.is_some();
    for (case, request) in first_cases(&api).filter(has_failure_envelope) {
        for text in NOT_FOUND {
            for end in 0..text.trim_end().len() {
                let body = text.get(..end).expect("the texts are ASCII");
                let result = read_error(&case, &request, &new_response(200, body)).map(drop);
                checks.record(format!("{}, {body}", case.name()), result);
            }
        }
    }
    checks.finish();
}
