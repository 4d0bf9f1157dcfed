//! Connections, and each request from its bytes to its answer.
//!
//! - [`connection`]: takes connections and drops those that are too slow.
//! - [`host`]: which account a request is for.
//! - [`answer`]: refusals in the form of the operation's style, and what every answer has.

mod answer;
mod connection;
mod host;

use std::sync::Arc;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response, StatusCode};
use backpack_api::runtime::incoming::{Routed, Unroutable};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::read::Problem;
use backpack_api::runtime::service::{Operation, Retry};
use bytes::Bytes;
use rusqlite::Connection;

use crate::call::Call;
use crate::people::User;
use crate::{Refusal, Settings, Store};
pub(crate) use connection::listen;
use host::Host;

/// What all connections share.
pub(crate) struct Service {
    store: Arc<Store>,
    settings: Settings,
}

impl Service {
    pub(crate) fn new(store: Store, settings: Settings) -> Self {
        Self { store: Arc::new(store), settings }
    }

    /// The answer to a request, whatever it is.
    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        if request.uri().path() == "/up" {
            return self.health().await;
        }
        let Some(host) = Host::of(&request, &self.settings) else {
            return answer::plain(StatusCode::NOT_FOUND, "There is no account at this address");
        };
        let response = match AnyRequest::read(&request) {
            Ok(routed) => self.serve(host.clone(), routed).await,
            Err(Unroutable::WrongMethod(methods)) => answer::wrong_method(&methods),
            Err(Unroutable::Unreadable { operation, presented, error }) => {
                let token = presented.map(|presented| presented.token().to_owned());
                let refusal = unreadable(operation, error.problem());
                let known = self.store.read(move |db| User::of_token(db, &host.account, token.as_deref())).await;
                match known {
                    Ok(_) => answer::refused(operation, refusal.0, refusal.1),
                    Err(refusal) => answer::refusal(operation, &refusal),
                }
            }
            Err(_) => answer::plain(StatusCode::NOT_FOUND, "There is nothing at this address"),
        };
        answer::finished(response)
    }

    /// Lets the operation do its work, on the side of the storage where it belongs.
    async fn serve(&self, host: Host, routed: Routed<AnyRequest>) -> Response<Bytes> {
        let operation = routed.request.operation();
        let work = move |db: &Connection| work(db, &host, &routed);
        let result = match operation.retry {
            Retry::Read => self.store.read(work).await,
            _ => self.store.write(work).await,
        };
        result.unwrap_or_else(|refusal| answer::refusal(operation, &refusal))
    }

    async fn health(&self) -> Response<Bytes> {
        match self.store.read(|db| Ok(db.query_row("SELECT 1", (), |_| Ok(()))?)).await {
            Ok(()) => answer::plain(StatusCode::OK, "up"),
            Err(refusal) => answer::plain(refusal.status(), refusal.message()),
        }
    }
}

fn work(db: &Connection, host: &Host, routed: &Routed<AnyRequest>) -> Result<Response<Bytes>, Refusal> {
    let token = routed.presented.as_ref().map(|presented| presented.token());
    let me = User::of_token(db, &host.account, token)?;
    routed.request.serve(&Call { db, me: &me, host: &host.authority, now: Timestamp::now() })
}

/// What is said about a request that cannot be read: it is no document, or a value in it is wrong or missing.
fn unreadable(operation: &Operation, problem: &Problem) -> (StatusCode, &'static str) {
    match problem {
        Problem::Xml(_) | Problem::NotUtf8 => (StatusCode::BAD_REQUEST, "The request is not well-formed"),
        _ if operation.style.failure.is_some() => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        Problem::Missing => (StatusCode::UNPROCESSABLE_ENTITY, "A required value is missing"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "A value cannot be read"),
    }
}
