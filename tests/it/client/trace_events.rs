//! The `tracing` output of a call: a span, an event for each attempt and each refresh, and no secret.

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

use crate::support::{USER_AGENT, client_config_with};

/// Records the fields of all spans and events of the runtime: one line for each, which starts with the name of the span
/// or with `event`. Fields that a span gets later are on a line that starts with `record`.
#[derive(Clone, Default)]
struct RecordingSubscriber {
    lines: Arc<Mutex<String>>,
    /// Number of spans so far, for their ids.
    spans: Arc<AtomicU64>,
}

/// Appends each field to a line.
struct LineVisitor<'a>(&'a mut String);

impl Visit for LineVisitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl RecordingSubscriber {
    /// Adds a line with a name and the fields that `record` visits.
    fn record_line(&self, name: &str, record: impl FnOnce(&mut dyn Visit)) {
        let mut lines = self.lines.lock().unwrap();
        lines.push_str(name);
        record(&mut LineVisitor(&mut lines));
        lines.push('\n');
    }
}

impl Subscriber for RecordingSubscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("xmlwire")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.record_line(span.metadata().name(), |line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.record_line("record", |line| values.record(line));
    }

    fn event(&self, event: &Event<'_>) {
        self.record_line("event", |line| event.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_call_is_traced_with_its_attempts_and_refreshes_and_without_secrets() {
    let app = App::new(&SERVICE, "id", "s3cret", "https://trips.example.org/back", USER_AGENT).unwrap();
    let grant = Grant::new(AccessToken::new("acc3ss").unwrap(), Some("r3fresh".into()), Some(Timestamp::UNIX_EPOCH));
    let transport = MemoryTransport::new()
        .fail(TransportErrorKind::Connect)
        .respond(Response::new(r#"{"access_token":"n3xt"}"#))
        .respond(Response::builder().status(503).header("retry-after", "2").body("s3cret").unwrap())
        .respond(Response::new("<users/>"))
        .respond(Response::builder().status(401).body("").unwrap())
        .respond(Response::builder().status(400).body(r#"{"error":"invalid_grant"}"#).unwrap());
    let client = blocking::Client::with_transport(client_config_with(SharedGrant::new(app, grant)), transport)
        .with_options(|options| options.initial_backoff = std::time::Duration::ZERO);
    let subscriber = RecordingSubscriber::default();
    tracing::subscriber::with_default(subscriber.clone(), || {
        client.users().list().unwrap();
        client.users().list().unwrap_err();
    });
    assert_eq!(
        *subscriber.lines.lock().unwrap(),
        "call operation=\"users.list\" style=\"path\"\n\
         event message=token refresh number=1 error=no response from the token issuer: could not connect\n\
         event message=token refresh number=2\n\
         event message=attempt number=1 waited=0ns outcome=Status(503)\n\
         event message=attempt number=2 waited=2s outcome=Status(200)\n\
         call operation=\"users.list\" style=\"path\"\n\
         event message=attempt number=1 waited=0ns outcome=Status(401)\n\
         event message=token refresh number=1 error=the token issuer rejected the request: invalid_grant (HTTP status 400)\n"
    );
}
