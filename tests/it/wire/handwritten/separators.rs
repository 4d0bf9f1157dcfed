//! `separators.create`, of the REST style: responses without an envelope, failures by status, a `Location` header.

use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::incoming::IncomingRequest;
use backpack_api::runtime::path_template::Segment;
use backpack_api::runtime::response::ResponseReader;
use backpack_api::runtime::routing::Route;
use backpack_api::runtime::service::{
    EnvelopePart, Operation, RateLimit, RequestEnvelope, RetryClass, Style, TokenHeader,
};
use backpack_api::runtime::support::read::{DecodeError, FirstSeen, ReadXml, required, unexpected_root};
use backpack_api::runtime::support::write::WriteXml;
use backpack_api::runtime::xml::{Reader, Writer};
use backpack_api::runtime::{Endpoint, ServeEndpoint, scalar};
use backpack_tests::examples::TOKEN;
use bytes::Bytes;

use super::compare::{TEXTS, assert_same_reading, assert_same_request, assert_same_response};

#[derive(Clone, Copy, PartialEq)]
struct PageId(u64);

xmlwire::declare_id!(PageId);

#[derive(Clone, Copy, PartialEq)]
struct SeparatorId(u64);

xmlwire::declare_id!(SeparatorId);

/// Style of the operation: the token is in the request's envelope, and responses have no envelope.
static ENVELOPED: Style = Style {
    name: "enveloped",
    prefix: &[],
    header: None,
    query: None,
    request: Some(RequestEnvelope {
        parts: &[
            EnvelopePart::Xml("<request>"),
            EnvelopePart::Token("token"),
            EnvelopePart::Payload,
            EnvelopePart::Xml("</request>"),
        ],
        path: &["request"],
        token: &["request", "token"],
    }),
    response: None,
    bearer: Some(TokenHeader { name: "authorization", before: "Bearer ", after: "" }),
    failure: None,
    sign_in_path: None,
};

/// Response of the operation.
#[derive(Debug, Clone, PartialEq)]
struct Separator {
    id: SeparatorId,
    name: String,
    page_id: PageId,
}

impl ReadXml for Separator {
    fn read(xml: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = xml.start();
        let mut seen = FirstSeen::default();
        let (mut id, mut name, mut page_id) = (None, None, None);
        while let Some(child) = xml.next_child()? {
            match child {
                "id" if seen.insert(0) => id = xml.read_scalar::<SeparatorId>()?,
                "name" if seen.insert(1) => name = xml.read_scalar::<scalar::Text>()?,
                "page-id" if seen.insert(2) => page_id = xml.read_scalar::<PageId>()?,
                _ => xml.skip_element()?,
            }
        }
        Ok(Self {
            id: required(id, at, "id")?,
            name: name.unwrap_or_default(),
            page_id: required(page_id, at, "page-id")?,
        })
    }
}

impl WriteXml for Separator {
    fn write(&self, start: &'static str, end: &'static str, xml: &mut Writer) {
        xml.write_raw(start);
        xml.write_raw("><id type=\"integer\">");
        xml.write_scalar::<SeparatorId>(&self.id);
        xml.write_raw("</id><name>");
        xml.write_text(&self.name);
        xml.write_raw("</name><page-id type=\"integer\">");
        xml.write_scalar::<PageId>(&self.page_id);
        xml.write_raw("</page-id>");
        xml.write_raw(end);
    }
}

/// Request of the operation.
#[derive(Debug, Clone, PartialEq)]
struct Create {
    page_id: PageId,
    name: String,
}

impl Endpoint for Create {
    type Response = Separator;

    const OPERATION: &'static Operation = &Operation {
        name: "separators.create",
        method: Method::POST,
        path: "/pages/{page_id}/separators.xml",
        style: &ENVELOPED,
        rate_limit: Some(RateLimit { name: "all", requests: 100, seconds: 5 }),
        retry: RetryClass::NotIdempotent,
        has_payload: true,
        status: 201,
        has_envelope: false,
        errors: &[],
        is_legacy: false,
    };

    fn write_path(&self, out: &mut Writer) {
        out.write_raw("/pages/");
        out.write_scalar_path_segment::<PageId>(&self.page_id);
        out.write_raw("/separators.xml");
    }

    fn write_payload(&self, xml: &mut Writer) {
        xml.write_raw("<separator><name>");
        xml.write_text(&self.name);
        xml.write_raw("</name></separator>");
    }

    fn read_response(response: &ResponseReader<'_>) -> Result<Separator, DecodeError> {
        response.read_payload(|xml| {
            let at = xml.start();
            let (mut seen, mut separator) = (FirstSeen::default(), None);
            while let Some(child) = xml.next_child()? {
                match child {
                    "separator" if seen.insert(0) => separator = xml.read_data::<Separator>()?,
                    _ => return Err(unexpected_root(xml, "separator")),
                }
            }
            required(separator, at, "separator")
        })
    }
}

impl ServeEndpoint for Create {
    fn read_request(incoming: &IncomingRequest<'_>) -> Result<Self, DecodeError> {
        let payload = incoming.find_payload(&["separator"]);
        let name = payload.read_required::<scalar::Text>(&[&["separator", "name"]])?;
        Ok(Self { page_id: incoming.read_path::<PageId>("page_id")?, name })
    }

    fn write_response(response: &Separator, xml: &mut Writer) {
        response.write("<separator", "</separator>", xml);
    }

    fn write_location(&self, response: &Separator, out: &mut Writer) {
        out.write_raw("/pages/");
        out.write_scalar_path_segment::<PageId>(&self.page_id);
        out.write_raw("/separators/");
        out.write_scalar_path_segment::<SeparatorId>(&response.id);
        out.write_raw(".xml");
    }
}

/// Route of the operation, for reading requests.
const ROUTES: &[Route<Create>] = &[Route {
    operation: Create::OPERATION,
    method: Method::POST,
    path: &[
        Segment::Literal("pages"),
        Segment::Hole { before: "", name: "page_id", after: "", is_numeric: true },
        Segment::Literal("separators.xml"),
    ],
    read: Create::read_request,
}];

/// Builds the same request with both types.
fn new_pair(name: &str) -> (Create, backpack_api::separators::Create) {
    let handwritten = Create { page_id: PageId(2208), name: name.to_owned() };
    (handwritten, backpack_api::separators::Create::new(backpack_api::PageId(2208), name))
}

#[test]
fn requests_are_written_like_generated_ones() {
    for text in TEXTS {
        let (handwritten, generated) = new_pair(text);
        assert_same_request(&handwritten, &generated);
    }
}

#[test]
fn requests_are_read_like_generated_ones() {
    for body in [
        "<request><token>TOKEN</token><separator><name>Later</name></separator></request>",
        "<separator name='Later'/>",
        "<request><token>TOKEN</token><separator><name/></separator></request>",
        "<request><token>TOKEN</token></request>",
        "<separator><name nil='true'/></separator>",
        "<separator",
        "",
    ] {
        let body = Bytes::from(body.replace("TOKEN", TOKEN));
        assert_same_reading(ROUTES, &Request::post("/pages/2208/separators.xml").body(body).unwrap());
    }
}

#[test]
fn responses_are_read_and_written_like_generated_ones() {
    let (handwritten, generated) = new_pair("Later");
    for (status, body) in [
        (
            201,
            r#"<separator><id type="integer">512</id><name>Later</name><page-id type="integer">2208</page-id></separator>"#,
        ),
        (
            200,
            "<?xml version='1.0'?>\n<separator>\n <page-id>1</page-id>\n <name> </name>\n <id> 2 </id>\n <id>3</id></separator>\n",
        ),
        (201, "<separator><id>512</id><page-id>2208</page-id></separator>"),
        (201, "<separator><id>-1</id><name/><page-id>2208</page-id></separator>"),
        (201, "<separator nil='true'/>"),
        (201, "<separators/>"),
        (201, "<separator><id>512</id><name/><page-id>2208</page-id></separator><separator/>"),
        (201, "<separator><id>512"),
        (201, ""),
        (422, "<html/>"),
        (302, ""),
    ] {
        let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap();
        assert_same_response(&handwritten, &generated, &response);
    }
}
