//! A database with many rows, and the number of steps that SQLite takes in it.
//!
//! The steps are those of SQLite's virtual machine, over all statements of a call with their cascades. Unlike time,
//! their number is the same in each run.

use std::collections::BTreeSet;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::types::Null;
use rusqlite::{Connection, params_from_iter};

use super::super::{connection, migrate};
use crate::ApiError;

/// Time of the measured calls, in Unix seconds: the reminders and events of the database are around it.
pub(crate) const NOW: i64 = 1_283_342_400;

/// A call, and its name in failures.
pub(crate) type Call<'c> = (&'static str, Box<dyn Fn(&Connection) -> Result<(), ApiError> + 'c>);

/// The databases with few and with many rows. All tests share them, since filling them takes longer than the calls.
static FEW: LazyLock<Mutex<LoadedDatabase>> = LazyLock::new(|| Mutex::new(LoadedDatabase::create(100)));
static MANY: LazyLock<Mutex<LoadedDatabase>> = LazyLock::new(|| Mutex::new(LoadedDatabase::create(10_000)));

/// Locks a database, also after a test has failed: a failed call leaves no changes.
fn lock(database: &'static Mutex<LoadedDatabase>) -> MutexGuard<'static, LoadedDatabase> {
    database.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asserts that calls take as many steps among 10,000 rows of each group of `crowd.sql` as among 100, with a tolerance
/// of a fifth. Also asserts that none of their statements reads a whole table.
pub(crate) fn assert_constant_cost(calls: &[Call<'_>]) {
    let (mut few, mut many) = (lock(&FEW), lock(&MANY));
    let steps = calls.iter().map(|(name, call)| (name, few.count_steps(call), many.count_steps(call)));
    let grown: Vec<_> = steps.filter(|(_, few, many)| many * 10 > few * 12).collect();
    assert!(grown.is_empty(), "calls whose cost grows, with their steps among few and many rows: {grown:#?}");
    assert_eq!(many.take_scans(), [""; 0]);
}

/// Counts the steps of a call among many rows.
pub(crate) fn count_steps(call: impl Fn(&Connection) -> Result<(), ApiError>) -> u64 {
    lock(&MANY).count_steps(call)
}

/// A database in memory with the rows of `subjects.sql`, among many others. Jo (1) is a user of the account `acme`.
struct LoadedDatabase {
    db: Connection,
    steps: Arc<AtomicU64>,
    statements: Arc<Mutex<BTreeSet<String>>>,
}

impl LoadedDatabase {
    /// Creates the database with `crowd` rows of each group of `crowd.sql`.
    fn create(crowd: u32) -> Self {
        let mut db = Connection::open_in_memory().unwrap();
        assert!(migrate::migrate(&mut db).unwrap());
        connection::configure(&db).unwrap();
        db.execute_batch(include_str!("subjects.sql")).unwrap();
        let numbers = "CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers(n) AS
            (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1) SELECT n FROM numbers";
        db.execute(numbers, [crowd]).unwrap();
        db.execute_batch(concat!("BEGIN;", include_str!("crowd.sql"), "COMMIT; DROP TABLE numbers;")).unwrap();
        Self { db, steps: Arc::default(), statements: Arc::default() }
    }

    /// Counts the steps of a call, whose changes are then undone.
    fn count_steps(&mut self, call: impl Fn(&Connection) -> Result<(), ApiError>) -> u64 {
        self.db.execute_batch("SAVEPOINT call").unwrap();
        let (steps, statements) = (Arc::clone(&self.steps), Arc::clone(&self.statements));
        steps.store(0, Ordering::Relaxed);
        // SQLite interrupts the statement if the handler returns `true`, which it never does.
        let count = move || steps.fetch_add(1, Ordering::Relaxed) == u64::MAX;
        self.db.progress_handler(1, Some(count)).unwrap();
        let record = move |event: TraceEvent<'_>| {
            if let TraceEvent::Stmt(statement, _) = event {
                statements.lock().unwrap().insert(statement.sql().into_owned());
            }
        };
        self.db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(record)).unwrap();
        let result = call(&self.db);
        self.db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, None::<fn(TraceEvent<'_>)>).unwrap();
        self.db.progress_handler(0, None::<fn() -> bool>).unwrap();
        self.db.execute_batch("ROLLBACK TO call; RELEASE call").unwrap();
        result.unwrap();
        self.steps.load(Ordering::Relaxed)
    }

    /// Returns the parts of the plans of all statements since the last time that read a whole table or index.
    fn take_scans(&mut self) -> Vec<String> {
        let statements = mem::take(&mut *self.statements.lock().unwrap());
        assert!(!statements.is_empty());
        let find_scans = |sql: &String| {
            let mut plan = self.db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = vec![Null; plan.parameter_count()];
            let lines = plan.query_map(params_from_iter(values), |row| row.get::<_, String>("detail")).unwrap();
            let scans =
                lines.map(Result::unwrap).filter(|line| line.starts_with("SCAN ") && line != "SCAN CONSTANT ROW");
            scans.map(|line| format!("{line} in {sql}")).collect::<Vec<_>>()
        };
        statements.iter().flat_map(find_scans).collect()
    }
}
