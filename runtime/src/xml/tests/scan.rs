//! Scans find the same byte as a check of each single byte, for any start and end of the slice.

use super::super::scan;

fn ends_text(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'&' | 0xEF | b'\r' | 0..=8 | 11..=31)
}

fn ends_attribute(byte: u8) -> bool {
    matches!(byte, b'<' | b'&' | b'"' | 0xEF | 0..=31)
}

fn ends_markup(byte: u8) -> bool {
    matches!(byte, b'-' | 0xEF | b'\r' | 0..=8 | 11..=31)
}

fn ends_replaced(byte: u8) -> bool {
    matches!(byte, b'&' | b'\r' | 0..=8 | 11..=31)
}

fn ends_replaced_in_attribute(byte: u8) -> bool {
    matches!(byte, b'&' | 0..=31)
}

fn ends_escaped(byte: u8) -> bool {
    matches!(byte, 0 | b'<' | b'>' | b'&' | b'\r')
}

fn ends_escaped_in_attribute(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'&' | b'"' | 0xEF | 0..=31)
}

/// A function of `scan`, from an offset to the next member of its set.
type Scan = fn(&[u8], usize) -> usize;

/// Membership of a byte in this set, written independently of the scan.
type Ends = fn(u8) -> bool;

const SCANS: [(Scan, Ends); 7] = [
    (scan::skip_text, ends_text),
    (|bytes, from| scan::skip_value(bytes, from, b'"'), ends_attribute),
    (|bytes, from| scan::skip_markup(bytes, from, b'-'), ends_markup),
    (scan::find_replaced, ends_replaced),
    (scan::find_replaced_in_attribute, ends_replaced_in_attribute),
    (scan::find_escaped, ends_escaped),
    (scan::find_escaped_in_attribute, ends_escaped_in_attribute),
];

#[test]
fn finds_every_member_of_each_set_at_any_position() {
    for (scan, ends) in SCANS {
        for byte in 0..=u8::MAX {
            for at in 0..80 {
                let mut bytes = [b'x'; 83];
                bytes[at] = byte;
                let expected = if ends(byte) { at } else { bytes.len() };
                assert_eq!(scan(&bytes, 0), expected, "{byte} at {at}");
                assert_eq!(scan(&bytes[..=at], at / 2), expected.min(at + 1), "{byte} at {at}, the last");
            }
        }
    }
}

/// False marks may occur only above the lowest mark, so the position of the lowest mark is exact.
#[test]
fn neighbours_do_not_move_the_lowest_mark() {
    for (scan, ends) in SCANS {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let bytes = [b'x', first, second, b'x', first, second, first, b'x', second];
                let expected = bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len());
                assert_eq!(scan(&bytes, 0), expected, "{bytes:?}");
            }
        }
    }
}

#[test]
fn a_scan_from_the_end_stays_there() {
    for (scan, _) in SCANS {
        assert_eq!(scan(b"", 0), 0);
        assert_eq!(scan(b"abc", 3), 3);
        assert_eq!(scan(b"0123456789", 10), 10);
        assert_eq!(scan(b"0123456789", 12), 12);
    }
}
