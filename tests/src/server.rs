//! A server that answers every operation with the schema's examples, over real HTTP.
//!
//! It reads each request with the bindings' server side, and writes each answer with it, so both go through the same
//! typed values as a service of one's own would.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::incoming::Unroutable;
use backpack_api::runtime::service::Operation;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::examples::{self, TOKEN};
use crate::schema;

/// A server that runs until the program ends.
pub struct ExampleServer {
    address: SocketAddr,
    traffic: mpsc::Receiver<Traffic>,
}

/// What came in, and what went out.
pub struct Traffic {
    /// The request, as it came.
    pub request: Request<Bytes>,
    /// The answer, as it went.
    pub response: Response<Bytes>,
}

/// An example that an answer can be taken from: the request as the bindings read it, and the answer to it.
struct Known {
    operation: &'static Operation,
    request: AnyRequest,
    response: Response<Bytes>,
}

impl ExampleServer {
    /// Starts a server on a free port of the loopback interface.
    pub fn start() -> Self {
        let (address_sender, address) = mpsc::channel();
        let (traffic_sender, traffic) = mpsc::channel();
        thread::spawn(move || {
            let known = known();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            runtime.expect("a runtime should start").block_on(async move {
                let listener =
                    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port should be free");
                let _ = address_sender.send(listener.local_addr().expect("a listener should have an address"));
                let known: &'static [Known] = known.leak();
                while let Ok((stream, _)) = listener.accept().await {
                    let traffic = traffic_sender.clone();
                    let answer = service_fn(move |request| serve(request, known, traffic.clone()));
                    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
                }
            });
        });
        Self { address: address.recv().expect("the server should start"), traffic }
    }

    /// Where it is: `http://127.0.0.1:…`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came and went since the last time, in order. The answer to a call is in it when the call returns.
    pub fn traffic(&self) -> Vec<Traffic> {
        self.traffic.try_iter().collect()
    }
}

/// The examples with an answer, and those without, which answer nothing.
fn known() -> Vec<Known> {
    let api = schema::api();
    let cases = examples::cases(&api).map(|case| Known {
        operation: case.operation,
        request: AnyRequest::read(&case.request()).unwrap_or_else(|error| panic!("{}: {error:?}", case.name())).request,
        response: case.response().unwrap_or_else(|| examples::success_of(case.operation)),
    });
    cases.collect()
}

async fn serve(
    request: Request<Incoming>,
    known: &[Known],
    traffic: mpsc::Sender<Traffic>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let request = Request::from_parts(head, body);
    let response = answer(&request, known);
    let _ = traffic.send(Traffic { request, response: response.clone() });
    Ok(response.map(Full::new))
}

/// The answer to a request: that of the example it is, else of the operation's first example.
fn answer(request: &Request<Bytes>, known: &[Known]) -> Response<Bytes> {
    let routed = match AnyRequest::read(request) {
        Ok(routed) => routed,
        Err(Unroutable::WrongMethod(_)) => return status(StatusCode::METHOD_NOT_ALLOWED),
        Err(Unroutable::Unreadable { operation, error, .. }) => {
            return refuse(operation, StatusCode::BAD_REQUEST, &error.to_string());
        }
        Err(_) => return status(StatusCode::NOT_FOUND),
    };
    let operation = routed.request.operation();
    if routed.presented.is_none_or(|presented| presented.token() != TOKEN) {
        return refuse(operation, StatusCode::FORBIDDEN, "This token is not known");
    }
    let same = known.iter().find(|known| known.request == routed.request);
    let first = || known.iter().find(|known| known.operation == operation);
    match same.or_else(first) {
        Some(known) => routed.request.visit(Answer(&known.response)),
        None => refuse(operation, StatusCode::NOT_FOUND, "There is no example"),
    }
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn refuse(operation: &Operation, why: StatusCode, message: &str) -> Response<Bytes> {
    operation.refuse(why, message).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Reads an example's answer into the operation's type, and writes it again.
struct Answer<'a>(&'a Response<Bytes>);

impl Visitor for Answer<'_> {
    type Output = Response<Bytes>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Response<Bytes> {
        let answer = E::from_response(self.0).map(|value| endpoint.respond(&value).map_err(|error| error.to_string()));
        let broken = |why: &str| refuse(E::OPERATION, StatusCode::INTERNAL_SERVER_ERROR, why);
        match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => broken(&error),
            Err(error) => broken(&error.to_string()),
        }
    }
}
