//! Acknowledged writes survive kills of the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::{NewNote, PageId};

use crate::support::{ServiceProcess, host_stdout, temp_data};

/// Number of threads that write at the same time.
const WRITERS: usize = 16;

/// Number of times that the service is killed.
const KILLS: usize = 100;

/// Time within which the service should respond after a kill.
const MAX_RESTART_TIME: Duration = Duration::from_secs(1);

/// Number of restarts that may take longer. A restart takes some hundredths of a second, but a busy machine may pause
/// at any time. A service that waits for a lock or file of the killed process would be slow more often.
const MAX_SLOW_RESTARTS: usize = 5;

/// Sixteen writers write until the process is killed, a hundred times. After each restart, every acknowledged write is
/// there once, and every other write once or not at all. Nearly all restarts take less than a second.
#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn loses_and_doubles_no_acknowledged_write_over_a_hundred_kills() {
    let (_folder, data) = temp_data();
    let mut service = ServiceProcess::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let mut slow_restarts = Vec::new();
    for round in 0..KILLS {
        let page = service.client(&token).pages().create(format!("Round {round}")).expect("a page").id;
        let acknowledged = write_until_killed(&mut service, &token, page, 8 + round % 40);
        let killed = Instant::now();
        service = ServiceProcess::serve(&data);
        let notes = service.client(&token).notes(page).list().expect("the notes");
        // Records the time only if the restart was slow.
        slow_restarts.extend(Some(killed.elapsed()).filter(|time| *time >= MAX_RESTART_TIME));
        assert_eq!(service.token, None, "not a first start");
        let mut found = BTreeMap::new();
        for note in notes {
            *found.entry(note.title).or_insert(0) += 1;
        }
        let lost: Vec<_> = acknowledged.iter().filter(|title| !found.contains_key(*title)).collect();
        assert_eq!(lost, Vec::<&String>::new(), "lost in round {round}");
        assert!(found.values().all(|times| *times == 1), "doubled in round {round}: {found:?}");
    }
    assert!(slow_restarts.len() <= MAX_SLOW_RESTARTS, "{slow_restarts:?}");
    drop(service);
    assert_eq!(host_stdout(&data, &["db", "check"]), "ok");
}

/// Writes notes until the service has acknowledged `enough` of them, kills it, and returns the titles of all
/// acknowledged notes.
fn write_until_killed(service: &mut ServiceProcess, token: &str, page: PageId, enough: usize) -> Vec<String> {
    let client = service.client(token);
    // Numbers of acknowledged notes and of writers that have not failed yet.
    let (count, running) = (AtomicUsize::new(0), AtomicUsize::new(WRITERS));
    thread::scope(|scope| {
        let (client, count, running) = (&client, &count, &running);
        // Each writer wakes this thread after a note, and when it ends.
        let main = thread::current();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let main = main.clone();
                scope.spawn(move || {
                    let mut acknowledged = Vec::new();
                    for number in 0.. {
                        let title = format!("{writer} {number}");
                        if client.notes(page).create(NewNote::new().title(&title).body("x")).is_err() {
                            break;
                        }
                        acknowledged.push(title);
                        count.fetch_add(1, Ordering::Relaxed);
                        main.unpark();
                    }
                    running.fetch_sub(1, Ordering::Relaxed);
                    main.unpark();
                    acknowledged
                })
            })
            .collect();
        while count.load(Ordering::Relaxed) < enough {
            assert_ne!(running.load(Ordering::Relaxed), 0, "every writer failed before the process was killed");
            thread::park();
        }
        service.kill();
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    })
}
