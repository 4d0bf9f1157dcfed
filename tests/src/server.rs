//! A server that responds to every operation with the schema's examples, over real HTTP.
//!
//! It decodes requests and encodes responses with the bindings' server side. Both pass through the typed values, as in
//! any service built on the bindings.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::routing::RouteError;
use backpack_api::runtime::service::Operation;
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_api::{EndpointExt, ServeEndpointExt};
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

/// A request and its response.
pub struct Traffic {
    /// Request as received.
    pub request: Request<Bytes>,
    /// Response as sent.
    pub response: Response<Bytes>,
}

/// An example with its operation: the decoded request, and the response.
struct KnownExample {
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
            let known = load_examples();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            runtime.expect("a runtime should start").block_on(async move {
                let listener =
                    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a loopback port should be free");
                let _ = address_sender.send(listener.local_addr().expect("a listener should have an address"));
                let known: &'static [KnownExample] = known.leak();
                while let Ok((stream, _)) = listener.accept().await {
                    let traffic = traffic_sender.clone();
                    let service = service_fn(move |request| serve(request, known, traffic.clone()));
                    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
                }
            });
        });
        Self { address: address.recv().expect("the server should start"), traffic }
    }

    /// Base URL of the server: `http://127.0.0.1:…`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the traffic since the last call of this method, in order. Traffic of a client call is complete when that
    /// call returns.
    pub fn traffic(&self) -> Vec<Traffic> {
        self.traffic.try_iter().collect()
    }
}

/// Loads all examples. Examples without a response get an empty success.
fn load_examples() -> Vec<KnownExample> {
    let api = schema::read_api();
    let known = examples::cases(&api).map(|case| KnownExample {
        operation: case.operation,
        request: AnyRequest::read(&case.request()).unwrap_or_else(|error| panic!("{}: {error:?}", case.name())).request,
        response: case.response().unwrap_or_else(|| examples::build_empty_success(case.operation)),
    });
    known.collect()
}

/// Responds to a request and records both.
async fn serve(
    request: Request<Incoming>,
    known: &[KnownExample],
    traffic: mpsc::Sender<Traffic>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let request = Request::from_parts(head, body);
    let response = respond(&request, known);
    // Sending fails if the `ExampleServer` was dropped; the server then goes on without recording.
    let _ = traffic.send(Traffic { request, response: response.clone() });
    Ok(response.map(Full::new))
}

/// Returns the response to a request: that of the example with an equal request, or else that of the operation's first
/// example. A request that no operation accepts, or with another token, gets an error response.
fn respond(request: &Request<Bytes>, known: &[KnownExample]) -> Response<Bytes> {
    let routed = match AnyRequest::read(request) {
        Ok(routed) => routed,
        Err(RouteError::MethodNotAllowed(_)) => return build_empty_response(StatusCode::METHOD_NOT_ALLOWED),
        Err(RouteError::InvalidRequest { operation, error, .. }) => {
            return build_error(operation, StatusCode::BAD_REQUEST, &error.to_string());
        }
        Err(_) => return build_empty_response(StatusCode::NOT_FOUND),
    };
    let operation = routed.request.operation();
    if routed.credentials.is_none_or(|presented| presented.token() != TOKEN) {
        return build_error(operation, StatusCode::FORBIDDEN, "unknown token");
    }
    let with_same_request = known.iter().find(|known| known.request == routed.request);
    let first_of_operation = || known.iter().find(|known| known.operation == operation);
    match with_same_request.or_else(first_of_operation) {
        Some(known) => routed.request.visit(ExampleResponder(&known.response)),
        None => build_error(operation, StatusCode::NOT_FOUND, "no example"),
    }
}

/// Builds a response without headers and body.
fn build_empty_response(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Builds an error response in the style of the operation. If the message cannot be written, builds an empty response
/// with status 500.
fn build_error(operation: &Operation, status: StatusCode, message: &str) -> Response<Bytes> {
    operation
        .error_response(status, message)
        .unwrap_or_else(|_| build_empty_response(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Decodes an example's response into the operation's type, and encodes it again.
struct ExampleResponder<'a>(&'a Response<Bytes>);

impl Visitor for ExampleResponder<'_> {
    type Output = Response<Bytes>;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Response<Bytes> {
        let encoded = E::from_response(self.0).map(|value| endpoint.respond(&value).map_err(|error| error.to_string()));
        let fail_internally = |message: &str| build_error(E::OPERATION, StatusCode::INTERNAL_SERVER_ERROR, message);
        match encoded {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => fail_internally(&error),
            Err(error) => fail_internally(&error.to_string()),
        }
    }
}
