//! A user's program, that calls what the schema has gained.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::{Caller, Client, NewNote, Note, NoteId, PageId, PageScope, Tide, TideId, Token, Water, blocking};

/// What a service with the grown schema would answer, call by call.
fn service() -> MemoryTransport {
    let note = "<note title='Crossing' id='6201' created_at='2009-03-15 21:12:09' mood='merry'>Leaves at nine.</note>";
    let tide = "<tide><id>4</id><water>high</water><at>2009-05-01T07:45:00Z</at></tide>";
    let page = "<page scope='public' title='Coast' id='2208'/>";
    let answered = |payload: &str| Response::new(format!("<response success='true'>{payload}</response>"));
    MemoryTransport::new()
        .respond(answered(note))
        .respond(answered(note))
        .respond(answered(&format!("<pages>{page}</pages>")))
        .respond(Response::new(format!("<tides>{tide}</tides>")))
        .respond(Response::new(format!("<tides>{tide}</tides>")))
        .respond(Response::new("<tides/>"))
}

fn caller() -> Caller {
    let token = Token::new("0123456789abcdef0123456789abcdef01234567").expect("a token");
    Caller::new_plain("http://acme.example.com", token, "program (jo@example.com)").expect("a caller")
}

/// What goes over the wire: method and path, and the body.
fn sent(service: &MemoryTransport) -> Vec<(String, String)> {
    let line = |request: &backpack_api::runtime::http::Request<_>| format!("{} {}", request.method(), request.uri());
    let requests = service.requests();
    requests.iter().map(|request| (line(request), String::from_utf8_lossy(request.body()).into_owned())).collect()
}

fn check(service: &MemoryTransport, pinned: &Note, noted: &Note, scopes: &[Option<PageScope>], tides: &[Tide]) {
    assert_eq!(pinned.mood.as_deref(), Some("merry"));
    assert_eq!(noted, pinned);
    assert_eq!(scopes, [Some(PageScope::Public)]);
    let turn = "2009-05-01T07:45:00Z".parse().expect("a time");
    assert_eq!(tides, [Tide::new(TideId(4), Water::High, turn)]);
    let envelope =
        |payload: &str| format!("<request><token>0123456789abcdef0123456789abcdef01234567</token>{payload}</request>");
    let path = |path: &str| format!("POST http://acme.example.com/ws/{path}");
    let token = "0123456789abcdef0123456789abcdef01234567";
    let tides = |query: &str| format!("GET http://acme.example.com/{token}/pages/2208/tides/all.xml{query}");
    let expected = [
        (path("page/2208/notes/pin/6201"), envelope("<until>2009-05-01 07:45:00</until><above>6202</above>")),
        (path("page/2208/notes/create"), envelope("<note><title>Crossing</title><mood>merry</mood></note>")),
        (path("pages/all"), envelope("")),
        (tides("?water=high"), String::new()),
        (tides("?from=0"), String::new()),
        (tides("?from=1"), String::new()),
    ];
    assert_eq!(sent(service), expected);
}

fn with_the_blocking_client() -> Result<(), Box<dyn std::error::Error>> {
    let service = service();
    let backpack = blocking::Client::with_transport(caller(), service.clone());
    let notes = backpack.notes(PageId(2208));
    let until = "2009-05-01T07:45:00Z".parse()?;
    let pinned = notes.pin_with(NoteId(6201), [NoteId(6202)], |pin| pin.until(until))?;
    let noted = notes.create(NewNote::new().title("Crossing").mood("merry"))?;
    let pages = backpack.pages().list()?;
    let tides = backpack.tides(PageId(2208)).list_with(|list| list.water(Water::High))?;
    assert_eq!(backpack.tides(PageId(2208)).list_all().collect::<Result<Vec<_>, _>>()?, tides);
    let scopes: Vec<_> = pages.into_iter().map(|page| page.scope).collect();
    check(&service, &pinned, &noted, &scopes, &tides);
    Ok(())
}

async fn with_the_async_client() -> Result<(), Box<dyn std::error::Error>> {
    let service = service();
    let backpack = Client::with_transport(caller(), service.clone());
    let notes = backpack.notes(PageId(2208));
    let until = "2009-05-01T07:45:00Z".parse()?;
    let pinned = notes.pin_with(NoteId(6201), [NoteId(6202)], |pin| pin.until(until)).await?;
    let noted = notes.create(NewNote::new().title("Crossing").mood("merry")).await?;
    let pages = backpack.pages().list().await?;
    let tides = backpack.tides(PageId(2208)).list_with(|list| list.water(Water::High)).await?;
    let mut all = backpack.tides(PageId(2208)).list_all();
    assert_eq!(all.next().await.transpose()?.as_ref(), tides.first());
    assert!(all.next().await.is_none());
    let scopes: Vec<_> = pages.into_iter().map(|page| page.scope).collect();
    check(&service, &pinned, &noted, &scopes, &tides);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    with_the_blocking_client()?;
    // The transport in memory never waits.
    match pin!(with_the_async_client()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err("the transport in memory waits".into()),
    }
}
