//! No account can read or change the data of another, with any token or id.

use std::collections::BTreeSet;

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::service::RetryClass;

use super::requests::{ResourceIds, WriteRequest, config_with_token};
use super::test_service::{TestService, TestUser};
use crate::support::Checks;

/// Status and body of a response.
type ServiceResponse = (u16, String);

/// Sends a request to an account with this token.
fn send(service: &TestService, account: &str, token: &str, request: &AnyRequest) -> ServiceResponse {
    let response = service.send(account, request.clone().visit(WriteRequest(&config_with_token(token))));
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

/// Calls all read-only operations as the owner of the resources. Returns the responses.
fn read_all(service: &TestService, owner: &TestUser, ids: &ResourceIds) -> Vec<ServiceResponse> {
    let reads = ids.requests().into_iter().filter(|request| request.operation().retry == RetryClass::ReadOnly);
    reads.map(|request| send(service, owner.account, &owner.token, &request)).collect()
}

#[test]
fn the_requests_cover_every_operation() {
    let covered: BTreeSet<_> =
        ResourceIds::of_nothing().requests().iter().map(|request| request.operation().name).collect();
    let all: BTreeSet<_> = backpack_api::SERVICE.operations.iter().map(|operation| operation.name).collect();
    let missing: Vec<_> = all.difference(&covered).collect();
    assert!(missing.is_empty(), "add {missing:?} to `requests` in tests/it/server/service/requests.rs");
}

#[test]
fn a_token_of_another_account_is_rejected() {
    let service = TestService::with_demo_data();
    let ids = ResourceIds::of_demo(&service, &service.ines);
    let before = (read_all(&service, &service.ines, &ids), service.read_all_rows());
    let mut checks = Checks::default();
    for request in ids.requests() {
        for token in [service.jo.token.as_str(), "0123456789abcdef0123456789abcdef01234567"] {
            let (status, _) = send(&service, service.ines.account, token, &request);
            let result = if status == 403 { Ok(()) } else { Err(format!("{status}")) };
            checks.record(request.operation().name, result);
        }
    }
    checks.finish();
    assert_eq!((read_all(&service, &service.ines, &ids), service.read_all_rows()), before);
}

#[test]
fn an_id_of_another_account_is_treated_as_unknown() {
    let service = TestService::with_demo_data();
    let ids = ResourceIds::of_demo(&service, &service.ines);
    let before = (read_all(&service, &service.ines, &ids), service.read_all_rows());
    let mut checks = Checks::default();
    for (foreign, unknown) in ids.requests().iter().zip(ResourceIds::of_nothing().requests()) {
        checks.record(foreign.operation().name, check_not_found_for_jo(&service, foreign, &unknown));
    }
    checks.finish();
    assert_eq!((read_all(&service, &service.ines, &ids), service.read_all_rows()), before);
}

/// All other ids in the request are those of Jo's resources, so that no earlier check rejects the request.
#[test]
fn a_single_id_of_another_account_is_treated_as_unknown() {
    let service = TestService::with_demo_data();
    let foreign = ResourceIds::of_demo(&service, &service.ines);
    let own = ResourceIds::of_new_resources(&service, &service.jo);
    let unknown = ResourceIds::of_nothing();
    let before = service.read_all_rows();
    let mut checks = Checks::default();
    let mut covered = BTreeSet::new();
    // Two sets of ids with the same single difference from Jo's: a foreign id in one, an unknown id in the other.
    for (foreign, unknown) in own.with_one_of(foreign).iter().zip(own.with_one_of(unknown)) {
        for ((foreign, unknown), own) in foreign.requests().iter().zip(unknown.requests()).zip(own.requests()) {
            // Equal requests do not contain the id that differs.
            if *foreign != own {
                covered.insert(foreign.operation().name);
                checks.record(foreign.operation().name, check_not_found_for_jo(&service, foreign, &unknown));
            }
        }
    }
    checks.finish();
    assert_eq!(service.read_all_rows(), before);
    // Every operation that takes an id was checked.
    let with_ids = own.requests().into_iter().zip(unknown.requests()).filter(|(own, unknown)| own != unknown);
    assert_eq!(covered, with_ids.map(|(own, _)| own.operation().name).collect());
}

/// Checks that Jo gets the same 404 for a foreign id as for an unknown one. Equal requests contain no id and are not
/// sent.
fn check_not_found_for_jo(service: &TestService, foreign: &AnyRequest, unknown: &AnyRequest) -> Result<(), String> {
    if foreign == unknown {
        return Ok(());
    }
    let jo = &service.jo;
    let [foreign, unknown] = [foreign, unknown].map(|request| send(service, jo.account, &jo.token, request));
    if foreign == unknown && foreign.0 == 404 { Ok(()) } else { Err(format!("{foreign:?}\nand not {unknown:?}")) }
}
