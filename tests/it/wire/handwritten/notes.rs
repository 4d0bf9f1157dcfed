//! `notes.create`, of the older style: everything is in an envelope, including failures.

use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::incoming::IncomingRequest;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::path_template::Segment;
use backpack_api::runtime::response::ResponseReader;
use backpack_api::runtime::routing::Route;
use backpack_api::runtime::service::{
    EnvelopePart, FailureDetails, FailureEnvelope, Operation, RateLimit, RequestEnvelope, ResponseEnvelope, RetryClass,
    Style, TokenHeader,
};
use backpack_api::runtime::support::params::{ParamReader, ReadParams};
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
struct NoteId(u64);

xmlwire::declare_id!(NoteId);

/// Style of the operation: the token is in the request's envelope, and responses and failures have an envelope too.
static WS: Style = Style {
    name: "ws",
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
    response: Some(ResponseEnvelope {
        before: "<response success=\"true\">",
        after: "</response>",
        path: &["response"],
        success_attributes: &[("success", "true")],
    }),
    bearer: Some(TokenHeader { name: "authorization", before: "Bearer ", after: "" }),
    failure: Some(FailureEnvelope { read: read_failure, write: write_failure }),
    sign_in_path: None,
};

/// Reads the first error in a failure envelope.
fn read_failure(xml: &mut Reader<'_>) -> Result<FailureDetails, DecodeError> {
    let at = xml.start();
    let (mut code, mut message) = (None, None);
    while let Some(root) = xml.next_child()? {
        if root != "response" {
            return Err(unexpected_root(xml, "response"));
        }
        while let Some(child) = xml.next_child()? {
            if child != "error" || message.is_some() {
                xml.skip_element()?;
                continue;
            }
            while let Some(attribute) = xml.next_attribute() {
                if attribute.name == "code" {
                    code = attribute.read_scalar::<scalar::Integer>()?;
                }
            }
            message = xml.read_scalar::<scalar::Text>()?;
        }
    }
    let code = required(code, at, "response/error/@code")?;
    Ok(FailureDetails { code: Some(code), messages: vec![required(message, at, "response/error")?] })
}

/// Writes a failure envelope.
fn write_failure(failure: &FailureDetails, xml: &mut Writer) {
    xml.write_raw("<response success=\"false\"><error code=\"");
    xml.write_scalar_attribute::<scalar::Integer>(&failure.code.unwrap_or_default());
    xml.write_raw("\">");
    xml.write_scalar::<scalar::Text>(&failure.join_messages());
    xml.write_raw("</error></response>");
}

/// Response of the operation.
#[derive(Debug, Clone, PartialEq)]
struct Note {
    title: String,
    id: NoteId,
    created_at: Timestamp,
    body: String,
}

impl ReadXml for Note {
    fn read(xml: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at = xml.start();
        let (mut title, mut id, mut created_at) = (None, None, None);
        while let Some(attribute) = xml.next_attribute() {
            match attribute.name {
                "title" => title = attribute.read_scalar::<scalar::Text>()?,
                "id" => id = attribute.read_scalar::<NoteId>()?,
                "created_at" => created_at = attribute.read_scalar::<scalar::Utc>()?,
                _ => {}
            }
        }
        let body = xml.read_scalar::<scalar::Text>()?;
        Ok(Self {
            title: title.unwrap_or_default(),
            id: required(id, at, "@id")?,
            created_at: required(created_at, at, "@created_at")?,
            body: required(body, at, "")?,
        })
    }
}

impl WriteXml for Note {
    fn write(&self, start: &'static str, end: &'static str, xml: &mut Writer) {
        xml.write_raw(start);
        xml.write_raw(" title=\"");
        xml.write_attribute(&self.title);
        xml.write_raw("\" id=\"");
        xml.write_scalar_attribute::<NoteId>(&self.id);
        xml.write_raw("\" created_at=\"");
        xml.write_scalar_attribute::<scalar::Utc>(&self.created_at);
        xml.write_raw("\">");
        xml.write_text(&self.body);
        xml.write_raw(end);
    }
}

/// Fields of the new note.
#[derive(Debug, Clone, PartialEq)]
struct NewNote {
    title: Option<String>,
    body: Option<String>,
    show_created_at: Option<bool>,
}

impl ReadParams for NewNote {
    fn read_params(node: ParamReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            title: node.read_optional::<scalar::Text>(&[&["title"]])?,
            body: node.read_optional::<scalar::Text>(&[&["body"]])?,
            show_created_at: node.read_optional::<scalar::Bool>(&[&["show_created_at"]])?,
        })
    }
}

/// Request of the operation.
#[derive(Debug, Clone, PartialEq)]
struct Create {
    page_id: PageId,
    note: NewNote,
}

impl Endpoint for Create {
    type Response = Note;

    const OPERATION: &'static Operation = &Operation {
        name: "notes.create",
        method: Method::POST,
        path: "/ws/page/{page_id}/notes/create",
        style: &WS,
        rate_limit: Some(RateLimit { name: "all", requests: 100, seconds: 5 }),
        retry: RetryClass::NotIdempotent,
        has_payload: true,
        status: 200,
        has_envelope: true,
        errors: &[],
        is_legacy: false,
    };

    fn write_path(&self, out: &mut Writer) {
        out.write_raw("/ws/page/");
        out.write_scalar_path_segment::<PageId>(&self.page_id);
        out.write_raw("/notes/create");
    }

    fn write_payload(&self, xml: &mut Writer) {
        xml.write_raw("<note>");
        if let Some(title) = &self.note.title {
            xml.write_raw("<title>");
            xml.write_text(title);
            xml.write_raw("</title>");
        }
        if let Some(body) = &self.note.body {
            xml.write_raw("<body>");
            xml.write_text(body);
            xml.write_raw("</body>");
        }
        if let Some(show) = &self.note.show_created_at {
            xml.write_raw("<show-created-at>");
            xml.write_scalar::<scalar::Bool>(show);
            xml.write_raw("</show-created-at>");
        }
        xml.write_raw("</note>");
    }

    fn read_response(response: &ResponseReader<'_>) -> Result<Note, DecodeError> {
        response.read_payload(|xml| {
            let at = xml.start();
            let (mut seen, mut note) = (FirstSeen::default(), None);
            while let Some(child) = xml.next_child()? {
                match child {
                    "note" if seen.insert(0) => note = xml.read_data::<Note>()?,
                    _ => xml.skip_element()?,
                }
            }
            required(note, at, "note")
        })
    }
}

impl ServeEndpoint for Create {
    fn read_request(incoming: &IncomingRequest<'_>) -> Result<Self, DecodeError> {
        let payload = incoming.find_payload(&["note"]);
        Ok(Self {
            page_id: incoming.read_path::<PageId>("page_id")?,
            note: payload.read_required_data::<NewNote>(&[&["note"]])?,
        })
    }

    fn write_response(response: &Note, xml: &mut Writer) {
        response.write("<note", "</note>", xml);
    }
}

/// Route of the operation, for reading requests.
const ROUTES: &[Route<Create>] = &[Route {
    operation: Create::OPERATION,
    method: Method::POST,
    path: &[
        Segment::Literal("ws"),
        Segment::Literal("page"),
        Segment::Hole { before: "", name: "page_id", after: "", is_numeric: true },
        Segment::Literal("notes"),
        Segment::Literal("create"),
    ],
    read: Create::read_request,
}];

/// Builds the same request with both types.
fn new_pair(
    title: Option<&str>,
    body: Option<&str>,
    show_created_at: Option<bool>,
) -> (Create, backpack_api::notes::Create) {
    let mut note = backpack_api::NewNote::new();
    note.title = title.map(str::to_owned);
    note.body = body.map(str::to_owned);
    note.show_created_at = show_created_at;
    let handwritten_note = NewNote { title: note.title.clone(), body: note.body.clone(), show_created_at };
    let handwritten = Create { page_id: PageId(2208), note: handwritten_note };
    (handwritten, backpack_api::notes::Create::new(backpack_api::PageId(2208), note))
}

#[test]
fn requests_are_written_like_generated_ones() {
    for text in TEXTS {
        for (title, body, show) in [
            (None, None, None),
            (Some(*text), None, Some(true)),
            (None, Some(*text), Some(false)),
            (Some(*text), Some(*text), None),
        ] {
            let (handwritten, generated) = new_pair(title, body, show);
            assert_same_request(&handwritten, &generated);
        }
    }
}

#[test]
fn requests_are_read_like_generated_ones() {
    for (path, body) in [
        (
            "/ws/page/2208/notes/create",
            "<request><token>TOKEN</token><note><title>Ferry</title><body>Nine</body></note></request>",
        ),
        ("/ws/page/2208/notes/create", "<request><note title='Ferry' show_created_at='1'/></request>"),
        ("/ws/page/2208/notes/create", "<note><show-created-at>false</show-created-at></note>"),
        ("/ws/page/2208/notes/create", "<request><note/></request>"),
        ("/ws/page/2208/notes/create", ""),
        ("/ws/page/2208/notes/create", "<request><note><show-created-at>yes</show-created-at></note></request>"),
        ("/ws/page/2208/notes/create", "<request><note>"),
        ("/ws/page/99999999999999999999/notes/create", "<request><note/></request>"),
        ("/ws/page/x/notes/create", "<request><note/></request>"),
    ] {
        let body = Bytes::from(body.replace("TOKEN", TOKEN));
        assert_same_reading(ROUTES, &Request::post(path).body(body).unwrap());
    }
}

#[test]
fn responses_are_read_and_written_like_generated_ones() {
    let (handwritten, generated) = new_pair(None, None, None);
    for (status, body) in [
        (
            200,
            r#"<response success="true"><note title="Ferry" id="6202" created_at="2009-03-15 21:14:30">Nine</note></response>"#,
        ),
        (
            201,
            r#"<response><x/><note id=' 7 ' title='&#8217;' created_at='2009-03-15 9:14' z='1'>a<b/>c</note><note/></response>"#,
        ),
        (200, r#"<response success="true"><note title="" id="6202" created_at="2009-03-15 21:14:30"/></response>"#),
        (200, r#"<response success="true"><note title="" id="x" created_at="2009-03-15 21:14:30"/></response>"#),
        (200, r#"<response success="true"><note title="" created_at="2009-03-15 21:14:30"/></response>"#),
        (200, r#"<response success="true"><note nil="true"/></response>"#),
        (200, r#"<response success="true"></response>"#),
        (200, "<response success='false'><error code='404'>Record not found</item></response>"),
        (500, "<response success='false'><error code='500'>Internal error</error></response>"),
        (404, ""),
        (200, ""),
        (200, "<html></html>"),
        (200, "<response success='true'><note"),
    ] {
        let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap();
        assert_same_response(&handwritten, &generated, &response);
    }
}
