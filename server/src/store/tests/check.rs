//! The integrity check.

use rusqlite::Connection;

use super::super::Store;
use super::support::open_demo;

/// Runs statements without foreign keys on a file with demo content, and returns the problems that a check finds.
fn find_problems_after(statements: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    drop(open_demo(folder.path()));
    let path = folder.path().join("data.backpack");
    Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA foreign_keys = 0; {statements}")).unwrap();
    Store::open_read_only(&path).unwrap().check().err().map(|error| error.0).unwrap_or_default()
}

#[test]
fn groups_broken_references_by_table() {
    let broken = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
        INSERT INTO items (list_id, content, position, updated_at) SELECT 77, 'Boots', n, 0 FROM numbers";
    assert_eq!(find_problems_after(broken), ["items: 10000 rows refer to missing rows of lists"]);
}

#[test]
fn finds_widgets_without_a_position_and_positions_without_a_widget() {
    assert_eq!(find_problems_after(""), [""; 0]);
    let lost = find_problems_after(
        "DELETE FROM belongings WHERE id = (SELECT id FROM belongings WHERE kind = 'Note' LIMIT 1)",
    );
    assert_eq!(lost, ["notes: 1 rows have no position on their page"]);
    let empty = find_problems_after("DELETE FROM separators");
    assert_eq!(empty, ["belongings: 1 rows refer to missing rows of separators"]);
    let moved = find_problems_after("UPDATE lists SET page_id = 3 WHERE id = 1");
    assert_eq!(
        moved,
        ["lists: 1 rows have no position on their page", "belongings: 1 rows refer to missing rows of lists"]
    );
}

#[test]
fn reports_damaged_database_pages() {
    let folder = tempfile::tempdir().unwrap();
    drop(open_demo(folder.path()));
    let path = folder.path().join("data.backpack");
    let mut damaged = std::fs::read(&path).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4 * 4096].fill(0xa5);
    std::fs::write(&path, damaged).unwrap();
    let problems = Store::open_read_only(&path).unwrap().check().unwrap_err().0;
    assert!(problems.len() <= 24 && problems.iter().any(|line| line.contains("page")), "{problems:?}");
    assert!(!problems.iter().any(|line| line.contains("Internal error")), "{problems:?}");
}
