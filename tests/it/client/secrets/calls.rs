//! Calls of every operation, and of the issuer, over three transports. Their output is collected.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use backpack_api::oauth::{App, Authorization, Grant, SharedGrant};
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::config::ClientConfig;
use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::service::{Issuer, Service};
use backpack_api::runtime::transport::{HyperTransport, Transport, TransportConfig};
use backpack_api::runtime::{Endpoint, ServeEndpoint, Token, Visitor};
use backpack_api::{Client, Credentials, EndpointExt, Options, SERVICE, blocking, users};
use backpack_tests::examples::{self, Case};
use test_support::{Action, FaultServer};
use tokio::runtime::Runtime;
use xmlwire::transport::ReqwestTransport;

use super::canary::CANARY;
use super::output::Output;
use super::responses::{MAX_RESPONSE, canary_echo, http_response, issuer_responses, service_responses};
use crate::support::{USER_AGENT, client_config_at, tokio_runtime};

/// An async transport that implements `Debug`, so that its output is searched too.
pub(super) trait DebugTransport: Transport + Debug {}

impl<T: Transport + Debug> DebugTransport for T {}

/// A transport, and the client that uses it: the blocking or the async one.
#[derive(Debug)]
pub(super) enum TestTransport {
    Blocking(HyperTransport),
    Async(Arc<dyn DebugTransport>, Runtime),
}

/// One function for each transport, which creates it.
pub(super) const TRANSPORTS: [fn() -> TestTransport; 3] =
    [TestTransport::hyper_blocking, TestTransport::hyper_async, TestTransport::reqwest];

impl TestTransport {
    /// Returns the settings of all transports. Some of the responses exceed their size limit.
    fn transport_config() -> TransportConfig {
        let mut config = TransportConfig::default();
        config.max_response_size = MAX_RESPONSE;
        config
    }

    /// Creates the default transport for the blocking client.
    fn hyper_blocking() -> Self {
        Self::Blocking(HyperTransport::new(&Self::transport_config()).unwrap())
    }

    /// Creates the default transport for the async client.
    fn hyper_async() -> Self {
        Self::new_async(HyperTransport::new(&Self::transport_config()).unwrap())
    }

    /// Creates a transport over reqwest that logs as much as possible.
    fn reqwest() -> Self {
        let provider = rustls::crypto::ring::default_provider().into();
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
        let configure = |client: ::reqwest::ClientBuilder| {
            client.tls_backend_preconfigured(tls).referer(true).connection_verbose(true)
        };
        Self::new_async(ReqwestTransport::new(&Self::transport_config(), configure).unwrap())
    }

    /// Creates a transport for the async client, with a runtime.
    fn new_async(transport: impl DebugTransport + 'static) -> Self {
        Self::Async(Arc::new(transport), tokio_runtime())
    }

    /// Calls an operation with a new client and adds everything that it can show to the output.
    fn call<E: Endpoint>(
        &self,
        config: ClientConfig,
        endpoint: &E,
        change: impl FnOnce(&mut Options),
        output: &mut Output,
    ) where
        E::Response: Debug,
    {
        match self {
            Self::Blocking(transport) => {
                let client = blocking::Client::with_transport(config, transport.clone()).with_options(change);
                output.add_result(&client.call_with_response(endpoint));
                output.add_debug(&client);
            }
            Self::Async(transport, runtime) => {
                let client = Client::with_transport(config, Arc::clone(transport)).with_options(change);
                output.add_result(&runtime.block_on(client.call_with_response(endpoint)));
                output.add_debug(&client);
            }
        }
    }

    /// Sends one of the three requests to the issuer and adds the result to the output. Step 0 exchanges a code, step 1
    /// refreshes a grant, and step 2 requests the user of a grant.
    fn call_issuer(&self, app: &App, step: usize, grant: &Grant, output: &mut Output) {
        let code = CANARY.into();
        match (self, step) {
            (Self::Blocking(transport), 0) => output.add_issuer_result(&app.exchange_code_blocking(&code, transport)),
            (Self::Blocking(transport), 1) => output.add_issuer_result(&app.refresh_blocking(grant, transport)),
            (Self::Blocking(transport), _) => {
                output.add_issuer_result(&Authorization::fetch_blocking(app, grant, transport))
            }
            (Self::Async(transport, runtime), 0) => {
                output.add_issuer_result(&runtime.block_on(app.exchange_code(&code, transport)))
            }
            (Self::Async(transport, runtime), 1) => {
                output.add_issuer_result(&runtime.block_on(app.refresh(grant, transport)))
            }
            (Self::Async(transport, runtime), _) => {
                output.add_issuer_result(&runtime.block_on(Authorization::fetch(app, grant, transport)));
            }
        }
    }
}

/// Calls an operation with one client, once for each response of the service.
struct CallEachResponse<'a> {
    case: Case<'a>,
    transport: &'a TestTransport,
    credentials: Credentials,
}

impl Visitor for CallEachResponse<'_> {
    type Output = Output;

    fn visit<E: ServeEndpoint>(self, endpoint: E) -> Output {
        let Self { case, transport, credentials } = self;
        let mut output = Output::default();
        let other_server = FaultServer::start(vec![Action::RejectTls; 16]);
        let success = case.response().unwrap_or_else(|| examples::build_empty_success(case.operation));
        let closed_server = FaultServer::bind([]);
        let config_for = |server: &FaultServer| client_config_at(&server.base_url(), credentials.clone());
        let request = endpoint.to_request(&config_for(&closed_server)).unwrap();
        let target = request.uri().path_and_query().unwrap().as_str();
        let responses = service_responses(&success, target, other_server.address().port());
        let calls = responses.len();
        let server = FaultServer::start(responses);
        output.add_debug(&(&endpoint, &credentials, config_for(&server)));
        output.add_server_output(&request);
        // The call after the last response goes to the server that refuses connections.
        for index in 0..=calls {
            let config = config_for(if index < calls { &server } else { &closed_server });
            let change = |options: &mut Options| {
                // The last response hangs, so only its call has to time out soon.
                options.deadline = Duration::from_millis(if index + 1 == calls { 200 } else { 60_000 });
                options.max_attempts = 1;
                options.respect_rate_limits = false;
                options.redirect_port = Some(other_server.address().port());
            };
            transport.call(config, &endpoint, change, &mut output);
        }
        output.add_debug(transport);
        output.redirected = other_server.into_requests();
        output
    }
}

/// Calls an operation over one transport, with either kind of credentials.
pub(super) fn call_operation(case: Case<'_>, request: &AnyRequest, transport: &TestTransport) -> Vec<Output> {
    let token = || Token::new(CANARY).unwrap();
    let both = [Credentials::Token(token()), Credentials::Bearer(token())];
    let calls = both.map(|credentials| CallEachResponse { case, transport, credentials });
    calls.into_iter().map(|call| request.clone().visit(call)).collect()
}

/// Creates an app whose issuer is this server. Its client secret is the canary.
fn new_app(server: &FaultServer) -> App {
    let [authorize, token, accounts] =
        ["new", "token", "me"].map(|path| format!("{}/{path}", server.base_url()).into());
    let service = Service { issuer: Some(Issuer { authorize, token, accounts: Some(accounts) }), ..SERVICE.clone() };
    App::new(&service, "id", CANARY, "https://trips.example.org/back", USER_AGENT).unwrap()
}

/// Creates an expired grant whose tokens are canaries.
fn expired_grant() -> Grant {
    Grant::new(Token::new(CANARY).unwrap(), Some(CANARY.into()), Some(Timestamp::UNIX_EPOCH))
}

/// Makes every request to an issuer, and calls an operation with a grant that has to be refreshed first.
pub(super) fn call_issuer(transport: &TestTransport) -> Output {
    let mut output = Output::default();
    let closed_server = FaultServer::bind([]);
    for step in 0..3 {
        let responses = issuer_responses();
        let calls = responses.len();
        let server = FaultServer::start(responses);
        (0..calls).for_each(|_| transport.call_issuer(&new_app(&server), step, &expired_grant(), &mut output));
        transport.call_issuer(&new_app(&closed_server), step, &expired_grant(), &mut output);
    }
    let echo = canary_echo();
    let after_refresh = [
        http_response("200 OK", "", "<users/>"),
        http_response(&format!("422 {echo}"), "", &echo),
        Action::ResetRead,
        http_response(&format!("401 {echo}"), "", &echo),
    ];
    // A refresh that succeeds, and then each response of the service.
    let refreshed = after_refresh.into_iter().map(|response| vec![issuer_responses().swap_remove(0), response]);
    // A refresh that fails in each way.
    let not_refreshed = issuer_responses().into_iter().skip(1).map(|response| vec![response]);
    for script in refreshed.chain(not_refreshed) {
        let server = FaultServer::start(script);
        let grant = SharedGrant::new(new_app(&server), expired_grant());
        let change = |options: &mut Options| (options.max_attempts, options.respect_rate_limits) = (1, false);
        transport.call(client_config_at(&server.base_url(), grant.clone()), &users::List::new(), change, &mut output);
        output.add_debug(&(&grant, grant.grant(), Credentials::from(grant.clone()), new_app(&server)));
    }
    output
}
