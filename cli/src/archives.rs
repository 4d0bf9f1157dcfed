//! Archives that commands read, and their sizes.

use std::path::Path;

use backpack_archive::Archive;
use backpack_archive::counts::format_count;

use crate::error::{CommandError, Exit, failure};

/// Opens an archive.
///
/// # Errors
///
/// If there is none, or it cannot be read.
pub(crate) fn open_archive(path: &Path) -> Result<Archive, CommandError> {
    check_exists(path)?;
    Ok(Archive::open(path)?)
}

/// Checks that there is something at the path of an archive.
///
/// # Errors
///
/// [`Exit::NotFound`] if there is not.
pub(crate) fn check_exists(path: &Path) -> Result<(), CommandError> {
    if path.exists() {
        return Ok(());
    }
    Err(failure(Exit::NotFound, format!("there is no archive {}", path.display())))
}

/// Formats a number of bytes for people.
pub(crate) fn format_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format_count(bytes, "bytes");
    }
    // Tenths of a unit, so that no floating-point number is needed.
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(unit).unwrap_or(&"TB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_one_decimal() {
        let sizes = [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (2_345_678, "2.3 MB")];
        for (bytes, text) in sizes {
            assert_eq!(format_size(bytes), text);
        }
    }
}
