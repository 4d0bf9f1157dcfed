//! Reads the measurements that criterion stores.

use std::path::Path;

/// Returns the time of one iteration in the fastest sample, in nanoseconds: the sample least disturbed by other work on
/// the machine. `folder` is criterion's output directory. Returns `None` if this benchmark has not run.
pub fn fastest(folder: &Path, group: &str, name: &str) -> Option<f64> {
    let sample = std::fs::read_to_string(folder.join(group).join(name).join("new/sample.json")).ok()?;
    let (iterations, times) = (parse_numbers(&sample, "\"iters\":[")?, parse_numbers(&sample, "\"times\":[")?);
    times.iter().zip(&iterations).map(|(time, count)| time / count).min_by(f64::total_cmp)
}

/// Parses the JSON array of numbers that follows the text `before`, which includes the opening bracket. Returns `None`
/// if the text does not occur, or the array is invalid.
fn parse_numbers(json: &str, before: &str) -> Option<Vec<f64>> {
    let list = json.split_once(before)?.1.split_once(']')?.0;
    list.split(',').map(|number| number.trim().parse().ok()).collect()
}
