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
    BlockingTransport, HyperTransport, Settings as TransportSettings, Transport, TransportError, TransportFuture,
    WaitFuture,
};
use backpack_api::runtime::{Caller, Endpoint, Error};
use backpack_api::{Token, UserId};
use backpack_server::people::{self, Account, NewUser};
use backpack_server::{Server, Settings, Store, demo};
use bytes::Bytes;
use rusqlite::{Connection, Row};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{USER_AGENT, tokio_runtime};

/// A running service with the accounts `acme`, of Ines and Tom, and `other`, of Jo.
pub struct TestService {
    server: Server,
    /// Folder of the data file. It is dropped after the server.
    folder: TempDir,
    pub ines: TestUser,
    pub tom: TestUser,
    pub jo: TestUser,
}

/// A user of the service.
pub struct TestUser {
    pub account: &'static str,
    pub id: UserId,
    pub token: String,
}

impl TestUser {
    fn new(account: &'static str, id: UserId, token: &str) -> Self {
        Self { account, id, token: token.to_owned() }
    }
}

impl TestService {
    pub fn new() -> Self {
        let (folder, store) = open_empty_store();
        let (ines, tom) = (create_user(&store, "acme", "Ines"), create_user(&store, "acme", "Tom"));
        Self::start(folder, store, ines, tom)
    }

    /// A service with the account `demo`, which has resources of each kind, in place of `acme`.
    pub fn with_demo_data() -> Self {
        let (folder, store) = open_empty_store();
        let people = demo::fill(&store, Timestamp::now()).expect("the demo data should be valid");
        let mut users = people.into_iter().map(|person| TestUser::new(demo::ACCOUNT, person.id, person.token.expose()));
        let (ines, tom) = (users.next().expect("Ines"), users.next().expect("Tom"));
        Self::start(folder, store, ines, tom)
    }

    fn start(folder: TempDir, store: Store, ines: TestUser, tom: TestUser) -> Self {
        let jo = create_user(&store, "other", "Jo");
        let mut settings = Settings::default();
        settings.rate_limits = false;
        let server = Server::start(store, settings).expect("the service should start");
        Self { server, folder, ines, tom, jo }
    }

    /// An async client of a user.
    pub fn async_client(&self, user: &TestUser) -> TestClient {
        let client = AsyncClient::new(client_config(user), self.transport()).with(|options| options.pacing = false);
        TestClient::new(AnyClient::Async(client, tokio_runtime()))
    }

    /// A blocking client of a user.
    pub fn blocking_client(&self, user: &TestUser) -> TestClient {
        let client = BlockingClient::new(client_config(user), self.transport()).with(|options| options.pacing = false);
        TestClient::new(AnyClient::Blocking(client))
    }

    fn transport(&self) -> FixedAddressTransport<HyperTransport> {
        let transport = HyperTransport::new(&TransportSettings::default()).expect("TLS should be available");
        FixedAddressTransport { transport, address: self.server.address() }
    }

    /// Sends a request to an account, as it is.
    pub fn send(&self, account: &str, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        head.uri = format!("http://{account}.localhost{target}").parse().expect("the URL should be valid");
        let request = Request::from_parts(head, body);
        BlockingTransport::send(&self.transport(), request, Duration::MAX).expect("the service should respond")
    }

    /// Reads every row of every table from the data file, like another program.
    pub fn rows(&self) -> Vec<String> {
        let db = Connection::open(self.folder.path().join(DATA_FILE)).expect("the file should open");
        let read_rows = |query: &str| -> rusqlite::Result<Vec<String>> {
            let mut statement = db.prepare(query)?;
            let columns = statement.column_count();
            let row = |row: &Row<'_>| {
                (0..columns).map(|column| Ok(format!("{:?} ", row.get_ref(column)?))).collect::<rusqlite::Result<_>>()
            };
            statement.query_map((), row)?.collect()
        };
        let query = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let tables = db.prepare(query).and_then(|mut all| all.query_map((), |row| row.get(0))?.collect());
        let tables: Vec<String> = tables.expect("the tables");
        let rows_of = |table: &String| {
            let rows = read_rows(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3")).expect("the rows");
            assert!(table != "pages" || !rows.is_empty(), "there should be something to compare");
            rows
        };
        tables.iter().flat_map(rows_of).collect()
    }
}

/// Name of the data file.
const DATA_FILE: &str = "data.backpack";

/// Opens an empty store in a file. Unlike a store in memory, it has connections of its own for reads.
fn open_empty_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder should be created");
    let store = Store::open(&folder.path().join(DATA_FILE)).expect("the store should open");
    (folder, store)
}

/// Creates a user, and the account if it does not exist.
fn create_user(store: &Store, account: &'static str, name: &'static str) -> TestUser {
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
    TestUser::new(account, id, token.expose())
}

fn client_config(user: &TestUser) -> Caller {
    let token = Token::new(&user.token).expect("the service's tokens should be valid");
    let base_url = format!("http://{}.localhost", user.account);
    Caller::new_plain(base_url.as_str(), token, USER_AGENT).expect("the base URL should be valid")
}

/// Sends every request to one address, whatever its host.
struct FixedAddressTransport<T> {
    transport: T,
    address: SocketAddr,
}

impl<T> FixedAddressTransport<T> {
    fn redirect(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let host = HeaderValue::from_str(request.uri().host().unwrap_or_default()).expect("the host should be valid");
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let url: Uri = format!("http://{}{target}", self.address).parse().expect("the URL should be valid");
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = url;
        request
    }
}

impl<T: Transport> Transport for FixedAddressTransport<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> TransportFuture<'_> {
        self.transport.send(self.redirect(request), within)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        self.transport.wait(time)
    }
}

impl<T: BlockingTransport> BlockingTransport for FixedAddressTransport<T> {
    fn send(&self, request: Request<Bytes>, within: Duration) -> Result<Response<Bytes>, TransportError> {
        self.transport.send(self.redirect(request), within)
    }
}

/// The async or the blocking client of a user. It records the operations that it calls.
pub struct TestClient {
    client: AnyClient,
    called: RefCell<BTreeSet<&'static str>>,
}

enum AnyClient {
    Async(AsyncClient, Runtime),
    Blocking(BlockingClient),
}

impl TestClient {
    fn new(client: AnyClient) -> Self {
        Self { client, called: RefCell::default() }
    }

    /// Calls an operation.
    fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.called.borrow_mut().insert(E::OPERATION.name);
        match &self.client {
            AnyClient::Async(client, runtime) => runtime.block_on(client.call(request)),
            AnyClient::Blocking(client) => client.call(request),
        }
    }

    /// Calls an operation, which has to succeed.
    #[track_caller]
    pub fn call_ok<E: Endpoint>(&self, request: &E) -> E::Response {
        self.call(request).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Calls an operation, which has to fail. Returns its HTTP status.
    #[track_caller]
    pub fn call_err<E: Endpoint>(&self, request: &E) -> u16 {
        let error = self.call(request).expect_err("the call should fail");
        error.status().map_or(0, |status| status.as_u16())
    }

    /// Names of the operations called so far.
    pub fn called_operations(self) -> BTreeSet<&'static str> {
        self.called.into_inner()
    }
}
