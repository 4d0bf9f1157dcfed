//! A program that uses the additions to the schema, with both clients.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{
    ApiToken, Client, ClientConfig, NewNote, Note, NoteId, PageId, PageScope, SERVICE, Tide, TideId, Water, blocking,
};

/// Scripts the responses of a service with the extended schema, in the order of the calls.
fn scripted_service() -> MemoryTransport {
    let note = "<note title='Crossing' id='6201' created_at='2009-03-15 21:12:09' mood='merry'>Leaves at nine.</note>";
    let tide = "<tide><id>4</id><water>high</water><at>2009-05-01T07:45:00Z</at></tide>";
    let page = "<page scope='public' title='Coast' id='2208'/>";
    let enveloped = |payload: &str| Response::new(format!("<response success='true'>{payload}</response>"));
    MemoryTransport::new()
        .respond(enveloped(note))
        .respond(enveloped(note))
        .respond(enveloped(&format!("<pages>{page}</pages>")))
        .respond(Response::new(format!("<tides>{tide}</tides>")))
        .respond(Response::new(format!("<tides>{tide}</tides>")))
        .respond(Response::new("<tides/>"))
}

/// Returns the configuration of both clients.
fn client_config() -> ClientConfig {
    let token = ApiToken::new("0123456789abcdef0123456789abcdef01234567").expect("the token should be valid");
    ClientConfig::new_insecure(&SERVICE, "http://acme.example.com", token, "program (jo@example.com)").expect("the configuration should be valid")
}

/// Returns the requests so far: the method and URL of each, and its body.
fn sent_requests(service: &MemoryTransport) -> Vec<(String, String)> {
    let request_line = |request: &backpack_api::runtime::http::Request<_>| format!("{} {}", request.method(), request.uri());
    let requests = service.requests();
    requests.iter().map(|request| (request_line(request), String::from_utf8_lossy(request.body()).into_owned())).collect()
}

/// Checks the values that a client returned and the requests that it sent.
fn check_calls(service: &MemoryTransport, pinned: &Note, created: &Note, scopes: &[Option<PageScope>], tides: &[Tide]) {
    assert_eq!(pinned.mood.as_deref(), Some("merry"));
    assert_eq!(created, pinned);
    assert_eq!(scopes, [Some(PageScope::Public)]);
    let time = "2009-05-01T07:45:00Z".parse().expect("the time should be valid");
    assert_eq!(tides, [Tide::new(TideId(4), Water::High, time)]);
    let envelope_of =
        |payload: &str| format!("<request><token>0123456789abcdef0123456789abcdef01234567</token>{payload}</request>");
    let ws_line = |path: &str| format!("POST http://acme.example.com/ws/{path}");
    let token = "0123456789abcdef0123456789abcdef01234567";
    let tides_line = |query: &str| format!("GET http://acme.example.com/{token}/pages/2208/tides/all.xml{query}");
    let expected = [
        (ws_line("page/2208/notes/pin/6201"), envelope_of("<until>2009-05-01 07:45:00</until><above>6202</above>")),
        (ws_line("page/2208/notes/create"), envelope_of("<note><title>Crossing</title><mood>merry</mood></note>")),
        (ws_line("pages/all"), envelope_of("")),
        (tides_line("?water=high"), String::new()),
        (tides_line("?from=0"), String::new()),
        (tides_line("?from=1"), String::new()),
    ];
    assert_eq!(sent_requests(service), expected);
}

/// Makes all calls with the blocking client.
fn call_with_blocking_client() -> Result<(), Box<dyn std::error::Error>> {
    let service = scripted_service();
    let backpack = blocking::Client::with_transport(client_config(), service.clone());
    let notes = backpack.notes(PageId(2208));
    let until = "2009-05-01T07:45:00Z".parse()?;
    let pinned = notes.pin_with(NoteId(6201), [NoteId(6202)], |pin| pin.until(until))?;
    let created = notes.create(NewNote::new().title("Crossing").mood("merry"))?;
    let pages = backpack.pages().list()?;
    let tides = backpack.tides(PageId(2208)).list_with(|list| list.water(Water::High))?;
    assert_eq!(backpack.tides(PageId(2208)).list_all().collect::<Result<Vec<_>, _>>()?, tides);
    let scopes: Vec<_> = pages.into_iter().map(|page| page.scope).collect();
    check_calls(&service, &pinned, &created, &scopes, &tides);
    Ok(())
}

/// Makes the same calls with the async client.
async fn call_with_async_client() -> Result<(), Box<dyn std::error::Error>> {
    let service = scripted_service();
    let backpack = Client::with_transport(client_config(), service.clone());
    let notes = backpack.notes(PageId(2208));
    let until = "2009-05-01T07:45:00Z".parse()?;
    let pinned = notes.pin_with(NoteId(6201), [NoteId(6202)], |pin| pin.until(until)).await?;
    let created = notes.create(NewNote::new().title("Crossing").mood("merry")).await?;
    let pages = backpack.pages().list().await?;
    let tides = backpack.tides(PageId(2208)).list_with(|list| list.water(Water::High)).await?;
    let mut all = backpack.tides(PageId(2208)).list_all();
    assert_eq!(all.next().await.transpose()?.as_ref(), tides.first());
    assert!(all.next().await.is_none());
    let scopes: Vec<_> = pages.into_iter().map(|page| page.scope).collect();
    check_calls(&service, &pinned, &created, &scopes, &tides);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    call_with_blocking_client()?;
    // The memory transport never waits, so one poll completes all calls.
    match pin!(call_with_async_client()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err("the memory transport should not wait".into()),
    }
}
