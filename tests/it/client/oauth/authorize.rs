//! The URLs and requests of the authorization flow, and the carrier of a grant's token.

use backpack_api::{AccessToken, Credentials};
use backpack_tests::schema;

use super::test_servers::{new_grant, new_shared_grant, test_app};
use crate::support::{WriteRequest, client_config_with, first_cases};

#[test]
fn urls_and_requests_of_the_flow_are_as_documented() {
    let redirect = "https%3A%2F%2Ftrips.example.org%2Fback";
    let issuer = "https://launchpad.37signals.com/authorization";
    let app = test_app();
    assert_eq!(
        app.authorize_url("st4te"),
        format!("{issuer}/new?type=web_server&client_id=id&redirect_uri={redirect}&state=st4te")
    );
    assert_eq!(
        app.authorize_url_for_user_agent("st4te"),
        format!("{issuer}/new?type=user_agent&client_id=id&redirect_uri={redirect}&state=st4te")
    );
    let exchange = app.exchange_code_request(&"c0de".into()).unwrap();
    assert_eq!(
        format!("{} {}", exchange.method(), exchange.uri()),
        format!(
            "POST {issuer}/token?type=web_server&client_id=id&redirect_uri={redirect}&client_secret=s3cret&code=c0de"
        )
    );
    let refresh = app.refresh_request(&new_grant(1, 0)).unwrap();
    assert_eq!(
        format!("{} {}", refresh.method(), refresh.uri()),
        format!("POST {issuer}/token?type=refresh&refresh_token=refresh-1&client_id=id&client_secret=s3cret")
    );
    let accounts = app.authorization_request(&new_grant(1, 0)).unwrap();
    assert_eq!(format!("{} {}", accounts.method(), accounts.uri()), format!("GET {issuer}.json"));
    assert_eq!(accounts.headers()["authorization"], "Bearer access-1");
}

#[test]
fn a_shared_grant_is_sent_as_a_bearer_token_and_in_no_other_carrier() {
    let bearer_config = client_config_with(Credentials::Bearer(AccessToken::new("access-1").unwrap()));
    let grant_config = client_config_with(new_shared_grant(1, 99));
    for (case, request) in first_cases(&schema::read_api()) {
        let [bearer, shared] =
            [&bearer_config, &grant_config].map(|config| request.clone().visit(WriteRequest(config)).unwrap());
        assert_eq!(format!("{bearer:?}"), format!("{shared:?}"), "{}", case.operation.name);
        assert_eq!(shared.headers()["authorization"], "Bearer access-1");
        assert!(!format!("{} {:?}", shared.uri(), shared.body()).contains("access-1"), "{}", case.operation.name);
    }
}
