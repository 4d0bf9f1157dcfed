//! The thread that writes.
//!
//! A commit waits for the disk, which takes longer than most writes. So a commit includes all writes that have arrived
//! when it begins, each in its own savepoint, and all of them return after the commit. Under load, each commit
//! contains more writes, while the number of commits hardly grows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::ApiError;

/// A write. It runs inside the transaction, and returns the callback that takes the outcome of the commit.
type Job = Box<dyn FnOnce(&Connection) -> OnCommit + Send>;

/// Sends the result of a write to its caller, given the outcome of the commit.
type OnCommit = Box<dyn FnOnce(Result<(), ApiError>)>;

/// Maximum number of writes in a commit. It limits how long the first of them waits.
const MAX_WRITES_PER_COMMIT: usize = 256;

/// Handle to the thread that writes. Dropping it waits until the thread has finished the queued writes.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that writes on a connection.
    pub(super) fn start(connection: Connection) -> Self {
        let (jobs, queue) = mpsc::channel();
        let thread = thread::spawn(move || run(&connection, &queue));
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Runs `work` in a transaction, and waits for its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.enqueue(work).await.unwrap_or(Err(ApiError::Internal))
    }

    /// Runs `work` like [`write`](Self::write), but blocks the calling thread, which must not run async tasks.
    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.enqueue(work).blocking_recv().unwrap_or(Err(ApiError::Internal))
    }

    /// Puts a write into the queue. The receiver gets its result after the commit, or an error if the thread has ended.
    fn enqueue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, ApiError>> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = run_in_savepoint(connection, work);
            Box::new(move |committed| {
                // Fails if the caller stopped waiting.
                let _ = sender.send(committed.and(result));
            })
        });
        if let Some(jobs) = &self.jobs {
            // Fails if the thread has ended; dropping the job then closes the receiver.
            let _ = jobs.send(job);
        }
        receiver
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closes the queue. The thread finishes the queued writes and ends.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs the queued writes until the queue is closed and empty.
fn run(connection: &Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut callbacks = Vec::new();
        let committed = commit_jobs(connection, first, queue, &mut callbacks);
        // A failed `COMMIT` can leave the transaction open.
        if committed.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        callbacks.into_iter().for_each(|on_commit| on_commit(committed.clone()));
    }
}

/// Runs the first job and the queued ones, up to [`MAX_WRITES_PER_COMMIT`], in one transaction, and commits it. Adds
/// the callback of each job that ran to `callbacks`, also if the commit fails.
fn commit_jobs(
    connection: &Connection,
    first: Job,
    queue: &mpsc::Receiver<Job>,
    callbacks: &mut Vec<OnCommit>,
) -> Result<(), ApiError> {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute(()));
    // Also runs the job if the transaction did not begin: it changes nothing then, but its caller gets the error.
    callbacks.push(first(connection));
    begun?;
    while callbacks.len() < MAX_WRITES_PER_COMMIT
        && let Ok(job) = queue.try_recv()
    {
        callbacks.push(job(connection));
    }
    if connection.is_autocommit() {
        // SQLite has rolled the transaction back, as it does when the disk is full.
        return Err(ApiError::Unavailable);
    }
    connection.prepare_cached("COMMIT")?.execute(())?;
    Ok(())
}

/// Runs `work` in a savepoint, and undoes its changes if it fails or panics.
fn run_in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if connection.is_autocommit() {
        // There is no transaction: it could not begin, or was rolled back during an earlier write.
        // `commit_jobs` returns the error.
        return Err(ApiError::Unavailable);
    }
    connection.prepare_cached("SAVEPOINT work")?.execute(())?;
    let result = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(ApiError::Internal));
    if connection.is_autocommit() {
        // SQLite has rolled the transaction back, so the savepoint no longer exists.
        return result.and(Err(ApiError::Unavailable));
    }
    if let Err(error) = end_savepoint(connection, result.is_ok()) {
        // The changes of this write cannot be undone alone, so the whole transaction is rolled back. `commit_jobs`
        // detects that.
        connection.execute_batch("ROLLBACK")?;
        return Err(error.into());
    }
    result
}

/// Ends the savepoint, and keeps or undoes the changes since its start.
fn end_savepoint(connection: &Connection, keeps_changes: bool) -> rusqlite::Result<()> {
    if !keeps_changes {
        connection.prepare_cached("ROLLBACK TO work")?.execute(())?;
    }
    connection.prepare_cached("RELEASE work")?.execute(())?;
    Ok(())
}
