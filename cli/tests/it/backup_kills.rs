//! A backup that is killed at any change of a file leaves the former archive or the new one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use backpack_api::NewNote;
use backpack_archive::Archive;
use backpack_archive::verify::{Completeness, verify};
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::support::{Home, ServiceProcess, start_by};
use crate::syscalls::{Registers, read_registers};

/// Number of changes of files at each of which a backup is killed.
const KILLS: usize = 300;

/// Returns the SHA-256 of each response of an archive, by file. All files have to be readable.
fn state(archive: &Path) -> BTreeMap<String, String> {
    let archive = Archive::open(archive).expect("an archive");
    assert_eq!(archive.problems(), []);
    let entries = archive.manifest().expect("a manifest").responses.iter();
    entries.map(|entry| (entry.file.clone(), entry.sha256.clone())).collect()
}

/// Runs a command, and kills it at the start of the system call that would be its change number `calls`. Returns `true`
/// if the process was killed, and `false` if it ended before.
///
/// Changes are writes to files below `folder`, renames, syncs, and new or deleted files and folders.
fn run_killed_at(command: &Command, folder: &Path, calls: usize) -> bool {
    // The shell waits for a line until it is traced.
    let mut shell = start_by("sh", &["-c", "read line; exec \"$0\" \"$@\""], command);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a shell");
    let process = Pid::from_raw(i32::try_from(child.id()).expect("a process"));
    let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEEXEC;
    ptrace::seize(process, options).expect("a child can be traced");
    ptrace::interrupt(process).expect("a child can be traced");
    child.stdin.take().expect("standard input").write_all(b"\n").expect("the shell reads a line");
    let mut entered: BTreeMap<Pid, bool> = BTreeMap::new();
    let mut seen = 0;
    let own_children = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
    let was_killed = loop {
        let (thread, signal) = match waitpid(None, Some(own_children)) {
            Ok(WaitStatus::PtraceSyscall(thread)) => {
                let is_entry =
                    !entered.insert(thread, !entered.get(&thread).copied().unwrap_or(false)).unwrap_or(false);
                if is_entry && is_change(thread, process, folder) {
                    seen += 1;
                }
                if seen == calls {
                    kill(process, Signal::SIGKILL).expect("the process is running");
                    while waitpid(None, Some(own_children)).is_ok() {}
                    break true;
                }
                (thread, None)
            }
            Ok(WaitStatus::PtraceEvent(thread, ..)) => (thread, None),
            Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
            Ok(_) => continue,
            Err(_) => break false,
        };
        // The thread may have ended.
        let _ = ptrace::syscall(thread, signal);
    };
    // `waitpid` has seen its end already.
    let _ = child.wait();
    was_killed
}

/// `true` if a thread is about to change a file.
fn is_change(thread: Pid, process: Pid, folder: &Path) -> bool {
    let Ok(Registers { call, arguments: [file, ..], .. }) = read_registers(thread) else { return false };
    let is_below = || {
        let path = fs::read_link(format!("/proc/{process}/fd/{file}"));
        path.is_ok_and(|path| path.starts_with(folder))
    };
    match call {
        libc::SYS_write | libc::SYS_fsync | libc::SYS_fdatasync => is_below(),
        libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_mkdirat | libc::SYS_unlinkat => true,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rename | libc::SYS_mkdir | libc::SYS_unlink | libc::SYS_rmdir => true,
        _ => false,
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_kill_at_each_change_leaves_the_former_or_the_new_archive_and_the_next_backup_completes() {
    let data = tempfile::tempdir().expect("a folder");
    let service = ServiceProcess::serve(&data.path().join("data.backpack"));
    let home = Home::new();
    let token = service.token.clone().expect("a first start shows a token");
    let client = service.client(&token);
    let page = client.pages().create("Coast").expect("a page").id;
    let note = client.notes(page).create(NewNote::new().title("Ferry").body("at nine")).expect("a note").id;
    client.statuses().update(client.users().me().expect("me").id, "out").expect("a status");
    home.log_in("home", &service, &token);
    let archive = home.path().join("home.backpack");
    let backup = home.command(&["backup"]);
    let mut kills = 0;
    let mut ended = false;
    home.stdout(&["backup"]);
    for calls in 1..=KILLS {
        let former = state(&archive);
        client.notes(page).update(note, NewNote::new().body(format!("at {calls}"))).expect("a change");
        // The thread waits for its own children only, and the service is a child of this one.
        let was_killed = thread::scope(|scope| {
            scope.spawn(|| run_killed_at(&backup, home.path(), calls)).join().expect("the process should be traceable")
        });
        let found = state(&archive);
        assert_eq!(verify(&archive).expect("an archive").verdict, Completeness::Complete, "change {calls}");
        home.stdout(&["backup"]);
        let new = state(&archive);
        assert!(found == former || found == new, "change {calls}");
        assert!(new != former, "change {calls}");
        assert_eq!(verify(&archive).expect("an archive").verdict, Completeness::Complete, "change {calls}");
        if !was_killed {
            ended = true;
            break;
        }
        kills += 1;
    }
    assert!(ended || kills == KILLS);
    assert!(kills > 20, "{kills} kills");
}
