//! What `tracing` is told of a call: the span, its attempts and renewals, and no secret.

use std::fmt::{Debug, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use backpack_api::oauth::{App, Grant, SharedGrant};
use backpack_api::runtime::http::Response;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{MemoryTransport, TransportErrorKind};
use backpack_api::{AccessToken, SERVICE, blocking};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{AGENT, caller_with};

/// Writes down the fields of all spans and events, one line for each.
#[derive(Clone, Default)]
struct Notes {
    text: Arc<Mutex<String>>,
    spans: Arc<AtomicU64>,
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Notes {
    fn note(&self, name: &str, record: impl FnOnce(&mut dyn Visit)) {
        let mut text = self.text.lock().unwrap();
        text.push_str(name);
        record(&mut Line(&mut text));
        text.push('\n');
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("xmlwire")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata().name(), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note("record", |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        self.note("event", |line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_call_is_told_with_its_attempts_and_renewals_and_without_secrets() {
    let app = App::new(&SERVICE, "id", "s3cret", "https://trips.example.org/back", AGENT).unwrap();
    let grant = Grant::new(AccessToken::new("acc3ss").unwrap(), Some("r3fresh".into()), Some(Timestamp::UNIX_EPOCH));
    let transport = MemoryTransport::new()
        .fail(TransportErrorKind::Connect)
        .respond(Response::new(r#"{"access_token":"n3xt"}"#))
        .respond(Response::builder().status(503).header("retry-after", "2").body("s3cret").unwrap())
        .respond(Response::new("<users/>"))
        .respond(Response::builder().status(401).body("").unwrap())
        .respond(Response::builder().status(400).body(r#"{"error":"invalid_grant"}"#).unwrap());
    let client = blocking::Client::with_transport(caller_with(SharedGrant::new(app, grant)), transport)
        .with(|options| options.backoff = std::time::Duration::ZERO);
    let notes = Notes::default();
    tracing::subscriber::with_default(notes.clone(), || {
        client.users().list().unwrap();
        client.users().list().unwrap_err();
    });
    assert_eq!(
        *notes.text.lock().unwrap(),
        "call operation=\"users.list\" style=\"path\"\n\
         event message=renewal number=1 failure=the issuer did not answer: could not connect\n\
         event message=renewal number=2\n\
         event message=attempt number=1 waited=0ns outcome=Status(503)\n\
         event message=attempt number=2 waited=2s outcome=Status(200)\n\
         call operation=\"users.list\" style=\"path\"\n\
         event message=attempt number=1 waited=0ns outcome=Status(401)\n\
         event message=renewal number=1 failure=the issuer refused: invalid_grant (HTTP status 400)\n"
    );
}
