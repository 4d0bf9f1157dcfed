//! `notes.create`, of the older style: everything is in an envelope, including failures.

use backpack_api::runtime::answer::Answer;
use backpack_api::runtime::http::{Method, Request, Response};
use backpack_api::runtime::incoming::{Incoming, Route, Segment};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::read::{ReadError, ReadXml, Seen, required, unexpected_root};
use backpack_api::runtime::service::{
    Failure, FailureShape, Header, Limit, Operation, Part, RequestEnvelope, ResponseEnvelope, Retry, Style,
};
use backpack_api::runtime::tree::{Node, ReadTree};
use backpack_api::runtime::write::WriteXml;
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

static WS: Style = Style {
    name: "ws",
    prefix: &[],
    header: None,
    query: None,
    request: Some(RequestEnvelope {
        parts: &[Part::Xml("<request>"), Part::Token("token"), Part::Payload, Part::Xml("</request>")],
        path: &["request"],
        token: &["request", "token"],
    }),
    response: Some(ResponseEnvelope {
        before: "<response success=\"true\">",
        after: "</response>",
        path: &["response"],
        marks: &[("success", "true")],
    }),
    bearer: Some(Header { name: "authorization", before: "Bearer ", after: "" }),
    failure: Some(FailureShape { read: read_failure, write: write_failure }),
};

fn read_failure(xml: &mut Reader<'_>) -> Result<Failure, ReadError> {
    let at = xml.start();
    let (mut code, mut message) = (None, None);
    while let Some(root) = xml.child()? {
        if root != "response" {
            return Err(unexpected_root(xml, "response"));
        }
        while let Some(child) = xml.child()? {
            if child != "error" || message.is_some() {
                xml.skip()?;
                continue;
            }
            while let Some(attribute) = xml.attribute() {
                if attribute.name == "code" {
                    code = attribute.scalar::<scalar::Integer>()?;
                }
            }
            message = xml.scalar::<scalar::Text>()?;
        }
    }
    let code = required(code, at, "response/error/@code")?;
    Ok(Failure { code, message: required(message, at, "response/error")? })
}

fn write_failure(failure: &Failure, xml: &mut Writer) {
    xml.raw("<response success=\"false\"><error code=\"");
    xml.attribute_of::<scalar::Integer>(&failure.code);
    xml.raw("\">");
    xml.text_of::<scalar::Text>(&failure.message);
    xml.raw("</error></response>");
}

#[derive(Debug, Clone, PartialEq)]
struct Note {
    title: String,
    id: NoteId,
    created_at: Timestamp,
    body: String,
}

impl ReadXml for Note {
    fn read(xml: &mut Reader<'_>) -> Result<Self, ReadError> {
        let at = xml.start();
        let (mut title, mut id, mut created_at) = (None, None, None);
        while let Some(attribute) = xml.attribute() {
            match attribute.name {
                "title" => title = attribute.scalar::<scalar::Text>()?,
                "id" => id = attribute.scalar::<NoteId>()?,
                "created_at" => created_at = attribute.scalar::<scalar::Utc>()?,
                _ => {}
            }
        }
        let body = xml.scalar::<scalar::Text>()?;
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
        xml.raw(start);
        xml.raw(" title=\"");
        xml.attribute(&self.title);
        xml.raw("\" id=\"");
        xml.attribute_of::<NoteId>(&self.id);
        xml.raw("\" created_at=\"");
        xml.attribute_of::<scalar::Utc>(&self.created_at);
        xml.raw("\">");
        xml.text(&self.body);
        xml.raw(end);
    }
}

#[derive(Debug, Clone, PartialEq)]
struct NewNote {
    title: Option<String>,
    body: Option<String>,
    show_created_at: Option<bool>,
}

impl ReadTree for NewNote {
    fn read_tree(node: &Node<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            title: node.optional::<scalar::Text>(&[&["title"]])?,
            body: node.optional::<scalar::Text>(&[&["body"]])?,
            show_created_at: node.optional::<scalar::Bool>(&[&["show_created_at"]])?,
        })
    }
}

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
        limit: Some(Limit { name: "all", requests: 100, seconds: 5 }),
        retry: Retry::Unsafe,
        payload: true,
        status: 200,
        envelope: true,
        fails: &[],
        legacy: false,
    };

    fn write_path(&self, out: &mut Writer) {
        out.raw("/ws/page/");
        out.segment_of::<PageId>(&self.page_id);
        out.raw("/notes/create");
    }

    fn write_payload(&self, xml: &mut Writer) {
        xml.raw("<note>");
        if let Some(title) = &self.note.title {
            xml.raw("<title>");
            xml.text(title);
            xml.raw("</title>");
        }
        if let Some(body) = &self.note.body {
            xml.raw("<body>");
            xml.text(body);
            xml.raw("</body>");
        }
        if let Some(show) = &self.note.show_created_at {
            xml.raw("<show-created-at>");
            xml.text_of::<scalar::Bool>(show);
            xml.raw("</show-created-at>");
        }
        xml.raw("</note>");
    }

    fn read_response(answer: &Answer<'_>) -> Result<Note, ReadError> {
        answer.payload(|xml| {
            let at = xml.start();
            let (mut seen, mut note) = (Seen::default(), None);
            while let Some(child) = xml.child()? {
                match child {
                    "note" if seen.first(0) => note = xml.data::<Note>()?,
                    _ => xml.skip()?,
                }
            }
            required(note, at, "note")
        })
    }
}

impl ServeEndpoint for Create {
    fn read_request(incoming: &Incoming<'_>) -> Result<Self, ReadError> {
        let payload = incoming.payload(&["note"]);
        Ok(Self { page_id: incoming.path::<PageId>("page_id")?, note: payload.required_data::<NewNote>(&[&["note"]])? })
    }

    fn write_response(response: &Note, xml: &mut Writer) {
        response.write("<note", "</note>", xml);
    }
}

const ROUTES: &[Route<Create>] = &[Route {
    operation: Create::OPERATION,
    method: Method::POST,
    path: &[
        Segment::Literal("ws"),
        Segment::Literal("page"),
        Segment::Hole { before: "", name: "page_id", after: "", digits: true },
        Segment::Literal("notes"),
        Segment::Literal("create"),
    ],
    read: Create::read_request,
}];

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
