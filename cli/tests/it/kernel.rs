//! What a running process reads, writes and syncs, in order: asked of the kernel by ptrace, so that no tool is needed.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::net::TcpStream;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::running::Running;

/// Something that the process asked of the kernel. Times are the numbers of the moments at which it was stopped: what
/// follows from something else, on whatever thread, has a higher one.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    /// A path, or `socket:[…]` with a number that no other socket has.
    pub(crate) file: PathBuf,
    /// What was read or written; empty where what is written is scattered in memory.
    pub(crate) bytes: Vec<u8>,
    pub(crate) begun: usize,
    /// When it was done, if it succeeded.
    pub(crate) done: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
    Sync,
}

impl Call {
    pub(crate) fn is_by(&self, kind: Kind, file: &Path) -> bool {
        self.kind == kind && self.file == file
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

/// A process that is being followed.
pub(crate) struct Trace {
    enough: Arc<AtomicBool>,
    follower: thread::JoinHandle<Vec<Call>>,
}

impl Trace {
    /// Follows a service, and returns when nothing of what it does goes unseen.
    pub(crate) fn of(service: &Running) -> Self {
        let process = Pid::from_raw(i32::try_from(service.process()).expect("a process"));
        let enough = Arc::new(AtomicBool::new(false));
        let (ready, is_ready) = mpsc::channel();
        let told = Arc::clone(&enough);
        // All that concerns a trace has to be done on one thread.
        let follower = thread::spawn(move || Follower::new(process).follow(&ready, &told));
        is_ready.recv().expect("a child should let itself be traced");
        Self { enough, follower }
    }

    /// All that it did meanwhile; from now on it runs alone.
    pub(crate) fn end(self, service: &Running) -> Vec<Call> {
        self.enough.store(true, Ordering::SeqCst);
        // The follower looks up when the process does something, and it is a connection that makes it.
        drop(TcpStream::connect(service.address.trim_start_matches("http://")));
        self.follower.join().expect("the process should let itself be traced")
    }
}

struct Follower {
    process: Pid,
    memory: File,
    calls: Vec<Call>,
    /// What each thread that is inside the kernel does there, if that is a call of the above.
    inside: HashMap<Pid, Option<usize>>,
    now: usize,
}

/// The registers that say what a thread asks for, and what it got.
struct Registers {
    call: libc::c_long,
    arguments: [u64; 3],
    result: i64,
}

impl Follower {
    fn new(process: Pid) -> Self {
        let memory = File::open(format!("/proc/{process}/mem")).expect("its memory");
        Self { process, memory, calls: Vec::new(), inside: HashMap::new(), now: 0 }
    }

    /// Lets the process run from call to call, until there is enough or it ends. The kernel lets go of it when this
    /// thread ends.
    fn follow(mut self, ready: &Sender<()>, enough: &AtomicBool) -> Vec<Call> {
        let mut running = self.seize();
        running.iter().for_each(|thread| gone_or(ptrace::interrupt(*thread)));
        // The children of other tests are not waited for.
        let ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(ours)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    self.enter_or_leave(thread);
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, ..)) => (thread, None),
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(ended) => {
                    running.remove(&ended.pid().expect("whose end it is"));
                    continue;
                }
                Err(Errno::ECHILD) => return self.calls,
                Err(error) => panic!("{error}"),
            };
            if running.remove(&thread) && running.is_empty() {
                ready.send(()).expect("somebody waits for this");
            }
            if enough.load(Ordering::SeqCst) {
                return self.calls;
            }
            gone_or(ptrace::syscall(thread, signal));
        }
    }

    /// Takes hold of each thread. Those that begin from now on come by themselves.
    fn seize(&self) -> HashSet<Pid> {
        let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE;
        let mut seized = HashSet::new();
        loop {
            let before = seized.len();
            for thread in fs::read_dir(format!("/proc/{}/task", self.process)).expect("its threads") {
                let name = thread.expect("a thread").file_name();
                let thread = Pid::from_raw(name.to_str().and_then(|name| name.parse().ok()).expect("a number"));
                // One of which hold is taken already is refused.
                if ptrace::seize(thread, options).is_ok() {
                    seized.insert(thread);
                }
            }
            if seized.len() == before {
                return seized;
            }
        }
    }

    /// A thread goes into the kernel or comes out, in turns.
    fn enter_or_leave(&mut self, thread: Pid) {
        let Ok(registers) = registers(thread) else { return };
        self.now += 1;
        match self.inside.remove(&thread) {
            None => {
                let call = self.begun(&registers).map(|call| {
                    self.calls.push(call);
                    self.calls.len() - 1
                });
                self.inside.insert(thread, call);
            }
            Some(None) => {}
            Some(Some(call)) => {
                let [_, address, _] = registers.arguments;
                let Ok(result) = usize::try_from(registers.result) else { return };
                let read = (self.calls[call].kind == Kind::Read).then(|| self.bytes(address, result));
                let call = &mut self.calls[call];
                call.done = Some(self.now);
                call.bytes.extend(read.unwrap_or_default());
            }
        }
    }

    fn begun(&self, registers: &Registers) -> Option<Call> {
        let [file, address, length] = registers.arguments;
        let (kind, length) = match registers.call {
            libc::SYS_read | libc::SYS_recvfrom => (Kind::Read, 0),
            libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_sendto => (Kind::Write, length),
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_sendmsg => (Kind::Write, 0),
            libc::SYS_fsync | libc::SYS_fdatasync => (Kind::Sync, 0),
            _ => return None,
        };
        let file = fs::read_link(format!("/proc/{}/fd/{file}", self.process)).ok()?;
        let bytes = self.bytes(address, usize::try_from(length).ok()?);
        Some(Call { kind, file, bytes, begun: self.now, done: None })
    }

    fn bytes(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory.read_exact_at(&mut bytes, address).expect("what is read or written is in its memory");
        bytes
    }
}

/// A thread may end at any time, and then needs nothing more.
fn gone_or(result: nix::Result<()>) {
    assert!(matches!(result, Ok(()) | Err(Errno::ESRCH)), "{result:?}");
}

#[cfg(target_arch = "x86_64")]
fn registers(thread: Pid) -> nix::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    let arguments = [all.rdi, all.rsi, all.rdx];
    Ok(Registers { call: all.orig_rax.cast_signed(), arguments, result: all.rax.cast_signed() })
}

#[cfg(target_arch = "aarch64")]
fn registers(thread: Pid) -> nix::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    let [first, second, third, ..] = all.regs;
    Ok(Registers { call: all.regs[8].cast_signed(), arguments: [first, second, third], result: first.cast_signed() })
}
