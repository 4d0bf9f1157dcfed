//! Whatever way a token goes, it is seen, on every operation.

use backpack_api::runtime::http::{HeaderName, HeaderValue, Request};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

use super::apart::{Ids, Sent, with};
use super::world::World;
use crate::support::Failures;

/// A token that is taken out of a request again, wherever its style has it.
const PLACEHOLDER: &str = "0123456789abcdef0123456789abcdef01234567";

/// Each way that a token may go.
#[derive(Debug, Clone, Copy)]
enum Carrier {
    None,
    Path,
    Query,
    Header(&'static str),
    Bearer,
    /// As the user of HTTP Basic, whose password does not matter.
    Basic,
    Body,
}

const CARRIERS: [Carrier; 7] = [
    Carrier::Path,
    Carrier::Query,
    Carrier::Header("x-bp-token"),
    Carrier::Header("x_bp_token"),
    Carrier::Bearer,
    Carrier::Basic,
    Carrier::Body,
];

/// A request as its style has it, without a token.
fn bare(mut request: Request<Bytes>) -> Request<Bytes> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let target = target.replace(&format!("/{PLACEHOLDER}/"), "/").replace(&format!("token={PLACEHOLDER}"), "");
    *request.uri_mut() = target.trim_end_matches(['?', '&']).replace("?&", "?").parse().expect("a target");
    let carrying: Vec<HeaderName> = request
        .headers()
        .iter()
        .filter(|(_, value)| value.to_str().is_ok_and(|value| value.contains(PLACEHOLDER)))
        .map(|(name, _)| name.clone())
        .collect();
    carrying.iter().for_each(|name| drop(request.headers_mut().remove(name)));
    let body = String::from_utf8(request.body().to_vec()).expect("UTF-8");
    let body = body.replace(&format!("<token>{PLACEHOLDER}</token>"), "");
    assert!(!request.uri().to_string().contains(PLACEHOLDER) && !body.contains(PLACEHOLDER), "{request:?}");
    request.map(|_| Bytes::from(body))
}

impl Carrier {
    /// A request with a token, that goes this way.
    fn carry(self, mut request: Request<Bytes>, token: &str) -> Request<Bytes> {
        let target = request.uri().to_string();
        let mut header = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).expect("a value");
            request.headers_mut().insert(HeaderName::from_static(name), value);
        };
        match self {
            Self::None => {}
            Self::Header(name) => header(name, token),
            Self::Bearer => header("authorization", &format!("Bearer {token}")),
            Self::Basic => header("authorization", &format!("Basic {}", BASE64_STANDARD.encode(format!("{token}:X")))),
            Self::Path => *request.uri_mut() = format!("/{token}{target}").parse().expect("a target"),
            Self::Query => {
                let mark = if target.contains('?') { '&' } else { '?' };
                *request.uri_mut() = format!("{target}{mark}token={token}").parse().expect("a target");
            }
            Self::Body => {
                let body = String::from_utf8(request.body().to_vec()).expect("UTF-8");
                let inner = body.strip_prefix("<request>").and_then(|body| body.strip_suffix("</request>"));
                let inner = inner.unwrap_or(if body == "<request/>" { "" } else { &body });
                let body = format!("<request><token>{token}</token>{inner}</request>");
                return request.map(|_| Bytes::from(body));
            }
        }
        request
    }
}

/// What an operation does may be no longer possible after another's; only that a token was not seen shows as 403.
#[test]
fn every_carrier_works_on_every_operation() {
    let world = World::of_the_demo();
    let requests = Ids::of(&world, &world.ines).requests();
    let mut failures = Failures::default();
    for request in &requests {
        let name = request.operation().name;
        let bare = bare(request.clone().visit(Sent(&with(PLACEHOLDER))));
        let status = |carrier: Carrier| {
            let sent = carrier.carry(bare.clone(), &world.ines.token);
            world.send(world.ines.account, sent).status().as_u16()
        };
        let without = status(Carrier::None);
        failures.note(name, if without == 403 { Ok(()) } else { Err(format!("{without} without a token")) });
        for carrier in CARRIERS {
            let done = status(carrier);
            let known = matches!(done, 200 | 201 | 404 | 422);
            failures.note(name, if known { Ok(()) } else { Err(format!("{done} by {carrier:?}")) });
        }
    }
    assert_eq!(failures.tried(), 74 * 8);
    failures.finish();
}
