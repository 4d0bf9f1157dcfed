//! The one thread that writes.
//!
//! A commit waits for the disk, which takes longer than most writes. So what has arrived by the time a commit begins
//! goes into it, each write in a savepoint of its own, and all are answered when it is through: a busy service makes as
//! many commits as an idle one, with more in each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::ApiError;

/// A write to be done; it says how to answer once the commit is known.
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;

/// Answers a write, given whether the commit was made.
type Answer = Box<dyn FnOnce(Result<(), ApiError>)>;

/// The most writes in a commit, so that the first of them is answered in time.
const MOST: usize = 256;

/// The way to the thread that writes; the thread ends when this is dropped and all is done.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (jobs, received) = mpsc::channel();
        let thread = thread::spawn(move || run(&connection, &received));
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.hand_in(work).await.unwrap_or(Err(ApiError::Internal))
    }

    pub(super) fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.hand_in(work).blocking_recv().unwrap_or(Err(ApiError::Internal))
    }

    fn hand_in<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, ApiError>> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, work);
            Box::new(move |committed| {
                // Whoever asked may have gone away.
                let _ = sender.send(committed.and(result));
            })
        });
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
        receiver
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut answers = Vec::new();
        let committed = commit(connection, first, jobs, &mut answers);
        if committed.is_err() && !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        answers.into_iter().for_each(|answer| answer(committed.clone()));
    }
}

/// One commit, with the first job and all that are waiting.
fn commit(
    connection: &Connection,
    first: Job,
    jobs: &mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), ApiError> {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute(()));
    answers.push(first(connection));
    begun?;
    while answers.len() < MOST
        && let Ok(job) = jobs.try_recv()
    {
        answers.push(job(connection));
    }
    if connection.is_autocommit() {
        // SQLite has undone all of it, as it does when the disk is full.
        return Err(ApiError::Unavailable);
    }
    connection.prepare_cached("COMMIT")?.execute(())?;
    Ok(())
}

/// Does the work, or nothing of it.
fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if connection.is_autocommit() {
        // The commit could not even begin; its error is the answer.
        return Err(ApiError::Unavailable);
    }
    connection.prepare_cached("SAVEPOINT work")?.execute(())?;
    let result = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(ApiError::Internal));
    if connection.is_autocommit() {
        // SQLite has undone everything, so there is no savepoint to go back to.
        return result.and(Err(ApiError::Unavailable));
    }
    if let Err(error) = end_savepoint(connection, result.is_ok()) {
        // What this work did can no longer be told from what others did, so all of it goes: `commit` sees that.
        connection.execute_batch("ROLLBACK")?;
        return Err(error.into());
    }
    result
}

/// Keeps what was done since the savepoint, or undoes it.
fn end_savepoint(connection: &Connection, keep: bool) -> rusqlite::Result<()> {
    if !keep {
        connection.prepare_cached("ROLLBACK TO work")?.execute(())?;
    }
    connection.prepare_cached("RELEASE work")?.execute(())?;
    Ok(())
}
