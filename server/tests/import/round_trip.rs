//! An import into an empty file gives the same responses as the service that the account comes from.

use backpack_server::import::ImportReport;

use crate::random_account::{ACCOUNT, fill};
use crate::service::TestFile;

/// Moves a random account into an empty file, and compares the bytes of all responses.
fn assert_round_trip(seed: u64) {
    let (original, copy) = (TestFile::new(), TestFile::new());
    let user = fill(&original, ACCOUNT, seed);
    let before = original.read(ACCOUNT, user);
    let report = copy.import(&before.account, None).expect("an import");
    assert_eq!((report.account.as_str(), report.user, report.is_new_account), (ACCOUNT, user, true), "seed {seed}");
    assert!(
        report.renumbered.is_empty() && report.changed.is_empty() && report.skipped.is_empty(),
        "seed {seed}: {report:?}"
    );
    assert_eq!(report.rewritten_texts, 0, "seed {seed}");
    let after = copy.read(ACCOUNT, user);
    for (path, body) in &before.bodies {
        assert_eq!(after.bodies.get(path), Some(body), "seed {seed}: {path}");
    }
    assert_eq!(before.bodies.len(), after.bodies.len(), "seed {seed}");
    assert_nothing_new(&copy, || copy.import(&before.account, None).expect("a second import"));
}

/// Asserts that an import writes no row.
fn assert_nothing_new(file: &TestFile, import: impl FnOnce() -> ImportReport) {
    let before = file.dump();
    let report = import();
    assert_eq!((report.total().written, report.total().skipped, report.token.is_none()), (0, 0, true));
    assert!(report.changed.is_empty(), "{report:?}");
    assert_eq!(file.dump(), before);
}

#[test]
fn an_account_has_the_same_responses_after_a_move_into_an_empty_file() {
    for seed in 0..4 {
        assert_round_trip(seed);
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn random_accounts_have_the_same_responses_after_a_move_into_an_empty_file() {
    for seed in 100..200 {
        assert_round_trip(seed);
    }
}
