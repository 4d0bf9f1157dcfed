//! A mail server that knows just enough, on a thread of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

/// Where the server is, and what it took. It refuses senders at `localhost`, and recipients: `gone@` for good, `busy@` for
/// now; at `cut@`, it hangs up.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) taken: mpsc::Receiver<Taken>,
}

#[derive(Debug)]
pub(super) struct Taken {
    pub(super) sender: String,
    pub(super) recipient: String,
    pub(super) message: String,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (sender, taken) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || talk(&stream.unwrap(), &sender));
            }
        });
        Self { url, taken }
    }
}

fn talk(stream: &TcpStream, taken: &mpsc::Sender<Taken>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let say = |line: &str| { stream }.write_all(format!("{line}\r\n").as_bytes()).ok();
    let address = |line: &str| Some(line.split_once('<')?.1.split_once('>')?.0.to_owned());
    let (mut sender, mut recipient) = (String::new(), String::new());
    say("220 mail.example.com")?;
    while let Some(line) = lines.next() {
        match line.split([' ', ':']).next()? {
            "MAIL" => {
                sender = address(&line)?;
                let nowhere = sender.ends_with("@localhost");
                say(if nowhere { "553 5.1.8 no such domain" } else { "250 fine" })?;
            }
            "RCPT" => {
                recipient = address(&line)?;
                match recipient.split('@').next()? {
                    "gone" => say("550 5.1.1 no such mailbox")?,
                    "busy" => say("451 try later")?,
                    "cut" => return None,
                    _ => say("250 fine")?,
                }
            }
            "DATA" => {
                say("354 go on")?;
                let message: String = lines.by_ref().take_while(|line| line != ".").map(|line| line + "\r\n").collect();
                taken.send(Taken { sender: sender.clone(), recipient: recipient.clone(), message }).ok()?;
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
    }
    Some(())
}
