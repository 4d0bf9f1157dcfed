//! A running service with two accounts, and clients for their users.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use backpack_api::runtime::client::{AsyncClient, BlockingClient};
use backpack_api::runtime::http::header::HOST;
use backpack_api::runtime::http::{HeaderValue, Request, Response, Uri};
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::transport::{
    BlockingTransport, HyperTransport, Settings as Limits, Transport, TransportError, TransportFuture, WaitFuture,
};
use backpack_api::runtime::{Caller, Endpoint, Error};
use backpack_api::{Token, UserId};
use backpack_server::people::{self, Account, NewUser};
use backpack_server::{Server, ServerConfig, Store, demo};
use bytes::Bytes;
use rusqlite::{Connection, Row};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::AGENT;

/// A service with the account `acme`, of Ines and Tom, and `other`, of Jo.
pub struct World {
    server: Server,
    /// Where the storage is; after the service, which ends before it goes.
    folder: TempDir,
    pub ines: Who,
    pub tom: Who,
    pub jo: Who,
}

/// A user of the service.
pub struct Who {
    pub account: &'static str,
    pub id: UserId,
    pub token: String,
}

impl Who {
    fn new(account: &'static str, id: UserId, token: &str) -> Self {
        Self { account, id, token: token.to_owned() }
    }
}

impl World {
    pub fn new() -> Self {
        let (folder, store) = empty();
        let (ines, tom) = (user(&store, "acme", "Ines"), user(&store, "acme", "Tom"));
        Self::with(folder, store, ines, tom)
    }

    /// With the account `demo`, which has some of everything, for `acme`.
    pub fn of_the_demo() -> Self {
        let (folder, store) = empty();
        let people = demo::fill(&store, Timestamp::now()).expect("the demo should fit");
        let mut people = people.into_iter().map(|person| Who::new(demo::ACCOUNT, person.id, person.token.expose()));
        let (ines, tom) = (people.next().expect("Ines"), people.next().expect("Tom"));
        Self::with(folder, store, ines, tom)
    }

    fn with(folder: TempDir, store: Store, ines: Who, tom: Who) -> Self {
        let jo = user(&store, "other", "Jo");
        let mut settings = ServerConfig::default();
        settings.limits.enforce_rate_limits = false;
        let server = Server::start(store, settings).expect("the service should start");
        Self { server, folder, ines, tom, jo }
    }

    /// A client of somebody's that does not block.
    pub fn waiting(&self, who: &Who) -> Client {
        let transport = HyperTransport::new(&Limits::default()).expect("TLS should be there");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let client = AsyncClient::new(caller(who), Here { transport, address: self.server.address() });
        let client = client.with(|options| options.pacing = false);
        Client::new(How::Waiting(client, runtime.expect("a runtime should start")))
    }

    /// A client of somebody's that blocks.
    pub fn blocking(&self, who: &Who) -> Client {
        let transport = HyperTransport::new(&Limits::default()).expect("TLS should be there");
        let client = BlockingClient::new(caller(who), Here { transport, address: self.server.address() });
        Client::new(How::Blocking(client.with(|options| options.pacing = false)))
    }

    /// The answer to a request as it is, at an account.
    pub fn send(&self, account: &str, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        head.uri = format!("http://{account}.localhost{target}").parse().expect("an address");
        let transport = HyperTransport::new(&Limits::default()).expect("TLS should be there");
        let here = Here { transport, address: self.server.address() };
        BlockingTransport::send(&here, Request::from_parts(head, body), Duration::MAX).expect("an answer")
    }

    /// Every row of every table, as another program sees the file.
    pub fn rows(&self) -> Vec<String> {
        let db = Connection::open(self.folder.path().join(FILE)).expect("the file should open");
        let read = |query: &str| -> rusqlite::Result<Vec<String>> {
            let mut statement = db.prepare(query)?;
            let columns = statement.column_count();
            let row = |row: &Row<'_>| {
                (0..columns).map(|column| Ok(format!("{:?} ", row.get_ref(column)?))).collect::<rusqlite::Result<_>>()
            };
            statement.query_map((), row)?.collect()
        };
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let tables = db.prepare(tables).and_then(|mut all| all.query_map((), |row| row.get(0))?.collect());
        let tables: Vec<String> = tables.expect("the tables");
        let rows_of = |table: &String| {
            let rows = read(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3")).expect("the rows");
            assert!(table != "pages" || !rows.is_empty(), "there should be something to compare");
            rows
        };
        tables.iter().flat_map(rows_of).collect()
    }
}

/// The name of the storage's file.
const FILE: &str = "data.backpack";

/// An empty storage in a file, where reads go over connections of their own.
fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join(FILE)).expect("a store");
    (folder, store)
}

fn user(store: &Store, account: &'static str, name: &'static str) -> Who {
    let new = NewUser {
        name: name.to_owned(),
        email_address: format!("{}@example.com", name.to_lowercase()),
        admin: false,
        time_zone: "Berlin".to_owned(),
    };
    let created = store.write_blocking(move |db| {
        if Account::find(db, account).is_err() {
            Account::create(db, account, None)?;
        }
        let id = people::create_user(db, account, &new)?;
        Ok((id, people::create_token(db, id)?))
    });
    let (id, token) = created.expect("a user should be created");
    Who::new(account, id, token.expose())
}

fn caller(who: &Who) -> Caller {
    let token = Token::new(&who.token).expect("the service's tokens are some");
    Caller::new_plain(&format!("http://{}.localhost", who.account), token, AGENT).expect("an address")
}

/// Brings every request to one address, whatever its host is called.
struct Here<T> {
    transport: T,
    address: SocketAddr,
}

impl<T> Here<T> {
    fn moved(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let (host, target) = (request.uri().host().unwrap_or_default(), request.uri().path_and_query());
        let host = HeaderValue::from_str(host).expect("a host");
        let here: Uri = format!("http://{}{}", self.address, target.map_or("/", |target| target.as_str()))
            .parse()
            .expect("an address");
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = here;
        request
    }
}

impl<T: Transport> Transport for Here<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        self.transport.send(self.moved(request), within)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        self.transport.wait(time)
    }
}

impl<T: BlockingTransport> BlockingTransport for Here<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.transport.send(self.moved(request), within)
    }
}

/// One of the two clients, which notes what it was called for.
pub struct Client {
    how: How,
    called: RefCell<BTreeSet<&'static str>>,
}

enum How {
    Waiting(AsyncClient, Runtime),
    Blocking(BlockingClient),
}

impl Client {
    fn new(how: How) -> Self {
        Self { how, called: RefCell::default() }
    }

    /// What an operation answers.
    pub fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.called.borrow_mut().insert(E::OPERATION.name);
        match &self.how {
            How::Waiting(client, runtime) => runtime.block_on(client.call(request)),
            How::Blocking(client) => client.call(request),
        }
    }

    /// What an operation answers, which should be a success.
    #[track_caller]
    pub fn done<E: Endpoint>(&self, request: &E) -> E::Response {
        self.call(request).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The HTTP status of an operation that should be refused.
    #[track_caller]
    pub fn refused<E: Endpoint>(&self, request: &E) -> u16 {
        let error = self.call(request).expect_err("this should be refused");
        error.status().map_or(0, |status| status.as_u16())
    }

    /// The operations that were called.
    pub fn called(self) -> BTreeSet<&'static str> {
        self.called.into_inner()
    }
}
