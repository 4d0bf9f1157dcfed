//! `backpack view`: an archive in a browser.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use backpack_api::runtime::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use backpack_api::runtime::http::{HeaderValue, Method, Request, Response, StatusCode};
use backpack_archive::export::{Format, content_policy, render};
use bytes::Bytes;
use clap::Args;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;

use crate::archives::open_archive;
use crate::error::CommandError;
use crate::output::{print_line, print_note};

/// Show an archive in a browser.
///
/// Serves the files of `backpack export html`, read-only and to this machine only, until it is interrupted. Prints the
/// address; it opens no browser.
#[derive(Args)]
pub(crate) struct ViewCommand {
    /// Archive: a folder that `backpack backup` has written, an `export.xml`, or a folder of saved XML.
    folder: PathBuf,
    /// Port to listen on; by default a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Files by path.
type Files = BTreeMap<String, Bytes>;

impl ViewCommand {
    /// Serves the archive until the process is interrupted.
    pub(crate) fn run(&self) -> Result<(), CommandError> {
        let archive = open_archive(&self.folder)?;
        for problem in archive.problems() {
            print_note(problem);
        }
        let rendering = render(archive.account(), Format::Html)?;
        let files: Files = rendering.files.into_iter().map(|file| (file.path, file.content.into())).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(serve(Arc::new(files), self.port))
    }
}

/// Serves files on a port of this machine.
async fn serve(files: Arc<Files>, port: u16) -> Result<(), CommandError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    print_line(format_args!("address  http://{}", listener.local_addr()?))?;
    print_note("Press Ctrl-C to stop.");
    loop {
        // A connection that cannot be accepted does not end the others.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let files = Arc::clone(&files);
        let service = service_fn(move |request| {
            let response = respond(&files, &request);
            async { Ok::<_, Infallible>(response) }
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new());
        // The only client is on this machine, and sees a failed connection itself.
        tokio::spawn(async move { drop(http.serve_connection(TokioIo::new(stream), service).await) });
    }
}

/// Responds to a request.
fn respond<B>(files: &Files, request: &Request<B>) -> Response<Full<Bytes>> {
    // A page of another site can resolve its own name to this machine, and would then read the archive.
    if !request.headers().get(HOST).is_some_and(is_this_machine) {
        return respond_text(
            StatusCode::FORBIDDEN,
            "This address is not served. Use the one that the command printed.\n",
        );
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = respond_text(StatusCode::METHOD_NOT_ALLOWED, "The archive is read-only.\n");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = percent_decode_str(request.uri().path().trim_start_matches('/')).decode_utf8_lossy();
    let path = if path.is_empty() { "index.html" } else { &*path };
    match files.get(path) {
        Some(content) => build_response(StatusCode::OK, "text/html; charset=utf-8", content.clone()),
        None => respond_text(StatusCode::NOT_FOUND, "The archive has no such page.\n"),
    }
}

/// `true` if a `Host` header names this machine, with any port.
fn is_this_machine(host: &HeaderValue) -> bool {
    let host = host.to_str().unwrap_or_default();
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

/// Responds with a plain text.
fn respond_text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    build_response(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

/// Builds a response that browsers neither store nor interpret as another type.
fn build_response(status: StatusCode, content_type: &'static str, content: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(content_policy()));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
