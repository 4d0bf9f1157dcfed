//! Every carrier of the token works for every operation.

use backpack_api::runtime::http::{HeaderName, HeaderValue, Request};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::requests::{ResourceIds, WriteRequest, config_with_token};
use super::test_service::TestService;
use crate::support::Checks;

/// Token that requests are written with at first. It is removed again, from any carrier.
const PLACEHOLDER: &str = "0123456789abcdef0123456789abcdef01234567";

/// A carrier of the token. `None` sends no token.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    None,
    Path,
    Query,
    Header(&'static str),
    Bearer,
    /// As the user name of HTTP Basic, with any password.
    Basic,
    Body,
}

/// All carriers in which the service accepts a token.
const CARRIERS: [Carrier; 7] = [
    Carrier::Path,
    Carrier::Query,
    Carrier::Header("x-bp-token"),
    Carrier::Header("x_bp_token"),
    Carrier::Bearer,
    Carrier::Basic,
    Carrier::Body,
];

/// Removes the placeholder from the path, the query, the headers and the body of a request.
fn remove_token(mut request: Request<Bytes>) -> Request<Bytes> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let target = target.replace(&format!("/{PLACEHOLDER}/"), "/").replace(&format!("token={PLACEHOLDER}"), "");
    // Removing a value of the query can leave a separator behind.
    *request.uri_mut() =
        target.trim_end_matches(['?', '&']).replace("?&", "?").parse().expect("the target should be valid");
    let headers: Vec<HeaderName> = request
        .headers()
        .iter()
        .filter(|(_, value)| value.to_str().is_ok_and(|value| value.contains(PLACEHOLDER)))
        .map(|(name, _)| name.clone())
        .collect();
    headers.iter().for_each(|name| drop(request.headers_mut().remove(name)));
    let body = String::from_utf8(request.body().to_vec()).expect("the body should be UTF-8");
    let body = body.replace(&format!("<token>{PLACEHOLDER}</token>"), "");
    assert!(!request.uri().to_string().contains(PLACEHOLDER) && !body.contains(PLACEHOLDER), "{request:?}");
    request.map(|_| Bytes::from(body))
}

impl Carrier {
    /// Adds a token to a request, in this carrier.
    fn add_token(self, mut request: Request<Bytes>, token: &str) -> Request<Bytes> {
        let target = request.uri().to_string();
        let mut insert_header = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).expect("the value should be valid");
            request.headers_mut().insert(HeaderName::from_static(name), value);
        };
        match self {
            Self::None => {}
            Self::Header(name) => insert_header(name, token),
            Self::Bearer => insert_header("authorization", &format!("Bearer {token}")),
            Self::Basic => {
                insert_header("authorization", &format!("Basic {}", BASE64_STANDARD.encode(format!("{token}:X"))))
            }
            Self::Path => *request.uri_mut() = format!("/{token}{target}").parse().expect("the target should be valid"),
            Self::Query => {
                let separator = if target.contains('?') { '&' } else { '?' };
                *request.uri_mut() =
                    format!("{target}{separator}token={token}").parse().expect("the target should be valid");
            }
            Self::Body => {
                let body = String::from_utf8(request.body().to_vec()).expect("the body should be UTF-8");
                let inner = body.strip_prefix("<request>").and_then(|body| body.strip_suffix("</request>"));
                let inner = inner.unwrap_or(if body == "<request/>" { "" } else { &body });
                let body = format!("<request><token>{token}</token>{inner}</request>");
                return request.map(|_| Bytes::from(body));
            }
        }
        request
    }
}

/// A status of 404 or 422 shows too that the token was accepted: an operation may fail because an earlier one deleted
/// its resource. Without a token, the status is always 403.
#[test]
fn every_carrier_works_for_every_operation() {
    let service = TestService::with_demo_data();
    let requests = ResourceIds::of_demo(&service, &service.ines).requests();
    let mut checks = Checks::default();
    for request in &requests {
        let name = request.operation().name;
        let without_token = remove_token(request.clone().visit(WriteRequest(&config_with_token(PLACEHOLDER))));
        let send = |carrier: Carrier| {
            let request = carrier.add_token(without_token.clone(), &service.ines.token);
            service.send(service.ines.account, request).status().as_u16()
        };
        let status = send(Carrier::None);
        checks.record(name, if status == 403 { Ok(()) } else { Err(format!("{status} without a token")) });
        for carrier in CARRIERS {
            let status = send(carrier);
            let is_authenticated = matches!(status, 200 | 201 | 404 | 422);
            checks.record(name, if is_authenticated { Ok(()) } else { Err(format!("{status} with {carrier:?}")) });
        }
    }
    // Every operation, without a token and with each of the seven carriers.
    assert_eq!(checks.count(), 74 * 8);
    checks.finish();
}
