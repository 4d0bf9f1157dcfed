//! The comparison of two versions of a schema: each kind of difference, and its effects on each side.

#![allow(clippy::panic, reason = "a test that cannot go on fails")]

use xmlwire_codegen::compare::{Comparison, Difference, Effect, VersionBump, compare};
use xmlwire_codegen::model::Api;
use xmlwire_codegen::{Source, check};

const API: &str = include_str!("api.xml");
const BOATS: &str = include_str!("boats.xml");

/// Checks a schema of these two files. Panics with the diagnostics if it is invalid.
fn check_api(api: &str, boats: &str) -> Api {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    check(&[source("schema/api.xml", api), source("schema/boats.xml", boats)]).unwrap_or_else(|error| panic!("{error}"))
}

/// Replaces all occurrences in both files of the schema, and compares the schema with the result.
fn compare_with(replacements: &[(&str, &str)]) -> Comparison {
    let (mut api, mut boats) = (API.to_owned(), BOATS.to_owned());
    for (from, to) in replacements {
        assert!(api.contains(from) || boats.contains(from), "{from} should occur in the schema");
        (api, boats) = (api.replace(from, to), boats.replace(from, to));
    }
    compare(&check_api(API, BOATS), &check_api(&api, &boats))
}

/// Formats a difference: `Boat.name: removed [breaking: Rust API, servers send; compatible: clients accept]`.
fn format_difference(difference: &Difference) -> String {
    let sides = |effect| {
        let sides = difference.effects.sides().into_iter().filter(move |(_, other)| *other == effect);
        sides.map(|(side, _)| side).collect::<Vec<_>>().join(", ")
    };
    let effects = [("breaking", sides(Effect::Breaking)), ("compatible", sides(Effect::Compatible))];
    let effects = effects.into_iter().filter(|(_, sides)| !sides.is_empty());
    let effects: Vec<String> = effects.map(|(effect, sides)| format!("{effect}: {sides}")).collect();
    format!("{}: {} [{}]", difference.subject, difference.description, effects.join("; "))
}

/// Asserts that replacing parts of the schema has exactly these differences, beside those of examples.
#[track_caller]
fn assert_differences(replacements: &[(&str, &str)], bump: VersionBump, expected: &[&str]) {
    let comparison = compare_with(replacements);
    let differences = comparison.differences.iter().map(format_difference);
    let differences: Vec<String> = differences.filter(|text| !text.ends_with(": examples changed []")).collect();
    assert_eq!(differences, expected);
    assert_eq!(comparison.required_bump(), bump);
}

#[test]
fn the_same_schema_has_no_differences() {
    assert_differences(&[], VersionBump::Unchanged, &[]);
}

#[test]
fn a_renamed_element_breaks_those_who_read_it() {
    assert_differences(
        &[
            ("<name>{name: string}</name>\n      <length", "<title>{name: string}</title>\n      <length"),
            ("><name>Gull</name><length", "><title>Gull</title><length"),
        ],
        VersionBump::Major,
        &["Boat.name: moved from `name` to `title` [breaking: clients accept, servers send]"],
    );
}

#[test]
fn a_moved_field_is_compatible_for_those_who_read_both_positions() {
    assert_differences(
        &[
            ("<boat id=\"{id: BoatId}\" rig=\"{rig: Rig?}\">", "<boat id=\"{id: BoatId}\"><rig>{rig: Rig?}</rig>"),
            (
                "<doc for=\"name\">Name.</doc>\n    <doc for=\"length\">",
                "<also><boat rig=\"{rig}\"/></also><doc for=\"name\">Name.</doc>\n    <doc for=\"length\">",
            ),
            ("<boat id=\"7\" rig=\"sloop\">", "<boat id=\"7\"><rig>sloop</rig>"),
        ],
        VersionBump::Major,
        &["Boat.rig: moved from `@rig` to `rig` [breaking: servers send; compatible: clients accept]"],
    );
}

#[test]
fn a_renamed_field_breaks_the_rust_api_only() {
    assert_differences(
        &[("{built: ", "{launched: "), ("for=\"built\"", "for=\"launched\"")],
        VersionBump::Major,
        &["Boat.launched: renamed from `built` [breaking: Rust API]"],
    );
}

#[test]
fn a_field_that_becomes_optional_breaks_those_who_require_it() {
    assert_differences(
        &[("{length: integer}", "{length: integer?}")],
        VersionBump::Major,
        &[
            "Boat.length: type is `integer?`, was `integer` [breaking: Rust API, servers send; compatible: clients accept]",
        ],
    );
}

#[test]
fn a_parameter_that_becomes_optional_breaks_servers_that_require_it() {
    assert_differences(
        &[("{owner: string}", "{owner: string?}")],
        VersionBump::Major,
        &[
            "boats.add.owner: type is `string?`, was `string` [breaking: Rust API, clients send; compatible: servers accept]",
        ],
    );
}

#[test]
fn a_field_that_becomes_required_breaks_those_who_omit_it() {
    assert_differences(
        &[
            ("{motor: bool?}", "{motor: bool}"),
            (
                "<request><boat><name>Gull</name></boat></request>",
                "<request><boat><name>Gull</name><motor>true</motor></boat></request>",
            ),
        ],
        VersionBump::Major,
        &["NewBoat.motor: type is `bool`, was `bool?` [breaking: Rust API, servers accept; compatible: clients send]"],
    );
}

#[test]
fn a_repeated_field_breaks_those_who_read_one_value() {
    assert_differences(
        &[("<name>{name: string}</name>\n      <motor", "<name>{name: string*}</name>\n      <motor")],
        VersionBump::Major,
        &[
            "NewBoat.name: type is `string*`, was `string` [breaking: Rust API, clients send; compatible: servers accept]",
        ],
    );
}

#[test]
fn a_wider_scalar_breaks_those_who_read_the_narrow_one() {
    assert_differences(
        &[("{length: integer}", "{length: word}")],
        VersionBump::Major,
        &["Boat.length: type is `word`, was `integer` [breaking: Rust API, servers send; compatible: clients accept]"],
    );
}

#[test]
fn a_scalar_that_reads_the_other_one_is_compatible() {
    assert_differences(
        &[("{motor: bool?}", "{motor: bit?}")],
        VersionBump::Minor,
        &["NewBoat.motor: type is `bit?`, was `bool?` [compatible: clients send, servers accept]"],
    );
}

#[test]
fn an_added_optional_field_is_compatible() {
    assert_differences(
        &[
            ("<crew>", "<draft>{draft: integer?}</draft><crew>"),
            ("<doc for=\"crew\">", "<doc for=\"draft\">Draft.</doc><doc for=\"crew\">"),
            ("<draft>{draft: integer?}</draft><crew></crew>", "<crew></crew>"),
        ],
        VersionBump::Minor,
        &["Boat.draft: added as `integer?` [compatible: Rust API, clients accept, servers send]"],
    );
}

#[test]
fn an_added_required_field_breaks_those_who_do_not_send_it() {
    assert_differences(
        &[
            ("<motor>{", "<sail>{sail: string}</sail><motor>{"),
            ("<doc for=\"motor\">", "<doc for=\"sail\">Sail number.</doc><doc for=\"motor\">"),
            (
                "<request><boat><name>Gull</name></boat></request>",
                "<request><boat><name>Gull</name><sail>K7</sail></boat></request>",
            ),
        ],
        VersionBump::Major,
        &["NewBoat.sail: added as `string` [breaking: Rust API, servers accept; compatible: clients send]"],
    );
}

#[test]
fn a_removed_field_breaks_those_who_require_it() {
    assert_differences(
        &[
            ("<length type=\"integer\">{length: integer}</length>", ""),
            ("<doc for=\"length\">Length, in metres.</doc>", ""),
            ("<length type=\"integer\">9</length>", ""),
        ],
        VersionBump::Major,
        &["Boat.length: removed [breaking: Rust API, servers send; compatible: clients accept]"],
    );
}

#[test]
fn another_order_of_arguments_breaks_the_rust_api() {
    assert_differences(
        &[
            (
                "<name>{name: string}</name><owner>{owner: string}</owner>",
                "<owner>{owner: string}</owner><name>{name: string}</name>",
            ),
            ("<name>Gull</name><owner>Ada</owner>", "<owner>Ada</owner><name>Gull</name>"),
        ],
        VersionBump::Major,
        &[
            "boats.add: required values have another order [breaking: Rust API]",
            "boats.add: written in another order [compatible: clients send, servers accept]",
        ],
    );
}

#[test]
fn another_literal_attribute_is_compatible() {
    assert_differences(
        &[("<length type=\"integer\">", "<length type=\"metres\">")],
        VersionBump::Minor,
        &[
            "Boat: literal part is `length/@type=\"metres\"`, was `length/@type=\"integer\"` [compatible: clients accept, servers send]",
        ],
    );
}

#[test]
fn a_removed_enum_value_breaks_the_rust_api_only() {
    assert_differences(
        &[("<value name=\"Ketch\" text=\"ketch\">Two masts.</value>", "")],
        VersionBump::Major,
        &[
            "Rig::Ketch: removed [breaking: Rust API; compatible: clients send, clients accept, servers send, servers accept]",
        ],
    );
}

#[test]
fn an_added_enum_value_is_compatible() {
    assert_differences(
        &[("<value name=\"Ketch\"", "<value name=\"Yawl\" text=\"yawl\">Two masts.</value><value name=\"Ketch\"")],
        VersionBump::Minor,
        &[
            "Rig::Yawl: added as `yawl` [compatible: Rust API, clients send, clients accept, servers send, servers accept]",
        ],
    );
}

#[test]
fn another_text_of_an_enum_value_breaks_the_wire_only() {
    assert_differences(
        &[("text=\"ketch\"", "text=\"two-masted\"")],
        VersionBump::Major,
        &[
            "Rig::Ketch: text is `two-masted`, was `ketch` [breaking: clients send, clients accept, servers send, servers accept]",
        ],
    );
}

#[test]
fn a_renamed_id_breaks_the_rust_api_only() {
    assert_differences(
        &[("BoatId", "VesselId")],
        VersionBump::Major,
        &["VesselId: renamed from `BoatId` [breaking: Rust API]"],
    );
}

#[test]
fn a_renamed_type_breaks_the_rust_api_only() {
    assert_differences(
        &[("NewBoat", "BoatDraft")],
        VersionBump::Major,
        &["BoatDraft: renamed from `NewBoat` [breaking: Rust API]"],
    );
}

#[test]
fn a_response_that_becomes_204_breaks_clients_that_read_it() {
    assert_differences(
        &[
            (
                "<response><boats><boat>{boats: Boat*}</boat></boats></response>\n    <pages number=\"page\" key=\"id\"/>",
                "<response status=\"204\"/>",
            ),
            (
                "<response>\n        <boats>\n          <boat id=\"7\" rig=\"sloop\"><name>Gull</name><length type=\"integer\">9</length><built nil=\"true\"/><crew></crew></boat>\n        </boats>\n      </response>",
                "<response/>",
            ),
        ],
        VersionBump::Major,
        &[
            "boats.list response: value `Boat*` removed [breaking: Rust API, servers send; compatible: clients accept]",
            "boats.list response: status is `204`, was `200` [compatible: clients accept, servers send]",
            "boats.list: no longer paginated [breaking: Rust API]",
        ],
    );
}

#[test]
fn another_successful_status_is_compatible() {
    assert_differences(
        &[("<response status=\"201\"", "<response status=\"200\"")],
        VersionBump::Minor,
        &["boats.add response: status is `200`, was `201` [compatible: clients accept, servers send]"],
    );
}

#[test]
fn another_location_breaks_clients_that_read_it() {
    assert_differences(
        &[
            ("location=\"/boats/{id: BoatId}.xml\"", "location=\"/boat/{id: BoatId}\""),
            ("location=\"/boats/7.xml\"", "location=\"/boat/7\""),
        ],
        VersionBump::Major,
        &["boats.add response: location is `/boat/{}`, was `/boats/{}.xml` [breaking: clients accept, servers send]"],
    );
}

#[test]
fn a_moved_token_breaks_requests() {
    assert_differences(
        &[("<header name=\"X-Token\">{token}</header>", "<query token=\"{token}\"/>")],
        VersionBump::Major,
        &["style plain: token is `?token={token}`, was `X-Token: {token}` [breaking: clients send, servers accept]"],
    );
}

#[test]
fn another_envelope_breaks_requests() {
    assert_differences(
        &[(
            "<request><request><token>{token}</token>{payload}</request></request>",
            "<request><request><token>{token}</token><body>{payload}</body></request></request>",
        )],
        VersionBump::Major,
        &[
            "style boxed: request envelope is `<request><token>{token}</token><body>{payload}</body></request>`, was `<request><token>{token}</token>{payload}</request>` [breaking: clients send, servers accept]",
        ],
    );
}

#[test]
fn another_style_has_the_effects_of_its_parts() {
    assert_differences(
        &[
            ("name=\"add\" method=\"POST\"", "name=\"add\" style=\"boxed\""),
            ("<response location=\"/boats/7.xml\"/>", "<response location=\"/boats/7.xml\"/>"),
        ],
        VersionBump::Major,
        &[
            "boats.add: style is `boxed`, was `plain` [breaking: clients send, clients accept, servers send, servers accept]",
            "boats.add response: envelope added [breaking: clients accept, servers send]",
            "boats.add: documented errors changed []",
        ],
    );
}

#[test]
fn another_path_breaks_requests() {
    assert_differences(
        &[
            ("path=\"/boats/{boat_id: BoatId}.xml\"", "path=\"/boat/{boat_id: BoatId}.xml\""),
            ("<example path=\"/boats/7.xml\"/>", "<example path=\"/boat/7.xml\"/>"),
        ],
        VersionBump::Major,
        &[
            "boats.sink: route is `DELETE /boat/{}.xml`, was `DELETE /boats/{}.xml` [breaking: clients send, servers accept]",
        ],
    );
}

#[test]
fn another_path_is_compatible_for_servers_that_keep_the_old_one() {
    assert_differences(
        &[
            (
                "path=\"/boats/{boat_id: BoatId}.xml\">\n    <doc>Deletes a boat.</doc>",
                "path=\"/boat/{boat_id: BoatId}.xml\">\n    <doc>Deletes a boat.</doc><also path=\"/boats/{boat_id}.xml\"/>",
            ),
            ("<example path=\"/boats/7.xml\"/>", "<example path=\"/boat/7.xml\"/>"),
        ],
        VersionBump::Major,
        &[
            "boats.sink: route is `DELETE /boat/{}.xml`, was `DELETE /boats/{}.xml` [breaking: clients send; compatible: servers accept]",
        ],
    );
}

#[test]
fn another_method_breaks_requests() {
    assert_differences(
        &[("name=\"sink\" method=\"DELETE\"", "name=\"sink\" method=\"PUT\"")],
        VersionBump::Major,
        &[
            "boats.sink: route is `PUT /boats/{}.xml`, was `DELETE /boats/{}.xml` [breaking: clients send, servers accept]",
            "boats.sink: retry class is `idempotent`, was `delete` [compatible: clients send, servers accept]",
        ],
    );
}

#[test]
fn a_removed_alternative_route_breaks_requests_of_old_clients() {
    assert_differences(
        &[("<also method=\"POST\" path=\"/boats/list.xml\"/>", "")],
        VersionBump::Major,
        &["boats.list: no longer served at `POST /boats/list.xml` [breaking: servers accept]"],
    );
}

#[test]
fn a_renamed_operation_breaks_the_rust_api_only() {
    assert_differences(
        &[("name=\"sink\"", "name=\"destroy\"")],
        VersionBump::Major,
        &["boats.destroy: renamed from `boats.sink` [breaking: Rust API]"],
    );
}

#[test]
fn a_removed_operation_breaks_those_who_call_it() {
    assert_differences(
        &[(
            "  <endpoint name=\"sink\" method=\"DELETE\" path=\"/boats/{boat_id: BoatId}.xml\">\n    <doc>Deletes a boat.</doc>\n    <example path=\"/boats/7.xml\"/>\n  </endpoint>\n",
            "",
        )],
        VersionBump::Major,
        &["boats.sink: removed [breaking: Rust API, servers accept]"],
    );
}

#[test]
fn an_added_operation_is_compatible() {
    assert_differences(
        &[(
            "</section>",
            "<endpoint name=\"raise\" method=\"PUT\" path=\"/boats/{boat_id: BoatId}/raise.xml\"><doc>Raises a boat.</doc><example path=\"/boats/7/raise.xml\"/></endpoint></section>",
        )],
        VersionBump::Minor,
        &["boats.raise: added [compatible: Rust API]"],
    );
}

#[test]
fn a_renamed_section_breaks_the_rust_api_only() {
    assert_differences(
        &[("<section name=\"boats\"", "<section name=\"vessels\"")],
        VersionBump::Major,
        &["section vessels: renamed from `boats` [breaking: Rust API]"],
    );
}

#[test]
fn another_retry_class_is_compatible() {
    assert_differences(
        &[("name=\"sink\" method=\"DELETE\"", "name=\"sink\" method=\"DELETE\" retry=\"idempotent\"")],
        VersionBump::Minor,
        &["boats.sink: retry class is `idempotent`, was `delete` [compatible: clients send, servers accept]"],
    );
}

#[test]
fn another_rate_limit_is_compatible() {
    assert_differences(
        &[("style=\"boxed\" limit=\"slow\"", "style=\"boxed\""), ("name=\"sink\"", "name=\"sink\" limit=\"slow\"")],
        VersionBump::Minor,
        &[
            "boats.create: rate limit is `all`, was `slow` [compatible: clients send, servers accept]",
            "boats.sink: rate limit is `slow`, was `all` [compatible: clients send, servers accept]",
        ],
    );
}

#[test]
fn removed_pagination_breaks_the_rust_api_only() {
    assert_differences(
        &[("<pages number=\"page\" key=\"id\"/>", "")],
        VersionBump::Major,
        &["boats.list: no longer paginated [breaking: Rust API]"],
    );
}

#[test]
fn a_deprecated_operation_is_compatible() {
    assert_differences(
        &[("path=\"/boats/{boat_id: BoatId}.xml\"", "path=\"/boats/{boat_id: BoatId}.xml\" legacy=\"boats.list\"")],
        VersionBump::Minor,
        &["boats.sink: deprecated [compatible: Rust API]"],
    );
}

#[test]
fn a_deprecated_field_is_compatible() {
    assert_differences(
        &[("<doc for=\"crew\">", "<doc for=\"crew\" legacy=\"none\">")],
        VersionBump::Minor,
        &["Boat.crew: deprecated [compatible: Rust API]"],
    );
}

#[test]
fn another_host_breaks_requests() {
    assert_differences(
        &[("https://{account}.example.com", "https://{account}.example.org")],
        VersionBump::Major,
        &[
            "service: host is `https://{account}.example.org`, was `https://{account}.example.com` [breaking: clients send, servers accept]",
        ],
    );
}

#[test]
fn a_required_contact_breaks_requests_of_old_clients() {
    assert_differences(
        &[("<limit name=\"all\"", "<user-agent contact=\"required\"/><limit name=\"all\"")],
        VersionBump::Major,
        &["service: requires a contact in the User-Agent [breaking: servers accept; compatible: clients send]"],
    );
}

#[test]
fn an_added_bearer_token_is_compatible() {
    assert_differences(
        &[(
            "</api>",
            "<bearer><doc>An access token.</doc><header name=\"Authorization\">Bearer {token}</header></bearer></api>",
        )],
        VersionBump::Minor,
        &["service: bearer token added: `Authorization: Bearer {token}` [compatible: clients send, servers accept]"],
    );
}

#[test]
fn other_documentation_is_a_patch() {
    assert_differences(
        &[
            ("<doc>Deletes a boat.</doc>", "<doc>Deletes a boat for ever.</doc>"),
            ("The harbour is full.", "There is no berth."),
        ],
        VersionBump::Patch,
        &["boats.create: documented errors changed []", "boats.sink: documentation changed []"],
    );
}

#[test]
fn an_added_issuer_is_compatible() {
    assert_differences(
        &[(
            "</api>",
            "<bearer><doc>An access token.</doc><header name=\"Authorization\">Bearer {token}</header><issuer authorize=\"https://a.example.com/authorize\" token=\"https://a.example.com/token\"/></bearer></api>",
        )],
        VersionBump::Minor,
        &[
            "service: bearer token added: `Authorization: Bearer {token}` [compatible: clients send, servers accept]",
            "service: issuer added: `https://a.example.com/authorize https://a.example.com/token no accounts` [compatible: clients send, servers accept]",
        ],
    );
}

#[test]
fn an_added_sign_in_page_is_compatible() {
    assert_differences(
        &[("<limit name=\"all\"", "<sign-in path=\"/login\"/><limit name=\"all\"")],
        VersionBump::Minor,
        &["service: sign-in path is `/login`, was none [compatible: clients accept, servers send]"],
    );
}

#[test]
fn another_form_of_failures_breaks_responses() {
    assert_differences(
        &[(
            "<error code=\"{code: integer}\">{message: string}</error>",
            "<error><code>{code: integer}</code><message>{message: string}</message></error>",
        )],
        VersionBump::Major,
        &["style boxed: form of error responses changed [breaking: clients accept, servers send]"],
    );
}

#[test]
fn an_added_form_of_empty_lists_is_compatible() {
    assert_differences(
        &[(
            "<header name=\"X-Token\">{token}</header>",
            "<header name=\"X-Token\">{token}</header><empty-list><none/></empty-list>",
        )],
        VersionBump::Minor,
        &["style plain: form of empty lists changed [compatible: clients accept]"],
    );
}

#[test]
fn another_number_of_requests_is_compatible() {
    assert_differences(
        &[("requests=\"10\"", "requests=\"5\"")],
        VersionBump::Minor,
        &[
            "service: list of rate limits is `all: 100 in 5 s, slow: 5 in 5 s`, was `all: 100 in 5 s, slow: 10 in 5 s` [compatible: clients send, servers accept]",
        ],
    );
}

#[test]
fn pages_numbered_in_another_way_break_requests() {
    assert_differences(
        &[("<pages number=\"page\" key=\"id\"/>", "<pages number=\"page\" first=\"1\" key=\"id\"/>")],
        VersionBump::Major,
        &["boats.list: pages are numbered in another way [breaking: clients send, servers accept]"],
    );
}

#[test]
fn a_value_of_another_type_breaks_those_who_read_it() {
    assert_differences(
        &[
            (
                "<response><boat>{created: Boat}</boat></response>",
                "<response><boat>{created: NewBoat}</boat></response>",
            ),
            (
                "<boat id=\"7\"><name>Gull</name><length type=\"integer\">9</length><built nil=\"true\"/><crew></crew></boat>\n      </response>",
                "<boat><name>Gull</name></boat></response>",
            ),
        ],
        VersionBump::Major,
        &["boats.create response: type is `NewBoat`, was `Boat` [breaking: Rust API, clients accept, servers send]"],
    );
}

#[test]
fn an_added_alternative_route_is_compatible() {
    assert_differences(
        &[(
            "<example path=\"/boats/7.xml\"/>",
            "<also method=\"POST\" path=\"/boats/{boat_id}/sink.xml\"/><example path=\"/boats/7.xml\"/>",
        )],
        VersionBump::Minor,
        &["boats.sink: also served at `POST /boats/{}/sink.xml` [compatible: servers accept]"],
    );
}

#[test]
fn another_value_of_a_handle_breaks_the_rust_api_and_requests() {
    assert_differences(
        &[
            (
                "<section name=\"boats\" style=\"plain\">",
                "<section name=\"boats\" style=\"plain\" path=\"/fleet/{fleet_id: FleetId}/\">",
            ),
            ("<id name=\"BoatId\">", "<id name=\"FleetId\">Number of a fleet.</id><id name=\"BoatId\">"),
            ("=\"/boats", "=\"/fleet/{fleet_id}/boats"),
            ("location=\"/fleet/{fleet_id}/boats", "location=\"/boats"),
            ("<example path=\"/fleet/{fleet_id}", "<example path=\"/fleet/1"),
        ],
        VersionBump::Major,
        &[
            "FleetId: added [compatible: Rust API]",
            "section boats: type of the handle's values is `FleetId`, was none [breaking: Rust API]",
            "boats.list: route is `GET /fleet/{}/boats.xml`, was `GET /boats.xml` [breaking: clients send, servers accept]",
            "boats.list: also served at `POST /fleet/{}/boats/list.xml` [compatible: servers accept]",
            "boats.list: no longer served at `POST /boats/list.xml` [breaking: servers accept]",
            "boats.list.fleet_id: added as `FleetId` [breaking: Rust API, servers accept; compatible: clients send]",
            "boats.create: route is `POST /fleet/{}/boats/create/{}`, was `POST /boats/create/{}` [breaking: clients send, servers accept]",
            "boats.create.fleet_id: added as `FleetId` [breaking: Rust API, servers accept; compatible: clients send]",
            "boats.create.harbour: moved from `path value 1` to `path value 2` [breaking: clients send, servers accept]",
            "boats.add: route is `POST /fleet/{}/boats.xml`, was `POST /boats.xml` [breaking: clients send, servers accept]",
            "boats.add.fleet_id: added as `FleetId` [breaking: Rust API, servers accept; compatible: clients send]",
            "boats.sink: route is `DELETE /fleet/{}/boats/{}.xml`, was `DELETE /boats/{}.xml` [breaking: clients send, servers accept]",
            "boats.sink.fleet_id: added as `FleetId` [breaking: Rust API, servers accept; compatible: clients send]",
            "boats.sink.boat_id: moved from `path value 1` to `path value 2` [breaking: clients send, servers accept]",
        ],
    );
}

#[test]
fn an_optional_code_of_failures_breaks_responses() {
    assert_differences(
        &[("{code: integer}", "{code: integer?}")],
        VersionBump::Major,
        &["style boxed: form of error responses changed [breaking: clients accept, servers send]"],
    );
}

#[test]
fn an_added_type_leaves_the_examples_of_others_unchanged() {
    let comparison = compare_with(&[
        (
            "<type name=\"Boat\">",
            "<type name=\"Buoy\"><doc>A buoy.</doc><buoy at=\"{place: string}\"/><doc for=\"place\">Place.</doc></type><type name=\"Boat\">",
        ),
        (
            "</section>",
            "<endpoint name=\"buoy\" method=\"GET\" path=\"/buoy.xml\"><doc>Returns the buoy.</doc><response><buoy>{buoy: Buoy}</buoy></response><example path=\"/buoy.xml\"><response><buoy at=\"north\"/></response></example></endpoint></section>",
        ),
    ]);
    let differences: Vec<String> = comparison.differences.iter().map(format_difference).collect();
    assert_eq!(differences, ["Buoy: added [compatible: Rust API]", "boats.buoy: added [compatible: Rust API]"]);
}

#[test]
fn operations_that_move_into_a_new_section_are_renamed() {
    assert_differences(
        &[(
            "<section name=\"boats\" style=\"plain\">\n  <doc>Boats.",
            "<section name=\"vessels\" style=\"plain\">\n  <doc>Vessels.",
        )],
        VersionBump::Major,
        &[
            "section vessels: added [compatible: Rust API]",
            "section boats: removed [breaking: Rust API]",
            "vessels.list: renamed from `boats.list` [breaking: Rust API]",
            "vessels.create: renamed from `boats.create` [breaking: Rust API]",
            "vessels.add: renamed from `boats.add` [breaking: Rust API]",
            "vessels.sink: renamed from `boats.sink` [breaking: Rust API]",
        ],
    );
}
