//! Runs end where a look at each byte says they end, wherever the run starts and the slice stops.

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

type Scan = fn(&[u8], usize) -> usize;

type Ends = fn(u8) -> bool;

const SCANS: [(Scan, Ends); 7] = [
    (scan::text, ends_text),
    (|bytes, from| scan::attribute(bytes, from, b'"'), ends_attribute),
    (|bytes, from| scan::markup(bytes, from, b'-'), ends_markup),
    (scan::replaced, ends_replaced),
    (scan::replaced_in_attribute, ends_replaced_in_attribute),
    (scan::escaped, ends_escaped),
    (scan::escaped_in_attribute, ends_escaped_in_attribute),
];

#[test]
fn every_byte_ends_the_runs_it_should_anywhere() {
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

/// Marks may be wrong above the lowest one only.
#[test]
fn neighbours_do_not_matter() {
    for (scan, ends) in SCANS {
        for one in 0..=u8::MAX {
            for other in 0..=u8::MAX {
                let bytes = [b'x', one, other, b'x', one, other, one, b'x', other];
                let expected = bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len());
                assert_eq!(scan(&bytes, 0), expected, "{bytes:?}");
            }
        }
    }
}

#[test]
fn a_scan_past_the_end_stays_there() {
    for (scan, _) in SCANS {
        assert_eq!(scan(b"", 0), 0);
        assert_eq!(scan(b"abc", 3), 3);
        assert_eq!(scan(b"0123456789", 10), 10);
        assert_eq!(scan(b"0123456789", 12), 12);
    }
}
