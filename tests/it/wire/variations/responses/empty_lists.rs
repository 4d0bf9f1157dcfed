//! Lists without items: the documents that stand for them.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, ServeEndpointExt, lists, users};
use backpack_tests::schema;
use bytes::Bytes;

use super::reading::read_body;
use crate::support::{Checks, check_equal, first_cases};

/// Document for an empty list of a Rails service, whatever the list is of.
const NIL_CLASSES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nil-classes type=\"array\"/>\n";

/// Reads [`NIL_CLASSES`] as a response to an operation, and returns the body that a server writes for the value.
struct RewriteNilClasses;

impl Visitor for RewriteNilClasses {
    type Output = Result<String, String>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Self::Output {
        let reply = E::from_response(&Response::new(Bytes::from(NIL_CLASSES))).map_err(|error| error.to_string())?;
        let response = endpoint.respond(&reply).map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(response.body()).into_owned())
    }
}

#[test]
fn every_rest_list_reads_nil_classes_as_empty_and_writes_its_own_root() {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for (case, request) in first_cases(&api) {
        let response = &case.endpoint.response;
        let Some(value) = response.value.as_ref().filter(|value| value.presence.is_many()) else { continue };
        if response.has_envelope {
            continue;
        }
        let root = &response.shape.as_ref().unwrap()[0].name;
        let result = request.visit(RewriteNilClasses).and_then(|body| {
            let has_own_root = body.contains(&format!("<{root}")) && !body.contains("nil-classes");
            check_equal(&format!("root of `{}` in {body}", value.name), &has_own_root, &true)
        });
        checks.record(case.name(), result);
    }
    assert!(checks.count() >= 8, "{} lists", checks.count());
    checks.finish();
}

#[test]
fn nil_classes_is_read_in_any_form() {
    for body in [
        NIL_CLASSES,
        "<nil-classes/>",
        "<nil-classes type=\"array\"></nil-classes>",
        "<nil-classes type='array'>\n</nil-classes>",
        "<nil-classes type=\"array\" nil=\"true\"/>",
    ] {
        let response = Response::new(Bytes::from(body));
        let result = users::List::from_response(&response);
        assert_eq!(result.map_err(|error| error.to_string()), Ok(Vec::new()), "{body}");
    }
}

#[test]
fn nil_classes_stands_for_no_other_value() {
    for body in [NIL_CLASSES, "<response success=\"true\"><nil-classes type=\"array\"/></response>"] {
        read_body::<users::Me>(body).unwrap_err();
        read_body::<lists::Create>(body).unwrap_err();
    }
    // The root of this list is in an envelope, and is declared without a document for an empty list.
    read_body::<lists::List>(NIL_CLASSES).unwrap_err();
}
