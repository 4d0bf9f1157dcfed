//! A minimal mail server for tests.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

use super::super::MailConfig;

/// A mail server on separate threads. It rejects senders at `localhost`, and the recipients `gone@` permanently and
/// `busy@` temporarily; at `cut@`, it closes the connection.
pub(super) struct SmtpServer {
    pub(super) url: String,
    pub(super) received: mpsc::Receiver<ReceivedMail>,
}

/// A mail that the server has accepted, with the addresses of the SMTP commands.
#[derive(Debug)]
pub(super) struct ReceivedMail {
    pub(super) sender: String,
    pub(super) recipient: String,
    pub(super) message: String,
}

impl SmtpServer {
    /// Starts the server on a free port.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (sender, received) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let sender = sender.clone();
                thread::spawn(move || serve_connection(&stream.unwrap(), &sender));
            }
        });
        Self { url, received }
    }

    /// Configuration that sends mail to this server.
    pub(super) fn config(&self) -> MailConfig {
        let from = Some("Backpack <post@acme.example.com>".to_owned());
        MailConfig { smtp: Some(self.url.clone()), from, ..MailConfig::default() }
    }
}

/// Serves one connection. Returns `None` if the client ends it early, or the server does.
fn serve_connection(stream: &TcpStream, received: &mpsc::Sender<ReceivedMail>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let reply = |line: &str| { stream }.write_all(format!("{line}\r\n").as_bytes()).ok();
    let parse_address = |line: &str| Some(line.split_once('<')?.1.split_once('>')?.0.to_owned());
    let (mut sender, mut recipient) = (String::new(), String::new());
    reply("220 mail.example.com")?;
    while let Some(line) = lines.next() {
        match line.split([' ', ':']).next()? {
            "MAIL" => {
                sender = parse_address(&line)?;
                let is_rejected = sender.ends_with("@localhost");
                reply(if is_rejected { "553 5.1.8 no such domain" } else { "250 fine" })?;
            }
            "RCPT" => {
                recipient = parse_address(&line)?;
                match recipient.split('@').next()? {
                    "gone" => reply("550 5.1.1 no such mailbox")?,
                    "busy" => reply("451 try later")?,
                    "cut" => return None,
                    _ => reply("250 fine")?,
                }
            }
            "DATA" => {
                reply("354 go on")?;
                let message: String = lines.by_ref().take_while(|line| line != ".").map(|line| line + "\r\n").collect();
                received.send(ReceivedMail { sender: sender.clone(), recipient: recipient.clone(), message }).ok()?;
                reply("250 taken")?;
            }
            "QUIT" => return reply("221 bye"),
            _ => reply("250 fine")?,
        }
    }
    Some(())
}
