//! Addresses in header fields.

use super::super::fields::read_addresses;

#[test]
fn reads_addresses_of_any_form() {
    for (field, addresses) in [
        ("a@x", &["a@x"][..]),
        (" Jo <a@x>,\n Al\t<b@x>", &["a@x", "b@x"]),
        ("\"Jo, (a) <no@x>\" <a@x>, b@x (the (other), one)", &["a@x", "b@x"]),
        ("Crew: a@x, b@x; c@x", &["a@x", "b@x", "c@x"]),
        ("<@relay:a@x>", &["a@x"]),
        ("=?utf-8?q?J=C3=B6?= <a@x>", &["a@x"]),
        ("\"a b\"@x", &["a b@x"]),
        ("Jo <a@x", &["a@x"]),
        ("\"Jo <a@x>", &["a@x"]),
        ("(Jo <a@x>", &["a@x"]),
        ("J\u{f6} \u{fffd} <a@x>,,", &["a@x"]),
        ("undisclosed-recipients:;", &[]),
        ("", &[]),
    ] {
        assert_eq!(read_addresses(field.as_bytes()), addresses, "{field}");
    }
}
