//! A canary: a token that is in nothing that anybody is shown.
//!
//! Every operation is called with it, over real connections, by both clients, over hyper and over reqwest, in the
//! service's own carriers and as a bearer token, with success and with every kind of failure, and from a service that
//! repeats it wherever it can. In OAuth it is access token, refresh token, code and the program's secret. It is looked for in the log, in every `Debug`, `Display` and cause, and at another server to which redirects point; in
//! plain, percent, XML, base64 and hexadecimal form, and in pieces, as a dump in rows would have it.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use backpack_api::oauth::{App, Grant, SharedGrant};
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::caller::Caller;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::renewal::IssuerError;
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{HyperTransport, MemoryTransport, Settings, Transport};
use backpack_api::runtime::{Endpoint, ServeEndpoint, Token, Visitor};
use backpack_api::{Client, Credentials, Error, NewNote, Options, PageId, Reply, SERVICE, blocking, notes, users};
use backpack_tests::examples::{self, Case};
use backpack_tests::schema;
use bytes::Bytes;
use test_support::http1::encode_response;
use test_support::{FaultServer, Action};
use tokio::runtime::Runtime;
use tracing_subscriber::fmt::format::FmtSpan;
use xmlwire::transport::ReqwestTransport;
use xmlwire_codegen::model::{Kind, Scalar};

use crate::support::{AGENT, caller_at, first_cases};

/// With every sign that a token may have, so that each way of escaping changes it.
const CANARY: &str = "c4nary-7Qx.9Lm_2Vt~8Rb+5Kz/3Hd=6Wp0Yf1Gs";

/// What answers hold that lets whoever has it in: the examples' calendar tokens and addresses of pages.
const IN_ANSWERS: [&str; 3] = ["fake-calendar-token-30", "fake12secret@acme", "fake34secret@acme"];

// What it looks like.

fn joined(text: &str, between: &str, form: impl Fn(u8) -> String) -> String {
    text.bytes().map(form).collect::<Vec<_>>().join(between)
}

/// Only the signs are written so; letters and digits stay.
fn signs(text: &str, form: impl Fn(u8) -> String) -> String {
    joined(text, "", |byte| if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { form(byte) })
}

/// What base64 makes of a text that begins so many bytes after a multiple of three.
fn base64(text: &str, before: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    // The first whole sextet of the text itself.
    let sextets = bits[before * 4 % 6..].chunks_exact(6);
    sextets.map(|bits| char::from(ALPHABET[bits.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))])).collect()
}

/// A text in every form that somebody might give it on the way to a screen.
fn forms(text: &str) -> Vec<String> {
    let percent = |byte| format!("%{byte:02X}");
    let percent_small = |byte| format!("%{byte:02x}");
    let decimal = |byte| format!("&#{byte};");
    let hexadecimal = |byte| format!("&#x{byte:x};");
    let mut forms = vec![
        text.to_owned(),
        signs(text, percent),
        signs(text, percent_small),
        joined(text, "", percent),
        signs(text, decimal),
        joined(text, "", decimal),
        joined(text, "", hexadecimal),
    ];
    for at in 0..3 {
        let base64 = base64(text, at);
        forms.extend([base64.replace('+', "-").replace('/', "_"), base64]);
    }
    forms
}

/// A text in the forms of a dump.
fn dumps(text: &str) -> Vec<String> {
    let hex = |byte| format!("{byte:02x}");
    let mut dumps: Vec<_> = ["", " ", ":", ", "].into_iter().map(|between| joined(text, between, hex)).collect();
    dumps.push(joined(text, ", ", |byte| byte.to_string()));
    dumps.push(joined(text, ", ", |byte| format!("0x{byte:02x}")));
    for at in 0..2 {
        let pairs = text.bytes().enumerate().map(|(index, byte)| {
            let space = if index > 0 && index % 2 == at { " " } else { "" };
            format!("{space}{byte:02x}")
        });
        dumps.push(pairs.collect());
    }
    dumps.iter().flat_map(|dump| [dump.clone(), dump.to_uppercase()]).collect()
}

/// All that gives something away, by its first two bytes: pieces of the canary of 12 characters, of which every dump in
/// rows of 16 holds one, and the secrets in answers.
fn traces() -> &'static [Vec<String>] {
    static TRACES: OnceLock<Vec<Vec<String>>> = OnceLock::new();
    TRACES.get_or_init(|| {
        let pieces = (0..=CANARY.len() - 12).step_by(4).map(|start| &CANARY[start..start + 12]);
        let of_canary = pieces.flat_map(|piece| [forms(piece), dumps(piece)].concat());
        let mut traces = vec![Vec::new(); 1 << 16];
        for trace in of_canary.chain(IN_ANSWERS.map(str::to_owned)) {
            traces[start(trace.as_bytes())].push(trace);
        }
        traces
    })
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// The line of a text that gives something away.
fn leak(text: &str) -> Option<&str> {
    let (bytes, traces) = (text.as_bytes(), traces());
    let is_trace =
        |at: &usize| traces[start(&bytes[*at..])].iter().any(|trace| bytes[*at..].starts_with(trace.as_bytes()));
    let found = (0..bytes.len().saturating_sub(1)).find(is_trace)?;
    let line = text[..found].rfind('\n').map_or(0, |end| end + 1);
    text[line..].lines().next()
}

// The log.

/// All that was logged, by whatever library, at whatever level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Notes everything from `tracing` and from `log`.
fn listen() {
    let everything = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    everything.with_span_events(FmtSpan::FULL).with_ansi(false).with_writer(|| Log).init();
}

// What goes wrong.

/// What a service says that repeats the canary in every form.
fn echo() -> String {
    format!("Not for {CANARY}, that is {}", forms(CANARY).join(" "))
}

/// An answer with any head.
fn answer(status: &str, headers: &str, body: &str) -> Action {
    let length = body.len();
    Action::Close(
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// The size of an answer that is too large here.
const LARGE: u64 = 64 * 1024;

/// What a server plays, one after the other; `elsewhere` is another server's port, `target` what is asked.
fn plays(success: &Response<Bytes>, target: &str, elsewhere: u16) -> Vec<Action> {
    let echo = echo();
    let escaped = echo.replace('&', "&amp;");
    let found = |location: String| answer("302 Found", &format!("location: {location}\r\n"), &echo);
    let mut plays = vec![
        Action::Close(encode_response(success)),
        answer("200 OK", "", &format!("<response success=\"false\"><error code=\"404\">{escaped}</error></response>")),
        answer(&format!("422 {echo}"), "", ""),
        answer(&format!("404 {echo}"), "", &echo),
        answer("422 Status", &format!("status: 422 {echo}\r\n"), ""),
        answer("503 Status", &format!("retry-after: {CANARY}\r\n"), &echo),
        found(format!("http://localhost:{elsewhere}{target}")),
        found(format!("http://localhost:{elsewhere}/{CANARY}?token={CANARY}")),
        found(format!("http://{CANARY}.localhost:{elsewhere}/")),
        found(format!("http://{CANARY}@localhost:{elsewhere}/")),
        found(format!("https://127.0.0.1:{elsewhere}{target}")),
        found(format!("/login?{CANARY}")),
        answer("200 OK", "", ""),
        answer("200 OK", "", &format!("<html>{echo}</html>")),
        answer("200 OK", "", &format!("<response success=\"true\"><{CANARY}>{CANARY}</{CANARY}>")),
        answer("200 OK", "", &format!("<response success=\"true\"><a {CANARY}=\"{CANARY}\">&{CANARY};</a>")),
        answer("200 OK", &format!("location: /{CANARY}\r\n"), &format!("<{}{CANARY}/>", "x".repeat(50))),
        answer("200 OK", "", &CANARY.repeat(LARGE as usize / CANARY.len() + 1)),
        Action::Close(format!("{CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 {CANARY}\r\n{CANARY}: {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()),
        Action::Close(Vec::new()),
        Action::ResetUnread,
        Action::ResetRead,
    ];
    plays.extend(
        ["401", "403", "429", "500", "502", "504"].map(|status| answer(&format!("{status} {CANARY}"), "", &echo)),
    );
    // Last, since a connection that hangs may be let go of late.
    plays.push(Action::Hang(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()));
    plays
}

// What is shown.

/// All that was shown: texts, and the kinds of failures among them.
#[derive(Default)]
struct Shown {
    text: String,
    kinds: BTreeSet<String>,
    elsewhere: Vec<Vec<u8>>,
}

impl Shown {
    fn debug(&mut self, value: &impl Debug) {
        writeln!(self.text, "{value:?}\n{value:#?}").expect("a text can be written to");
    }

    fn error(&mut self, error: &(dyn std::error::Error + 'static)) {
        writeln!(self.text, "{error}\n{error:#}").expect("a text can be written to");
        self.debug(&error);
        if let Some(cause) = error.source() {
            self.error(cause);
        }
    }

    fn issuer<R: Debug>(&mut self, result: &Result<R, IssuerError>) {
        self.debug(result);
        if let Err(error) = result {
            self.error(error);
        }
    }

    fn result<R: Debug>(&mut self, result: &Result<Reply<R>, Error>) {
        self.debug(result);
        let kind = match result {
            Ok(_) => "Success".to_owned(),
            Err(error) => {
                self.error(error);
                self.debug(&error.attempts());
                writeln!(self.text, "{:?}", error.message()).expect("a text can be written to");
                match error.kind() {
                    ErrorKind::Transport(error) => format!("{:?}", error.kind()),
                    kind => format!("{kind:?}").split('(').next().unwrap_or_default().to_owned(),
                }
            }
        };
        self.kinds.insert(kind);
    }
}

/// A transport that is shown too.
trait Shows: Transport + Debug {}

impl<T: Transport + Debug> Shows for T {}

/// What calls go over.
#[derive(Debug)]
enum Over {
    Blocking(HyperTransport),
    Waiting(Arc<dyn Shows>, Runtime),
}

const WAYS: [fn() -> Over; 3] = [Over::hyper_blocking, Over::hyper, Over::reqwest];

impl Over {
    fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.max_response = LARGE;
        settings
    }

    fn hyper_blocking() -> Self {
        Self::Blocking(HyperTransport::new(&Self::settings()).unwrap())
    }

    fn hyper() -> Self {
        Self::waiting(HyperTransport::new(&Self::settings()).unwrap())
    }

    /// As somebody may set it up who wants to see everything.
    fn reqwest() -> Self {
        let provider = rustls::crypto::ring::default_provider().into();
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
        let configure = |client: ::reqwest::ClientBuilder| {
            client.tls_backend_preconfigured(tls).referer(true).connection_verbose(true)
        };
        Self::waiting(ReqwestTransport::new(&Self::settings(), configure).unwrap())
    }

    fn waiting(transport: impl Shows + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self::Waiting(Arc::new(transport), runtime)
    }

    fn call<E: Endpoint>(&self, caller: Caller, endpoint: &E, change: impl FnOnce(&mut Options), shown: &mut Shown)
    where
        E::Response: Debug,
    {
        match self {
            Self::Blocking(transport) => {
                let client = blocking::Client::with_transport(caller, transport.clone()).with(change);
                shown.result(&client.call_for_reply(endpoint));
                shown.debug(&client);
            }
            Self::Waiting(transport, runtime) => {
                let client = Client::with_transport(caller, Arc::clone(transport)).with(change);
                shown.result(&runtime.block_on(client.call_for_reply(endpoint)));
                shown.debug(&client);
            }
        }
    }

    /// Trades a code, renews a grant, and asks who it is of.
    fn ask_issuer(&self, app: &App, step: usize, grant: &Grant, shown: &mut Shown) {
        let code = CANARY.into();
        match (self, step) {
            (Self::Blocking(transport), 0) => shown.issuer(&app.trade_blocking(&code, transport)),
            (Self::Blocking(transport), 1) => shown.issuer(&app.refresh_blocking(grant, transport)),
            (Self::Blocking(transport), _) => shown.issuer(&app.authorization_blocking(grant, transport)),
            (Self::Waiting(transport, runtime), 0) => shown.issuer(&runtime.block_on(app.trade(&code, transport))),
            (Self::Waiting(transport, runtime), 1) => shown.issuer(&runtime.block_on(app.refresh(grant, transport))),
            (Self::Waiting(transport, runtime), _) => {
                shown.issuer(&runtime.block_on(app.authorization(grant, transport)));
            }
        }
    }
}

/// Calls an operation with one client, once for each play of a server.
struct Call<'a> {
    case: Case<'a>,
    over: &'a Over,
    credentials: Credentials,
}

impl Visitor for Call<'_> {
    type Output = Shown;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Shown {
        let Self { case, over, credentials } = self;
        let mut shown = Shown::default();
        let elsewhere = FaultServer::start(vec![Action::RejectTls; 16]);
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let nobody = FaultServer::bind([]);
        let caller = |server: &FaultServer| caller_at(&server.base_url(), credentials.clone());
        let request = endpoint.to_request(&caller(&nobody)).unwrap();
        let plays = plays(&success, request.uri().path_and_query().unwrap().as_str(), elsewhere.address().port());
        let calls = plays.len();
        let server = FaultServer::start(plays);
        shown.debug(&(&endpoint, &credentials, caller(&server)));
        shown.server(&request);
        // One call more than there are plays: to the server that does not listen.
        for at in 0..=calls {
            let caller = caller(if at < calls { &server } else { &nobody });
            let change = |options: &mut Options| {
                options.deadline = Duration::from_millis(if at + 1 == calls { 200 } else { 60_000 });
                options.attempts = 1;
                options.pacing = false;
                options.other_port = Some(elsewhere.address().port());
            };
            over.call(caller, &endpoint, change, &mut shown);
        }
        shown.debug(over);
        shown.elsewhere = elsewhere.into_requests();
        shown
    }
}

impl Shown {
    /// What a server shows that reads a request with the canary in it, whole and cut off.
    fn server(&mut self, request: &Request<Bytes>) {
        self.debug(&AnyRequest::read(request));
        let half = request.body().slice(..request.body().len() / 2);
        let cut = request.clone().map(|_| half);
        if let Err(error) = AnyRequest::read(&cut) {
            self.error(&error);
        }
    }
}

/// One operation with one client and either kind of credentials.
fn shown_by(case: Case<'_>, request: &AnyRequest, over: &Over) -> Vec<Shown> {
    let token = || Token::new(CANARY).unwrap();
    let both = [Credentials::Token(token()), Credentials::Bearer(token())];
    let calls = both.map(|credentials| Call { case, over, credentials });
    calls.into_iter().map(|call| request.clone().visit(call)).collect()
}

/// What an issuer plays that repeats the canary. The first is a success, whatever was asked.
fn issuer_plays() -> Vec<Action> {
    let echo = echo();
    let canary = format!(r#"{{"error":"{CANARY}","error_description":"{echo}"}}"#);
    vec![
        answer("200 OK", "", &format!(r#"{{"access_token":"{CANARY}","refresh_token":"{CANARY}","accounts":[]}}"#)),
        answer("400 Bad Request", "", &canary),
        answer("200 OK", "", &canary),
        answer(&format!("401 {echo}"), &format!("www-authenticate: {CANARY}\r\n"), &echo),
        answer("302 Found", &format!("location: https://{CANARY}.localhost/{CANARY}\r\n"), &echo),
        answer("503 Busy", &format!("retry-after: {CANARY}\r\n"), &echo),
        answer("200 OK", "", &format!("<html>{echo}</html>")),
        answer("200 OK", "", &format!(r#"{{"access_token":"{echo}"}}"#)),
        answer("200 OK", "", &format!(r#"{{"access_token":"{CANARY}"#)),
        answer("200 OK", "", &CANARY.repeat(LARGE as usize / CANARY.len() + 1)),
        Action::Close(format!("HTTP/1.1 {CANARY}\r\n\r\n").into_bytes()),
        Action::Close(format!("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{CANARY}").into_bytes()),
        Action::ResetRead,
    ]
}

/// A program with an issuer on this machine; its secret is the canary.
fn app(server: &FaultServer) -> App {
    let [authorize, token, accounts] =
        ["new", "token", "me"].map(|path| &*format!("{}/{path}", server.base_url()).leak());
    let service = Service { issuer: Some(Issuer { authorize, token, accounts: Some(accounts) }), ..SERVICE };
    App::new(&service, "id", CANARY, "https://trips.example.org/back", AGENT).unwrap()
}

/// A grant of canaries, all used up.
fn grant() -> Grant {
    Grant::new(Token::new(CANARY).unwrap(), Some(CANARY.into()), Some(Timestamp::UNIX_EPOCH))
}

/// All that is asked of an issuer, and calls with a grant that has to be renewed before.
fn shown_by_oauth(over: &Over) -> Shown {
    let mut shown = Shown::default();
    let nobody = FaultServer::bind([]);
    for step in 0..3 {
        let plays = issuer_plays();
        let calls = plays.len();
        let server = FaultServer::start(plays);
        (0..calls).for_each(|_| over.ask_issuer(&app(&server), step, &grant(), &mut shown));
        over.ask_issuer(&app(&nobody), step, &grant(), &mut shown);
    }
    let echo = echo();
    let services =
        [answer("200 OK", "", "<users/>"), answer(&format!("422 {echo}"), "", &echo), Action::ResetRead];
    let refused = || answer(&format!("401 {echo}"), "", &echo);
    let renewed = services.into_iter().chain([refused()]).map(|play| vec![issuer_plays().swap_remove(0), play]);
    let not_renewed = issuer_plays().into_iter().skip(1).map(|play| vec![play]);
    for script in renewed.chain(not_renewed) {
        let server = FaultServer::start(script);
        let shared = SharedGrant::new(app(&server), grant());
        let change = |options: &mut Options| (options.attempts, options.pacing) = (1, false);
        over.call(caller_at(&server.base_url(), shared.clone()), &users::List::new(), change, &mut shown);
        shown.debug(&(&shared, shared.grant(), Credentials::from(shared.clone()), app(&server)));
    }
    shown
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn the_token_is_in_nothing_that_anybody_is_shown() {
    listen();
    let api = schema::api();
    let cases: Vec<_> = first_cases(&api).collect();
    let mut kinds = BTreeSet::new();
    let mut leaks = BTreeSet::new();
    let mut handshakes = 0;
    thread::scope(|scope| {
        let calls = cases.iter().flat_map(|(case, request)| WAYS.map(|way| (case, request, way)));
        let calls = calls.map(|(case, request, way)| scope.spawn(move || shown_by(*case, request, &way())));
        let threads = calls.chain(WAYS.map(|way| scope.spawn(move || vec![shown_by_oauth(&way())])));
        for shown in threads.collect::<Vec<_>>().into_iter().flat_map(|thread| thread.join().unwrap()) {
            leaks.extend(leak(&shown.text).map(str::to_owned));
            kinds.extend(shown.kinds);
            for arrived in shown.elsewhere {
                assert_eq!(arrived.first(), Some(&0x16), "only TLS handshakes arrive at another server");
                leaks.extend(leak(&String::from_utf8_lossy(&arrived)).map(str::to_owned));
                handshakes += 1;
            }
        }
    });
    let log = String::from_utf8(LOG.lock().unwrap().clone()).unwrap();
    leaks.extend(leak(&log).map(str::to_owned));
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.into_iter().collect::<Vec<_>>().join("\n"));

    // And it was all there: each kind of failure, both kinds of log, every operation in it.
    let all =
        ["Broken", "Connect", "Protocol", "Refused", "Renewal", "Success", "Timeout", "Tls", "TooLarge", "Unreadable"]
            .map(String::from);
    assert_eq!(kinds, BTreeSet::from(all));
    assert_eq!(handshakes, cases.len() * 2 * WAYS.len());
    for said in ["xmlwire::exchange::trace", "hyper_util::client", "reqwest::connect", "rustls::client"] {
        assert!(log.contains(said), "{said} should have logged");
    }
    for (case, _) in &cases {
        assert!(log.contains(&format!("operation=\"{}\"", case.operation.name)), "{} is not in the log", case.name());
    }
}

#[test]
fn a_value_that_cannot_be_written_is_not_shown() {
    let caller = caller_at("http://127.0.0.1:1", Credentials::Token(Token::new(CANARY).unwrap()));
    let note = NewNote::new().title(format!("{CANARY}\u{1}"));
    let client = blocking::Client::with_transport(caller, MemoryTransport::new());
    let mut shown = Shown::default();
    shown.result(&client.call_for_reply(&notes::Create::new(PageId(1), note)));
    assert_eq!(shown.kinds, BTreeSet::from(["Invalid".to_owned()]));
    assert_eq!(leak(&shown.text), None);
}

#[test]
fn what_lets_people_in_is_a_secret_in_every_type() {
    let api = schema::api();
    for (name, key) in [("Calendar", "token"), ("Page", "email_address")] {
        let data = api.types.iter().find(|data| data.name == name).expect("the type should be there");
        let field = data.fields.iter().find(|field| field.name == key).expect("the field should be there");
        assert!(matches!(field.kind, Kind::Scalar(Scalar::Secret)), "{name}.{key} is no secret");
    }
}

#[test]
fn every_form_of_the_canary_is_found() {
    for form in [forms(CANARY), dumps(CANARY)].concat() {
        assert!(leak(&format!("before\nrow {form} row\nafter")).is_some(), "{form}");
    }
    for start in 0..16 {
        let rows: Vec<_> = CANARY.as_bytes().chunks(16).map(String::from_utf8_lossy).collect();
        assert!(leak(&rows.join("\n")).is_some());
        let text = format!("{}{CANARY}", "x".repeat(start));
        let rows: Vec<_> = text.as_bytes().chunks(16).map(String::from_utf8_lossy).collect();
        assert!(leak(&rows.join("|\n")).is_some(), "{rows:?}");
        let hex: Vec<_> = text
            .as_bytes()
            .chunks(16)
            .map(|row| joined(str::from_utf8(row).unwrap(), " ", |byte| format!("{byte:02x}")))
            .collect();
        assert!(leak(&hex.join("\n")).is_some(), "{hex:?}");
    }
    assert_eq!(leak("nothing\nof the kind"), None);
}
