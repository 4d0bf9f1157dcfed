//! Parser of times for the peers. The documents have one format of times; the result has the types of the generated
//! bindings.

use backpack_api::runtime::jiff::Timestamp;
use backpack_api::runtime::jiff::civil::DateTime;
use backpack_api::runtime::jiff::tz::Offset;

/// Parses `2009-03-14 08:05:40`. Returns `None` if the text has another format or is not a valid time.
pub(crate) fn parse_local(text: &str) -> Option<DateTime> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16]] != *b"-- ::" {
        return None;
    }
    let digit = |at: usize| -> Option<i8> { bytes[at].is_ascii_digit().then(|| (bytes[at] - b'0') as i8) };
    let two = |at: usize| -> Option<i8> { Some(digit(at)? * 10 + digit(at + 1)?) };
    let year = i16::from(two(0)?) * 100 + i16::from(two(2)?);
    DateTime::new(year, two(5)?, two(8)?, two(11)?, two(14)?, two(17)?, 0).ok()
}

/// Converts a civil time in UTC to a timestamp. Returns `None` if it is out of range.
pub(crate) fn to_utc(time: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(time).ok()
}
