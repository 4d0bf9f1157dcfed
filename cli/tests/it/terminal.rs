//! Questions and tables on a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::support::{Home, ServiceProcess, start_by};

/// A command on a terminal of its own.
struct Terminal {
    child: Child,
    /// End of the terminal at which a user would sit.
    user: File,
    /// Everything that the terminal has shown.
    shown: String,
}

impl Terminal {
    /// Starts the command on a new terminal, which `setsid` makes its controlling terminal.
    fn start(command: &Command) -> Self {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = openpty(&size, None).expect("a terminal");
        let mut session = start_by("setsid", &["--ctty", "--wait"], command);
        session.env("TERM", "xterm");
        let stdio = || terminal.slave.try_clone().expect("a descriptor");
        let child = session.stdin(stdio()).stdout(stdio()).stderr(stdio()).spawn().expect("setsid should start");
        Self { child, user: terminal.master.into(), shown: String::new() }
    }

    /// Reads until the terminal shows a text.
    fn wait_for(&mut self, text: &str) {
        while !self.shown.contains(text) {
            assert!(self.read_more(), "the command ended without “{text}”: {}", self.shown);
        }
    }

    /// Types a line after the terminal stops to show what is typed.
    fn type_hidden(&mut self, line: &str) {
        let begin = Instant::now();
        let is_echoing =
            || tcgetattr(&self.user).expect("the terminal's settings").local_flags.contains(LocalFlags::ECHO);
        while is_echoing() {
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "the terminal still shows what is typed: {}",
                self.shown
            );
            std::thread::yield_now();
        }
        self.type_line(line);
    }

    /// Types a line.
    fn type_line(&mut self, line: &str) {
        writeln!(self.user, "{line}").expect("the terminal should be open");
    }

    /// Reads to the end of the command, which should exit with this code. Returns everything that the terminal has
    /// shown.
    fn finish(mut self, code: i32) -> String {
        while self.read_more() {}
        let status = self.child.wait().expect("the command should end");
        assert_eq!(status.code(), Some(code), "{}", self.shown);
        self.shown.replace('\r', "")
    }

    /// Reads what the terminal shows next. Returns `false` at its end, which Linux reports as an error.
    fn read_more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let length = self.user.read(&mut buffer).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&buffer[..length]));
        length > 0
    }
}

#[test]
fn a_typed_token_is_not_shown() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let token = service.token.clone().expect("the demo shows tokens");
    let mut terminal = Terminal::start(&home.command(&["login", "coast", "--url", &service.base_url]));
    terminal.wait_for("Token (My info, at the bottom of the page): ");
    terminal.type_hidden(&token);
    terminal.wait_for("readable by you only.\r\nStore it? [Y/n] ");
    terminal.type_line("");
    let shown = terminal.finish(0);
    assert!(shown.contains("This is Ines Moreau at "), "{shown}");
    assert!(!shown.contains(&token), "{shown}");
    assert!(home.credentials().exists());
}

#[test]
fn a_token_is_stored_only_after_the_answer() {
    let service = ServiceProcess::demo();
    let home = Home::new();
    let token = service.token.clone().expect("the demo shows tokens");
    let mut login = home.command(&["login", "coast", "--url", &service.base_url]);
    login.env("BACKPACK_TOKEN", &token);
    let mut terminal = Terminal::start(&login);
    terminal.wait_for("Store it? [Y/n] ");
    terminal.type_line("n");
    let shown = terminal.finish(1);
    assert!(shown.ends_with("backpack: the token was not stored\n") && !home.credentials().exists(), "{shown}");
    let shown = Terminal::start(login.arg("--yes")).finish(0);
    assert!(!shown.contains("Store it?") && home.credentials().exists(), "{shown}");
}

#[test]
fn prune_deletes_only_after_a_yes() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let folder = home.path().join("kept");
    let kept = folder.to_str().expect("a path");
    home.stdout(&["backup", kept]);
    home.stdout(&["call", "pages", "destroy", "3"]);
    home.stdout(&["backup", kept]);
    let answer = |line: &str, code| {
        let mut terminal = Terminal::start(&home.command(&["prune", kept]));
        // The end of any question, so that another one fails the test and does not block it.
        terminal.wait_for("] ");
        terminal.type_line(line);
        let shown = terminal.finish(code);
        assert!(shown.contains(" for good? [y/N] "), "{shown}");
        shown
    };
    assert!(answer("", 1).ends_with("backpack: nothing was deleted\n"));
    assert!(folder.join("old").exists());
    answer("y", 0);
    assert!(!folder.join("old").exists());
}

#[test]
fn tables_are_aligned_under_headings() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    let shown = Terminal::start(home.command(&["pages"]).env("NO_COLOR", "1")).finish(0);
    let table = "NUMBER  TITLE                 SCOPE\n\
                 3       Recipes               personal\n\
                 2       The boat              personal\n\
                 1       Weekend on the coast  personal\n";
    assert_eq!(shown, table);
    let coloured = Terminal::start(home.command(&["pages"]).env("NO_COLOR", "")).finish(0);
    assert!(coloured.starts_with("\u{1b}[1mNUMBER\u{1b}[0m  \u{1b}[1mTITLE\u{1b}[0m    "), "{coloured:?}");
}

#[test]
fn control_characters_of_the_service_do_not_reach_the_terminal() {
    let service = ServiceProcess::demo();
    let home = Home::logged_in(&service);
    // In 8-bit terminals, this character starts a control sequence.
    home.stdout(&["call", "pages", "create", "A\u{9b}31mB"]);
    for arguments in [&["pages"][..], &["page", "4"]] {
        let shown = Terminal::start(home.command(arguments).env("NO_COLOR", "1")).finish(0);
        assert!(shown.contains("A\u{fffd}31mB") && !shown.contains('\u{9b}'), "{shown:?}");
    }
}
