//! OAuth, from a user's consent to a client. The issuer and the service are a server in this program, so that it needs
//! no account and no network:
//!
//! ```sh
//! BACKPACK_SECRET=fake cargo run --example oauth --features oauth
//! ```

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use backpack_api::oauth::{App, Authorization, Grant, SharedGrant};
use backpack_api::runtime::http::Response;
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{HyperTransport, MemoryTransport, TransportConfig};
use backpack_api::{Client, SERVICE};

const USER_AGENT: &str = "Trip planner (jo@example.com)";

fn create_app(service: &Service) -> Result<App, Box<dyn Error>> {
    let secret = std::env::var("BACKPACK_SECRET")?;
    Ok(App::new(service, "our-client-id", secret, "https://trips.example.org/back", USER_AGENT)?)
}

/// Handles the redirect to `https://trips.example.org/back?code=…&state=…`. Returns the grant, which is valid for all
/// accounts of the user, and the base URLs of the accounts.
async fn handle_redirect(
    service: &Service,
    redirect: &str,
    state: &str,
) -> Result<(Grant, Vec<String>), Box<dyn Error>> {
    let transport = HyperTransport::new(&TransportConfig::default())?;
    let app = create_app(service)?;
    let code = app.read_redirect(redirect, state)?;
    let grant = app.exchange_code(&code, &transport).await?;
    let authorization = Authorization::fetch(&app, &grant, &transport).await?;
    let base_urls = authorization.accounts.iter().filter_map(|account| account.base_url_for(service)).collect();
    Ok((grant, base_urls))
}

/// Creates a client for each account of a user, at any later time.
fn create_clients(
    service: &Service,
    user: &str,
    stored: &str,
    base_urls: &[String],
) -> Result<Vec<Client>, Box<dyn Error>> {
    let user = user.to_owned();
    let grant = SharedGrant::new(create_app(service)?, Grant::from_json(stored)?);
    grant.on_refreshed(move |grant| store(&user, grant));
    base_urls.iter().map(|base_url| Ok(Client::with_base_url(base_url, grant.clone(), USER_AGENT)?)).collect()
}

fn store(_user: &str, grant: &Grant) {
    let _text = grant.to_json(); // a secret, for `Grant::from_json`
}

/// Describes the service with an issuer and accounts on this machine.
fn local_service(base_url: &str) -> Service {
    let issuer = Issuer {
        authorize: format!("{base_url}/authorization/new").into(),
        token: format!("{base_url}/authorization/token").into(),
        accounts: Some(format!("{base_url}/authorization.json").into()),
    };
    Service { base_url_template: base_url.to_owned().into(), issuer: Some(issuer), ..SERVICE.clone() }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let href = base_url.clone();
    thread::spawn(move || serve(&listener, &href));
    let service = local_service(&base_url);
    let state = "unguessable"; // random, and stored in the user's session
    exchange_code_in_memory(&service)?;
    println!("send the user to {}", create_app(&service)?.authorize_url(state));
    let redirect = format!("https://trips.example.org/back?code=c0de&state={state}");
    let (grant, base_urls) = handle_redirect(&service, &redirect, state).await?;
    for backpack in create_clients(&service, "jo", grant.to_json().expose(), &base_urls)? {
        println!("{:?}", backpack.pages().list().await?);
    }
    Ok(())
}

fn exchange_code_in_memory(service: &Service) -> Result<(), Box<dyn Error>> {
    let app = create_app(service)?;
    let code = app.read_redirect("https://trips.example.org/back?code=c0de&state=unguessable", "unguessable")?;
    let issuer = MemoryTransport::new()
        .respond(Response::new(r#"{"access_token": "t0ken", "expires_in": 1209600, "refresh_token": "r3fresh"}"#));
    let grant = app.exchange_code_blocking(&code, &issuer)?;
    assert_eq!(grant.access_token().expose(), "t0ken");
    Ok(())
}

/// Plays the issuer, and a service with one page.
fn serve(listener: &TcpListener, base_url: &str) -> std::io::Result<()> {
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let body = if request.starts_with("POST /authorization/token") {
            r#"{"access_token": "t0ken", "expires_in": 1209600, "refresh_token": "r3fresh"}"#.to_owned()
        } else if request.starts_with("GET /authorization.json") {
            format!(r#"{{"accounts": [{{"id": 1, "name": "Acme", "href": "{base_url}"}}]}}"#)
        } else {
            r#"<response success="true"><pages><page title="Coast" id="9"/></pages></response>"#.to_owned()
        };
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}
