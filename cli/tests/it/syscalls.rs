//! Traces the reads, writes and syncs of a running process with ptrace, so that no external tool is needed.

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

use crate::support::ServiceProcess;

/// A system call of the process. Times are the numbers of the stops at which the tracer saw the process: of two events
/// in causal order, on any threads, the later one has the higher number.
#[derive(Debug)]
pub(crate) struct Syscall {
    pub(crate) kind: SyscallKind,
    /// Path of the file, or `socket:[…]` with the inode of the socket.
    pub(crate) file: PathBuf,
    /// Bytes read or written. Empty for vectored writes.
    pub(crate) bytes: Vec<u8>,
    /// Time of its start.
    pub(crate) start: usize,
    /// Time of its end; `None` if it failed or has not ended.
    pub(crate) end: Option<usize>,
}

/// Kinds of system calls that are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyscallKind {
    Read,
    Write,
    Sync,
}

impl Syscall {
    /// `true` if the call has this kind and this file.
    pub(crate) fn is_on(&self, kind: SyscallKind, file: &Path) -> bool {
        self.kind == kind && self.file == file
    }

    /// `true` if the bytes that it read or wrote contain a text.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.bytes.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

/// A running trace of a process.
pub(crate) struct Trace {
    is_over: Arc<AtomicBool>,
    tracer: thread::JoinHandle<Vec<Syscall>>,
}

impl Trace {
    /// Starts to trace a service, and returns when all its threads are traced.
    pub(crate) fn start(service: &ServiceProcess) -> Self {
        let process = Pid::from_raw(i32::try_from(service.process_id()).expect("a process"));
        let is_over = Arc::new(AtomicBool::new(false));
        let (ready_sender, ready) = mpsc::channel();
        let flag = Arc::clone(&is_over);
        // ptrace only accepts requests from the thread that attached.
        let tracer = thread::spawn(move || Tracer::new(process).run(&ready_sender, &flag));
        ready.recv().expect("a child process should be traceable");
        Self { is_over, tracer }
    }

    /// Ends the trace and returns the system calls since its start.
    pub(crate) fn end(self, service: &ServiceProcess) -> Vec<Syscall> {
        self.is_over.store(true, Ordering::SeqCst);
        // The tracer checks the flag at the next system call, which this connection causes.
        drop(TcpStream::connect(service.base_url.trim_start_matches("http://")));
        self.tracer.join().expect("the process should be traceable")
    }
}

/// The tracer of a process, on the thread that has attached.
struct Tracer {
    process: Pid,
    /// Memory of the process.
    memory: File,
    calls: Vec<Syscall>,
    /// Threads inside a system call, with its index in `calls` if its kind is recorded.
    entered: HashMap<Pid, Option<usize>>,
    /// Number of stops so far.
    now: usize,
}

/// Registers of a thread that hold a system call and its result.
pub(crate) struct Registers {
    /// Number of the system call.
    pub(crate) call: libc::c_long,
    pub(crate) arguments: [u64; 3],
    /// Result of the call after it has ended. Negative if it failed.
    result: i64,
}

impl Tracer {
    fn new(process: Pid) -> Self {
        let memory = File::open(format!("/proc/{process}/mem")).expect("its memory");
        Self { process, memory, calls: Vec::new(), entered: HashMap::new(), now: 0 }
    }

    /// Runs the process from system call to system call, until the trace is over or the process ends. The kernel
    /// detaches the tracer when this thread ends.
    fn run(mut self, ready: &Sender<()>, is_over: &AtomicBool) -> Vec<Syscall> {
        // Threads that have not stopped since they were attached.
        let mut running = self.seize();
        running.iter().for_each(|thread| ignore_ended(ptrace::interrupt(*thread)));
        // Excludes child processes of other tests.
        let own_children = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(own_children)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    self.enter_or_leave(thread);
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, ..)) => (thread, None),
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                // The thread has ended.
                Ok(ended) => {
                    running.remove(&ended.pid().expect("the id of the ended thread"));
                    continue;
                }
                Err(Errno::ECHILD) => return self.calls,
                Err(error) => panic!("{error}"),
            };
            // From the first stop of the last thread on, no system call is missed.
            if running.remove(&thread) && running.is_empty() {
                ready.send(()).expect("`start` waits for this");
            }
            if is_over.load(Ordering::SeqCst) {
                return self.calls;
            }
            ignore_ended(ptrace::syscall(thread, signal));
        }
    }

    /// Attaches to each thread and returns their ids. Repeats until it finds no new thread: the kernel attaches only
    /// threads that are started by attached ones.
    fn seize(&self) -> HashSet<Pid> {
        let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE;
        let mut seized = HashSet::new();
        loop {
            let before = seized.len();
            for thread in fs::read_dir(format!("/proc/{}/task", self.process)).expect("its threads") {
                let name = thread.expect("a thread").file_name();
                let thread = Pid::from_raw(name.to_str().and_then(|name| name.parse().ok()).expect("a number"));
                // Fails for a thread that is already attached.
                if ptrace::seize(thread, options).is_ok() {
                    seized.insert(thread);
                }
            }
            if seized.len() == before {
                return seized;
            }
        }
    }

    /// Records that a thread enters or leaves a system call. The stops of a thread alternate between the two.
    fn enter_or_leave(&mut self, thread: Pid) {
        let Ok(registers) = read_registers(thread) else { return };
        self.now += 1;
        match self.entered.remove(&thread) {
            None => {
                let call = self.decode_call(&registers).map(|call| {
                    self.calls.push(call);
                    self.calls.len() - 1
                });
                self.entered.insert(thread, call);
            }
            Some(None) => {}
            Some(Some(call)) => {
                let [_, address, _] = registers.arguments;
                let Ok(result) = usize::try_from(registers.result) else { return };
                let read = (self.calls[call].kind == SyscallKind::Read).then(|| self.read_memory(address, result));
                let call = &mut self.calls[call];
                call.end = Some(self.now);
                call.bytes.extend(read.unwrap_or_default());
            }
        }
    }

    /// Reads a system call at its start. Returns `None` if its kind is not recorded, or its file is not open.
    fn decode_call(&self, registers: &Registers) -> Option<Syscall> {
        let [file, address, length] = registers.arguments;
        // The number of bytes at `address`. Reads have none yet, and vectored writes have them elsewhere.
        let (kind, length) = match registers.call {
            libc::SYS_read | libc::SYS_recvfrom => (SyscallKind::Read, 0),
            libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_sendto => (SyscallKind::Write, length),
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_sendmsg => (SyscallKind::Write, 0),
            libc::SYS_fsync | libc::SYS_fdatasync => (SyscallKind::Sync, 0),
            _ => return None,
        };
        let file = fs::read_link(format!("/proc/{}/fd/{file}", self.process)).ok()?;
        let bytes = self.read_memory(address, usize::try_from(length).ok()?);
        Some(Syscall { kind, file, bytes, start: self.now, end: None })
    }

    /// Reads the memory of the process.
    fn read_memory(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory.read_exact_at(&mut bytes, address).expect("the buffer should be in the memory of the process");
        bytes
    }
}

/// Ignores that a thread has ended, which may happen at any time.
fn ignore_ended(result: nix::Result<()>) {
    assert!(matches!(result, Ok(()) | Err(Errno::ESRCH)), "{result:?}");
}

#[cfg(target_arch = "x86_64")]
pub(crate) fn read_registers(thread: Pid) -> nix::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    let arguments = [all.rdi, all.rsi, all.rdx];
    Ok(Registers { call: all.orig_rax.cast_signed(), arguments, result: all.rax.cast_signed() })
}

#[cfg(target_arch = "aarch64")]
pub(crate) fn read_registers(thread: Pid) -> nix::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    let [first, second, third, ..] = all.regs;
    Ok(Registers { call: all.regs[8].cast_signed(), arguments: [first, second, third], result: first.cast_signed() })
}
