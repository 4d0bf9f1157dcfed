//! Values in paths and queries are percent-encoded, or rejected.

use backpack_api::runtime::decode_error::DecodeError;
use backpack_api::runtime::http::Method;
use backpack_api::runtime::query::QueryWriter;
use backpack_api::runtime::response::ResponseReader;
use backpack_api::runtime::service::{Operation, RetryClass};
use backpack_api::runtime::xml::Writer;
use backpack_api::runtime::{Endpoint, scalar};
use backpack_api::{EndpointExt, styles};
use backpack_tests::examples::TOKEN;

use crate::support::client_config;

/// An operation with a word in its path, written by hand, since the API has only numbers in its paths.
#[derive(Debug, Clone, PartialEq)]
struct ShowFile {
    name: String,
    about: Option<String>,
}

impl Endpoint for ShowFile {
    type Response = ();

    const OPERATION: &'static Operation = &Operation {
        name: "files.show",
        method: Method::GET,
        path: "/files/{name}.txt",
        style: &styles::QUERY,
        rate_limit: None,
        retry: RetryClass::ReadOnly,
        has_payload: false,
        status: 200,
        has_envelope: false,
        errors: &[],
        is_legacy: false,
    };

    fn write_path(&self, out: &mut Writer) {
        out.write_raw("/files/");
        out.write_scalar_path_segment::<scalar::Word>(&self.name);
        out.write_raw(".txt");
    }

    fn write_query(&self, query: &mut QueryWriter<'_>) {
        query.optional::<scalar::Text>("about", &self.about);
    }

    fn read_response(response: &ResponseReader<'_>) -> Result<(), DecodeError> {
        response.read_empty()
    }
}

#[test]
fn values_cannot_change_the_structure_of_a_path() {
    for name in [
        "a/b", "/", "../..", "..\\..", "a?b", "a#b", "a%2Fb", "%", "+", ";", "a&b=c", "@host", "//host", "é🛶",
        "\u{202e}", "\0", "…",
    ] {
        let file = ShowFile { name: name.to_owned(), about: Some(name.to_owned()) };
        let uri = file.to_request(&client_config()).unwrap().uri().clone();
        assert_eq!(uri.authority().unwrap(), "acme.backpackit.com", "{name}");
        let escaped: String = name.bytes().map(percent_encode).collect();
        assert_eq!(uri.path(), format!("/files/{escaped}.txt"));
        assert_eq!(uri.query(), Some(&*format!("about={escaped}&token={}", TOKEN)));
    }
    for (name, problem) in [
        ("", "should not be empty"),
        (".", "a path segment is empty, . or .."),
        ("..", "a path segment is empty, . or .."),
        ("a b", "should not contain white space"),
        ("a\r\nHost: b", "should not contain white space"),
    ] {
        let error = ShowFile { name: name.to_owned(), about: None }.to_request(&client_config()).unwrap_err();
        assert_eq!(error.to_string(), format!("files.show: invalid request, not sent: {problem}"));
    }
}

/// Encodes a byte for a path or a query.
fn percent_encode(byte: u8) -> String {
    let is_unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if is_unreserved { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}
