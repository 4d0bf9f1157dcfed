//! Runs the command, and the service as a separate process.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use backpack_api::ApiToken;
use backpack_api::blocking::Client;
use tempfile::TempDir;

/// Creates a temporary folder. Returns it and the path of a data file in it, which does not exist yet.
pub(crate) fn temp_data() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data.backpack");
    (folder, data)
}

/// Returns the command without arguments.
pub(crate) fn backpack() -> Command {
    Command::new(env!("CARGO_BIN_EXE_backpack"))
}

/// Runs the command on a data file. Returns `true` if it succeeded, its standard output and its standard error.
pub(crate) fn run(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = backpack().args(arguments).arg("--data").arg(data).output().expect("the command should run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// Runs `backpack host` on a data file. Returns the same as [`run`].
pub(crate) fn run_host(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    run(data, &[&["host"], arguments].concat())
}

/// Runs `backpack host` on a data file, which should succeed. Returns its standard output without white space at the
/// end.
pub(crate) fn host_stdout(data: &Path, arguments: &[&str]) -> String {
    let (success, out, err) = run_host(data, arguments);
    assert!(success, "{arguments:?}: {err}");
    out.trim_end().to_owned()
}

/// Home folder of a user who runs the command, with its credentials.
pub(crate) struct Home {
    folder: TempDir,
}

/// Result of a command.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    /// Creates a home folder without credentials.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Creates a home folder in which the demo's first user is logged in as `demo`.
    pub(crate) fn logged_in(service: &ServiceProcess) -> Self {
        let home = Self::new();
        home.log_in("demo", service, service.token.as_deref().expect("the service should show a token"));
        home
    }

    /// Logs in to an account of a service.
    pub(crate) fn log_in(&self, account: &str, service: &ServiceProcess, token: &str) {
        let finished = self.run_with_input(&["login", account, "--url", &service.base_url, "--token-stdin"], token);
        assert_eq!(finished.code, Some(0), "{finished:?}");
    }

    /// Path of the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Path of the stored credentials.
    pub(crate) fn credentials(&self) -> PathBuf {
        self.path().join("backpack/credentials.toml")
    }

    /// Returns the command with these arguments, in this home folder and without variables of the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = backpack();
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BACKPACK_")) {
            command.env_remove(name);
        }
        command.args(arguments).env("HOME", self.path()).env("XDG_CONFIG_HOME", self.path()).current_dir(self.path());
        command
    }

    /// Runs the command with these arguments, without a terminal and without input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        run_command(&mut self.command(arguments), "")
    }

    /// Runs the command with these arguments and this text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Finished {
        run_command(&mut self.command(arguments), input)
    }

    /// Runs the command, which should succeed. Returns its standard output.
    pub(crate) fn stdout(&self, arguments: &[&str]) -> String {
        let finished = self.run(arguments);
        assert_eq!(finished.code, Some(0), "{arguments:?}: {}", finished.err);
        finished.out
    }

    /// Runs the command with `--json`, which should succeed. Returns its value.
    pub(crate) fn read_json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.stdout(&[arguments, &["--json"]].concat())).expect("JSON")
    }
}

/// Returns a command that starts another one by a program, such as a shell or `setsid`, with its environment and folder.
/// The other command follows the arguments of the program.
#[cfg(unix)]
pub(crate) fn start_by(program: &str, arguments: &[&str], command: &Command) -> Command {
    let mut starter = Command::new(program);
    starter.args(arguments).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        starter.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => starter.env(name, value),
            None => starter.env_remove(name),
        };
    }
    starter
}

/// Runs a command with a text on standard input.
pub(crate) fn run_command(command: &mut Command, input: &str) -> Finished {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command should start");
    // A command that reads no input may have ended already.
    let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the command should run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Finished { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// `backpack serve` as a process, which is killed when this value is dropped.
pub(crate) struct ServiceProcess {
    child: Child,
    /// Base URL over HTTP.
    pub(crate) base_url: String,
    /// Base URL over HTTPS, if the service has it.
    pub(crate) https_base_url: Option<String>,
    /// First token that the service printed. `None` unless it is a first start or a demo.
    pub(crate) token: Option<String>,
}

impl ServiceProcess {
    /// Serves a data file, and returns when the service listens.
    pub(crate) fn serve(data: &Path) -> Self {
        Self::serve_with(&mut backpack(), data)
    }

    /// Serves a data file like [`serve`](Self::serve), but with this command instead of [`backpack()`].
    pub(crate) fn serve_with(command: &mut Command, data: &Path) -> Self {
        Self::start(command.args(["serve", "--no-rate-limits", "--data"]).arg(data).stderr(Stdio::null()))
    }

    /// Serves a data file with rate limits, and writes the log at this level to a file.
    pub(crate) fn with_log(data: &Path, level: &str, log: File) -> Self {
        let mut command = backpack();
        Self::start(command.args(["serve", "--data"]).arg(data).env("RUST_LOG", level).stderr(log))
    }

    /// Serves the demo. The token is that of its first user.
    pub(crate) fn demo() -> Self {
        Self::start(backpack().args(["serve", "--demo"]).stderr(Stdio::null()))
    }

    /// Starts a command that serves, on a free loopback port unless it has `--listen`, and returns when it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        if !command.get_args().any(|argument| argument == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command should start");
        let lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let (mut token, mut https_base_url) = (None, None);
        for line in lines {
            let line = line.expect("a line");
            // The address is printed last.
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["token", found, ..] => token = token.or(Some(found.to_owned())),
                ["https", url] => https_base_url = Some(url.to_owned()),
                ["address", url] => return Self { child, base_url: url.to_owned(), https_base_url, token },
                _ => {}
            }
        }
        panic!("the service did not start")
    }

    /// Takes the lines of standard error, which must be piped. Only the first call succeeds.
    #[cfg(unix)]
    pub(crate) fn log(&mut self) -> impl Iterator<Item = String> + use<> {
        let log = self.child.stderr.take().expect("standard error, once");
        BufReader::new(log).lines().map(|line| line.expect("a line"))
    }

    /// Returns a client without retries and without a client-side rate limit.
    pub(crate) fn client(&self, token: &str) -> Client {
        let token = ApiToken::new(token).expect("a valid token");
        let client =
            Client::with_base_url(&self.base_url, token, "Trip planner (jo@example.com)").expect("a valid base URL");
        client.without_retries().with_options(|options| options.respect_rate_limits = false)
    }

    /// Id of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory of the process, in kB.
    pub(crate) fn resident_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process_id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Sends a signal to the process.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let process = nix::unistd::Pid::from_raw(i32::try_from(self.process_id()).expect("a process"));
        nix::sys::signal::kill(process, signal).expect("the process should be running");
    }

    /// Stops the service with SIGTERM, as a service manager does, and waits until it has exited successfully.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        assert!(self.child.wait().expect("the process should end").success());
    }

    /// Kills the process, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("the process should be running");
        self.child.wait().expect("the process should end");
    }
}

impl Drop for ServiceProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
