//! Values of responses survive serde: what is serialized as JSON is deserialized as the same value.

use backpack_api::runtime::http::Response;
use backpack_api::runtime::serde::Serialize;
use backpack_api::runtime::serde::de::DeserializeOwned;
use backpack_api::{EndpointExt, HitKind, PageId, calendar_events, pages, users};
use backpack_tests::examples::cases;
use backpack_tests::schema;
use bytes::Bytes;

/// Reads the responses of an operation in the schema's examples, and serializes and deserializes each value.
fn check_examples<E: EndpointExt>(name: &str)
where
    E::Response: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let api = schema::read_api();
    let responses: Vec<Response<Bytes>> =
        cases(&api).filter(|case| case.operation.name == name).filter_map(|case| case.response()).collect();
    assert!(!responses.is_empty(), "{name} has no example with a response");
    for response in responses {
        let value = E::from_response(&response).unwrap();
        let json = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<E::Response>(&json).unwrap(), value, "{json}");
    }
}

#[test]
fn values_of_responses_survive_json() {
    check_examples::<pages::Show>("pages.show");
    check_examples::<calendar_events::List>("calendar_events.list");
    check_examples::<users::Me>("users.me");
    check_examples::<users::Export>("users.export");
}

#[test]
fn ids_and_enums_are_parsed_from_their_texts() {
    assert_eq!("9".parse(), Ok(PageId(9)));
    assert_eq!(u64::from(PageId(9)), 9);
    assert_eq!("note".parse(), Ok(HitKind::Note));
    assert_eq!("poem".parse(), Ok(HitKind::Other("poem".to_owned())));
}
