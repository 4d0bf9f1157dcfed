//! The postman, who takes the mail away: to a server, or into a folder.
//!
//! What is to go out stands in the table `outbox`, and is struck off when it is taken. Between the two the service may
//! break off; then it goes out again with the same `Message-ID`, by which the reader's program knows it as the same.
//!
//! **Invariant:** a mail is sent only by who has put it off on disk before. So it is sent once where two services share
//! the file, and not again and again where the disk is full.
//!
//! A mail that is not taken is tried again, later each time, and given up after five days, or at once if the server says
//! that there is no such recipient. What it says of the sender is mended in the settings, and loses no mail. Mail that has not been tried comes first, so that none waits for one that fails.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backpack_api::runtime::jiff::Timestamp;
use lettre::address::AddressError;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use rusqlite::{Connection, Row};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::config::{MailConfig, MailConfigError};
use super::due;
use crate::{ApiError, Store, files};

/// How often the postman looks for what has come or fallen due since: three look-ups by index. Other programs write
/// mail too, so that being told by this one would not be enough.
const ROUND: Duration = Duration::from_secs(5);

/// How long the server may take for a mail.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long mail that is on its way may take when the service stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// The most mail in a round, and at a time.
const MOST: usize = 32;
const AT_A_TIME: usize = 4;

/// After how many seconds a mail is given up, as is usual among mail servers.
const GIVEN_UP: i64 = 5 * 24 * 60 * 60;

/// Takes the mail away.
#[derive(Debug, Clone)]
pub(crate) struct MailWorkers {
    way: Way,
    from: Mailbox,
}

#[derive(Debug, Clone)]
enum Way {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
    None,
}

/// Mail that is to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Letter {
    id: u64,
    recipient: String,
    subject: String,
    body: String,
    created_at: i64,
    attempts: u32,
}

/// What became of a mail.
#[derive(Debug)]
pub(super) enum Outcome {
    Sent,
    /// There is nowhere to send it to, which is said once and not for each.
    NoWay,
    /// Not taken, but may be later.
    Later(Failure),
    /// Will never be taken.
    Never(Failure),
}

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

impl MailWorkers {
    /// Learns the way; the folder is created if it is not there.
    ///
    /// # Errors
    ///
    /// [`MailConfigError`] if an address cannot be read, a server has no sender, or the folder cannot be created.
    pub(crate) fn new(settings: &MailConfig) -> Result<Self, MailConfigError> {
        let way = match settings {
            MailConfig { smtp: Some(url), .. } => Way::Server(
                // The error may quote the address, and with it the password.
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                    .map_err(|_| MailConfigError::InvalidSmtpUrl)?
                    .timeout(Some(PATIENCE / 3))
                    .build(),
            ),
            MailConfig { outbox: Some(folder), .. } => {
                fs::create_dir_all(folder).map_err(|error| MailConfigError::OutboxFolder(folder.clone(), error))?;
                Way::Folder(folder.clone())
            }
            _ => Way::None,
        };
        let from = match (&settings.from, &way) {
            (Some(from), _) => from,
            (None, Way::Server(_)) => return Err(MailConfigError::MissingSender),
            (None, _) => "Backpack <backpack@localhost>",
        };
        let from = from.parse().map_err(|_: AddressError| MailConfigError::InvalidSender(from.to_owned()))?;
        Ok(Self { way, from })
    }

    /// Makes rounds until told to stop; mail that is on its way then has a moment to arrive.
    pub(crate) async fn run(self, store: Arc<Store>, clock: fn() -> Timestamp, mut stopped: watch::Receiver<bool>) {
        if matches!(self.way, Way::None) {
            tracing::warn!("mail waits, since neither a server nor a folder for it is set");
        }
        loop {
            let round = self.round(&store, clock());
            tokio::pin!(round);
            let done = tokio::select! {
                done = &mut round => Some(done),
                _ = stopped.wait_for(|stopped| *stopped) => None,
            };
            match done {
                None => {
                    let _ = timeout(FAREWELL, round).await;
                    return;
                }
                Some(Ok(true)) => continue,
                Some(Ok(false)) => {}
                Some(Err(refusal)) => tracing::warn!(%refusal, "mail waits"),
            }
            tokio::select! {
                () = sleep(ROUND) => {}
                _ = stopped.wait_for(|stopped| *stopped) => return,
            }
        }
    }

    /// Does what is to be done at a time, and says whether there may be more.
    pub(super) async fn round(&self, store: &Store, now: Timestamp) -> Result<bool, ApiError> {
        // Looks before it writes, since writing waits its turn.
        if !store.read(move |db| due::due(db, now)).await?.is_empty() {
            store.write(move |db| due::post_due(db, now)).await?;
        }
        let letters = store.read(move |db| waiting(db, now)).await?;
        let all = letters.len();
        for some in letters.chunks(AT_A_TIME) {
            let some = some.to_vec();
            let claimed = store.write(move |db| claim(db, some, now)).await?;
            let mut sending = Vec::new();
            for letter in claimed {
                let (postman, sent) = (self.clone(), letter.clone());
                sending.push((letter, tokio::spawn(async move { postman.send(&sent).await })));
            }
            let mut outcomes = Vec::new();
            for (letter, sending) in sending {
                outcomes.push((letter, outcome(sending).await));
            }
            store
                .write(move |db| outcomes.iter().try_for_each(|(letter, outcome)| settle(db, letter, outcome, now)))
                .await?;
        }
        Ok(all == MOST)
    }

    async fn send(&self, letter: &Letter) -> Outcome {
        let message = match self.message(letter) {
            Ok(message) => message,
            Err(failure) => return Outcome::Never(failure),
        };
        match &self.way {
            Way::Server(server) => match timeout(PATIENCE, server.send(message)).await {
                Ok(Ok(_)) => Outcome::Sent,
                Ok(Err(error)) if is_final(&error, &letter.recipient) => Outcome::Never(error.into()),
                Ok(Err(error)) => Outcome::Later(error.into()),
                Err(elapsed) => Outcome::Later(elapsed.into()),
            },
            Way::Folder(folder) => {
                let (folder, name) = (folder.clone(), format!("{}-{}.eml", letter.created_at, letter.id));
                let written =
                    tokio::task::spawn_blocking(move || write_file(&folder, &name, &message.formatted())).await;
                match written.map_err(io::Error::other).and_then(|written| written) {
                    Ok(()) => Outcome::Sent,
                    Err(error) => Outcome::Later(error.into()),
                }
            }
            Way::None => Outcome::NoWay,
        }
    }

    /// A mail as it goes over the wire. Its time and its number are those of the row, so that it is the same each time.
    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        let to = letter.recipient.parse::<Address>()?;
        let id = format!("<{}.{}@{}>", letter.created_at, letter.id, self.from.email.domain());
        let written = Duration::from_secs(letter.created_at.try_into()?);
        // So that no program answers it: RFC 3834.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&letter.subject))
            .date(SystemTime::UNIX_EPOCH + written)
            .message_id(Some(id))
            // Without it, the type of the text and its encoding mean nothing: RFC 2045.
            .header(MIME_VERSION_1_0)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone())?;
        Ok(message)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent => f.write_str("sent"),
            Self::NoWay => f.write_str("neither a server nor a folder is set"),
            Self::Later(failure) | Self::Never(failure) => write!(f, "{failure}"),
        }
    }
}

/// What became of a mail, also where sending it has panicked: then it is tried again as others are.
pub(super) async fn outcome(sending: JoinHandle<Outcome>) -> Outcome {
    sending.await.unwrap_or_else(|error| Outcome::Later(error.into()))
}

/// Whether the server says that there is no such recipient, and so will tomorrow. A password or a sender that is wrong is
/// mended, and so is a server that does not let this one send.
fn is_final(error: &lettre::transport::smtp::Error, recipient: &str) -> bool {
    let refused = error.status().is_some_and(|status| matches!(u16::from(status), 550 | 551 | 553));
    refused && is_about(recipient, &error.to_string())
}

/// Whether an answer is about the recipient: as its enhanced code says (RFC 3463), or where it has none, by name. A
/// refused sender may have the same status, and be told only where the recipient is.
pub(super) fn is_about(recipient: &str, answer: &str) -> bool {
    let code = |word: &str| {
        let (subject, detail) = word.strip_prefix("5.")?.split_once('.')?;
        Some((subject.parse::<u16>().ok()?, detail.parse::<u16>().ok()?))
    };
    match answer.split_whitespace().find_map(code) {
        // An address that does not exist or is none, one that has moved, a mailbox that is closed.
        Some((subject, detail)) => matches!((subject, detail), (1, 1 | 2 | 3 | 6 | 10) | (2, 1)),
        None => answer.to_ascii_lowercase().contains(&recipient.to_ascii_lowercase()),
    }
}

/// A subject without what could end its line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Writes a file that is there whole or not at all.
fn write_file(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    let mut file = files::create(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(part, folder.join(name))
}

/// What is to be tried now: what has not been tried before first.
fn waiting(db: &Connection, now: Timestamp) -> Result<Vec<Letter>, ApiError> {
    const WAITING: &str =
        "SELECT * FROM outbox WHERE next_attempt_at <= ?1 ORDER BY attempts, next_attempt_at, id LIMIT ?2";
    let letter = |row: &Row<'_>| {
        Ok(Letter {
            id: row.get("id")?,
            recipient: row.get("recipient")?,
            subject: row.get("subject")?,
            body: row.get("body")?,
            created_at: row.get("created_at")?,
            attempts: row.get("attempts")?,
        })
    };
    Ok(db.prepare_cached(WAITING)?.query_map((now.as_second(), MOST), letter)?.collect::<Result<_, _>>()?)
}

/// Puts mail off before it is tried: a minute, then twice as long each time, up to four hours. Answers what nobody else
/// has put off meanwhile.
fn claim(db: &Connection, letters: Vec<Letter>, now: Timestamp) -> Result<Vec<Letter>, ApiError> {
    const PUT_OFF: &str =
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?3 WHERE id = ?1 AND attempts = ?2";
    let mut claimed = Vec::new();
    for letter in letters {
        let next = now.as_second() + (60 << letter.attempts.min(8));
        if db.prepare_cached(PUT_OFF)?.execute((letter.id, letter.attempts, next))? == 1 {
            claimed.push(letter);
        }
    }
    Ok(claimed)
}

/// Strikes off what is done with; the rest is put off already.
fn settle(db: &Connection, letter: &Letter, outcome: &Outcome, now: Timestamp) -> Result<(), ApiError> {
    let given_up = now.as_second() - letter.created_at >= GIVEN_UP;
    match outcome {
        Outcome::Sent => tracing::info!(mail = letter.id, to = letter.recipient, "a mail is sent"),
        Outcome::NoWay if !given_up => return Ok(()),
        Outcome::Later(_) if !given_up => {
            let attempts = letter.attempts + 1;
            tracing::warn!(mail = letter.id, to = letter.recipient, attempts, %outcome, "a mail is not taken yet");
            return Ok(());
        }
        _ => tracing::error!(mail = letter.id, to = letter.recipient, %outcome, "a mail is given up"),
    }
    db.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([letter.id])?;
    Ok(())
}
