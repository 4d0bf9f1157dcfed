//! What was acknowledged is there, whatever happens to the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::{NewNote, PageId};

use crate::running::{Running, backpack};

const WRITERS: usize = 16;
const KILLS: usize = 100;

/// How soon the service answers again.
const UP_AGAIN: Duration = Duration::from_secs(1);

/// How many of its starts may take longer. It takes some hundredths of a second, but a machine that is busy with
/// something else may stop for a moment at any time; a service that waits for what the kill left behind would do so more
/// often.
const HELD_UP: usize = 5;

/// Sixteen writers write until the process is killed under them, a hundred times. All that was acknowledged is there
/// when it is up again, which takes no second, each once; what was not is there once or not at all.
#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_a_hundred_kills() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    let mut service = Running::serve(&data);
    let token = service.token.clone().expect("a first start shows a token");
    let mut held_up = Vec::new();
    for round in 0..KILLS {
        let page = service.client(&token).pages().create(format!("Round {round}")).expect("a page").id;
        let acknowledged = written_until_killed(&mut service, &token, page, 8 + round % 40);
        let killed = Instant::now();
        service = Running::serve(&data);
        let notes = service.client(&token).notes(page).list().expect("the notes");
        held_up.extend(Some(killed.elapsed()).filter(|time| *time >= UP_AGAIN));
        assert_eq!(service.token, None, "not a first start");
        let mut found = BTreeMap::new();
        for note in notes {
            *found.entry(note.title).or_insert(0) += 1;
        }
        let lost: Vec<_> = acknowledged.iter().filter(|title| !found.contains_key(*title)).collect();
        assert_eq!(lost, Vec::<&String>::new(), "lost in round {round}");
        assert!(found.values().all(|times| *times == 1), "doubled in round {round}: {found:?}");
    }
    assert!(held_up.len() <= HELD_UP, "{held_up:?}");
    drop(service);
    let checked = backpack().args(["db", "check", "--data"]).arg(&data).output().expect("the command should run");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "sound\n");
}

/// What the service acknowledged until it was killed, after so many acknowledgements.
fn written_until_killed(service: &mut Running, token: &str, page: PageId, enough: usize) -> Vec<String> {
    let client = service.client(token);
    let (count, living) = (AtomicUsize::new(0), AtomicUsize::new(WRITERS));
    thread::scope(|scope| {
        let (client, count, living) = (&client, &count, &living);
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
                    living.fetch_sub(1, Ordering::Relaxed);
                    main.unpark();
                    acknowledged
                })
            })
            .collect();
        while count.load(Ordering::Relaxed) < enough {
            assert_ne!(living.load(Ordering::Relaxed), 0, "every writer was refused before the process was killed");
            thread::park();
        }
        service.kill();
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    })
}
