//! What criterion has measured, as it lies in its folder.

use std::path::Path;

/// The time of one iteration in the fastest sample, which other work on the machine disturbed least.
pub fn fastest(folder: &Path, group: &str, name: &str) -> Option<f64> {
    let sample = std::fs::read_to_string(folder.join(group).join(name).join("new/sample.json")).ok()?;
    let (iterations, times) = (numbers(&sample, "\"iters\":[")?, numbers(&sample, "\"times\":[")?);
    times.iter().zip(&iterations).map(|(time, count)| time / count).min_by(f64::total_cmp)
}

fn numbers(json: &str, before: &str) -> Option<Vec<f64>> {
    let list = json.split_once(before)?.1.split_once(']')?.0;
    list.split(',').map(|number| number.trim().parse().ok()).collect()
}
