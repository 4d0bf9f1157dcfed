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
    BlockingTransport, HyperTransport, Transport, TransportConfig, TransportError, TransportFuture, WaitFuture,
};
use backpack_api::runtime::{ClientConfig, Endpoint, Error};
use backpack_api::{ApiToken, SERVICE, UserId};
use backpack_server::users::NewUser;
use backpack_server::{Server, ServerConfig, Store, accounts, demo, tokens, users};
use bytes::Bytes;
use rusqlite::{Connection, Row};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::{USER_AGENT, tokio_runtime};

/// A running service with the accounts `acme`, of Ines and Tom, and `other`, of Jo.
pub struct TestService {
    server: Server,
    /// Folder of the data file. Fields are dropped in order, so the folder is deleted after the server has stopped.
    folder: TempDir,
    pub ines: TestUser,
    pub tom: TestUser,
    pub jo: TestUser,
}

/// A user of the service, with an API token.
pub struct TestUser {
    pub account: &'static str,
    pub id: UserId,
    pub token: String,
}

impl TestUser {
    /// Creates the description of a user that exists in the store.
    fn new(account: &'static str, id: UserId, token: &str) -> Self {
        Self { account, id, token: token.to_owned() }
    }
}

impl TestService {
    /// Starts a service with empty accounts.
    pub fn new() -> Self {
        let (folder, store) = open_empty_store();
        let (ines, tom) = (create_user(&store, "acme", "Ines"), create_user(&store, "acme", "Tom"));
        Self::start(folder, store, ines, tom)
    }

    /// Starts a service with the account `demo` instead of `acme`. It has resources of each kind.
    pub fn with_demo_data() -> Self {
        let (folder, store) = open_empty_store();
        let demo_users = demo::fill(&store, Timestamp::now()).expect("the demo data should be valid");
        let mut users = demo_users.into_iter().map(|user| TestUser::new(demo::ACCOUNT, user.id, user.token.expose()));
        let (ines, tom) = (users.next().expect("Ines"), users.next().expect("Tom"));
        Self::start(folder, store, ines, tom)
    }

    /// Adds the account `other` and starts the server, without rate limits.
    fn start(folder: TempDir, store: Store, ines: TestUser, tom: TestUser) -> Self {
        let jo = create_user(&store, "other", "Jo");
        let mut config = ServerConfig::default();
        config.limits.enforce_rate_limits = false;
        let server = Server::start(store, config).expect("the service should start");
        Self { server, folder, ines, tom, jo }
    }

    /// Creates an async client for a user, without a rate limit.
    pub fn async_client(&self, user: &TestUser) -> TestClient {
        let client = AsyncClient::new(client_config(user), self.new_transport())
            .with_options(|options| options.respect_rate_limits = false);
        TestClient::new(AnyClient::Async(client, tokio_runtime()))
    }

    /// Creates a blocking client for a user, without a rate limit.
    pub fn blocking_client(&self, user: &TestUser) -> TestClient {
        let client = BlockingClient::new(client_config(user), self.new_transport())
            .with_options(|options| options.respect_rate_limits = false);
        TestClient::new(AnyClient::Blocking(client))
    }

    /// Creates a transport that reaches the server under any host name.
    fn new_transport(&self) -> FixedAddressTransport<HyperTransport> {
        let transport = HyperTransport::new(&TransportConfig::default()).expect("TLS should be available");
        FixedAddressTransport { transport, address: self.server.address() }
    }

    /// Sends a request to an account, unchanged except for the host.
    pub fn send(&self, account: &str, request: Request<Bytes>) -> Response<Bytes> {
        let (mut head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        head.uri = format!("http://{account}.localhost{target}").parse().expect("the URL should be valid");
        let request = Request::from_parts(head, body);
        BlockingTransport::send(&self.new_transport(), request, Duration::MAX).expect("the service should respond")
    }

    /// Reads every row of every table from the data file, over a connection of its own. Each row is a text that starts
    /// with the name of its table.
    pub fn read_all_rows(&self) -> Vec<String> {
        let db = Connection::open(self.folder.path().join(DATA_FILE)).expect("the file should open");
        let read_rows = |query: &str| -> rusqlite::Result<Vec<String>> {
            let mut statement = db.prepare(query)?;
            let columns = statement.column_count();
            let format_row = |row: &Row<'_>| {
                (0..columns).map(|column| Ok(format!("{:?} ", row.get_ref(column)?))).collect::<rusqlite::Result<_>>()
            };
            statement.query_map((), format_row)?.collect()
        };
        let query = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let tables = db.prepare(query).and_then(|mut all| all.query_map((), |row| row.get(0))?.collect());
        let tables: Vec<String> = tables.expect("the tables should be listed");
        let rows_of = |table: &String| {
            let rows = read_rows(&format!("SELECT '{table}', * FROM {table} ORDER BY 2, 3"))
                .expect("the rows should be readable");
            assert!(table != "pages" || !rows.is_empty(), "there should be something to compare");
            rows
        };
        tables.iter().flat_map(rows_of).collect()
    }
}

/// Name of the data file.
const DATA_FILE: &str = "data.backpack";

/// Opens an empty store in a file. Unlike a store in memory, it has separate connections for reads.
fn open_empty_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder should be created");
    let store = Store::open(&folder.path().join(DATA_FILE)).expect("the store should open");
    (folder, store)
}

/// Creates a user with a token, and the account if it does not exist.
fn create_user(store: &Store, account: &'static str, name: &'static str) -> TestUser {
    let new = NewUser {
        name: name.to_owned(),
        email_address: format!("{}@example.com", name.to_lowercase()),
        admin: false,
        time_zone: "Berlin".to_owned(),
    };
    let created = store.write_blocking(move |db| {
        if accounts::find(db, account).is_err() {
            accounts::create(db, account, None)?;
        }
        let id = users::create(db, account, &new)?;
        Ok((id, tokens::create(db, id)?))
    });
    let (id, token) = created.expect("a user should be created");
    TestUser::new(account, id, token.expose())
}

/// Returns the client configuration for a user. The host names the account.
fn client_config(user: &TestUser) -> ClientConfig {
    let token = ApiToken::new(&user.token).expect("the service's tokens should be valid");
    let base_url = format!("http://{}.localhost", user.account);
    ClientConfig::new_insecure(&SERVICE, base_url.as_str(), token, USER_AGENT).expect("the base URL should be valid")
}

/// Sends every request to one address, regardless of its host.
struct FixedAddressTransport<T> {
    transport: T,
    address: SocketAddr,
}

impl<T> FixedAddressTransport<T> {
    /// Changes the URL of a request to the fixed address. Its host moves to the `Host` header.
    fn readdress(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        let host = HeaderValue::from_str(request.uri().host().unwrap_or_default()).expect("the host should be valid");
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let url: Uri = format!("http://{}{target}", self.address).parse().expect("the URL should be valid");
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = url;
        request
    }
}

impl<T: Transport> Transport for FixedAddressTransport<T> {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> TransportFuture<'_> {
        self.transport.send(self.readdress(request), timeout)
    }

    fn wait(&self, time: Duration) -> WaitFuture<'_> {
        self.transport.wait(time)
    }
}

impl<T: BlockingTransport> BlockingTransport for FixedAddressTransport<T> {
    fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, TransportError> {
        self.transport.send(self.readdress(request), timeout)
    }
}

/// The async or the blocking client of a user. It records the operations that it calls.
pub struct TestClient {
    client: AnyClient,
    called: RefCell<BTreeSet<&'static str>>,
}

/// One of the two clients, the async one with its runtime.
enum AnyClient {
    Async(AsyncClient, Runtime),
    Blocking(BlockingClient),
}

impl TestClient {
    /// Creates a client that has called no operation.
    fn new(client: AnyClient) -> Self {
        Self { client, called: RefCell::default() }
    }

    /// Calls an operation and records its name.
    fn call<E: Endpoint>(&self, request: &E) -> Result<E::Response, Error> {
        self.called.borrow_mut().insert(E::OPERATION.name);
        match &self.client {
            AnyClient::Async(client, runtime) => runtime.block_on(client.call(request)),
            AnyClient::Blocking(client) => client.call(request),
        }
    }

    /// Calls an operation, which has to succeed. Returns its value.
    #[track_caller]
    pub fn call_ok<E: Endpoint>(&self, request: &E) -> E::Response {
        self.call(request).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Calls an operation, which has to fail. Returns the HTTP status of the error, or 0 if it has none.
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
