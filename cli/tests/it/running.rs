//! A service that runs as a process of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use backpack_api::Token;
use backpack_api::blocking::Client;

/// The command, to be given arguments.
pub(crate) fn backpack() -> Command {
    Command::new(env!("CARGO_BIN_EXE_backpack"))
}

/// `backpack serve`, which is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: String,
    /// Where it is by https, if it is.
    pub(crate) secure_address: Option<String>,
    /// The token that a first start prints.
    pub(crate) token: Option<String>,
}

impl Running {
    /// Serves a file, and returns when it listens.
    pub(crate) fn serve(data: &Path) -> Self {
        Self::serve_by(&mut backpack(), data)
    }

    /// As [`serve`](Self::serve), by a command of one's own.
    pub(crate) fn serve_by(command: &mut Command, data: &Path) -> Self {
        Self::start(command.args(["serve", "--no-rate-limits", "--data"]).arg(data).stderr(Stdio::null()))
    }

    /// Serves a file, with a log of a level.
    pub(crate) fn logging(data: &Path, level: &str, log: File) -> Self {
        let mut command = backpack();
        Self::start(command.args(["serve", "--data"]).arg(data).env("RUST_LOG", level).stderr(log))
    }

    /// Serves the demo; the token is the first one.
    pub(crate) fn demo() -> Self {
        Self::start(backpack().args(["serve", "--demo"]).stderr(Stdio::null()))
    }

    /// Starts a command that serves, at a free port of this machine if it names none, and returns when it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        if !command.get_args().any(|argument| argument == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command should start");
        let lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let (mut token, mut secure_address) = (None, None);
        for line in lines {
            let line = line.expect("a line");
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["token", found, ..] => token = token.or(Some(found.to_owned())),
                ["https", address] => secure_address = Some(address.to_owned()),
                ["address", address] => return Self { child, address: address.to_owned(), secure_address, token },
                _ => {}
            }
        }
        panic!("the service did not start")
    }

    /// What it writes to standard error, if that is piped.
    #[cfg(unix)]
    pub(crate) fn log(&mut self) -> impl Iterator<Item = String> + use<> {
        let log = self.child.stderr.take().expect("standard error, once");
        BufReader::new(log).lines().map(|line| line.expect("a line"))
    }

    /// A client that calls once for each call.
    pub(crate) fn client(&self, token: &str) -> Client {
        let token = Token::new(token).expect("the service's tokens are some");
        let client = Client::at(&self.address, token, "Trip planner (jo@example.com)").expect("an address");
        client.once().with(|options| options.pacing = false)
    }

    /// The number of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// How much memory it has at the moment.
    pub(crate) fn resident_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let process = nix::unistd::Pid::from_raw(i32::try_from(self.process()).expect("a process"));
        nix::sys::signal::kill(process, signal).expect("the process should be there");
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        assert!(self.child.wait().expect("the process should end").success());
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process should be there");
        self.child.wait().expect("the process should end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
